package web

import (
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"opengate/survey"
	"opengate/survey/expr"
)

// pageRules is what the page's script needs to show and hide questions as the server would. References to answers of
// other pages have been replaced by their values, so nothing of those is in it but what a rule needs.
type pageRules struct {
	Questions []questionRule               `json:"q"`
	Computed  map[string]*expr.Expr        `json:"c,omitempty"` // calculations that hang on this page
	Labels    map[string]map[string]string `json:"l,omitempty"` // of choices that a rule names, by question and code
	Now       string                       `json:"now"`
	Zone      string                       `json:"zone"` // IANA name
	Live      bool                         `json:"live"` // every list that hangs on this page is filtered here; no button is needed
}

type questionRule struct {
	Name     string       `json:"n"`
	Wrap     string       `json:"w,omitempty"`
	Relevant *expr.Expr   `json:"r,omitempty"`
	Filter   *expr.Expr   `json:"f,omitempty"`
	Choices  []choiceRule `json:"o,omitempty"` // all choices of a filtered list
}

type choiceRule struct {
	Code    string            `json:"n"`
	Label   string            `json:"t"` // plain text, for drop-downs
	Columns map[string]string `json:"c,omitempty"`
}

// liveNames are the questions of a page, and the calculations that hang on them.
func liveNames(form *survey.Form, questions []*survey.Question) map[string]bool {
	live := map[string]bool{}
	for _, q := range survey.Shown(questions) {
		if q.Asks() {
			live[q.ID] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for q := range form.All() {
			if q.Calculation != nil && !live[q.ID] && slices.ContainsFunc(q.Calculation.Refs(), func(r string) bool { return live[r] }) {
				live[q.ID], grown = true, true
			}
		}
	}
	return live
}

// script gives the rules of a page as JSON for a data block, "" when nothing on it changes while one answers.
func (f *filling) script(p survey.Page, b *builder) (template.JS, error) {
	now := f.s.Intake.Now(f.door, f.draft).Time
	rules := pageRules{Computed: map[string]*expr.Expr{}, Now: now.Format(time.RFC3339), Zone: f.door.Zone().String(), Live: true}
	f.collect(&rules, p.Questions, b)
	if len(rules.Questions) == 0 {
		return "", nil
	}
	for q := range f.door.Form.All() {
		if q.Calculation != nil && b.live[q.ID] && !b.beyond(q.ID, map[string]bool{}) {
			rules.Computed[q.ID] = b.fold(q.Calculation)
			b.nameChoices(&rules, q.Calculation)
		}
	}
	out, err := json.Marshal(rules) // escapes <, > and &, so it cannot end the data block
	if err != nil {
		return "", fmt.Errorf("page rules: %w", err)
	}
	return template.JS(out), nil //nolint:gosec // JSON, with <, > and & escaped
}

// collect adds the rules of the questions and of what is inside their groups.
func (f *filling) collect(rules *pageRules, questions []*survey.Question, b *builder) {
	for _, q := range questions {
		r := questionRule{Name: q.ID, Wrap: b.wrap(q)}
		if b.hangsOnPage(q) {
			r.Relevant = b.fold(q.Relevant)
			b.nameChoices(rules, q.Relevant)
		}
		if b.filtersLive(q) {
			r.Filter, r.Choices = b.fold(q.Filter), b.choiceRules(q)
			b.nameChoices(rules, q.Filter)
		} else if cascades([]*survey.Question{q}, b.live) {
			rules.Live = false
		}
		if r.Relevant != nil || r.Filter != nil {
			rules.Questions = append(rules.Questions, r)
		}
		f.collect(rules, q.Children, b)
	}
}

// nameChoices adds the labels of the choices that an expression may ask for.
func (b *builder) nameChoices(rules *pageRules, e *expr.Expr) {
	if !strings.Contains(e.Source(), "jr:choice-name") {
		return
	}
	for _, name := range b.fold(e).Refs() {
		q := b.door.Form.Question(name)
		if q == nil || !q.Selects() || b.door.Form.Lists[q.List] == nil || rules.Labels[name] != nil {
			continue
		}
		labels := map[string]string{}
		for _, c := range b.door.Form.Lists[q.List].Choices {
			labels[c.Code], _ = c.Label.In(b.langs()...)
		}
		if rules.Labels == nil {
			rules.Labels = map[string]map[string]string{}
		}
		rules.Labels[name] = labels
	}
}

// choiceRules gives every choice of a filtered list with the columns its filter reads.
func (b *builder) choiceRules(q *survey.Question) []choiceRule {
	var out []choiceRule
	for _, c := range b.door.Form.Lists[q.List].Choices {
		label, _ := b.view.Text(c.Label, b.langs()...)
		r := choiceRule{Code: c.Code, Label: label, Columns: map[string]string{}}
		for _, name := range q.Filter.Columns() {
			r.Columns[name] = c.Columns[name]
		}
		out = append(out, r)
	}
	return out
}

// viewScope lets expr.Fold read answers of other pages.
type viewScope struct {
	view *survey.View
	form *survey.Form
	now  survey.Now
}

func (s viewScope) Ref(name string) []string {
	if s.form.Question(name) == nil {
		return nil
	}
	return []string{s.view.Value(name).Text}
}
func (s viewScope) Self() string         { return "" }
func (s viewScope) Column(string) string { return "" }
func (s viewScope) ChoiceLabel(code, question string) string {
	q := s.form.Question(question)
	if q == nil {
		return ""
	}
	c := s.form.Lists[q.List].Choice(code)
	if c == nil {
		return ""
	}
	label, _ := c.Label.In(s.now.Langs...)
	return label
}
func (s viewScope) Rows(string) []map[string]string       { return nil }
func (s viewScope) Position() int                         { return 1 }
func (s viewScope) Instances(name string, _ []int) string { return s.view.Value(name).Text }
func (s viewScope) Now() time.Time                        { return s.now.Time }
func (s viewScope) Random() float64                       { return 0 }
