package xlsform

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"opengate/survey"
)

// The severities of a problem.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// Problem is one finding about the workbook, for its author. Message and remedy are English, lower case, without a
// full stop.
type Problem struct {
	Severity string // SeverityError or SeverityWarning
	Sheet    string // as the workbook spells it, "" for the file itself
	Row      int    // as the spreadsheet counts, 0 for the whole sheet
	Column   string // header as the author wrote it, "" for the whole row
	Code     string // lasting
	Message  string
	Remedy   string // what to do, "" when the message says it
}

// place is where a problem is.
type place struct {
	sheet  string
	row    int
	column string
}

// report gathers problems in any order.
type report struct {
	lenient  bool
	problems []Problem
	leftOut  []Problem
	sheets   []string // order of sheets in the result
	errors   int
	warnings int
	guesses  int
}

const (
	maxProblems = 500 // of each severity; more would help nobody
	maxGuesses  = 100 // corrections looked for, which is slow in large forms
)

func (r *report) fail(at place, code, message, remedy string) {
	if r.errors++; r.errors > maxProblems {
		return
	}
	r.problems = append(r.problems, at.problem(SeverityError, code, message, remedy))
}

func (r *report) warn(at place, code, message, remedy string) {
	if r.warnings++; r.warnings > maxProblems {
		return
	}
	r.problems = append(r.problems, at.problem(SeverityWarning, code, message, remedy))
}

// unsupported is an error, or with Lenient an entry of what was left out; it says whether to leave it out.
func (r *report) unsupported(at place, code, message, remedy string) bool {
	if !r.lenient {
		r.fail(at, code, message, remedy)
		return false
	}
	r.leftOut = append(r.leftOut, at.problem(SeverityWarning, code, message, remedy))
	return true
}

func (p place) problem(severity, code, message, remedy string) Problem {
	return Problem{Severity: severity, Sheet: p.sheet, Row: p.row, Column: p.column, Code: code, Message: message, Remedy: remedy}
}

func (r *report) failed() bool { return r.errors > 0 }

// rest says how many problems are not listed.
func (r *report) rest() {
	if n := r.errors - maxProblems; n > 0 {
		r.problems = append(r.problems, place{}.problem(SeverityError, "more_problems", fmt.Sprintf("%d more errors are not listed", n), "correct these first"))
	}
	if n := r.warnings - maxProblems; n > 0 {
		r.problems = append(r.problems, place{}.problem(SeverityWarning, "more_problems", fmt.Sprintf("%d more warnings are not listed", n), ""))
	}
}

func (r *report) result(form *survey.Form) *Result {
	r.rest()
	result := &Result{Problems: r.sorted(r.problems), LeftOut: r.sorted(r.leftOut)}
	if form == nil || r.failed() {
		return result
	}
	result.Form = form
	result.Counts.Languages = len(form.Languages)
	for q := range form.All() {
		if q.Kind == survey.KindGroup {
			result.Counts.Groups++
		}
		if q.Asks() {
			result.Counts.Questions++
		}
	}
	for _, l := range form.Lists { // a sum does not depend on the order
		result.Counts.Choices += len(l.Choices)
	}
	return result
}

// sorted orders by sheet as in the workbook, then row; problems of one row keep the order in which they were found.
func (r *report) sorted(ps []Problem) []Problem {
	rank := func(sheet string) int { return slices.Index(r.sheets, sheet) }
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(rank(a.Sheet), rank(b.Sheet)), cmp.Compare(a.Row, b.Row))
	})
	return ps
}

// nearest gives the known word that takes the fewest edits to reach; "" when there are no known words. The first of
// equally near ones wins.
func nearest(word string, known []string) string {
	best, least := "", -1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); least < 0 || d < least {
			best, least = k, d
		}
	}
	return best
}

// likely is nearest for words that may simply be something else: it gives "" unless the two look alike.
func likely(word string, known []string) string {
	best := nearest(word, known)
	if best == "" || distance(strings.ToLower(word), strings.ToLower(best)) > max(1, min(2, len(word)/3)) {
		return ""
	}
	return best
}

// didYouMean proposes a correction; "" unless at most a third of the letters differ.
func (r *report) didYouMean(word string, known []string) string {
	if r.guesses++; r.guesses > maxGuesses {
		return ""
	}
	best := nearest(word, known)
	letters := max(utf8.RuneCountInString(word), utf8.RuneCountInString(best))
	if letters < 2 || distance(strings.ToLower(word), strings.ToLower(best)) > max(1, letters/3) {
		return ""
	}
	return "did you mean " + best + "?"
}

const maxListed = 25 // words that are all named when nothing is near

// propose is didYouMean for a few known words: where none is near, it names them all.
func (r *report) propose(word string, known []string) string {
	if guess := r.didYouMean(word, known); guess != "" {
		return guess
	}
	if len(known) == 0 || len(known) > maxListed {
		return ""
	}
	return "it can be " + strings.Join(known, ", ")
}

const maxCompared = 80 // runes; longer words are no misspellings

// distance counts the letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > maxCompared || len(y) > maxCompared {
		return max(len(x), len(y))
	}
	before, above, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before, above, row = above, row, before
		row[0] = i + 1
		for j := range y {
			change := above[j]
			if x[i] != y[j] {
				change++
			}
			row[j+1] = min(change, row[j]+1, above[j+1]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(y)]
}
