package export

import (
	"embed"
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"opengate/survey"
)

//go:embed texts/*.json
var textFiles embed.FS

// catalogues holds the interface texts of every language, read once.
var catalogues = sync.OnceValue(func() map[survey.Lang]map[string]string {
	files, err := textFiles.ReadDir("texts")
	if err != nil {
		panic(err) // the files are part of the program
	}
	all := map[survey.Lang]map[string]string{}
	for _, file := range files {
		raw, err := textFiles.ReadFile(path.Join("texts", file.Name()))
		if err != nil {
			panic(err)
		}
		texts := map[string]string{}
		if err := json.Unmarshal(raw, &texts); err != nil {
			panic(file.Name() + ": " + err.Error())
		}
		all[survey.Lang(strings.TrimSuffix(file.Name(), ".json"))] = texts
	}
	return all
})

// Languages lists the languages that the workbook's own texts exist in, in alphabetical order.
func Languages() []survey.Lang { return slices.Sorted(maps.Keys(catalogues())) }

// words are the interface texts of one language.
type words map[string]string

// phrases finds the texts for a reader: of the language itself, else of the language it is a variety of
// ("pl-simple" → "pl"), else English.
func phrases(lang survey.Lang) words {
	for _, l := range []survey.Lang{lang, base(lang), "en"} {
		if texts, ok := catalogues()[l]; ok {
			return texts
		}
	}
	return nil
}

// say gives a text with its {names} replaced by the values of pairs (name, value, name, value …). Values are
// inserted as they are: braces in them mean nothing. A key that does not exist is given back, so that a gap shows.
func (w words) say(key string, pairs ...string) string {
	text, ok := w[key]
	if !ok {
		return key
	}
	named := slices.Clone(pairs)
	for i := 0; i+1 < len(named); i += 2 {
		named[i] = "{" + named[i] + "}"
	}
	return strings.NewReplacer(named...).Replace(text)
}

func (w words) has(key string) bool { _, ok := w[key]; return ok }

// base is the language that a tag is a variety of: "pl" of "pl-simple".
func base(l survey.Lang) survey.Lang {
	head, _, _ := strings.Cut(string(l), "-")
	return survey.Lang(head)
}

// rightToLeft says whether the language is written from right to left. An explicit script subtag decides.
func rightToLeft(l survey.Lang) bool {
	parts := strings.Split(strings.ToLower(string(l)), "-")
	for _, part := range parts[1:] {
		switch part {
		case "arab", "hebr", "thaa", "syrc", "nkoo", "adlm", "rohg":
			return true
		case "latn", "cyrl":
			return false
		}
	}
	switch parts[0] {
	case "ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "lrc", "mzn", "prs", "ps", "sd", "syr", "ug", "ur", "yi":
		return true
	}
	return false
}
