package xlsform

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"opengate/survey"
	"opengate/survey/expr"
)

// shared finds the folder of real forms and skips the test where it is absent.
func shared(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("OPENGATE_SHARED")
	if dir == "" {
		dir = "../shared"
	}
	if !filepath.IsAbs(dir) {
		root, err := os.Getwd()
		must(tb, err)
		for !exists(filepath.Join(root, "go.mod")) && root != "/" {
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, dir)
	}
	if !exists(filepath.Join(dir, "forms")) {
		tb.Skip("set OPENGATE_SHARED to the folder of real forms to run this test")
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func open(tb testing.TB, name string, opts Options) *Result {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(shared(tb), "forms", name))
	must(tb, err)
	result, err := Read(data, opts)
	must(tb, err)
	checkWording(tb, result)
	return result
}

// realForms says of every real form: the codes of the errors it is refused for, those that remain with Lenient, and
// how many questions people are then asked. Questions are those of the sheet, without what cannot be asked yet.
var realForms = map[string]struct {
	strict, lenient string
	questions       int
}{
	"neg_ifrc_site_assessment_ole_xls_misnamed.xlsx": {"legacy_xls", "legacy_xls", 0},
	"odk_all_question_types.xlsx":                    {"unsupported_appearance unsupported_media unsupported_type", "", 58},
	"ona_childrens_survey_missing_choice_lang.xlsx":  {"unsupported_type", "", 4},
	"ona_childrens_survey_sw.xlsx":                   {"unsupported_type", "", 4},
	"ona_choice_filter.xlsx":                         {"", "", 3},
	"ona_external_choices_v1.xlsx":                   {"unsupported_type", "", 20},
	"ona_good_eats_multilang.xlsx":                   {"unsupported_type", "", 7},
	"ona_household_nested_repeat.xlsx":               {"unsupported_type", "", 3},
	"ona_mali_health_fr.xlsx":                        {"unsupported_type", "", 14},
	"ona_nested_repeats.xlsx":                        {"unsupported_type", "", 5},
	"ona_randomize.xlsx":                             {"", "", 3},
	"ona_slum_profile_multiple_select.xlsx":          {"unsupported_type", "", 29},
	"ona_transportation.xlsx":                        {"unsupported_type", "", 5},
	"ona_tutorial_arabic_labels.xlsx":                {"unsupported_type", "", 4},
	"ona_unicode_in_relevant.xlsx":                   {"", "", 2},
	"pyx_case_insensitivity.xlsx":                    {"unsupported_type", "", 2},
	"pyx_flat_xlsform_zh.xlsx":                       {"encryption_key unsupported_appearance unsupported_media unsupported_type", "", 22},
	"pyx_neg_bad_calc.xlsx":                          {"unclosed", "unclosed", 0},
	"pyx_neg_duplicate_columns.xlsx":                 {"duplicate_header encryption_key unsupported_media unsupported_type", "duplicate_header", 0},
	"pyx_neg_extra_columns.xlsx":                     {"", "", 1},
	"pyx_or_other.xlsx":                              {"unknown_filter_column", "unknown_filter_column", 0},
	"pyx_pull_data.xlsx":                             {"unsupported_function", "", 0},
	"reach_irq_urban_water_ar_en.xlsx":               {"unsupported_type", "", 213},
	"reach_lbn_msna2022_ar_en.xlsx":                  {"unsupported_type", "", 206},
	"socio_economic_survey_en_fr.xlsx":               {"unsupported_type", "", 10},
	"unhcr_rms_capi_v2_4lang.xlsx":                   {"unsupported_type", "", 95},
	"pairs/pyx_flat_xlsform_test.xlsx":               {"encryption_key unsupported_appearance unsupported_media unsupported_type", "", 22},
	"pairs/pyx_or_other.xlsx":                        {"unknown_filter_column", "unknown_filter_column", 0},
	"pairs/pyx_pull_data.xlsx":                       {"unsupported_function", "", 0},
	"pairs/wf_socio-economic-survey-v20240515.xlsx":  {"unsupported_type", "", 10},
}

func TestRealForms(t *testing.T) {
	dir := filepath.Join(shared(t), "forms")
	for _, pattern := range []string{"*.xlsx", "pairs/*.xlsx"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		must(t, err)
		for _, file := range files {
			name, err := filepath.Rel(dir, file)
			must(t, err)
			t.Run(name, func(t *testing.T) {
				want, known := realForms[filepath.ToSlash(name)]
				strict, lenient := open(t, name, Options{}), open(t, name, Options{Lenient: true})
				if !known {
					readsOrSaysWhy(t, strict)
					readsOrSaysWhy(t, lenient)
					return
				}
				if got := codesOf(strict); got != want.strict {
					t.Errorf("refused for %q, want %q\n%s", got, want.strict, lines(strict.Problems))
				}
				if got := codesOf(lenient); got != want.lenient {
					t.Errorf("lenient: refused for %q, want %q\n%s", got, want.lenient, lines(lenient.Problems))
				}
				if lenient.Counts.Questions != want.questions {
					t.Errorf("%d questions, want %d", lenient.Counts.Questions, want.questions)
				}
			})
		}
	}
}

// readsOrSaysWhy is what holds of any form: it is read, or an error says which sheet is at fault and what to do.
func readsOrSaysWhy(t *testing.T, r *Result) {
	t.Helper()
	if r.Form == nil && codesOf(r) == "" {
		t.Error("refused without an error")
	}
	for _, p := range r.Problems {
		if p.Severity == SeverityError && (p.Message == "" || p.Remedy == "") {
			t.Errorf("no remedy: %+v", p)
		}
	}
}

// codesOf are the codes of the errors, sorted and unique.
func codesOf(r *Result) string {
	found := map[string]bool{}
	for _, p := range r.Problems {
		if p.Severity == SeverityError {
			found[p.Code] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), " ")
}

func TestIraqFormWithTwoDimensions(t *testing.T) {
	result := open(t, "reach_irq_urban_water_ar_en.xlsx", Options{Lenient: true, By: []string{"gender_hoh", "displace_status"}})
	if !result.OK() {
		t.Fatal(lines(result.Problems))
	}
	f := result.Form
	kinds := map[survey.Kind]int{}
	for q := range f.All() {
		kinds[q.Kind]++
	}
	for kind, want := range map[survey.Kind]int{
		survey.KindSelectOne: 89, survey.KindInteger: 55, survey.KindText: 43, survey.KindSelectMultiple: 24,
		survey.KindGroup: 6, survey.KindNote: 4, survey.KindDate: 1, survey.KindDecimal: 1,
	} {
		if kinds[kind] != want {
			t.Errorf("%d of %s, want %d", kinds[kind], kind, want)
		}
	}
	if len(result.LeftOut) != 1 || result.Counts.Choices != 969 || len(f.Plan.Dimensions) != 2 || f.Plan.Dimensions[0].Question != "gender_hoh" {
		t.Errorf("left out %d, %d choices, dimensions %+v", len(result.LeftOut), result.Counts.Choices, f.Plan.Dimensions)
	}
	if got := f.Tags(); !slices.Equal(got, []survey.Lang{"en", "ar"}) {
		t.Errorf("languages %v", got)
	}
}

func TestLebanonFormIsReadWhole(t *testing.T) {
	result := open(t, "reach_lbn_msna2022_ar_en.xlsx", Options{Lenient: true})
	if !result.OK() || result.Counts.Choices != 5145 || result.Form.Default != "ar" || len(result.Form.Lists) < 50 {
		t.Fatalf("%+v, default %s\n%s", result.Counts, result.Form.Default, lines(result.Problems))
	}
	seen := map[string]bool{}
	for _, q := range result.Form.Order {
		for _, e := range []*expr.Expr{q.Relevant, q.Calculation, q.Filter} {
			if e != nil && !allSeen(seen, e.Refs()) {
				t.Errorf("%s stands before one of %v", q.Name, e.Refs())
			}
		}
		seen[q.Name] = true
	}
}

func allSeen(seen map[string]bool, names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool { return !seen[n] })
}

