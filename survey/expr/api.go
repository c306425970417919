package expr

import (
	"errors"
	"fmt"
	"time"
)

// SyntaxError says where an expression cannot be read and what to write instead.
type SyntaxError struct {
	Pos     int    // byte offset into the source
	Code    string // lasting, such as "unknown_function"
	Message string // English, lower case, no full stop
	Remedy  string // what the author should write or do; "" when the message says it all
}

// Error joins message and remedy for operators.
func (e *SyntaxError) Error() string {
	if e.Remedy == "" {
		return e.Message
	}
	return fmt.Sprintf("%s; %s", e.Message, e.Remedy)
}

// Hint is something that runs, but probably not as its author expects.
type Hint struct {
	Code     string
	Message  string // English
	Repaired string // the whole expression as it was probably meant; "" when no repair is certain
}

// Expr is one parsed expression, immutable and safe for concurrent use.
type Expr struct {
	source string
	root   *node
}

type node struct{}

// Parse reads an expression. The error is a *SyntaxError.
func Parse(src string) (*Expr, error) { return nil, errors.New("expr: not written yet") }

// Source is the text that was parsed.
func (e *Expr) Source() string { return e.source }

// Refs are the names in ${…}, sorted and unique.
func (e *Expr) Refs() []string { return nil }

// Columns are the bare names, which are columns of the choice row, sorted and unique.
func (e *Expr) Columns() []string { return nil }

// UsesSelf says whether it reads ".".
func (e *Expr) UsesSelf() bool { return false }

// ServerOnly says that it cannot run alike in a browser.
func (e *Expr) ServerOnly() bool { return false }

// Bool is the value as a condition.
func (e *Expr) Bool(s Scope) bool { return false }

// Text is the value as it is stored: NaN is blank.
func (e *Expr) Text(s Scope) string { return "" }

// Number is the value as a number; NaN when it is none.
func (e *Expr) Number(s Scope) float64 { return 0 }

// MarshalJSON gives the syntax tree.
func (e *Expr) MarshalJSON() ([]byte, error) { return nil, errors.New("expr: not written yet") }

// UnmarshalJSON reads what MarshalJSON wrote.
func (e *Expr) UnmarshalJSON(data []byte) error { return errors.New("expr: not written yet") }

// Lint gives the hints that need no types.
func (e *Expr) Lint() []Hint { return nil }

// Fold replaces every reference that keep refuses by its value in s.
func Fold(e *Expr, keep func(name string) bool, s Scope) *Expr { return e }

// Empty is a scope in which everything is blank; for constants.
var Empty Scope = empty{}

type empty struct{}

func (empty) Ref(string) []string               { return nil }
func (empty) Self() string                      { return "" }
func (empty) Column(string) string              { return "" }
func (empty) ChoiceLabel(string, string) string { return "" }
func (empty) Rows(string) []map[string]string   { return nil }
func (empty) Position() int                     { return 1 }
func (empty) Instances(string, []int) string    { return "" }
func (empty) Now() time.Time                    { return time.Time{} }
func (empty) Random() float64                   { return 0 }
