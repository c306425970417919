package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"opengate/export"
	"opengate/server/locale"
	"opengate/server/office"
	"opengate/server/release"
	"opengate/server/staff"
	"opengate/survey"
	"opengate/survey/diagnosis"
)

type releasesBody struct {
	Slug     string
	MayWrite bool
	Releases []releaseRow
}

type releaseRow struct {
	Number int
	Day    string
}

func (d *desk) showReleases(v *visit) error {
	view, err := d.Staff.Office.View(v.ctx, v.Param("slug"))
	if err != nil {
		return err
	}
	list, err := d.Release.List(v.ctx, view.Survey.Slug)
	if err != nil {
		return err
	}
	body := releasesBody{Slug: view.Survey.Slug, MayWrite: v.role().May(staff.WriteReleases)}
	for _, r := range slices.Backward(list) {
		body.Releases = append(body.Releases, releaseRow{r.Number, r.Day})
	}
	return d.show(v, "releases", d.releasePage(v, view, "staff.releases", "", body))
}

// releasePage begins a page about releases; path is what follows "/releases" in its address.
func (d *desk) releasePage(v *visit, view *office.View, titleKey, path string, body any) *staffPage {
	base := "/survey/" + view.Survey.Slug
	page := d.page(v, titleKey, base+"/releases"+path, body)
	title, _ := surveyTitle(v.p, view.Survey)
	page.Back = &backItem{title, v.base() + base}
	if path != "" {
		page.Back = &backItem{v.p.T("staff.releases"), v.base() + base + "/releases"}
	}
	return page
}

// How long a release may take at all, and how long the page waits for it.
const (
	releaseTime = 30 * time.Minute
	releaseWait = 20 * time.Second
)

type madeRelease struct {
	result release.Result
	err    error
}

// makeRelease makes the next release. It goes on when the visitor leaves, and the page stops waiting after a while: a
// large survey takes minutes. The store's lease keeps a second click from making another one at the same time.
func (d *desk) makeRelease(v *visit) error {
	slug := v.Param("slug")
	if _, err := d.Staff.Office.View(v.ctx, slug); err != nil {
		return err
	}
	done := make(chan madeRelease, 1)
	go d.runRelease(context.WithoutCancel(v.ctx), slug, v.user.ID, v.FullPath(), done)
	timer := time.NewTimer(releaseWait)
	defer timer.Stop()
	select {
	case made := <-done:
		if errors.Is(made.err, survey.ErrBusy) {
			d.note(v, "staff.releases.busy")
			return v.goTo("/survey/" + slug + "/releases")
		}
		if made.err != nil {
			return made.err
		}
		d.note(v, "staff.release.made", "number", made.result.Number)
		return v.goTo(fmt.Sprintf("/survey/%s/releases/%d", slug, made.result.Number))
	case <-timer.C:
		d.note(v, "staff.releases.started")
		return v.goTo("/survey/" + slug + "/releases")
	}
}

func (d *desk) runRelease(ctx context.Context, slug, actor, route string, done chan<- madeRelease) {
	ctx, cancel := context.WithTimeout(ctx, releaseTime)
	defer cancel()
	defer func() {
		if r := recover(); r != nil { // a bug in one release must not end the service
			done <- madeRelease{err: &panicError{r}}
		}
	}()
	result, err := d.Release.Make(ctx, slug, nil)
	if err == nil {
		err = d.Staff.Office.Released(ctx, slug, result.Number, actor)
	}
	if err != nil {
		d.Log.Error("release failed", "route", route, "error", err) // also when the page no longer waits
	}
	done <- madeRelease{result, err}
}

type releaseBody struct {
	Day, Wave, Responses, Commitment string
	Files                            []releaseFile
	Counts                           []outcomeCount
	Withheld                         []withheldRow
	Fates                            []fate
	Refused, Warnings                []planRow
}

type releaseFile struct {
	Tag        survey.Lang
	Name, Href string
}

