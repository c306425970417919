package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"opengate/server/intake"
	"opengate/server/store"
	"opengate/survey"
)

// full is a store whose disk is full: nothing can be written.
type full struct{ Intake }

func (full) Save(context.Context, *intake.Draft) error {
	return fmt.Errorf("save: %w", store.ErrFull)
}

func (full) Accept(context.Context, intake.Door, survey.Response) (string, bool, error) {
	return "", false, fmt.Errorf("store: %w", store.ErrFull)
}

func TestAFullDiskLosesNothingThatWasTyped(t *testing.T) {
	s, page := opened(t, "uk")
	s.build(full{s.intake})
	s.press(page, "next", "q:age", "44").want(http.StatusServiceUnavailable).
		has("html[lang=uk]", "form input[type=hidden][name='q:age'][value='44']", "form button")
	if !strings.Contains(s.log.String(), "no space left") {
		t.Error("the log does not tell the operator why")
	}
	s.build(s.intake)
	s.press(page, "next", "q:age", "44").want(http.StatusOK).has("[name='q:region']")
}

func TestAFullDiskIsNoReceiptForAProgram(t *testing.T) {
	s := newSite(t)
	request := body(intake.NewID(), "")
	s.build(full{s.intake})
	if refused := s.send("needs", request).want(http.StatusServiceUnavailable); strings.Contains(refused.body, "receipt") {
		t.Errorf("a receipt for what was not stored: %s", refused.body)
	}
	s.build(s.intake)
	s.send("needs", request).want(http.StatusCreated)
}
