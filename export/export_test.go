package export

import (
	"bytes"
	"os"
	"testing"

	"opengate/survey"
)

func makeBook(t *testing.T, lang survey.Lang) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Workbook(&out, fixtureDiagnosis(), fixtureForm(), lang, Options{TmpDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWorkbookHoldsWhatTheReleaseHolds(t *testing.T) {
	for _, lang := range []survey.Lang{"en", "ar"} {
		t.Run(string(lang), func(t *testing.T) {
			book := makeBook(t, lang)
			golden(t, "workbook."+string(lang), dump(t, book))
			if dir := os.Getenv("OPENGATE_KEEP"); dir != "" {
				os.WriteFile(dir+"/"+string(lang)+".xlsx", book, 0o600)
			}
		})
	}
}
