// Package expr is the XLSForm expression language: one parser, one syntax tree, one evaluator. It knows nothing of
// forms; a [Scope] says what names mean. Entry points: [Parse], then [Expr.Bool], [Expr.Text] or [Expr.Number].
package expr

import "time"

// Scope is what an expression can see while it is evaluated. Values are strings; blank is "".
type Scope interface {
	// Ref gives the values of ${name} as the node-set that XLSForm means: one value outside repeats ("" when blank
	// or not relevant), one per instance seen from outside its repeat, none when there is no such node.
	Ref(name string) []string
	// Self is ".", the value of the question the expression stands at.
	Self() string
	// Column is a bare name inside a choice filter: that column of the choice row, "" when absent.
	Column(name string) string
	// ChoiceLabel is jr:choice-name(code, '${question}'): the label in the active language, "" when unknown.
	ChoiceLabel(code, question string) string
	// Rows are the rows of a secondary instance: a choice list ("name", "label", further columns) or a CSV file.
	Rows(instance string) []map[string]string
	// Position is position(..): the number from 1 of the repeat instance that encloses the expression.
	Position() int
	// Instances gives indexed-repeat and nested node-sets: the value of name in the given instance numbers, outermost
	// first, "" when there is none.
	Instances(name string, at []int) string
	// Now is the moment of evaluation in the survey's time zone. today() is its day.
	Now() time.Time
	// Random is the source of random() and uuid(), in [0,1).
	Random() float64
}
