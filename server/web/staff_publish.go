package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"opengate/server/office"
	"opengate/server/store"
	"opengate/survey"
	"opengate/survey/xlsform"
)

type publishBody struct {
	Action, Slug, By string
	Lenient, Test    bool
	Fixed            bool // a further version of a survey that exists
	NextVersion      int
	Refused          bool
	Problems         []problemRow
}

func (d *desk) showNewSurvey(v *visit) error {
	return d.show(v, "publish", d.publishPage(v, publishBody{Test: true}))
}

func (d *desk) showPublish(v *visit) error {
	body, err := d.nextVersion(v)
	if err != nil {
		return err
	}
	return d.show(v, "publish", d.publishPage(v, body))
}

// nextVersion begins the form for a further version, with the choices of the last one.
func (d *desk) nextVersion(v *visit) (publishBody, error) {
	view, err := d.Staff.Office.View(v.ctx, v.Param("slug"))
	if err != nil {
		return publishBody{}, err
	}
	sv := view.Survey
	return publishBody{
		Slug: sv.Slug, Fixed: true, NextVersion: sv.Version + 1, Lenient: sv.Lenient,
		By: strings.Join(sv.By, ", "), Test: sv.Status == survey.StatusTest,
	}, nil
}

func (d *desk) publishPage(v *visit, body publishBody) *staffPage {
	path, title := "/surveys/new", "staff.surveys.new"
	if body.Fixed {
		path, title = "/survey/"+body.Slug+"/publish", "staff.publish.another"
	}
	body.Action = v.base() + path
	page := d.page(v, title, path, body)
	page.Back = &backItem{v.p.T("staff.surveys.title"), v.base() + "/surveys"}
	if body.Fixed {
		page.Back = &backItem{body.Slug, v.base() + "/survey/" + body.Slug}
	}
	return page
}

func (d *desk) publishNew(v *visit) error {
	body := publishBody{}
	if err := parseUpload(v); err != nil {
		return err
	}
	body.Slug, body.Test = strings.TrimSpace(v.PostForm("slug")), v.PostForm("test") == "yes"
	if _, err := d.Staff.Office.View(v.ctx, body.Slug); err == nil {
		readChoices(v, &body)
		return d.show(v, "publish", d.publishPage(v, body), fieldError{"slug", v.p.T("staff.publish.taken", "slug", body.Slug)})
	} else if !errors.Is(err, survey.ErrNotFound) {
		return err
	}
	return d.publish(v, body)
}

func (d *desk) publishNext(v *visit) error {
	if err := parseUpload(v); err != nil {
		return err
	}
	body, err := d.nextVersion(v)
	if err != nil {
		return err
	}
	return d.publish(v, body)
}

// parseUpload reads the form with its files; beyond the limit it is the error of http.MaxBytesReader.
func parseUpload(v *visit) error {
	const inMemory = 8 << 20 // the rest goes to temporary files, which net/http removes
	err := v.Request.ParseMultipartForm(inMemory)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", errBadInput, err)
	}
	return nil
}

func readChoices(v *visit, body *publishBody) {
	body.Lenient, body.By = v.PostForm("lenient") == "yes", v.PostForm("by")
}

// publish hands the files to the office and shows what it found. Choices are kept; files have to be chosen again,
// because browsers do not let a page fill them in, and the page says so.
func (d *desk) publish(v *visit, body publishBody) error {
	readChoices(v, &body)
	request := office.PublishRequest{
		Slug: body.Slug, Lenient: body.Lenient, Test: body.Test, Actor: v.user.ID,
		By: strings.FieldsFunc(body.By, func(r rune) bool { return r == ',' || r == ' ' }),
	}
	var err error
	if request.Workbook, err = uploaded(v, "form"); err != nil {
		return err
	}
	if len(request.Workbook) == 0 {
		return d.show(v, "publish", d.publishPage(v, body), fieldError{"form", v.p.T("staff.publish.nofile")})
	}
	zipped, err := uploaded(v, "media")
	if err != nil {
		return err
	}
	if len(zipped) > 0 {
		if request.Media, err = office.MediaZip(zipped); err != nil {
			return d.show(v, "publish", d.publishPage(v, body), fieldError{"media", v.p.T("staff.publish.badmedia", "reason", err.Error())})
		}
	}
	result, err := d.Staff.Office.Publish(v.ctx, request)
	if err != nil {
		return d.refusePublish(v, body, result, err)
	}
	d.notePublished(v, result)
	return v.goTo("/survey/" + result.Slug)
}

