package web

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"opengate/server/office"
	"opengate/server/staff"
	"opengate/survey"
)

func TestAccounts(t *testing.T) {
	b := newBureau(t, plainBase)
	admin := b.member(adminEmail, staff.Administrator)
	for name, row := range map[string]struct {
		values url.Values
		at     string
	}{
		"no address": {url.Values{"email": {"x"}, "role": {"field"}}, "#email-error"},
		"taken":      {url.Values{"email": {"ADMIN@example.org"}, "role": {"field"}}, "#email-error"},
		"no role":    {url.Values{"email": {"x@example.org"}}, "#role .field-error"},
	} {
		r := admin.post("/staff/en/users", row.values).want(http.StatusUnprocessableEntity).has(row.at)
		if got := attr(r.all("#email")[0], "value"); got != row.values.Get("email") {
			t.Errorf("%s: typed value is lost: %q", name, got)
		}
	}
	shown := admin.follow(admin.post("/staff/pl/users", url.Values{"email": {"ngo@example.org"}, "role": {"field"}}))
	shown.want(http.StatusOK).has("#invite-link[readonly]", ".tag.invited")
	address := attr(shown.all("#invite-link")[0], "value")
	path, ours := strings.CutPrefix(address, plainBase)
	if !ours {
		t.Fatalf("invitation %q", address)
	}
	if again := admin.get("/staff/pl/users"); len(again.all("#invite-link")) != 0 {
		t.Error("the link is shown twice")
	}
	ngo := b.nobody()
	form := ngo.follow(ngo.get(path)).has("input[name=email][readonly]")
	if got := attr(form.all("#email")[0], "value"); got != "ngo@example.org" {
		t.Errorf("invitation of %q", got)
	}
	home := ngo.follow(ngo.post("/staff/pl"+strings.TrimPrefix(path, "/staff"), url.Values{"password": {goodPassword}, "repeat": {goodPassword}}))
	ngo.follow(home).want(http.StatusOK).has(".empty", "!a.button", `nav.rooms a[aria-current=page][href="/staff/pl/links"]`)

	var id string
	for _, n := range admin.get("/staff/en/users").all("form[action$='/disable']") {
		id = strings.Split(attr(n, "action"), "/")[4]
	}
	admin.follow(admin.post("/staff/en/users/"+id+"/disable", nil)).has(".notice", ".tag.disabled")
	ngo.get("/staff/pl/links").want(http.StatusSeeOther)
	own := admin.post("/staff/en/users/"+b.idOf(adminEmail)+"/disable", nil)
	own.want(http.StatusConflict).has("h1", "!.tag.disabled")

	audit := admin.get("/staff/en/audit").want(http.StatusOK)
	text := audit.text("table")
	for _, want := range []string{"invited", "disabled the account", "accepted the invitation", "ngo@example.org", adminEmail} {
		if !strings.Contains(text, want) {
			t.Errorf("the audit page lacks %q: %s", want, text)
		}
	}
	if strings.Contains(text, "staff.did") {
		t.Errorf("an action without a sentence: %s", text)
	}
	if strings.Contains(b.log.String(), "@example.org") || strings.Contains(b.log.String(), goodPassword) {
		t.Errorf("the log names people: %s", b.log)
	}
}

func (b *bureau) idOf(email string) string {
	b.t.Helper()
	u, err := b.store.UserByEmail(b.t.Context(), email)
	must(b.t, err)
	return u.ID
}

