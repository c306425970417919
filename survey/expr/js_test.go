package expr

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// runner is the program that node runs: it evaluates every case in every way and prints the results.
const runner = `
import { readFileSync } from "node:fs";
const { evaluate } = await import(process.argv[2]);
const cases = JSON.parse(readFileSync(process.argv[3], "utf8"));
const out = cases.map(c => {
  const scope = { ref: n => c.refs[n] ?? [], self: c.self, column: n => c.columns[n] ?? "", label: (code, q) => c.labels[q + "/" + code] ?? "",
    now: c.now, zone: c.zone, months: c.months, weekdays: c.weekdays };
  try { return [String(evaluate(c.tree, scope)), evaluate.text(c.tree, scope), String(evaluate.number(c.tree, scope))]; }
  catch (e) { return ["error", String(e), ""]; }
});
process.stdout.write(JSON.stringify(out));
`

// twinCase is one expression with the scope that node sees.
type twinCase struct {
	Tree    *Expr               `json:"tree"`
	Refs    map[string][]string `json:"refs"`
	Self    string              `json:"self"`
	Columns map[string]string   `json:"columns"`
	Labels  map[string]string   `json:"labels"`
	Now     int64               `json:"now"` // milliseconds since 1970 UTC
	Zone    string              `json:"zone"`

	source string
	scope  *sheet
}

func newCase(source string, e *Expr, s *sheet) twinCase {
	return twinCase{
		Tree: e, Refs: s.refs, Self: s.self, Columns: s.columns, Labels: s.labels, Now: s.now.UnixMilli(),
		Zone: s.now.Location().String(), source: source, scope: s,
	}
}

// compare runs the cases in node and reports where it and Go differ. It reports how many texts were not blank, so
// that a generator of nothing but blanks is noticed.
func compare(t *testing.T, cases []twinCase) (filled int) {
	t.Helper()
	node, err := exec.LookPath("node")
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal("node is not on the path: in CI the browser's twin must be tested")
	case err != nil:
		t.Skip("node is not on the path; install it to test the browser's twin of the evaluator")
	}
	module, err := filepath.Abs(filepath.Join("..", "..", "server", "web", "static", "expr.js"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	data, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	// The module's name ends in .js and no package.json says that it is one, so node gets a copy that says it.
	source, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"expr.mjs": source, "run.mjs": []byte(runner), "cases.json": data} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), node, filepath.Join(dir, "run.mjs"), "file://"+filepath.Join(dir, "expr.mjs"), filepath.Join(dir, "cases.json"))
	cmd.Stderr = os.Stderr
	printed, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var results [][3]string
	if err := json.Unmarshal(printed, &results); err != nil || len(results) != len(cases) {
		t.Fatalf("node gave %d results for %d cases: %v", len(results), len(cases), err)
	}
	wrong := 0
	for i, c := range cases {
		number := formatNumber(c.Tree.Number(c.scope))
		if number == "" {
			number = "NaN"
		}
		got := results[i]
		if text := c.Tree.Text(c.scope); fmt.Sprint(c.Tree.Bool(c.scope)) != got[0] || text != got[1] || !sameNumber(number, got[2]) {
			if wrong++; wrong <= 20 {
				t.Errorf("%s\n\tin %s at %s of %v with . = %q\n\tGo %v %q %s\n\tjs %s %q %s", c.source, c.Zone, c.scope.now, c.Refs, c.Self,
					c.Tree.Bool(c.scope), text, number, got[0], got[1], got[2])
			}
		} else if text != "" {
			filled++
		}
	}
	if wrong > 20 {
		t.Errorf("%d cases differ", wrong)
	}
	return filled
}

// sameNumber compares Go's spelling with JavaScript's, which has exponents.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	if a == "NaN" || b == "NaN" {
		return false
	}
	return parseNumber(a, nil) == parseNumber(b, nil)
}

func TestTheBrowsersTwinAgreesOnTheGoldenTable(t *testing.T) {
	var cases []twinCase
	for _, row := range golden(t) {
		if row.refused {
			continue
		}
		if e := parse(t, row.source); !e.ServerOnly() {
			for _, name := range goldenZones {
				cases = append(cases, newCase(row.source, e, sample(zone(t, name))))
			}
		}
	}
	if len(cases) < 180 {
		t.Errorf("only %d cases run in a browser", len(cases))
	}
	compare(t, cases)
}

