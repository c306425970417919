package web

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"opengate/survey"
)

// walk gives every page a resident can meet, in one language, by name.
func (s *site) walk(lang string) map[string]*reply {
	s.t.Helper()
	at := "/" + lang
	pages := map[string]*reply{"home": s.get("/" + strings.Split(lang, "-")[0]), "intro": s.get(at + "/s/needs")}
	pages["intro with errors"] = s.press(pages["intro"], "start")
	pages["refusal"] = s.press(pages["intro"], "start", "q:consent", "no")
	page := s.press(pages["intro"], "start", "q:consent", "yes", "q:screen", "yes")
	pages["first"] = page
	pages["with errors"] = s.press(page, "next", "q:home", "nonsense")
	page = s.press(page, "next")
	pages["with code"] = page
	pages["partial"] = s.press(page, "partial")
	for i := 0; len(page.all("button[value=submit]")) == 0 && i < 40; i++ {
		page = s.press(page, "next")
		pages["page "+page.text(".step")] = page
	}
	pages["check"] = page
	pages["receipt"] = s.press(page, "submit")
	pages["again"] = s.press(page, "submit")
	pages["differs"] = s.press(pages["first"], "next", "q:home", "fully")
	pages["gone"] = s.press(pages["first"], "next", "token", strings.Repeat("a", 26), "id", strings.Repeat("a", 26))
	pages["withdraw"] = s.get(at + "/withdraw")
	pages["withdraw unknown"] = s.press(pages["withdraw"], "", "receipt", "x")
	pages["withdrawn"] = s.press(pages["withdraw"], "", "receipt", pages["receipt"].text("#receipt"))
	pages["sent after withdrawal"] = s.press(page, "submit")
	pages["resume"] = s.get(at + "/resume")
	pages["resume unknown"] = s.press(pages["resume"], "", "code", "x")
	pages["not found"] = s.get(at + "/s/nothing")
	pages["chooser"] = s.get("/l/kio")
	pages["closed"] = s.get(at + "/l/old")
	return pages
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	s := newSite(t)
	key := regexp.MustCompile(`\b(?:page|intro|check|receipt|error|problem|banner|code|partial|withdraw|resume|refusal|gone|differs|home|support)\.[a-z_]+\b`)
	for _, lang := range s.form("needs").Tags() {
		for name, page := range s.walk(string(lang)) {
			where := string(lang) + ", " + name
			if page.doc == nil {
				t.Errorf("%s: not a page: %d %s", where, page.code, page.body)
				continue
			}
			if page.code >= 500 {
				t.Errorf("%s: status %d", where, page.code)
			}
			checkResidentPage(t, where, page, lang, name)
			if m := key.FindString(page.text("body")); m != "" {
				t.Errorf("%s: shows the key %s", where, m)
			}
			if strings.Contains(page.body, "<no value>") || strings.Contains(page.body, "ZgotmplZ") || strings.Contains(page.body, "{{") {
				t.Errorf("%s: a template went wrong", where)
			}
		}
	}
}

// checkResidentPage holds what is true of every page.
func checkResidentPage(t *testing.T, where string, page *reply, lang survey.Lang, name string) {
	t.Helper()
	root := page.all("html")[0]
	want := "ltr"
	if lang == "ar" {
		want = "rtl"
	}
	if name != "chooser" && (attr(root, "dir") != want || !strings.HasPrefix(string(lang), attr(root, "lang"))) {
		t.Errorf("%s: lang %q dir %q", where, attr(root, "lang"), attr(root, "dir"))
	}
	if n := len(page.all("h1")); n != 1 {
		t.Errorf("%s: %d h1", where, n)
	}
	if page.text("title") == "" || page.text("h1") == "" {
		t.Errorf("%s: no title", where)
	}
	ids := map[string]bool{}
	for _, n := range page.all("[id]") {
		if ids[attr(n, "id")] {
			t.Errorf("%s: id %q twice", where, attr(n, "id"))
		}
		ids[attr(n, "id")] = true
	}
	for _, n := range page.all("[aria-describedby], [aria-labelledby], label[for], a[href^='#']") {
		for _, name := range []string{"aria-describedby", "aria-labelledby", "for", "href"} {
			for _, id := range strings.Fields(strings.TrimPrefix(attr(n, name), "#")) {
				if name == "href" && !strings.HasPrefix(attr(n, name), "#") {
					continue
				}
				if !ids[id] {
					t.Errorf("%s: %s leads to %q, which is not there", where, name, id)
				}
			}
		}
	}
	for _, n := range page.all("script, style, link, img, [style], [onclick]") {
		if bad := foreignOrInline(n); bad != "" {
			t.Errorf("%s: %s", where, bad)
		}
	}
	if n := len(page.all("[type=button][name]")); n > 0 { // w3m sends them with every form
		t.Errorf("%s: %d buttons for scripts that are sent", where, n)
	}
	if page.header.Get("Set-Cookie") != "" {
		t.Errorf("%s: sets a cookie", where)
	}
}

