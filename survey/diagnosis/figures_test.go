package diagnosis

import (
	"math"
	"testing"

	"opengate/survey"
)

// printing is a cube with one item in one group, cells as given.
func printing(all, group Cell, mirror bool) *Diagnosis {
	all.Indicator, all.Category = "q=a", everybody
	group.Indicator, group.Category = "q=a", "g/x"
	c := &Cube{
		Method: Method{K: minGroup, B: roundingBase}, Indicators: []Indicator{{ID: "q=a", Kind: "share", Mirror: mirror}},
		Rows:  []Row{{Category: everybody, N: all.Base, Shown: true, AsOf: "d1"}, {Category: "g/x", N: group.Base, Shown: true, AsOf: "d2"}},
		Cells: []Cell{all, group},
	}
	return c.Diagnosis()
}

func value(x *float64) float64 {
	if x == nil {
		return -1
	}
	return *x
}

func TestFiguresAsPrinted(t *testing.T) {
	type figure struct {
		count, base         int
		bound               string
		estimate, low, high float64 // −1: not printed
		status              string
	}
	// Limits by an independent computation of the formula of the published interval (Python).
	for name, c := range map[string]struct {
		cell Cell
		want figure
	}{
		"a point with its interval":     {Cell{Count: 30, Base: 100}, figure{30, 100, "", .30, .20, .41, "point"}},
		"below thirty only an interval": {Cell{Count: 10, Base: 25}, figure{10, 25, "", -1, .16, .66, "interval"}},
		"nobody is fewer than five":     {Cell{Count: 0, Base: 100}, figure{5, 100, "below", .05, 0, .10, "point"}},
		"everybody is all but few":      {Cell{Count: 100, Base: 100}, figure{95, 100, "above", .95, .90, 1, "point"}},
		"more than the base is all":     {Cell{Count: 105, Base: 100}, figure{95, 100, "above", .95, .90, 1, "point"}},
		"few are never 0 %":             {Cell{Count: 5, Base: 2000}, figure{5, 2000, "", .01, 0, .01, "point"}},
		"nearly all are never 100 %":    {Cell{Count: 1995, Base: 2000}, figure{1995, 2000, "", .99, .99, 1, "point"}},
		"hidden":                        {Cell{Hidden: "R1"}, figure{0, 0, "", -1, -1, -1, "hidden"}},
	} {
		f := printing(c.cell, Cell{Hidden: "R1"}, false).Figures[0]
		got := figure{f.Count, f.Base, f.Bound, value(f.Estimate), value(f.Low), value(f.High), f.Status}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if f.Gap != nil || f.AsOf != "d1" {
			t.Errorf("%s: everybody has a gap, or another day: %+v", name, f)
		}
	}
}

func TestAMirroredFigureIsTheOthersTurnedAround(t *testing.T) {
	plain := printing(Cell{Count: 60, Base: 80}, Cell{Count: 30, Base: 40}, false)
	mirror := printing(Cell{Count: 20, Base: 80}, Cell{Count: 10, Base: 40}, true)
	for i, p := range plain.Figures {
		m := mirror.Figures[i]
		if *m.Estimate != math.Round(100-100**p.Estimate)/100 || math.Abs(*m.Low-(1-*p.High)) > .0101 || math.Abs(*m.High-(1-*p.Low)) > .0101 {
			t.Errorf("%+v beside %+v", m, p)
		}
	}
	// 60 of 80 is .6286–.8523 by the same computation, turned around.
	if f := mirror.Figures[0]; *f.Low != .14 || *f.High != .38 {
		t.Errorf("%v–%v", *f.Low, *f.High)
	}
}

func TestGapIsGroupMinusEveryoneElse(t *testing.T) {
	d := printing(Cell{Count: 150, Base: 400}, Cell{Count: 60, Base: 100}, false)
	f := d.Figures[1]
	// 60/100 − 90/300 = .30; MOVER on the published intervals, V doubled for the rest.
	if f.Gap == nil || *f.Gap != .30 || *f.GapLow != .17 || *f.GapHigh != .42 || !f.Marked {
		t.Errorf("gap %v (%v–%v), marked %v", value(f.Gap), value(f.GapLow), value(f.GapHigh), f.Marked)
	}
	// 60/100 − 15/40: −.0148 to .4482; with one rounding instead of two in the rest it would be .0092 to .4222.
	if f := printing(Cell{Count: 75, Base: 140}, Cell{Count: 60, Base: 100}, false).Figures[1]; *f.GapLow != -.02 || *f.GapHigh != .45 {
		t.Errorf("gap %v (%v–%v)", value(f.Gap), value(f.GapLow), value(f.GapHigh))
	}
	if d.Method.Comparisons != 1 {
		t.Errorf("%d comparisons", d.Method.Comparisons)
	}
	for name, c := range map[string]struct {
		all, group  Cell
		gap, marked bool
	}{
		"rest of fewer than thirty":     {Cell{Count: 60, Base: 125}, Cell{Count: 50, Base: 100}, false, false},
		"group of fewer than thirty":    {Cell{Count: 60, Base: 125}, Cell{Count: 5, Base: 25}, false, false},
		"group hidden":                  {Cell{Count: 60, Base: 125}, Cell{Hidden: "R1"}, false, false},
		"everybody hidden":              {Cell{Hidden: "R4"}, Cell{Count: 50, Base: 100}, false, false},
		"nine points, certain":          {Cell{Count: 20000, Base: 40000}, Cell{Count: 10900, Base: 20000}, true, false},
		"thirty points, chance":         {Cell{Count: 35, Base: 65}, Cell{Count: 15, Base: 35}, true, false},
		"group larger than everybody's": {Cell{Count: 30, Base: 80}, Cell{Count: 35, Base: 50}, true, true},
	} {
		f := printing(c.all, c.group, false).Figures[1]
		if (f.Gap != nil) != c.gap || f.Marked != c.marked {
			t.Errorf("%s: gap %v (%v–%v), marked %v", name, value(f.Gap), value(f.GapLow), value(f.GapHigh), f.Marked)
		}
	}
}

