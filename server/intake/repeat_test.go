package intake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	. "opengate/server/intake"
	"opengate/server/store"
	"opengate/survey"
)

// dated opens a second survey, whose form looks at the day in every way that a form can.
func dated(t *testing.T) room {
	t.Helper()
	r := open(t)
	r.slug = "dated"
	book := xlsx(t, map[string][]string{
		"survey": {
			"type|name|label::Polski (pl)|relevant|constraint|calculation",
			"today|today||||",
			"calculate|year||||format-date(today(), '%Y-%m-%d')",
			"begin_group|a|A|||",
			"integer|age|Wiek|||",
			"text|shown|Dziś||| today()",
			"text|soon|Wkrótce|today() < date('2026-03-04')||",
			"date|from|Od kiedy||. >= today()|",
			"end_group|||||",
		},
		"og_settings": {"key|value", "timezone|Europe/Warsaw"},
	})
	if err := r.store.AddVersion(t.Context(), store.FormVersion{Slug: r.slug, Version: 1, Workbook: book, Day: "2026-03-01"}); err != nil {
		t.Fatal(err)
	}
	if err := r.store.AddSurvey(t.Context(), store.Survey{Slug: r.slug, Status: survey.StatusOpen, Version: 1, Wave: "1"}); err != nil {
		t.Fatal(err)
	}
	return r
}

func answer(text string) survey.Value { return survey.Value{State: survey.Answered, Text: text} }

func (r room) openAddress(t *testing.T) Door {
	t.Helper()
	door, err := r.Door(t.Context(), r.slug, "")
	if err != nil {
		t.Fatal(err)
	}
	return door
}

// shut closes the survey and gives the door as a visitor finds it then.
func (r room) shut(t *testing.T) Door {
	t.Helper()
	sv, err := r.store.Survey(t.Context(), r.slug)
	if err != nil {
		t.Fatal(err)
	}
	sv.Status = survey.StatusClosed
	if err := r.store.UpdateSurvey(t.Context(), sv); err != nil {
		t.Fatal(err)
	}
	r.clock.turn(time.Minute)
	door, err := r.Door(t.Context(), r.slug, "")
	if !errors.Is(err, survey.ErrClosed) {
		t.Fatalf("the survey is not closed: %v", err)
	}
	return door
}

func TestTheSameAnswersADayLaterGetTheSameReceipt(t *testing.T) {
	r, ctx := dated(t), t.Context()
	given := survey.Answers{"age": answer("40"), "from": answer("2026-03-03"), "soon": answer("yes")}
	sent := survey.Response{ID: NewID(), Version: 1, Language: "pl", Answers: given}
	receipt, created, err := r.Accept(ctx, r.openAddress(t), sent)
	if err != nil || !created {
		t.Fatal(created, err)
	}
	d, err := r.Begin(ctx, r.openAddress(t), "pl")
	if err != nil {
		t.Fatal(err)
	}
	d.Answers["age"] = answer("41")
	early, err := r.Submit(ctx, r.openAddress(t), d, true)
	if err != nil {
		t.Fatal(err)
	}
	r.clock.turn(24 * time.Hour)
	again, created, err := r.Accept(ctx, r.openAddress(t), sent)
	if err != nil || created || again != receipt {
		t.Errorf("the same a day later: %q, created %v, %v", again, created, err)
	}
	if again, err := r.Submit(ctx, r.openAddress(t), d, true); err != nil || again != early {
		t.Errorf("the same draft a day later: %q, %v", again, err)
	}
	stored, err := r.store.Response(ctx, sent.ID)
	if err != nil || stored.Answers["today"].Text != "2026-03-03" || stored.Answers["year"].Text != "2026-03-03" || stored.Answers["shown"].Text != "2026-03-03" {
		t.Errorf("stored %+v, %v", stored, err)
	}
	sent.Answers = survey.Answers{"age": answer("40")}
	if _, _, err := r.Accept(ctx, r.openAddress(t), sent); !errors.Is(err, survey.ErrDuplicate) {
		t.Errorf("fewer answers: %v", err)
	}
	sent.Answers = survey.Answers{"age": answer("40"), "from": answer("2026-03-02")}
	var invalid *survey.InvalidError
	if _, _, err := r.Accept(ctx, r.openAddress(t), sent); !errors.As(err, &invalid) {
		t.Errorf("other answers, which are not allowed: %v", err)
	}
}

func TestARepeatAfterClosingGetsTheReceipt(t *testing.T) {
	r, ctx := dated(t), t.Context()
	sent := survey.Response{ID: NewID(), Version: 1, Language: "pl", Answers: survey.Answers{"age": answer("40")}}
	receipt, _, err := r.Accept(ctx, r.openAddress(t), sent)
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.Begin(ctx, r.openAddress(t), "pl")
	if err != nil {
		t.Fatal(err)
	}
	fromDraft, err := r.Submit(ctx, r.openAddress(t), d, true)
	if err != nil {
		t.Fatal(err)
	}
	late, err := r.Begin(ctx, r.openAddress(t), "pl")
	if err != nil {
		t.Fatal(err)
	}
	r.clock.turn(24 * time.Hour)
	door := r.shut(t)
	if again, created, err := r.Accept(ctx, door, sent); err != nil || created || again != receipt {
		t.Errorf("the same: %q, created %v, %v", again, created, err)
	}
	if again, err := r.Submit(ctx, door, d, true); err != nil || again != fromDraft {
		t.Errorf("the same draft: %q, %v", again, err)
	}
	if _, err := r.Submit(ctx, door, late, true); !errors.Is(err, survey.ErrClosed) {
		t.Errorf("another draft: %v", err)
	}
	other, fresh := sent, sent
	other.Answers, fresh.ID = survey.Answers{"age": answer("41")}, NewID()
	for name, refused := range map[string]survey.Response{"other answers": other, "a new response": fresh} {
		if _, _, err := r.Accept(ctx, door, refused); !errors.Is(err, survey.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, id := range []string{fresh.ID, late.ResponseID} {
		if _, err := r.store.Response(ctx, id); !errors.Is(err, survey.ErrNotFound) {
			t.Errorf("a closed survey took an answer: %v", err)
		}
	}
	if _, err := r.Withdraw(ctx, receipt); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.Accept(ctx, door, sent); !errors.Is(err, survey.ErrClosed) {
		t.Errorf("a withdrawn response: %v", err)
	}
}

func TestImportingAgainADayLaterAddsNothing(t *testing.T) {
	r, ctx := dated(t), t.Context()
	const file = "_uuid,age,from\nu1,40,2026-03-01\nu2,old,\n"
	if rep, err := r.Import(ctx, r.slug, "a.csv", strings.NewReader(file), ImportOptions{}); err != nil || rep.Imported != 2 {
		t.Fatalf("%+v, %v", rep, err)
	}
	r.clock.turn(24 * time.Hour)
	rep, err := r.Import(ctx, r.slug, "a.csv", strings.NewReader(file), ImportOptions{})
	if err != nil || rep.Duplicates != 2 || len(rep.Rejected) != 0 {
		t.Errorf("%+v, %v", rep, err)
	}
	mended := strings.Replace(file, "old", "50", 1)
	if rep, err = r.Import(ctx, r.slug, "a.csv", strings.NewReader(mended), ImportOptions{}); err != nil || rep.Duplicates != 1 || len(rep.Rejected) != 1 {
		t.Errorf("another answer under the same identity: %+v, %v", rep, err)
	}
}
