package export

import (
	"strconv"
	"strings"

	"opengate/survey"
	"opengate/survey/diagnosis"

	"github.com/xuri/excelize/v2"
)

// measure is one thing measured in every rights area, such as need: a block of the sheet.
type measure struct {
	first *diagnosis.Indicator
	rows  []*areaRow
}

type areaRow struct {
	indicator *diagnosis.Indicator
	figures   map[string]*diagnosis.Figure // by category
}

// measures finds the derived measures that stand in a rights area, areas in the order of the plan.
func measures(d *diagnosis.Diagnosis) []*measure {
	rows := map[string]*areaRow{}
	byCode := map[string]*measure{}
	var all []*measure
	for i := range d.Indicators {
		ind := &d.Indicators[i]
		if ind.Measure == "" || ind.Question != "" || ind.Area == "" {
			continue
		}
		m := byCode[ind.Measure]
		if m == nil {
			m = &measure{first: ind}
			byCode[ind.Measure] = m
			all = append(all, m)
		}
		rows[ind.ID] = &areaRow{indicator: ind, figures: map[string]*diagnosis.Figure{}}
		m.rows = append(m.rows, rows[ind.ID])
	}
	for i := range d.Figures {
		if row := rows[d.Figures[i].Indicator]; row != nil {
			row.figures[d.Figures[i].Category] = &d.Figures[i]
		}
	}
	return all
}

// The columns before the groups.
const (
	colArea = iota + 1
	colAreaCode
	colLine
	colFirstGroup
)

// grid is the sheet of needs by groups: per area a line of shares, beneath it their intervals and their bases.
type grid struct {
	b      *book
	s      *sheet
	d      *diagnosis.Diagnosis
	l      *labels
	groups []*group // columns: everybody, then every group that is no cross
}

func writeNeeds(b *book, s *sheet, d *diagnosis.Diagnosis, l *labels) {
	g := &grid{b: b, s: s, d: d, l: l}
	all := measures(d)
	for _, gr := range l.order {
		if gr.code != "" || gr.row.Category == everybody {
			g.groups = append(g.groups, gr)
		}
	}
	if len(all) == 0 {
		g.groups = nil
	}
	g.begin(len(all) > 0)
	for _, m := range all {
		g.block(m)
	}
	if len(all) > 0 {
		g.charts(all[0])
	}
	s.finish()
}

const groupWidth = 13

func (g *grid) begin(measured bool) {
	f := frame{
		about: g.b.say("about.needs"), codes: []string{"area_label", "indicator", "line"}, widths: []float64{36, 18, 12},
		hidden: []int{colAreaCode}, frozen: colLine, heads: 4, landscape: true, pages: (len(g.groups) + 13) / 14,
	}
	if !measured {
		f.about, f.heads, f.frozen, f.wrapAbout, f.widths[0] = g.b.say("about.no_needs"), 0, 0, true, 90
	}
	for _, gr := range g.groups {
		f.codes, f.widths = append(f.codes, gr.row.Category), append(f.widths, groupWidth)
	}
	g.s.begin(f)
	if measured {
		g.heads()
	}
}

// heads writes four rows: dimension, group, how many people, day.
func (g *grid) heads() {
	s, b := g.s, g.b
	head := look{bold: true, fill: fillHead, align: "start", reading: s.reading()}
	center := look{bold: true, wrap: true, fill: fillHead, align: "center"}
	s.put(colArea, b.say("head.area"), head)
	s.put(colLine, nil, head)
	lines := 1
	for i := 0; i < len(g.groups); {
		n := g.span(i)
		title := g.groups[i].dimension // joined over its groups, so its lines are counted over their widths
		if i == 0 {
			title = ""
		}
		lines = max(lines, linesOf(title, float64(n*groupWidth)))
		for j := range n {
			s.put(colFirstGroup+i+j, nil, center)
		}
		s.put(colFirstGroup+i, title, s.mark(g.groups[i].foreignDimension && i > 0, center))
		if n > 1 {
			b.check(s.name, s.merge(colFirstGroup+i, colFirstGroup+i+n-1))
		}
		i += n
	}
	s.end(excelize.RowOpts{Height: lineHeight * float64(lines)})

	g.line("", head, func(gr *group) (any, look) { return gr.label, s.mark(gr.foreignLabel, center) })
	number := look{fill: fillHead, align: "center", reading: s.reading(), format: b.say("format.count"), colour: inkMuted}
	g.line(b.say("head.people"), look{fill: fillHead, align: "start", reading: s.reading(), colour: inkMuted}, func(gr *group) (any, look) {
		if !gr.row.Shown {
			return b.below(strconv.Itoa(g.d.Method.K)), number
		}
		return gr.row.N, number
	})
	days := look{fill: fillHead, align: "center", format: b.say("format.day"), colour: inkMuted, small: true}
	g.line(b.say("head.as_of"), look{fill: fillHead, align: "start", reading: s.reading(), colour: inkMuted}, func(gr *group) (any, look) {
		l := days
		if gr.row.AsOf == "" {
			return nil, l
		}
		if gr.row.AsOf != g.d.AsOf {
			l.fill = fillOlder
		}
		return day(gr.row.AsOf), l
	})
}

