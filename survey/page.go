package survey

import "opengate/survey/expr"

// Page is what a resident sees at once: a top-level group, or a run of at most five questions outside any group.
type Page struct {
	Index     int       // from 0
	Group     *Question // nil for a run of ungrouped questions
	Questions []*Question
}

const ungrouped = 5 // questions on a page without a group

// Pages cuts the form into pages, in form order. Rows that nobody sees (calculations, metadata) open no page.
func (f *Form) Pages() []Page {
	var pages []Page
	var run []*Question
	flush := func() {
		if len(run) > 0 {
			pages = append(pages, Page{Index: len(pages), Questions: run})
			run = nil
		}
	}
	for _, q := range f.Body {
		switch {
		case q.Kind == KindGroup || q.Kind == KindRepeat:
			if len(Shown(q.Children)) == 0 {
				continue
			}
			flush()
			pages = append(pages, Page{Index: len(pages), Group: q, Questions: q.Children})
		case q.Shows():
			run = append(run, q)
			if asked(run) == ungrouped {
				flush()
			}
		}
	}
	flush()
	return pages
}

func asked(qs []*Question) int {
	n := 0
	for _, q := range qs {
		if q.Asks() {
			n++
		}
	}
	return n
}

// Shows says whether a person can see it: a question, a note or a calculated value that is displayed.
func (q *Question) Shows() bool {
	return q.Asks() || q.Kind == KindNote || q.Calculation != nil && q.Kind != KindCalculate && q.Kind != KindHidden
}

// Shown lists the questions and notes of a tree, groups opened up, in form order.
func Shown(qs []*Question) []*Question {
	var out []*Question
	walk(qs, func(q *Question) bool {
		if q.Shows() {
			out = append(out, q)
		}
		return true
	})
	return out
}

// Visible says whether anything on the page is relevant now.
func (v *View) Visible(p Page) bool {
	for _, q := range Shown(p.Questions) {
		if v.relevant(q) {
			return true
		}
	}
	return false
}

// Sheet gives what is stored: every question that was asked with its state, calculations and metadata with their
// values; what was not relevant is absent, which reads as NotAsked. A question on a page that was not reached is
// NotReached, unless answers already given show that it would not have been asked; so is a calculation that hangs on
// such a question.
func (v *View) Sheet(reached func(page int) bool) Answers {
	open := v.unreached(reached)
	out := Answers{}
	for q := range v.form.All() {
		switch {
		case q.Kind == KindGroup || q.Kind == KindRepeat || q.Kind == KindNote:
		case open.asked[q.ID]:
			if v.relevant(q) || open.hides(q) {
				out[q.ID] = Value{State: NotReached}
			}
		case open.computed[q.ID]:
			out[q.ID] = Value{State: NotReached}
		case v.relevant(q):
			if val := v.value(q); val.Given() || q.Asks() || val.State == Invalid {
				out[q.ID] = val
			}
		}
	}
	return out
}

// openEnds are the questions that nobody had reached when the answers were sent.
type openEnds struct {
	asked    map[string]bool // on pages that were not shown
	computed map[string]bool // calculations that hang on them
}

func (v *View) unreached(reached func(page int) bool) openEnds {
	open := openEnds{map[string]bool{}, map[string]bool{}}
	for _, p := range v.form.Pages() {
		if reached(p.Index) {
			continue
		}
		for _, q := range Shown(p.Questions) {
			open.asked[q.ID] = true
		}
	}
	if len(open.asked) == 0 {
		return open
	}
	for again := true; again; { // a calculation may hang on one that stands further down
		again = false
		for q := range v.form.All() {
			if q.Calculation != nil && !open.asked[q.ID] && !open.computed[q.ID] && (open.names(q.Calculation) || open.hides(q)) {
				open.computed[q.ID], again = true, true
			}
		}
	}
	return open
}

// hides says whether it is open if the question is relevant at all.
func (o openEnds) hides(q *Question) bool {
	for ; q != nil; q = q.parent {
		if q.Relevant != nil && o.names(q.Relevant) {
			return true
		}
	}
	return false
}

func (o openEnds) names(e *expr.Expr) bool {
	for _, ref := range e.Refs() {
		if o.asked[ref] || o.computed[ref] {
			return true
		}
	}
	return false
}
