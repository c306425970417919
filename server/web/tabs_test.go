package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"opengate/server/intake"
	"opengate/survey"
)

func TestTwoTabsOnDifferentPagesDoNotEatEachOthersAnswers(t *testing.T) {
	s, first := opened(t, "en")
	second := s.press(first, "next", "q:age", "30").want(http.StatusOK)
	s.press(first, "stay", "q:nick", "One").want(http.StatusOK) // the first tab is still on the first page
	second = s.press(second, "stay", "q:story", "Two").want(http.StatusOK)
	s.finish(s.press(second, "review"))
	r := s.responses("all")[0]
	if r.Answers["nick"].Text != "One" || r.Answers["story"].Text != "Two" || r.Answers["age"].Text != "30" {
		t.Errorf("stored %+v", r.Answers)
	}
}

func TestAnOldTabsBlanksDoNotEatWhatAnotherTabSaved(t *testing.T) {
	for _, button := range []string{"stay", "lang", "back", "code", "partial", "next"} {
		t.Run(button, func(t *testing.T) {
			s, old := opened(t, "en")
			s.press(old, "next", "q:age", "30", "q:nick", "One", "q:kids", "no").want(http.StatusOK)
			shown := s.press(old, button)
			if button == "next" {
				shown.want(http.StatusConflict).has("[role=status].notice")
			}
			if button == "partial" {
				shown = s.press(shown.want(http.StatusOK), "stay")
			}
			shown.has("input[name='q:age'][value='30']", "input[name='q:nick'][value=One]", "input[name='q:kids'][value=no][checked]")
			s.finish(s.press(shown, "next").want(http.StatusOK))
			r := s.responses("all")[0]
			if r.Answers["age"].Text != "30" || r.Answers["nick"].Text != "One" || r.Answers["kids"].Text != "no" {
				t.Errorf("stored %+v", r.Answers)
			}
		})
	}
}

func TestAnOldTabsOtherAnswersArePutBesideTheSavedOnesAndTheNextPressDecides(t *testing.T) {
	for _, button := range []string{"next", "stay", "back", "review", "partial", "lang", "send", "submit"} {
		t.Run(button, func(t *testing.T) {
			s, old := opened(t, "en")
			s.press(old, "next", "q:age", "30", "q:kids", "no", "q:nick", "One").want(http.StatusOK)
			asked := s.press(old, button, "q:age", "31", "q:kids", "yes", "q:share", "2").want(http.StatusConflict)
			asked.has("[role=status].notice", "#errors a", "input[name='q:age'][value='31']", "input[name='q:kids'][value=yes][checked]",
				"input[name='q:nick'][value=One]", "input[name='q:share'][value='2']", "input[name='q:many']:not([disabled])")
			if text := asked.text("main"); !strings.Contains(text, "Saved since: 30.") || !strings.Contains(text, "Saved since: No.") {
				t.Errorf("the saved answers are not shown: %s", text)
			}
			token := attr(asked.all("input[name=token]")[0], "value")
			if d, err := s.intake.Load(t.Context(), token); err != nil || d.Answers["age"].Text != "30" || d.Answers["share"].Text != "2" {
				t.Errorf("before the decision: %+v, %v", d.Answers, err)
			}
			s.finish(s.press(asked, "next", "q:nick", "").want(http.StatusOK)) // from the new copy a blank is a blank
			r := s.responses("all")[0]
			if r.Answers["age"].Text != "31" || r.Answers["kids"].Text != "yes" || r.Answers["nick"].Text != "" {
				t.Errorf("stored %+v", r.Answers)
			}
		})
	}
}

func TestGoingBackAndOnWithoutAChangeAsksNothing(t *testing.T) {
	s, page := opened(t, "en")
	s.press(page, "next", "q:age", "30", "q:nick", "One").want(http.StatusOK)
	s.press(page, "next", "q:age", "30", "q:nick", "One").want(http.StatusOK).has("[name='q:region']", "!.notice") // Back in the browser, or a second click
}

// outrun is a store in which another tab is always faster.
type outrun struct{ Intake }

func (outrun) Save(context.Context, *intake.Draft) error { return survey.ErrConflict }

func TestASaveThatLosesEveryRaceKeepsWhatWasTyped(t *testing.T) {
	s, page := opened(t, "en")
	s.build(outrun{s.intake})
	lost := s.press(page, "next", "q:age", "44", "q:nick", "Zed").want(http.StatusConflict)
	lost.has("form input[type=hidden][name='q:age'][value='44']", "form button")
	if strings.Contains(lost.text("main"), "reload") {
		t.Errorf("the page tells the person to throw the answers away: %s", lost.text("main"))
	}
	s.build(s.intake)
	v := url.Values{}
	for _, n := range lost.all("form input") {
		v.Add(attr(n, "name"), attr(n, "value"))
	}
	s.post("/en/s/all", v).want(http.StatusOK).has("[name='q:region']")
}

// sentMeanwhile is a store in which another tab sends the answers between loading and saving.
type sentMeanwhile struct{ Intake }

func (sentMeanwhile) Save(context.Context, *intake.Draft) error { return survey.ErrNotFound }

func TestAnswersSentFromAnotherTabInTheSameMomentAreNoMissingPage(t *testing.T) {
	s, page := opened(t, "en")
	s.build(sentMeanwhile{s.intake})
	s.press(page, "next", "q:age", "44").want(http.StatusGone).has("a[href='/en/s/all']")
}
