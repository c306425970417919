package diagnosis

import (
	"math"
	"strings"
)

// Thresholds of the printed figures.
const (
	minPoint    = 30   // base from which a point is printed beside the interval, and a rest is compared with
	markedGap   = 0.10 // a marked gap is at least ten points
	markedRate  = 0.05 // and its false discovery rate below this
	statusPoint = "point"
	statusRange = "interval"
	statusNone  = "hidden"
)

// Diagnosis prints a release. Every figure is a function of the cube's protected integers and of nothing else (R7),
// so whoever has the cube can recompute it.
func (c *Cube) Diagnosis() *Diagnosis {
	p := &printer{
		cube: c, asOf: map[string]string{}, indicators: map[string]Indicator{},
		all: map[string]Cell{}, tests: map[string][]test{},
	}
	for _, r := range c.Rows {
		p.asOf[r.Category] = r.AsOf
	}
	return p.print()
}

// unweighted is the design effect of figures without weights.
const unweighted = 1

// printer turns cells into figures.
type printer struct {
	cube       *Cube
	asOf       map[string]string
	indicators map[string]Indicator
	all        map[string]Cell // cells of everybody, by indicator
	tests      map[string][]test
	order      []string // families of tests as they appear
}

// test is one comparison of a group with everyone else.
type test struct {
	figure int // index of the figure
	chance float64
}

func (p *printer) print() *Diagnosis {
	c := p.cube
	for _, i := range c.Indicators {
		p.indicators[i.ID] = i
	}
	for _, x := range c.Cells {
		if x.Category == everybody {
			p.all[x.Indicator] = x
		}
	}
	own := *c
	d := &Diagnosis{Cube: &own, Figures: make([]Figure, len(c.Cells))}
	for at, x := range c.Cells {
		d.Figures[at] = p.figure(x)
		p.compare(&d.Figures[at], x, at)
	}
	for _, family := range p.order {
		p.mark(d.Figures, p.tests[family])
		d.Method.Comparisons += len(p.tests[family])
	}
	return d
}

// figure prints one cell, without its gap.
func (p *printer) figure(x Cell) Figure {
	f := Figure{
		Indicator: x.Indicator, Category: x.Category, Count: x.Count, Base: x.Base, Status: statusNone,
		Reason: x.Hidden, AsOf: p.asOf[x.Category],
	}
	if x.Hidden != "" || x.Base <= 0 {
		f.Count, f.Base = 0, 0
		return f
	}
	f.Status = statusPoint
	if x.Base < minPoint {
		f.Status = statusRange
	}
	e := p.estimate(x, 1)
	f.Low, f.High = outwards(e.low, -1), outwards(e.high, 1)
	b := p.cube.Method.B
	switch {
	case x.Count <= 0:
		f.Bound, f.Count = "below", b
		f.Estimate = outwards(float64(b)/float64(x.Base), 1)
	case x.Count >= x.Base:
		f.Bound, f.Count = "above", x.Base-b
		f.Estimate = outwards(1-float64(b)/float64(x.Base), -1)
	default:
		// A share that is neither none nor all is never printed as 0 % or 100 % (R6).
		f.Estimate = fraction(math.Max(1, math.Min(99, math.Round(100*e.p))))
	}
	if f.Status == statusRange {
		f.Estimate = nil
	}
	return f
}

// estimate is the share of a cell with its interval; draws is 2 where count and base are differences of two printed
// numbers. A mirrored cell is the other answer's figure told of everybody else.
func (p *printer) estimate(x Cell, draws int) estimate {
	r := rounded{count: x.Count, size: x.Base, base: p.cube.Method.B, draws: draws, deff: unweighted}
	mirror := p.indicators[x.Indicator].Mirror
	if mirror {
		r.count = x.Base - x.Count
	}
	e := estimate{p: r.share()}
	e.low, e.high = r.interval()
	if mirror {
		return e.complement()
	}
	return e
}

// compare adds the gap between a group and everyone else: both from printed counts, the rest being everybody minus
// the group (R5). Both bases must carry a point.
func (p *printer) compare(f *Figure, x Cell, at int) {
	total, ok := p.all[x.Indicator]
	if !ok || x.Category == everybody || f.Status != statusPoint || total.Hidden != "" {
		return
	}
	rest := Cell{Indicator: x.Indicator, Category: everybody, Base: total.Base - x.Base}
	if rest.Base < minPoint {
		return
	}
	rest.Count = max(0, min(rest.Base, total.Count-x.Count))
	d, low, high, chance := gap(p.estimate(x, 1), p.estimate(rest, 2))
	f.Gap, f.GapLow, f.GapHigh = fraction(math.Round(100*d)), outwards(low, -1), outwards(high, 1)
	family := p.family(x.Indicator)
	if p.tests[family] == nil {
		p.order = append(p.order, family)
	}
	p.tests[family] = append(p.tests[family], test{at, chance})
	f.Marked = math.Abs(d) >= markedGap-tolerance // until mark looks at the whole family
}

// family is the table in which comparisons are made together: the map of needs by area, that of severe needs, or one
// question's answers.
func (p *printer) family(indicator string) string {
	i := p.indicators[indicator]
	if i.Measure == MeasureNeed || i.Measure == MeasureSevere {
		return "measure " + i.Measure
	}
	item, _, _ := strings.Cut(indicator, "=")
	return item
}

// mark keeps the marks of those gaps whose false discovery rate in the family is low.
func (p *printer) mark(figures []Figure, tests []test) {
	chances := make([]float64, len(tests))
	for i, t := range tests {
		chances[i] = t.chance
	}
	for i, q := range adjust(chances) {
		f := &figures[tests[i].figure]
		f.Marked = f.Marked && q < markedRate
	}
}

// tolerance keeps 0.29·100 from being rounded outwards to 30.
const tolerance = 1e-9

// outwards rounds a share to a whole percent, up for direction 1 and down for −1.
func outwards(share float64, direction int) *float64 {
	if direction > 0 {
		return fraction(math.Ceil(100*share - tolerance))
	}
	return fraction(math.Floor(100*share + tolerance))
}

// fraction makes whole percents a share again; never −0.
func fraction(percent float64) *float64 {
	x := percent/100 + 0
	return &x
}
