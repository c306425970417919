package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"opengate/survey"
)

const lynx = "Lynx/2.9.0 libwww-FM/2.14"

// lynxFields are what Lynx would send of a page nobody has changed: of radios without a chosen one, the first.
func (r *reply) lynxFields() url.Values {
	v := r.fields()
	for _, n := range r.all("form#form input[type=radio]") {
		if name := attr(n, "name"); !v.Has(name) && !hasAttr(n, "disabled") && !inDisabled(n) {
			v.Set(name, attr(n, "value"))
		}
	}
	return v
}

func (s *site) lynx(r *reply, do string, set ...string) *reply {
	s.t.Helper()
	v := r.lynxFields()
	for i := 0; i+1 < len(set); i += 2 {
		v.Set(set[i], set[i+1])
	}
	v.Set("do", do)
	q := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, r.action(), strings.NewReader(v.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("User-Agent", lynx)
	return s.do(q)
}

func TestABrowserThatChoosesTheFirstAnswerByItselfAnswersNothing(t *testing.T) {
	s := newSite(t)
	intro := s.get("/en/s/needs", "User-Agent", lynx).want(http.StatusOK)
	s.lynx(intro, "start").want(http.StatusUnprocessableEntity) // nobody has agreed yet
	page := s.lynx(intro, "start", "q:consent", "yes", "q:screen", "yes").want(http.StatusOK).has("input[name='q:home'][value='']")
	page = s.lynx(page, "next", "q:home", "mostly").want(http.StatusOK)
	for i := 0; len(page.all("button[value=submit]")) == 0 && i < 40; i++ {
		page = s.lynx(page, "next").want(http.StatusOK)
	}
	s.lynx(page, "submit").want(http.StatusOK).has("#receipt")
	for key, val := range s.responses("needs")[0].Answers {
		if q := s.form("needs").Question(key); q.Asks() && val.State == survey.Answered && key != "home" && key != "consent" && key != "screen" {
			t.Errorf("%s is %q, which nobody chose", key, val.Text)
		}
	}
}

func TestOtherBrowsersAreNotShownAChoiceOfNoAnswer(t *testing.T) {
	s := newSite(t)
	for _, page := range []*reply{s.get("/en/s/needs"), s.begin("/en/s/needs")} {
		for _, n := range page.all("input[type=radio]") {
			if attr(n, "value") == "" || isChecked(n) {
				t.Errorf("%s: a radio without value, or chosen before anybody answered", attr(n, "name"))
			}
		}
	}
}

func isChecked(n *html.Node) bool { return hasAttr(n, "checked") }
