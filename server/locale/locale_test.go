package locale

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"opengate/survey"
)

// catalogFile is one file of texts as it stands on disk: key to plural form to wording ("other" for plain texts).
type catalogFile map[string]map[string]string

func read(t *testing.T, name string) catalogFile {
	t.Helper()
	data, err := files.ReadFile("texts/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	out := catalogFile{}
	for key, value := range raw {
		out[key] = map[string]string{}
		switch v := value.(type) {
		case string:
			out[key]["other"] = v
		case map[string]any:
			for form, text := range v {
				out[key][form], _ = text.(string)
			}
		default:
			t.Fatalf("%s: %s is neither a text nor plural forms", name, key)
		}
	}
	return out
}

// sets are the families of files that must agree: residents' texts and posters in every language, staff in two, what
// the importer's problems are called in one, because the importer itself writes English.
func sets(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	entries, err := files.ReadDir("texts")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		family, _, plain := strings.Cut(e.Name(), ".")
		if !plain || slices.Contains(languages, survey.Lang(family)) {
			family = ""
		}
		out[family] = append(out[family], e.Name())
	}
	return out
}

func langOf(name string) survey.Lang {
	parts := strings.Split(name, ".")
	return survey.Lang(parts[len(parts)-2])
}

func TestEveryLanguageHasEveryFile(t *testing.T) {
	for family, names := range sets(t) {
		want := len(languages)
		switch family {
		case "staff":
			want = 2
		case "problems":
			want = 1
		}
		if len(names) != want {
			t.Errorf("family %q: %v, want %d files", family, names, want)
		}
	}
}

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func placeholders(text string) string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

func TestSameKeysAndPlaceholdersInEveryLanguage(t *testing.T) {
	for _, names := range sets(t) {
		first := read(t, names[0])
		for _, name := range names {
			file := read(t, name)
			for key := range first {
				if file[key] == nil {
					t.Errorf("%s lacks %s", name, key)
				}
			}
			for key, forms := range file {
				if first[key] == nil {
					t.Errorf("%s has %s, %s has not", name, key, names[0])
					continue
				}
				for form, text := range forms {
					if strings.TrimSpace(text) == "" {
						t.Errorf("%s: %s (%s) is empty", name, key, form)
					}
					got, want := placeholders(text), placeholders(first[key]["other"])
					if spelled := got == "" && want == "n" && ofOneNumber(langOf(name), form); got != want && !spelled {
						t.Errorf("%s: %s (%s) has placeholders %q, %s has %q", name, key, form, got, names[0], want)
					}
				}
			}
		}
	}
}

var formNames = map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}

// ofOneNumber says that a form stands for a single whole number, as the Arabic dual does for two: the word itself then
// says how many.
func ofOneNumber(l survey.Lang, form string) bool {
	found := 0
	for n := range 1000 {
		if formNames[plural.Cardinal.MatchPlural(language.Make(string(l)), n, 0, 0, 0, 0)] == form {
			found++
		}
	}
	return found == 1
}

// cldrForms are the forms that whole numbers take in a language, and "other".
func cldrForms(l survey.Lang) []string {
	forms := []string{"other"}
	for n := range 1000 {
		forms = append(forms, formNames[plural.Cardinal.MatchPlural(language.Make(string(l)), n, 0, 0, 0, 0)])
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

func TestPluralFormsAreThoseOfTheLanguage(t *testing.T) {
	for _, names := range sets(t) {
		first := read(t, names[0])
		for _, name := range names {
			want := cldrForms(langOf(name))
			for key, forms := range read(t, name) {
				var got []string
				for form := range forms {
					got = append(got, form)
				}
				slices.Sort(got)
				if len(first[key]) == 1 && len(got) == 1 {
					continue // a plain text everywhere
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: %s has the forms %v, the language has %v", name, key, got, want)
				}
			}
		}
	}
}

// sources are the Go files and templates that print texts.
func sources(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	for _, pattern := range []string{"../web/*.go", "../web/templates/*/*.html"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("no sources at %s (%v)", pattern, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(data)
		}
	}
	return b.String()
}

// made are prefixes of keys that are put together while running: a code, a kind or a role follows.
var made = regexp.MustCompile(`"([a-z_]+(?:\.[a-z_]+)*\.)(?:%s[a-z.%]*)?"|"((?:error|refusal)\.[a-z_]+)"|\("(\.[a-z]+)"|kind\+"(\.[a-z]+)"`)

func TestNoKeyIsUnused(t *testing.T) {
	source := sources(t)
	prefixes := []string{"problem."}
	for _, m := range made.FindAllStringSubmatch(source, -1) {
		if m[1] != "" && strings.Count(m[1], ".") > 0 {
			prefixes = append(prefixes, m[1])
		}
		if m[2] != "" {
			prefixes = append(prefixes, m[2]+".")
		}
	}
	prefixes = append(prefixes, "resume.title", "withdraw.title") // kind + ".title"
	for _, name := range []string{"en.json", "staff.en.json", "poster.en.json"} {
		for key := range read(t, name) {
			used := strings.Contains(source, `"`+key+`"`) || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) })
			if !used {
				t.Errorf("%s: nothing prints %s", name, key)
			}
		}
	}
}

