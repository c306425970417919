package expr

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// kind is the type of a value while an expression is evaluated.
type kind uint8

const (
	isText kind = iota
	isNumber
	isBool
	isSet // a node-set: the values of the questions or rows that were found
)

// value is an intermediate result. A day or moment is a number of days since 1970-01-01 UTC that remembers in text
// how it is written.
type value struct {
	kind  kind
	dated bool // isNumber whose text is that of a date
	truth bool
	num   float64
	text  string
	set   []string
	at    []int // position of each of set before predicates, from 1; nil for 1, 2, 3, …
}

func textValue(s string) value    { return value{kind: isText, text: s} }
func numberValue(n float64) value { return value{kind: isNumber, num: n} }
func boolValue(b bool) value      { return value{kind: isBool, truth: b} }
func setValue(vs []string) value  { return value{kind: isSet, set: vs} }

// maxText bounds, in characters, every text that an expression makes; longer ones are cut.
const maxText = 100_000

// clip cuts s to maxText characters.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := 0
	for i := range s {
		if n == maxText {
			return s[:i]
		}
		n++
	}
	return s
}

// bool follows XPath: a node-set is true when something was found, even when that is blank.
func (v value) bool() bool {
	switch v.kind {
	case isBool:
		return v.truth
	case isNumber:
		return v.num != 0 && !math.IsNaN(v.num)
	case isSet:
		return len(v.set) > 0
	default:
		return v.text != ""
	}
}

// string gives the text; a node-set counts as its first value, NaN as blank.
func (v value) string() string {
	switch v.kind {
	case isBool:
		if v.truth {
			return "true"
		}
		return "false"
	case isNumber:
		if v.dated {
			return v.text
		}
		return formatNumber(v.num)
	case isSet:
		if len(v.set) == 0 {
			return ""
		}
		return v.set[0]
	default:
		return v.text
	}
}

// number gives the number; texts that look like a day or moment count as days since 1970-01-01 UTC, other texts
// that are no number as NaN.
func (v value) number(c *calendar) float64 {
	switch v.kind {
	case isBool:
		if v.truth {
			return 1
		}
		return 0
	case isNumber:
		return v.num
	case isSet:
		if len(v.set) == 0 {
			return math.NaN()
		}
		return parseNumber(v.set[0], c)
	default:
		return parseNumber(v.text, c)
	}
}

// each yields the values that v stands for in functions over any number of values: those of a node-set, or itself.
func (v value) each(yield func(value) bool) {
	if v.kind != isSet {
		yield(v)
		return
	}
	for _, s := range v.set {
		if !yield(textValue(s)) {
			return
		}
	}
}

// formatNumber writes a number without exponent and without a superfluous fraction; NaN is blank.
func formatNumber(n float64) string {
	switch {
	case math.IsNaN(n):
		return ""
	case math.IsInf(n, 1):
		return "Infinity"
	case math.IsInf(n, -1):
		return "-Infinity"
	case n == 0:
		return "0" // also for -0
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// space is what XML calls white space.
const space = " \t\r\n"

func trim(s string) string { return strings.Trim(s, space) }

// fields splits at XML white space, unlike strings.Fields, which knows more sorts of space than a browser's twin
// would agree on.
func fields(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(space, r) })
}

// parseNumber reads digits with optional sign, point and exponent, or a day or moment.
func parseNumber(s string, c *calendar) float64 {
	if len(s) >= 10 && s[4] == '-' {
		if days, ok := c.days(s); ok {
			return days
		}
	}
	s = trim(s)
	if !isDecimal(s) {
		return math.NaN()
	}
	n, _ := strconv.ParseFloat(s, 64) // beyond the range it gives an infinity, as a browser does
	return n
}

func isDecimal(s string) bool {
	i, digits := 0, 0
	eat := func() {
		for i < len(s) && isDigit(rune(s[i])) {
			i++
			digits++
		}
	}
	sign := func() {
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
	}
	sign()
	eat()
	if i < len(s) && s[i] == '.' {
		i++
		eat()
	}
	if digits == 0 {
		return false
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		sign()
		digits = 0
		eat()
	}
	return i == len(s) && digits > 0
}

// characters counts Unicode code points.
func characters(s string) int { return utf8.RuneCountInString(s) }
