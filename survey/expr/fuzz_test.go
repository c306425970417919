package expr

import (
	"encoding/json"
	"testing"
	"time"
	"unicode/utf8"
)

var seeds = []string{
	"${a} = 'x' and not(selected(., \"b\"))", "sum(${x}[. != '']) div count(${x})", "if(region = ${r}, -1.5, 'a')",
	"instance('L')/root/item[name = current()/../a][position() = 2]/label", "regex(., '^[0-9]{2}\\.(a|b)*$')",
	"format-date(today() + 1, '%Y-%m-%d')", "jr:choice-name(${a}, '${a}')", "indexed-repeat(${x}, ${rep}, position(..))",
	"‘a’ = “b” | ../x", "substr(concat(${x}, 'żółw'), -2) mod 3", "randomize(${x}, 'seed')", "((((1))))", "pow(2, 1000) * round(1.5, 300)",
}

// FuzzParse holds that every source either is refused with a place inside it, or comes back the same from both of
// its written forms.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := Parse(source)
		if err != nil {
			se := err.(*SyntaxError) //nolint:errorlint,forcetypeassert // Parse promises it
			if se.Pos < 0 || se.Pos > len(source) || se.Message == "" || se.Code == "" {
				t.Fatalf("%q: %+v", source, se)
			}
			return
		}
		for _, h := range e.Lint() {
			if h.Repaired != "" {
				if _, err := Parse(h.Repaired); err != nil {
					t.Fatalf("%q: the repair %q cannot be read: %v", source, h.Repaired, err)
				}
			}
		}
		if !utf8.ValidString(source) {
			return // JSON holds no such texts
		}
		data, err := json.Marshal(e)
		if err != nil {
			t.Fatalf("%q: %v", source, err)
		}
		var back Expr
		if err := json.Unmarshal(data, &back); err != nil || !equal(e.root, back.root) {
			t.Fatalf("%q: %s does not come back: %v", source, data, err)
		}
		if again, err := Parse(back.Source()); err != nil || again.Text(Empty) != back.Text(Empty) {
			t.Fatalf("%q: written as %q: %v", source, back.Source(), err)
		}
	})
}

// FuzzEval holds that evaluation ends, gives bounded texts and agrees with the folded tree.
func FuzzEval(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, "2", "b c")
	}
	f.Fuzz(func(t *testing.T, source, one, other string) {
		e, err := Parse(source)
		if err != nil {
			return
		}
		s := sample(time.UTC)
		s.refs["a"], s.refs["x"], s.refs["r"] = []string{one}, []string{one, other}, []string{other}
		s.self, s.columns["region"] = one, other
		got := e.Text(s)
		if n := characters(got); n > maxText+len(one)+len(other)+len(source) {
			t.Fatalf("%q gives %d characters", source, n)
		}
		e.Bool(s)
		e.Number(s)
		folded := Fold(e, func(name string) bool { return name == "a" }, s)
		if again := folded.Text(s); again != got {
			t.Fatalf("%q gives %q, folded %q", source, got, again)
		}
	})
}
