package survey

import "strings"

// State says what became of a question for one person. States never collapse into one another, from the page to
// the exported file.
type State uint8

// The states of an answer. NotAsked is the zero value: the question was not relevant.
const (
	NotAsked      State = iota
	Answered            // a value was given
	DontKnow            // a choice marked og_missing=dk
	Refused             // a choice marked og_missing=pnts: prefer not to say
	NotApplicable       // a choice marked og_missing=na
	Skipped             // shown and left blank
	NotReached          // sent before the page was shown
	Invalid             // imported, not readable as this question's type; Text holds nothing
)

var stateNames = [...]string{"not_asked", "answered", "dk", "pnts", "na", "skipped", "not_reached", "invalid"}

// String gives the state's lasting name, as stored and exported.
func (s State) String() string { return stateNames[s] }

// ParseState reads what String wrote; false for anything else.
func ParseState(name string) (State, bool) {
	for s := NotAsked; s <= Invalid; s++ {
		if stateNames[s] == name {
			return s, true
		}
	}
	return NotAsked, false
}

// Value is one answer. Text is the canonical XLSForm string: a choice code, codes in list order separated by one
// space, a number, YYYY-MM-DD, or free text. It is "" unless something was given; DontKnow, Refused and
// NotApplicable keep the code that was chosen.
type Value struct {
	State State
	Text  string
}

// Given says whether the person gave something to read: an answer or a coded refusal.
func (v Value) Given() bool { return v.Text != "" }

// Codes splits the value of a select_multiple or rank.
func (v Value) Codes() []string { return strings.Fields(v.Text) }

// Answers maps a question's ID, followed inside repeats by the instance numbers from 1 ("child[2]",
// "visit[2.1]"), to its value.
type Answers map[string]Value