// outcomeCount counts rows of the catalogue, not people.
type outcomeCount struct {
	Key string
	N   int
}

type withheldRow struct {
	Rule, Why, Instead string
	Cells              int
}

// fate is what became of rows for one reason.
type fate struct {
	Fate, FateName, Why, Instead string
	Names                        []string
}

type planRow struct{ Object, Rule, Why, Instead string }

// releaseNumber reads the number in the address.
func releaseNumber(v *visit) (int, error) {
	n, err := strconv.Atoi(v.Param("number"))
	if err != nil || n < 1 {
		return 0, survey.ErrNotFound
	}
	return n, nil
}

func (d *desk) showRelease(v *visit) error {
	number, err := releaseNumber(v)
	if err != nil {
		return err
	}
	view, err := d.Staff.Office.View(v.ctx, v.Param("slug"))
	if err != nil {
		return err
	}
	diag, form, err := d.Release.Diagnosis(v.ctx, view.Survey.Slug, number)
	if err != nil {
		return err
	}
	result, err := d.Release.Report(v.ctx, view.Survey.Slug, number)
	if err != nil {
		return err
	}
	path := "/" + strconv.Itoa(number)
	body := releaseBody{Day: result.Day, Wave: diag.Wave, Responses: strconv.Itoa(diag.Method.Responses), Commitment: diag.Commitment}
	if diag.Method.Responses == 0 {
		body.Responses = v.p.T("staff.band.few")
	}
	for _, l := range form.Languages {
		href := v.base() + "/survey/" + view.Survey.Slug + "/releases" + path
		body.Files = append(body.Files, releaseFile{l.Tag, locale.OwnName(l.Tag), href})
	}
	body.report(v.p, diag, result.Report)
	page := d.releasePage(v, view, "staff.releases", path, body)
	page.Title = v.p.T("staff.releases.one", "number", number)
	return d.show(v, "release", page)
}

// report writes out what a release did: nothing in it counts people.
func (b *releaseBody) report(p *locale.Printer, d *diagnosis.Diagnosis, r *diagnosis.Report) {
	for _, outcome := range []string{diagnosis.OutcomeRefreshed, diagnosis.OutcomeCarried, diagnosis.OutcomeHidden} {
		n := 0
		for _, row := range r.Rows {
			if row.Outcome == outcome {
				n++
			}
		}
		b.Counts = append(b.Counts, outcomeCount{"staff.release.count." + outcome, n})
	}
	for _, w := range r.Withheld {
		why, instead := explain(p, w.Remedy)
		b.Withheld = append(b.Withheld, withheldRow{Rule: w.Rule, Cells: w.Cells, Why: why, Instead: instead})
	}
	for _, row := range r.Rows {
		if row.Outcome == diagnosis.OutcomeRefreshed {
			continue
		}
		f := fate{Fate: row.Outcome, FateName: p.T("staff.release.fate." + row.Outcome)}
		f.Why, f.Instead = explain(p, row.Code)
		if row.Outcome == diagnosis.OutcomeCarried && row.Since > 0 {
			f.Why = p.T("staff.release.since", "number", row.Since) + " " + f.Why
		}
		at := slices.IndexFunc(b.Fates, func(other fate) bool { return other.Fate == f.Fate && other.Why == f.Why })
		if at < 0 {
			at, b.Fates = len(b.Fates), append(b.Fates, f)
		}
		b.Fates[at].Names = append(b.Fates[at].Names, rowName(p, d.Cube, row.Category))
	}
	b.Refused, b.Warnings = planRows(p, d.Cube, r.Refused), planRows(p, d.Cube, r.Warnings)
}

func planRows(p *locale.Printer, cube *diagnosis.Cube, problems []diagnosis.PlanProblem) []planRow {
	var rows []planRow
	for _, problem := range problems {
		row := planRow{Object: objectName(p, cube, problem.Object), Rule: problem.Rule}
		if problem.Other != "" {
			row.Object += " ↔ " + objectName(p, cube, problem.Other)
		}
		row.Why, row.Instead = explain(p, problem.Code)
		rows = append(rows, row)
	}
	return rows
}

