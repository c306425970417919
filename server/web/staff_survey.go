package web

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"opengate/server/locale"
	"opengate/server/office"
	"opengate/server/staff"
	"opengate/server/store"
	"opengate/survey"
)

type surveysBody struct {
	Surveys  []surveyRow
	MayWrite bool
}

type surveyRow struct {
	Slug, Title, StatusKey, Band string
	TitleLang                    survey.Lang
	Status                       survey.Status
	Version                      int
	MadeUp                       bool
}

func (d *desk) showSurveys(v *visit) error {
	body := surveysBody{MayWrite: v.role().May(staff.WriteSurveys)}
	for sv, err := range d.Store.Surveys(v.ctx) {
		if err != nil {
			return err
		}
		n, err := d.Store.CountBand(v.ctx, sv.Slug)
		if err != nil {
			return err
		}
		row := surveyRow{
			Slug: sv.Slug, Status: sv.Status, StatusKey: "staff.status." + string(sv.Status), Version: sv.Version,
			Band: band(v.p, n), MadeUp: sv.MadeUp,
		}
		row.Title, row.TitleLang = surveyTitle(v.p, sv)
		body.Surveys = append(body.Surveys, row)
	}
	slices.SortFunc(body.Surveys, func(a, b surveyRow) int { return cmp.Compare(a.Slug, b.Slug) })
	return d.show(v, "surveys", d.page(v, "staff.surveys.title", "/surveys", body))
}

type surveyBody struct {
	Slug, Path, Address                                   string
	Status                                                survey.Status
	StatusKey, StatusHintKey                              string
	Band, Wave, Opened, Closed                            string
	Versions                                              []int // newest first
	Languages                                             []formLanguage
	Previews                                              bool // answers are tests
	Accepts                                               bool
	Missing                                               []problemRow
	Unreviewed                                            string // names of languages
	Machine                                               bool
	MayWrite, MayMachine, MayLinks, MayReleases, MayErase bool
	Steps                                                 []step
	Posters                                               []posterItem // of the open address
}

type formLanguage struct {
	Tag      survey.Lang
	Name     string
	Path     string
	Reviewed bool
}

// step is a button to another status.
type step struct {
	To           survey.Status
	Key, HintKey string
	AskMachine   bool // an administrator must tick that unreviewed languages are meant
}

func (d *desk) showSurvey(v *visit) error {
	view, err := d.Staff.Office.View(v.ctx, v.Param("slug"))
	if err != nil {
		return err
	}
	page, err := d.surveyPage(v, view)
	if err != nil {
		return err
	}
	return d.show(v, "survey", page)
}

func (d *desk) surveyPage(v *visit, view *office.View) (*staffPage, error) {
	sv, role := view.Survey, v.role()
	n, err := d.Store.CountBand(v.ctx, sv.Slug)
	if err != nil {
		return nil, err
	}
	body := surveyBody{
		Slug: sv.Slug, Path: "/s/" + sv.Slug, Address: d.Config.BaseURL + "/s/" + sv.Slug,
		Status: sv.Status, StatusKey: "staff.status." + string(sv.Status), StatusHintKey: "staff.status." + string(sv.Status) + ".hint",
		Band: band(v.p, n), Wave: sv.Wave, Opened: sv.Opened, Closed: sv.Closed,
		Previews: sv.Status.Tests(), Accepts: sv.Status.Accepts(), Machine: sv.Machine,
		Missing:  problemRows(v.p, view.Missing),
		MayWrite: role.May(staff.WriteSurveys), MayMachine: role.May(staff.AllowMachine), MayLinks: role.May(staff.ReadLinks),
		MayReleases: role.May(staff.ReadReleases), MayErase: role.May(staff.EraseSurveys),
	}
	for n := sv.Version; n > 0; n-- {
		body.Versions = append(body.Versions, n)
	}
	for _, l := range view.Form.Languages {
		body.Languages = append(body.Languages, formLanguage{
			Tag: l.Tag, Name: locale.OwnName(l.Tag), Reviewed: l.Reviewed,
			Path: "/" + string(l.Tag) + "/s/" + sv.Slug,
		})
	}
	var names []string
	for _, l := range view.Unreviewed {
		names = append(names, locale.OwnName(l.Tag))
	}
	body.Unreviewed = strings.Join(names, ", ")
	body.Steps = steps(view, role)
	body.Posters = posters(view.Form, v.base()+"/survey/"+sv.Slug)
	page := d.page(v, "staff.survey", "/survey/"+sv.Slug, body)
	page.Title, _ = surveyTitle(v.p, sv)
	page.Back = &backItem{v.p.T("staff.surveys.title"), v.base() + "/surveys"}
	return page, nil
}

