package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"opengate/survey"
)

func TestARevokedLinkDoesNotCallAnOpenSurveyClosed(t *testing.T) {
	s := newSite(t)
	page := s.get("/uk/l/old").want(http.StatusGone).has("html[lang=uk]", "a.button[href='/uk/s/needs']")
	if title := page.text("h1"); strings.Contains(title, "закрито") || !strings.Contains(title, "адреса") {
		t.Errorf("says %q", title)
	}
	s.get("/l/old", "Accept-Language", "ar").want(http.StatusGone).has("a.button[href='/ar/s/needs']")
	s.setStatus("needs", survey.StatusClosed)
	closed := s.get("/uk/l/old").want(http.StatusGone).has("!a[href='/uk/s/needs']")
	if title := closed.text("h1"); !strings.Contains(title, "закрито") {
		t.Errorf("says %q", title)
	}
}

func TestAnErrorSpeaksTheLanguageOfItsAddressFirst(t *testing.T) {
	s := newSite(t)
	for _, row := range []struct{ method, path, accept, want string }{
		{http.MethodPut, "/uk/s/needs", "", "uk"},
		{http.MethodPut, "/uk/s/needs", "ar", "uk"},
		{http.MethodGet, "/uk/no/such/page", "ar", "uk"},
		{http.MethodGet, "/nope", "uk", "uk"},
		{http.MethodGet, "/no/such/page", "uk", "uk"},
		{http.MethodGet, "/xx/s/needs", "uk", "uk"},
		{http.MethodGet, "/xx/s/needs", "", "pl"}, // the form's own language
	} {
		r, err := http.NewRequestWithContext(t.Context(), row.method, row.path, nil)
		must(t, err)
		r.Header.Set("Accept-Language", row.accept)
		if got := attr(s.do(r).all("html")[0], "lang"); got != row.want {
			t.Errorf("%+v: %q", row, got)
		}
	}
}

func TestTheChooserIsInTheFormsLanguageWhereNothingElseIsKnown(t *testing.T) {
	s := newSite(t)
	s.publish("all", everythingForm(t), survey.StatusOpen) // its language is English
	for _, path := range []string{"/s/all", "/xx/s/all"} {
		s.get(path).want(http.StatusOK).has("html[lang=en]", "!form")
	}
	s.get("/xx/s/all", "Accept-Language", "uk").want(http.StatusOK).has("html[lang=uk]", "!form")
}

func TestTheStartAndTheEarlyEndCountTheSameQuestions(t *testing.T) {
	s := newSite(t)
	intro := s.get("/en/s/needs").want(http.StatusOK)
	told := regexp.MustCompile(`[Aa]bout (\d+) questions`).FindStringSubmatch(intro.text("main"))
	page := s.begin("/en/s/needs")
	early := s.press(page, "partial", "q:home", "mostly").want(http.StatusOK)
	counts := regexp.MustCompile(`(\d+) of (\d+)`).FindStringSubmatch(early.text("main"))
	if len(told) != 2 || len(counts) != 3 || counts[1] != "1" || counts[2] != told[1] {
		t.Errorf("the start tells %v, the early end %v", told, counts)
	}
}