var (
	bindTag  = regexp.MustCompile(`(?s)<bind\s[^>]*>`)
	attrText = regexp.MustCompile(`([\w:]+)="([^"]*)"`)
	pathRef  = regexp.MustCompile(`(^|[\s(,=<>!+*])((?:\.\.)?/[\w./-]+)`)
	ourRef   = regexp.MustCompile(`\$\{\s*([^{}]+?)\s*\}`)
)

// TestBindsOfTheReferenceConverter compares conditions, constraints and calculations with those that pyxform wrote
// for the same workbook, after both are brought to the same form: names instead of paths, no spaces.
func TestBindsOfTheReferenceConverter(t *testing.T) {
	for name, least := range map[string]int{"pyx_flat_xlsform_test": 20, "wf_socio-economic-survey-v20240515": 4} {
		t.Run(name, func(t *testing.T) {
			xml, err := os.ReadFile(filepath.Join(shared(t), "forms", "pairs", name+".xml"))
			must(t, err)
			result := open(t, "pairs/"+name+".xlsx", Options{Lenient: true})
			if !result.OK() {
				t.Fatal(lines(result.Problems))
			}
			compared := 0
			for _, tag := range bindTag.FindAllString(string(xml), -1) {
				attrs := map[string]string{}
				for _, m := range attrText.FindAllStringSubmatch(tag, -1) {
					attrs[m[1]] = m[2]
				}
				path := strings.Split(attrs["nodeset"], "/")
				if q := questionAt(result.Form, path); q != nil && q.Kind != survey.KindGroup {
					compared += compareBind(t, result.Form, q, name == "pyx_flat_xlsform_test", attrs)
				}
			}
			if compared < least {
				t.Errorf("only %d expressions compared, want %d", compared, least)
			}
		})
	}
}