// explain gives what a code of the diagnosis means and what to do instead; in English where it is not translated.
func explain(p *locale.Printer, code string) (why, instead string) {
	key := "staff.code." + code
	text := p.T(key)
	if text == key {
		text = diagnosis.Explain(code)
	}
	why, instead, _ = strings.Cut(text, "; ")
	return sentence(why), sentence(instead)
}

// sentence begins with a capital and ends with a full stop; "" stays empty.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return strings.TrimSuffix(string(unicode.ToUpper(first))+s[size:], ".") + "."
}

// objectName names what a problem of the plan is about: a group by its labels, anything else as the plan writes it.
func objectName(p *locale.Printer, cube *diagnosis.Cube, object string) string {
	if category, isGroup := strings.CutPrefix(object, "group "); isGroup {
		return rowName(p, cube, category)
	}
	return object
}

// rowName names a row of the cube: everybody, a group, or two groups at once.
func rowName(p *locale.Printer, cube *diagnosis.Cube, category string) string {
	if category == "all" {
		return p.T("staff.release.everybody")
	}
	var names []string
	for part := range strings.SplitSeq(category, "*") {
		code, group, _ := strings.Cut(part, "/")
		name := part
		for _, dim := range cube.Dimensions {
			if dim.Code != code {
				continue
			}
			for _, c := range dim.Categories {
				if c.Code == group {
					of, _ := dim.Label.In(p.Lang(), cube.Default)
					is, _ := c.Label.In(p.Lang(), cube.Default)
					name = of + ": " + is
				}
			}
		}
		names = append(names, name)
	}
	return strings.Join(names, " × ")
}

// fileLang is the language asked for, which must be one of the form's or of the export's own.
func fileLang(v *visit, form *survey.Form) (survey.Lang, error) {
	lang := survey.Lang(v.Query("lang"))
	if lang == "" {
		return form.Default, nil
	}
	if !form.Has(lang) && !slices.Contains(export.Languages(), lang) {
		return "", survey.ErrNotFound
	}
	return lang, nil
}

func (d *desk) downloadWorkbook(v *visit) error {
	return d.download(v, "diagnosis", typeXLSX, ".xlsx", func(w io.Writer, diag *diagnosis.Diagnosis, form *survey.Form, lang survey.Lang) error {
		return export.Workbook(w, diag, form, lang, export.Options{TmpDir: d.Staff.TmpDir})
	})
}

func (d *desk) downloadCodebook(v *visit) error {
	return d.download(v, "codebook", typeXLSX, ".xlsx", func(w io.Writer, _ *diagnosis.Diagnosis, form *survey.Form, lang survey.Lang) error {
		return export.Codebook(w, form, lang, export.Options{TmpDir: d.Staff.TmpDir})
	})
}

func (d *desk) downloadJSON(v *visit) error {
	return d.download(v, "diagnosis", "application/json; charset=utf-8", ".json", func(w io.Writer, diag *diagnosis.Diagnosis, _ *survey.Form, lang survey.Lang) error {
		return export.JSON(w, diag, lang)
	})
}

// download builds a file whole before it sends the first byte, so that nobody gets a short one.
func (d *desk) download(v *visit, what, contentType, ext string, write func(io.Writer, *diagnosis.Diagnosis, *survey.Form, survey.Lang) error) error {
	number, err := releaseNumber(v)
	if err != nil {
		return err
	}
	diag, form, err := d.Release.Diagnosis(v.ctx, v.Param("slug"), number)
	if err != nil {
		return err
	}
	lang, err := fileLang(v, form)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := write(&out, diag, form, lang); err != nil {
		return err
	}
	v.attach(contentType, fmt.Sprintf("%s-%s-%d-%s%s", v.Param("slug"), what, number, lang, ext), out.Bytes())
	return nil
}
