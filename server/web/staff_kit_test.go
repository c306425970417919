package web

import (
	"bytes"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"opengate/server/demo"
	"opengate/server/forms"
	"opengate/server/intake"
	"opengate/server/locale"
	"opengate/server/office"
	"opengate/server/release"
	"opengate/server/staff"
	"opengate/server/store"
	"opengate/server/store/sqlite"
	"opengate/survey"
)

// bureau is the service with its staff pages, on an embedded database of its own and without a survey.
type bureau struct {
	*site
	people *staff.Service
	office *office.Service
}

const (
	adminEmail    = "admin@example.org"
	goodPassword  = "correct horse battery"
	plainBase     = "http://example.org"
	encryptedBase = "https://example.org"
)

func newBureau(t *testing.T, base string) *bureau {
	t.Helper()
	engine, err := sqlite.Open(t.TempDir() + "/test.db")
	must(t, err)
	st, err := store.Open(t.Context(), engine, store.NewKey())
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	s := &site{t: t, store: st, log: &bytes.Buffer{}, now: time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { s.now = s.now.Add(time.Second); return s.now }
	s.intake = intake.New(st, forms.New(st, clock), clock, t.TempDir(), 2)
	b := &bureau{site: s, people: staff.New(st, clock)}
	b.office = office.New(st, forms.New(st, clock), b.people, clock)
	catalog, err := locale.New()
	must(t, err)
	s.server, err = newServer(Deps{
		Intake: s.intake, Store: st, Release: release.New(st, forms.New(st, clock), clock, time.Millisecond),
		Catalog: catalog, Log: slog.New(slog.NewTextHandler(s.log, nil)),
		Staff:  StaffDeps{Office: b.office, People: b.people, Sessions: st.Sessions(), TmpDir: t.TempDir()},
		Config: Config{BaseURL: base, Unhurried: true, Now: clock},
	})
	must(t, err)
	s.handler = s.server.outer(s.server.engine())
	return b
}

// person is a browser of somebody of the staff, with its cookies.
type person struct {
	b       *bureau
	id      string
	cookies map[string]string
}

func (b *bureau) nobody() *person { return &person{b: b, cookies: map[string]string{}} }

// member makes an account with the role and signs it in.
func (b *bureau) member(email string, role staff.Role) *person {
	b.t.Helper()
	u, token, err := b.people.Invite(b.t.Context(), email, role, "test")
	must(b.t, err)
	_, err = b.people.Accept(b.t.Context(), token, "", goodPassword)
	must(b.t, err)
	p := b.nobody()
	p.id = u.ID
	p.post("/staff/en/sign-in", url.Values{"email": {email}, "password": {goodPassword}}).want(http.StatusSeeOther)
	return p
}

func (p *person) do(r *http.Request) *reply {
	p.b.t.Helper()
	for name, value := range p.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	out := p.b.do(r)
	for _, c := range (&http.Response{Header: out.header}).Cookies() {
		if p.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(p.cookies, c.Name)
		}
	}
	return out
}

func (p *person) get(path string) *reply {
	p.b.t.Helper()
	return p.do(httptest.NewRequestWithContext(p.b.t.Context(), http.MethodGet, path, nil))
}

func (p *person) post(path string, values url.Values) *reply {
	p.b.t.Helper()
	r := httptest.NewRequestWithContext(p.b.t.Context(), http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.do(r)
}

// upload posts a multipart form; files hold their name's ending in the field name: "form" and "media".
func (p *person) upload(path string, values map[string]string, files map[string][]byte) *reply {
	p.b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range values {
		must(p.b.t, w.WriteField(name, value))
	}
	for name, content := range files {
		f, err := w.CreateFormFile(name, name+".bin")
		must(p.b.t, err)
		_, err = f.Write(content)
		must(p.b.t, err)
	}
	must(p.b.t, w.Close())
	r := httptest.NewRequestWithContext(p.b.t.Context(), http.MethodPost, path, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return p.do(r)
}

// follow gets the page that a redirect leads to.
func (p *person) follow(r *reply) *reply {
	p.b.t.Helper()
	r.want(http.StatusSeeOther)
	return p.get(r.header.Get("Location"))
}

// publishDemo publishes the demonstration questionnaire under a short name.
func (b *bureau) publishDemo(slug string, status survey.Status) { //nolint:unparam // the name is what the addresses of a test say
	b.t.Helper()
	workbook, err := demo.Workbook()
	must(b.t, err)
	_, err = b.office.Publish(b.t.Context(), office.PublishRequest{Slug: slug, Workbook: workbook, Test: true, Actor: "test"})
	must(b.t, err)
	for _, next := range map[survey.Status][]survey.Status{
		survey.StatusOpen:   {survey.StatusOpen},
		survey.StatusClosed: {survey.StatusOpen, survey.StatusClosed},
	}[status] {
		_, err := b.office.SetStatus(b.t.Context(), slug, next, true, "test")
		must(b.t, err)
	}
}

// workbookOf writes sheets of rows of cells as an .xlsx, in the order given.
func workbookOf(t *testing.T, sheets ...any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i := 0; i+1 < len(sheets); i += 2 {
		name := sheets[i].(string)
		if i == 0 {
			must(t, f.SetSheetName("Sheet1", name))
		} else {
			_, err := f.NewSheet(name)
			must(t, err)
		}
		for r, row := range sheets[i+1].([][]string) {
			for c, cell := range row {
				at, err := excelize.CoordinatesToCellName(c+1, r+1)
				must(t, err)
				must(t, f.SetCellStr(name, at, cell))
			}
		}
	}
	var out bytes.Buffer
	must(t, f.Write(&out))
	return out.Bytes()
}

// plainForm is a form of another tool: no og_ column, no og_ sheet.
func plainForm(t *testing.T) []byte {
	t.Helper()
	return workbookOf(t,
		"survey", [][]string{
			{"type", "name", "label::English (en)", "label::Polski (pl)"},
			{"select_one yn", "water", "Do you have water?", "Czy masz wodę?"},
			{"integer", "age", "How old are you?", "Ile masz lat?"},
		},
		"choices", [][]string{
			{"list_name", "name", "label::English (en)", "label::Polski (pl)"},
			{"yn", "yes", "Yes", "Tak"},
			{"yn", "no", "No", "Nie"},
		},
		"settings", [][]string{{"form_title", "form_id"}, {"Water", "water"}})
}
