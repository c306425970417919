package export

import (
	"strconv"
	"strings"

	"opengate/survey"
	"opengate/survey/diagnosis"

	"github.com/xuri/excelize/v2"
)

// facts writes a sheet of labels and values: column A the label, B the value, C the code, hidden.
type facts struct {
	b *book
	s *sheet
}

func newFacts(b *book, s *sheet, about string) facts {
	s.begin(frame{
		about: about, codes: []string{"label", "value", "code"}, widths: []float64{30, 96, 16}, hidden: []int{3},
	})
	return facts{b, s}
}

func (w facts) heading(text string) {
	w.s.end()
	l := look{bold: true, size: 13, fill: fillBlock, align: "start", reading: w.s.reading()}
	w.s.put(1, text, l)
	w.s.put(2, nil, l)
	w.s.end(excelize.RowOpts{Height: 20})
}

// fact writes a label and its value; code is its name for scripts.
func (w facts) fact(code, label string, value any, l look) {
	w.s.put(1, label, look{bold: true, wrap: true, align: "start", reading: w.s.reading()})
	if l.align == "" {
		l.align = "start"
	}
	l.wrap = true
	w.s.put(2, value, l)
	w.s.put(3, code, look{small: true, colour: inkMuted})
	w.s.end()
}

// own writes a value in the reader's language.
func (w facts) own(code, label, value string) {
	w.fact(code, label, value, look{reading: w.s.reading()})
}

// sentence writes a paragraph beneath a label.
func (w facts) sentence(code, label, text string) { w.own(code, label, text) }

func writeMethod(b *book, s *sheet, d *diagnosis.Diagnosis, l *labels) {
	w := newFacts(b, s, b.say("about.method"))
	w.who(d)
	w.heading(b.say("method.how"))
	k, rounding := strconv.Itoa(d.Method.K), strconv.Itoa(d.Method.B)
	for _, key := range methodSentences {
		w.sentence(key, b.say("method."+key+".label"), b.say("method."+key, "k", k, "b", rounding, "last", strconv.Itoa(d.Method.B-1)))
	}
	w.withheld(d)
	w.hiddenGroups(d, l)
	w.provenance(d)
	w.heading(b.say("method.references"))
	for i, reference := range references {
		w.fact("reference", strconv.Itoa(i+1), reference, look{reading: 1, align: "start"})
	}
	s.finish()
}

// methodSentences are the paragraphs on how figures are made, in order: texts "method.X" under "method.X.label".
var methodSentences = []string{"base", "rounding", "gate", "zeros", "refresh", "percent", "interval", "only", "mean", "gap", "order", "groups", "representative"}

var references = []string{
	"Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22.",
	"Brown, L. D., Cai, T. T., DasGupta, A. (2001). Interval estimation for a binomial proportion. Statistical Science 16.",
	"Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions. Statistics in Medicine 17.",
	"Zou, G. Y., Donner, A. (2008). Construction of confidence limits about effect measures. Statistics in Medicine 27.",
	"Kish, L. (1965). Survey Sampling. Wiley.",
	"Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. JRSS B 57.",
	"Hundepool, A. et al. (2012). Statistical Disclosure Control. Wiley.",
	"American Association for Public Opinion Research. Guidance on reporting precision for nonprobability samples.",
}

// who writes how many answered, when and by which way; every number is protected.
func (w facts) who(d *diagnosis.Diagnosis) {
	b := w.b
	w.heading(b.say("method.who"))
	w.fact("responses", b.say("readme.people"), b.people(d), look{reading: w.s.reading(), format: b.say("format.count")})
	w.period(d)
	w.tallies("channel", b.say("method.channels"), d.Method.Channels)
	w.tallies("mode", b.say("method.modes"), d.Method.Modes)
	w.tallies("language", b.say("method.languages"), d.Method.Languages)
	w.sentence("tallies", b.say("method.tallies.label"), b.say("method.tallies", "k", strconv.Itoa(d.Method.K)))
	if d.Method.WeightNote == "" {
		w.own("weighted", b.say("method.weighting"), b.say("method.unweighted"))
	} else {
		note := d.Method.WeightNote
		if b.has("weight." + note) {
			note = b.say("weight." + note)
		}
		w.own("weighted", b.say("method.weighting"), b.say("method.weights_refused", "reason", note))
	}
	w.fact("comparisons", b.say("method.comparisons"), d.Method.Comparisons, look{format: b.say("format.count")})
}

// people is the protected number of everybody who answered, or a text when there are too few.
func (b *book) people(d *diagnosis.Diagnosis) any {
	for i := range d.Rows {
		if d.Rows[i].Category == everybody && !d.Rows[i].Shown {
			return b.below(strconv.Itoa(d.Method.K))
		}
	}
	return d.Method.Responses
}