func (d *desk) notePublished(v *visit, r *office.PublishResult) {
	key := "staff.published"
	switch {
	case r.Same:
		key = "staff.published.same"
	case r.NewWave:
		key = "staff.published.wave"
	}
	warnings := len(r.Result.Problems) + len(r.Result.LeftOut)
	d.note(v, key, "version", r.Version, "wave", r.Wave, "warnings", warnings)
}

// refusePublish shows the form again with what keeps the workbook from being published.
func (d *desk) refusePublish(v *visit, body publishBody, result *office.PublishResult, err error) error {
	var missing *office.MissingError
	var problems []xlsform.Problem
	if result != nil && result.Result != nil {
		problems = append(problems, result.Result.Problems...)
		problems = append(problems, result.Result.LeftOut...)
	}
	body.Refused = true
	e := fieldError{Field: "form"}
	switch {
	case errors.Is(err, office.ErrSlug):
		e, body.Refused = fieldError{"slug", v.p.T("staff.publish.badslug")}, false
	case errors.Is(err, office.ErrForm):
		e.Text = v.p.T("staff.publish.errors")
	case errors.As(err, &missing):
		e.Text, problems = v.p.T("staff.publish.missing"), missing.Problems
	case errors.Is(err, office.ErrUnreviewed):
		e.Text = v.p.T("staff.fail.unreviewed.text")
	case errors.Is(err, office.ErrByFixed):
		e = fieldError{"by", v.p.T("staff.publish.byfixed")}
	default:
		return err
	}
	body.Problems = problemRows(v.p, problems)
	return d.show(v, "publish", d.publishPage(v, body), e)
}

// uploaded gives the content of an uploaded file, nil when none was chosen.
func uploaded(v *visit, field string) ([]byte, error) {
	file, _, err := v.Request.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBadInput, err)
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(file)
}

type versionBody struct {
	Slug, Day, Hash, By string
	Version, Questions  int
	Problems, LeftOut   []problemRow
}

// versionOf finds the version that the address names.
func (d *desk) versionOf(v *visit) (store.FormVersion, error) {
	number, err := strconv.Atoi(v.Param("number"))
	if err != nil || number < 1 {
		return store.FormVersion{}, survey.ErrNotFound
	}
	return d.Store.Version(v.ctx, v.Param("slug"), number)
}

func (d *desk) showVersion(v *visit) error {
	version, err := d.versionOf(v)
	if err != nil {
		return err
	}
	result, err := d.Staff.Office.Form(v.ctx, version.Slug, version.Version)
	if err != nil {
		return err
	}
	body := versionBody{
		Slug: version.Slug, Version: version.Version, Day: version.Day, Hash: version.Hash,
		By: strings.Join(version.By, ", "), Questions: result.Counts.Questions,
		Problems: problemRows(v.p, office.PlanProblems(result, version.By)), LeftOut: problemRows(v.p, result.LeftOut),
	}
	page := d.page(v, "staff.version", fmt.Sprintf("/survey/%s/versions/%d", body.Slug, body.Version), body)
	page.Title = v.p.T("staff.version.title", "slug", body.Slug, "version", body.Version)
	page.Back = &backItem{body.Slug, v.base() + "/survey/" + body.Slug}
	return d.show(v, "version", page)
}

const typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// downloadForm gives the workbook back as it was uploaded.
func (d *desk) downloadForm(v *visit) error {
	version, err := d.versionOf(v)
	if err != nil {
		return err
	}
	v.attach(typeXLSX, fmt.Sprintf("%s-form-%d.xlsx", version.Slug, version.Version), version.Workbook)
	return nil
}
