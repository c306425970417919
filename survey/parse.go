package survey

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ParseAnswer turns what a person typed or ticked into the canonical value: numbers with a decimal comma or with
// Arabic digits, codes in list order, a coded refusal as its state. What cannot be read comes back as it was typed,
// so that nothing is lost, with the problem. q must belong to an indexed form.
func ParseAnswer(q *Question, raw []string) (Value, *Problem) {
	text := canonical(q, raw)
	val := Value{State: q.state(text), Text: text}
	if text == "" {
		return val, nil
	}
	return val, q.typeProblem(text)
}

func canonical(q *Question, raw []string) string {
	var given []string
	for _, r := range raw {
		if r = strings.TrimSpace(norm.NFC.String(strings.Map(writable, strings.ToValidUTF8(r, "\uFFFD")))); r != "" {
			given = append(given, r)
		}
	}
	text := strings.Join(given, " ")
	switch q.Kind {
	case KindInteger:
		if n, ok := parseInteger(text); ok {
			return strconv.FormatInt(n, 10)
		}
	case KindDecimal, KindRange:
		if x, ok := parseDecimal(text); ok {
			return strconv.FormatFloat(x, 'f', -1, 64)
		}
	case KindDate:
		if d, ok := parseDate(text); ok {
			return d
		}
	case KindTime:
		if t, ok := parseTime(text); ok {
			return t
		}
	case KindDateTime:
		if t, ok := parseDateTime(text); ok {
			return t
		}
	case KindSelectMultiple:
		return q.listOrder(strings.Fields(text))
	case KindText:
		return strings.ReplaceAll(strings.Join(given, "\n"), "\r\n", "\n")
	default:
	}
	return text
}

// writable drops the control characters that no XML, and so no workbook, can hold.
func writable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' || r == '\uFFFE' || r == '\uFFFF' {
		return -1
	}
	return r
}

// listOrder sorts codes as the list has them, each once; unknown codes follow in the order given.
func (q *Question) listOrder(codes []string) string {
	chosen := make(map[string]bool, len(codes))
	for _, c := range codes {
		chosen[c] = true
	}
	out := make([]string, 0, len(codes))
	if q.list != nil {
		for _, c := range q.list.Choices {
			if chosen[c.Code] {
				out = append(out, c.Code)
				delete(chosen, c.Code)
			}
		}
	}
	for _, c := range codes {
		if chosen[c] {
			out = append(out, c)
			delete(chosen, c)
		}
	}
	return strings.Join(out, " ")
}

// digits turns Arabic-Indic and Persian digits and separators into ASCII and drops spaces between digits.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		case r == '٫', r == ',':
			return '.'
		case r == '−':
			return '-'
		case r == ' ', r == '\u00a0', r == '\u202f', r == '٬':
			return -1
		}
		return r
	}, s)
}

func parseInteger(text string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(digits(text), "+"), 10, 64)
	return n, err == nil && n >= math.MinInt32 && n <= math.MaxInt32
}

func parseDecimal(text string) (float64, bool) {
	s := digits(text)
	if strings.ContainsAny(s, "xXpP_nNiI") { // hexadecimal, underscores, NaN and Inf are Go's, not people's
		return 0, false
	}
	x, err := strconv.ParseFloat(s, 64)
	return x, err == nil && !math.IsInf(x, 0)
}

func parseDate(text string) (string, bool) {
	d, err := time.Parse("2006-1-2", digits(text))
	if err != nil {
		return "", false
	}
	return d.Format(time.DateOnly), true
}

func parseTime(text string) (string, bool) {
	for _, layout := range []string{"15:04", "15:04:05", "15:04:05.000Z07:00"} {
		if t, err := time.Parse(layout, digits(text)); err == nil {
			return t.Format("15:04"), true
		}
	}
	return "", false
}

func parseDateTime(text string) (string, bool) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04:05.000Z07:00"} {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return t.Format("2006-01-02T15:04"), true
		}
	}
	return "", false
}

// rangeProblem checks the start, end and step of a range question (defaults 1, 10, 1).
func (q *Question) rangeProblem(text string, problem func(Code, ...any) *Problem) *Problem {
	x, ok := parseDecimal(text)
	if !ok {
		return problem(NotANumber)
	}
	lo, hi := q.bound("start", 1), q.bound("end", 10)
	if x < min(lo, hi) || x > max(lo, hi) {
		return problem(OutOfRange, "min", min(lo, hi), "max", max(lo, hi))
	}
	return nil
}

func (q *Question) bound(name string, otherwise float64) float64 {
	if x, err := strconv.ParseFloat(q.Parameters[name], 64); err == nil {
		return x
	}
	return otherwise
}
