package xlsform

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestMisspeltColumnIsAnError: a form that lost its conditions to a misspelling must not be published.
func TestMisspeltColumnIsAnError(t *testing.T) {
	const sheet = "| survey | type | name | label | %s |\n| | select_one l | q | A | 1 |\n"
	settings := func(header string) string {
		return fmt.Sprintf(sheet, "notes") + choicesAB + "\n| settings | form_id | " + header + " |\n| | f | en |"
	}
	choices := func(header string) string {
		return fmt.Sprintf(sheet, "notes") + "| choices | list_name | name | " + header + " |\n| | l | a | A |"
	}
	tests := []struct{ name, tables, want, says string }{
		{"another letter", fmt.Sprintf(sheet, "rellevant"), "error survey:1 rellevant misspelt_column", "did you mean relevant?"},
		{"two letters swapped", choices("lable::English (en)"), "error choices:1 lable::English (en) misspelt_column", "did you mean label?"},
		{"swapped, with one colon", choices("lable:English (en)"), "error choices:1 lable:English (en) misspelt_column", "did you mean label?"},
		{"a lost underscore", settings("defaultlanguage"), "error settings:1 defaultlanguage misspelt_column", "did you mean default_language?"},
		{"a hyphen for the underscore", fmt.Sprintf(sheet, "choice-filter"), "error survey:1 choice-filter misspelt_column", "did you mean choice_filter?"},
		{"another name of the column", fmt.Sprintf(sheet, "relevanse"), "error survey:1 relevanse misspelt_column", "did you mean relevant?"},
		{"behind a prefix", fmt.Sprintf(sheet, "bind::rellevant"), "error survey:1 bind::rellevant misspelt_column", "did you mean bind::relevant?"},
		{"a hyphen in the plan", fmt.Sprintf(sheet, "og-role"), "error survey:1 og-role misspelt_column", "did you mean og_role?"},
		{"a language where there is none", fmt.Sprintf(sheet, "relevant::English (en)"), "error survey:1 relevant::English (en) misspelt_column", "relevant"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tables := test.tables
			if !strings.Contains(tables, "| choices |") {
				tables += choicesAB
			}
			checkOnly(t, read(t, tables, Options{}), test.want, test.says)
		})
	}
	for _, fine := range []string{"notes", "theme", "note", "_rellevant", "row", "date", "county", "names", "comments", "module", "sector", "required_group", "bind::type", "kuid"} {
		if result := read(t, fmt.Sprintf(sheet, fine)+choicesAB, Options{}); !result.OK() {
			t.Errorf("a further column %s: %s", fine, lines(result.Problems))
		}
	}
	for _, fine := range []string{"county", "state", "_lable", "value2", "code"} {
		if result := read(t, choices(fine), Options{}); !result.OK() {
			t.Errorf("a further column %s of the choices: %s", fine, lines(result.Problems))
		}
	}
	both := read(t, "| survey | type | name | label | relevant | rellevant |\n| | text | q | A | | 1 |", Options{})
	if !both.OK() || !slices.ContainsFunc(both.Problems, func(p Problem) bool { return short(p) == "warning survey:1 rellevant unknown_column" }) {
		t.Errorf("beside the column itself: %s", lines(both.Problems))
	}
}

