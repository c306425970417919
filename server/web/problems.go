package web

import (
	"opengate/server/locale"
	"opengate/survey"
)

// problemSentence is the one table from problem codes to translated sentences, for pages and API alike: the text of
// "problem.<code>" with the problem's parameters.
func problemSentence(p *locale.Printer, problem survey.Problem) string {
	var args []any
	for _, name := range sortedKeys(problem.Params) {
		value := problem.Params[name]
		if key, ok := value.(wantedText); ok {
			value = p.T(string(key))
		}
		args = append(args, name, value)
	}
	return p.T("problem."+string(problem.Code), args...)
}

// wantedText is a parameter of a problem that is itself a text: its message key.
type wantedText string

// authorsSentence is what the form's author says about a missing answer or one that breaks the question's rule, in the
// first of the languages that has it, "" where the author says nothing.
func authorsSentence(q *survey.Question, p survey.Problem, langs ...survey.Lang) (string, survey.Lang) {
	switch {
	case q == nil:
	case p.Code == survey.Constraint:
		return q.ConstraintMessage.In(langs...)
	case p.Code == survey.Missing:
		return q.RequiredMessage.In(langs...)
	}
	return "", ""
}

func byQuestion(problems []survey.Problem) map[string]survey.Problem {
	out := make(map[string]survey.Problem, len(problems))
	for _, p := range problems {
		if _, ok := out[p.Question]; !ok {
			out[p.Question] = p
		}
	}
	return out
}
