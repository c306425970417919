package survey

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"opengate/survey/expr"
)

// Now is what an evaluation knows of the outside.
type Now struct {
	Time  time.Time // in the survey's time zone; today() is its day
	Langs []Lang    // active language first, for jr:choice-name
	Seed  uint64    // of random(); the same seed gives the same draws
}

// View is a form as it stands for one person's answers. It is made for one request and is not safe for concurrent
// use. A question that is not relevant is blank in every expression; what was typed into it stays in the answers.
type View struct {
	form    *Form
	answers Answers
	now     Now
	rand    *rand.Rand
	known   []verdict // relevance by Question.at
	values  []*Value  // computed values by Question.at
}

type verdict uint8

const (
	unknown verdict = iota
	asking          // being computed: a cycle reads as not relevant
	yes
	no
)

// Evaluate prepares the view; everything else is computed when it is asked for, once.
func Evaluate(f *Form, a Answers, now Now) *View {
	return &View{
		form: f, answers: a, now: now, rand: rand.New(rand.NewPCG(now.Seed, 0)), //nolint:gosec // a form's random() has to repeat
		known: make([]verdict, f.size), values: make([]*Value, f.size),
	}
}

// Relevant says whether the question, and every group around it, is shown. Unknown keys are not.
func (v *View) Relevant(key string) bool {
	q := v.form.Question(key)
	return q != nil && v.relevant(q)
}

func (v *View) relevant(q *Question) bool {
	if v.known[q.at] == unknown {
		v.known[q.at] = asking
		r := no
		if (q.parent == nil || v.relevant(q.parent)) && (q.Relevant == nil || q.Relevant.Bool(scope{v, q, nil})) {
			r = yes
		}
		v.known[q.at] = r
	}
	return v.known[q.at] == yes
}

// Required says whether a relevant question must be answered.
func (v *View) Required(key string) bool {
	q := v.form.Question(key)
	return q != nil && q.Required != nil && v.relevant(q) && q.Required.Bool(scope{v, q, nil})
}

// ReadOnly says whether the person may see but not change the value.
func (v *View) ReadOnly(key string) bool {
	q := v.form.Question(key)
	return q != nil && q.ReadOnly != nil && q.ReadOnly.Bool(scope{v, q, nil})
}

// Value gives the answer as expressions and the store see it: blank when not relevant, computed where there is a
// calculation, reduced to the choices that the filter allows. State is Skipped for a relevant blank.
func (v *View) Value(key string) Value {
	q := v.form.Question(key)
	if q == nil {
		return Value{}
	}
	return v.value(q)
}

func (v *View) value(q *Question) Value {
	if v.values[q.at] == nil {
		v.values[q.at] = &Value{} // what a cycle sees
		val := v.compute(q)
		v.values[q.at] = &val
	}
	return *v.values[q.at]
}

func (v *View) compute(q *Question) Value {
	if !v.relevant(q) {
		return Value{}
	}
	given := v.answers[q.ID]
	if given.State == Invalid || given.State == NotReached {
		return given
	}
	text := given.Text
	switch {
	case q.Calculation != nil:
		text = q.Calculation.Text(scope{v, q, nil})
	case text == "" && (q.Kind == KindStart || q.Kind == KindToday || q.Kind == KindEnd):
		text = v.now.Time.Format(time.DateOnly)
	case q.Selects():
		text = v.allowed(q, text)
	}
	return Value{State: q.state(text), Text: text}
}

// allowed drops the codes that the choice filter no longer offers; codes outside the list stay for Check to name.
func (v *View) allowed(q *Question, text string) string {
	if q.Filter == nil || text == "" {
		return text
	}
	codes := strings.Fields(text)
	kept := codes[:0]
	for _, code := range codes {
		if c := q.list.Choice(code); c == nil || q.Filter.Bool(scope{v, q, c}) {
			kept = append(kept, code)
		}
	}
	return strings.Join(kept, " ")
}

// state says what a text given to a relevant question amounts to.
func (q *Question) state(text string) State {
	if text == "" {
		return Skipped
	}
	if q.Selects() && !strings.Contains(text, " ") {
		if c := q.list.Choice(text); c != nil && c.Missing != NotAsked {
			return c.Missing
		}
	}
	return Answered
}

// Choices lists what can be picked now, in list order.
func (v *View) Choices(key string) []*Choice {
	q := v.form.Question(key)
	if q == nil || q.list == nil {
		return nil
	}
	if q.Filter == nil {
		return q.list.Choices
	}
	var out []*Choice
	for _, c := range q.list.Choices {
		if q.Filter.Bool(scope{v, q, c}) {
			out = append(out, c)
		}
	}
	return out
}

var reference = regexp.MustCompile(`\$\{\s*([^\s{}]+)\s*\}`)

// Text gives the wording in the first of langs that has one, with ${question} filled in, and its language.
// What people typed is escaped, so that it cannot act as Markdown or HTML.
func (v *View) Text(t Text, langs ...Lang) (string, Lang) {
	s, l := t.In(langs...)
	if !strings.Contains(s, "${") {
		return s, l
	}
	return reference.ReplaceAllStringFunc(s, func(ref string) string {
		return escapeMarkdown(v.Value(reference.FindStringSubmatch(ref)[1]).Text)
	}), l
}

func escapeMarkdown(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 && strings.ContainsRune("\\`*_{}[]()<>#+-.!|&~\"'", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// InitialAnswers are the defaults that a new answer sheet starts with.
func InitialAnswers(f *Form, now Now) Answers {
	a := Answers{}
	v := Evaluate(f, a, now)
	for q := range f.All() {
		text := q.Default
		if q.Initial != nil {
			text = q.Initial.Text(scope{v, q, nil})
		}
		if q.Kind == KindStart || q.Kind == KindToday {
			text = now.Time.Format(time.DateOnly)
		}
		if text != "" && q.Calculation == nil {
			a[q.ID] = Value{State: q.state(text), Text: text}
		}
	}
	return a
}

// scope lets an expression that stands at question q, or at a choice of its list, see the view.
type scope struct {
	*View
	q *Question
	c *Choice
}

var _ expr.Scope = scope{}

func (s scope) Ref(name string) []string {
	q := s.form.Question(name)
	if q == nil {
		return nil
	}
	return []string{s.value(q).Text}
}

func (s scope) Self() string { return s.value(s.q).Text }

func (s scope) Column(name string) string {
	if s.c == nil {
		return ""
	}
	if name == "name" {
		return s.c.Code
	}
	if name == "label" {
		label, _ := s.c.Label.In(s.now.Langs...)
		return label
	}
	return s.c.Columns[name]
}

func (s scope) ChoiceLabel(code, question string) string {
	q := s.form.Question(question)
	if q == nil {
		return ""
	}
	c := q.list.Choice(code)
	if c == nil {
		return ""
	}
	label, _ := c.Label.In(s.now.Langs...)
	return label
}

func (s scope) Rows(instance string) []map[string]string {
	l := s.form.Lists[instance]
	if l == nil {
		return nil
	}
	rows := make([]map[string]string, len(l.Choices))
	for i, c := range l.Choices {
		label, _ := c.Label.In(s.now.Langs...)
		rows[i] = map[string]string{"name": c.Code, "label": label}
		for k, val := range c.Columns {
			rows[i][k] = val
		}
	}
	return rows
}

func (s scope) Position() int { return 1 }
func (s scope) Instances(name string, _ []int) string {
	return strings.Join(slices.Clone(s.Ref(name)), " ")
}
func (s scope) Now() time.Time  { return s.now.Time }
func (s scope) Random() float64 { return s.rand.Float64() }
