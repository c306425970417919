package web

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"opengate/survey"
)

// Our own questions on the first page, under keys that no question of a form can have.
const (
	ownAge     = "?age"
	ownConsent = "?consent"
)

// refusalPage thanks somebody who does not take part, or may not yet. Nothing was stored.
type refusalPage struct {
	surveyFrame
	Key     string // refusal.young or refusal.consent
	MinAge  int
	Support content
}

// start begins a response once the person is old enough and agrees. Nothing is stored before.
func (v *guest) start() error {
	given, problems := v.agreement()
	switch {
	case v.asksAge() && v.post.values.Get("age") == "no":
		return v.refuse("refusal.young")
	case v.entry >= 0 && v.declines(v.pages[v.entry], given) != "":
		return v.refuse(v.declines(v.pages[v.entry], given))
	case len(problems) > 0:
		return v.intro(http.StatusUnprocessableEntity, problems)
	}
	d, err := v.s.Intake.Begin(v.c.Request.Context(), v.door, v.lang)
	if err != nil {
		return err
	}
	return v.change(d, func(f *filling) {
		maps.Copy(f.draft.Answers, given)
		if v.entry >= 0 {
			f.draft.Reach(f.entry)
		}
		f.evaluate()
		f.goTo(f.after(f.entry))
	})
}

// agreement reads the first page: the answers to the form's own consent page, if it has one, and what is missing.
func (v *guest) agreement() (survey.Answers, []survey.Problem) {
	var problems []survey.Problem
	if v.asksAge() && !slices.Contains([]string{"yes", "no"}, v.post.values.Get("age")) {
		problems = append(problems, survey.Problem{Question: ownAge, Code: survey.Missing})
	}
	if v.entry < 0 {
		if v.post.values.Get("consent") == "" {
			problems = append(problems, survey.Problem{Question: ownConsent, Code: survey.NotConsented})
		}
		return nil, problems
	}
	page := v.pages[v.entry]
	given := v.pageAnswers()
	problems = append(problems, survey.Evaluate(v.door.Form, given, v.now()).Problems(page.Questions)...)
	for _, q := range gates(page, survey.RoleConsent) {
		if !given[q.ID].Given() && !slices.ContainsFunc(problems, func(p survey.Problem) bool { return p.Question == q.ID }) {
			problems = append(problems, survey.Problem{Question: q.ID, Code: survey.NotConsented})
		}
	}
	return given, problems
}

// declines gives the message key of a kind refusal when the page's answers say that the person does not consent or
// does not belong to those who are asked, "" when they do.
func (v *guest) declines(p survey.Page, given survey.Answers) string {
	for _, q := range gates(p, survey.RoleConsent) {
		if val := given[q.ID]; val.Given() && !agrees(q, val) {
			return "refusal.consent"
		}
	}
	for _, q := range gates(p, survey.RoleScreen) {
		if val := given[q.ID]; val.Given() && !agrees(q, val) {
			return "refusal.screen"
		}
	}
	return ""
}

// agrees says whether the answer to a consent or screening question is a yes: what its plan calls positive, else
// anything but a coded refusal and the usual codes for no.
func agrees(q *survey.Question, val survey.Value) bool {
	switch {
	case q.Kind == survey.KindAcknowledge:
		return val.Given()
	case len(q.Analysis.Positive.Codes) > 0:
		return slices.Contains(q.Analysis.Positive.Codes, val.Text)
	case val.State != survey.Answered:
		return false
	}
	text := strings.ToLower(val.Text)
	return !slices.Contains([]string{"no", "nie", "ni", "0", "false", "n", "disagree", "refuse"}, text)
}

func (v *guest) refuse(key string) error {
	page := refusalPage{
		surveyFrame: v.pageFrame(v.p.T(key + ".title")), Key: key,
		MinAge: v.door.Form.Plan.Settings.MinAge, Support: v.text(v.door.Form.Plan.Settings.Support),
	}
	return v.ok("refusal", page)
}

// introProblems gives the lines of the error summary for our own questions of the first page.
func (v *guest) introProblems(problems []survey.Problem) []problemLine {
	var out []problemLine
	for _, p := range problems {
		switch p.Question {
		case ownAge:
			out = append(out, problemLine{Href: "#age", Text: v.verbatim(v.p.T("intro.age.missing")), Go: -1})
		case ownConsent:
			out = append(out, problemLine{Href: "#consent", Text: v.sentence(nil, p), Go: -1})
		}
	}
	return out
}

// isGone says that a draft cannot be opened any more.
func isGone(err error) bool { return errors.Is(err, survey.ErrNotFound) }