func TestPublishing(t *testing.T) {
	b := newBureau(t, plainBase)
	p := b.member("designer@example.org", staff.Designer)
	const to = "/staff/en/surveys/new"
	p.get(to).want(http.StatusOK).has("form[enctype='multipart/form-data'] input[type=file][name=form]", "#slug", "#test[checked]")

	p.upload(to, map[string]string{"slug": "Bad Name"}, map[string][]byte{"form": plainForm(t)}).
		want(http.StatusUnprocessableEntity).has("#slug-error", "#slug[value='Bad Name']", "!table.problems")
	p.upload(to, map[string]string{"slug": "water"}, nil).want(http.StatusUnprocessableEntity).has("#form-error")
	p.upload(to, map[string]string{"slug": "water"}, map[string][]byte{"form": plainForm(t), "media": []byte("no zip")}).
		want(http.StatusUnprocessableEntity).has("#media-error")

	bad := workbookOf(t, "survey", [][]string{{"type", "name", "label"}, {"select_one nothing", "a", "A"}, {"wonder", "b", "B"}})
	r := p.upload(to, map[string]string{"slug": "water", "lenient": "", "test": "yes", "by": "x"}, map[string][]byte{"form": bad})
	r.want(http.StatusUnprocessableEntity).has("table.problems tbody tr.error", "#errors", "#slug[value=water]", "#test[checked]", "#by[value=x]", "!#lenient[checked]")
	if got := r.text("table.problems tbody"); !strings.Contains(got, "error survey 3 type") {
		t.Errorf("a problem without its place: %q", got)
	}
	if _, err := b.store.Survey(t.Context(), "water"); err == nil {
		t.Fatal("a form with errors was published")
	}

	form := plainForm(t)
	done := p.follow(p.upload(to, map[string]string{"slug": "water", "by": "water"}, map[string][]byte{"form": form}))
	done.want(http.StatusOK).has(".notice", ".tag.draft", "table.problems", `a[href="/pl/s/water"]`, `a[href="/en/s/water"]`,
		"form.step input[value=test]", "!form.step input[value=open]")
	p.upload(to, map[string]string{"slug": "water"}, map[string][]byte{"form": plainForm(t)}).
		want(http.StatusUnprocessableEntity).has("#slug-error")
	p.get("/staff/en/survey/water/versions/1").want(http.StatusOK).has("dl.facts code")
	if got := p.get("/staff/en/survey/water/versions/1/workbook"); got.body != string(form) {
		t.Error("the workbook does not come back as it was uploaded")
	}
	if got := p.get("/staff/en/survey/water/versions/2"); got.code != http.StatusNotFound {
		t.Errorf("version 2: %d", got.code)
	}
	forced := p.post("/staff/en/survey/water/status", url.Values{"to": {"open"}})
	forced.want(http.StatusUnprocessableEntity).has("#errors", "table.problems", ".tag.draft")
}

func TestOversizedUpload(t *testing.T) {
	b := newBureau(t, plainBase)
	p := b.member("designer@example.org", staff.Designer)
	r := p.upload("/staff/en/surveys/new", map[string]string{"slug": "big"}, map[string][]byte{"form": make([]byte, maxWorkbookBytes+1)})
	r.want(http.StatusRequestEntityTooLarge)
	if !strings.Contains(r.text("main"), "64 MB") {
		t.Errorf("no hint what to do: %s", r.text("main"))
	}
}

func TestStatus(t *testing.T) {
	b := newBureau(t, plainBase)
	b.publishDemo("needs", survey.StatusTest)
	admin := b.member(adminEmail, staff.Administrator)
	designer := b.member("designer@example.org", staff.Designer)
	const to = "/staff/en/survey/needs/status"

	designer.post(to, url.Values{"to": {"open"}, "allow": {"yes"}}).want(http.StatusForbidden)
	admin.get("/staff/en/survey/needs").want(http.StatusOK).has(".tag.test", "form.step input[value=open]", "!form.step input[value=closed]")
	admin.follow(admin.post(to, url.Values{"to": {"open"}, "allow": {"yes"}})).has(".tag.open", ".notice", "form.step input[value=closed]", "!form.step input[value=test]")
	admin.post(to, url.Values{"to": {"archived"}}).want(http.StatusConflict)
	admin.post(to, url.Values{"to": {"nonsense"}}).want(http.StatusConflict)
	designer.follow(designer.post(to, url.Values{"to": {"closed"}})).has(".tag.closed", "form.step input[value=open]", "form.step input[value=archived]")
	designer.follow(designer.post(to, url.Values{"to": {"archived"}})).has(".tag.archived", "!form.step")
	designer.upload("/staff/en/survey/needs/publish", nil, map[string][]byte{"form": plainForm(t)}).want(http.StatusGone)
}

