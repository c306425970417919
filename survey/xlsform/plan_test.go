package xlsform

import (
	"slices"
	"strings"
	"testing"

	"opengate/survey"
)

const plannedForm = `
| survey | type | name | label::English (en) | label::Polski (pl) | og_role | og_area | og_of | og_need_at | og_severe_at | og_positive | og_direction | og_recall | og_base | og_special | og_rank |
| | begin_group | groups | About you | O Tobie | | | | | | | | | | | |
| | select_one gender | gender | Gender | Płeć | | | | | | | | | | yes | |
| | select_one age | age | Age | Wiek | | | | | | | | | | | |
| | select_multiple status | status | Status | Status | | | | | | | | | | | |
| | end_group | | | | | | | | | | | | | | |
| | select_one scale | home | Is your home good? | Czy dom jest dobry? | need | HOU | | 3 | 5 | | | 12m | | | |
| | select_multiple service | needed | Needed | Potrzebne | needed | by_choice | | | | | | | | | |
| | select_one yn | got | Got it? | Otrzymano? | unmet | by_choice | needed | | | no | | | asked | | |
| | integer | trust | Trust | Zaufanie | trust | INF | | | | >=4 | higher_is_better | | | | |
| | select_one service | first | First | Pierwsza | priority | | | | | | | | | | prio:1 |
| | select_one service | second | Second | Druga | priority | | | | | | | | | | prio:2 |
| | text | more | More | Więcej | | | | | | | | | | | |
| choices | list_name | name | label::English (en) | label::Polski (pl) | og_score | og_missing | og_rollup | og_exclusive | og_area | og_other |
| | gender | f | Woman | Kobieta | | | | | | |
| | gender | m | Man | Mężczyzna | | | | | | |
| | gender | pnts | Prefer not to say | Wolę nie mówić | | pnts | | | | |
| | age | young | Under 30 | Do 30 | | | | | | |
| | age | old | 30 to 79 | 30–79 | | | | | | |
| | age | veryold | 80 or more | 80+ | | | old | | | |
| | status | refugee | Refugee | Uchodźca | | | | | | |
| | status | none | None | Nic | | | | yes | | |
| | status | dk | ? | ? | | dk | | | | |
| | scale | full | Yes | Tak | 1 | | | | | |
| | scale | half | Partly | Trochę | 3 | | | | | |
| | scale | no | No | Nie | 5 | | | | | |
| | service | school | School | Szkoła | | | | | EDU | |
| | service | doctor | Doctor | Lekarz | | | | | HEA | |
| | service | other | Other | Inne | | | | | | yes |
| | yn | yes | Yes | Tak | | | | | EDU | |
| | yn | no | No | Nie | | | | | EDU | |
| og_dimensions | code | kind | label::English (en) | question | category | category_label::English (en) | when | of | special |
| | gender | single | Gender | gender | | | | | |
| | age | single | | age | | | | | |
| | status | multi | Status | status | | | | | |
| | newcomer | derived | Newcomers | | yes | Newcomer | selected(${status}, 'refugee') | | |
| | newcomer | | | | rest | Others | not(selected(${status}, 'refugee')) | | |
| | agexnew | cross | | | | | | age newcomer | |
| | genderxage | cross | | | | | | gender, age | |
| og_margins | dimension | category | share | count | source | date |
| | age | young | 0.4 | | Census | 2021-03-31 |
| | age | old | 0.6 | | Census | 2021-03-31 |
| og_evidence | area | kind | statement::English (en) | statement::Polski (pl) | source | date |
| | HOU | structure | The city builds 100 homes a year | Miasto buduje 100 mieszkań rocznie | Budget | 2025-01-01 |
| og_settings | key | value | value::English (en) | value::Polski (pl) |
| | timezone | Europe/Warsaw | | |
| | controller | City of Kraków | | |
| | contact | rodo@example.org | | |
| | dpo | dpo@example.org | | |
| | purpose | | To learn what people need | Poznać potrzeby |
| | consent_version | 2 | | |
| | min_age | 16 | | |
| | retention_days | 730 | | |
| | support | | Call 112 | Dzwoń pod 112 |
| | expected_answers | 3000 | | |
| | wave | w1 | | |
| | made_up | yes | | |
| | team_microdata | no | | |
| | draft_languages | pl | | |
`

