package survey_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	. "opengate/survey"
	"opengate/survey/expr"
)

var monday = Now{Time: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), Langs: []Lang{"en"}}

func parse(t *testing.T, src string) *expr.Expr {
	t.Helper()
	e, err := expr.Parse(src)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return e
}

// household is a small form with every construct that Check has a rule for.
func household(t *testing.T) *Form {
	t.Helper()
	f := &Form{
		Default: "en", Languages: []Language{{Tag: "en"}},
		Lists: map[string]*List{
			"yn": {Name: "yn", Choices: []*Choice{{Code: "yes"}, {Code: "no"}, {Code: "pnts", Missing: Refused}}},
			"city": {Name: "city", Choices: []*Choice{
				{Code: "krk", Columns: map[string]string{"country": "pl"}}, {Code: "kyiv", Columns: map[string]string{"country": "ua"}},
			}},
			"help": {Name: "help", Choices: []*Choice{{Code: "food"}, {Code: "water"}, {Code: "none", Exclusive: true}}},
		},
		Body: []*Question{
			{ID: "name", Name: "name", Kind: KindText},
			{ID: "about", Name: "about", Kind: KindGroup, Children: []*Question{
				{ID: "age", Name: "age", Kind: KindInteger, Required: parse(t, "true()"), Constraint: parse(t, ". >= 16 and . <= 120")},
				{ID: "country", Name: "country", Kind: KindText},
				{ID: "city", Name: "city", Kind: KindSelectOne, List: "city", Filter: parse(t, "country=${country}")},
				{ID: "moved", Name: "moved", Kind: KindDate},
				{ID: "twice", Name: "twice", Kind: KindCalculate, Calculation: parse(t, "${age} * 2")},
			}},
			{ID: "work", Name: "work", Kind: KindGroup, Relevant: parse(t, "${age} >= 18"), Children: []*Question{
				{ID: "job", Name: "job", Kind: KindSelectOne, List: "yn", Required: parse(t, "true()")},
				{ID: "pay", Name: "pay", Kind: KindDecimal, Relevant: parse(t, "${job} = 'yes'")},
				{ID: "help", Name: "help", Kind: KindSelectMultiple, List: "help"},
			}},
		},
	}
	f.Index()
	return f
}

// filled gives the answers as ParseAnswer reads them from "question=text" pairs.
func filled(t *testing.T, f *Form, pairs ...string) Answers {
	t.Helper()
	a := Answers{}
	for _, p := range pairs {
		id, text, _ := strings.Cut(p, "=")
		a[id], _ = ParseAnswer(f.Question(id), []string{text})
	}
	return a
}

func TestCheckReportsEveryProblemInFormOrder(t *testing.T) {
	f := household(t)
	for name, row := range map[string]struct {
		answers []string
		want    []Problem
	}{
		"nothing given": {nil, []Problem{{Question: "age", Code: Missing}}},
		"all at once": {
			[]string{"help=none food", "age=40", "moved=2026-02-30", "job=maybe"},
			[]Problem{
				{Question: "moved", Code: NotADate},
				{Question: "job", Code: NotAChoice, Params: map[string]any{"choice": "maybe"}},
				{Question: "help", Code: Exclusive, Params: map[string]any{"choice": "none"}},
			},
		},
		"the author's own rule":                {[]string{"age=15"}, []Problem{{Question: "age", Code: Constraint}}},
		"a word where a number belongs":        {[]string{"age=forty"}, []Problem{{Question: "age", Code: NotAnInteger}}},
		"required only when shown":             {[]string{"age=17"}, nil},
		"required when its group is shown":     {[]string{"age=18"}, []Problem{{Question: "job", Code: Missing}}},
		"a coded refusal answers":              {[]string{"age=18", "job=pnts"}, nil},
		"hidden answers are not checked":       {[]string{"age=17", "pay=much"}, nil},
		"a text longer than can be kept":       {[]string{"age=17", "name=" + strings.Repeat("ż", MaxText+1)}, []Problem{{Question: "name", Code: TooLong, Params: map[string]any{"max": MaxText}}}},
		"a text of the greatest length":        {[]string{"age=17", "name=" + strings.Repeat("ż", MaxText)}, nil},
		"an integer beyond 32 bits":            {[]string{"age=99999999999", "job=no"}, []Problem{{Question: "age", Code: NotAnInteger}}},
		"a decimal comma":                      {[]string{"age=20", "job=yes", "pay=12,5"}, nil},
		"a date in the local order is refused": {[]string{"age=17", "moved=03/02/2025"}, []Problem{{Question: "moved", Code: NotADate}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Check(f, filled(t, f, row.answers...), monday)
			if !reflect.DeepEqual(got, row.want) {
				t.Errorf("got  %+v\nwant %+v", got, row.want)
			}
		})
	}
}

func TestParseAnswerReadsWhatPeopleType(t *testing.T) {
	f := household(t)
	for _, row := range []struct{ id, typed, want string }{
		{"age", " ٤٢ ", "42"},
		{"age", "۴۲", "42"},
		{"age", "007", "7"},
		{"pay", "1 234,50", "1234.5"},
		{"pay", "٣٫٥", "3.5"},
		{"pay", "1e3", "1000"},
		{"pay", "0x10", "0x10"}, // kept as typed, with a problem
		{"moved", "2025-3-4", "2025-03-04"},
		{"help", "water food water", "food water"},
		{"name", "  Zażółć  ", "Zażółć"},
		{"name", "a\x00b\x0bc\r\nd\te\x1b", "abc\nd\te"},
	} {
		if got, _ := ParseAnswer(f.Question(row.id), []string{row.typed}); got.Text != row.want {
			t.Errorf("%s %q: got %q, want %q", row.id, row.typed, got.Text, row.want)
		}
	}
}