// A survey with languages that nobody reviewed: an administrator is asked for a tick, a designer has no button.
func TestUnreviewedLanguages(t *testing.T) {
	b := newBureau(t, plainBase)
	form := workbookOf(t,
		"survey", [][]string{{"type", "name", "label::English (en)", "label::Українська (uk)"}, {"text", "wish", "What do you need?", "Що вам потрібно?"}},
		"settings", [][]string{{"form_title", "form_id", "default_language"}, {"Needs", "needs", "English (en)"}},
		"og_settings", [][]string{
			{"key", "value", "value::English (en)", "value::Українська (uk)"},
			{"timezone", "Europe/Warsaw"},
			{"controller", "City of Kraków"},
			{"contact", "needs@example.org"},
			{"dpo", "dpo@example.org"},
			{"purpose", "", "To learn what people need.", "Дізнатися, що потрібно людям."},
			{"consent_version", "1"},
			{"retention_days", "365"},
			{"draft_languages", "uk"},
		})
	_, err := b.office.Publish(t.Context(), office.PublishRequest{Slug: "needs", Workbook: form, Actor: "test"})
	must(t, err)
	admin := b.member(adminEmail, staff.Administrator)
	designer := b.member("designer@example.org", staff.Designer)
	const page, to = "/staff/en/survey/needs", "/staff/en/survey/needs/status"

	designer.get(page).want(http.StatusOK).has(".tag.reviewed", "td .tag.draft", "!#allow", "!form.step input[value=open]")
	admin.get(page).has("#allow[required]", "form.step input[value=open]")
	designer.post(to, url.Values{"to": {"open"}}).want(http.StatusUnprocessableEntity).has("#errors")
	admin.post(to, url.Values{"to": {"open"}}).want(http.StatusUnprocessableEntity).has("#errors", "dd .tag.draft")
	admin.follow(admin.post(to, url.Values{"to": {"open"}, "allow": {"yes"}})).has("dd .tag.open")
	if text := admin.get("/staff/en/audit").text("table"); !strings.Contains(text, "opened the survey with unreviewed translations") {
		t.Errorf("audit: %s", text)
	}
	designer.post(to, url.Values{"to": {"closed"}}).want(http.StatusSeeOther)
	designer.get(page).has("!#allow", "form.step input[value=open]") // what was allowed once stays allowed
}

func TestErase(t *testing.T) {
	b := newBureau(t, plainBase)
	b.publishDemo("needs", survey.StatusOpen)
	admin := b.member(adminEmail, staff.Administrator)
	admin.post("/staff/en/survey/needs/erase", url.Values{"confirm": {"need"}}).want(http.StatusUnprocessableEntity).has("#confirm-error")
	admin.get("/staff/en/survey/needs").want(http.StatusOK)
	r := admin.follow(admin.post("/staff/en/survey/needs/erase", url.Values{"confirm": {"needs"}}))
	r.want(http.StatusOK).has(".notice", ".empty")
	admin.get("/staff/en/survey/needs").want(http.StatusNotFound)
	if got := b.get("/en/s/needs"); got.code != http.StatusNotFound {
		t.Errorf("the erased survey's page: %d", got.code)
	}
}

func TestLinks(t *testing.T) {
	b := newBureau(t, plainBase)
	b.publishDemo("needs", survey.StatusOpen)
	designer := b.member("designer@example.org", staff.Designer)
	ngo, other := b.member("ngo@example.org", staff.Field), b.member("other@example.org", staff.Field)
	const to = "/staff/en/survey/needs/links"

	designer.post(to, url.Values{"name": {"  "}, "kind": {"museum"}, "mode": {"kiosk"}}).want(http.StatusUnprocessableEntity).
		has("#name-error", "option[value=museum][selected]", "#mode-kiosk[checked]")
	designer.post(to, url.Values{"name": {"x"}, "kind": {"castle"}}).want(http.StatusUnprocessableEntity)
	name := `<b>Biblioteka</b> "Rajska" مكتبة`
	page := designer.follow(designer.post(to, url.Values{"name": {name}, "kind": {"library"}, "mode": {"self"}, "owner": {ngo.id}}))
	page.want(http.StatusOK).has(".qr svg[role=img]", ".notice", "!main b")
	code := b.linkNamed("needs", name)

	ngo.get("/staff/en/links").want(http.StatusOK).has(`a[href="/staff/en/links/`+code+`"]`, "!form[action$='/revoke']")
	ngo.get("/staff/en/links/" + code).want(http.StatusOK).has(".qr svg")
	other.get("/staff/en/links").has(".empty", "!table")
	for _, path := range []string{"", "/qr.svg", "/qr.png", "/poster/pl"} {
		if r := other.get("/staff/en/links/" + code + path); r.code != http.StatusNotFound {
			t.Errorf("somebody else's link%s: %d", path, r.code)
		}
	}
	for _, lang := range []string{"pl", "ar", "pl-simple"} {
		poster := ngo.get("/staff/en/links/" + code + "/poster/" + lang).want(http.StatusOK)
		poster.has(`html[lang="`+lang+`"]`, ".qr svg", ".invitation", ".banner.made-up:not([lang])", "!.banner:not(.made-up)")
		if got := poster.text(".address"); got != "example.org/l/"+code {
			t.Errorf("%s: address %q", lang, got)
		}
		if rtl := attr(poster.all("html")[0], "dir") == "rtl"; rtl != (lang == "ar") {
			t.Errorf("%s: right to left %v", lang, rtl)
		}
	}
	ngo.get("/staff/en/links/" + code + "/poster/fr").want(http.StatusNotFound)

	keyed := designer.follow(designer.post(to, url.Values{"name": {"Partner"}, "kind": {"ngo"}, "mode": {"self"}, "api": {"yes"}}))
	keyed.has("#api-key[readonly]")
	key := attr(keyed.all("#api-key")[0], "value")
	link, err := b.store.Link(t.Context(), b.linkNamed("needs", "Partner"))
	must(t, err)
	if !bytes.Equal(link.KeyHash, office.KeyHash(key)) || len(key) < 40 {
		t.Errorf("the key shown is not the key stored: %q", key)
	}
	designer.get(to).has("!#api-key")

	designer.get(to).has(`a[href="`+to+`/`+code+`/revoke"]`, "!form[action$='/revoke']") // one click asks first
	designer.get(to+"/"+code+"/revoke").want(http.StatusOK).has("form[action$='/revoke'] button.danger", "li", "!h1 b")
	designer.get("/staff/en/survey/other/links/" + code + "/revoke").want(http.StatusNotFound)
	designer.follow(designer.post(to+"/"+code+"/revoke", nil)).has(".notice", ".tag.closed", "form[action$='/restore']")
	if r := b.get("/l/" + code); r.code != http.StatusGone {
		t.Errorf("a revoked link: %d", r.code)
	}
	ngo.get("/staff/en/links/" + code).has(".banner")
	designer.post("/staff/en/survey/needs/links/unknown/revoke", nil).want(http.StatusNotFound)
	designer.follow(designer.post(to+"/"+code+"/restore", nil)).has(".notice", "!.tag.closed")
	if r := b.get("/l/" + code); r.code == http.StatusGone {
		t.Error("a link that was given back does not work")
	}
}

