package xlsform

import (
	"strings"
	"testing"
)

// FuzzReadHeaders feeds the header parser rows of headers, parted by line breaks. It must not fail, keep every
// column at its place, and give the same answer twice.
func FuzzReadHeaders(f *testing.F) {
	for _, seed := range []string{"type\nname\nlabel::English (en)", "label:French\nbind:relevant\nbind:jr:constraintMsg", "media::image:: Arabic (ar)\nog_rol", "::\n:\n::::\nlabel::", "LABEL::(en)\nlabel::((\nog_"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var cells []headerCell
		for i, h := range strings.Split(text, "\n") {
			if h = strings.TrimSpace(h); h != "" {
				cells = append(cells, headerCell{i + 1, h})
			}
		}
		for _, s := range []schema{surveySchema, choicesSchema, settingsSchema, dimsSchema} {
			a, b := &report{}, &report{}
			first, second := a.readHeaders("x", cells, s), b.readHeaders("x", cells, s)
			if len(first) != len(second) || lines(a.problems) != lines(b.problems) {
				t.Fatal("two readings differ")
			}
			for i, c := range first {
				if c != second[i] {
					t.Fatalf("%+v and %+v", c, second[i])
				}
				if c.lang != "" && (c.language == "" || strings.ToLower(string(c.lang)) != string(c.lang)) {
					t.Fatalf("language of %+v", c)
				}
			}
		}
	})
}

// FuzzRead feeds tables written as in the tests. Whatever comes in, the importer gives a form or says why not.
func FuzzRead(f *testing.F) {
	f.Add(smallForm)
	f.Add(plannedForm)
	f.Add("| survey | type | name | label |\n| | begin group | g |\n| | rank l | ${ | ${} |")
	f.Fuzz(func(t *testing.T, tables string) {
		if strings.Count(tables, "|") > 3000 || len(tables) > 40000 || !buildable(tables) {
			t.Skip("not a workbook that a spreadsheet program could write")
		}
		for _, lenient := range []bool{false, true} {
			result, err := Read(build(t, tables), Options{Lenient: lenient})
			if err != nil {
				t.Fatal(err)
			}
			if !result.OK() && len(errorsOf(result.Problems)) == 0 {
				t.Fatal("no form and no error")
			}
		}
	})
}

// buildable keeps sheet names that excelize accepts.
func buildable(tables string) bool {
	seen := map[string]bool{}
	for line := range strings.Lines(tables) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			continue
		}
		name := strings.ToLower(strings.TrimSpace(strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "|"), "|")[0]))
		if name == "" && len(seen) == 0 || seen[name] && name != "" || len(name) > 20 || strings.ContainsAny(name, ":\\/?*[]'\x00") {
			return false
		}
		seen[name] = true
	}
	return len(seen) > 0
}
