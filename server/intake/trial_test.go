package intake_test

import (
	"errors"
	"testing"
	"time"

	. "opengate/server/intake"
	"opengate/survey"
)

func TestAnAnswerBegunInATrialIsNotTakenAsARealOne(t *testing.T) {
	r := open(t)
	ctx := t.Context()
	set := func(status survey.Status) {
		t.Helper()
		sv, err := r.store.Survey(ctx, r.slug)
		if err != nil {
			t.Fatal(err)
		}
		sv.Status = status
		if err := r.store.UpdateSurvey(ctx, sv); err != nil {
			t.Fatal(err)
		}
		r.clock.turn(time.Minute)
	}
	set(survey.StatusTest)
	_, d := r.begin(t, survey.Answers{"age": {State: survey.Answered, Text: "30"}})
	if _, err := r.DraftDoor(ctx, d); err != nil {
		t.Fatalf("during the trial: %v", err)
	}
	set(survey.StatusOpen)
	door, err := r.DraftDoor(ctx, d)
	if !errors.Is(err, ErrTrialOver) || door.Form == nil {
		t.Errorf("after opening: %v, form %v", err, door.Form)
	}
	if _, err := r.Submit(ctx, door, d, true); !errors.Is(err, ErrTrialOver) {
		t.Errorf("sent after opening: %v", err)
	}
	if _, fresh := r.begin(t, nil); fresh.Test {
		t.Error("a new answer is still a trial's")
	}
}
