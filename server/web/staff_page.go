package web

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"opengate/server/locale"
	"opengate/server/office"
	"opengate/server/release"
	"opengate/server/staff"
	"opengate/server/store"
	"opengate/survey"
	"opengate/survey/xlsform"
)

// staffPage is what every staff page has; Body is the page's own model.
type staffPage struct {
	frame
	Base      string // /staff/{lang}
	User      *store.User
	Nav       []navItem
	Languages []languageItem
	Back      *backItem
	Notice    string
	Errors    []fieldError
	Body      any
}

type navItem struct {
	Key, Href string
	Current   bool
}

type backItem struct{ Name, Href string }

type languageItem struct {
	Tag     survey.Lang
	Name    string
	Href    string
	Current bool
}

// fieldError is one thing wrong with a form: the id of the field, or "", and the translated sentence.
type fieldError struct{ Field, Text string }

// Error gives the field's error, nil when it has none.
func (p *staffPage) Error(field string) *fieldError {
	if i := slices.IndexFunc(p.Errors, func(e fieldError) bool { return e.Field == field }); i >= 0 {
		return &p.Errors[i]
	}
	return nil
}

// rooms are the entries of the navigation, each with the permission it needs.
var rooms = []struct {
	key, path string
	action    staff.Action
	unless    staff.Action // hidden from who may do this
}{
	{"staff.nav.surveys", "/surveys", staff.ReadSurveys, ""},
	{"staff.nav.links", "/links", staff.ReadOwnLinks, staff.ReadLinks},
	{"staff.nav.users", "/users", staff.Manage, ""},
	{"staff.nav.audit", "/audit", staff.Manage, ""},
}

// page begins a staff page. path is its address below the language, to which the language links lead.
func (d *desk) page(v *visit, titleKey, path string, body any) *staffPage {
	p := &staffPage{frame: d.frame(v.Context, v.p.Lang(), titleKey), Base: v.base(), User: v.user, Body: body}
	for _, l := range staffLanguages {
		p.Languages = append(p.Languages, languageItem{
			Tag: l, Name: locale.OwnName(l), Href: "/staff/" + string(l) + path,
			Current: l == v.p.Lang(),
		})
	}
	for _, r := range rooms {
		if v.role().May(r.action) && (r.unless == "" || !v.role().May(r.unless)) {
			p.Nav = append(p.Nav, navItem{Key: r.key, Href: v.base() + r.path, Current: r.path == path})
		}
	}
	if v.user != nil {
		p.Notice = d.sessions.PopString(v.ctx, sessionNotice)
	}
	return p
}

// show answers with a page: 200, or 422 when the form it answers has errors.
func (d *desk) show(v *visit, name string, p *staffPage, errs ...fieldError) error {
	status := http.StatusOK
	if p.Errors = append(p.Errors, errs...); len(p.Errors) > 0 {
		status, p.Alert = http.StatusUnprocessableEntity, true
	}
	return d.render(v.Context, status, v.p.Lang(), "staff_"+name, p)
}

// goTo answers a POST that succeeded.
func (v *visit) goTo(path string) error {
	v.Redirect(http.StatusSeeOther, v.base()+path)
	return nil
}

// staffErrors are the errors of staff actions that deserve a sentence of their own.
var staffErrors = []mapping{
	{office.ErrTransition, http.StatusConflict, "staff.fail.transition"},
	{office.ErrMissing, http.StatusConflict, "staff.fail.missing"},
	{office.ErrUnreviewed, http.StatusConflict, "staff.fail.unreviewed"},
	{staff.ErrLastAdmin, http.StatusConflict, "staff.fail.last_admin"},
	{staff.ErrInvite, http.StatusNotFound, "staff.fail.invite"},
	{release.ErrNone, http.StatusNotFound, "staff.fail.no_release"},
}

// staffFailure is the error page's model.
type staffFailure struct{ Text, Request string }

// failStaff answers an error on a staff page; the cause of a fault goes to the log only.
func (d *desk) failStaff(v *visit, err error) {
	m := classify(err)
	key := "staff.fail." + strconv.Itoa(m.status)
	for _, own := range staffErrors {
		if errors.Is(err, own.err) {
			m, key = own, own.key
			break
		}
	}
	failure := staffFailure{Text: v.p.T(key + ".text")}
	if m.status >= http.StatusInternalServerError {
		failure.Request = requestID(v.Context)
		d.Log.Error("request failed", "route", v.FullPath(), "method", v.Request.Method, "status", m.status,
			"request", failure.Request, "error", err)
	}
	if v.Writer.Written() {
		return
	}
	if err := d.render(v.Context, m.status, v.p.Lang(), "staff_error", d.page(v, key+".title", "", failure)); err != nil {
		d.Log.Error("error page failed", "route", v.FullPath(), "error", err)
		v.String(m.status, "%s\n", http.StatusText(m.status))
	}
}

// problemRow is a problem of a workbook as a page shows it. The importer writes English, with names and numbers; where
// the visitor's language has a sentence for the code, What and Todo say it and the English becomes the detail.
type problemRow struct {
	xlsform.Problem
	SeverityName string
	What, Todo   string
}

func problemRows(p *locale.Printer, problems []xlsform.Problem) []problemRow {
	rows := make([]problemRow, len(problems))
	for i, problem := range problems {
		rows[i] = problemRow{Problem: problem, SeverityName: p.T("staff.problems." + problem.Severity)}
		if p.Lang() == "en" {
			continue
		}
		for _, key := range []string{"staff.problem." + problem.Code, "staff.code." + problem.Code} {
			if text := p.T(key); text != key {
				what, todo, _ := strings.Cut(text, "; ")
				rows[i].What, rows[i].Todo = sentence(what), sentence(todo)
				break
			}
		}
	}
	return rows
}

// band writes a number of answers as the band it is in.
func band(p *locale.Printer, n int) string {
	if n == 0 {
		return p.T("staff.band.few")
	}
	return p.T("staff.band.atleast", "n", n)
}

// surveyTitle gives a survey's title in the visitor's language, and the language it is in when that is another.
func surveyTitle(p *locale.Printer, sv store.Survey) (title string, lang survey.Lang) {
	title, lang = sv.Title.In(p.Lang())
	if strings.TrimSpace(title) == "" {
		return sv.Slug, ""
	}
	if lang == p.Lang() {
		lang = ""
	}
	return title, lang
}

// attach answers with a file to be kept. name consists of a slug, numbers and a language only.
func (v *visit) attach(contentType, name string, body []byte) {
	v.Header("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	v.Data(http.StatusOK, contentType, body)
}

// markup is our own finished HTML, such as a QR code drawn by qrSVG.
func markup(s string) template.HTML { return template.HTML(s) } //nolint:gosec // made by qrSVG from modules and an escaped label
