package app_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"opengate/server/app"
	"opengate/server/store/mongotest"
	"opengate/survey"
	"opengate/survey/diagnosis"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

// onBothEngines runs a test on the embedded database and on a real MongoDB.
func onBothEngines(t *testing.T, test func(t *testing.T, s app.Storage)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { test(t, app.Storage{Data: t.TempDir()}) })
	t.Run("MongoDB", func(t *testing.T) {
		test(t, app.Storage{Data: t.TempDir(), MongoDB: mongotest.Start(t).URI})
	})
}

// demonstration opens the demonstration survey with its made-up answers and first release.
func demonstration(t *testing.T, s app.Storage) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), s, app.Options{Now: time.Now, Settle: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	if err := a.Demo(t.Context(), &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestFiguresMoveAsTheRefreshRuleSays: nine more answers change nothing that is published, the tenth refreshes the
// rows of its groups, and withdrawals count as changes too.
func TestFiguresMoveAsTheRefreshRuleSays(t *testing.T) { onBothEngines(t, figuresMove) }

func figuresMove(t *testing.T, s app.Storage) {
	t.Helper()
	a := demonstration(t, s)
	first := figures(t, a)
	group := "gender/man"
	if first.rows[group].Refreshed != 1 {
		t.Fatalf("the first release has no row %s: %+v", group, first.rows)
	}
	receipts := answerAs(t, a, 9)
	next(t, a)
	second := figures(t, a)
	if second.rows[group].Refreshed != 1 || !maps.Equal(first.cells[group], second.cells[group]) {
		t.Error("nine answers moved the figures of their group")
	}
	receipts = append(receipts, answerAs(t, a, 1)...)
	third := next(t, a)
	if got := figures(t, a).rows[group].Refreshed; got != third {
		t.Errorf("after ten answers the row is as of release %d, not %d", got, third)
	}
	for _, r := range receipts {
		if _, err := a.Intake.Withdraw(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	fourth := next(t, a)
	back := figures(t, a)
	if got := back.rows[group].Refreshed; got != fourth {
		t.Errorf("after ten withdrawals the row is as of release %d, not %d", got, fourth)
	}
	if !maps.Equal(first.cells[group], back.cells[group]) {
		t.Error("with the same people as before, the group has other figures than before")
	}
}

func TestSurveyWithoutReleaseSaysSo(t *testing.T) {
	a, err := app.Open(t.Context(), app.Storage{Data: t.TempDir()}, app.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, _, err := a.Release.Diagnosis(t.Context(), "nothing", 0); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("unknown survey: %v", err)
	}
}

type published struct {
	rows  map[string]diagnosis.Row
	cells map[string]map[string]int // by row, then indicator
}

func figures(t *testing.T, a *app.App) published {
	t.Helper()
	d, _, err := a.Release.Diagnosis(t.Context(), app.DemoSlug, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := published{map[string]diagnosis.Row{}, map[string]map[string]int{}}
	for _, r := range d.Rows {
		p.rows[r.Category] = r
		p.cells[r.Category] = map[string]int{}
	}
	for _, c := range d.Cells {
		p.cells[c.Category][c.Indicator] = c.Count*1_000_000 + c.Base
	}
	return p
}

func next(t *testing.T, a *app.App) int {
	t.Helper()
	time.Sleep(600 * time.Millisecond) // longer than a survey that was read is believed
	res, err := a.Release.Make(t.Context(), app.DemoSlug, nil)
	if err != nil {
		t.Fatal(err)
	}
	return res.Number
}

// answerAs sends n answers of men in need of housing and gives their receipts.
func answerAs(t *testing.T, a *app.App, n int) []string {
	t.Helper()
	var receipts []string
	for range n {
		time.Sleep(time.Millisecond)
		door, err := a.Intake.Door(context.WithoutCancel(t.Context()), app.DemoSlug, "")
		if err != nil {
			t.Fatal(err)
		}
		d, err := a.Intake.Begin(t.Context(), door, "uk")
		if err != nil {
			t.Fatal(err)
		}
		for id, code := range map[string]string{"consent": "yes", "screen": "yes", "home": "not", "gender": "man"} {
			q := door.Form.Question(id)
			if q == nil {
				t.Fatalf("the demonstration has no question %s", id)
			}
			d.Answers[id], _ = survey.ParseAnswer(q, []string{code})
		}
		receipt, err := a.Intake.Submit(t.Context(), door, d, true)
		if err != nil {
			t.Fatal(err)
		}
		receipts = append(receipts, receipt)
	}
	return receipts
}
