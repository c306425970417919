package expr

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestTheTreeAsJSON(t *testing.T) {
	for source, want := range map[string]string{
		"${a} = 'x'":                       `["=",["$","a"],"x"]`,
		". > 3 and . <= 1.5":               `["and",[">",["."],3],["<=",["."],1.5]]`,
		"selected(${a}, 'b')":              `["selected",["$","a"],"b"]`,
		"-${a}":                            `["-",["$","a"]]`,
		"region = ${r}":                    `["=",["@","region"],["$","r"]]`,
		"regex(., '^\\d{2}$')":             `["regex",["."],"^[0-9]{2}$"]`,
		"jr:choice-name(., '${q}')":        `["jr:choice-name",["."],"q"]`,
		"sum(${x}[. != ''])":               `["sum",["[]","x","",["!=",["."],""]]]`,
		"instance('L')/root/item[1]/label": `["rows","L","label",1]`,
		"position(..)":                     `["position(..)"]`,
		"today()":                          `["today"]`,
		"'<&>'":                            `"<&>"`,
	} {
		got, err := parse(t, source).MarshalJSON()
		if err != nil || string(got) != want {
			t.Errorf("%s: %s (%v), want %s", source, got, err, want)
		}
	}
}

func TestJSONAndSourceRoundTrip(t *testing.T) {
	sources := []string{
		"${a} - (${b} - ${c}) - 1", "-(-5)", "-(1 + 2) * 3", "1 - -3", "not(${a} = 'it' or . = \"it's\")",
		"instance('L')/root/item[name = current()][2]/label", "sum(${rep}[x > 1]/x)", "position(${x}[. = 2])", "${a} | ${b}",
		"jr:choice-name(${a}, '${a}')", "regex(., '(?i)a|b[^x-z]+\\.(c|d)')", "regex(., '^[[:alpha:]]$')", "(1 < 2) < (3 < 4)", "count(if(1, ${a}, ${b}))",
	}
	sources = append(sources, goldenSources(t)...)
	for _, source := range sources {
		e := parse(t, source)
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		var back Expr
		if err := json.Unmarshal(data, &back); err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if !equal(e.root, back.root) {
			t.Errorf("%s: %s comes back as another tree", source, data)
		}
		if again := parse(t, back.Source()); !equal(again.root, e.root) {
			t.Errorf("%s: written back as %s, which is another tree", source, back.Source())
		}
	}
}

// goldenSources are the expressions of the golden table that can be read, or none where the table is absent.
func goldenSources(t *testing.T) (sources []string) {
	t.Helper()
	t.Run("golden", func(t *testing.T) {
		for _, row := range golden(t) {
			if !row.refused {
				sources = append(sources, row.source)
			}
		}
	})
	return sources
}

func TestJSONThatNoExpressionMadeIsRefused(t *testing.T) {
	for _, data := range []string{
		`[]`, `{}`, `true`, `-1`, `["frobnicate"]`, `["$"]`, `["$",1]`, `["+",1]`, `["not"]`, `["count","a"]`, `["|",1,2]`,
		`["jr:choice-name","a",["$","q"]]`, `["regex","a","("]`, `[".",1]`, `["rows","L"]`, `["indexed-repeat",1,2,3]`,
		strings.Repeat(`["not",`, 5000) + "1" + strings.Repeat("]", 5000),
	} {
		var e Expr
		if err := json.Unmarshal([]byte(data), &e); err == nil {
			t.Errorf("%.60s is taken as %s", data, e.Source())
		}
	}
}