// TestDemonstrationIsNotPublishedUnnoticed: the wording of the template must not reach residents for real.
func TestDemonstrationIsNotPublishedUnnoticed(t *testing.T) {
	tables := "| survey | type | name | label |\n| | text | q | A |\n| og_settings | key | value |\n| | timezone | Europe/Warsaw |\n" +
		"| | controller | OpenGate demonstration |\n| | contact | demo@Example.org |\n| | dpo | https://www.example.com/dpo |\n| | made_up | yes |"
	got := codesAt(read(t, tables, Options{}), "og_settings")
	want := []string{"warning og_settings:3 value example_value", "warning og_settings:4 value example_value", "warning og_settings:5 value example_value", "warning og_settings:6 value made_up"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	city := strings.NewReplacer("OpenGate demonstration", "City of Kraków", "demo@Example.org", "rodo@krakow.pl", "https://www.example.com/dpo", "iod@krakow.pl", "| made_up | yes |", "| made_up | no |").Replace(tables)
	if got := codesAt(read(t, city, Options{}), "og_settings"); len(got) != 0 {
		t.Errorf("a real survey: %q", got)
	}
}

// codesAt gives the problems of one sheet in short.
func codesAt(r *Result, sheet string) []string {
	var out []string
	for _, p := range r.Problems {
		if p.Sheet == sheet {
			out = append(out, short(p))
		}
	}
	return out
}

// TestMissingChoicesSheetIsOneError takes the choices away from a whole plan.
func TestMissingChoicesSheetIsOneError(t *testing.T) {
	before, rest, _ := strings.Cut(plannedForm, "| choices |")
	_, after, _ := strings.Cut(rest, "| og_dimensions |")
	checkOnly(t, read(t, before+"| og_dimensions |"+after, Options{}), "error choices:0 no_choices_sheet", "the sheet choices is missing")
	for _, sheet := range []string{"choces", "Choice", "chioces"} {
		checkOnly(t, read(t, strings.Replace(plannedForm, "| choices |", "| "+sheet+" |", 1), Options{}), "error choices:0 no_choices_sheet", "rename the sheet "+sheet+" to choices")
	}
	tables := "| survey | type | name | label | choice_filter | calculation |\n| | text | town | T | | |\n| | select_one l or_other | q | A | | |\n| | select_one m | r | B | area = ${town} | |\n" +
		"| | calculate | c | | | instance('l')/root/item[name = ${q}]/label |"
	checkOnly(t, read(t, tables, Options{By: []string{"r"}}), "error choices:0 no_choices_sheet", "")
	if result := read(t, "| survey | type | name | label |\n| | text | q | A |\n| settings | form_id |\n| | f |", Options{}); !result.OK() {
		t.Errorf("a form without choices: %s", lines(result.Problems))
	}
}

// TestMissingListIsOneError names the rows that use it.
func TestMissingListIsOneError(t *testing.T) {
	changed := strings.ReplaceAll(plannedForm, "| | service |", "| | services |")
	checkOnly(t, read(t, changed, Options{}), "error survey:8 type unknown_list", "did you mean services?")
	for _, p := range read(t, changed, Options{}).Problems {
		if p.Code == "unknown_list" && !strings.Contains(p.Message, "rows 8, 11, 12") {
			t.Errorf("%q does not name the rows", p.Message)
		}
	}
	changed = strings.NewReplacer("| | age | young | Under", "| | town | young | Under", "| | age | old | 30", "| | town | old | 30", "| | age | veryold", "| | town | veryold").Replace(plannedForm)
	checkOnly(t, read(t, changed, Options{}), "error survey:4 type unknown_list", "choices sheet")
}

// TestOnlyCloseNamesAreOffered: a correction that is no likely one only leads astray.
func TestOnlyCloseNamesAreOffered(t *testing.T) {
	tables := "| survey | type | name | label |\n| | select_one l | return_date | A |\n| | select_one l | gender | A |" + choicesAB
	for by, want := range map[string]string{"governorate": "", "gendr": "did you mean gender?", "return_dates": "did you mean return_date?", "x": ""} {
		p := read(t, tables, Options{By: []string{by}}).Problems
		i := slices.IndexFunc(p, func(p Problem) bool { return p.Code == "unknown_by" })
		if i < 0 || strings.Contains(p[i].Remedy, "did you mean") != (want != "") || !strings.Contains(p[i].Remedy, want) {
			t.Errorf("%s: %s", by, lines(p))
		}
	}
	result := read(t, "| survey | type | name | label | og_role | og_positive |\n| | integer | n | A | trust | help_care |", Options{})
	checkOnly(t, result, "error survey:2 og_positive unknown_og_value", ">=4")
	if text := lines(result.Problems); strings.Contains(text, "did you mean") {
		t.Error(text)
	}
}

// TestMissingAnswerInAGroupIsWarnedOf: who did not answer must not be counted as a member unnoticed.
func TestMissingAnswerInAGroupIsWarnedOf(t *testing.T) {
	for when, warned := range map[string]bool{
		"${gender} != 'man'":                                           true,
		"${gender} != 'man' and ${gender} != ''":                       false,
		"not(${gender} = '') and not(${gender} = 'man')":               false,
		"${gender} = 'woman'":                                          false,
		"not(selected(${status}, 'refugee'))":                          true,
		"not(selected(${status}, 'refugee')) and ${status} != ''":      false,
		"not(selected(${status}, 'a') or ${gender} = 'man')":           true,
		"selected(${status}, 'refugee') and ${age} < 18":               false,
		"not(${gender} != 'man')":                                      false,
		"${gender} != 'man' and string-length(${gender}) > 0":          false,
		"selected(${status}, 'refugee') or ${status} != 'a'":           true,
		"${gender} != 'man' and (${gender} != '' or ${status} = 'dk')": true,
		"count-selected(${status}) > 1 and ${gender} = 'man'":          false,
	} {
		tables := "| survey | type | name | label |\n| | select_one l | gender | A |\n| | select_multiple l | status | B |\n| | integer | age | C |" + choicesAB +
			"\n| og_dimensions | code | kind | category | when |\n| | d | derived | yes | " + when + " |\n| og_settings | key | value |\n| | timezone | Europe/Warsaw |"
		result := read(t, tables, Options{})
		if !result.OK() {
			t.Fatalf("%s: %s", when, lines(result.Problems))
		}
		got := slices.Contains(codesAt(result, "og_dimensions"), "warning og_dimensions:2 when blank_member")
		if got != warned {
			t.Errorf("%s: warned %v\n%s", when, got, lines(result.Problems))
		}
	}
}

// TestSumOutsideRepeatsIsNotWarnedOf: a sum of one question has no blank among others.
func TestSumOutsideRepeatsIsNotWarnedOf(t *testing.T) {
	result := read(t, "| survey | type | name | label | calculation |\n| | integer | n | A | |\n| | calculate | c | | sum(${n}) |", Options{})
	if text := lines(result.Problems); strings.Contains(text, "sum_blank") {
		t.Error(text)
	}
	result = read(t, "| survey | type | name | label | calculation |\n| | begin repeat | g | G | |\n| | integer | n | A | |\n| | end repeat | | | |\n| | calculate | c | | sum(${n}) |", Options{})
	if text := lines(result.Problems); !strings.Contains(text, "sum_blank") {
		t.Error(text)
	}
}

// TestBareReferenceIsWarnedOfInConditionsOnly: copying an answer is what the other columns are for.
func TestBareReferenceIsWarnedOfInConditionsOnly(t *testing.T) {
	for column, warned := range map[string]bool{"relevant": true, "constraint": true, "required": true, "choice_filter": true, "calculation": false, "default": false} {
		tables := "| survey | type | name | label | " + column + " |\n| | text | q | A | |\n| | select_one l | r | B | ${q} |" + choicesAB
		if got := strings.Contains(lines(read(t, tables, Options{}).Problems), "bare_reference"); got != warned {
			t.Errorf("%s: warned %v", column, got)
		}
	}
	tables := "| survey | type | name | label | calculation |\n| | text | q | A | |\n| | calculate | r | | if(${q}, 1, 2) |"
	if text := lines(read(t, tables, Options{}).Problems); !strings.Contains(text, "bare_condition") {
		t.Error(text)
	}
}

// TestControlCharactersOfTextsAreTakenOut: a text with them can be written into no workbook.
func TestControlCharactersOfTextsAreTakenOut(t *testing.T) {
	data := pack(t, "| survey | type | name | label |\n| | text | q | two_x000B_lines_x0007_ here_xFFFE_, one_x000C_page |")
	result, err := Read(data, Options{})
	must(t, err)
	if !result.OK() {
		t.Fatal(lines(result.Problems))
	}
	if got := result.Form.Question("q").Label[result.Form.Default]; got != "two\nlines here, one\npage" {
		t.Errorf("%q", got)
	}
}
