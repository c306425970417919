package xlsform

import (
	"slices"
	"strings"
	"testing"
)

const choicesAB = "\n| choices | list_name | name | label |\n| | l | a | A |\n| | l | b | B |"

func TestProblemsNameTheCell(t *testing.T) {
	tests := []struct {
		name   string
		tables string
		want   []string // every error
		remedy string   // part of the first one's remedy or message
	}{
		{"no survey sheet", "| survei | type |\n| choices | list_name |", []string{"error :0 no_survey_sheet"}, "rename the sheet survei"},
		{"empty first row", "| survey | |\n| | type | name |", nil, ""},
		{"no type column", "| survey | name | label |\n| | q | A |", []string{"error survey:1 no_type_column"}, "type"},
		{"the same header twice", "| survey | type | name | label | label |\n| | text | q | A | B |", []string{"error survey:1 label duplicate_header"}, "remove"},
		{"two names of one column", "| survey | type | name | label | caption |\n| | text | q | A | B |", []string{"error survey:1 caption header_alias_twice"}, "label"},
		{
			"a choices column with a space", "| survey | type | name | label |\n| | select_one l | q | A |\n| choices | list_name | name | label | my town |\n| | l | a | A | x |",
			[]string{"error choices:1 my town header_space"},
			"_",
		},
		{"a row without a type", "| survey | type | name | label |\n| | text | q | A |\n| | | r | B |", []string{"error survey:3 type no_type"}, ""},
		{"a row without a name", "| survey | type | name | label |\n| | text | | A |", []string{"error survey:2 name no_name"}, ""},
		{"a name that cannot be one", "| survey | type | name | label |\n| | text | 1 a | A |", []string{"error survey:2 name bad_name"}, "q_1_a"},
		{"a name twice in a group", "| survey | type | name | label |\n| | text | q | A |\n| | text | q | B |", []string{"error survey:3 name duplicate_name"}, "row 2"},
		{"an unknown type", "| survey | type | name | label |\n| | txt | q | A |", []string{"error survey:2 type unknown_type"}, "did you mean text"},
		{"an unknown list", "| survey | type | name | label |\n| | select_one ll | q | A |" + choicesAB, []string{"error survey:2 type unknown_list"}, "did you mean l?"},
		{"a select without its list", "| survey | type | name | label |\n| | select_one | q | A |" + choicesAB, []string{"error survey:2 type no_list"}, "list_name"},
		{"a group never closed", "| survey | type | name | label |\n| | begin group | g | A |\n| | text | q | A |", []string{"error survey:2 type unmatched_begin"}, "end_group"},
		{"an end without a begin", "| survey | type | name | label |\n| | text | q | A |\n| | end group | | |", []string{"error survey:3 type unmatched_end"}, ""},
		{"a calculation without one", "| survey | type | name | calculation |\n| | text | q | |\n| | calculate | c | |", []string{"error survey:3 calculation no_calculation"}, ""},
		{"a reference to nothing", "| survey | type | name | label | relevant |\n| | text | town | A | |\n| | text | q | B | ${twn} = 'x' |", []string{"error survey:3 relevant unknown_reference"}, "did you mean town"},
		{
			"a reference to one of two", "| survey | type | name | label | relevant |\n| | begin group | a | A | |\n| | text | q | A | |\n| | end group | | | |\n| | begin group | b | B | |\n| | text | q | B | |\n| | end group | | | |\n| | text | r | C | ${q} = '' |",
			[]string{"error survey:8 relevant ambiguous_reference"},
			"row 3 or row 6",
		},
		{"a label that refers to nothing", "| survey | type | name | label::English (en) |\n| | text | q | Dear ${nobody} |", []string{"error survey:2 label::English (en) unknown_reference"}, ""},
		{"a reference never closed", "| survey | type | name | label |\n| | text | q | Dear ${q |", []string{"error survey:2 label malformed_reference"}, "}"},
		{"a broken expression", "| survey | type | name | label | constraint |\n| | text | q | A | . = 'x |", []string{"error survey:2 constraint unclosed"}, "quote"},
		{
			"questions that wait for each other", "| survey | type | name | label | relevant | calculation |\n| | text | a | A | ${b} = 'x' | |\n| | calculate | b | | | ${c} |\n| | calculate | c | | | ${a} |",
			[]string{"error survey:2 name cycle"},
			"a → b → c → a",
		},
		{"a condition on the question itself", "| survey | type | name | label | relevant |\n| | text | a | A | ${a} = '' |", []string{"error survey:2 name cycle"}, "a → a"},
		{"a group that waits for its own question", "| survey | type | name | label | relevant |\n| | begin group | g | G | ${a} = 'x' |\n| | text | a | A | |\n| | end group | | | |", []string{"error survey:2 name cycle"}, "g → a → g"},
		{"a choice twice", "| survey | type | name | label |\n| | select_one l | q | A |" + choicesAB + "\n| | l | a | A again |", []string{"error choices:4 name duplicate_choice"}, "row 2"},
		{"a choice without a name", "| survey | type | name | label |\n| | select_one l | q | A |" + choicesAB + "\n| | l | | C |", []string{"error choices:4 name choice_without_name"}, ""},
		{"a code with a space in a list for several choices", "| survey | type | name | label |\n| | select_multiple l | q | A |" + choicesAB + "\n| | l | c d | C |", []string{"error choices:4 name choice_space"}, "c_d"},
		{"a filter on a column that is not there", "| survey | type | name | label | choice_filter |\n| | select_one l | q | A | town = 'x' |" + choicesAB, []string{"error survey:2 choice_filter unknown_filter_column"}, "'town'"},
		{"or_other with a filter", "| survey | type | name | label | choice_filter |\n| | select_one l or_other | q | A | name != 'a' |" + choicesAB, []string{"error survey:2 type other_with_filter"}, ""},
		{"or_other beside its own question", "| survey | type | name | label |\n| | select_one l or_other | q | A |\n| | text | q_other | B |" + choicesAB, []string{"error survey:2 type duplicate_name"}, "q_other"},
		{"an unknown parameter", "| survey | type | name | label | parameters |\n| | range | q | A | stop=3 |", []string{"error survey:2 parameters unknown_parameter"}, "step"},
		{"a range that goes nowhere", "| survey | type | name | label | parameters |\n| | range | q | A | start=1 end=1 |", []string{"error survey:2 parameters bad_range"}, ""},
		{"a table of two lists", "| survey | type | name | label | appearance |\n| | begin group | g | G | table-list |\n| | select_one l | q | A | |\n| | select_one m | r | B | |\n| | end group | | | |" + choicesAB + "\n| | m | a | A |", []string{"error survey:4 type table_lists"}, ""},
		{"a key for encryption", "| survey | type | name | label |\n| | text | q | A |\n| settings | public_key |\n| | MIIB |", []string{"error settings:2 public_key encryption_key"}, ""},
		{"a repeat", "| survey | type | name | label |\n| | begin repeat | g | G |\n| | text | q | A |\n| | end repeat | | |", []string{"error survey:2 type unsupported_type"}, ""},
		{"a function of another tool", "| survey | type | name | label | calculation |\n| | date | d | D | |\n| | calculate | q | | difference-in-months(${d}, today()) |", []string{"error survey:3 calculation unsupported_function"}, ""},
		{"a table in an attached file", "| survey | type | name | label | calculation |\n| | text | d | D | |\n| | calculate | q | | pulldata('fruits', 'name', 'key', ${d}) |", []string{"error survey:3 calculation unsupported_function"}, ""},
		{"every error at once", "| survey | type | name | label | relevant |\n| | txt | q | A | |\n| | text | r s | B | |\n| | text | t | C | ${u} |", []string{"error survey:2 type unknown_type", "error survey:3 name bad_name", "error survey:4 relevant unknown_reference"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			result := read(t, test.tables, Options{})
			got := errorsOf(result.Problems)
			if test.want == nil {
				if result.OK() {
					t.Fatal("accepted")
				}
				return
			}
			if !slices.Equal(got, test.want) {
				t.Fatalf("got\n%swant %q", lines(result.Problems), test.want)
			}
			if result.Form != nil {
				t.Error("a form came with errors")
			}
			for _, p := range result.Problems {
				if p.Severity == SeverityError && !strings.Contains(p.Message+" "+p.Remedy, test.remedy) {
					t.Errorf("%q does not say %q", p.Message+"; "+p.Remedy, test.remedy)
				}
				if p.Severity == SeverityError {
					break
				}
			}
		})
	}
}

