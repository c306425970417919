package web

import (
	"maps"
	"net/http"
	"strings"

	"opengate/survey"
)

// savedSince is the problem of an answer that an older copy of a page would replace; param "value".
const savedSince survey.Code = "saved_since"

// showOlder shows the page again with what was typed into the older copy beside what was saved since. The draft keeps
// what was saved; the next press, from the new copy, decides.
func (f *filling) showOlder() {
	f.status, f.notice = http.StatusConflict, "page.older"
	for _, q := range survey.Shown(f.pages[f.post.page].Questions) {
		if _, ok := f.clash[q.ID]; ok {
			f.problems = append(f.problems, survey.Problem{Question: q.ID, Code: savedSince, Params: map[string]any{"value": f.inWords(q)}})
		}
	}
}

// inWords says what the draft holds as the answer to a question.
func (f *filling) inWords(q *survey.Question) string {
	val := f.draft.Answers[q.ID]
	switch {
	case q.Kind == survey.KindAcknowledge:
		return f.p.T("check.ticked")
	case !q.Selects():
		return val.Text
	}
	var out []string
	for _, code := range val.Codes() {
		label := code
		if c := f.door.Form.Lists[q.List].Choice(code); c != nil && !c.Label.Empty() {
			label, _ = f.view.Text(c.Label, f.langs()...)
		}
		out = append(out, label)
	}
	return strings.Join(out, ", ")
}

// typed gives the answers that the page shows: those of the draft, and where the person has to decide what was typed.
func (f *filling) typed() (*survey.View, survey.Answers) {
	if len(f.clash) == 0 {
		return f.view, f.draft.Answers
	}
	answers := maps.Clone(f.draft.Answers)
	maps.Copy(answers, f.clash)
	return survey.Evaluate(f.door.Form, answers, f.s.Intake.Now(f.door, f.draft)), answers
}
