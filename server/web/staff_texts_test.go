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
	data, err := os.ReadFile("../locale/texts/staff." + lang + ".json")
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