func TestPlanIsReadWhole(t *testing.T) {
	f := form(t, plannedForm)
	for _, l := range f.Languages {
		if l.Reviewed != (l.Tag != "pl") {
			t.Errorf("%s: reviewed %v", l.Tag, l.Reviewed)
		}
	}
	analysis := func(id string) survey.Analysis { return f.Question(id).Analysis }
	if a := analysis("home"); a.Role != survey.RoleNeed || a.Area != "HOU" || a.NeedAt != 3 || a.SevereAt != 5 || a.Recall != "12m" {
		t.Errorf("home: %+v", a)
	}
	if a := analysis("got"); a.Of != "needed" || !slices.Equal(a.Positive.Codes, []string{"no"}) || !a.BaseAsked {
		t.Errorf("got: %+v", a)
	}
	if a := analysis("trust"); *a.Positive.Min != 4 || a.Higher != survey.HigherIsBetter {
		t.Errorf("trust: %+v", a)
	}
	if a := analysis("second"); a.Rank != "prio" || a.Position != 2 {
		t.Errorf("second: %+v", a)
	}
	if a := analysis("gender"); a.Role != survey.RoleGroup || !a.Special {
		t.Errorf("gender: %+v", a)
	}
	if analysis("more").Role != survey.RoleOpen || analysis("first").NeedAt != 3 || analysis("first").SevereAt != 4 {
		t.Error("defaults are not filled in")
	}
	if got := f.Question("status").Exclusive; !slices.Equal(got, []string{"none", "dk"}) {
		t.Errorf("exclusive %v", got)
	}
	if c := f.Lists["gender"].Choice("pnts"); c.Missing != survey.Refused {
		t.Errorf("pnts: %+v", c)
	}
	checkDimensions(t, f)
	checkPlanRest(t, f)
}

