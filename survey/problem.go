package survey

import (
	"errors"
	"fmt"
)

// Kinds of error that cross rooms; test with errors.Is.
var (
	ErrNotFound  = errors.New("not found")
	ErrClosed    = errors.New("closed")
	ErrDuplicate = errors.New("already stored with other answers")
	ErrWithdrawn = errors.New("withdrawn")
	ErrConflict  = errors.New("changed by somebody else in the meantime")
	ErrBusy      = errors.New("busy")
	ErrForbidden = errors.New("not allowed")
)

// Code names what is wrong with an answer; the sentence is a catalogue key "problem.<code>" of the interface.
type Code string

// The problems of an answer sheet.
const (
	Missing         Code = "missing"          // required and blank
	NotANumber      Code = "not_a_number"     // decimal that cannot be read
	NotAnInteger    Code = "not_an_integer"   // integer that cannot be read, or out of ±2^31
	NotADate        Code = "not_a_date"       // not an existing day as YYYY-MM-DD
	NotATime        Code = "not_a_time"       // not HH:MM
	NotAChoice      Code = "not_a_choice"     // code outside the list, or filtered away; param "choice"
	Exclusive       Code = "exclusive"        // an exclusive choice beside others; param "choice"
	TooLong         Code = "too_long"         // params "max" (characters)
	OutOfRange      Code = "out_of_range"     // params "min", "max"
	Constraint      Code = "constraint"       // the author's own rule; the question's ConstraintMessage says which
	NotRelevant     Code = "not_relevant"     // an answer to a question that is not asked here (API)
	UnknownQuestion Code = "unknown_question" // no such question in this version (API)
	WrongType       Code = "wrong_type"       // the JSON type does not fit the question (API)
	NotConsented    Code = "not_consented"
	TooYoung        Code = "too_young"
)

// Problem is one thing wrong with one answer: codes and parameters, never a sentence.
type Problem struct {
	Question string // key of the Answers map
	Code     Code
	Params   map[string]any
}

// InvalidError carries every problem of an answer sheet in form order.
type InvalidError struct{ Problems []Problem }

// Error is for operators; residents get the translated sentences.
func (e *InvalidError) Error() string {
	if len(e.Problems) == 0 {
		return "invalid answers"
	}
	return fmt.Sprintf("invalid answers: %d problems, first %s at %s", len(e.Problems), e.Problems[0].Code, e.Problems[0].Question)
}
