package diagnosis

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"opengate/survey"
)

func TestTheSameResponsesInAnyOrderGiveTheSameBytes(t *testing.T) {
	f := madeUp(t)
	rs := people(700, 2, 0)
	pack := func(m made) [3][]byte {
		cube, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		report, err := m.report.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return [3][]byte{cube, m.sealed, report}
	}
	want := pack(mustMake(t, input(f, rs)))
	for seed := range uint64(4) {
		shuffled := slices.Clone(rs)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(rs), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got := pack(mustMake(t, input(madeUp(t), shuffled)))
		for i, name := range []string{"cube", "sealed sizes", "report"} {
			if !bytes.Equal(got[i], want[i]) {
				t.Errorf("%s differ with the order of responses", name)
			}
		}
	}
}

func TestProtectIsMonotoneAndClose(t *testing.T) {
	p := protector{testKey(), "w1"}
	seen, three := map[int]bool{}, map[int]int{}
	for i := range 200 {
		c := p.canonical(nil, "q="+strings.Repeat("x", i))
		seen[p.offset(c)] = true
		three[p.protect(3, c)]++
		if p.protect(0, c) != 0 {
			t.Errorf("%s: nobody became %d", c, p.protect(0, c))
		}
		for x := range 60 {
			y, next := p.protect(x, c), p.protect(x+1, c)
			if y%roundingBase != 0 || y-x > 4 || x-y > 4 || next < y {
				t.Fatalf("%s: %d → %d, %d → %d", c, x, y, x+1, next)
			}
		}
	}
	if len(seen) != roundingBase {
		t.Errorf("offsets %v", seen)
	}
	if three[5] < 100 || three[0] < 60 { // 3 becomes 5 with probability 3/5
		t.Errorf("3 becomes %v", three)
	}
}

func TestRoundingPoints(t *testing.T) {
	// openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…1f, first eight bytes modulo five
	p := protector{testKey(), "w1"}
	for canonical, want := range map[string]int{"v1|w1||*=#n": 3, "v1|w1|sex=F|*=#n": 2, "v1|w1|sex=F|vote=#base": 0, "v1|w1||vote=A": 4} {
		if got := p.offset(canonical); got != want {
			t.Errorf("offset of %s = %d, want %d", canonical, got, want)
		}
	}
	cross := p.canonical([]attr{{"sex", "F"}, {"region", "M"}}, "area:HOU=need")
	if cross != "v1|w1|region=M&sex=F|area:HOU=need" {
		t.Errorf("canonical %s", cross)
	}
}

func TestTokensCannotBeTakenForSeparators(t *testing.T) {
	for in, want := range map[string]string{"yes": "yes", "a=b&c|d": "a%3Db%26c%7Cd", "#base": "%23base", "*": "%2A", "ż": "%C5%BC", "area:HOU": "area%3AHOU", "a/b": "a%2Fb", "%": "%25"} {
		if got := token(in); got != want {
			t.Errorf("token(%q) = %q, want %q", in, got, want)
		}
	}
}

// countFields are the integers that are not numbers of people.
var countFields = map[string]bool{
	"Schema": true, "Version": true, "Release": true, "Refreshed": true, "Since": true, "K": true,
	"B": true, "Cells": true, "Comparisons": true, "MinAge": true,
}

