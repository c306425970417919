package export

import (
	"math"
	"strconv"
	"strings"

	"opengate/survey/diagnosis"
)

// Symbols that stand where a figure cannot. The read-me explains them.
const (
	symbolHidden   = "•" // fewer than k people, or withheld by another rule
	symbolInterval = "~" // too few answers for one figure: only the interval is given
)

// Statuses and bounds of a figure, as the diagnosis writes them.
const (
	statusPoint    = "point"
	statusInterval = "interval"
	statusHidden   = "hidden"
	boundBelow     = "below"
	boundAbove     = "above"
	kindShare      = "share"
)

// printed is a figure as its cells show it: a number, or a text where a number would say too much.
type printed struct {
	count, base, estimate, low, high any
	format                           string // of estimate, low and high
}

// print turns a figure into cells. kind is the indicator's: shares are percentages, all else has one decimal.
func (b *book) print(f *diagnosis.Figure, kind string) printed {
	p := printed{format: b.say("format.share")}
	if kind != kindShare {
		p.format = b.say("format.mean")
	}
	switch f.Status {
	case statusHidden:
		p.count, p.base, p.estimate = symbolHidden, symbolHidden, symbolHidden
		return p
	case statusPoint, statusInterval:
	default:
		b.fail("figure %s of %s: unknown status %q", f.Indicator, f.Category, f.Status)
		return p
	}
	p.base, p.count, p.low, p.high = f.Base, f.Count, number(f.Low), number(f.High)
	switch f.Bound {
	case boundBelow:
		p.count = b.below(strconv.Itoa(f.Count))
	case boundAbove:
		p.count = b.above(strconv.Itoa(f.Count))
	case "":
		if kind == kindShare && (f.Count <= 0 || f.Count >= f.Base) {
			b.fail("figure %s of %s: none or all of the base without a bound", f.Indicator, f.Category)
		}
	default:
		b.fail("figure %s of %s: unknown bound %q", f.Indicator, f.Category, f.Bound)
	}
	p.estimate = b.estimate(f, kind)
	return p
}

// estimate is a number, "<2%" or ">98%" beside a bound, or the symbol for "interval only".
func (b *book) estimate(f *diagnosis.Figure, kind string) any {
	switch {
	case f.Status == statusInterval:
		return symbolInterval
	case f.Estimate == nil:
		b.fail("figure %s of %s: a point without an estimate", f.Indicator, f.Category)
		return nil
	case f.Bound == boundBelow:
		return b.below(b.number(*f.Estimate, kind))
	case f.Bound == boundAbove:
		return b.above(b.number(*f.Estimate, kind))
	}
	return *f.Estimate
}

// interval is "22–41%" as a text, or nil when the figure has none.
func (b *book) interval(f *diagnosis.Figure, kind string) any {
	if f.Status == statusHidden || f.Low == nil || f.High == nil {
		return nil
	}
	if kind == kindShare {
		return b.say("format.interval", "low", digits(*f.Low*100), "high", digits(*f.High*100))
	}
	return b.say("format.interval_mean", "low", b.number(*f.Low, kind), "high", b.number(*f.High, kind))
}

// number writes a share as "42%" or another estimate as "3.4", in the reader's language.
func (b *book) number(v float64, kind string) string {
	if kind == kindShare {
		return b.say("format.percent", "n", digits(v*100))
	}
	return strings.Replace(strconv.FormatFloat(v, 'f', 1, 64), ".", b.say("format.point"), 1)
}

// below and above write "<5" and ">95": in words where the signs would turn around with the direction of writing.
func (b *book) below(n string) string { return b.say("format.below", "n", n) }
func (b *book) above(n string) string { return b.say("format.above", "n", n) }

// digits writes a whole number; a share that is not whole percents (which no release contains) is rounded.
func digits(v float64) string { return strconv.FormatFloat(math.Round(v), 'f', 0, 64) }

// number lifts an optional number into a cell; nil stays an empty cell.
func number(v *float64) any {
	if v == nil {
		return nil
	}
	return *v
}