func checkDimensions(t *testing.T, f *survey.Form) {
	t.Helper()
	var got []string
	for _, d := range f.Plan.Dimensions {
		special := ""
		if d.Special {
			special = "!"
		}
		got = append(got, d.Code+special+":"+string(d.Kind)+":"+strings.Join(categoryCodes(&d), ",")+strings.Join(d.Of[:], "*"))
	}
	want := []string{"gender!:single:f,m*", "age:single:young,old*", "status:multi:refugee,none*", "newcomer:derived:yes,rest*", "agexnew:cross:age*newcomer", "genderxage!:cross:gender*age"}
	if !slices.Equal(got, want) {
		t.Errorf("dimensions\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if l := f.Plan.Dimensions[1].Label["pl"]; l != "Wiek" {
		t.Errorf("a dimension without a label has %q", l)
	}
	if c := f.Plan.Dimensions[3].Categories[0]; c.Label["en"] != "Newcomer" || c.When == nil {
		t.Errorf("derived category %+v", c)
	}
}

func checkPlanRest(t *testing.T, f *survey.Form) {
	t.Helper()
	p := f.Plan
	if len(p.Margins) != 2 || p.Margins[0].Share != 0.4 || p.Margins[0].Source != "Census" || p.Margins[0].Date != "2021-03-31" {
		t.Errorf("margins %+v", p.Margins)
	}
	if len(p.Evidence) != 1 || p.Evidence[0].Statement["pl"] == "" || p.Evidence[0].Kind != "structure" {
		t.Errorf("evidence %+v", p.Evidence)
	}
	s := p.Settings
	if s.Timezone != "Europe/Warsaw" || s.Controller != "City of Kraków" || s.Contact != "rodo@example.org" || s.DPO != "dpo@example.org" ||
		s.Purpose["pl"] != "Poznać potrzeby" || s.ConsentVersion != "2" || s.MinAge != 16 || s.RetentionDays != 730 || s.Support["en"] != "Call 112" ||
		s.ExpectedAnswers != 3000 || s.Wave != "w1" || !s.MadeUp || s.TeamMicrodata {
		t.Errorf("settings %+v", s)
	}
	if len(p.Areas) != 15 || p.Areas[0].Code != "EQU" || !p.Declared {
		t.Errorf("%d areas, declared %v", len(p.Areas), p.Declared)
	}
	for _, a := range p.Areas {
		for _, l := range []survey.Lang{"pl", "en", "uk", "ru", "ar", "pl-simple"} {
			if a.Label[l] == "" {
				t.Errorf("the area %s has no label in %s", a.Code, l)
			}
		}
	}
	if missing := Missing(f); len(missing) != 0 {
		t.Errorf("missing:\n%s", lines(missing))
	}
}

// TestPlanThatIsWrong changes one thing of a good plan at a time.
func TestPlanThatIsWrong(t *testing.T) {
	tests := []struct {
		name, old, new string
		want           string // the only error
		says           string
	}{
		{"a misspelt column", "og_recall", "og_recal", "error survey:1 og_recal unknown_og_column", "did you mean og_recall?"},
		{"a misspelt column of choices", "| og_score |", "| og_scor |", "*error choices:1 og_scor unknown_og_column", "og_score"},
		{"a misspelt sheet", "| og_margins |", "| og_margin |", "error og_margin:0 unknown_og_sheet", "og_margins"},
		{"a misspelt column of a plan sheet", "| category_label::English (en) |", "| categorylabel |", "error og_dimensions:1 categorylabel unknown_og_column", "category_label"},
		{"a misspelt key", "| expected_answers |", "| expectedanswers |", "error og_settings:11 key unknown_og_value", "expected_answers"},
		{"a misspelt role", "| need | HOU |", "| neeed | HOU |", "error survey:7 og_role unknown_og_value", "did you mean need?"},
		{"an area that is not one", "| need | HOU |", "| need | HOO |", "*error survey:7 og_area unknown_og_value", "HOU"},
		{"a need in no area", "| need | HOU |", "| need | |", "error survey:7 og_area need_without_area", ""},
		{"a need nobody can have", "| | 3 | 5 | |", "| | 6 | 7 | |", "error survey:7 og_need_at need_threshold", "from 1 to 5"},
		{"a need everybody has", "| | 3 | 5 | |", "| | 1 | 5 | |", "error survey:7 og_need_at need_threshold", ""},
		{"severe below need", "| | 3 | 5 | |", "| | 3 | 2 | |", "error survey:7 og_severe_at severe_below_need", ""},
		{"a threshold that is no number", "| | 3 | 5 | |", "| | three | 5 | |", "error survey:7 og_need_at not_a_number", ""},
		{"unmet of nothing", "| needed | | | no |", "| | | | no |", "error survey:9 og_role role_needs_of", ""},
		{"unmet of a question that is not there", "| needed | | | no |", "| neded | | | no |", "error survey:9 og_of unknown_reference", "did you mean needed?"},
		{"a yes that is no choice", "| needed | | | no |", "| needed | | | noo |", "error survey:9 og_positive unknown_og_value", "did you mean no?"},
		{"a bound without a number", ">=4", ">= x", "error survey:10 og_positive unknown_og_value", ""},
		{"a direction that is none", "higher_is_better", "up", "error survey:10 og_direction unknown_og_value", "higher_is"},
		{"a base that is none", "| asked |", "| all |", "error survey:9 og_base unknown_og_value", "a"},
		{"a ranking with a gap", "prio:2", "prio:3", "error survey:12 og_rank rank_places", "prio:2"},
		{"a ranking without a place", "prio:2", "prio", "error survey:12 og_rank unknown_og_value", "name:position"},
		{
			"a special question that is required", "| survey | type | name | label::English (en) | label::Polski (pl) | og_role | og_area | og_of | og_need_at | og_severe_at | og_positive | og_direction | og_recall | og_base | og_special | og_rank |",
			"| survey | type | name | label::English (en) | required | og_role | og_area | og_of | og_need_at | og_severe_at | og_positive | og_direction | og_recall | og_base | og_special | og_rank |", "*error survey:3 required", "",
		},
		{"a special question that cannot be refused", "Wolę nie mówić | | pnts |", "Wolę nie mówić | | |", "error survey:3 og_special special_without_refusal", "gender"},
		{"a group that is a number", "| trust | INF |", "| group | INF |", "error survey:10 og_role role_needs_choices", "integer"},
		{"a choice that is missing and has a score", "| ? | ? | | dk |", "| ? | ? | 2 | dk |", "error choices:10 og_score score_of_missing", ""},
		{"a roll-up into nothing", "| | | old | | | |", "| | | olt | | | |", "error choices:7 og_rollup unknown_og_value", "did you mean old?"},
		{"a roll-up into itself", "| | | old | | | |", "| | | veryold | | | |", "error choices:7 og_rollup rollup_to_itself", ""},
		{"a service in no area", "| School | Szkoła | | | | | EDU | |", "| School | Szkoła | | | | | | |", "error survey:8 og_area area_by_choice", "school"},
		{"a dimension of a question that is not there", "| gender | single | Gender | gender |", "| gender | single | Gender | gendr |", "*error og_dimensions:2 question unknown_reference", "did you mean gender?"},
		{"a dimension of the wrong kind", "| status | multi |", "| status | single |", "*error og_dimensions:4 kind dimension_kind", "multi"},
		{"a kind that is none", "| newcomer | derived |", "| newcomer | derivd |", "*error og_dimensions:5 kind unknown_og_value", "derived"},
		{"a cross of three", "gender, age", "gender, age, status", "error og_dimensions:8 of cross_of_two", ""},
		{"a cross of what is not declared", "gender, age", "gender, aged", "error og_dimensions:8 of unknown_dimension", "did you mean age?"},
		{"a cross of a cross", "gender, age", "gender, agexnew", "error og_dimensions:8 of unknown_dimension", ""},
		{"a category that refers to nothing", "not(selected(${status}", "not(selected(${state}", "*error og_dimensions:6 when unknown_reference", "status"},
		{"margins that do not add up", "| 0.6 |", "| 0.7 |", "error og_margins:2 dimension margins_sum", "1.1"},
		{"a margin for one group only", "| | age | old | 0.6 | | Census | 2021-03-31 |\n", "", "*error og_margins:2 dimension margins_incomplete", "old"},
		{"a margin of a special group", "| | age | young | 0.4 |", "| | gender | f | 0.4 |", "*error og_margins:2 dimension margin_special", ""},
		{"a margin of a group that is not there", "| | age | young | 0.4 |", "| | age | yung | 0.4 |", "*error og_margins:2 category unknown_category", "young"},
		{"a share above one", "| 0.4 |", "| 40 |", "*error og_margins:2 share margin_value", ""},
		{"evidence of a kind that is none", "| structure |", "| law |", "error og_evidence:2 kind unknown_og_value", "structure"},
		{"a time zone that is none", "Europe/Warsaw", "Europe/Krakow", "error og_settings:2 value unknown_timezone", "Europe/Warsaw"},
		{"no time zone", "| | timezone | Europe/Warsaw | | |\n", "", "error og_settings:0 key no_timezone", ""},
		{"a flag that is none", "| made_up | yes |", "| made_up | perhaps |", "error og_settings:13 value unknown_og_value", ""},
		{"a key twice", "| wave |", "| min_age |", "error og_settings:12 key duplicate_key", ""},
		{"days that are no number", "| 730 |", "| two years |", "error og_settings:9 value not_a_number", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			changed := strings.Replace(plannedForm, test.old, test.new, 1)
			if changed == plannedForm {
				t.Fatal("nothing was changed")
			}
			if test.name == "a special question that is required" {
				changed = strings.Replace(changed, "| Gender | Płeć |", "| Gender | yes |", 1)
			}
			checkOnly(t, read(t, changed, Options{}), test.want, test.says)
		})
	}
}

