package export

import (
	"fmt"
	"strconv"

	"opengate/survey/diagnosis"
)

// column is one column of the frequencies: a code that never changes, a heading, a width.
type column struct {
	code   string
	width  float64
	hidden bool
}

// The columns of the frequencies. Codes are the names of the JSON where both have the thing. What the codebook says of
// a question, such as its role, is not repeated in every row: there are tens of thousands.
var frequencyColumns = []column{
	{code: "area_label", width: 18},
	{code: "question_label", width: 36},
	{code: "answer_label", width: 26},
	{code: "dimension_label", width: 22},
	{code: "group_label", width: 30},
	{code: "count", width: 12},
	{code: "base", width: 9},
	{code: "estimate", width: 13},
	{code: "low", width: 9},
	{code: "high", width: 9},
	{code: "gap", width: 11},
	{code: "gap_low", width: 9},
	{code: "gap_high", width: 9},
	{code: "marked", width: 10},
	{code: "note", width: 28},
	{code: "as_of", width: 12},
	{code: "indicator", width: 20, hidden: true},
	{code: "category", width: 20, hidden: true},
	{code: "question", width: 16, hidden: true},
	{code: "option", width: 12, hidden: true},
	{code: "status", width: 10, hidden: true},
}

// writeFrequencies writes one row per figure of everybody and of each group that is shown, in the order of the release.
// Groups that are hidden as a whole are named on the method sheet instead: in a large plan they would be most of the
// rows. Past Excel's last row it goes on in a further sheet at the end of the workbook, with the same headings. Every
// such figure is written, or there is an error.
func writeFrequencies(b *book, first *sheet, d *diagnosis.Diagnosis, l *labels) {
	t := &table{b: b, d: d, l: l, s: first}
	t.begin()
	expected := 0
	for i := range d.Figures {
		if b.err != nil {
			return
		}
		if g := l.groups[d.Figures[i].Category]; g != nil && !g.listed() {
			continue
		}
		expected++
		if t.s.row > b.maxRows {
			t.end()
			t.s = b.addSheet(b.say("sheet.frequencies"), first.key)
			t.begin()
		}
		t.figure(&d.Figures[i])
	}
	t.end()
	if b.err == nil && t.written != expected {
		b.fail("%s: %d rows for %d figures", first.name, t.written, expected)
	}
}

type table struct {
	b        *book
	d        *diagnosis.Diagnosis
	l        *labels
	s        *sheet
	question string // of the row above
	written  int
}

func (t *table) begin() {
	f := frame{about: t.b.say("about.frequencies"), frozen: 3, heads: 1, landscape: true, pages: 1}
	unused := t.unused()
	if !unused["gap"] {
		f.pages = 2
	}
	for i, c := range frequencyColumns {
		f.codes, f.widths = append(f.codes, c.code), append(f.widths, c.width)
		if c.hidden || unused[c.code] {
			f.hidden = append(f.hidden, i+1)
		}
	}
	t.s.begin(f)
	for i, c := range frequencyColumns {
		t.s.put(i+1, t.b.say("column."+c.code), look{bold: true, wrap: true, fill: fillHead, align: "start", reading: t.s.reading()})
	}
	t.s.end()
	t.question = ""
}

// end filters the table and ends the sheet.
func (t *table) end() {
	if t.b.err != nil {
		return
	}
	last := address(len(frequencyColumns), max(t.s.row-1, rowHead+1))
	t.b.check(t.s.name, t.b.file.AutoFilter(t.s.name, address(1, rowHead)+":"+last, nil))
	t.s.finish()
}

// unused are the columns that no figure of this release fills; they stay, hidden, so that addresses do not move.
func (t *table) unused() map[string]bool {
	u := map[string]bool{"area_label": true, "gap": true, "gap_low": true, "gap_high": true, "marked": true}
	for i := range t.d.Figures {
		f := &t.d.Figures[i]
		if f.Gap != nil {
			u["gap"], u["gap_low"], u["gap_high"], u["marked"] = false, false, false, false
		}
	}
	for _, ind := range t.d.Indicators {
		if t.l.areas[ind.Area] != nil {
			u["area_label"] = false
		}
	}
	return u
}

