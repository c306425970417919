package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"opengate/survey"
	"opengate/survey/expr"
)

// Limits that keep a careless --by from publishing a register.
const (
	maxGroups = 400  // of one dimension
	maxRows   = 4000 // of the whole catalogue

	maxOptions = 1<<16 - 3 // of one question, whose column also holds two values of its own
)

// catalogue is everything that will be published, fixed by the forms alone and never by the answers.
type catalogue struct {
	form       *survey.Form // the newest version
	forms      []*survey.Form
	dimensions []dimension
	rows       []population // everybody first
	items      []*item
	problems   []PlanProblem
	coded      map[string]*coded
	rowOf      map[source]int // the row that holds exactly who gave this answer
	conditions map[string]int // the row of each derived condition, by its syntax tree
	repeated   map[string]bool
}

// source is one answer to one question, after roll-up.
type source struct{ question, option string }

// dimension is a Dimension with what decides who belongs where.
type dimension struct {
	Dimension
	coded *coded       // single, multi
	when  []*expr.Expr // derived, one per category
	first int          // row of the first category
	of    [2]int       // cross: indexes of the two dimensions
}

// population is a row of the catalogue before anybody is counted.
type population struct {
	category   string // as Row.Category
	attrs      []attr
	dimension  int    // -1 for everybody
	option     string // the category's code
	definition string
	counted    []string // as Entry.Counted
	parts      [2]int   // cross: the two rows it is the overlap of
}

// newCatalogue builds the catalogue of the newest of the forms, which are in rising version; by names further
// questions that divide people. It never fails: what cannot be published is in problems.
func newCatalogue(forms []*survey.Form, by []string) *catalogue {
	c := &catalogue{
		form: forms[len(forms)-1], forms: forms, coded: map[string]*coded{}, rowOf: map[source]int{},
		conditions: map[string]int{},
		rows:       []population{{category: everybody, dimension: -1, definition: "everybody"}}, repeated: map[string]bool{},
	}
	c.findRepeated(c.form.Body, false)
	for _, d := range c.declared(by) {
		c.addDimension(d)
	}
	c.addAreas()
	c.addQuestions()
	return c
}

// everybody is the category of the row of all responses.
const everybody = "all"

func (c *catalogue) findRepeated(qs []*survey.Question, inside bool) {
	for _, q := range qs {
		if inside {
			c.repeated[q.ID] = true
		}
		c.findRepeated(q.Children, inside || q.Kind == survey.KindRepeat)
	}
}

// closed gives the reader of a closed question, nil when the question is not one.
func (c *catalogue) closed(q *survey.Question) *coded {
	if q == nil || (q.Kind != survey.KindSelectOne && q.Kind != survey.KindSelectMultiple) || c.repeated[q.ID] {
		return nil
	}
	if known := c.coded[q.ID]; known != nil {
		return known
	}
	lists := []*survey.List{c.form.Lists[q.List]}
	for _, f := range slices.Backward(c.forms[:len(c.forms)-1]) {
		if old := f.Question(q.ID); old != nil {
			lists = append(lists, f.Lists[old.List])
		}
	}
	c.coded[q.ID] = newCoded(q, lists)
	return c.coded[q.ID]
}

// find looks a question up by ID, then by name.
func (c *catalogue) find(name string) *survey.Question {
	if q := c.form.Question(name); q != nil {
		return q
	}
	for q := range c.form.All() {
		if q.Name == name {
			return q
		}
	}
	return nil
}

func (c *catalogue) problem(severity, rule, code, object, other string) {
	p := PlanProblem{Severity: severity, Object: object, Rule: rule, Code: code, Other: other}
	if !slices.Contains(c.problems, p) {
		c.problems = append(c.problems, p)
	}
}

// declared lists the dimensions of the plan, those that roles imply where the plan has no dimensions, and by.
func (c *catalogue) declared(by []string) []survey.Dimension {
	ds := slices.Clone(c.form.Plan.Dimensions)
	of := func(q *survey.Question) survey.Dimension {
		kind := survey.DimensionSingle
		if q.Kind == survey.KindSelectMultiple {
			kind = survey.DimensionMulti
		}
		code := strings.ReplaceAll(q.ID, "/", ".") // as the workbook's reader names dimensions
		return survey.Dimension{Code: code, Kind: kind, Label: q.Label, Question: q.ID, Special: q.Analysis.Special}
	}
	if len(ds) == 0 {
		for q := range c.form.All() {
			if q.Analysis.Role == survey.RoleGroup && c.closed(q) != nil {
				ds = append(ds, of(q))
			}
		}
	}
	for _, name := range by {
		q := c.find(name)
		switch {
		case slices.ContainsFunc(ds, func(d survey.Dimension) bool { return d.Code == name || q != nil && d.Question == q.ID }):
		case q == nil:
			c.problem(SeverityError, "", CodeUnknownQuestion, "dimension "+name, "")
		default:
			ds = append(ds, of(q))
		}
	}
	return ds
}