// checkOnly wants exactly one error, or with a leading * that one first.
func checkOnly(t *testing.T, result *Result, want, says string) {
	t.Helper()
	bare, first := strings.CutPrefix(want, "*")
	got := errorsOf(result.Problems)
	if len(got) == 0 || !strings.HasPrefix(got[0], bare) && !(first && slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, bare) })) || !first && len(got) > 1 {
		t.Fatalf("want %s, got\n%s", want, lines(result.Problems))
	}
	for _, p := range result.Problems {
		if strings.HasPrefix(short(p), bare) && !strings.Contains(p.Message+" "+p.Remedy, says) {
			t.Errorf("%q does not say %q", p.Message+"; "+p.Remedy, says)
		}
	}
}

func TestDimensionsOfAFormWithoutPlan(t *testing.T) {
	tables := "| survey | type | name | label |\n| | select_one l | sex | Sex |\n| | select_multiple l | many | M |\n| | text | t | T |\n| | image | i | I |" + choicesAB
	result := read(t, tables, Options{By: []string{"sex", "many"}, Lenient: true})
	if !result.OK() || len(result.Form.Plan.Dimensions) != 2 || result.Form.Plan.Dimensions[1].Kind != survey.DimensionMulti || result.Form.Plan.Declared {
		t.Fatalf("%+v\n%s", result.Form, lines(result.Problems))
	}
	if result.Form.Question("sex").Analysis.Role != survey.RoleGroup {
		t.Error("the role is not group")
	}
	for by, want := range map[string]string{"sx": "error survey:0 unknown_by", "t": "error survey:4 type by_needs_choices", "i": "error survey:5 name unknown_by"} {
		checkOnly(t, read(t, tables, Options{By: []string{by}, Lenient: true}), want, "")
	}
	checkOnly(t, read(t, plannedForm, Options{By: []string{"age"}}), "error :0 by_with_plan", "")
}

func TestDefaultDimensionsAreTheSelectsOfTheGroupNamedGroups(t *testing.T) {
	f := form(t, "| survey | type | name | label |\n| | begin group | groups | G |\n| | select_one l | sex | Sex |\n| | integer | n | N |\n| | end group |\n| | select_one l | item | I |"+choicesAB)
	if d := f.Plan.Dimensions; len(d) != 1 || d[0].Code != "sex" || d[0].Question != "sex" {
		t.Errorf("%+v", d)
	}
}

func TestMissingNamesWhatTheLawAsksFor(t *testing.T) {
	f := form(t, "| survey | type | name | label::English (en) | label::Polski (pl) |\n| | text | q | A | B |\n| og_settings | key | value | value::English (en) |\n| | timezone | Europe/Warsaw | |\n| | purpose | | Needs |\n| | controller | City | |")
	var got []string
	for _, p := range Missing(f) {
		got = append(got, p.Code)
		if p.Code == "missing_purpose" && !strings.Contains(p.Message, "Polski (pl)") {
			t.Errorf("%q does not name the language", p.Message)
		}
	}
	if want := []string{"missing_contact", "missing_dpo", "missing_purpose", "missing_consent_version", "missing_retention_days"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
