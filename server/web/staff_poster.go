package web

import (
	"html/template"
	"net/http"
	"strings"

	"opengate/server/locale"
	"opengate/server/office"
	"opengate/server/store"
	"opengate/survey"
)

// linkWarning says why a link should not be handed out now, "" when it may.
func linkWarning(p *locale.Printer, l store.Link, sv store.Survey) string {
	switch {
	case l.Revoked:
		return p.T("staff.link.revoked")
	case sv.Status.Tests():
		return p.T("staff.link.test")
	case !sv.Status.Accepts():
		return p.T("staff.link.closed")
	}
	return ""
}

func (d *desk) qrAsSVG(v *visit) error {
	l, _, err := d.link(v)
	if err != nil {
		return err
	}
	address := d.Config.BaseURL + "/l/" + l.Code
	drawn, err := qrSVG(address, address)
	if err != nil {
		return err
	}
	v.attach("image/svg+xml", "opengate-"+l.Code+".svg", []byte(drawn))
	return nil
}

// qrPixels is the least width of the PNG: 8 cm at 300 dots per inch.
const qrPixels = 945

func (d *desk) qrAsPNG(v *visit) error {
	l, _, err := d.link(v)
	if err != nil {
		return err
	}
	drawn, err := qrPNG(d.Config.BaseURL+"/l/"+l.Code, qrPixels)
	if err != nil {
		return err
	}
	v.attach("image/png", "opengate-"+l.Code+".png", drawn)
	return nil
}

// posterPage is a sheet to be printed. What it says is in the poster's language; where the interface lacks that
// language it carries its own. Only the warning is for staff, in theirs.
type posterPage struct {
	Lang                survey.Lang // of the tools above the sheet, and of the warning
	Tag                 survey.Lang
	Dir, Back, BackKey  string
	Warning             string
	Title               string
	TitleLang           survey.Lang
	MadeUp              string // says so, "" where answers are real
	Invitation, Promise string
	InviteLang          survey.Lang
	InviteDir           string
	QR                  template.HTML
	Short, Controller   string
	ControllerLang      survey.Lang
}

type posterItem struct {
	Tag        survey.Lang
	Name, Href string
}

// posters lists the posters below base, one for each language of the form.
func posters(form *survey.Form, base string) []posterItem {
	var out []posterItem
	for _, t := range form.Tags() {
		out = append(out, posterItem{t, locale.OwnName(t), base + "/poster/" + string(t)})
	}
	return out
}

// forPosters says whether a link may be printed. Shared devices and helpers have links of their own: a phone that
// follows one would behave like a kiosk, or its answer would count as a helper's.
func forPosters(l store.Link) bool { return l.Mode == survey.ModeSelf || l.Mode == "" }

// showPoster shows a link's poster; for links that are not to be printed that of the survey's open address.
func (d *desk) showPoster(v *visit) error {
	l, view, err := d.link(v)
	if err != nil {
		return err
	}
	page := posterPage{Back: v.base() + "/links/" + l.Code, BackKey: "staff.poster.back"}
	if !forPosters(l) {
		page.Warning = linkWarning(v.p, store.Link{}, view.Survey)
		return d.poster(v, view, "/s/"+l.Survey, page)
	}
	page.Warning = linkWarning(v.p, l, view.Survey)
	return d.poster(v, view, "/l/"+l.Code, page)
}

// showOpenPoster shows the poster of the address that belongs to no link.
func (d *desk) showOpenPoster(v *visit) error {
	view, err := d.Staff.Office.View(v.ctx, v.Param("slug"))
	if err != nil {
		return err
	}
	slug := view.Survey.Slug
	return d.poster(v, view, "/s/"+slug, posterPage{
		Back: v.base() + "/survey/" + slug, BackKey: "staff.poster.back.survey",
		Warning: linkWarning(v.p, store.Link{}, view.Survey),
	})
}

// poster fills in a sheet that leads to path, an address without its language.
func (d *desk) poster(v *visit, view *office.View, path string, page posterPage) error {
	tag := survey.Lang(v.Param("in"))
	if !view.Form.Has(tag) {
		return survey.ErrNotFound
	}
	p, form := d.Catalog.Printer(tag), view.Form
	page.Lang, page.Tag, page.Dir = v.p.Lang(), tag, locale.Dir(tag)
	page.Invitation, page.Promise = p.T("poster.invitation"), p.T("poster.promise")
	if d.Config.Demo || view.Survey.MadeUp || form.Plan.Settings.MadeUp {
		page.MadeUp = p.T("banner.made_up")
	}
	if p.Lang() != locale.Base(tag) {
		page.InviteLang, page.InviteDir = p.Lang(), p.Dir()
	}
	var titleLang survey.Lang
	if page.Title, titleLang = form.Title.In(tag, form.Default); titleLang != tag {
		page.TitleLang = titleLang
	}
	page.Controller = form.Plan.Settings.Controller // written once, in the form's own language
	if locale.Base(form.Default) != locale.Base(tag) {
		page.ControllerLang = form.Default
	}
	address := d.Config.BaseURL + path
	_, page.Short, _ = strings.Cut(address, "://")
	drawn, err := qrSVG(d.Config.BaseURL+"/"+string(tag)+path, address)
	if err != nil {
		return err
	}
	page.QR = markup(drawn)
	return d.render(v.Context, http.StatusOK, v.p.Lang(), "staff_poster", page)
}
