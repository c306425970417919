package diagnosis

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"opengate/survey"
)

// The measures that are made of answers, as Indicator.Measure.
const (
	MeasureNeed     = "need"     // worst score in the area at or above og_need_at
	MeasureSevere   = "severe"   // worst score in the area at or above og_severe_at
	MeasurePositive = "positive" // what og_positive counts as yes
	MeasureAny      = "any"      // yes in at least one question of the same role, list and recall
)

// Bits of a measure's result, by option.
const (
	firstOption  uint8 = 1
	secondOption uint8 = 2
)

// part is what one question contributes to a rights area.
type part struct {
	question       *survey.Question
	coded          *coded // nil for numbers
	of             *follow
	needAt, severe float64
	area           string // of the choices that count, where each names its own; else ""
}

// addAreas makes one item per rights area: S = the worst of the answered scores in it; need is S ≥ need_at, severe is
// S ≥ severe_at (domain model, formula 4).
func (c *catalogue) addAreas() {
	parts := map[string][]part{}
	var order []string
	for _, a := range c.form.Plan.Areas {
		order = append(order, a.Code)
	}
	for q := range c.form.All() {
		role := q.Analysis.Role
		if (role != survey.RoleNeed && role != survey.RoleSeverity) || c.repeated[q.ID] || !q.Asks() && q.Kind != survey.KindCalculate {
			continue
		}
		for _, area := range c.areasOf(q) {
			p, ok := c.part(q, area)
			if !ok {
				c.problem(SeverityError, "", CodeNoThreshold, "question "+q.ID, area)
				continue
			}
			if !slices.Contains(order, area) {
				order = append(order, area)
			}
			parts[area] = append(parts[area], p)
		}
	}
	for _, area := range order {
		if len(parts[area]) > 0 {
			c.items = append(c.items, c.area(area, parts[area]))
		}
	}
}

// areasOf lists the areas a question speaks of.
func (c *catalogue) areasOf(q *survey.Question) []string {
	if q.Analysis.Area != byChoice {
		if q.Analysis.Area == "" {
			return nil
		}
		return []string{q.Analysis.Area}
	}
	var areas []string
	if r := c.closed(q); r != nil {
		for _, x := range r.choices {
			if x.area != "" && !x.missing && !slices.Contains(areas, x.area) {
				areas = append(areas, x.area)
			}
		}
	}
	return areas
}

// part prepares a question for an area; false where its choices cannot tell need from no need.
func (c *catalogue) part(q *survey.Question, area string) (part, bool) {
	p := part{question: q, coded: c.closed(q), of: c.follows(q), needAt: q.Analysis.NeedAt, severe: q.Analysis.SevereAt}
	if p.needAt == 0 && p.severe == 0 {
		p.needAt, p.severe = 3, 4
	}
	if q.Analysis.Area == byChoice {
		p.area = area
		return p, p.coded != nil
	}
	if p.coded == nil {
		return p, q.Kind == survey.KindInteger || q.Kind == survey.KindDecimal || q.Kind == survey.KindRange || q.Kind == survey.KindCalculate
	}
	some := func(keep func(s float64) bool) bool {
		return slices.ContainsFunc(p.coded.choices, func(x choice) bool { return keep(x.score) })
	}
	return p, some(func(s float64) bool { return s >= p.needAt }) && some(func(s float64) bool { return s < p.needAt })
}

// score is the worst score of an answer; ok is false where it says nothing of the area.
func (p part) score(a survey.Answers) (worst float64, ok bool) {
	if !p.of.holds(a) {
		return 0, false
	}
	v := a[p.question.ID]
	asked := p.question.Analysis.BaseAsked
	if p.coded == nil {
		n, err := strconv.ParseFloat(v.Text, 64)
		if v.State != survey.Answered || err != nil {
			return math.Inf(-1), asked && (v.State == survey.Skipped || v.State == survey.DontKnow || v.State == survey.Refused)
		}
		return n, true
	}
	var room [16]int
	st, chosen := p.coded.read(v, room[:0])
	worst, ok = math.Inf(-1), asked && st == nonAnswer || st == answered && (asked || p.area != "")
	for _, at := range chosen {
		x := p.coded.choices[at]
		switch {
		case p.area != "" && x.area != p.area:
		case p.area != "" && math.IsNaN(x.score):
			worst = math.Max(worst, p.needAt)
		case !math.IsNaN(x.score):
			worst, ok = math.Max(worst, x.score), true
		}
	}
	return worst, ok
}