func TestTheBrowsersTwinAgreesOnEdges(t *testing.T) {
	var cases []twinCase
	for _, source := range []string{
		"1" + strings.Repeat(" + 1", 1900),
		strings.Repeat("(", 150) + "${five}" + strings.Repeat(")", 150),
		"string-length(concat(" + strings.TrimSuffix(strings.Repeat("${big},", 30), ",") + "))",
		"translate(${big}, 'ż', '𝒳𝒳')", "round(0.49999999999999994)", "1 div round(-0.4)", "1 div -0", "round(5, 400)",
		"date(-719528)", "date(-719529)", "date(2932896)", "date(2932897)", "'0000-01-01' + 0", "'0001-01-01' + 0", "'0099-12-31' + 0",
		"date('0050-06-01')", "format-date('0000-02-29', '%Y %y %a')", "format-date('9999-12-31T23:59:59.999', '%Y-%m-%dT%H:%M:%S.%3')",
		"pow(10, 308) * 10", "pow(10, -320)", "0 - pow(10, 308) * 10", "1 div 3 * 3 = 1", "pow(1.1, 1024)", "5 mod -0.3", "-5.5 mod 2",
		"count(${x}[${x}[${x}[. = 1]]])", "selected('', ' ')", "${x}[. = current()] | ${five}", "max('2025-03-04', ${d}) > today()",
	} {
		e := parse(t, source)
		if e.ServerOnly() {
			t.Errorf("%.60s does not run in a browser", source)
			continue
		}
		for _, name := range []string{"UTC", "Europe/Warsaw", "Asia/Kathmandu"} {
			s := sample(zone(t, name))
			s.refs["big"] = []string{strings.Repeat("ż𝒳", 5000)}
			cases = append(cases, newCase(source, e, s))
		}
	}
	compare(t, cases)
}

func TestTheBrowsersTwinAgreesOnRandomExpressions(t *testing.T) {
	const size = 6000
	g := &generator{Rand: rand.New(rand.NewPCG(20250304, 7))}
	var cases []twinCase
	for len(cases) < size {
		source := g.expression(4)
		e, err := Parse(source)
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if e.ServerOnly() {
			t.Fatalf("%s: the generator makes expressions for the server", source)
		}
		s := g.scope(t)
		if g.IntN(3) == 0 {
			e = Fold(e, func(name string) bool { return name == "a" }, s)
		}
		cases = append(cases, newCase(source, e, s))
	}
	if filled := compare(t, cases); filled < size/2 && !t.Failed() && !t.Skipped() {
		t.Errorf("only %d of %d expressions gave a text", filled, size)
	}
}

