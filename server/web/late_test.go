package web

import (
	"net/http"
	"strings"
	"testing"

	"opengate/survey"
)

func TestASurveyThatClosesWhileSomebodyAnswersKeepsWhatWasTyped(t *testing.T) {
	for _, button := range []string{"next", "submit", "back"} {
		t.Run(button, func(t *testing.T) {
			s, page := opened(t, "en")
			s.setStatus("all", survey.StatusClosed)
			kept := s.press(page, button, "q:age", "44", "q:nick", "Zed").want(http.StatusGone)
			kept.has("input[name=token]", "#code", "button[value=stay]", "h1")
			if text := kept.text("main"); !strings.Contains(text, "14 days") || !strings.Contains(text, "not sent") {
				t.Errorf("says %s", text)
			}
			s.press(kept, "stay").want(http.StatusGone).has("#code")
			if len(s.responses("all")) != 0 {
				t.Error("a closed survey took an answer")
			}
			s.setStatus("all", survey.StatusOpen)
			again := s.press(kept, "stay").want(http.StatusOK)
			again.has("input[name='q:age'][value='44']", "input[name='q:nick'][value=Zed]")
			resumed := s.press(s.get("/en/resume"), "", "code", kept.text("#code")).want(http.StatusOK)
			s.finish(resumed)
			if r := s.responses("all"); len(r) != 1 || r[0].Answers["age"].Text != "44" {
				t.Errorf("stored %+v", r)
			}
		})
	}
}

func TestAClosedSurveyNamesWhomToAsk(t *testing.T) {
	s := newSite(t)
	page := s.begin("/uk/s/needs")
	s.setStatus("needs", survey.StatusClosed)
	kept := s.press(page, "next", "q:home", "mostly").want(http.StatusGone)
	kept.has("html[lang=uk]", "dl dd", "aside.support")
	if contact := s.form("needs").Plan.Settings.Contact; contact == "" || !strings.Contains(kept.text("dl"), contact) {
		t.Errorf("contact %q is not in %s", contact, kept.text("dl"))
	}
	code := kept.text("#code")
	s.press(s.get("/en/resume"), "", "code", code).want(http.StatusGone).has("html[lang=uk]", "#code")
}

func TestAKioskShowsNoCodeWhenTheSurveyCloses(t *testing.T) {
	s := newSite(t)
	page := s.begin("/pl/l/kio")
	s.setStatus("needs", survey.StatusClosed)
	kept := s.press(page, "next", "q:home", "mostly").want(http.StatusGone).has("!#code")
	if kept.header.Get("Cache-Control") != "no-store" {
		t.Error("a kiosk keeps the page")
	}
}

func TestATrialsAnswerIsNotTakenAfterOpening(t *testing.T) {
	s := newSite(t)
	s.publish("trial", everythingForm(t), survey.StatusTest)
	page := s.press(s.get("/en/s/trial"), "start", "consent", "yes").want(http.StatusOK)
	page = s.press(page, "next", "q:age", "3").want(http.StatusOK)
	s.setStatus("trial", survey.StatusOpen)
	for _, button := range []string{"next", "submit", "send"} {
		over := s.press(page, button).want(http.StatusGone).has("a.button[href='/en/s/trial']", "!input[name=token]", "!.banner")
		if !strings.Contains(over.text("main"), "start again") {
			t.Errorf("%s: %s", button, over.text("main"))
		}
	}
	if r := s.responses("trial"); len(r) != 0 {
		t.Errorf("a trial's answer is stored as a real one: %+v", r)
	}
	s.finish(s.press(s.press(s.get("/en/s/trial"), "start", "consent", "yes"), "next", "q:age", "3"))
	if r := s.responses("trial"); len(r) != 1 || r[0].Test {
		t.Errorf("after starting again: %+v", r)
	}
}
