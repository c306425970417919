package web

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"opengate/server/intake"
	"opengate/server/locale"
	"opengate/survey"
	"opengate/survey/expr"
)

// item is one thing on a page as its template shows it. Kind chooses the control: "radios", "checks", "select",
// "text", "area", "tick" (one box), "shown" (read-only), "note" or "group".
type item struct {
	Kind     string
	ID       string // of the first control; error summaries lead there
	Wrap     string // id of the element around everything, "" where no script needs it
	Name     string // of the fields
	Key      string // the question
	Label    content
	Hint     content
	Guidance content
	Required bool
	Problem  content // sentence, empty when fine
	Off      bool    // not asked as things stand; a script may show it
	Value    string
	Type     string // of an input: text, date, time, datetime-local
	Mode     string // inputmode
	Rows     int
	Range    []float64 // smallest and greatest, for a number with bounds
	Options  []option
	Row      bool      // options beside each other where there is room
	Shown    []content // texts of a read-only value
	Children []item
	Focus    bool    // the person lands here
	Support  content // who helps, beside the first sensitive question
}

// option is one choice.
type option struct {
	ID        string // on the first option only
	Code      string
	Label     content
	On        bool
	Apart     bool // don't know, prefer not to say, does not apply
	Exclusive bool
	Off       bool // filtered out as things stand; a script may show it
}

// One says that the item is a single control, which a label names; several controls share a legend.
func (it item) One() bool { return it.Kind == "text" || it.Kind == "area" || it.Kind == "select" }

const mostRadios = 15 // longer lists become a select

// builder turns questions into items for one view of a form.
type builder struct {
	*guest
	view      *survey.View
	answers   survey.Answers
	page      int
	at        map[*survey.Question]int // place among what the page can show
	problems  map[string]survey.Problem
	live      map[string]bool // names whose values may change while the page is open
	folded    map[*expr.Expr]*expr.Expr
	foreign   survey.Lang      // a language other than the visitor's that was needed
	focus     *survey.Question // where the person lands, nil for the top of the page
	supported bool
}

func (v *guest) builder(view *survey.View, page int) *builder {
	b := &builder{guest: v, view: view, page: page, at: map[*survey.Question]int{}}
	if page >= 0 {
		questions := v.pages[page].Questions
		for i, q := range survey.Shown(questions) {
			b.at[q] = i
		}
		b.live = liveNames(v.door.Form, questions)
	}
	return b
}

func (f *filling) builder(view *survey.View, page int) *builder {
	b := f.guest.builder(view, page)
	b.answers = f.draft.Answers
	return b
}

func anchor(page, i int) string { return fmt.Sprintf("q%d-%d", page, i) }

// summary gives the lines of the error summary of the page.
func (b *builder) summary(problems []survey.Problem) []problemLine {
	var out []problemLine
	for _, p := range problems {
		q := b.door.Form.Question(p.Question)
		if q == nil {
			continue
		}
		out = append(out, problemLine{Href: "#" + anchor(b.page, b.at[q]), Text: b.sentence(q, p), Label: b.labelOf(q), Go: -1})
	}
	return out
}

// items gives what of the questions is shown now or may be shown by a script.
func (b *builder) items(questions []*survey.Question) []item {
	var out []item
	for _, q := range questions {
		relevant := b.view.Relevant(q.ID)
		if !relevant && !b.hangsOnPage(q) {
			continue
		}
		switch {
		case q.Kind == survey.KindGroup || q.Kind == survey.KindRepeat:
			if children := b.items(q.Children); len(children) > 0 {
				for i := range children {
					children[i].Row = children[i].Row || q.Has("table-list") && children[i].Kind == "radios"
				}
				out = append(out, item{
					Kind: "group", Wrap: b.wrap(q), Label: b.label(q.Label), Hint: b.label(q.Hint),
					Off: !relevant, Children: children,
				})
			}
		case q.Shows():
			out = append(out, b.question(q))
		}
	}
	return out
}

// hangsOnPage says whether the question's own relevance can change while the page is open, in a way that the page's
// script can follow.
func (b *builder) hangsOnPage(q *survey.Question) bool { return b.follows(q.Relevant) }

// follows says whether the page's script can keep the value of an expression up to date: it hangs on answers of this
// page and on nothing that only the server can compute.
func (b *builder) follows(e *expr.Expr) bool {
	if e == nil || b.live == nil {
		return false
	}
	if e.ServerOnly() {
		if e = b.fold(e); e.ServerOnly() {
			return false
		}
	}
	refs := e.Refs()
	return slices.ContainsFunc(refs, func(name string) bool { return b.live[name] }) &&
		!slices.ContainsFunc(refs, func(name string) bool { return b.live[name] && b.beyond(name, map[string]bool{}) })
}