func TestFoldingReplacesWhatOtherPagesKnow(t *testing.T) {
	s := sample(time.UTC)
	for _, c := range []struct {
		source, want string
		server       bool
	}{
		{"${five} = 5 and ${here} > 1", `["and",["=",["{}","5"],5],[">",["$","here"],1]]`, false},
		{"${x} = ${nowhere}", `["=",["{}","1","2"],["{}"]]`, false},
		{"pulldata('L', 'label', 'name', ${sel1}) = ${here}", `["=","A",["$","here"]]`, false},
		{"pulldata('L', 'label', 'name', ${here})", `["pulldata","L","label","name",["$","here"]]`, true},
		{"instance('L')/root/item[name = ${sel1}]/label = .", `["=",["{}","A"],["."]]`, false},
		{"instance('L')/root/item[name = current()]/label", `["rows","L","label",["=",["@","name"],["current"]]]`, true},
		{"indexed-repeat(${x}, ${rep}, position(..)) = ''", `["=",["{}",""],""]`, false},
		{"sum(${rep}[x > 1]/x) + ${here}", `["+",["sum",["{}","2"]],["$","here"]]`, false},
		{"sqrt(${five}) > ${here} + sin(0)", `[">",["sqrt",["{}","5"]],["+",["$","here"],0]]`, false},
		{"-position(..) + log('x')", `["+",["-",3],["-",""]]`, false},
		{"random() + ${five}", `["+",["random"],["{}","5"]]`, true},
	} {
		e := parse(t, c.source)
		before, _ := e.MarshalJSON()
		f := Fold(e, func(name string) bool { return name == "here" }, s)
		got, err := f.MarshalJSON()
		if err != nil || string(got) != c.want || f.ServerOnly() != c.server {
			t.Errorf("%s folds to %s (%v), server %v; want %s", c.source, got, err, f.ServerOnly(), c.want)
		}
		if after, _ := e.MarshalJSON(); string(after) != string(before) {
			t.Errorf("%s was changed by folding", c.source)
		}
		for _, here := range []string{"", "1", "b"} {
			s.refs["here"] = []string{here}
			if e.Text(s) != f.Text(s) {
				t.Errorf("%s: folded gives %q, whole %q", c.source, f.Text(s), e.Text(s))
			}
		}
		delete(s.refs, "here")
	}
}

func TestHints(t *testing.T) {
	for _, c := range []struct{ source, code, repaired string }{
		{"${a}", HintBareReference, "${a} != ''"},
		{"${a} and ${b} = 1", HintBareCondition, "${a} != '' and ${b} = 1"},
		{"not(${a})", HintBareCondition, "not(${a} != '')"},
		{"if(${a}, 1, 2)", HintBareCondition, "if(${a} != '', 1, 2)"},
		{"${a} = 'x' or 'y'", HintConstant, ""},
		{"'${a}' = 'x'", HintQuoted, "${a} = 'x'"},
		{"../a = 'x'", HintPath, "${a} = 'x'"},
		{"regex(., '[0-9]+')", HintRegex, ""},
		{"sum(${a})", HintSum, "sum(${a}[. != ''])"},
		{"1 < ${a} < 3", HintChained, ""},
		{"${a} > 'many'", HintOrder, ""},
		{"selected(${a}, 'x y')", HintSelectedMany, ""},
	} {
		hints := parse(t, c.source).Lint()
		if len(hints) != 1 || hints[0].Code != c.code || hints[0].Repaired != c.repaired || hints[0].Message == "" {
			t.Errorf("%s: %+v, want %s %q", c.source, hints, c.code, c.repaired)
		}
		for _, h := range hints {
			if h.Repaired != "" {
				if left := parse(t, h.Repaired).Lint(); len(left) != 0 {
					t.Errorf("%s: repaired as %s it still has %+v", c.source, h.Repaired, left)
				}
			}
		}
	}
	for _, fine := range []string{"${a} != '' and . > 3", "(1 < ${a}) = true()", "regex(., '^a$')", "${a} > '2025-01-01'", "jr:choice-name(${a}, '${a}')", "if(${a} = 1, ${b}, '')"} {
		if hints := parse(t, fine).Lint(); len(hints) != 0 {
			t.Errorf("%s: %+v", fine, hints)
		}
	}
}
