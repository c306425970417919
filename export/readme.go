package export

import (
	"slices"
	"strconv"
	"strings"

	"opengate/survey/diagnosis"

	"github.com/xuri/excelize/v2"
)

// writeReadme writes the sheet that officers open: which release this is, five plain sentences, the symbols, and
// where to find what. It must be the last sheet to be written, because it counts what the others did.
func writeReadme(b *book, s *sheet, d *diagnosis.Diagnosis, l *labels, sheets []*sheet) {
	w := newFacts(b, s, b.say("about.readme"))
	w.heading(b.say("readme.what"))
	w.identity(d)
	w.fact("responses", b.say("readme.people"), b.people(d), look{reading: s.reading(), format: b.say("format.count")})
	w.period(d)
	k, rounding := strconv.Itoa(d.Method.K), strconv.Itoa(d.Method.B)
	if slices.ContainsFunc(l.order, func(g *group) bool { return !g.listed() }) {
		w.sentence("left_out", b.say("readme.left_out.label"),
			b.say("readme.left_out", "k", k, "frequencies", b.say("sheet.frequencies"), "method", b.say("sheet.method")))
	}

	w.heading(b.say("readme.sentences"))
	for _, key := range []string{"who", "protected", "interval", "conclude", "older"} {
		w.sentence(key, b.say("sentence."+key+".label"), b.say("sentence."+key, "k", k, "b", rounding))
	}
	w.symbols(d, k, rounding)
	w.heading(b.say("readme.sheets"))
	for _, other := range sheets {
		about := "about." + strings.TrimPrefix(other.key, "sheet.")
		w.link(other)
		w.s.put(2, b.say(about), look{wrap: true, align: "start", reading: s.reading()})
		w.s.put(3, other.key, look{small: true, colour: inkMuted})
		w.s.end()
	}
	s.finish()
}

// link puts a sheet's name so that a click goes there.
func (w facts) link(other *sheet) {
	w.s.put(1, other.name, look{link: true, align: "start", top: true})
	target := "'" + strings.ReplaceAll(other.name, "'", "''") + "'!A1"
	if w.b.err == nil {
		w.b.check(w.s.name, w.b.file.SetCellHyperLink(w.s.name, w.s.cell(1), target, "Location", excelize.HyperlinkOpts{Tooltip: &other.name}))
	}
}

// symbols explains what stands where a number is missing.
func (w facts) symbols(d *diagnosis.Diagnosis, k, rounding string) {
	b := w.b
	w.heading(b.say("readme.symbols"))
	symbol := func(code, sign string, l look) {
		l.reading = w.s.reading()
		l.bold, l.align, l.wrap = true, "start", true
		w.s.put(1, sign, l)
		w.s.put(2, b.say("symbol."+code, "k", k, "b", rounding), look{wrap: true, align: "start", reading: w.s.reading()})
		w.s.put(3, "symbol/"+code, look{small: true, colour: inkMuted})
		w.s.end()
	}
	symbol("hidden", symbolHidden, look{})
	symbol("few", b.below(k), look{})
	symbol("below", b.below(rounding), look{})
	symbol("above", strings.TrimSpace(b.above("…")), look{})
	symbol("only", symbolInterval, look{})
	symbol("older", b.say("symbol.older.sign"), look{fill: fillOlder})
	symbol("marked", "*", look{})
	symbol("empty", b.say("symbol.empty.sign"), look{})
	if b.fallbacks > 0 {
		symbol("foreign", b.say("symbol.foreign.sign"), look{italic: true})
	}
	for _, l := range d.Languages {
		if l.Tag == b.lang && !l.Reviewed {
			symbol("unreviewed", "!", look{})
		}
	}
}
