package xlsform

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"opengate/survey"
	"opengate/survey/expr"
)

const smallForm = `
| survey  | | | | | | | | |
|         | type                | name   | label::English (en) | label::العربية | hint::English (en) | required | relevant        | constraint | constraint_message::English (en) |
|         | begin_group         | people | People              | الناس          |                    |          |                 |            | |
|         | integer             | age    | Your age            | عمرك           | in years           | yes      |                 | . >= 0     | Not below 0 |
|         | select_one yes_no   | child  | Do you have children? | هل لديك أطفال؟ |                   |          | ${age} > 15     |            | |
|         | end_group           |        |                     |                |                    |          |                 |            | |
|         | select_multiple needs | needs | What do you need?  | ماذا تحتاج؟    |                    | no       |                 | not(selected(., 'none') and count-selected(.) > 1) | |
|         | calculate           | double |                     |                |                    |          |                 |            | |
| choices | list_name | name | label::English (en) | label::العربية | district |
|         | yes_no    | yes  | Yes                 | نعم            | |
|         | yes_no    | no   | No                  | لا             | |
|         | needs     | food | Food                | طعام           | 1 |
|         | needs     | water | Water              | ماء            | 2 |
|         | needs     | none | Nothing             | لا شيء         | 2 |
| settings | form_title | form_id | version | default_language |
|         | Small form | small | 7 | English (en) |
`

func TestReadUnderstandsAWholeForm(t *testing.T) {
	f := form(t, strings.Replace(smallForm, "| calculate           | double |                     |                |                    |          |                 |            | |", "| note | bye | Thank you, ${age} | شكرا |", 1))
	if got := f.Tags(); !slices.Equal(got, []survey.Lang{"en", "ar"}) || f.Default != "en" {
		t.Errorf("languages %v, default %s", got, f.Default)
	}
	if f.ID != "small" || f.Edition != "7" || f.Title["en"] != "Small form" {
		t.Errorf("settings: %q %q %v", f.ID, f.Edition, f.Title)
	}
	age := f.Question("age")
	if age.Kind != survey.KindInteger || !slices.Equal(age.Groups, []string{"people"}) || age.Label["ar"] != "عمرك" || age.Hint["en"] != "in years" || age.Row != 3 {
		t.Errorf("age: %+v", age)
	}
	if !age.Required.Bool(expr.Empty) || f.Question("needs").Required != nil {
		t.Error("required: yes is always, no is never")
	}
	if got := f.Question("child").Relevant.Refs(); !slices.Equal(got, []string{"age"}) {
		t.Errorf("relevant refers to %v", got)
	}
	if age.ConstraintMessage["en"] != "Not below 0" {
		t.Errorf("constraint message %v", age.ConstraintMessage)
	}
	if got := f.Question("needs").Exclusive; !slices.Equal(got, []string{"none"}) {
		t.Errorf("exclusive choices %v", got)
	}
	if c := f.Lists["needs"].Choice("water"); c.Columns["district"] != "2" || c.Label["ar"] != "ماء" {
		t.Errorf("choice %+v", c)
	}
	if len(f.Body) != 3 || len(f.Body[0].Children) != 2 {
		t.Errorf("body of %d", len(f.Body))
	}
	if len(f.Hash) != 64 {
		t.Errorf("hash %q", f.Hash)
	}
}

