package diagnosis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"opengate/survey"
	"opengate/survey/expr"
)

// item is one question, or one measure made of questions, with everything that is published of it. All its figures
// share one base.
type item struct {
	key        string  // encoded, first token of its indicators
	base       string  // item part of the base's canonical definition; measures share it with a question of the same base
	coded      *coded  // the question that is tabulated; nil for measures
	of         *follow // narrows the base; nil when everybody asked is in it
	asked      bool    // og_base = asked
	publish    []int   // question: option index → index of options, -1 where it is derivable
	measure    measure // nil for questions
	options    []option
	dimensions []int // dimensions that ask the same thing
	definition string
	missing    []string
	counted    []string
}

// option is one indicator with where its count comes from.
type option struct {
	indicator  Indicator
	canonical  string // item part of the canonical definition of what is counted
	mirror     bool   // canonical counts those in the base who are not in it
	row        int    // the row that is the same people, -1
	definition string
}

// measure reads one response: whether it is in the base, and a bit for each option that holds.
type measure func(a survey.Answers) (in bool, yes uint8)

// follow is the question that an item follows (og_of): only who gave a positive answer there is in the base.
type follow struct {
	question *survey.Question
	coded    *coded
	name     string
}

func (f *follow) holds(a survey.Answers) bool {
	if f == nil {
		return true
	}
	v := a[f.question.ID]
	if f.coded == nil {
		n, err := strconv.ParseFloat(v.Text, 64)
		return v.State == survey.Answered && err == nil && within(f.question.Analysis.Positive, n)
	}
	var room [16]int
	_, chosen := f.coded.read(v, room[:0])
	return slices.ContainsFunc(chosen, func(at int) bool { return f.coded.choices[at].yes })
}

// follows resolves og_of.
func (c *catalogue) follows(q *survey.Question) *follow {
	if q.Analysis.Of == "" {
		return nil
	}
	object := "question " + q.ID
	parent := c.find(q.Analysis.Of)
	if parent == nil || c.repeated[parent.ID] {
		c.problem(SeverityWarning, "", CodeUnknownOf, object, q.Analysis.Of)
		return nil
	}
	f := &follow{question: parent, coded: c.closed(parent), name: parent.ID}
	p := parent.Analysis.Positive
	switch {
	case f.coded == nil && p.Min == nil && p.Max == nil, f.coded != nil && !f.coded.hasYes:
		c.problem(SeverityWarning, "", CodeNoPositive, object, parent.ID)
		return nil
	}
	return f
}

// published says whether the role lets answers be tabulated.
func published(q *survey.Question) bool {
	switch q.Analysis.Role { //nolint:exhaustive // the answers of every other role are tabulated
	case survey.RoleNone, survey.RoleOpen, survey.RoleMeta, survey.RoleConsent, survey.RoleScreen, survey.RoleWeight:
		return false
	}
	return q.Asks()
}

// addQuestions makes an item of every closed question, in form order, and the measures that follow from it.
func (c *catalogue) addQuestions() {
	for q := range c.form.All() {
		switch {
		case !q.Selects() || !published(q):
		case c.repeated[q.ID]:
			c.problem(SeverityWarning, "", CodeInsideRepeat, "question "+q.ID, "")
		case q.Kind == survey.KindRank:
			c.problem(SeverityWarning, "", CodeNotYet, "question "+q.ID, "")
		case len(c.closed(q).options) > maxOptions:
			c.problem(SeverityError, "R1", CodeTooManyGroups, "question "+q.ID, "")
		default:
			c.addQuestion(q)
		}
	}
	c.addAny()
}

func (c *catalogue) addQuestion(q *survey.Question) {
	r := c.closed(q)
	it := &item{
		key: token(q.ID), base: token(q.ID) + "=" + baseOf, coded: r, of: c.follows(q), asked: q.Analysis.BaseAsked,
		publish: make([]int, len(r.options)), missing: r.codesOf(func(x choice) bool { return x.missing }), counted: r.codesOf(func(x choice) bool { return !x.missing }),
		dimensions: c.dimensionsOf(r),
	}
	it.definition = fmt.Sprintf("%s, base %s%s", q.Kind, baseName(it.asked), it.of.definition())
	published := r.publishedOptions()
	for i := range r.options {
		it.publish[i] = slices.Index(published, i)
	}
	for _, i := range published {
		it.options = append(it.options, c.answer(q, r, i, it.of))
	}
	c.items = append(c.items, it)
	c.addPositive(it)
}