// beyond says whether a name is, or hangs on, a calculation that only the server can do.
func (b *builder) beyond(name string, seen map[string]bool) bool {
	q := b.door.Form.Question(name)
	if q == nil || q.Calculation == nil || seen[name] {
		return false
	}
	seen[name] = true
	e := b.fold(q.Calculation)
	return e.ServerOnly() || slices.ContainsFunc(e.Refs(), func(ref string) bool { return b.live[ref] && b.beyond(ref, seen) })
}

// fold replaces the answers of other pages in an expression by their values, and with them what only the server can
// work out.
func (b *builder) fold(e *expr.Expr) *expr.Expr {
	if b.folded[e] == nil {
		if b.folded == nil {
			b.folded = map[*expr.Expr]*expr.Expr{}
		}
		b.folded[e] = expr.Fold(e, func(name string) bool { return b.live[name] }, viewScope{b.view, b.door.Form, b.now()})
	}
	return b.folded[e]
}

// wrap is the id a script finds the question or group by, "" where none looks for it.
func (b *builder) wrap(q *survey.Question) string {
	if b.page < 0 {
		return ""
	}
	if b.hangsOnPage(q) {
		return "w-" + strings.NewReplacer("/", "_", " ", "_").Replace(q.ID)
	}
	return ""
}

// label shows an author's text with the answers it refers to.
func (b *builder) label(t survey.Text) content {
	text, l := b.view.Text(t, b.langs()...)
	if l != "" && l != b.lang && locale.Base(l) != locale.Base(b.lang) {
		b.foreign = l
	}
	source, _ := t.In(b.langs()...)
	return b.content(text, l, !strings.Contains(source, "${"))
}

// labelOf is how a question is called; one without a label by its name, so that it can at least be found.
func (b *builder) labelOf(q *survey.Question) content {
	if q == nil {
		return content{}
	}
	if c := b.label(q.Label); !c.Empty() {
		return c
	}
	return b.verbatim(q.Name)
}

func (b *builder) question(q *survey.Question) item {
	it := item{
		Key: q.ID, Name: fieldName(q.ID), ID: anchor(max(b.page, 0), b.at[q]), Wrap: b.wrap(q), Label: b.label(q.Label),
		Hint: b.label(q.Hint), Guidance: b.label(q.Guidance), Required: b.view.Required(q.ID), Off: !b.view.Relevant(q.ID),
	}
	it.Focus = q == b.focus
	if p, ok := b.problems[q.ID]; ok {
		it.Problem = b.sentence(q, p)
	}
	if it.Label.Empty() && q.Kind != survey.KindNote {
		it.Label = b.verbatim(q.Name)
	}
	if sensitive(q) && !b.supported {
		it.Support = b.text(b.door.Form.Plan.Settings.Support)
		b.supported = true
	}
	switch {
	case q.Kind == survey.KindNote, matrixHeader(q):
		it.Kind = "note"
	case !q.Asks() || b.view.ReadOnly(q.ID):
		it.Kind, it.Shown = "shown", b.answerTexts(q)
	default:
		b.control(&it, q)
	}
	return it
}

// sensitive says whether help should stand beside the question.
func sensitive(q *survey.Question) bool {
	return q.Analysis.Special || q.Analysis.Role == survey.RoleExperience
}

// matrixHeader says whether the row only carries the column headings of a matrix; we repeat them at every question.
func matrixHeader(q *survey.Question) bool { return q.Selects() && q.Has("label") }

// control chooses and fills the control of a question.
func (b *builder) control(it *item, q *survey.Question) {
	it.Kind, it.Type, it.Value = "text", "text", b.answers[q.ID].Text
	switch q.Kind {
	case survey.KindSelectOne, survey.KindSelectMultiple, survey.KindRank:
		b.choices(it, q)
	case survey.KindAcknowledge:
		it.Kind = "tick"
	case survey.KindInteger:
		it.Mode = "numeric"
	case survey.KindDecimal:
		it.Mode = "decimal"
	case survey.KindRange:
		b.scale(it, q)
	case survey.KindDate:
		it.Type = "date"
	case survey.KindTime:
		it.Type = "time"
	case survey.KindDateTime:
		it.Type = "datetime-local"
	default:
		if q.Has("multiline") {
			it.Kind, it.Rows = "area", 4
		}
		if q.Has("numbers") {
			it.Mode = "numeric"
		}
	}
}