// questionAt finds a question by the path of a bind: the root, groups, the name. One of the forms has the setting
// flat, which leaves groups out of paths.
func questionAt(f *survey.Form, path []string) *survey.Question {
	if len(path) < 3 {
		return nil
	}
	for q := range f.All() {
		if q.Name == path[len(path)-1] && (len(path) == 3 || slices.Equal(q.Groups, path[2:len(path)-1])) {
			return q
		}
	}
	return nil
}

func compareBind(t *testing.T, f *survey.Form, q *survey.Question, flat bool, attrs map[string]string) (compared int) {
	t.Helper()
	for _, s := range slots[:6] {
		attr := map[string]string{"calculation": "calculate", "read_only": "readonly"}[s.column]
		if attr == "" {
			attr = s.column
		}
		want, ours := normalPaths(attrs[attr]), ""
		if e := *s.to(q); e != nil {
			ours = normalRefs(e.Source())
		}
		if s.column == "relevant" && flat {
			ours = ourRelevance(f, q)
		}
		switch {
		case ours == "''": // a device identifier, which we leave blank
			continue
		case want == "false()" && s.column == "required":
			want = ""
		}
		switch {
		case s.column == "choice_filter", q.Kind == survey.KindNote && s.column == "read_only":
			continue
		case ours != want:
			t.Errorf("%s of %s: %q, the reference has %q", s.column, q.ID, ours, want)
		case ours != "":
			compared++
		}
	}
	return compared
}

// ourRelevance is the condition of a question or, where it has none, of the group around it.
func ourRelevance(f *survey.Form, q *survey.Question) string {
	if q.Relevant != nil {
		return normalRefs(q.Relevant.Source())
	}
	for _, g := range slices.Backward(q.Groups) {
		if group := f.Question(g); group.Relevant != nil {
			return normalRefs(group.Relevant.Source())
		}
	}
	return ""
}

func normalPaths(s string) string {
	s = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&amp;", "&", "&#10;", "").Replace(s)
	s = pathRef.ReplaceAllStringFunc(s, func(p string) string {
		return strings.TrimRight(p[:1], "./") + p[strings.LastIndex(p, "/")+1:]
	})
	return strings.Join(strings.Fields(s), "")
}

func normalRefs(s string) string {
	return strings.Join(strings.Fields(ourRef.ReplaceAllString(s, "$1")), "")
}

// BenchmarkLebanonForm reads 501 rows and 5,145 choices.
func BenchmarkLebanonForm(b *testing.B) {
	data, err := os.ReadFile(filepath.Join(shared(b), "forms", "reach_lbn_msna2022_ar_en.xlsx"))
	if err != nil {
		b.Skip(err)
	}
	for b.Loop() {
		if _, err := Read(data, Options{Lenient: true}); err != nil {
			b.Fatal(err)
		}
	}
}