// A link made before the partner's account can be given to it, and taken back.
func TestALinkIsGivenAwayAfterwards(t *testing.T) {
	b := newBureau(t, plainBase)
	b.publishDemo("needs", survey.StatusOpen)
	admin, designer := b.member(adminEmail, staff.Administrator), b.member("designer@example.org", staff.Designer)
	l, _, err := b.office.AddLink(t.Context(), office.LinkRequest{Slug: "needs", Name: "Library", Actor: "test"})
	must(t, err)
	const to = "/staff/en/survey/needs/links"
	for _, path := range []string{to, "/staff/en/links/" + l.Code} { // nobody to give it to: say how to change that
		admin.get(path).want(http.StatusOK).has("!#owner", `main a[href="/staff/en/users"]`)
		if text := designer.get(path).has("!#owner", `!main a[href="/staff/en/users"]`).text("main"); !strings.Contains(text, "ask an administrator to invite somebody with the role Field partner") {
			t.Errorf("%s does not say how to make a field account: %s", path, text)
		}
	}
	ngo := b.member("ngo@example.org", staff.Field)
	give := to + "/" + l.Code + "/owner"
	designer.follow(designer.post(give, url.Values{"owner": {ngo.id}})).want(http.StatusOK).has(".notice", `#owner option[selected][value="`+ngo.id+`"]`)
	ngo.get("/staff/en/links/"+l.Code).want(http.StatusOK).has("!#owner", "!form[action$='/restore']")
	designer.follow(designer.post(give, url.Values{"owner": {""}})).has(".notice", "!#owner option[selected]")
	ngo.get("/staff/en/links/" + l.Code).want(http.StatusNotFound)
	designer.post(give, url.Values{"owner": {"nobody"}}).want(http.StatusNotFound)
	if text := admin.get("/staff/en/audit").text("table"); !strings.Contains(text, "gave a link to a field account") {
		t.Errorf("audit: %s", text)
	}
}