func (c *catalogue) addDimension(s survey.Dimension) {
	d := dimension{Dimension: Dimension{Code: s.Code, Kind: s.Kind, Label: s.Label, Special: s.Special}, first: len(c.rows)}
	object := "dimension " + s.Code
	if slices.ContainsFunc(c.dimensions, func(o dimension) bool { return o.Code == s.Code }) {
		c.problem(SeverityError, "R2", CodeSameName, object, "")
		return
	}
	var rows []population
	switch s.Kind {
	case survey.DimensionSingle, survey.DimensionMulti:
		rows = c.groupRows(&d, s)
	case survey.DimensionDerived:
		rows = c.derivedRows(&d, s)
	case survey.DimensionCross:
		rows = c.crossRows(&d, s)
	}
	switch {
	case rows == nil:
		return // the reason is among the problems
	case len(rows) > maxGroups || len(rows)+len(c.rows) > maxRows:
		c.problem(SeverityError, "R1", CodeTooManyGroups, object, "")
		return
	case d.Label.Empty():
		d.Label = nil
	}
	for i := range rows {
		rows[i].dimension = len(c.dimensions)
	}
	c.dimensions = append(c.dimensions, d)
	c.rows = append(c.rows, rows...)
	if d.coded != nil {
		for i, r := range rows {
			c.rowOf[source{d.coded.question.ID, r.option}] = d.first + i
		}
	}
	for i, e := range d.when {
		if s, ok := c.simple(e); ok {
			c.rowOf[s] = d.first + i
		}
	}
}

func (c *catalogue) groupRows(d *dimension, s survey.Dimension) []population {
	q := c.find(s.Question)
	object := "dimension " + s.Code
	d.coded = c.closed(q)
	switch {
	case q == nil:
		c.problem(SeverityError, "", CodeUnknownQuestion, object, s.Question)
		return nil
	case c.repeated[q.ID]:
		c.problem(SeverityError, "", CodeInsideRepeat, object, s.Question)
		return nil
	case d.coded == nil:
		c.problem(SeverityError, "", CodeNotClosed, object, s.Question)
		return nil
	case len(d.coded.options) == 0:
		c.problem(SeverityError, "", CodeNoCategories, object, s.Question)
		return nil
	}
	for _, o := range c.dimensions {
		if o.coded == d.coded {
			c.problem(SeverityError, "R2", CodeSamePredicate, object, "dimension "+o.Code)
			return nil
		}
	}
	if d.Label.Empty() {
		d.Label = q.Label
	}
	d.Special = d.Special || q.Analysis.Special
	var rows []population
	for i, code := range d.coded.options {
		if at, clash := c.rowOf[source{q.ID, code}]; clash {
			c.problem(SeverityError, "R2", CodeSamePredicate, object, "group "+c.rows[at].category)
			return nil
		}
		label := d.coded.label(code)
		for _, declared := range s.Categories {
			if declared.Code == code && !declared.Label.Empty() {
				label = declared.Label
			}
		}
		d.Categories = append(d.Categories, Category{Code: code, Label: label})
		merged := d.coded.codesOf(func(x choice) bool { return x.option == i })
		rows = append(rows, c.group(d.Code, code, fmt.Sprintf("%s %s: %s", d.Kind, q.ID, strings.Join(merged, " "))))
	}
	return rows
}

// group is the row of one category of a plain dimension.
func (c *catalogue) group(dimension, code, definition string) population {
	d, v := token(dimension), token(code)
	return population{category: d + "/" + v, attrs: []attr{{d, v}}, option: code, definition: definition}
}

func (c *catalogue) crossRows(d *dimension, s survey.Dimension) []population {
	object := "dimension " + s.Code
	for i, code := range s.Of {
		d.of[i] = slices.IndexFunc(c.dimensions, func(o dimension) bool { return o.Code == code })
		switch {
		case d.of[i] < 0:
			c.problem(SeverityError, "", CodeUnknownDimension, object, code)
			return nil
		case c.dimensions[d.of[i]].Kind == survey.DimensionCross:
			c.problem(SeverityError, "R1", CodeCrossOfCross, object, code)
			return nil
		}
	}
	if d.of[0] == d.of[1] {
		c.problem(SeverityError, "R2", CodeSamePredicate, object, "dimension "+s.Of[0])
		return nil
	}
	for _, o := range c.dimensions {
		if o.Kind == survey.DimensionCross && (o.of == d.of || o.of == [2]int{d.of[1], d.of[0]}) {
			c.problem(SeverityError, "R2", CodeSamePredicate, object, "dimension "+o.Code)
			return nil
		}
	}
	a, b := c.dimensions[d.of[0]], c.dimensions[d.of[1]]
	if d.Label.Empty() {
		d.Label = both(a.Label, b.Label)
	}
	d.Special = d.Special || a.Special || b.Special
	var rows []population
	for i, x := range a.Categories {
		for j, y := range b.Categories {
			p, q := c.rows[a.first+i], c.rows[b.first+j]
			name := p.category + "*" + q.category
			d.Categories = append(d.Categories, Category{Code: name, Label: both(x.Label, y.Label)})
			rows = append(rows, population{
				category: name, attrs: append(slices.Clone(p.attrs), q.attrs...), option: name,
				definition: p.category + " and " + q.category, parts: [2]int{a.first + i, b.first + j},
			})
		}
	}
	return rows
}

// both joins two labels in every language that has them both.
func both(a, b survey.Text) survey.Text {
	t := survey.Text{}
	for l, s := range a {
		if b[l] != "" && s != "" {
			t[l] = s + " × " + b[l]
		}
	}
	if len(t) > 0 {
		return t
	}
	s, l := a.In()
	r, _ := b.In()
	if s == "" || r == "" {
		return nil
	}
	return survey.Text{l: s + " × " + r}
}