var printed = regexp.MustCompile(`\b(?:t|n|T|N)\s?\(?"([a-z_]+(?:\.[a-z_]+)+)"`)

func TestEveryKeyThatIsPrintedExists(t *testing.T) {
	known := catalogFile{}
	for _, name := range []string{"en.json", "staff.en.json", "poster.en.json"} {
		for key, forms := range read(t, name) {
			known[key] = forms
		}
	}
	found := 0
	for _, m := range printed.FindAllStringSubmatch(sources(t), -1) {
		found++
		if known[m[1]] == nil && !strings.HasSuffix(m[1], ".") {
			t.Errorf("%s is printed and does not exist", m[1])
		}
	}
	if found < 100 {
		t.Errorf("only %d printed keys found: the pattern no longer fits the sources", found)
	}
}

func TestPrinter(t *testing.T) {
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ got, want string }{
		{c.Printer("uk").T("page.step", "step", 2, "steps", 14), "Частина 2 з 14"},
		{c.Printer("pl").N("intro.minutes", 5), "Zajmie to około 5 minut."},
		{c.Printer("pl").N("intro.length", 2), "Mniej więcej 2 pytania."},
		{c.Printer("ru").N("intro.length", 21), "Примерно 21 вопрос."},
		{c.Printer("uk").N("intro.length", 12), "Приблизно 12 запитань."},
		{c.Printer("ar").N("intro.length", 5), "نحو 5 أسئلة."},
		{c.Printer("ar").N("intro.length", 2), "نحو سؤالين."},
		{c.Printer("ar").N("intro.retention.days", 1), "يوم واحد"},
		{c.Printer("pl-simple").T("page.next"), "Dalej"},
		{c.Printer("fr").T("page.next"), "Next"},
		{c.Printer("uk").T("no.such.key"), "no.such.key"},
		{c.Printer("en").T("error.request", "id", "{{.id}}<b>"), "Request number: {{.id}}<b>"}, // values are not read as templates
		{c.Printer("ar").Dir(), "rtl"},
		{string(c.Printer("pl-simple").Lang()), "pl"},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
}

func TestMatchIsOnlyConfidentWhereItMayBe(t *testing.T) {
	offered := []survey.Lang{"pl", "pl-simple", "uk", "en", "ar"}
	for accept, want := range map[string]struct {
		lang survey.Lang
		sure bool
	}{
		"uk":                       {"uk", true},
		"uk-UA,uk;q=0.9,en;q=0.5":  {"uk", true},
		"be,ru":                    {"", false},
		"ar-SY":                    {"ar", true},
		"en-GB,en;q=0.8":           {"en", true},
		"pl-PL":                    {"pl", true},
		"":                         {"", false},
		"vi":                       {"", false},
		"*;q=0,,,;;":               {"", false},
		strings.Repeat("x,", 5000): {"", false},
	} {
		got, sure := Match(accept, offered)
		if sure != want.sure || sure && got != want.lang {
			t.Errorf("%.40q: %s, sure %v; want %s, %v", accept, got, sure, want.lang, want.sure)
		}
	}
	if l, sure := Match("pl", nil); l != "" || sure {
		t.Errorf("nothing offered: %q, %v", l, sure)
	}
}

func TestNamesAndDirections(t *testing.T) {
	for tag, want := range map[survey.Lang]string{"rom": "Romani ćhib", "csb": "Kaszëbsczi", "pso": "Polski Język Migowy (PJM)", "de": "Deutsch", "zz-bad!": "zz-bad!"} {
		if got := OwnName(tag); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
	for tag, want := range map[survey.Lang]string{"ar": "rtl", "fa-IR": "rtl", "ckb": "rtl", "he": "rtl", "uk": "ltr", "pl-simple": "ltr", "az-Arab": "rtl", "ku-latn": "ltr"} {
		if got := Dir(tag); got != want {
			t.Errorf("%s: %s, want %s", tag, got, want)
		}
	}
}