// steps are the changes of status that can succeed for this reader.
func steps(view *office.View, role staff.Role) []step {
	var out []step
	for _, to := range []survey.Status{survey.StatusTest, survey.StatusOpen, survey.StatusClosed, survey.StatusArchived} {
		if !view.Survey.Status.CanBecome(to) {
			continue
		}
		s := step{To: to, Key: "staff.become." + string(to), HintKey: "staff.become." + string(to) + ".hint"}
		if to == survey.StatusOpen {
			s.AskMachine = len(view.Unreviewed) > 0 && !view.Survey.Machine
			if len(view.Missing) > 0 || s.AskMachine && !role.May(staff.AllowMachine) {
				continue
			}
			if view.Survey.Status == survey.StatusClosed {
				s.Key, s.HintKey = "staff.become.reopen", "staff.become.reopen.hint"
			}
		}
		out = append(out, s)
	}
	return out
}

// setStatus moves a survey on. Only an administrator's tick lets unreviewed languages through.
func (d *desk) setStatus(v *visit) error {
	slug, to := v.Param("slug"), survey.Status(v.PostForm("to"))
	allow := v.PostForm("allow") == "yes"
	if allow && !v.role().May(staff.AllowMachine) {
		return survey.ErrForbidden
	}
	sv, err := d.Staff.Office.SetStatus(v.ctx, slug, to, allow, v.user.ID)
	if errors.Is(err, office.ErrMissing) || errors.Is(err, office.ErrUnreviewed) {
		return d.refuseOpening(v, slug, err)
	}
	if err != nil {
		return err
	}
	d.note(v, "staff.became."+string(sv.Status))
	return v.goTo("/survey/" + slug)
}

// refuseOpening shows the survey's page again, with what is missing.
func (d *desk) refuseOpening(v *visit, slug string, why error) error {
	view, err := d.Staff.Office.View(v.ctx, slug)
	if err != nil {
		return err
	}
	page, err := d.surveyPage(v, view)
	if err != nil {
		return err
	}
	key := "staff.fail.missing.text"
	if errors.Is(why, office.ErrUnreviewed) {
		key = "staff.fail.unreviewed.text"
	}
	return d.show(v, "survey", page, fieldError{"", v.p.T(key)})
}

type eraseBody struct{ Slug, Title string }

func (d *desk) erasePage(v *visit, sv store.Survey) *staffPage {
	title, _ := surveyTitle(v.p, sv)
	page := d.page(v, "staff.erase", "/survey/"+sv.Slug+"/erase", eraseBody{sv.Slug, title})
	page.Back = &backItem{title, v.base() + "/survey/" + sv.Slug}
	return page
}

func (d *desk) showErase(v *visit) error {
	view, err := d.Staff.Office.View(v.ctx, v.Param("slug"))
	if err != nil {
		return err
	}
	return d.show(v, "erase", d.erasePage(v, view.Survey))
}

// erase wants the short name typed, because nothing brings a survey back.
func (d *desk) erase(v *visit) error {
	view, err := d.Staff.Office.View(v.ctx, v.Param("slug"))
	if err != nil {
		return err
	}
	slug := view.Survey.Slug
	if strings.TrimSpace(v.PostForm("confirm")) != slug {
		return d.show(v, "erase", d.erasePage(v, view.Survey), fieldError{"confirm", v.p.T("staff.erase.mistyped", "slug", slug)})
	}
	gone, err := d.Staff.Office.Erase(v.ctx, slug, v.user.ID)
	if err != nil {
		return err
	}
	if caches, ok := d.Intake.(interface{ Forget(slug string) }); ok {
		caches.Forget(slug)
	}
	d.note(v, "staff.erased", "slug", slug, "versions", gone.Versions, "links", gone.Links, "releases", gone.Releases,
		"answers", band(v.p, gone.Answers))
	return v.goTo("/surveys")
}