// generator makes random expressions and answers.
type generator struct {
	*rand.Rand
	inside int // predicates around, in which choice columns would need the server
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

var answers = []string{
	"", "0", "1", "5", "-3", "2.5", "1e3", "0.1", "007", " 7 ", "1,5", "99999999999999999999", "abc", "a", "b", "a b c", "b  a",
	"yes", "true", "false", "żółw", "𝒳y", "it's", "\u00a05", "2025-03-04", "2024-02-29", "2025-02-30", "2025-3-4", "1999-12-31", "2025-03-30",
	"2025-03-30T02:30", "2025-10-26T02:30:00", "2025-03-04T05:06:07.089+01:00", "2025-03-04T23:59:59Z", "06:30", "23:59:59.999Z", "12:00:00+05:45",
}

func (g *generator) scope(t *testing.T) *sheet {
	t.Helper()
	one := func() string { return g.pick(answers...) }
	s := &sheet{
		refs: map[string][]string{"a": {one()}, "b": {one()}, "c": {one()}, "x": {}}, self: one(),
		columns: map[string]string{"region": one(), "name": one()}, labels: map[string]string{"a/a": "Label ا", "a/5": "Five"},
		now: time.UnixMilli(g.Int64N(2_000_000_000_000)).In(zone(t, g.pick("UTC", "Europe/Warsaw", "Europe/Moscow", "America/New_York", "Asia/Kathmandu"))),
	}
	for range g.IntN(4) {
		s.refs["x"] = append(s.refs["x"], one())
	}
	return s
}

func (g *generator) text() string {
	s := g.pick(answers...)
	if strings.Contains(s, "'") {
		return `"` + s + `"`
	}
	return "'" + s + "'"
}

func (g *generator) reference() string {
	if g.inside > 0 {
		return g.pick("${a}", "${b}", "${x}", ".", ".", "current()")
	}
	return g.pick("${a}", "${b}", "${c}", "${x}", "${x}", ".", "region", "name", "${missing}")
}

func (g *generator) set(depth int) string {
	switch g.IntN(5) {
	case 0:
		return g.pick("${a} | ${b}", "${x} | ${x}", "(${x} | ${c})")
	case 1:
		return "${x}[" + g.predicate(depth-1) + "]"
	case 2:
		return "if(" + g.expression(depth-1) + ", ${x}, ${a})"
	}
	return g.reference()
}

func (g *generator) predicate(depth int) string {
	switch g.IntN(4) {
	case 0:
		return g.pick("1", "2", "last()", "position() > 1", "position() = last()")
	case 1:
		return ". " + g.pick("!=", "=", ">", "<=") + " " + g.pick("''", "current()", "${a}", "1")
	}
	g.inside++
	defer func() { g.inside-- }()
	return g.expression(depth)
}

func (g *generator) expression(depth int) string {
	if depth <= 0 {
		switch g.IntN(4) {
		case 0:
			return g.pick("0", "1", "2", "3.75", "10", "1000000", "0.1", ".5", "123456789012345678901234567890")
		case 1:
			return g.text()
		}
		return g.reference()
	}
	x := func() string { return g.expression(depth - 1 - g.IntN(2)) }
	switch g.IntN(8) {
	case 0, 1:
		return "(" + x() + " " + g.pick("+", "-", "*", "div", "mod", "+", "-") + " " + x() + ")"
	case 2, 3:
		return "(" + x() + " " + g.pick("=", "!=", "<", "<=", ">", ">=") + " " + x() + ")"
	case 4:
		return "(" + x() + " " + g.pick("and", "or") + " " + x() + ")"
	case 5:
		return "(-" + g.pick("${a}", "5", "("+x()+")") + ")"
	}
	return g.call(depth)
}

func (g *generator) call(depth int) string {
	x := func() string { return g.expression(depth - 1 - g.IntN(2)) }
	switch g.IntN(5) {
	case 0:
		return g.pick("not", "boolean", "boolean-from-string", "string", "string-length", "normalize-space", "number", "int", "floor", "ceiling",
			"abs", "sqrt", "round", "count-selected", "date", "date-time", "decimal-date-time", "decimal-time", "once", "sum", "min", "max") + "(" + x() + ")"
	case 1:
		return g.pick("selected", "selected-at", "coalesce", "contains", "starts-with", "ends-with", "substring-before", "substring-after", "substr",
			"substring", "round", "min", "max", "concat", "join") + "(" + x() + ", " + x() + ")"
	case 2:
		return g.pick("substr", "substring", "translate", "if", "concat", "join", "max", "checklist") + "(" + x() + ", " + x() + ", " + x() + ")"
	case 3:
		return g.pick("count", "count-non-empty", "sum", "min", "max", "concat", "position", "string") + "(" + g.set(depth) + ")"
	}
	switch g.IntN(8) {
	case 0:
		return "format-date(" + x() + ", '" + g.pick("%Y-%m-%d", "%y %n %e %b %a", "%H:%M:%S.%3 %h %% %q %") + "')"
	case 1:
		return "regex(" + x() + ", '" + g.pick("^[0-9]+$", "(?i)A|b", `\d{4}-\d\d`, `^\w+\s?$`, "^.{1,3}$", "[^a-zż]", `\bb`, `^\p{L}*$`, "^[[:alpha:]]+$", "") + "')"
	case 2:
		return "jr:choice-name(" + x() + ", '${a}')"
	case 3:
		return "pow(" + x() + ", " + g.pick("0", "2", "-3", "7") + ")"
	case 4:
		return "date(today() + " + x() + ")"
	case 5:
		return "weighted-checklist(" + x() + ", " + x() + ", " + x() + ", " + x() + ")"
	case 6:
		return "(today() - " + x() + ")"
	}
	return g.pick("today()", "pi()", "true()", "false()", "position()", "last()", "string()", "number()", "date("+x()+" + 1)")
}