func TestNotRelevantIsBlankEverywhereAndComesBack(t *testing.T) {
	f := household(t)
	a := filled(t, f, "age=17", "job=yes", "pay=10")
	v := Evaluate(f, a, monday)
	if v.Relevant("pay") || v.Value("pay") != (Value{}) || v.Value("job").Given() {
		t.Errorf("a hidden group leaks: %+v %+v", v.Value("job"), v.Value("pay"))
	}
	a["age"] = Value{State: Answered, Text: "18"}
	if v = Evaluate(f, a, monday); v.Value("pay").Text != "10" {
		t.Errorf("what was typed did not come back: %+v", v.Value("pay"))
	}
}

func TestChoiceFilterBlanksAndBringsBack(t *testing.T) {
	f := household(t)
	a := filled(t, f, "age=17", "country=pl", "city=krk")
	if v := Evaluate(f, a, monday); v.Value("city").Text != "krk" || len(v.Choices("city")) != 1 {
		t.Fatalf("filter: %+v %v", v.Value("city"), v.Choices("city"))
	}
	a["country"] = Value{State: Answered, Text: "ua"}
	if v := Evaluate(f, a, monday); v.Value("city").Given() {
		t.Error("a choice that is filtered away stays")
	}
	a["country"] = Value{}
	if v := Evaluate(f, a, monday); len(v.Choices("city")) != 0 {
		t.Error("a blank filter offers choices")
	}
}

func TestSheetKeepsTheStatesApart(t *testing.T) {
	f := household(t)
	v := Evaluate(f, filled(t, f, "age=30", "job=no"), monday)
	whole := v.Sheet(func(int) bool { return true })
	want := Answers{
		"name": {State: Skipped}, "age": {Answered, "30"}, "country": {State: Skipped}, "city": {State: Skipped},
		"moved": {State: Skipped}, "twice": {Answered, "60"}, "job": {Answered, "no"}, "help": {State: Skipped},
	}
	if !reflect.DeepEqual(whole, want) {
		t.Errorf("whole sheet:\ngot  %v\nwant %v", whole, want)
	}
	early := v.Sheet(func(page int) bool { return page < 2 })
	if early["job"].State != NotReached || early["pay"].State != NotReached || early["age"].State != Answered {
		t.Errorf("sent before the third page: %v", early)
	}
	if first := v.Sheet(func(page int) bool { return page < 1 }); first["twice"].State != NotReached || first["pay"].State != NotReached {
		t.Errorf("a calculation over a question that was not reached is stored: %v", first)
	}
	young := Evaluate(f, filled(t, f, "age=16"), monday).Sheet(func(page int) bool { return page < 2 })
	if _, asked := young["job"]; asked {
		t.Error("a page that would not have been shown counts as not reached")
	}
}

func TestPagesAreTopLevelGroupsOrFiveQuestions(t *testing.T) {
	f := &Form{Lists: map[string]*List{}}
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		f.Body = append(f.Body, &Question{ID: id, Name: id, Kind: KindText})
	}
	f.Body = append(f.Body, &Question{ID: "g", Kind: KindGroup, Children: []*Question{{ID: "h", Kind: KindText}}},
		&Question{ID: "calc", Kind: KindCalculate, Calculation: parse(t, "1")})
	f.Index()
	var got []int
	for _, p := range f.Pages() {
		got = append(got, len(p.Questions))
	}
	if !reflect.DeepEqual(got, []int{5, 1, 1}) {
		t.Errorf("questions per page: %v", got)
	}
}

func TestLabelsCannotBeInjectedThroughAnswers(t *testing.T) {
	f := household(t)
	v := Evaluate(f, filled(t, f, "name=<b>*x*</b> [a](javascript:1)"), monday)
	got, lang := v.Text(Text{"en": "Hello ${name}!"}, "uk", "en")
	if want := `Hello \<b\>\*x\*\<\/b\> \[a\]\(javascript:1\)!`; strings.ReplaceAll(got, `/`, `\/`) != want || lang != "en" {
		t.Errorf("got %q in %s", got, lang)
	}
}

func TestTextSaysWhichLanguageItIs(t *testing.T) {
	text := Text{"pl": "tak", "en": "", "uk": "так"}
	for _, row := range []struct {
		langs []Lang
		want  string
		lang  Lang
	}{{[]Lang{"uk"}, "так", "uk"}, {[]Lang{"en", "pl"}, "tak", "pl"}, {[]Lang{"ar"}, "tak", "pl"}} {
		if s, l := text.In(row.langs...); s != row.want || l != row.lang {
			t.Errorf("%v: %q in %s", row.langs, s, l)
		}
	}
	if s, l := (Text{}).In("en"); s != "" || l != "" {
		t.Errorf("no text: %q %q", s, l)
	}
}

func TestStatusMovesForwardOnly(t *testing.T) {
	for _, row := range []struct {
		from, to Status
		want     bool
	}{
		{StatusDraft, StatusTest, true},
		{StatusDraft, StatusOpen, true},
		{StatusTest, StatusOpen, true},
		{StatusOpen, StatusDraft, false},
		{StatusOpen, StatusTest, false},
		{StatusClosed, StatusOpen, true},
		{StatusArchived, StatusOpen, false},
		{StatusOpen, StatusArchived, false},
	} {
		if got := row.from.CanBecome(row.to); got != row.want {
			t.Errorf("%s to %s: %v", row.from, row.to, got)
		}
	}
}