// period writes the months in which people answered, each as a date that Excel shows in the reader's language.
func (w facts) period(d *diagnosis.Diagnosis) {
	for _, month := range []struct{ code, day string }{{"first", d.Method.FirstDay}, {"last", d.Method.LastDay}} {
		if month.day != "" {
			w.fact(month.code+"_month", w.b.say("method."+month.code), firstOf(month.day), look{reading: w.s.reading(), format: w.b.say("format.month")})
		}
	}
}

// firstOf is the first day of a month written YYYY-MM (or of the month of a day).
func firstOf(month string) day {
	if len(month) >= len("2006-01") {
		return day(month[:len("2006-01")] + "-01")
	}
	return day(month)
}

// tallies writes one line for each way in; a number that is not shown may be small, or nearly everybody.
func (w facts) tallies(kind, label string, tallies []diagnosis.Tally) {
	for i, t := range tallies {
		n := w.b.say("note.hidden")
		if t.Shown {
			n = strconv.Itoa(t.Count)
		}
		w.fact(kind+"/"+t.Code, once(i, label), w.wayIn(kind, t.Code)+": "+n, look{})
	}
	if len(tallies) == 0 {
		w.own(kind, label, w.b.say("note.hidden"))
	}
}

// wayIn names a way in. Links have names of their own, whatever words we may have for something else.
func (w facts) wayIn(kind, code string) string {
	switch {
	case kind == "channel" && code == "":
		return w.b.say("channel.open")
	case kind == "channel" && code == otherChannel:
		return w.b.say("channel.other")
	case kind == "mode" && w.b.has("mode."+code):
		return w.b.say("mode." + code)
	}
	return code
}

// otherChannel is how a release calls links that have no name.
const otherChannel = "other"

// once gives the label of a list for its first line only.
func once(line int, label string) string {
	if line > 0 {
		return ""
	}
	return label
}

// maxNames is how many bytes of names stand in one cell: a page of them, far below what a cell holds.
const maxNames = 1500

// hiddenGroups names, once and by dimension, the groups that have no rows in the frequencies.
func (w facts) hiddenGroups(d *diagnosis.Diagnosis, l *labels) {
	label := w.b.say("method.hidden_groups", "k", strconv.Itoa(d.Method.K))
	line, dimension, names := 0, "", ""
	flush := func() {
		if names != "" {
			w.own("hidden_groups", once(line, label), dimension+": "+names)
			line++
		}
		names = ""
	}
	for _, g := range l.order {
		if g.listed() {
			continue
		}
		if g.dimension != dimension || len(names) > maxNames {
			flush()
			dimension = g.dimension
		}
		if names != "" {
			names += "; "
		}
		names += g.label
	}
	flush()
}

// withheld writes what was held back by which rule, and what to do instead: cells, never values.
func (w facts) withheld(d *diagnosis.Diagnosis) {
	b := w.b
	w.heading(b.say("method.withheld"))
	if len(d.Withheld) == 0 {
		w.own("withheld", "", b.say("method.nothing_withheld"))
	}
	for _, h := range d.Withheld {
		why := h.Rule
		if b.has("rule." + h.Rule) {
			why = b.say("rule."+h.Rule, "k", strconv.Itoa(d.Method.K))
		}
		if key := "remedy." + strings.TrimPrefix(h.Remedy, "remedy."); b.has(key) {
			why += " " + b.say(key)
		}
		w.own("withheld/"+h.Rule, b.say("method.withheld_label", "rule", h.Rule), b.say("method.withheld_cells", "n", strconv.Itoa(h.Cells), "why", why))
	}
}

// provenance writes what an auditor needs to find and recompute the release.
func (w facts) provenance(d *diagnosis.Diagnosis) {
	b := w.b
	w.heading(b.say("method.provenance"))
	w.identity(d)
	w.fact("key_id", b.say("method.key_id"), d.KeyID, look{reading: 1})
	w.fact("software", b.say("method.software"), d.Software, look{reading: 1})
	w.own("verify", b.say("method.verify.label"), b.say("method.verify"))
}

// identity writes which survey, wave and release this is.
func (w facts) identity(d *diagnosis.Diagnosis) {
	b := w.b
	w.fact("survey", b.say("readme.survey"), d.Survey, look{reading: 1})
	w.fact("wave", b.say("readme.wave"), d.Wave, look{reading: 1})
	w.fact("version", b.say("readme.version"), d.Version, look{})
	w.fact("release", b.say("readme.release"), d.Release, look{})
	w.fact("as_of", b.say("readme.as_of"), asDay(d.AsOf), look{reading: w.s.reading(), format: b.say("format.date")})
	w.fact("languages", b.say("readme.languages"), languageNames(d.Languages), look{})
	w.fact("commitment", b.say("readme.commitment"), d.Commitment, look{reading: 1})
}

func asDay(s string) any {
	if s == "" {
		return nil
	}
	return day(s)
}

func languageNames(languages []survey.Language) string {
	names := make([]string, len(languages))
	for i, l := range languages {
		names[i] = or(l.Name, string(l.Tag))
	}
	return strings.Join(names, ", ")
}
