package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"opengate/server/locale"
	"opengate/server/office"
	"opengate/server/release"
	"opengate/server/staff"
	"opengate/server/store"
	"opengate/survey"
)

// counts says how many answered, in bands only (0, 10, 20, 50, 100, …).
type counts interface {
	CountBand(ctx context.Context, slug string) (int, error)
	LinkBand(ctx context.Context, slug, code string) (int, error)
}

// cards looks single things up. Errors: survey.ErrNotFound.
type cards interface {
	Link(ctx context.Context, code string) (store.Link, error)
	Version(ctx context.Context, slug string, number int) (store.FormVersion, error)
	Audits(ctx context.Context, limit int) ([]store.Audit, error) // newest first
}

// staffStore is what the staff pages need of the store.
type staffStore interface {
	counts
	cards
}

// staffReleases is what the staff pages need of the releases. Errors: release.ErrNone, survey.ErrNotFound,
// survey.ErrBusy while another release of the survey is being made.
type staffReleases interface {
	Make(ctx context.Context, slug string, progress func(done int)) (release.Result, error)
	Report(ctx context.Context, slug string, number int) (release.Result, error)
	List(ctx context.Context, slug string) ([]release.Result, error)
}

// StaffDeps are the rooms that only the staff pages need.
type StaffDeps struct {
	Office   *office.Service
	People   *staff.Service
	Sessions scs.CtxStore
	TmpDir   string // private folder for files that are being made
}

// InvitePath is the path of the one-time link of an invitation; put the service's address before it.
func InvitePath(token string) string { return "/staff/invite/" + token }

// staffLanguages are the languages of the staff pages, the first for who asks for neither.
var staffLanguages = []survey.Lang{"en", "pl"}

// staffFuncs are the functions of the staff templates for one language, beside those of every page.
func (s *Server) staffFuncs() template.FuncMap { return template.FuncMap{} }

// staffRoute is one page or button. action "" is open to everybody.
type staffRoute struct {
	method, path string
	action       staff.Action
	handle       func(*desk, *visit) error
}

// staffTable is every staff route below /staff/{lang}, with the one permission it needs.
var staffTable = []staffRoute{
	{"GET", "/sign-in", "", (*desk).showSignIn},
	{"POST", "/sign-in", "", (*desk).signIn},
	{"GET", "/invite/:token", "", (*desk).showInvite},
	{"POST", "/invite/:token", "", (*desk).acceptInvite},

	{"GET", "", staff.Account, (*desk).home},
	{"POST", "/sign-out", staff.Account, (*desk).signOut},
	{"GET", "/password", staff.Account, (*desk).showPassword},
	{"POST", "/password", staff.Account, (*desk).changePassword},

	{"GET", "/users", staff.Manage, (*desk).showUsers},
	{"POST", "/users", staff.Manage, (*desk).addUser},
	{"POST", "/users/:id/invite", staff.Manage, (*desk).reinviteUser},
	{"POST", "/users/:id/disable", staff.Manage, (*desk).disableUser},
	{"POST", "/users/:id/enable", staff.Manage, (*desk).enableUser},
	{"GET", "/audit", staff.Manage, (*desk).showAudit},

	{"GET", "/surveys", staff.ReadSurveys, (*desk).showSurveys},
	{"GET", "/surveys/new", staff.WriteSurveys, (*desk).showNewSurvey},
	{"POST", "/surveys/new", staff.WriteSurveys, (*desk).publishNew},
	{"GET", "/survey/:slug", staff.ReadSurveys, (*desk).showSurvey},
	{"GET", "/survey/:slug/publish", staff.WriteSurveys, (*desk).showPublish},
	{"POST", "/survey/:slug/publish", staff.WriteSurveys, (*desk).publishNext},
	{"GET", "/survey/:slug/versions/:number", staff.ReadSurveys, (*desk).showVersion},
	{"GET", "/survey/:slug/versions/:number/workbook", staff.ReadSurveys, (*desk).downloadForm},
	{"POST", "/survey/:slug/status", staff.WriteSurveys, (*desk).setStatus},
	{"GET", "/survey/:slug/erase", staff.EraseSurveys, (*desk).showErase},
	{"POST", "/survey/:slug/erase", staff.EraseSurveys, (*desk).erase},

	{"GET", "/survey/:slug/links", staff.ReadLinks, (*desk).showLinks},
	{"POST", "/survey/:slug/links", staff.WriteLinks, (*desk).addLink},
	{"GET", "/survey/:slug/links/:code/revoke", staff.WriteLinks, (*desk).showRevoke},
	{"POST", "/survey/:slug/links/:code/revoke", staff.WriteLinks, (*desk).revokeLink},
	{"POST", "/survey/:slug/links/:code/restore", staff.WriteLinks, (*desk).restoreLink},
	{"POST", "/survey/:slug/links/:code/owner", staff.WriteLinks, (*desk).setOwner},
	{"GET", "/survey/:slug/poster/:in", staff.ReadLinks, (*desk).showOpenPoster},
	{"GET", "/links", staff.ReadOwnLinks, (*desk).showOwnLinks},
	{"GET", "/links/:code", staff.ReadOwnLinks, (*desk).showLink},
	{"GET", "/links/:code/qr.svg", staff.ReadOwnLinks, (*desk).qrAsSVG},
	{"GET", "/links/:code/qr.png", staff.ReadOwnLinks, (*desk).qrAsPNG},
	{"GET", "/links/:code/poster/:in", staff.ReadOwnLinks, (*desk).showPoster},

	{"GET", "/survey/:slug/releases", staff.ReadReleases, (*desk).showReleases},
	{"GET", "/survey/:slug/releases/new", staff.WriteReleases, (*desk).confirmRelease},
	{"POST", "/survey/:slug/releases", staff.WriteReleases, (*desk).makeRelease},
	{"GET", "/survey/:slug/releases/:number", staff.ReadReleases, (*desk).showRelease},
	{"GET", "/survey/:slug/releases/:number/workbook", staff.ReadReleases, (*desk).downloadWorkbook},
	{"GET", "/survey/:slug/releases/:number/codebook", staff.ReadReleases, (*desk).downloadCodebook},
	{"GET", "/survey/:slug/releases/:number/json", staff.ReadReleases, (*desk).downloadJSON},
}