// codes lists the choices at or above a threshold.
func (p part) codes(at float64) []string {
	return p.coded.codesOf(func(x choice) bool {
		if x.missing || p.area != "" && x.area != p.area {
			return false
		}
		return x.score >= at || p.area != "" && math.IsNaN(x.score) && p.needAt >= at
	})
}

// whole says whether everybody in the question's own base says something of the area.
func (p part) whole() bool {
	return p.question.Analysis.BaseAsked || p.area != "" ||
		!slices.ContainsFunc(p.coded.choices, func(x choice) bool { return !x.missing && math.IsNaN(x.score) })
}

func (c *catalogue) area(code string, parts []part) *item {
	key := "area:" + token(code)
	it := &item{key: key, base: key + "=" + baseOf, measure: func(a survey.Answers) (in bool, yes uint8) {
		for _, p := range parts {
			worst, ok := p.score(a)
			in = in || ok
			if ok && worst >= p.needAt {
				yes |= firstOption
			}
			if ok && worst >= p.severe {
				yes |= secondOption
			}
		}
		return in, yes
	}}
	var definitions []string
	label := survey.Text{}
	for _, a := range c.form.Plan.Areas {
		if a.Code == code {
			label = a.Label
		}
	}
	for _, p := range parts {
		definitions = append(definitions, p.definition())
	}
	it.definition = "area of " + strings.Join(definitions, "; ")
	if len(parts) == 1 {
		it.dimensions = c.dimensionsOf(parts[0].coded)
	}
	for i, measure := range []string{MeasureNeed, MeasureSevere} {
		o := option{row: -1, canonical: key + "=" + measure, definition: it.definition, indicator: Indicator{
			ID: key + "=" + measure, Option: measure, Measure: measure, Kind: "share", Area: code, Role: survey.RoleNeed,
			Recall: parts[0].question.Analysis.Recall, Item: label,
		}}
		for _, p := range parts {
			o.indicator.Special = o.indicator.Special || p.question.Analysis.Special
			if p.question.Analysis.Recall != o.indicator.Recall {
				o.indicator.Recall = ""
			}
		}
		if len(parts) == 1 && parts[0].coded != nil && parts[0].whole() && published(parts[0].question) {
			at := []float64{parts[0].needAt, parts[0].severe}[i]
			c.shareSecret(it, &o, parts[0].coded, parts[0].codes(at), parts[0].of)
		}
		if i == 1 && o.canonical == key+"="+measure && sameThresholds(parts) {
			o.canonical = key + "=" + MeasureNeed
		}
		it.options = append(it.options, o)
	}
	return it
}

// sameThresholds says whether severe need is the same as need.
func sameThresholds(parts []part) bool {
	return !slices.ContainsFunc(parts, func(p part) bool {
		if p.coded == nil {
			return p.needAt != p.severe
		}
		return !slices.Equal(p.codes(p.needAt), p.codes(p.severe))
	})
}

func (p part) definition() string {
	if p.coded == nil {
		return fmt.Sprintf("%s need>=%g severe>=%g base %s%s", p.question.ID, p.needAt, p.severe, baseName(p.question.Analysis.BaseAsked), p.of.definition())
	}
	none := p.coded.codesOf(func(x choice) bool { return x.score < p.needAt })
	return fmt.Sprintf("%s need: %s severe: %s none: %s base %s%s", p.question.ID, strings.Join(p.codes(p.needAt), " "),
		strings.Join(p.codes(p.severe), " "), strings.Join(none, " "), baseName(p.question.Analysis.BaseAsked), p.of.definition())
}

// shareSecret makes a measure of one question use the question's own secrets: its base is the question's base, and where it
// is the same people as a published option, or everybody but them, its count is that option's.
func (c *catalogue) shareSecret(it *item, o *option, r *coded, codes []string, of *follow) {
	q := r.question
	it.base = token(q.ID) + "=" + baseOf
	at, mirror, ok := r.locate(codes)
	if !ok || mirror && q.Analysis.BaseAsked {
		return // with non-answers in the base, the others are more than those who chose another option
	}
	twin := c.answer(q, r, at, of)
	o.canonical, o.mirror, o.indicator.Mirror = twin.canonical, mirror, mirror
	o.row = twin.row
}

