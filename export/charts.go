package export

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Limits of the charts: more groups than colours that can be told apart, or more charts than anybody looks at,
// help nobody. The sheet says so.
const (
	maxChartGroups = 8
	maxCharts      = 6
	chartWidth     = 860 // pixels
	pixelsPerRow   = 20
)

// palette is Okabe and Ito's, which people with colour-blindness can tell apart, ordered so that neighbours also
// differ in lightness when printed without colour.
var palette = []string{"0072B2", "E69F00", "009E73", "CC79A7", "56B4E9", "D55E00", "F0E442", "333333"}

// charts writes the data of the charts (numbers only: a cell without a figure stays empty, so that no chart shows
// it as nought) and the charts beneath.
func (g *grid) charts(m *measure) {
	if g.b.err != nil {
		return
	}
	s, b := g.s, g.b
	s.end()
	heading := look{bold: true, size: 12, fill: fillBlock, align: "start", reading: s.reading()}
	for col := colArea; col < colFirstGroup+len(g.groups); col++ {
		s.put(col, nil, heading)
	}
	s.put(colArea, b.say("chart.data"), heading)
	s.end(excelize.RowOpts{Height: 20})
	names := s.row
	for i, gr := range g.groups {
		s.put(colFirstGroup+i, gr.label, s.mark(gr.foreignLabel, look{small: true, align: "center", wrap: true, colour: inkMuted}))
	}
	s.end()
	first := s.row
	filled := make([]int, len(g.groups)) // figures per column
	for _, row := range m.rows {
		s.text(colArea, g.areaLabel(row), look{small: true, align: "start", colour: inkMuted})
		for i, gr := range g.groups {
			f := row.figures[gr.row.Category]
			if f == nil || f.Status != statusPoint || f.Bound != "" || f.Estimate == nil {
				continue
			}
			filled[i]++
			s.put(colFirstGroup+i, *f.Estimate, look{small: true, align: "center", colour: inkMuted, format: b.print(f, row.indicator.Kind).format})
		}
		s.end(excelize.RowOpts{Height: 13})
	}
	last := s.row - 1
	s.put(colArea, b.say("chart.limits"), look{small: true, colour: inkMuted, align: "start", reading: s.reading()})
	s.end()
	g.drawAll(m, data{names: names, first: first, last: last}, filled)
}

// data is where the numbers of the charts stand: rows of the sheet.
type data struct{ names, first, last int }

func (g *grid) drawAll(m *measure, at data, filled []int) {
	title := g.measureTitle(m)
	areas := at.last - at.first + 1
	if filled[0] > 0 {
		g.draw(at, []int{0}, g.b.say("chart.everybody", "measure", title), 130+areas*28)
	}
	drawn := 0
	for i := 1; i < len(g.groups) && drawn < maxCharts; i += g.span(i) {
		var columns []int
		for j := i; j < i+g.span(i); j++ {
			if filled[j] > 0 {
				columns = append(columns, j)
			}
		}
		if len(columns) < 2 || len(columns) > maxChartGroups {
			continue
		}
		g.draw(at, columns, g.b.say("chart.groups", "measure", title, "dimension", g.groups[i].dimension), 150+areas*(14+10*len(columns)))
		drawn++
	}
}

func (g *grid) measureTitle(m *measure) string {
	ours, theirs := g.b.answer(m.first)
	if ours != "" {
		return ours
	}
	title, _ := g.b.text(theirs)
	return or(title, m.first.Measure)
}

// draw lays a bar chart over empty rows, one series per column.
func (g *grid) draw(at data, columns []int, title string, height int) {
	s, b := g.s, g.b
	if b.err != nil {
		return
	}
	quoted := "'" + strings.ReplaceAll(s.name, "'", "''") + "'!"
	cells := func(col, from, to int) string {
		name, _ := excelize.ColumnNumberToName(col)
		return fmt.Sprintf("%s$%s$%d:$%s$%d", quoted, name, from, name, to)
	}
	chart := &excelize.Chart{
		Type:      excelize.Bar,
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: &excelize.Font{Bold: true, Size: 13, Color: "333333"}}}},
		Format:    excelize.GraphicOptions{AltText: b.say("chart.alt", "title", title), Name: title, Positioning: "oneCell"},
		Dimension: excelize.ChartDimension{Width: chartWidth, Height: uint(height)}, //nolint:gosec // a few hundred pixels, never below 0
		Legend:    excelize.ChartLegend{Position: "none"},
		XAxis:     excelize.ChartAxis{ReverseOrder: true, Font: excelize.Font{Size: 10, Color: "333333"}},
		YAxis: excelize.ChartAxis{
			ReverseOrder: b.rtl, MajorGridLines: true, Minimum: new(float64), TickLabelPosition: excelize.ChartTickLabelHigh,
			NumFmt: excelize.ChartNumFmt{CustomNumFmt: b.say("format.share")}, Font: excelize.Font{Size: 9, Color: inkMuted},
		},
		PlotArea:     excelize.ChartPlotArea{ShowVal: len(columns) == 1, NumFmt: excelize.ChartNumFmt{CustomNumFmt: b.say("format.share")}},
		ShowBlanksAs: "gap",
	}
	narrow := uint(45)
	chart.GapWidth = &narrow
	if len(columns) > 1 {
		chart.Legend.Position = "bottom"
	}
	for n, i := range columns {
		col := colFirstGroup + i
		chart.Series = append(chart.Series, excelize.ChartSeries{
			Name: cells(col, at.names, at.names), Categories: cells(colArea, at.first, at.last), Values: cells(col, at.first, at.last),
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{palette[n]}},
		})
	}
	s.skip(1)
	b.check(s.name, b.file.AddChart(s.name, address(colArea, s.row), chart))
	s.skip(height/pixelsPerRow + 1)
}
