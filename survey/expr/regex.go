package expr

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// maxPattern bounds patterns, in bytes, so that compiling one is always quick.
const maxPattern = 2000

// prepareRegex compiles a constant pattern and replaces it by an equal one in the dialect that RE2 and browsers
// share (see shared), so that the tree carries one pattern for both.
func prepareRegex(n *node) *SyntaxError {
	arg := n.args[1]
	if arg.op != opText {
		return nil
	}
	if len(arg.name) > maxPattern {
		return &SyntaxError{arg.pos, CodeRegex, "the pattern is too long", "split it into two conditions"}
	}
	pattern, err := shared(arg.name)
	if err != nil {
		return badPattern(arg, err)
	}
	re, err := regexp.Compile(pattern)
	if err != nil { // only for repeats so large that they fit in one spelling and not in the other
		return badPattern(arg, err)
	}
	constant := *arg
	constant.name = pattern
	n.args = []*node{n.args[0], &constant}
	n.re = re
	return nil
}

func badPattern(arg *node, err error) *SyntaxError {
	e := &SyntaxError{arg.pos, CodeRegex, "the pattern cannot be read (" + err.Error() + ")", "correct it"}
	var se *syntax.Error
	if errors.As(err, &se) {
		e.Message = "the pattern cannot be read at " + se.Expr + " (" + string(se.Code) + ")"
		switch {
		case strings.HasPrefix(se.Expr, "(?=") || strings.HasPrefix(se.Expr, "(?!") || strings.HasPrefix(se.Expr, "(?<"):
			e.Message, e.Remedy = "the pattern looks ahead or behind with "+se.Expr+", which is not supported", "join two conditions by and, or not(regex(…))"
		case se.Code == syntax.ErrInvalidEscape && len(se.Expr) == 2 && se.Expr[1] >= '1' && se.Expr[1] <= '9':
			e.Message, e.Remedy = "the pattern refers back with "+se.Expr+", which is not supported", "compare parts made by substr(…) instead"
		}
	}
	return e
}

func evalRegex(e *evaluation, a []*node, n *node) value {
	s := valid(e.text(a[0]))
	if n.re != nil {
		return boolValue(n.re.MatchString(s))
	}
	pattern := e.text(a[1])
	if len(pattern) > maxPattern {
		return boolValue(false)
	}
	re, err := regexp.Compile(pattern)
	return boolValue(err == nil && re.MatchString(s))
}

// runsAlike says that a browser's backtracking matcher decides like RE2 and cannot run away: no repeat within a
// repeat, no line anchors.
func runsAlike(re *regexp.Regexp) bool {
	parsed, err := syntax.Parse(re.String(), syntax.Perl)
	return err == nil && tame(parsed, false)
}

func tame(re *syntax.Regexp, repeated bool) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine:
		return false
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat, syntax.OpAlternate:
		if repeated {
			return false
		}
	default:
	}
	if re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat && (re.Max < 0 || re.Max > 1) {
		repeated = true
	}
	return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !tame(sub, repeated) })
}

// shared writes a pattern so that RE2 and a browser's RegExp with the flag u read it alike: no flags, no class
// escapes, no named classes, every class as ranges.
// The parser simplifies as it reads, so the pattern is written anew until it no longer changes, which takes two rounds.
func shared(pattern string) (string, error) {
	for range 5 {
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		if write(&b, re); b.String() == pattern {
			break
		}
		pattern = b.String()
	}
	return pattern, nil
}

func write(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpNoMatch:
		b.WriteString(`[^\s\S]`)
	case syntax.OpEmptyMatch:
		b.WriteString("(?:)")
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 {
				writeFolded(b, r)
			} else {
				writeRune(b, r, `\^$.*+?()[]{}|/`)
			}
		}
	case syntax.OpCharClass:
		writeClass(b, re.Rune)
	case syntax.OpAnyCharNotNL:
		b.WriteString("[^\n]")
	case syntax.OpAnyChar:
		b.WriteString(`[\s\S]`)
	case syntax.OpBeginLine:
		b.WriteString("(?m:^)")
	case syntax.OpEndLine:
		b.WriteString("(?m:$)")
	case syntax.OpBeginText:
		b.WriteString("^")
	case syntax.OpEndText:
		b.WriteString("$")
	case syntax.OpWordBoundary:
		b.WriteString(`\b`)
	case syntax.OpNoWordBoundary:
		b.WriteString(`\B`)
	case syntax.OpCapture:
		group(b, re.Sub[0])
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		group(b, re.Sub[0])
		b.WriteString(quantifier(re))
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if sub.Op == syntax.OpAlternate {
				group(b, sub)
			} else {
				write(b, sub)
			}
		}
	case syntax.OpAlternate:
		for i, sub := range re.Sub {
			if i > 0 {
				b.WriteByte('|')
			}
			write(b, sub)
		}
	}
}

// group writes a part so that a quantifier behind it means the whole of it.
func group(b *strings.Builder, re *syntax.Regexp) {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	if re.Op == syntax.OpCharClass || re.Op == syntax.OpLiteral && len(re.Rune) == 1 {
		write(b, re)
		return
	}
	b.WriteString("(?:")
	write(b, re)
	b.WriteByte(')')
}

func quantifier(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpStar:
		return "*"
	case syntax.OpPlus:
		return "+"
	case syntax.OpQuest:
		return "?"
	default:
	}
	s := "{" + formatNumber(float64(re.Min))
	switch {
	case re.Max < 0:
		s += ","
	case re.Max != re.Min:
		s += "," + formatNumber(float64(re.Max))
	}
	return s + "}"
}

func writeRune(b *strings.Builder, r rune, special string) {
	if strings.ContainsRune(special, r) {
		b.WriteByte('\\')
	}
	b.WriteRune(r)
}

// writeFolded writes a letter in all its cases.
func writeFolded(b *strings.Builder, r rune) {
	if unicode.SimpleFold(r) == r {
		writeRune(b, r, `\^$.*+?()[]{}|/`)
		return
	}
	ranges := []rune{r, r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		ranges = append(ranges, f, f)
	}
	writeClass(b, ranges)
}

func writeClass(b *strings.Builder, ranges []rune) {
	const special = `\]^-[`
	if len(ranges) == 0 {
		b.WriteString(`[^\s\S]`)
		return
	}
	b.WriteByte('[')
	for i := 0; i+1 < len(ranges); i += 2 {
		lo, hi := ranges[i], ranges[i+1]
		if lo >= 0xD800 && lo < 0xE000 {
			lo = 0xE000
		}
		if lo <= 0xD7FF && hi >= 0xE000 { // no text holds surrogates, and neither can a pattern
			writeRange(b, lo, 0xD7FF, special)
			lo = 0xE000
		}
		if hi >= 0xD800 && hi < 0xE000 {
			hi = 0xD7FF
		}
		if lo <= hi {
			writeRange(b, lo, hi, special)
		}
	}
	b.WriteByte(']')
}

func writeRange(b *strings.Builder, lo, hi rune, special string) {
	writeRune(b, lo, special)
	if hi > lo {
		b.WriteByte('-')
		writeRune(b, hi, special)
	}
}
