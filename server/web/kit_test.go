package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"opengate/server/demo"
	"opengate/server/forms"
	"opengate/server/intake"
	"opengate/server/locale"
	"opengate/server/store"
	"opengate/server/store/sqlite"
	"opengate/survey"
	"opengate/survey/diagnosis"
)

// site is the whole service behind the router, on an embedded database of its own.
type site struct {
	t       *testing.T
	handler http.Handler
	server  *Server
	store   *store.Store
	intake  *intake.Service
	log     *bytes.Buffer
	now     time.Time
}

const apiKey = "a-key-for-the-test"

// newSite opens the demonstration survey "needs" with a link of each sort: "lib" (library, self), "kio" (kiosk),
// "api" (with a key) and "old" (revoked).
func newSite(t *testing.T) *site {
	t.Helper()
	engine, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"))
	must(t, err)
	st, err := store.Open(t.Context(), engine, store.NewKey())
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	s := &site{t: t, store: st, log: &bytes.Buffer{}, now: time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { s.now = s.now.Add(time.Second); return s.now }
	s.intake = intake.New(st, forms.New(st, clock), clock, t.TempDir(), 2)
	workbook, err := demo.Workbook()
	must(t, err)
	s.publish("needs", workbook, survey.StatusOpen)
	sum := sha256.Sum256([]byte(apiKey))
	for _, l := range []store.Link{
		{Code: "lib", Name: "Library", Kind: "library", Mode: survey.ModeSelf},
		{Code: "kio", Name: "Kiosk", Kind: "office", Mode: survey.ModeKiosk},
		{Code: "api", Name: "Partner", Kind: "ngo", Mode: survey.ModeSelf, KeyHash: sum[:]},
		{Code: "old", Name: "Old", Kind: "ngo", Mode: survey.ModeSelf, Revoked: true},
	} {
		l.Survey = "needs"
		must(t, st.AddLink(t.Context(), l))
	}
	s.build(s.intake)
	return s
}

// build makes the router anew over an intake, which a test may have wrapped.
func (s *site) build(in Intake) {
	s.t.Helper()
	catalog, err := locale.New()
	must(s.t, err)
	s.server, err = newServer(Deps{
		Intake: in, Store: s.store, Release: noReleases{}, Catalog: catalog,
		Config: Config{BaseURL: "http://example.org", Unhurried: true, Now: func() time.Time { return s.now }},
		Log:    slog.New(slog.NewTextHandler(s.log, nil)),
	})
	must(s.t, err)
	s.handler = s.server.outer(s.server.engine())
}

// publish stores a workbook as version 1 of a survey.
func (s *site) publish(slug string, workbook []byte, status survey.Status) {
	s.t.Helper()
	ctx := s.t.Context()
	must(s.t, s.store.AddVersion(ctx, store.FormVersion{Slug: slug, Version: 1, Workbook: workbook, Day: "2026-01-01"}))
	must(s.t, s.store.AddSurvey(ctx, store.Survey{Slug: slug, Status: status, Version: 1, Wave: "2026", Title: survey.Text{"en": "Needs"}}))
}

func (s *site) setStatus(slug string, status survey.Status) {
	s.t.Helper()
	sv, err := s.store.Survey(s.t.Context(), slug)
	must(s.t, err)
	sv.Status = status
	must(s.t, s.store.UpdateSurvey(s.t.Context(), sv))
	s.now = s.now.Add(time.Minute)
}

func (s *site) form(slug string) *survey.Form { //nolint:unparam // tests say which survey
	s.t.Helper()
	f, err := forms.New(s.store, func() time.Time { return s.now }).Form(s.t.Context(), slug, 1)
	must(s.t, err)
	return f
}

// responses are all stored ones.
func (s *site) responses(slug string) []survey.Response {
	s.t.Helper()
	var out []survey.Response
	for r, err := range s.store.Responses(s.t.Context(), slug, store.Filter{}) {
		must(s.t, err)
		out = append(out, r)
	}
	return out
}

type noReleases struct{ staffReleases }

func (noReleases) Diagnosis(context.Context, string, int) (*diagnosis.Diagnosis, *survey.Form, error) {
	return nil, nil, survey.ErrNotFound
}

// reply is an answer of the service, parsed when it is a page.
type reply struct {
	t      *testing.T
	code   int
	header http.Header
	body   string
	doc    *html.Node
}

func (s *site) do(r *http.Request) *reply {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Body)
	must(s.t, err)
	out := &reply{t: s.t, code: w.Code, header: w.Header(), body: string(body)}
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		out.doc, err = html.Parse(bytes.NewReader(body))
		must(s.t, err)
	}
	return out
}

func (s *site) get(path string, header ...string) *reply {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.do(r)
}

func (s *site) post(path string, values url.Values) *reply {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(r)
}

// want fails unless the status is code.
func (r *reply) want(code int) *reply {
	r.t.Helper()
	if r.code != code {
		r.t.Fatalf("status %d, want %d\n%s", r.code, code, r.text("main"))
	}
	return r
}

func (r *reply) all(selector string) []*html.Node {
	r.t.Helper()
	return cascadia.QueryAll(r.doc, cascadia.MustCompile(selector))
}

// has fails unless every selector finds something; a selector that begins with "!" must find nothing.
func (r *reply) has(selectors ...string) *reply {
	r.t.Helper()
	for _, sel := range selectors {
		name, absent := strings.CutPrefix(sel, "!")
		if found := len(r.all(name)) > 0; found == absent {
			r.t.Errorf("%q: found %v\n%s", sel, found, r.text("body"))
		}
	}
	return r
}

// text is what a selector's first match says; all of an answer that is no page.
func (r *reply) text(selector string) string {
	if r.doc == nil {
		return r.body
	}
	n := cascadia.Query(r.doc, cascadia.MustCompile(selector))
	if n == nil {
		return ""
	}
	return strings.Join(strings.Fields(words(n)), " ")
}

func words(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(words(c))
		b.WriteByte(' ')
	}
	return b.String()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// fields are what a browser without scripts would send of the page's form, before anybody changes it.
func (r *reply) fields() url.Values {
	v := url.Values{}
	for _, n := range r.all("form#form input, form#form textarea, form#form select") {
		name := attr(n, "name")
		if name == "" || hasAttr(n, "disabled") || inDisabled(n) {
			continue
		}
		switch {
		case n.Data == "textarea":
			v.Add(name, strings.TrimSpace(words(n)))
		case n.Data == "select":
			for _, o := range cascadia.QueryAll(n, cascadia.MustCompile("option[selected]")) {
				v.Add(name, attr(o, "value"))
			}
		case attr(n, "type") == "radio" || attr(n, "type") == "checkbox":
			if hasAttr(n, "checked") {
				v.Add(name, attr(n, "value"))
			}
		default:
			v.Add(name, attr(n, "value"))
		}
	}
	return v
}

func inDisabled(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "fieldset" && hasAttr(p, "disabled") {
			return true
		}
	}
	return false
}

// action is where the page's form is sent.
func (r *reply) action() string { return attr(r.all("form#form")[0], "action") }

// press sends the page's form with some fields set ("q:age", "b2") and a button.
func (s *site) press(r *reply, do string, set ...string) *reply {
	s.t.Helper()
	v := r.fields()
	for i := 0; i+1 < len(set); i += 2 {
		v.Set(set[i], set[i+1])
	}
	v.Set("do", do)
	return s.post(r.action(), v)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustHave(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	must(t, err)
	return data
}