// A phone that follows a kiosk's link behaves like the kiosk: such links get no poster of their own.
func TestKioskAndPaperLinksInviteNoPhones(t *testing.T) {
	b := newBureau(t, plainBase)
	b.publishDemo("needs", survey.StatusOpen)
	designer := b.member("designer@example.org", staff.Designer)
	for _, mode := range []survey.Mode{survey.ModeKiosk, survey.ModePaper, survey.ModeAssisted} {
		l, _, err := b.office.AddLink(t.Context(), office.LinkRequest{Slug: "needs", Name: string(mode), Mode: mode, Actor: "test"})
		must(t, err)
		page := "/staff/en/links/" + l.Code
		if text := designer.get(page).want(http.StatusOK).has(".purpose", "!a[download]").text("main"); !strings.Contains(text, "example.org/s/needs") {
			t.Errorf("%s: the open address is not offered: %s", mode, text)
		}
		if got := designer.get(page + "/poster/uk").want(http.StatusOK).text(".address"); got != "example.org/s/needs" {
			t.Errorf("%s: the poster leads to %s", mode, got)
		}
	}
	designer.get("/staff/en/survey/needs").has(`a[href="/staff/en/survey/needs/poster/ar"]`)
	poster := designer.get("/staff/en/survey/needs/poster/ar").want(http.StatusOK).has(`html[lang="ar"][dir=rtl]`, `.tools[lang=en] a[href="/staff/en/survey/needs"]`)
	if got := poster.text(".address"); got != "example.org/s/needs" {
		t.Errorf("address %q", got)
	}
}

// What stands on a poster is in the poster's language, or says in which it is.
func TestPosterSpeaksOneLanguage(t *testing.T) {
	b := newBureau(t, plainBase)
	b.publishDemo("needs", survey.StatusOpen)
	designer := b.member("designer@example.org", staff.Designer)
	for lang, want := range map[string]string{"uk": "Демонстрація:", "pl": "Pokaz:", "pl-simple": "Pokaz:"} {
		poster := designer.get("/staff/en/survey/needs/poster/" + lang).want(http.StatusOK)
		if got := poster.text(".made-up"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", lang, got)
		}
		if got := attr(poster.all(".controller")[0], "lang"); (got == "pl") != (lang == "uk") {
			t.Errorf("%s: the controller's language is marked %q", lang, got)
		}
		if got := poster.text("main"); strings.Contains(got, "any question") || strings.Contains(got, "każde pytanie") && !strings.Contains(got, "prawie każde pytanie") {
			t.Errorf("%s promises that every question can be skipped: %s", lang, got)
		}
	}
	poster := designer.get("/staff/en/survey/needs/poster/pl").text("body")
	if strings.Contains(poster, "answers here are made up") {
		t.Errorf("the banner is in the language of staff: %s", poster)
	}
}

// The importer writes English; Polish pages say it in Polish and keep the English as a detail.
func TestPolishPagesNameProblemsInPolish(t *testing.T) {
	b := newBureau(t, plainBase)
	p := b.member("designer@example.org", staff.Designer)
	bad := workbookOf(t, "survey", [][]string{{"type", "name", "label"}, {"wonder", "b", "B"}, {"text", "1x", "C"}})
	r := p.upload("/staff/pl/surveys/new", map[string]string{"slug": "water"}, map[string][]byte{"form": bad}).want(http.StatusUnprocessableEntity)
	r.has("!.problems td[lang=en]", ".problems details span[lang=en]")
	if text := r.text(".problems tbody"); !strings.Contains(text, "Nie znamy takiego typu pytania.") || !strings.Contains(text, "wonder") {
		t.Errorf("%s", text)
	}
	p.upload("/staff/en/surveys/new", map[string]string{"slug": "water"}, map[string][]byte{"form": bad}).has("!.problems details")
}

func (b *bureau) linkNamed(slug, name string) string {
	b.t.Helper()
	for l, err := range b.store.Links(b.t.Context(), slug) {
		must(b.t, err)
		if l.Name == name {
			return l.Code
		}
	}
	b.t.Fatalf("no link named %q", name)
	return ""
}

// The SVG must draw the very modules of the PNG.
// No page of staff may be cut short or fail in either language; none may show a key in place of a text.
func TestMediaReachTheForm(t *testing.T) {
	b := newBureau(t, plainBase)
	p := b.member("designer@example.org", staff.Designer)
	var zipped bytes.Buffer
	z := zip.NewWriter(&zipped)
	for _, name := range []string{"media/tap.png", "__MACOSX/tap.png", ".DS_Store"} {
		w, err := z.Create(name)
		must(t, err)
		_, err = w.Write([]byte(name))
		must(t, err)
	}
	must(t, z.Close())
	p.upload("/staff/en/surveys/new", map[string]string{"slug": "water"}, map[string][]byte{"form": plainForm(t), "media": zipped.Bytes()}).want(http.StatusSeeOther)
	v, err := b.store.Version(t.Context(), "water", 1)
	must(t, err)
	if len(v.Media) != 1 || string(v.Media["tap.png"]) != "media/tap.png" {
		t.Errorf("media %v", v.Media)
	}
}
