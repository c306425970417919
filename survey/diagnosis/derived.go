package diagnosis

import (
	"encoding/json"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"opengate/survey"
	"opengate/survey/expr"
)

// derivedRows makes the rows of a derived dimension. Conditions are compared as syntax trees, so that spaces do not
// hide that two of them are one.
func (c *catalogue) derivedRows(d *dimension, s survey.Dimension) []population {
	object := "dimension " + s.Code
	var rows []population
	for i, category := range s.Categories {
		name := object + "/" + category.Code
		if category.When == nil {
			c.problem(SeverityError, "", CodeNoCategories, name, "")
			return nil
		}
		var counted []string
		for _, ref := range category.When.Refs() {
			q := c.find(ref)
			switch {
			case q == nil:
				c.problem(SeverityError, "", CodeUnknownQuestion, name, ref)
				return nil
			case c.repeated[q.ID]:
				c.problem(SeverityError, "", CodeInsideRepeat, name, ref)
				return nil
			}
			if r := c.closed(q); r != nil {
				for _, code := range r.codesOf(func(x choice) bool { return !x.missing }) {
					counted = append(counted, token(q.ID)+"="+token(code))
				}
			}
		}
		tree, err := json.Marshal(category.When)
		if err != nil {
			tree = []byte(category.When.Source())
		}
		if at, clash := c.clash(category.When, string(tree)); clash {
			c.problem(SeverityError, "R2", CodeSamePredicate, name, "group "+c.nameOf(at, rows, d.first))
			return nil
		}
		c.conditions[string(tree)] = d.first + i
		d.Categories = append(d.Categories, Category{Code: category.Code, Label: category.Label})
		d.when = append(d.when, category.When)
		row := c.group(d.Code, category.Code, "derived: "+string(tree))
		row.counted = counted
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		c.problem(SeverityError, "", CodeNoCategories, object, "")
	}
	return rows
}

// clash finds a row that holds the same people by its definition.
func (c *catalogue) clash(when *expr.Expr, tree string) (int, bool) {
	if at, ok := c.conditions[tree]; ok {
		return at, true
	}
	s, ok := c.simple(when)
	if !ok {
		return 0, false
	}
	at, ok := c.rowOf[s]
	return at, ok
}

// nameOf names a row that is in the catalogue or among those about to be added from first on.
func (c *catalogue) nameOf(at int, pending []population, first int) string {
	if at >= first && at-first < len(pending) {
		return pending[at-first].category
	}
	if at < len(c.rows) {
		return c.rows[at].category
	}
	return ""
}

var simpleCondition = regexp.MustCompile(`^\s*(?:(selected)\s*\(\s*\$\{\s*([^}\s]+)\s*\}\s*,\s*(?:'([^']*)'|"([^"]*)")\s*\)|` +
	`\$\{\s*([^}\s]+)\s*\}\s*=\s*(?:'([^']*)'|"([^"]*)")|(?:'([^']*)'|"([^"]*)")\s*=\s*\$\{\s*([^}\s]+)\s*\})\s*$`)

// simple recognises a condition that is nothing but one answer to one closed question.
func (c *catalogue) simple(when *expr.Expr) (source, bool) {
	m := simpleCondition.FindStringSubmatch(when.Source())
	if m == nil {
		return source{}, false
	}
	name, code := m[2]+m[5]+m[10], m[3]+m[4]+m[6]+m[7]+m[8]+m[9]
	r := c.closed(c.find(name))
	if r == nil || (r.question.Kind == survey.KindSelectMultiple && m[1] == "") {
		return source{}, false
	}
	at, ok := r.byCode[code]
	if !ok || r.choices[at].missing {
		return source{}, false
	}
	option := r.choices[at].option
	merged := r.codesOf(func(x choice) bool { return x.option == option })
	return source{r.question.ID, r.options[option]}, len(merged) == 1
}

// stored is what a condition of the plan can see of one response: the codes of given answers, blank for everything
// that was not answered.
type stored struct {
	names   map[string]*survey.Question
	catalog *catalogue
	answers survey.Answers
	day     string
}

var _ expr.Scope = (*stored)(nil)

// scope prepares a stored for many responses.
func (c *catalogue) scope() *stored {
	s := &stored{names: map[string]*survey.Question{}, catalog: c}
	for _, d := range c.dimensions {
		for _, e := range d.when {
			for _, ref := range e.Refs() {
				s.names[ref] = c.find(ref)
			}
		}
	}
	return s
}

// Ref gives the answer to a question, blank where it is missing.
func (s *stored) Ref(name string) []string {
	q := s.names[name]
	if q == nil {
		return nil
	}
	v := s.answers[q.ID]
	if r := s.catalog.closed(q); r != nil {
		if st, _ := r.read(v, nil); st != answered {
			return []string{""}
		}
		return []string{v.Text}
	}
	if v.State != survey.Answered {
		return []string{""}
	}
	return []string{v.Text}
}

// Self is blank: a condition of the plan stands at no question.
func (s *stored) Self() string { return "" }

// Column is blank: there is no choice row.
func (s *stored) Column(string) string { return "" }

// ChoiceLabel gives the label in the form's default language.
func (s *stored) ChoiceLabel(code, question string) string {
	r := s.catalog.closed(s.catalog.find(question))
	if r == nil {
		return ""
	}
	label, _ := r.label(code).In(s.catalog.form.Default)
	return label
}

// Rows gives the choices of a list.
func (s *stored) Rows(instance string) []map[string]string {
	l := s.catalog.form.Lists[instance]
	if l == nil {
		return nil
	}
	rows := make([]map[string]string, len(l.Choices))
	for i, ch := range l.Choices {
		rows[i] = map[string]string{}
		maps.Copy(rows[i], ch.Columns)
		rows[i]["name"] = ch.Code
		rows[i]["label"], _ = ch.Label.In(s.catalog.form.Default)
	}
	return rows
}

// Position is 1: conditions of the plan stand outside repeats.
func (s *stored) Position() int { return 1 }

// Instances gives an answer inside a repeat, blank when there is none.
func (s *stored) Instances(name string, at []int) string {
	q := s.catalog.find(name)
	if q == nil {
		return ""
	}
	numbers := make([]string, len(at))
	for i, n := range at {
		numbers[i] = strconv.Itoa(n)
	}
	v := s.answers[q.ID+"["+strings.Join(numbers, ".")+"]"]
	if v.State != survey.Answered {
		return ""
	}
	return v.Text
}

// Now is the day of the response, so that membership does not change from one release to the next.
func (s *stored) Now() time.Time {
	t, err := time.Parse(time.DateOnly, s.day)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Random is 0: a published group may not depend on chance.
func (s *stored) Random() float64 { return 0 }
