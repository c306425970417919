package web

import (
	"net/http"
	"strings"
	"testing"
)

// check goes on to the page where everything is shown before it is sent.
func (s *site) check(page *reply) *reply {
	s.t.Helper()
	for i := 0; len(page.all("button[value=submit]")) == 0 && i < 40; i++ {
		page = s.press(page, "next").want(http.StatusOK)
	}
	return page
}

func TestWithoutScriptsNothingOfThemIsOnThePage(t *testing.T) {
	s := newSite(t)
	intro := s.get("/en/s/needs")
	page := s.press(s.begin("/en/s/needs"), "next").want(http.StatusOK).has("#code", "#keep-here[data-label]")
	receipt := s.finish(page)
	for name, r := range map[string]*reply{"intro": intro, "page": page, "receipt": receipt} {
		body := r.text("body")
		for _, words := range []string{"remembered on this phone", "Forget it", "my own phone", "Copy", "Print"} {
			if strings.Contains(strings.ReplaceAll(body, "Please copy, print", ""), words) {
				t.Errorf("%s says %q, which only a script can do", name, words)
			}
		}
		r.has("!button[type=button]", "!template")
	}
	intro.has("#kept[data-text]")
}

func TestBackAfterSendingWithoutScriptsShowsNoAnswers(t *testing.T) {
	s, page := opened(t, "en")
	plain := s.check(s.press(page, "next", "q:age", "30").want(http.StatusOK))
	if got := plain.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("without scripts: Cache-Control %q", got)
	}
	v := plain.fields()
	v.Set("do", "stay")
	v.Set("scripts", "1") // what the page's script adds: it hides the answers itself, and Back works while one answers
	scripted := s.post(plain.action(), v).want(http.StatusOK).has("button[value=submit]")
	if got := scripted.header.Get("Cache-Control"); got == "no-store" {
		t.Error("with scripts Back does not work while one answers")
	}
	scripted.has("input[name=token][data-sent-title][data-sent-text]")
	receipt := s.press(scripted, "submit").want(http.StatusOK)
	token := attr(scripted.all("input[name=token]")[0], "value")
	if got := attr(receipt.all("main")[0], "data-token"); got != token {
		t.Errorf("the receipt marks %q as sent, want %q", got, token)
	}
}

func TestSendingAgainAfterAnEarlyEndDoesNotSayThatAllArrived(t *testing.T) {
	s, page := opened(t, "en")
	early := s.press(s.press(page, "partial", "q:nick", "Zed").want(http.StatusOK), "send").want(http.StatusOK)
	for _, button := range []string{"send", "submit", "next"} {
		again := s.press(page, button, "q:nick", "Zed").want(http.StatusOK)
		if again.text("#receipt") != early.text("#receipt") || strings.Contains(again.text("main"), "All of your answers") {
			t.Errorf("%s: %s", button, again.text("main"))
		}
	}
}

func TestTheCheckOffersOneWayToSend(t *testing.T) {
	s, page := opened(t, "en")
	page.has("button[value=partial]")
	check := s.check(s.press(page, "next", "q:age", "30").want(http.StatusOK)).has("!button[value=partial]")
	if n := len(check.all("button[value=submit]")); n != 2 {
		t.Errorf("%d buttons to send", n)
	}
}

func TestAnotherCodeSaysThatEarlierOnesStayValid(t *testing.T) {
	s, page := opened(t, "en")
	first := s.press(page, "code").want(http.StatusOK)
	second := s.press(first, "code").want(http.StatusOK)
	if first.text("#code") == second.text("#code") || !strings.Contains(second.text("main"), "earlier") {
		t.Errorf("says %s", second.text("main section"))
	}
}

func TestACodeOfTheWrongLengthIsToldSo(t *testing.T) {
	s := newSite(t)
	for _, row := range []struct{ page, field, typed, want string }{
		{"resume", "code", "abc", "16 digits are needed"},
		{"resume", "code", "1234 5678 9012", "16 digits are needed"},
		{"resume", "code", "١٢٣٤ ٥٦٧٨ ٩٠١٢ ٣٤٥٦", "no begun survey"},
		{"resume", "code", "1234-5678-9012-3456", "no begun survey"},
		{"withdraw", "receipt", "7KQ2-7KQ2", "28 letters and digits are needed"},
		{"withdraw", "receipt", "7kq2 7kq2 7kq2 7kq2 7kq2 7kq2 7kq2", "no answers with this code"},
	} {
		r := s.press(s.get("/en/"+row.page), "", row.field, row.typed).want(http.StatusUnprocessableEntity)
		if got := r.text("#errors"); !strings.Contains(got, row.want) {
			t.Errorf("%+v: %s", row, got)
		}
	}
}

func TestWithoutScriptsANewQuestionIsWhereThePersonLands(t *testing.T) {
	s, page := opened(t, "en")
	page.has("!main [autofocus]")
	shown := s.press(page, "next", "q:age", "30", "q:kids", "yes").want(http.StatusOK).has("input[name='q:many'][autofocus]")
	link := shown.all(".notice a")
	if len(link) != 1 || attr(link[0], "href") != "#"+attr(shown.all("input[name='q:many']")[0], "id") {
		t.Errorf("the notice does not lead to the new question: %s", shown.text(".notice"))
	}
	two := s.press(shown, "next").want(http.StatusOK).has("!main [autofocus]")
	listed := s.press(two, "list", "q:region", "n").want(http.StatusOK).has("fieldset[autofocus][tabindex='-1'] input[name='q:town']")
	if n := len(listed.all("main [autofocus]")); n != 1 {
		t.Errorf("%d things want the focus", n)
	}
}