func (t *table) figure(f *diagnosis.Figure) {
	ind, g := t.l.indicators[f.Indicator], t.l.groups[f.Category]
	if ind == nil || g == nil {
		t.b.fail("figure %s of %s: no such indicator or group in the release", f.Indicator, f.Category)
		return
	}
	total := f.Category == everybody
	plain := look{}
	if item := ind.Question + ind.Area; total { // the rows of everybody read as headings of the groups beneath
		plain = look{bold: true, fill: fillBlock}
		if item != t.question {
			plain.rule = lineThin
		}
		t.question = item
	}
	words := plain
	// Only they grow with their texts: the others keep one line, however many groups there are.
	words.align, words.wrap, words.top = "start", total, true
	words.bold = false
	s := t.s
	s.text(1, t.l.areas[ind.Area], words)
	item, wording := t.b.item(ind)
	s.either(2, item, wording, words)
	answer := words
	answer.bold = total
	label, wording := t.b.answer(ind)
	s.either(3, label, wording, answer)
	s.put(4, g.dimension, s.mark(g.foreignDimension, words))
	s.put(5, g.label, s.mark(g.foreignLabel, words))
	t.numbers(f, ind, plain)
	codes := []string{f.Indicator, f.Category, ind.Question, ind.Option, f.Status}
	for i, code := range codes {
		if code == "" {
			continue
		}
		s.put(len(frequencyColumns)-len(codes)+1+i, code, look{small: true, colour: inkMuted})
	}
	s.end()
	t.written++
}

func (t *table) numbers(f *diagnosis.Figure, ind *diagnosis.Indicator, plain look) {
	s, b := t.s, t.b
	p := b.print(f, ind.Kind)
	plain.top, plain.align, plain.reading = true, "right", s.reading()
	with := func(format string) look { l := plain; l.format = format; return l }
	counts, shares := with(b.say("format.count")), with(p.format)
	s.put(6, p.count, counts)
	s.put(7, p.base, counts)
	s.put(8, p.estimate, shares)
	s.put(9, p.low, shares)
	s.put(10, p.high, shares)
	shown := f.Status != statusHidden
	optional := func(col int, v *float64, l look) {
		if !shown {
			v = nil
		}
		s.put(col, number(v), l)
	}
	gaps := with(signed(p.format))
	optional(11, f.Gap, gaps)
	optional(12, f.GapLow, gaps)
	optional(13, f.GapHigh, gaps)
	mark := any(nil)
	if f.Marked && shown {
		mark = "*"
	}
	s.put(14, mark, look{align: "center", bold: true, fill: plain.fill, rule: plain.rule, top: true})
	s.put(15, b.note(f, t.d.Method.K), look{align: "start", colour: inkMuted, fill: plain.fill, rule: plain.rule, top: true, wrap: plain.bold})
	b.asOfCell(s, 16, f.AsOf, t.d.AsOf, plain)
}

// signed is a number format that shows the sign of a difference, also in print without colours.
func signed(format string) string { return fmt.Sprintf("+%s;-%s;%s", format, format, format) }

// note says in words why a figure is not a plain one.
func (b *book) note(f *diagnosis.Figure, k int) any {
	switch {
	case f.Status == statusHidden && b.has("rule."+f.Reason):
		return b.say("rule."+f.Reason, "k", strconv.Itoa(k))
	case f.Status == statusHidden:
		return b.say("note.hidden")
	case f.Status == statusInterval:
		return b.say("note.interval")
	}
	return nil
}

// asOfCell puts the day that a figure shows, in colour when it was carried forward from an older release.
func (b *book) asOfCell(s *sheet, col int, asOf, release string, l look) {
	l.format, l.align = b.say("format.day"), "right"
	if asOf == "" {
		s.put(col, nil, l)
		return
	}
	if asOf != release {
		l.fill = fillOlder
	}
	s.put(col, day(asOf), l)
}
