package forms_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"opengate/server/forms"
	"opengate/server/store"
	"opengate/server/store/sqlite"
	"opengate/survey"
)

// workbook is a form of one question.
func workbook(t *testing.T, question string) []byte {
	t.Helper()
	f := excelize.NewFile()
	for cell, text := range map[string]string{"A1": "type", "B1": "name", "C1": "label", "A2": "text", "B2": question, "C2": question} {
		if err := f.SetCellStr("Sheet1", cell, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetSheetName("Sheet1", "survey"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSurveyErasedAndPublishedAgainIsNotMistaken(t *testing.T) {
	engine, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), engine, store.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	library := forms.New(st, func() time.Time { return now })
	publish := func(question string) {
		v := store.FormVersion{Slug: "needs", Version: 1, Workbook: workbook(t, question)}
		if err := st.AddSurvey(t.Context(), store.Survey{Slug: "needs", Status: survey.StatusOpen, Version: 1, Wave: "1"}); err != nil {
			t.Fatal(err)
		}
		if err := st.AddVersion(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	asks := func(question string) {
		t.Helper()
		f, err := library.Form(t.Context(), "needs", 1)
		if err != nil {
			t.Fatal(err)
		}
		if f.Question(question) == nil || f.Slug != "needs" || f.Version != 1 {
			t.Errorf("the form does not ask %q", question)
		}
	}
	publish("first")
	asks("first")
	if err := st.EraseSurvey(t.Context(), "needs"); err != nil {
		t.Fatal(err)
	}
	publish("second")
	now = now.Add(time.Second)
	asks("second")
}