// span counts the groups of the same dimension from i on.
func (g *grid) span(i int) int {
	n := 1
	for i > 0 && i+n < len(g.groups) && g.groups[i+n].code == g.groups[i].code {
		n++
	}
	return n
}

// line writes a row of the heading.
func (g *grid) line(title string, l look, value func(*group) (any, look)) {
	g.s.put(colArea, title, l)
	g.s.put(colLine, nil, l)
	for i, gr := range g.groups {
		v, l := value(gr)
		g.s.put(colFirstGroup+i, v, l)
	}
	g.s.end()
}

// block writes a measure and lays the colour scale over its shares.
func (g *grid) block(m *measure) {
	s, b := g.s, g.b
	heading := look{bold: true, size: 12, fill: fillBlock, align: "start", reading: s.reading()}
	for col := colArea; col < colFirstGroup+len(g.groups); col++ {
		s.put(col, nil, heading)
	}
	ours, theirs := b.answer(m.first)
	s.either(colArea, ours, theirs, heading)
	s.end(excelize.RowOpts{Height: 20})
	var scale []string
	for _, row := range m.rows {
		last := colFirstGroup + len(g.groups) - 1
		scale = append(scale, address(colFirstGroup, s.row)+":"+address(last, s.row))
		g.area(row)
	}
	b.check(s.name, b.file.SetConditionalFormat(s.name, strings.Join(scale, " "), []excelize.ConditionalFormatOptions{{
		Type: "2_color_scale", Criteria: "=", MinType: "num", MinValue: "0", MinColor: "#FFFFFF", MaxType: "max", MaxColor: "#F28E2B",
	}}))
}

// area writes the three lines of a rights area.
func (g *grid) area(row *areaRow) {
	s, b, kind := g.s, g.b, row.indicator.Kind
	start := look{align: "start", reading: s.reading(), colour: inkMuted, small: true}
	s.text(colArea, g.areaLabel(row), look{bold: true, align: "start", rule: lineThin})
	s.put(colAreaCode, row.indicator.ID, look{small: true, colour: inkMuted})
	line := start
	line.rule = lineThin
	s.put(colLine, b.say("line.estimate"), line)
	g.cells(row, func(f *diagnosis.Figure) (any, look) {
		l := look{bold: true, align: "center", rule: lineThin, reading: s.reading()}
		if f == nil {
			return nil, l
		}
		p := b.print(f, kind)
		l.format = p.format
		if f.Status == statusInterval { // too few answers for one figure: the interval takes its place
			l.bold, l.italic = false, true
			return b.interval(f, kind), l
		}
		return p.estimate, l
	})
	s.end(excelize.RowOpts{Height: 18})

	small := look{align: "center", colour: inkMuted, small: true, reading: s.reading()}
	s.put(colLine, b.say("line.interval"), start)
	g.cells(row, func(f *diagnosis.Figure) (any, look) {
		if f == nil || f.Status != statusPoint {
			return nil, small
		}
		return b.interval(f, kind), small
	})
	s.end(excelize.RowOpts{Height: 13})

	s.put(colLine, b.say("line.base"), start)
	small.format = b.say("format.count")
	g.cells(row, func(f *diagnosis.Figure) (any, look) {
		if f == nil || f.Status == statusHidden {
			return nil, small
		}
		return f.Base, small
	})
	s.end(excelize.RowOpts{Height: 13})
}

func (g *grid) cells(row *areaRow, value func(*diagnosis.Figure) (any, look)) {
	for i, gr := range g.groups {
		v, l := value(row.figures[gr.row.Category])
		g.s.put(colFirstGroup+i, v, l)
	}
}

func (g *grid) areaLabel(row *areaRow) survey.Text {
	if label := g.l.areas[row.indicator.Area]; !label.Empty() {
		return label
	}
	return row.indicator.Item
}