// shareRoles are the roles whose positive answers add up to one telling share.
var shareRoles = []survey.Role{
	survey.RoleExperience, survey.RoleReported, survey.RoleAwareness, survey.RoleTrust,
	survey.RoleParticipation, survey.RoleNeeded, survey.RoleUnmet, survey.RoleBarrier,
}

// addPositive adds the share of positive answers to a question, unless one published option is that share already.
func (c *catalogue) addPositive(questions *item) {
	r := questions.coded
	q := r.question
	if !slices.Contains(shareRoles, q.Analysis.Role) {
		return
	}
	yes := r.codesOf(func(x choice) bool { return x.yes })
	all := r.codesOf(func(x choice) bool { return !x.missing })
	if len(yes) == 0 || len(yes) == len(all) {
		return
	}
	if at, mirror, ok := r.locate(yes); ok && !mirror {
		questions.options[questions.publish[at]].indicator.Positive = true
		return
	}
	key := "share:" + token(q.ID)
	a := q.Analysis
	area := a.Area
	if area == byChoice {
		area = ""
	}
	o := option{row: -1, canonical: key + "=" + MeasurePositive, definition: strings.Join(yes, " "), indicator: Indicator{
		ID: key + "=" + MeasurePositive, Question: q.ID, Option: MeasurePositive, Measure: MeasurePositive, Kind: "share",
		Area: area, Role: a.Role, Recall: a.Recall, Item: q.Label, Special: a.Special,
	}}
	it := &item{key: key, dimensions: questions.dimensions, definition: questions.definition, measure: positive(r, questions.of)}
	c.shareSecret(it, &o, r, yes, questions.of)
	it.options = []option{o}
	c.items = append(c.items, it)
}

// positive reads whether a question was answered positively.
func positive(r *coded, of *follow) measure {
	return func(a survey.Answers) (in bool, yes uint8) {
		var room [16]int
		st, chosen := r.read(a[r.question.ID], room[:0])
		if !of.holds(a) || st == outside || st == nonAnswer && !r.question.Analysis.BaseAsked {
			return false, 0
		}
		if slices.ContainsFunc(chosen, func(at int) bool { return r.choices[at].yes }) {
			yes = firstOption
		}
		return true, yes
	}
}

// addAny adds, for experience and awareness asked as a block of questions, who said yes at least once. Only questions
// of one role, list and recall are put together; who answered none of them is outside the base.
func (c *catalogue) addAny() {
	type block struct {
		role         survey.Role
		list, recall string
	}
	questions := map[block][]*survey.Question{}
	var order []block
	for _, it := range c.items {
		if it.coded == nil || !it.coded.hasYes {
			continue
		}
		a := it.coded.question.Analysis
		b := block{a.Role, it.coded.question.List, a.Recall}
		if a.Role != survey.RoleExperience && a.Role != survey.RoleAwareness {
			continue
		}
		if questions[b] == nil {
			order = append(order, b)
		}
		questions[b] = append(questions[b], it.coded.question)
	}
	for _, b := range order {
		if len(questions[b]) > 1 {
			key := "role:" + token(string(b.role)) + ":" + token(b.list)
			if b.recall != "" {
				key += ":" + token(b.recall)
			}
			c.items = append(c.items, c.any(key, questions[b]))
		}
	}
}

func (c *catalogue) any(key string, qs []*survey.Question) *item {
	var readers []measure
	var definitions []string
	i := Indicator{
		ID: key + "=" + MeasureAny, Option: MeasureAny, Measure: MeasureAny, Kind: "share",
		Role: qs[0].Analysis.Role, Recall: qs[0].Analysis.Recall,
	}
	for _, q := range qs {
		r, of := c.closed(q), c.follows(q)
		readers = append(readers, positive(r, of))
		definitions = append(definitions, fmt.Sprintf("%s: %s base %s%s", q.ID,
			strings.Join(r.codesOf(func(x choice) bool { return x.yes }), " "), baseName(q.Analysis.BaseAsked), of.definition()))
		i.Special = i.Special || q.Analysis.Special
	}
	definition := "any of " + strings.Join(definitions, "; ")
	return &item{
		key: key, base: key + "=" + baseOf, definition: definition,
		options: []option{{indicator: i, canonical: i.ID, row: -1, definition: definition}},
		measure: func(a survey.Answers) (in bool, yes uint8) {
			for _, read := range readers {
				ok, y := read(a)
				in, yes = in || ok, yes|y
			}
			return in, yes
		},
	}
}
