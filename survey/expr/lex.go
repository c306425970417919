package expr

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokNumber           // num
	tokText             // text without quotes
	tokRef              // ${text}
	tokName             // text, with a prefix: jr:choice-name
	tokSign             // text: an operator, bracket, comma, dot or slash
)

type token struct {
	kind     tokenKind
	text     string
	num      float64
	pos, end int
}

// signs are tried in this order, so the longer come first.
var signs = []string{"::", "//", "..", "!=", "<=", ">=", "(", ")", "[", "]", ",", "/", "|", "+", "-", "*", "=", "<", ">", ".", "@"}

// foreign are signs of other languages that authors try, with what they should write.
var foreign = []struct{ sign, remedy string }{
	{"&&", "write and"},
	{"||", "write or"},
	{"<>", "write !="},
	{"≠", "write !="},
	{"≤", "write <="},
	{"≥", "write >="},
	{"!", "write not(…) or !="},
	{"÷", "write div"},
	{"×", "write *"},
	{"%", "write mod"},
	{"–", "write a plain - for minus"},
	{"−", "write a plain - for minus"},
	{";", "separate arguments by a comma"},
	{"#{", "write ${name}"},
	{"$", "write ${name}"},
	{"{", "write ${name}"},
	{"&", "write and, or concat(…) to join texts"},
}

// lex cuts the source into tokens, the last of which is tokEnd. Typographic quotes are read as plain ones.
func lex(src string) ([]token, *SyntaxError) {
	tokens := make([]token, 0, len(src)/3+2)
	for pos := 0; ; {
		for pos < len(src) {
			r, size := utf8.DecodeRuneInString(src[pos:])
			if !unicode.IsSpace(r) && r != '\uFEFF' && r != '\u200B' {
				break
			}
			pos += size
		}
		if pos == len(src) {
			return append(tokens, token{kind: tokEnd, pos: pos, end: pos}), nil
		}
		t, err := next(src, pos)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		pos = t.end
	}
}

func next(src string, pos int) (token, *SyntaxError) {
	rest := src[pos:]
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case strings.HasPrefix(rest, "${"):
		return lexRef(src, pos)
	case closers(r) != "":
		return lexText(src, pos, size, closers(r))
	case isDigit(r), r == '.' && len(rest) > 1 && isDigit(rune(rest[1])):
		return lexNumber(src, pos)
	case startsName(r):
		end := pos + nameLength(rest)
		if end+1 < len(src) && src[end] == ':' && src[end+1] != ':' {
			if n := nameLength(src[end+1:]); n > 0 {
				end += 1 + n
			}
		}
		return token{kind: tokName, text: src[pos:end], pos: pos, end: end}, nil
	}
	for _, f := range foreign {
		if strings.HasPrefix(rest, f.sign) && !strings.HasPrefix(rest, "!=") {
			return token{}, &SyntaxError{pos, CodeUnexpected, "the sign " + f.sign + " is not part of the expression language", f.remedy}
		}
	}
	for _, s := range signs {
		if strings.HasPrefix(rest, s) {
			return token{kind: tokSign, text: s, pos: pos, end: pos + len(s)}, nil
		}
	}
	return token{}, &SyntaxError{pos, CodeUnexpected, "the sign " + strconv.QuoteRune(r) + " is not part of the expression language", ""}
}

// closers gives the runes that end a text opened by r; "" when r opens none. A text opened by a typographic quote
// may end in a plain one, since editors replace only some of them; not the other way round, for the sake of 'it’s'.
func closers(r rune) string {
	switch r {
	case '\'', '"':
		return string(r)
	case '‘', '’', '‚', '‛':
		return "’‘'"
	case '“', '”', '„', '‟':
		return "”“\""
	}
	return ""
}

func lexText(src string, pos, size int, ends string) (token, *SyntaxError) {
	start := pos + size
	n := strings.IndexAny(src[start:], ends)
	if n < 0 {
		return token{}, &SyntaxError{pos, CodeUnclosed, "a text has no closing quote", "add the quote, or use the other sort of quote around a text that contains one"}
	}
	_, closing := utf8.DecodeRuneInString(src[start+n:])
	return token{kind: tokText, text: src[start : start+n], pos: pos, end: start + n + closing}, nil
}

func lexRef(src string, pos int) (token, *SyntaxError) {
	n := strings.IndexByte(src[pos:], '}')
	if n < 0 {
		return token{}, &SyntaxError{pos, CodeUnclosed, "a reference has no closing brace", "write ${name}"}
	}
	name := strings.TrimSpace(src[pos+2 : pos+n])
	if strings.HasPrefix(name, "last-saved#") {
		return token{}, &SyntaxError{pos, CodeLastSaved, "${last-saved#…} reads an earlier person's answers, which are never shown to anybody", "leave it out, or give a fixed default"}
	}
	if name == "" || nameLength(name) != len(name) {
		return token{}, &SyntaxError{pos, CodeReference, "${" + name + "} does not hold the name of a question", "write ${name} with a name of the name column"}
	}
	return token{kind: tokRef, text: name, pos: pos, end: pos + n + 1}, nil
}

func lexNumber(src string, pos int) (token, *SyntaxError) {
	end := pos
	for end < len(src) && isDigit(rune(src[end])) {
		end++
	}
	if end < len(src) && src[end] == '.' && !strings.HasPrefix(src[end:], "..") {
		end++
		for end < len(src) && isDigit(rune(src[end])) {
			end++
		}
	}
	num, err := strconv.ParseFloat(src[pos:end], 64)
	if r, _ := utf8.DecodeRuneInString(src[end:]); err != nil || end < len(src) && startsName(r) && !operatorAt(src[end:]) {
		return token{}, &SyntaxError{pos, CodeNumber, "a number is digits with at most one decimal point", "put codes that begin with a digit in quotes"}
	}
	return token{kind: tokNumber, num: num, pos: pos, end: end}, nil
}

// operatorAt allows 5div 2, which XPath does.
func operatorAt(rest string) bool {
	switch rest[:nameLength(rest)] {
	case "and", "or", "div", "mod":
		return true
	}
	return false
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func startsName(r rune) bool { return r == '_' || r != utf8.RuneError && unicode.IsLetter(r) }

// nameLength is the length in bytes of the XML name that s begins with, 0 when it begins with none.
func nameLength(s string) int {
	for i, r := range s {
		switch {
		case startsName(r), i > 0 && (r == '-' || r == '.' || r == '·' || unicode.IsDigit(r) || unicode.IsMark(r)):
		default:
			return i
		}
	}
	return len(s)
}
