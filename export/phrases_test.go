package export

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"opengate/survey"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestEveryLanguageHasEveryText(t *testing.T) {
	want := []survey.Lang{"ar", "en", "pl", "ru", "uk"}
	if got := Languages(); !slices.Equal(got, want) {
		t.Fatalf("languages %v, want %v", got, want)
	}
	english := catalogues()["en"]
	for _, lang := range Languages() {
		texts := catalogues()[lang]
		for _, key := range slices.Sorted(maps.Keys(english)) {
			text, ok := texts[key]
			if !ok || strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is missing", lang, key)
				continue
			}
			if strings.TrimSpace(text) != text {
				t.Errorf("%s: %s has blanks around it", lang, key)
			}
			got, want := slices.Sorted(slices.Values(placeholder.FindAllString(text, -1))), slices.Sorted(slices.Values(placeholder.FindAllString(english[key], -1)))
			if !slices.Equal(slices.Compact(got), slices.Compact(want)) {
				t.Errorf("%s: %s has %v, English has %v", lang, key, got, want)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			if _, ok := english[key]; !ok {
				t.Errorf("%s: %s does not exist in English", lang, key)
			}
		}
	}
}

// Texts that are the same in two languages are right where they are formats or words of both; anything else is a
// translation that somebody forgot.
func TestTextsAreTranslated(t *testing.T) {
	english := catalogues()["en"]
	for _, lang := range Languages() {
		for _, key := range slices.Sorted(maps.Keys(english)) {
			if lang != "en" && !strings.HasPrefix(key, "format.") && catalogues()[lang][key] == english[key] {
				t.Errorf("%s: %s is still English: %q", lang, key, english[key])
			}
		}
	}
}

// A text that nothing asks for is dead weight for translators, and a key that does not exist shows as itself.
func TestEveryTextIsUsedAndEveryUsedTextExists(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(raw)
	}
	english := catalogues()["en"]
	// Families whose keys are put together from a code.
	families := []string{"measure.", "item.", "rule.", "remedy.", "weight.", "channel.", "mode.", "about.", "column.", "codebook.", "part.", "method.", "sentence.", "symbol."}
	for key := range english {
		family := slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(key, f) })
		if !family && !strings.Contains(source.String(), `"`+key+`"`) {
			t.Errorf("%s is used nowhere", key)
		}
	}
	for _, found := range regexp.MustCompile(`\bsay\("([a-z_.]+)"[,)]`).FindAllStringSubmatch(source.String(), -1) {
		if _, ok := english[found[1]]; !ok {
			t.Errorf("%s does not exist", found[1])
		}
	}
	for _, c := range slices.Concat(frequencyColumns) {
		if _, ok := english["column."+c.code]; !ok {
			t.Errorf("column.%s does not exist", c.code)
		}
	}
	for _, c := range slices.Concat(codebookBefore, codebookAfter) {
		if _, ok := english["codebook."+c.code]; !ok {
			t.Errorf("codebook.%s does not exist", c.code)
		}
	}
	for _, key := range methodSentences {
		if english["method."+key] == "" || english["method."+key+".label"] == "" {
			t.Errorf("method.%s or its label does not exist", key)
		}
	}
}

func TestValuesAreNotReadAsPlaceholders(t *testing.T) {
	w := words{"k": "{a} and {b}"}
	if got := w.say("k", "a", "{b}", "b", "2"); got != "{b} and 2" {
		t.Errorf("got %q", got)
	}
	if got := w.say("no.such.key"); got != "no.such.key" {
		t.Errorf("got %q", got)
	}
}

func TestReadersOfOtherLanguages(t *testing.T) {
	for lang, want := range map[survey.Lang]string{"pl-simple": "Przeczytaj", "uk": "Прочитайте", "vi": "Read me", "": "Read me"} {
		if got := phrases(lang).say("sheet.readme"); got != want {
			t.Errorf("%q reads %q, want %q", lang, got, want)
		}
	}
}
