// Package survey is the domain: questionnaires, answers and what is wrong with them. It is pure: no clock, file,
// network, database or global. Entry points: [Evaluate] (what a form shows for given answers) and [Check] (every
// problem of an answer sheet, in form order).
package survey

import (
	"slices"

	"opengate/survey/expr"
)

// Form is one immutable version of a questionnaire with its analysis plan.
type Form struct {
	Slug      string
	Version   int    // 1, 2, … within the slug; 0 before it is published
	Hash      string // hex SHA-256 of the workbook it was read from
	ID        string // form_id of the settings sheet
	Edition   string // version of the settings sheet, the author's own
	Title     Text
	Languages []Language // in sheet order, never empty
	Default   Lang       // one of Languages
	Body      []*Question
	Lists     map[string]*List
	Order     []*Question // calculations and conditions in dependency order, computed once at import
	Plan      Plan

	index map[string]*Question
	size  int // number of questions, groups included
}

// Language is one language of a form's own texts.
type Language struct {
	Tag      Lang
	Name     string // as the author wrote it in the column header
	Reviewed bool   // false: "machine-assisted translation, not yet reviewed"
}

// Kind is a question type, with all aliases resolved.
type Kind string

// The kinds of question. Start, End and Today store the day only.
const (
	KindText           Kind = "text"
	KindInteger        Kind = "integer"
	KindDecimal        Kind = "decimal"
	KindDate           Kind = "date"
	KindTime           Kind = "time"
	KindDateTime       Kind = "datetime"
	KindSelectOne      Kind = "select_one"
	KindSelectMultiple Kind = "select_multiple"
	KindRank           Kind = "rank"
	KindRange          Kind = "range"
	KindAcknowledge    Kind = "acknowledge"
	KindNote           Kind = "note"
	KindCalculate      Kind = "calculate"
	KindHidden         Kind = "hidden"
	KindGroup          Kind = "group"
	KindRepeat         Kind = "repeat"
	KindStart          Kind = "start"
	KindEnd            Kind = "end"
	KindToday          Kind = "today"
)

// Question is one row of the survey sheet: a question, a note, a calculation or a group with Children.
type Question struct {
	ID                string   // unique in the form: the name, or groups and name joined by "/" where the name occurs twice
	Name              string   // as in the name column
	Groups            []string // names of the enclosing groups, outermost first
	Kind              Kind
	Label             Text
	Hint              Text
	Guidance          Text
	List              string // choice list of selects and ranks
	Required          *expr.Expr
	Relevant          *expr.Expr
	Constraint        *expr.Expr
	Calculation       *expr.Expr
	Filter            *expr.Expr // choice_filter
	Initial           *expr.Expr // dynamic default, evaluated once; nil when Default is static or empty
	Default           string
	ReadOnly          *expr.Expr
	RequiredMessage   Text
	ConstraintMessage Text
	Appearance        []string // lower-case tokens
	Parameters        map[string]string
	OtherOf           string   // this is the free text of or_other of that question
	Exclusive         []string // choice codes that a constraint or og_exclusive makes exclusive
	Children          []*Question
	Row               int // row of the survey sheet, 0 for generated questions
	Analysis          Analysis

	at     int       // place in Form.All, set by Index
	parent *Question // enclosing group, set by Index
	list   *List     // choice list, set by Index
}

// List is a choice list in sheet order.
type List struct {
	Name    string
	Choices []*Choice
	index   map[string]*Choice
}

// Choice is one row of the choices sheet.
type Choice struct {
	Code      string
	Label     Text
	Columns   map[string]string // further columns, for choice filters
	Score     *float64          // og_score
	Missing   State             // DontKnow, Refused, NotApplicable from og_missing, or NotAsked (none)
	Rollup    string            // og_rollup
	Exclusive bool              // og_exclusive
	Area      string            // og_area
	Other     bool              // og_other
	Row       int
}

// Choice finds a choice by code; nil when the list has none.
func (l *List) Choice(code string) *Choice {
	if l == nil {
		return nil
	}
	if l.index == nil {
		for _, c := range l.Choices {
			if c.Code == code {
				return c
			}
		}
		return nil
	}
	return l.index[code]
}

// Asks says whether people are asked it: not a group, note, calculation or metadata row.
func (q *Question) Asks() bool {
	switch q.Kind {
	case KindText, KindInteger, KindDecimal, KindDate, KindTime, KindDateTime, KindSelectOne, KindSelectMultiple,
		KindRank, KindRange, KindAcknowledge:
		return q.Calculation == nil || !q.ReadsOnly()
	default:
		return false
	}
}

// ReadsOnly says whether its read_only column is a constant yes.
func (q *Question) ReadsOnly() bool {
	return q.ReadOnly != nil && len(q.ReadOnly.Refs()) == 0 && q.ReadOnly.Bool(expr.Empty)
}

// Choice finds a choice of its list by code; nil when it has none. The form must have been indexed.
func (q *Question) Choice(code string) *Choice { return q.list.Choice(code) }

// Selects says whether its answers are choice codes.
func (q *Question) Selects() bool {
	return q.Kind == KindSelectOne || q.Kind == KindSelectMultiple || q.Kind == KindRank
}

// Has says whether the appearance column holds the token.
func (q *Question) Has(appearance string) bool { return slices.Contains(q.Appearance, appearance) }

// Index prepares the look-ups of a form that has just been built; call it once, before the form is shared.
func (f *Form) Index() {
	f.index = map[string]*Question{}
	f.size = 0
	for q := range f.All() {
		f.index[q.ID] = q
		q.at, q.list = f.size, f.Lists[q.List]
		f.size++
		for _, child := range q.Children {
			child.parent = q
		}
	}
	for _, l := range f.Lists {
		l.index = make(map[string]*Choice, len(l.Choices))
		for _, c := range l.Choices {
			if l.index[c.Code] == nil {
				l.index[c.Code] = c
			}
		}
	}
}

// Question finds a question by ID; nil when the form has none.
func (f *Form) Question(id string) *Question { return f.index[id] }

// All yields every question, group and note in form order, parents before children.
func (f *Form) All() func(yield func(*Question) bool) {
	return func(yield func(*Question) bool) { walk(f.Body, yield) }
}

func walk(qs []*Question, yield func(*Question) bool) bool {
	for _, q := range qs {
		if !yield(q) || !walk(q.Children, yield) {
			return false
		}
	}
	return true
}

// Tags lists the languages of the form in sheet order.
func (f *Form) Tags() []Lang {
	tags := make([]Lang, len(f.Languages))
	for i, l := range f.Languages {
		tags[i] = l.Tag
	}
	return tags
}

// Has says whether the form is written in the language.
func (f *Form) Has(l Lang) bool { return slices.Contains(f.Tags(), l) }
