package web

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The texts of the staff pages: the same keys and placeholders in both languages, none missing, none unused.
func TestStaffTextsAreComplete(t *testing.T) {
	en, pl := staffTexts(t, "en"), staffTexts(t, "pl")
	placeholder := regexp.MustCompile(`{{\.\w+}}`)
	for _, key := range slices.Sorted(maps.Keys(en)) {
		if pl[key] == "" {
			t.Errorf("%s is not in Polish", key)
		}
		a, b := placeholder.FindAllString(en[key], -1), placeholder.FindAllString(pl[key], -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(a, b) {
			t.Errorf("%s: placeholders %v in English, %v in Polish", key, a, b)
		}
	}
	if len(pl) != len(en) {
		t.Errorf("%d texts in Polish, %d in English", len(pl), len(en))
	}
	used, prefixes := usedKeys(t)
	for _, key := range used {
		if en[key] == "" && !strings.HasSuffix(key, ".css") && !strings.HasSuffix(key, ".js") && en[key+".title"] == "" {
			t.Errorf("%s is used and has no text", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(en)) {
		dynamic := slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) })
		if !dynamic && !slices.Contains(used, key) {
			t.Errorf("%s has a text and is not used", key)
		}
	}
}

func staffTexts(t *testing.T, lang string) map[string]string {
	t.Helper()
	return texts(t, "staff."+lang)
}

func texts(t *testing.T, name string) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../locale/texts/" + name + ".json")
	must(t, err)
	texts := map[string]string{}
	must(t, json.Unmarshal(data, &texts))
	return texts
}

// usedKeys finds the keys that templates and code name, and the prefixes of those that they put together.
func usedKeys(t *testing.T) (keys, prefixes []string) {
	t.Helper()
	var source strings.Builder
	must(t, fs.WalkDir(os.DirFS("."), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(name, "_test.go") ||
			!strings.HasPrefix(name, "templates/staff/") && !strings.HasPrefix(name, "staff_") {
			return err
		}
		data, err := os.ReadFile(name)
		source.Write(data)
		return err
	}))
	for _, m := range regexp.MustCompile(`"(staff\.[a-z0-9_.]+)"`).FindAllStringSubmatch(source.String(), -1) {
		if strings.HasSuffix(m[1], ".") {
			prefixes = append(prefixes, m[1])
		} else {
			keys = append(keys, m[1])
		}
	}
	return keys, prefixes
}

// problemKey begins the keys of what the importer's problems are called. English needs none: the importer writes it.
const problemKey = "staff.problem."

// Each sentence belongs to a code that the importer gives, and the codes that authors meet most have one.
func TestPolishSentencesOfProblems(t *testing.T) {
	codes := importerCodes(t)
	pl := texts(t, "problems.pl")
	for _, key := range slices.Sorted(maps.Keys(pl)) {
		code, found := strings.CutPrefix(key, problemKey)
		if !found || !slices.Contains(codes, code) {
			t.Errorf("%s: no problem has this code", key)
		}
	}
	for _, code := range []string{
		"unknown_type", "unsupported_type", "unknown_list", "unknown_reference", "duplicate_name", "bad_name",
		"no_name", "no_label", "no_list", "unmatched_begin", "unmatched_end", "duplicate_choice", "choice_without_label", "missing_translation",
		"unknown_column", "misspelt_column", "unknown_og_value", "unknown_function", "unsupported_function", "unexpected", "not_xlsx",
		"no_survey_sheet", "language_unknown", "no_timezone", "example_value", "missing_controller", "missing_purpose", "special_required",
	} {
		if pl[problemKey+code] == "" {
			t.Errorf("%s has no Polish sentence", code)
		}
	}
}

// importerCodes are the words between quotes in the sources of the importer and of the expression language.
func importerCodes(t *testing.T) []string {
	t.Helper()
	var codes []string
	for _, folder := range []string{"../../survey/xlsform", "../../survey/expr"} {
		entries, err := os.ReadDir(folder)
		must(t, err)
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			data, err := os.ReadFile(folder + "/" + e.Name())
			must(t, err)
			for _, m := range regexp.MustCompile(`"([a-z_]+)"`).FindAllStringSubmatch(string(data), -1) {
				codes = append(codes, m[1])
			}
			for _, m := range regexp.MustCompile(`lack\("([a-z_]+)"`).FindAllStringSubmatch(string(data), -1) {
				codes = append(codes, "missing_"+m[1])
			}
		}
	}
	return codes
}
