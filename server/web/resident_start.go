package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"opengate/survey"
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
	form := v.door.Form
	settings := form.Plan.Settings
	given, problems := v.agreement()
	switch {
	case v.post.values.Get("age") == "no" && settings.MinAge > 0:
		return v.refuse("refusal.young")
	case len(problems) > 0:
		return v.intro(http.StatusUnprocessableEntity, problems)
	}
	for id, val := range given {
		if !agrees(form.Question(id), val) {
			return v.refuse("refusal.consent")
		}
	}
	d, err := v.s.Intake.Begin(v.c.Request.Context(), v.door, v.lang)
	if err != nil {
		return err
	}
	return v.change(d, func(f *filling) {
		for id, val := range given {
			f.draft.Answers[id] = val
		}
		f.goTo(f.after(-1))
	})
}

// agreement reads the consent and age fields of the first page: the answer to the form's own consent question, if it
// has one, and what is missing.
func (v *guest) agreement() (survey.Answers, []survey.Problem) {
	var problems []survey.Problem
	given := survey.Answers{}
	if v.door.Form.Plan.Settings.MinAge > 0 && !slices.Contains([]string{"yes", "no"}, v.post.values.Get("age")) {
		problems = append(problems, survey.Problem{Question: "age", Code: survey.Missing})
	}
	if q := consentQuestion(v.door.Form); q != nil {
		val, problem := survey.ParseAnswer(q, v.post.values[fieldName(q.ID)])
		switch {
		case problem != nil:
			problems = append(problems, *problem)
		case !val.Given():
			problems = append(problems, survey.Problem{Question: q.ID, Code: survey.NotConsented})
		}
		given[q.ID] = val
	} else if v.post.values.Get("consent") == "" {
		problems = append(problems, survey.Problem{Question: "consent", Code: survey.NotConsented})
	}
	return given, problems
}

// agrees says whether the answer to a consent question is a yes: what its plan calls positive, else a choice that
// scores, else the code "yes"; of any other list the first choice.
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
	page := refusalPage{surveyFrame: v.pageFrame(v.p.T(key + ".title")), Key: key,
		MinAge: v.door.Form.Plan.Settings.MinAge, Support: v.text(v.door.Form.Plan.Settings.Support)}
	return v.ok("refusal", page)
}

// introProblems gives the lines of the error summary of the first page.
func (v *guest) introProblems(problems []survey.Problem) []problemLine {
	var out []problemLine
	for _, p := range problems {
		line := problemLine{Href: "#" + p.Question, Text: v.sentence(nil, p)}
		switch p.Question {
		case "age":
			line.Text = v.p.T("intro.age.missing")
		case "consent":
		default:
			line.Href = "#consent"
		}
		out = append(out, line)
	}
	return out
}

// isGone says that a draft cannot be opened any more.
func isGone(err error) bool { return errors.Is(err, survey.ErrNotFound) }
