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
		args = append(args, name, problem.Params[name])
	}
	return p.T("problem."+string(problem.Code), args...)
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
