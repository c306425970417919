// Package diagnosis turns responses into the protected figures of a release. The exact estimates stay inside: no
// exported function returns an unprotected count of people. Entry points: [Make] (responses → cube), [Cube.Diagnosis]
// (cube → figures as printed). Methods are those of the survey literature named at each formula.
package diagnosis

import "opengate/survey"

// Cube is a release: protected integers and what is needed to name them. It never changes once it is stored.
type Cube struct {
	Schema     int // 1
	Survey     string
	Wave       string
	Version    int    // newest form version counted
	Release    int    // 1, 2, …
	AsOf       string // YYYY-MM-DD
	KeyID      string
	Software   string
	Commitment string // hex HMAC-SHA256 over snapshot, plan, key id and software version
	MadeUp     bool   // demonstration or test data
	Title      survey.Text
	Languages  []survey.Language
	Default    survey.Lang
	Areas      []survey.Area
	Dimensions []Dimension
	Indicators []Indicator
	Rows       []Row  // "all" first, then dimensions and crosses in declared order
	Cells      []Cell // indicator-major, rows in the order of Rows; cells that are not published are absent or Hidden
	Method     Method
	Withheld   []Withheld
	Catalogue  []Entry // what is published and how it is defined, in a lasting order
}

// Entry is one line of the closed catalogue: a row, an item or an indicator. Within a wave its Definition never
// changes; further entries may be added.
type Entry struct {
	ID         string   // "row gender/woman", "item q03", "indicator q03=full"
	Definition string   // which answers it stands for, readable, without labels
	Missing    []string // of items: choice codes that leave the base
	Counted    []string // of items: choice codes in the base; of derived groups: those that their conditions can see
}

// Dimension is a group dimension as published, roll-ups done.
type Dimension struct {
	Code       string
	Kind       survey.DimensionKind
	Label      survey.Text
	Categories []Category
	Special    bool
}

// Category is one group. A row is named by its dimension's code and this one, "dimension/code", both percent-encoded;
// in a cross the code is the whole name, "a/x*b/y".
type Category struct {
	Code  string
	Label survey.Text
}

// Indicator is one thing that is counted: an answer option, or a derived measure such as need in an area.
type Indicator struct {
	ID       string // "question=option" or "area:HOU=need", every token percent-encoded
	Question string // question ID; "" for measures made of several questions
	Option   string // choice code after roll-up; for a measure the same as Measure
	Measure  string // "" for an answer option; "need", "severe", "positive", "any"
	Kind     string // "share", "mean", "rank"
	Area     string
	Role     survey.Role
	Recall   string
	Label    survey.Text // of the option; empty for a measure, which the reader's language names by Measure
	Item     survey.Text // of the question, or of the area
	Special  bool
	Positive bool // the option alone is what og_positive counts as yes, so no measure "positive" repeats it
	Mirror   bool // counts are the base minus the printed count of the one other answer, and no further secret
}

// Row is one population of the catalogue: everybody, a group, or a cross of two groups.
type Row struct {
	Category  string // "all", "dimension/code", "a/x*b/y"
	N         int    // protected size; 0 when not Shown
	Shown     bool   // false: fewer than k people when it was last recomputed
	Refreshed int    // release in which the row was last recomputed, 0 = it never had k people
	AsOf      string // day of that release, "" when never
}

// Cell is one published count: how many of the base gave the answer.
type Cell struct {
	Indicator string
	Category  string
	Count     int    // protected
	Base      int    // protected item base
	Hidden    string // "" or the rule that withheld it, such as "R1"
}

// Method is what the method sheet prints. Counts of people in it are protected like all others.
type Method struct {
	K, B        int
	Responses   int // protected total
	Channels    []Tally
	Modes       []Tally
	Languages   []Tally
	FirstDay    string // month only, YYYY-MM: when the first k answers had come
	LastDay     string // the month in which the last k answers began to come
	WeightNote  string // why weights were not used, "" when none were declared
	Comparisons int    // gaps computed; filled in by Cube.Diagnosis
}

// Tally is a protected number of responses by channel, mode or language. It is refreshed like a row, and Shown where
// both it and everybody else were at least k people; otherwise it holds nothing but its code.
type Tally struct {
	Code      string // of channels the name of the link, "" for the open address, "other" for links without a name
	Count     int
	Shown     bool
	Refreshed int
	AsOf      string
}

// Withheld counts cells that a rule withheld, for the suppression log.
type Withheld struct {
	Rule   string
	Cells  int
	Remedy string // message key of what to do instead
}

// Diagnosis is a release with every figure as printed.
type Diagnosis struct {
	*Cube
	Figures []Figure // in the order of Cells
}

// Figure is one printed figure. Shares are fractions in [0,1] rounded to whole percents, limits outwards; nil = not
// published. Counts and bases are multiples of 5. With a Bound the truth is below (above) both Count and Estimate:
// "<5", "<2 %"; it stands where rounding cannot tell few from nobody, or nearly all from all (R6). Only the printing is
// bounded: interval and gap are computed from the protected count itself (R7), which is 0 where Bound is "below" and
// Base where it is "above".
type Figure struct {
	Indicator string
	Category  string
	Count     int
	Base      int
	Bound     string // "", "below", "above"
	Estimate  *float64
	Low, High *float64
	Gap       *float64 // group minus everyone else: everybody less the group, unknown membership included, from printed counts
	GapLow    *float64
	GapHigh   *float64
	Marked    bool   // false discovery rate below 5 % within its table and at least 10 points: a screening mark
	Status    string // "point" (base of 30 or more), "interval" (no Estimate: indicative), "hidden"
	Reason    string // rule, when hidden
	AsOf      string
}