func foreignOrInline(n *html.Node) string {
	src := attr(n, "src") + attr(n, "href")
	switch {
	case hasAttr(n, "style"), hasAttr(n, "onclick"), n.Data == "style":
		return "inline style or script"
	case n.Data == "script" && src == "" && attr(n, "type") != "application/json":
		return "inline script"
	case src != "" && !strings.HasPrefix(src, "/static/"):
		return "loads " + src
	}
	return ""
}

func TestPagesAreLight(t *testing.T) {
	s := newSite(t)
	size := func(path string, reply *reply) int {
		if reply == nil {
			reply = s.get(path, "Accept-Encoding", "gzip").want(http.StatusOK)
			if reply.header.Get("Content-Encoding") != "gzip" {
				t.Errorf("%s is not compressed", path)
			}
			return len(reply.body)
		}
		packed, err := pack([]byte(reply.body))
		must(t, err)
		return len(packed)
	}
	css, js, expr := size(s.server.static.addresses["page.css"], nil), size(s.server.static.addresses["page.js"], nil), size(s.server.static.addresses["expr.js"], nil)
	for name, page := range s.walk("uk") {
		if name == "chooser" {
			continue
		}
		html := size("", page)
		if html+css > 14_000 || html+css+js+expr > 30_000 {
			t.Errorf("%s: HTML %d, CSS %d, scripts %d + %d bytes", name, html, css, js, expr)
		}
		if requests := 1 + len(page.all("link[href], script[src], script[data-expr], img")); requests > 4 {
			t.Errorf("%s: %d requests", name, requests)
		}
	}
}

func TestHeadersOnEveryRoute(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{
		"/", "/uk/s/needs", "/uk/s/nothing", "/nowhere/at/all/here", "/healthz", "/readyz", "/metrics", "/static/nothing.js",
		s.server.static.addresses["page.css"], "/api/v1/forms/needs", "/api/v1/nothing", "/staff/en/sign-in", "/favicon.ico", "/robots.txt",
	} {
		r := s.get(path)
		for _, h := range headers {
			if r.header.Get(h.name) != h.value {
				t.Errorf("%s: %s is %q", path, h.name, r.header.Get(h.name))
			}
		}
		if r.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", path)
		}
	}
	if got := s.get("/uk/s/needs").header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("Cache-Control of a page: %q", got)
	}
	if got := s.get(s.server.static.addresses["page.css"]).header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control of a static file: %q", got)
	}
}

func TestFormsOfResidentsPassFromAnywhereAndThoseOfStaffDoNot(t *testing.T) {
	s := newSite(t)
	cross := func(path string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("do=lang"))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Host = "example.org"
		r.Header.Set("Origin", "null")
		return s.do(r).code
	}
	for path, refused := range map[string]bool{
		"/uk/s/needs": false, "/uk/l/lib": false, "/uk/withdraw": false, "/uk/resume": false,
		"/staff/en/sign-in": true, "/staff/s/x": true, "/anything": true,
	} {
		if got := cross(path); (got == http.StatusForbidden) != refused {
			t.Errorf("%s from a page without origin: %d", path, got)
		}
	}
}

func TestStyleKnowsNoLeftAndRight(t *testing.T) {
	css := string(mustHave(t, "static/page.css"))
	physical := regexp.MustCompile(`(?:^|[;{\s-])(?:left|right|(?:margin|padding|border)-(?:left|right|top|bottom)|text-align:\s*(?:left|right)|float)\b`)
	if m := physical.FindString(css); m != "" {
		t.Errorf("physical direction %q", m)
	}
	if strings.Contains(css, "url(") || strings.Contains(css, "@import") {
		t.Error("the style sheet loads something")
	}
}

func TestMetricsKnowRoutesOnly(t *testing.T) {
	s := newSite(t)
	s.get("/uk/s/needs")
	s.get("/uk/l/lib")
	body := s.get("/metrics").body
	if !strings.Contains(body, `route="/:lang/s/:slug"`) || strings.Contains(body, "needs") || strings.Contains(body, "lib\"") {
		t.Error("metrics name a survey or a link, or no route")
	}
}

func TestNothingOfARequestIsLogged(t *testing.T) {
	s := newSite(t)
	s.walk("uk")
	if log := s.log.String(); log != "" {
		t.Errorf("ordinary requests leave lines in the log: %s", log)
	}
}

func TestTemplatesEscapeTheSurveysWords(t *testing.T) {
	names, err := filepath.Glob("templates/resident/*.html")
	must(t, err)
	for _, name := range names {
		data, err := os.ReadFile(name)
		must(t, err)
		if strings.Contains(string(data), "safe") {
			t.Errorf("%s marks something as safe", name)
		}
	}
}