func TestReadingRules(t *testing.T) {
	label := func(name string) func(*survey.Form) string {
		return func(f *survey.Form) string { return f.Question(name).Label[f.Default] }
	}
	tests := []struct {
		name   string
		tables string
		get    func(*survey.Form) string
		want   string
	}{
		{"a single sheet is the survey whatever its name", "| Sheet A | type | name | label |\n| | text | q | One |", label("q"), "One"},
		{"names of sheets and columns may be in capitals", "| SURVEY | TYPE | NAME | LABEL |\n| | TEXT | q | One |\n| CHOICES | list |", label("q"), "One"},
		{
			"old names of columns still serve", "| survey | command | tag | caption:English | bind:relevant |\n| | string | q | One | 1=1 |\n| choices | a |",
			func(f *survey.Form) string {
				return f.Question("q").Relevant.Source() + " " + f.Question("q").Label["en"]
			}, "1=1 One",
		},
		{"spaces run together in the survey, line breaks stay", "| survey | type | name | label |\n| | text | q | One   two\\nthree |", label("q"), "One two\nthree"},
		{"spaces stay when the author says so", "| survey | type | name | label |\n| | text | q | One   two |\n| settings | clean_text_values |\n| | no |", label("q"), "One   two"},
		{"a no-break space is a space", "| survey | type | name | label |\n| | select_one\u00a0l | q | A\u00a0b |\n| choices | list_name | name | label |\n| | l | a | A |", label("q"), "A b"},
		{
			"typographic quotes are repaired in expressions", "| survey | type | name | label | relevant |\n| | text | q | One | |\n| | text | r | Two | ${q} = ‘a’ or ${q} = “b” |\n",
			func(f *survey.Form) string { return f.Question("r").Relevant.Source() }, `${q} = 'a' or ${q} = "b"`,
		},
		{"typographic quotes stay in texts", "| survey | type | name | label |\n| | text | q | „Tak” i ім’я |", label("q"), "„Tak” i ім’я"},
		{
			"columns without a language belong to the default language", "| survey | type | name | label | label::Polish (pl) |\n| | text | q | One | Raz |\n| settings | default_language |\n| | English (en) |",
			func(f *survey.Form) string { return f.Question("q").Label["en"] + f.Question("q").Label["pl"] }, "OneRaz",
		},
		{
			"a column of the default language wins over the one without", "| survey | type | name | label | label::English |\n| | text | q | Old | New |\n| | text | r | Old | |\n| settings | default_language |\n| | English |",
			func(f *survey.Form) string { return f.Question("q").Label["en"] + f.Question("r").Label["en"] }, "NewOld",
		},
		{
			"without a default language the first one is it", "| survey | type | name | label::Polski | hint |\n| | text | q | Raz | tak |",
			func(f *survey.Form) string { return string(f.Default) + f.Question("q").Hint["pl"] }, "pltak",
		},
		{"a note without a name gets one", "| survey | type | label |\n| | note | Hello |", label("generated_note_name_2"), "Hello"},
		{
			"or_other adds a choice and a question in every language we know", "| survey | type | name | label::Polski (pl) | label::Deutsch (de) | label::Українська (uk) |\n| | select_one l or_other | q | A | B | C |\n| choices | list_name | name | label::Polski (pl) |\n| | l | a | A |",
			func(f *survey.Form) string {
				o := f.Question("q_other")
				c := f.Lists["l"].Choice("other")
				return o.OtherOf + o.Label["pl"] + o.Label["de"] + o.Relevant.Source() + c.Label["uk"]
			}, "qProszę podać, jakie.selected(${q}, 'other')Інше",
		},
		{
			"or_other keeps a choice named other", "| survey | type | name | label |\n| | select_one l or_other | q | A |\n| choices | list_name | name | label |\n| | l | a | A |\n| | l | other | Something else |",
			func(f *survey.Form) string {
				return fmt.Sprint(len(f.Lists["l"].Choices), f.Lists["l"].Choice("other").Label[f.Default])
			}, "2Something else",
		},
		{
			"a name used in two groups gives two identities", "| survey | type | name | label |\n| | begin group | a | A |\n| | text | q | One |\n| | end group |\n| | begin group | b | B |\n| | text | q | Two |\n| | end group |",
			func(f *survey.Form) string {
				return f.Question("a/q").Label[f.Default] + f.Question("b/q").Label[f.Default]
			}, "OneTwo",
		},
		{
			"a range has its defaults", "| survey | type | name | label | parameters |\n| | range | q | A | start=0, end = 5 |",
			func(f *survey.Form) string {
				p := f.Question("q").Parameters
				return p["start"] + p["end"] + p["step"]
			}, "051",
		},
		{
			"a computed default is an expression, another one a text", "| survey | type | name | label | default |\n| | date | q | A | today() |\n| | text | r | B | north - south |\n| | integer | s | C | 2 + 2 |",
			func(f *survey.Form) string {
				return f.Question("q").Initial.Source() + f.Question("r").Default + f.Question("s").Initial.Source()
			}, "today()north - south2 + 2",
		},
		{
			"comments and disabled rows are passed over", "| survey | type | name | label | disabled |\n| | text | q | A | |\n| | begin group | g | G | yes |\n| | text | r | B | |\n| | end group | | | |\n| | text | s | C | |",
			func(f *survey.Form) string { return f.Body[0].Name + f.Body[1].Name }, "qs",
		},
		{
			"external choices are choices", "| survey | type | name | label | choice_filter |\n| | text | c | City | |\n| | select_one_external l | q | A | city=${c} |\n| external_choices | list_name | name | label | city |\n| | l | a | A | krk |",
			func(f *survey.Form) string { return f.Lists["l"].Choices[0].Columns["city"] }, "krk",
		},
		{
			"a device identifier that something refers to is blank", "| survey | type | name | label | calculation |\n| | deviceid | d | | |\n| | simserial | s | | |\n| | calculate | c | | concat(${d}, 'x') |",
			func(f *survey.Form) string {
				if f.Question("s") != nil {
					return "s is kept"
				}
				return string(f.Question("d").Kind) + f.Question("d").Calculation.Text(expr.Empty)
			}, "calculate",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.get(form(t, test.tables)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestOrderFollowsReferencesThenTheForm(t *testing.T) {
	f := form(t, `
| survey | type | name | label | relevant | calculation |
| | text | a | A | ${sum} > 1 | |
| | begin group | g | G | ${a} = 'x' | |
| | integer | b | B | | |
| | end group | | | | |
| | integer | c | C | | |
| | calculate | sum | | | ${c} + 1 |`)
	var names []string
	for _, q := range f.Order {
		names = append(names, q.Name)
	}
	if got := strings.Join(names, " "); got != "c sum a g b" {
		t.Errorf("order %q", got)
	}
}

func TestLanguageNames(t *testing.T) {
	for name, want := range map[string]survey.Lang{
		"English (en)": "en", "english": "en", "en": "en", "English (EN)": "en", "العربية": "ar", "Arabic": "ar", "French": "fr", "Français": "fr",
		"Swahili": "sw", "chinese": "zh", "Polish": "pl", "Polski": "pl", "Ukrainian": "uk", "Українська": "uk", "українська мова (uk)": "uk",
		"Tetun": "tet", "Español": "es", "Español (es)": "es", "Hausa": "ha", "Polski, łatwy (pl-simple)": "pl-simple", "pl-simple": "pl-simple",
		"eng": "en", "Russian": "ru", "русский": "ru", "Kurdish (Sorani)": "ckb", "Portuguese (Brazil)": "pt", "Klingonese": "x-klingone-se", " Arabic (ar)": "ar", "": "x-" + privateTag("")[2:],
	} {
		if got := tagOf(name); got != want {
			t.Errorf("tagOf(%q) = %q, want %q", name, got, want)
		}
	}
	if a, b := tagOf("ⵜⴰⵎⵣⵏⵉ"), tagOf("ᏣᎳᎩᎩ"); a == b || !strings.HasPrefix(string(a), "x-") {
		t.Errorf("unknown scripts: %s, %s", a, b)
	}
}

func TestExclusiveChoices(t *testing.T) {
	for constraint, want := range map[string]string{
		"not(selected(.,'none') and count-selected(.)>1)":                                                   "none",
		"not(selected(., 'none') and (selected(., 'a') or selected(., 'b') or selected(., 'dk')))":          "none",
		"if(selected(., 'dk'), count-selected(.) = 1, true())":                                              "dk",
		"not((selected(.,'none') or selected(.,'dk')) and count-selected(.) > 1)":                           "none dk",
		"not(selected(.,'none') and count-selected(.)>1) and not(selected(.,'dk') and count-selected(.)>1)": "none dk",
		"count-selected(.) <= 3":                            "",
		"not(selected(., 'a') and selected(., 'b'))":        "",
		"count-selected(.) = 1 or not(selected(., 'none'))": "none",
		"not(selected(., ${x}) and count-selected(.) > 1)":  "",
	} {
		f := form(t, "| survey | type | name | label | constraint |\n| | text | x | X |\n| | select_multiple l | q | A | "+constraint+" |\n| choices | list_name | name | label |\n| | l | a | A |\n| | l | b | B |\n| | l | none | None |\n| | l | dk | ? |")
		if got := strings.Join(f.Question("q").Exclusive, " "); got != want {
			t.Errorf("%s: exclusive %q, want %q", constraint, got, want)
		}
	}
}
