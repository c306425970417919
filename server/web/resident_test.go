package web

import (
	"net/http"
	"testing"

	"opengate/survey"
)

// begin goes through the first page of the demonstration survey.
func (s *site) begin(path string) *reply {
	s.t.Helper()
	intro := s.get(path).want(http.StatusOK)
	return s.press(intro, "start", "q:consent", "yes", "q:screen", "yes").want(http.StatusOK)
}

func TestAResidentAnswersSendsAndWithdraws(t *testing.T) {
	s := newSite(t)
	page := s.begin("/uk/s/needs").has("input[name=token]", "input[name='q:home']", "a.exit", "button[value=next]", "!.code")
	page = s.press(page, "next", "q:home", "mostly").want(http.StatusOK).has(".code", "button[value=back]")
	for range 30 {
		if len(page.all("button[value=submit]")) > 0 {
			break
		}
		page = s.press(page, "next").want(http.StatusOK)
	}
	page.has("button[value=submit]", "dl.answers")
	receipt := s.press(page, "submit").want(http.StatusOK).has(".code", "!input[name=token]")
	if receipt.header.Get("Cache-Control") != "no-store" {
		t.Errorf("receipt: Cache-Control %q", receipt.header.Get("Cache-Control"))
	}
	code := receipt.text("#receipt")
	if again := s.press(page, "submit").want(http.StatusOK).text("#receipt"); again != code {
		t.Errorf("second click: receipt %q, want %q", again, code)
	}
	stored := s.responses("needs")
	if len(stored) != 1 {
		t.Fatalf("%d responses stored", len(stored))
	}
	r := stored[0]
	if r.Language != "uk" || !r.Complete || r.Mode != survey.ModeSelf || r.Answers["home"].Text != "mostly" || r.Day != "2026-03-15" {
		t.Errorf("stored %+v", r)
	}
	done := s.press(s.get("/uk/withdraw"), "", "receipt", code).want(http.StatusOK)
	if done.text("h1") != "Відповіді видалено" || len(s.responses("needs")) != 0 {
		t.Errorf("withdrawn: %q, %d left", done.text("h1"), len(s.responses("needs")))
	}
	s.press(page, "submit").want(http.StatusGone)
}
