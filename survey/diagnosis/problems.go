package diagnosis

// PlanProblem is something in the plan that cannot be published as it stands, with the rule that forbids it.
type PlanProblem struct {
	Severity string // "error": left out of every release; "warning"
	Object   string // "dimension gender", "question q03", "dimension derived/yes"
	Rule     string // rule of the methods, such as "R2"; "" for a plain mistake
	Code     string // lasting; Explain gives the English sentence
	Other    string // what it clashes with, or the nearest thing meant
}

// The severities of a PlanProblem.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
)

// Codes of plan problems, of hidden rows and of what to do about them.
const (
	CodeUnknownQuestion  = "unknown_question"
	CodeNotClosed        = "not_closed"
	CodeUnknownDimension = "unknown_dimension"
	CodeCrossOfCross     = "cross_of_cross"
	CodeSamePredicate    = "same_predicate"
	CodeSameName         = "same_name"
	CodeTooManyGroups    = "too_many_groups"
	CodeNoCategories     = "no_categories"
	CodeInsideRepeat     = "inside_repeat"
	CodeNotYet           = "not_yet_published"
	CodeUnknownOf        = "unknown_of"
	CodeNoPositive       = "no_positive"
	CodeNoThreshold      = "need_without_threshold"
	CodeNearlySame       = "nearly_same_group"
	CodeFewPeople        = "fewer_than_ten"
	CodeFewAnswers       = "fewer_than_ten_answers"
	CodeWaitsForRefresh  = "waits_for_refresh"
)

var explanations = map[string]string{
	CodeUnknownQuestion:  "the form has no such question; check the name",
	CodeNotClosed:        "people are divided by select_one and select_multiple questions only; choose one, or declare a derived dimension",
	CodeUnknownDimension: "a cross names a dimension that is not published; declare it first",
	CodeCrossOfCross:     "tables cross two group attributes at most; cross two plain dimensions",
	CodeSamePredicate:    "two names for the same people would be two draws of one number; keep one of them",
	CodeSameName:         "the code is declared twice; rename one",
	CodeTooManyGroups:    "too many groups to publish; merge categories with og_rollup before data are seen",
	CodeNoCategories:     "the dimension has no categories; add choices, or categories with a condition",
	CodeInsideRepeat:     "answers inside a repeat are about things, not people; they are in the microdata only",
	CodeNotYet:           "this kind of question is not tabulated yet; it is in the microdata",
	CodeUnknownOf:        "og_of names no closed question of the form; the item is published without narrowing its base",
	CodeNoPositive:       "no choice counts as positive, so nobody would be in the base; set og_positive on the question that og_of names",
	CodeNoThreshold:      "a need item needs a choice at or above og_need_at and one below; check og_score",
	CodeNearlySame:       "two published groups differ by fewer than ten people; consider publishing only one of them",
	CodeFewPeople:        "fewer than ten people; offer the group that contains it, merge categories with og_rollup in a new wave, or wait for more answers",
	CodeFewAnswers:       "fewer than ten people answered; look at everybody, or wait for more answers",
	CodeWaitsForRefresh:  "fewer than ten changes since the row was last computed; it follows when ten people have joined or left",
}

// Explain gives what a code means and what to do instead, in English, for operators.
func Explain(code string) string { return explanations[code] }
