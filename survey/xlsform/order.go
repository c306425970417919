package xlsform

import (
	"strings"

	"opengate/survey"
	"opengate/survey/expr"
)

// findExclusives learns which choices cannot stand with others. XLSForm has no word for it, so authors write
// constraints, most often not(selected(., 'none') and count-selected(.) > 1). Instead of matching their wordings we
// try them out: a choice that the constraint names is exclusive when it may stand alone and beside no other choice.
// og_exclusive is added by the plan.
func (im *importer) findExclusives() {
	tries := maxTries
	for q := range walk(im.out.Body) {
		l := im.out.Lists[q.List]
		if q.Kind != survey.KindSelectMultiple || l == nil || q.Constraint == nil || len(q.Constraint.Refs()) > 0 || len(l.Choices) > maxTried {
			continue
		}
		for _, c := range l.Choices {
			if !namesCode(q.Constraint.Source(), c.Code) {
				continue
			}
			if tries -= len(l.Choices); tries < 0 {
				return
			}
			if standsAlone(q.Constraint, l, c) {
				q.Exclusive = append(q.Exclusive, c.Code)
			}
		}
	}
}

const (
	maxTried = 300     // choices of a list; longer ones are places and the like
	maxTries = 200_000 // evaluations in all, so that a hostile form cannot keep us busy
)

func namesCode(source, code string) bool {
	return strings.Contains(source, "'"+code+"'") || strings.Contains(source, `"`+code+`"`)
}

func standsAlone(e *expr.Expr, l *survey.List, c *survey.Choice) bool {
	if len(l.Choices) < 2 || !e.Bool(selfScope{expr.Empty, c.Code}) {
		return false
	}
	for _, o := range l.Choices {
		if o.Code != c.Code && e.Bool(selfScope{expr.Empty, c.Code + " " + o.Code}) {
			return false
		}
	}
	return true
}

// selfScope knows nothing but the value of the question itself.
type selfScope struct {
	expr.Scope
	self string
}

func (s selfScope) Self() string { return s.self }

// walk yields questions in form order before the form is indexed.
func walk(qs []*survey.Question) func(func(*survey.Question) bool) {
	return (&survey.Form{Body: qs}).All()
}

// orderQuestions sorts all questions so that each stands after its group and after what its condition, calculation
// and choice filter refer to; otherwise form order stays. A cycle is an error: nobody could tell what comes first.
func (im *importer) orderQuestions() {
	o := &ordering{importer: im, state: map[*draft]int{}}
	for _, d := range im.drafts {
		if !d.out {
			o.visit(d)
		}
	}
}

type ordering struct {
	*importer
	state map[*draft]int // 1 = on the path, 2 = done
	path  []*draft
}

func (o *ordering) visit(d *draft) {
	switch o.state[d] {
	case 2:
		return
	case 1:
		o.cycle(d)
		return
	}
	o.state[d] = 1
	o.path = append(o.path, d)
	for _, needed := range o.needs(d) {
		if !needed.out {
			o.visit(needed)
		}
	}
	o.path = o.path[:len(o.path)-1]
	o.state[d] = 2
	o.out.Order = append(o.out.Order, d.Question)
}

// needs are the group and what the value or relevance of the question depends on.
func (o *ordering) needs(d *draft) []*draft {
	var ds []*draft
	if d.parent != nil {
		ds = append(ds, d.parent)
	}
	for _, s := range slots {
		if e := *s.to(d.Question); s.vital && e != nil {
			for _, name := range e.Refs() {
				ds = append(ds, o.byName[name]...)
			}
		}
	}
	return ds
}

func (o *ordering) cycle(d *draft) {
	start := len(o.path) - 1
	for o.path[start] != d {
		start--
	}
	var names []string
	for _, p := range o.path[start:] {
		names = append(names, p.Name)
	}
	names = append(names, d.Name)
	if len(names) > 10 {
		names = append(append(names[:5:5], "…"), names[len(names)-4:]...)
	}
	o.fail(d.row.at("name"), "cycle", "the questions "+strings.Join(names, " → ")+" wait for each other",
		"change relevant, calculation or choice_filter of one of them so that it does not refer to the others")
}
