package survey

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// MaxText is the most characters that one free text may hold.
const MaxText = 10_000

// Check gives every problem of an answer sheet, in form order.
func Check(f *Form, a Answers, now Now) []Problem {
	return Evaluate(f, a, now).Problems(f.Body)
}

// Problems gives every problem of the questions and what is inside their groups, in form order. A question has at
// most one: its type first, then the choices, the author's constraint, and whether it may be blank. What is not
// relevant, and what nobody can see, has none.
func (v *View) Problems(qs []*Question) []Problem {
	var out []Problem
	walk(qs, func(q *Question) bool {
		if q.Shows() && q.Kind != KindNote && v.relevant(q) {
			if p := v.problem(q); p != nil {
				out = append(out, *p)
			}
		}
		return true
	})
	return out
}

func (v *View) problem(q *Question) *Problem {
	val := v.value(q)
	switch {
	case val.Given():
		if p := q.typeProblem(val.Text); p != nil {
			return p
		}
		if q.Constraint != nil && !q.Constraint.Bool(scope{v, q, nil}) {
			return &Problem{Question: q.ID, Code: Constraint}
		}
	case v.Required(q.ID):
		return &Problem{Question: q.ID, Code: Missing}
	}
	return nil
}

// typeProblem says why a text cannot be this question's answer; nil when it can.
func (q *Question) typeProblem(text string) *Problem {
	problem := func(code Code, pairs ...any) *Problem {
		p := &Problem{Question: q.ID, Code: code}
		for i := 0; i+1 < len(pairs); i += 2 {
			if p.Params == nil {
				p.Params = map[string]any{}
			}
			p.Params[pairs[i].(string)] = pairs[i+1]
		}
		return p
	}
	if utf8.RuneCountInString(text) > MaxText {
		return problem(TooLong, "max", MaxText)
	}
	switch q.Kind {
	case KindInteger:
		if _, ok := parseInteger(text); !ok {
			return problem(NotAnInteger)
		}
	case KindDecimal:
		if _, ok := parseDecimal(text); !ok {
			return problem(NotANumber)
		}
	case KindRange:
		return q.rangeProblem(text, problem)
	case KindDate:
		if _, ok := parseDate(text); !ok {
			return problem(NotADate)
		}
	case KindTime:
		if _, ok := parseTime(text); !ok {
			return problem(NotATime)
		}
	case KindDateTime:
		if _, ok := parseDateTime(text); !ok {
			return problem(NotADate)
		}
	case KindSelectOne, KindSelectMultiple, KindRank:
		return q.choiceProblem(strings.Fields(text), problem)
	default:
	}
	return nil
}

func (q *Question) choiceProblem(codes []string, problem func(Code, ...any) *Problem) *Problem {
	if q.Kind == KindSelectOne && len(codes) > 1 {
		return problem(NotAChoice, "choice", strings.Join(codes, " "))
	}
	for _, code := range codes {
		if q.list.Choice(code) == nil {
			return problem(NotAChoice, "choice", code)
		}
	}
	if len(codes) > 1 {
		for _, code := range codes {
			if q.Excludes(code) {
				return problem(Exclusive, "choice", code)
			}
		}
	}
	return nil
}

// Excludes says whether the choice cannot be chosen with others.
func (q *Question) Excludes(code string) bool {
	c := q.list.Choice(code)
	return c != nil && (c.Exclusive || slices.Contains(q.Exclusive, code))
}