func TestWarningsTeach(t *testing.T) {
	tests := []struct {
		name, tables, want string
	}{
		{"missing translations are counted by column and language", "| survey | type | name | label::English (en) | label::Polski (pl) |\n| | text | q | A | |\n| | text | r | B | B |\n| | text | s | C | |", "warning survey:2 label missing_translation"},
		{"a bare reference as condition", "| survey | type | name | label | relevant |\n| | text | q | A | |\n| | text | r | B | ${q} |", "warning survey:3 relevant bare_reference"},
		{"= on a question with several choices", "| survey | type | name | label | relevant |\n| | select_multiple l | q | A | |\n| | text | r | B | ${q} = 'a' |" + choicesAB, "warning survey:3 relevant equals_on_multiple"},
		{"a pattern that matches anywhere", "| survey | type | name | label | constraint |\n| | text | q | A | regex(., '[0-9]+') |", "warning survey:2 constraint unanchored"},
		{"two spellings of a language", "| survey | type | name | label::English | hint::English (EN) |\n| | text | q | A | B |", "warning survey:1 hint::English (EN) near_duplicate_language"},
		{"a language nobody knows", "| survey | type | name | label::Elvish |\n| | text | q | A |", "warning survey:1 label::Elvish unknown_language"},
		{"no language at all", "| survey | type | name | label |\n| | text | q | A |", "warning survey:1 label language_unknown"},
		{"a device identifier", "| survey | type | name | label |\n| | text | q | A |\n| | deviceid | d | |", "warning survey:3 type not_collected"},
		{"names that differ in case", "| survey | type | name | label |\n| | text | q | A |\n| | text | Q | B |", "warning survey:3 name names_differ_in_case"},
		{"a name without ${}", "| survey | type | name | label | relevant |\n| | integer | age | A | |\n| | text | r | B | age > 5 |", "warning survey:3 relevant bare_name"},
		{"a default that is no choice", "| survey | type | name | label | default |\n| | select_one l | q | A | z |" + choicesAB, "warning survey:2 default default_not_a_choice"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			result := read(t, test.tables, Options{})
			if !result.OK() || !slices.ContainsFunc(result.Problems, func(p Problem) bool { return short(p) == test.want }) {
				t.Errorf("%q is not among\n%s", test.want, lines(result.Problems))
			}
		})
	}
}