// dimensionsOf lists the plain dimensions that are made of a question: their rows already say what it says.
func (c *catalogue) dimensionsOf(r *coded) []int {
	var of []int
	for i, d := range c.dimensions {
		derived := slices.ContainsFunc(d.when, func(e *expr.Expr) bool {
			s, ok := c.simple(e)
			return ok && r != nil && s.question == r.question.ID
		})
		if r != nil && d.coded == r || derived {
			of = append(of, i)
		}
	}
	return of
}

func baseName(asked bool) string {
	if asked {
		return "asked"
	}
	return "answered"
}

func (f *follow) definition() string {
	switch {
	case f == nil:
		return ""
	case f.coded == nil:
		return fmt.Sprintf(", of %s %s", f.name, bounds(f.question.Analysis.Positive))
	}
	return fmt.Sprintf(", of %s: %s", f.name, strings.Join(f.coded.codesOf(func(x choice) bool { return x.yes }), " "))
}

func bounds(p survey.Positive) string {
	var s []string
	if p.Min != nil {
		s = append(s, ">="+strconv.FormatFloat(*p.Min, 'g', -1, 64))
	}
	if p.Max != nil {
		s = append(s, "<="+strconv.FormatFloat(*p.Max, 'g', -1, 64))
	}
	return strings.Join(s, " ")
}

// answer is the indicator of option i of a question.
func (c *catalogue) answer(q *survey.Question, r *coded, i int, of *follow) option {
	code := r.options[i]
	a := q.Analysis
	area := a.Area
	if area == byChoice {
		area = r.choices[r.byCode[code]].area
	}
	id := token(q.ID) + "=" + token(code)
	return option{
		indicator: Indicator{
			ID: id, Question: q.ID, Option: code, Kind: "share", Area: area, Role: a.Role, Recall: a.Recall,
			Label: r.label(code), Item: q.Label, Special: a.Special,
		},
		canonical:  id,
		row:        c.same(q, code, of),
		definition: strings.Join(r.codesOf(func(x choice) bool { return x.option == i }), " "),
	}
}

// byChoice is the og_area of questions whose choices name their own.
const byChoice = "by_choice"

// same finds the row of exactly the people who gave an answer, so that they are not drawn twice.
func (c *catalogue) same(q *survey.Question, code string, of *follow) int {
	at, ok := c.rowOf[source{q.ID, code}]
	if !ok || of != nil {
		return -1
	}
	return at
}

// publishedOptions lists the options that are published: all, but of two exclusive ones only the telling one, because the other
// is the rest of the base (R5).
func (r *coded) publishedOptions() []int {
	all := make([]int, len(r.options))
	for i := range all {
		all[i] = i
	}
	if r.question.Kind != survey.KindSelectOne || len(all) != 2 {
		return all
	}
	telling, score, marked := 0, 0.0, 0
	for i := range r.options {
		s, yes := 0.0, false
		for _, x := range r.choices {
			if x.option == i {
				s, yes = max(s, orZero(x.score)), yes || x.yes
			}
		}
		if yes {
			marked++
		}
		if role := r.question.Analysis.Role; role == survey.RoleNeed || role == survey.RoleSeverity {
			if s > score {
				telling, score = i, s
			}
		} else if yes && marked == 1 {
			telling = i
		}
	}
	return []int{telling}
}

func orZero(x float64) float64 {
	if x != x { // NaN
		return 0
	}
	return x
}

// locate finds a published option that stands for the same people as the given codes, or for everybody else in the
// same base. Either way the figure needs no draw of its own.
func (r *coded) locate(codes []string) (at int, mirror, ok bool) {
	counted := r.codesOf(func(x choice) bool { return !x.missing })
	var others []string
	for _, code := range counted {
		if !slices.Contains(codes, code) {
			others = append(others, code)
		}
	}
	for _, i := range r.publishedOptions() {
		merged := r.codesOf(func(x choice) bool { return x.option == i })
		switch {
		case slices.Equal(merged, codes):
			return i, false, true
		case slices.Equal(merged, others) && r.exclusive(others):
			return i, true, true
		}
	}
	return 0, false, false
}

// exclusive says whether who gave one of the codes gave nothing else.
func (r *coded) exclusive(codes []string) bool {
	if r.question.Kind == survey.KindSelectOne {
		return true
	}
	return !slices.ContainsFunc(codes, func(code string) bool { return !r.choices[r.byCode[code]].alone })
}