// choices fills a select: radios, boxes, or a drop-down for long lists.
func (b *builder) choices(it *item, q *survey.Question) {
	codes := strings.Fields(it.Value)
	shown := b.view.Choices(q.ID)
	all := shown
	if list := b.door.Form.Lists[q.List]; list != nil && b.filtersLive(q) {
		all = list.Choices
	}
	switch {
	case q.Kind == survey.KindSelectMultiple:
		it.Kind = "checks"
	case len(all) > mostRadios || q.Has("minimal"):
		it.Kind, all = "select", shown
	default:
		it.Kind = "radios"
	}
	it.Row = it.Kind == "radios" && besides(q)
	for _, c := range all {
		o := option{
			Code: c.Code, Label: b.label(c.Label), On: slices.Contains(codes, c.Code), Apart: c.Missing != survey.NotAsked,
			Exclusive: q.Kind == survey.KindSelectMultiple && (q.Excludes(c.Code) || c.Missing != survey.NotAsked),
			Off:       !slices.Contains(shown, c),
		}
		if o.Label.Empty() {
			o.Label = b.verbatim(c.Code)
		}
		it.Options = append(it.Options, o)
	}
	b.unanswered(it)
	if len(it.Options) > 0 {
		it.Options[0].ID = it.ID
	}
}

// unanswered puts a choice of no answer before radios for browsers that would otherwise choose the first one.
func (b *builder) unanswered(it *item) {
	if it.Kind == "radios" && b.preselects() {
		none := !slices.ContainsFunc(it.Options, func(o option) bool { return o.On })
		it.Options = slices.Insert(it.Options, 0, option{Label: b.verbatim(b.p.T("check.none")), On: none})
	}
}

// preselects says whether the browser chooses the first of several radios by itself: nobody would have agreed or
// answered then. Lynx does; nothing else is done with what a browser calls itself.
func (v *guest) preselects() bool { return strings.HasPrefix(v.c.GetHeader("User-Agent"), "Lynx/") }

// besides says whether the author wants the choices beside each other.
func besides(q *survey.Question) bool {
	return slices.ContainsFunc(q.Appearance, func(a string) bool {
		switch a {
		case "list-nolabel", "list", "likert", "horizontal", "horizontal-compact", "compact", "columns", "columns-pack":
			return true
		}
		return strings.HasPrefix(a, "columns-") || strings.HasPrefix(a, "compact-")
	})
}

const mostLive = 300 // choices that a script may filter; longer lists have the button

// filtersLive says whether a script filters the question's choices while the page is open.
func (b *builder) filtersLive(q *survey.Question) bool {
	list := b.door.Form.Lists[q.List]
	return list != nil && len(list.Choices) <= mostLive && b.follows(q.Filter)
}

// scale shows a range of few steps as radios, a longer one as a number. A slider would look answered before it is.
func (b *builder) scale(it *item, q *survey.Question) {
	const mostSteps = 11
	lo, hi, step := parameter(q, "start", 1), parameter(q, "end", 10), math.Abs(parameter(q, "step", 1))
	it.Mode, it.Range = "decimal", []float64{min(lo, hi), max(lo, hi)}
	if step == 0 || math.Abs(hi-lo)/step+1 > mostSteps {
		return
	}
	if hi < lo {
		step = -step
	}
	it.Kind = "radios"
	for i := range int(math.Round((hi-lo)/step)) + 1 {
		code := strconv.FormatFloat(lo+float64(i)*step, 'f', -1, 64)
		it.Options = append(it.Options, option{Code: code, Label: b.verbatim(code), On: it.Value == code})
	}
	b.unanswered(it)
	it.Options[0].ID = it.ID
}

func parameter(q *survey.Question, name string, otherwise float64) float64 {
	if x, err := strconv.ParseFloat(q.Parameters[name], 64); err == nil {
		return x
	}
	return otherwise
}

// answerTexts says in words what was answered; nothing for a blank.
func (b *builder) answerTexts(q *survey.Question) []content {
	val := b.view.Value(q.ID)
	switch {
	case !val.Given():
		return nil
	case q.Kind == survey.KindAcknowledge:
		return []content{b.verbatim(b.p.T("check.ticked"))}
	case !q.Selects():
		return []content{b.verbatim(val.Text)}
	}
	var out []content
	for _, code := range val.Codes() {
		label := b.verbatim(code)
		if c := b.door.Form.Lists[q.List].Choice(code); c != nil && !c.Label.Empty() {
			label = b.label(c.Label)
		}
		out = append(out, label)
	}
	return out
}

func (s *Server) draftDays() int { return intake.DraftDays() }