// integers calls f with every integer reachable from v and the name of its field.
func integers(v reflect.Value, name string, f func(name string, n int64)) {
	switch v.Kind() { //nolint:exhaustive // other kinds hold no integers
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			integers(v.Elem(), name, f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				integers(v.Field(i), v.Type().Field(i).Name, f)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			integers(v.Index(i), name, f)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			integers(v.MapIndex(k), name, f)
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		if v.CanInt() {
			f(name, v.Int())
		} else {
			f(name, int64(v.Uint()))
		}
	}
}

func TestNoUnprotectedCountLeaves(t *testing.T) {
	checked := 0
	for _, n := range []int{3, 9, 11, 47, 333, 1501} {
		m := mustMake(t, input(madeUp(t), people(n, uint64(n), 0)))
		for _, v := range []any{m.Cube, m.report, m.Diagnosis()} {
			integers(reflect.ValueOf(v), "", func(name string, x int64) {
				if countFields[name] {
					return
				}
				checked++
				if x%roundingBase != 0 {
					t.Errorf("%d people: %s = %d", n, name, x)
				}
			})
		}
		if m.row(t, everybody).Shown != (n >= minGroup) {
			t.Errorf("%d people: everybody shown: %v", n, m.row(t, everybody).Shown)
		}
		for _, x := range m.Cells {
			if (x.Hidden != "" || !m.row(t, x.Category).Shown) && (x.Count != 0 || x.Base != 0 || x.Hidden == "") {
				t.Errorf("%d people: hidden cell %+v", n, x)
			}
		}
	}
	if checked < 1000 {
		t.Errorf("only %d integers checked", checked)
	}
}

func TestProgressDoesNotTellTheExactNumber(t *testing.T) {
	in := input(madeUp(t), people(2345, 1, 0))
	var told []int
	in.Progress = func(done int) { told = append(told, done) }
	mustMake(t, in)
	if !slices.Equal(told, []int{1000, 2000}) {
		t.Errorf("progress told %v", told)
	}
}

func TestSmallRowsAndBasesAreHidden(t *testing.T) {
	f := madeUp(t)
	rs := people(600, 4, 0)
	in := input(f, rs)
	exact := exactFrequencies(t, in)
	m := mustMake(t, in)
	hidden, shown := 0, 0
	for _, x := range m.Cells {
		e := exact[x.Indicator][x.Category]
		switch {
		case e.base < minGroup && x.Hidden == "":
			t.Errorf("%s of %s has a base of %d and is shown", x.Indicator, x.Category, e.base)
		case x.Hidden != "":
			hidden++
		default:
			shown++
			if diff := e.base - x.Base; diff > 4 || diff < -4 {
				t.Errorf("%s of %s: base %d printed as %d", x.Indicator, x.Category, e.base, x.Base)
			}
			limit := 4
			for _, i := range m.Indicators {
				if i.ID == x.Indicator && i.Mirror {
					limit = 8
				}
			}
			if diff := e.count - x.Count; diff > limit || diff < -limit {
				t.Errorf("%s of %s: %d printed as %d", x.Indicator, x.Category, e.count, x.Count)
			}
		}
	}
	if hidden == 0 || shown == 0 {
		t.Errorf("%d hidden, %d shown: the data test nothing", hidden, shown)
	}
}

func TestTheSamePeopleHaveTheSameFigure(t *testing.T) {
	for seed := range uint64(20) {
		m := mustMake(t, input(madeUp(t), people(500, seed, 0)))
		same := func(a, b Cell) {
			t.Helper()
			if a.Count != b.Count || a.Base != b.Base {
				t.Errorf("seed %d: %+v and %+v", seed, a, b)
			}
		}
		if x := m.cell(t, "gender=woman", everybody); x.Count != m.row(t, "gender/woman").N {
			t.Errorf("seed %d: women are %d and %d", seed, x.Count, m.row(t, "gender/woman").N)
		}
		cross := m.row(t, "gender/woman*nation/ua")
		a, b := m.cell(t, "nation=ua", "gender/woman"), m.cell(t, "gender=woman", "nation/ua")
		if a.Count != b.Count || cross.Shown && cross.N != a.Count {
			t.Errorf("seed %d: women of Ukraine are %d, %d and %d", seed, a.Count, b.Count, cross.N)
		}
		if _, ok := m.find("gender=woman", "gender/man"); ok {
			t.Error("a group tells of its own question")
		}
		if _, ok := m.find("nation=ua", "gender/woman*nation/ua"); ok {
			t.Error("a cross tells of a third attribute")
		}
		if x, y := m.cell(t, "nation=pl", "nation/ua"), m.cell(t, "nation=ua", "nation/pl"); x.Count != y.Count {
			t.Errorf("seed %d: both belongings are %d and %d", seed, x.Count, y.Count)
		}
		need, fine := m.cell(t, "area:PAR=need", everybody), m.cell(t, "heard=fine", everybody)
		if need.Base != fine.Base || need.Count+fine.Count != need.Base {
			t.Errorf("seed %d: need %+v beside %+v", seed, need, fine)
		}
		same(m.cell(t, "area:PAR=severe", "gender/man"), m.cell(t, "heard=bad", "gender/man"))
		some, none := m.cell(t, "share:needed=positive", everybody), m.cell(t, "needed=nothing", everybody)
		if some.Count+none.Count != some.Base {
			t.Errorf("seed %d: needed %+v beside %+v", seed, some, none)
		}
		if x, y := m.cell(t, "area:HOU=need", everybody), m.cell(t, "home=partly", everybody); x.Base != y.Base {
			t.Errorf("seed %d: one base drawn twice: %+v, %+v", seed, x, y)
		}
	}
}

func TestPlanProblems(t *testing.T) {
	group := func(code string, kind survey.DimensionKind, q string) survey.Dimension {
		return survey.Dimension{Code: code, Kind: kind, Question: q}
	}
	derived := func(code, when string) survey.Dimension {
		return survey.Dimension{Code: code, Kind: survey.DimensionDerived, Categories: []survey.Category{{Code: "yes", When: parsed(t, when)}}}
	}
	for name, c := range map[string]struct {
		add  []survey.Dimension
		by   []string
		code string
	}{
		"one question twice":                     {add: []survey.Dimension{group("sex", survey.DimensionSingle, "gender")}, code: CodeSamePredicate},
		"one condition twice":                    {add: []survey.Dimension{derived("d2", "${see}>=3  or  ${hear} >= 3")}, code: CodeSamePredicate},
		"condition that is an answer":            {add: []survey.Dimension{derived("d3", "${gender} = 'woman'")}, code: CodeSamePredicate},
		"condition that is a tick":               {add: []survey.Dimension{derived("d4", "selected(${nation}, 'ua')")}, code: CodeSamePredicate},
		"cross the other way around":             {add: []survey.Dimension{{Code: "x", Kind: survey.DimensionCross, Of: [2]string{"nation", "gender"}}}, code: CodeSamePredicate},
		"cross with itself":                      {add: []survey.Dimension{{Code: "x", Kind: survey.DimensionCross, Of: [2]string{"gender", "gender"}}}, code: CodeSamePredicate},
		"cross of a cross":                       {add: []survey.Dimension{{Code: "x", Kind: survey.DimensionCross, Of: [2]string{"gender", "gender_nation"}}}, code: CodeCrossOfCross},
		"cross of nothing":                       {add: []survey.Dimension{{Code: "x", Kind: survey.DimensionCross, Of: [2]string{"gender", "age"}}}, code: CodeUnknownDimension},
		"code twice":                             {add: []survey.Dimension{group("gender", survey.DimensionSingle, "home")}, code: CodeSameName},
		"text as a group":                        {add: []survey.Dimension{group("wish", survey.DimensionSingle, "wish")}, code: CodeNotClosed},
		"by a question that does not exist":      {by: []string{"age"}, code: CodeUnknownQuestion},
		"condition on a question that is absent": {add: []survey.Dimension{derived("d5", "${age} > 3")}, code: CodeUnknownQuestion},
	} {
		t.Run(name, func(t *testing.T) {
			f := madeUp(t)
			f.Plan.Dimensions = append(f.Plan.Dimensions, c.add...)
			found := Check(f, c.by)
			if len(found) != 1 || found[0].Code != c.code || found[0].Severity != SeverityError || Explain(c.code) == "" {
				t.Fatalf("problems %+v, want %s", found, c.code)
			}
			in := input(f, people(100, 1, 0))
			in.By = c.by
			m := mustMake(t, in)
			if !slices.Equal(m.report.Refused, found) || len(m.Dimensions) != 4 {
				t.Errorf("report refuses %+v; %d dimensions", m.report.Refused, len(m.Dimensions))
			}
		})
	}
	if found := Check(madeUp(t), []string{"gender", "home"}); len(found) != 0 {
		t.Errorf("a sound plan has problems %+v", found)
	}
}

func TestNearlyTheSameGroupIsReportedWithoutNumbers(t *testing.T) {
	f := madeUp(t)
	f.Plan.Dimensions = append(f.Plan.Dimensions, survey.Dimension{
		Code: "hard", Kind: survey.DimensionDerived,
		Categories: []survey.Category{{Code: "yes", When: parsed(t, "${gender} = 'woman' or ${wish} = 'never'")}},
	})
	m := mustMake(t, input(f, people(300, 1, 0)))
	want := PlanProblem{SeverityWarning, "group gender/woman", "R2", CodeNearlySame, "group hard/yes"}
	if !slices.Contains(m.report.Warnings, want) {
		t.Errorf("warnings %+v", m.report.Warnings)
	}
}

func TestTheWarningOfNearlyTheSameGroupsDoesNotTellOfOnePerson(t *testing.T) {
	f := madeUp(t)
	gender := func(code string, n, era int) []survey.Response {
		rs := people(n, 12, era)
		for i := range rs {
			rs[i].ID += code
			rs[i].Answers["gender"] = survey.Value{State: survey.Answered, Text: code}
		}
		return rs
	}
	near := PlanProblem{SeverityWarning, "group " + everybody, "R2", CodeNearlySame, "group gender/woman"}
	warned := func(m made) bool { return slices.Contains(m.report.Warnings, near) }
	rs := slices.Concat(gender("woman", 60, 0), gender("man", 9, 0))
	first := mustMake(t, input(f, rs))
	last := first
	for release := 1; release <= 2; release++ {
		rs = append(rs, gender("man", release, release)...)
		m := mustMake(t, last.after(input(f, rs)))
		if m.row(t, everybody).Refreshed != 1 || !slices.Equal(m.report.Warnings, first.report.Warnings) || !warned(m) {
			t.Errorf("release %d: a man joined and no row was refreshed, but the warnings are %+v, were %+v", m.Release, m.report.Warnings, first.report.Warnings)
		}
		last = m
	}
	m := mustMake(t, last.after(input(f, append(rs, gender("woman", 10, 3)...))))
	if m.row(t, everybody).Refreshed != 4 || m.row(t, "gender/woman").Refreshed != 4 || warned(m) {
		t.Errorf("both rows are refreshed and twelve people apart: %+v", m.report.Warnings)
	}
}
