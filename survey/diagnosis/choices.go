package diagnosis

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"opengate/survey"
)

// choice is what a choice code means, merged over all versions of the form.
type choice struct {
	code    string
	label   survey.Text
	missing bool
	option  int     // index into coded.options, -1 for missing codes
	score   float64 // higher is worse; NaN without one
	yes     bool    // counts as positive
	area    string
	alone   bool // exclusive
}

// coded reads the answers to one closed question.
type coded struct {
	question *survey.Question
	choices  []choice // in list order, codes of older versions last
	byCode   map[string]int
	options  []string // codes after roll-up, in list order
	hasYes   bool     // some choice counts as positive
}

// status is how an answer stands to the base of its item.
type status uint8

const (
	outside   status = iota // not asked, not reached, unreadable
	nonAnswer               // asked, but skipped, don't know, prefer not to say, does not apply
	answered
)

// newCoded merges the lists of all versions; q and its list are those of the newest.
func newCoded(q *survey.Question, lists []*survey.List) *coded {
	c := &coded{question: q, byCode: map[string]int{}}
	rollups := map[string]string{}
	scored := false
	for _, l := range lists {
		if l == nil {
			continue
		}
		for _, ch := range l.Choices {
			if _, known := c.byCode[ch.Code]; known {
				continue
			}
			x := choice{
				code: ch.Code, label: ch.Label, missing: ch.Missing != survey.NotAsked, option: -1,
				score: math.NaN(), area: ch.Area, alone: ch.Exclusive || slices.Contains(q.Exclusive, ch.Code),
			}
			if ch.Score != nil && !x.missing {
				x.score, scored = *ch.Score, true
			}
			if ch.Rollup != "" {
				rollups[ch.Code] = ch.Rollup
			}
			c.byCode[ch.Code] = len(c.choices)
			c.choices = append(c.choices, x)
		}
	}
	c.reverse()
	c.markPositive(scored)
	c.number(rollups)
	return c
}

// reverse turns scores of which higher is better around: s' = min + max − s.
func (c *coded) reverse() {
	if c.question.Analysis.Higher != survey.HigherIsBetter {
		return
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, x := range c.choices {
		if !math.IsNaN(x.score) {
			low, high = math.Min(low, x.score), math.Max(high, x.score)
		}
	}
	for i := range c.choices {
		c.choices[i].score = low + high - c.choices[i].score
	}
}

// markPositive decides which choices count as yes: those of og_positive; else those that score above 0; else "yes";
// else, of several ticks, any that may be ticked beside others.
func (c *coded) markPositive(scored bool) {
	p := c.question.Analysis.Positive
	_, hasYesCode := c.byCode["yes"]
	for i := range c.choices {
		x := &c.choices[i]
		switch {
		case x.missing:
		case len(p.Codes) > 0:
			x.yes = slices.Contains(p.Codes, x.code)
		case p.Min != nil || p.Max != nil:
			x.yes = within(p, c.printedScore(*x))
		case scored:
			x.yes = c.printedScore(*x) > 0
		case hasYesCode:
			x.yes = x.code == "yes"
		default:
			x.yes = c.question.Kind == survey.KindSelectMultiple && !x.alone
		}
		c.hasYes = c.hasYes || x.yes
	}
}

// printedScore is the score as the author wrote it, which og_positive refers to; the code where there is none.
func (c *coded) printedScore(x choice) float64 {
	if math.IsNaN(x.score) {
		n, err := strconv.ParseFloat(x.code, 64)
		if err != nil {
			return math.NaN()
		}
		return n
	}
	if c.question.Analysis.Higher != survey.HigherIsBetter {
		return x.score
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, y := range c.choices {
		if !math.IsNaN(y.score) {
			low, high = math.Min(low, y.score), math.Max(high, y.score)
		}
	}
	return low + high - x.score
}

func within(p survey.Positive, n float64) bool {
	if math.IsNaN(n) {
		return false
	}
	return (p.Min == nil || n >= *p.Min) && (p.Max == nil || n <= *p.Max)
}

// number gives every choice that is not missing the option it is published as, roll-ups done.
func (c *coded) number(rollups map[string]string) {
	target := func(code string) string {
		for range c.choices { // a circle of roll-ups ends somewhere
			next, ok := rollups[code]
			if at, known := c.byCode[next]; !ok || !known || c.choices[at].missing {
				return code
			}
			code = next
		}
		return code
	}
	for i := range c.choices {
		x := &c.choices[i]
		if x.missing {
			continue
		}
		to := target(x.code)
		x.option = slices.Index(c.options, to)
		if x.option < 0 {
			x.option = len(c.options)
			c.options = append(c.options, to)
		}
	}
}

// read says how an answer stands to the base and appends the choices given, as indexes of c.choices, to into. What
// the codes mean today decides, so that a corrected plan holds for older answers too.
func (c *coded) read(v survey.Value, into []int) (status, []int) {
	switch v.State {
	case survey.NotAsked, survey.NotReached, survey.Invalid:
		return outside, into
	case survey.Answered, survey.DontKnow, survey.Refused, survey.NotApplicable:
	default:
		return nonAnswer, into
	}
	st := outside
	if v.State != survey.Answered {
		st = nonAnswer
	}
	one := func(code string) {
		at, ok := c.byCode[code]
		switch {
		case !ok:
		case c.choices[at].missing:
			st = max(st, nonAnswer)
		default:
			st = answered
			into = append(into, at)
		}
	}
	if c.question.Kind != survey.KindSelectMultiple {
		one(v.Text)
		return st, into
	}
	for code := range strings.FieldsSeq(v.Text) {
		one(code)
	}
	return st, into
}

// codesOf lists the codes of the choices that keep accepts, in list order.
func (c *coded) codesOf(keep func(choice) bool) []string {
	var codes []string
	for _, x := range c.choices {
		if keep(x) {
			codes = append(codes, x.code)
		}
	}
	return codes
}

// label finds the text of a code; empty when no list has it.
func (c *coded) label(code string) survey.Text {
	if at, ok := c.byCode[code]; ok {
		return c.choices[at].label
	}
	return nil
}