func TestLenientLeavesOutWhatHangsOnIt(t *testing.T) {
	result := read(t, `
| survey | type | name | label | relevant | constraint | calculation | choice_filter |
| | geopoint | gps | Where | | | | |
| | text | seen | S | ${gps} != '' | | | |
| | calculate | calc | | | | concat(${seen}, 'x') | |
| | begin group | g | G | ${calc} = 'x' | | | |
| | text | inside | I | | | | |
| | end group | | | | | | |
| | select_one l | filtered | F | | | | name = ${gps} |
| | text | checked | C | | . != ${gps} | | |
| | note | told | You are at ${gps} now, ${checked} | | | | |
| | begin group | only | O | | | | |
| | image | photo | P | | | | |
| | end group | | | | | | |
| | text | last | L | | | | |`+choicesAB, Options{Lenient: true})
	if !result.OK() {
		t.Fatalf("refused:\n%s", lines(result.Problems))
	}
	var names, left []string
	for q := range result.Form.All() {
		names = append(names, q.Name)
	}
	for _, p := range result.LeftOut {
		left = append(left, strings.TrimPrefix(short(p), "warning survey:"))
	}
	if got := strings.Join(names, " "); got != "checked told last" {
		t.Errorf("kept %q", got)
	}
	want := []string{
		"2 type unsupported_type", "3 relevant depends_on_left_out", "4 calculation depends_on_left_out", "5 relevant depends_on_left_out",
		"6 name inside_left_out", "8 choice_filter depends_on_left_out", "9 constraint check_on_left_out", "10 label text_on_left_out", "12 type unsupported_type",
	}
	if !slices.Equal(left, want) {
		t.Errorf("left out\n%s", strings.Join(left, "\n"))
	}
	if result.Form.Question("checked").Constraint != nil {
		t.Error("the constraint on something left out stayed")
	}
	if got := result.Form.Question("told").Label[result.Form.Default]; got != "You are at … now, ${checked}" {
		t.Errorf("label %q", got)
	}
	if len(result.Form.Order) != 3 {
		t.Errorf("%d in order", len(result.Form.Order))
	}
}