// desk is the staff's side of the server.
type desk struct {
	*Server
	sessions *scs.SessionManager
	csrf     *http.CrossOriginProtection
}

// visit is one request of the staff pages. user is nil when nobody is signed in.
type visit struct {
	*gin.Context
	ctx  context.Context
	p    *locale.Printer
	user *store.User
}

// role is the visitor's role, "" when nobody is signed in.
func (v *visit) role() staff.Role {
	if v.user == nil {
		return ""
	}
	return staff.Role(v.user.Role)
}

// base is the address under which the staff pages of the visitor's language are.
func (v *visit) base() string { return "/staff/" + string(v.p.Lang()) }

// staffRoutes adds the pages of the staff, all under /staff.
func (s *Server) staffRoutes(e *gin.Engine) {
	if s.Staff.People == nil { // a service without staff pages, in tests of the residents' ones
		return
	}
	d := &desk{Server: s, sessions: s.newSessions(), csrf: http.NewCrossOriginProtection()}
	e.GET("/staff", d.chooseLanguage)
	e.GET("/staff/invite/:token", d.chooseLanguage)
	group := e.Group("/staff/:lang")
	for _, r := range staffTable {
		group.Handle(r.method, r.path, d.serve(r))
	}
}

// chooseLanguage sends an address without a language to the one with it.
func (d *desk) chooseLanguage(c *gin.Context) {
	lang, _ := locale.Match(c.GetHeader("Accept-Language"), staffLanguages)
	if !slices.Contains(staffLanguages, lang) {
		lang = staffLanguages[0]
	}
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, "/staff/"+string(lang)+strings.TrimPrefix(c.Request.URL.Path, "/staff"))
}

// serve runs one route: language, session, cross-site check, permission, handler. Errors become pages in one place.
func (d *desk) serve(r staffRoute) gin.HandlerFunc {
	return func(c *gin.Context) {
		lang := survey.Lang(c.Param("lang"))
		if !slices.Contains(staffLanguages, lang) {
			d.fail(c, survey.ErrNotFound)
			return
		}
		c.Header("Cache-Control", "no-store")
		v := &visit{Context: c, ctx: c.Request.Context(), p: d.Catalog.Printer(lang)}
		if err := d.enter(v, r); err != nil {
			d.failStaff(v, err)
		}
	}
}

func (d *desk) enter(v *visit, r staffRoute) error {
	if err := d.csrf.Check(v.Request); err != nil {
		return survey.ErrForbidden
	}
	finish, err := d.openSession(v)
	if err != nil {
		return err
	}
	defer finish()
	switch {
	case r.action == "":
	case v.user == nil:
		d.toSignIn(v)
		return nil
	case !v.role().May(r.action):
		return survey.ErrForbidden
	}
	if err := r.handle(d, v); err != nil {
		d.failStaff(v, err) // inside the session, so that the page knows who reads it
	}
	return nil
}

// toSignIn sends somebody who is not signed in to the sign-in page, and back here afterwards.
func (d *desk) toSignIn(v *visit) {
	to := v.base() + "/sign-in"
	if v.Request.Method == http.MethodGet && v.Request.URL.Path != v.base() {
		to += "?next=" + url.QueryEscape(v.Request.URL.Path)
	}
	v.Redirect(http.StatusSeeOther, to)
}

// safeNext gives the staff page to go to after sign-in. Addresses of other sites are not followed.
func safeNext(next, base string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(next, "/staff/") || strings.ContainsAny(next, "\\\r\n") ||
		strings.Contains(next, "//") {
		return base
	}
	return next
}