func TestFalseDiscoveryRates(t *testing.T) {
	// p.adjust(c(.01,.04,.03,.005,.5), "BH") of R
	want := []float64{.025, .05, .05, .025, .5}
	for i, q := range adjust([]float64{.01, .04, .03, .005, .5}) {
		if math.Abs(q-want[i]) > 1e-12 {
			t.Errorf("q[%d] = %v, want %v", i, q, want[i])
		}
	}
	if len(adjust(nil)) != 0 {
		t.Error("rates of nothing")
	}
}

func TestWilsonOfTheTextbook(t *testing.T) {
	for _, c := range []struct{ p, n, low, high float64 }{{.3, 100, .218947, .395848}, {0, 30, 0, .113513}, {1, 30, .886487, 1}} {
		low, high := wilson(c.p, c.n)
		if math.Abs(low-c.low) > 1e-5 || math.Abs(high-c.high) > 1e-5 {
			t.Errorf("%v of %v: %v–%v, want %v–%v", c.p, c.n, low, high, c.low, c.high)
		}
	}
}

func TestEveryPrintedShareCanBeRecomputedFromPrintedCounts(t *testing.T) {
	m := mustMake(t, input(madeUp(t), people(800, 6, 0)))
	d := m.Diagnosis()
	points, marked := 0, 0
	for i, f := range d.Figures {
		if f.Indicator != m.Cells[i].Indicator || f.Category != m.Cells[i].Category {
			t.Fatalf("figure %d is not of its cell", i)
		}
		if f.Status == "hidden" && (f.Estimate != nil || f.Low != nil || f.Gap != nil || f.Reason == "") {
			t.Errorf("a hidden figure tells something: %+v", f)
		}
		if f.Status != "point" || f.Bound != "" {
			continue
		}
		points++
		want := math.Max(.01, math.Min(.99, math.Round(100*float64(f.Count)/float64(f.Base))/100))
		if math.Abs(*f.Estimate-want) > .0100001 || *f.Low > *f.Estimate || *f.High < *f.Estimate {
			t.Errorf("%+v: %v, want %v", f, *f.Estimate, want)
		}
		if f.Marked {
			marked++
			if math.Abs(*f.Gap) < .10 {
				t.Errorf("marked for a gap of %v", *f.Gap)
			}
		}
	}
	if points < 100 || d.Method.Comparisons < 100 {
		t.Errorf("%d points, %d comparisons", points, d.Method.Comparisons)
	}
	t.Logf("%d points, %d marked of %d comparisons", points, marked, d.Method.Comparisons)
}

func BenchmarkMake(b *testing.B) {
	f := madeUp(b)
	for i := range 24 { // 40 closed questions in all
		f.Body = append(f.Body, question("extra"+string(rune('a'+i)), survey.KindSelectOne, "five", survey.Analysis{}))
	}
	f.Index()
	rs := people(2000, 1, 0)
	for i := range rs {
		for j := range 24 {
			rs[i].Answers["extra"+string(rune('a'+j))] = survey.Value{State: survey.Answered, Text: string(rune('1' + (i+j)%5))}
		}
	}
	const n = 100_000
	in := input(f, nil)
	in.Responses = func(yield func(survey.Response, error) bool) {
		for i := range n {
			if !yield(rs[i%len(rs)], nil) {
				return
			}
		}
	}
	for b.Loop() {
		mustMake(b, in)
	}
}

func TestAnAuditorRecomputesEveryGapFromPrintedNumbers(t *testing.T) {
	m := mustMake(t, input(madeUp(t), people(400, 3, 0)))
	for i := range m.Cells { // nearly nobody and nearly everybody, which few made-up answers give
		if x := &m.Cells[i]; x.Category == "gender/woman" && x.Base > 0 && i%3 > 0 {
			x.Count = x.Base * (i%3 - 1)
		}
	}
	d := m.Diagnosis()
	// As the method sheet says: behind a bound stands the rounded count itself, nought or the whole base.
	counted := func(f Figure) int { return map[string]int{"": f.Count, "above": f.Base}[f.Bound] }
	all, bounded, compared := map[string]Figure{}, 0, 0
	for _, f := range d.Figures {
		if f.Category == everybody {
			all[f.Indicator] = f
		}
	}
	for _, f := range d.Figures {
		if f.Gap == nil {
			continue
		}
		total := all[f.Indicator]
		rest := total.Base - f.Base
		gap := float64(counted(f))/float64(f.Base) - float64(max(0, min(rest, counted(total)-counted(f))))/float64(rest)
		if math.Round(100*gap) != math.Round(100**f.Gap) {
			t.Errorf("%s of %s: gap %v, from printed numbers %v", f.Indicator, f.Category, *f.Gap, gap)
		}
		compared++
		if f.Bound != "" {
			bounded++
		}
	}
	if compared < 50 || bounded < 10 {
		t.Errorf("%d gaps, %d beside a bound: the data test nothing", compared, bounded)
	}
}
