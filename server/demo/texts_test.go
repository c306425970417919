package demo

import (
	"strings"
	"testing"
)

// Who picks "not at all" says something of their life, who picks "does not apply to me" says nothing: the two must not
// be mistaken for each other, so neither says again what the other or the question says.
func TestNotAtAllIsNotMistakenForDoesNotApply(t *testing.T) {
	for _, lang := range languages {
		w, err := readWordings(lang)
		if err != nil {
			t.Fatal(err)
		}
		if w.texts["choices/*/na"] == nil {
			continue // says it as its base does
		}
		apart := w.texts["choices/holds/not"]["label"] + " " + w.texts["survey/needs_home"]["label"]
		for word := range strings.FieldsSeq(w.texts["choices/*/na"]["label"]) {
			if len([]rune(word)) > 4 && strings.Contains(strings.ToLower(apart), strings.ToLower(word)) {
				t.Errorf("%s: %q stands in %q too", lang, word, apart)
			}
		}
	}
}

// People are called what they call themselves.
func TestNobodyIsCalledByAContestedName(t *testing.T) {
	for lang, words := range map[string][]string{"ar": {"غجر"}, "ru": {"цыган"}, "uk": {"циган"}, "pl": {"cygań", "cygan"}, "en": {"gypsy"}} {
		w, err := readWordings(lang)
		if err != nil {
			t.Fatal(err)
		}
		for key, texts := range w.texts {
			for _, word := range words {
				if strings.Contains(strings.ToLower(texts["label"]), word) {
					t.Errorf("%s %s: %s", lang, key, texts["label"])
				}
			}
		}
	}
}
