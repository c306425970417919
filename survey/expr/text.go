package expr

import (
	"crypto/md5"  //nolint:gosec // digest() offers it because XLSForm does; nothing here is kept secret by it
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

var textFunctions = []*function{
	{name: "string", usage: "string(value)", max: 1, self: true, eval: func(e *evaluation, a []*node, _ *node) value {
		return textValue(e.argumentOrSelf(a))
	}},
	{name: "string-length", usage: "string-length(text)", max: 1, self: true, eval: func(e *evaluation, a []*node, _ *node) value {
		return numberValue(float64(characters(e.argumentOrSelf(a))))
	}},
	{name: "normalize-space", usage: "normalize-space(text)", max: 1, self: true, eval: func(e *evaluation, a []*node, _ *node) value {
		return textValue(strings.Join(fields(e.argumentOrSelf(a)), " "))
	}},
	{name: "concat", usage: "concat(text, …)", max: -1, eval: func(e *evaluation, a []*node, _ *node) value {
		return e.join("", a)
	}},
	{name: "join", usage: "join(separator, ${question}, …)", min: 1, max: -1, eval: func(e *evaluation, a []*node, _ *node) value {
		return e.join(e.text(a[0]), a[1:])
	}},
	twoTexts("contains", func(s, t string) value { return boolValue(strings.Contains(s, t)) }),
	twoTexts("starts-with", func(s, t string) value { return boolValue(strings.HasPrefix(s, t)) }),
	twoTexts("ends-with", func(s, t string) value { return boolValue(strings.HasSuffix(s, t)) }),
	twoTexts("substring-before", func(s, t string) value {
		before, _, found := strings.Cut(s, t)
		if !found {
			return textValue("")
		}
		return textValue(before)
	}),
	twoTexts("substring-after", func(s, t string) value {
		_, after, _ := strings.Cut(s, t)
		return textValue(after)
	}),
	{name: "substr", usage: "substr(text, start from 0, end)", min: 2, max: 3, eval: substr},
	{name: "substring", usage: "substring(text, start from 1, length)", min: 2, max: 3, eval: substring},
	{name: "translate", usage: "translate(text, 'abc', 'xyz')", min: 3, max: 3, eval: translate},
	{name: "regex", usage: "regex(text, '^pattern$')", min: 2, max: 2, prepare: prepareRegex, eval: evalRegex},
	{name: "digest", usage: "digest(text, 'SHA-256', 'hex')", min: 2, max: 3, server: true, prepare: prepareDigest, eval: digest},
	{name: "base64-decode", usage: "base64-decode(text)", min: 1, max: 1, server: true, eval: func(e *evaluation, a []*node, _ *node) value {
		b, err := base64.StdEncoding.DecodeString(trim(e.text(a[0])))
		if err != nil {
			return textValue("")
		}
		return textValue(strings.ToValidUTF8(string(b), "\uFFFD"))
	}},
	{name: "uuid", usage: "uuid()", max: 1, server: true, volatile: true, eval: uuid},
}

func twoTexts(name string, f func(s, t string) value) *function {
	return &function{name: name, usage: name + "(text, part)", min: 2, max: 2, eval: func(e *evaluation, a []*node, _ *node) value {
		s := e.text(a[0])
		return f(s, e.text(a[1]))
	}}
}

func (e *evaluation) argumentOrSelf(a []*node) string {
	if len(a) == 0 {
		return e.self()
	}
	return e.text(a[0])
}

// join puts the values of all arguments together, of node-sets every one.
func (e *evaluation) join(separator string, args []*node) value {
	var b strings.Builder
	first := true
	for _, n := range args {
		for v := range e.eval(n).each {
			if b.Len() > 4*maxText {
				break
			}
			if !first {
				b.WriteString(separator)
			}
			b.WriteString(v.string())
			first = false
		}
	}
	return textValue(clip(b.String()))
}

// substr counts characters from 0, from the end when negative; it stops before end.
func substr(e *evaluation, a []*node, _ *node) value {
	s := e.text(a[0])
	size := characters(s)
	start, ok := whole(e.number(a[1]))
	end := size
	if len(a) == 3 {
		n, fine := whole(e.number(a[2]))
		end, ok = n, ok && fine
	}
	if !ok {
		return textValue("")
	}
	fromEnd := func(i int) int {
		if i < 0 {
			i += size
		}
		return min(max(i, 0), size)
	}
	return textValue(cut(s, fromEnd(start), fromEnd(end)))
}

// substring is XPath's: characters from 1, both numbers rounded.
func substring(e *evaluation, a []*node, _ *node) value {
	s := e.text(a[0])
	from := math.Floor(e.number(a[1]) + 0.5)
	to := math.Inf(1)
	if len(a) == 3 {
		to = from + math.Floor(e.number(a[2])+0.5)
	}
	if math.IsNaN(from) || math.IsNaN(to) {
		return textValue("")
	}
	size := float64(characters(s))
	return textValue(cut(s, int(min(max(from-1, 0), size)), int(min(max(to-1, 0), size))))
}

// cut gives the characters from start up to end, both within s.
func cut(s string, start, end int) string {
	if start >= end {
		return ""
	}
	n, from := 0, len(s)
	for i := range s {
		if n == start {
			from = i
		}
		if n == end {
			return s[from:i]
		}
		n++
	}
	return s[from:]
}

// translate replaces each character of the second text by the one at the same place in the third, and drops it
// when there is none.
func translate(e *evaluation, a []*node, _ *node) value {
	s, from, to := e.text(a[0]), []rune(e.text(a[1])), []rune(e.text(a[2]))
	table := make(map[rune]rune, len(from))
	for i, r := range from {
		if _, known := table[r]; known {
			continue
		}
		table[r] = -1
		if i < len(to) {
			table[r] = to[i]
		}
	}
	return textValue(clip(strings.Map(func(r rune) rune {
		if t, known := table[r]; known {
			return t
		}
		return r
	}, s)))
}

func prepareDigest(n *node) *SyntaxError {
	for i, known := range [][]string{1: {"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"}, 2: {"hex", "base64"}} {
		if i == 0 || i >= len(n.args) || n.args[i].op != opText {
			continue
		}
		if !slices.Contains(known, n.args[i].name) {
			return &SyntaxError{n.args[i].pos, CodeArgument, "digest does not know " + n.args[i].name, "write one of " + strings.Join(known, ", ")}
		}
	}
	return nil
}

func digest(e *evaluation, a []*node, _ *node) value {
	s := []byte(e.text(a[0]))
	var sum []byte
	switch e.text(a[1]) {
	case "MD5":
		h := md5.Sum(s) //nolint:gosec // see the import
		sum = h[:]
	case "SHA-1":
		h := sha1.Sum(s) //nolint:gosec // see the import
		sum = h[:]
	case "SHA-256":
		h := sha256.Sum256(s)
		sum = h[:]
	case "SHA-384":
		h := sha512.Sum384(s)
		sum = h[:]
	case "SHA-512":
		h := sha512.Sum512(s)
		sum = h[:]
	default:
		return textValue("")
	}
	if len(a) == 3 && e.text(a[2]) == "hex" {
		return textValue(hex.EncodeToString(sum))
	}
	return textValue(base64.StdEncoding.EncodeToString(sum))
}

// uuid makes a random UUID (version 4), or that many of its characters.
func uuid(e *evaluation, a []*node, _ *node) value {
	size := 36
	if len(a) == 1 {
		n, ok := whole(e.number(a[0]))
		if !ok || n < 0 {
			return textValue("")
		}
		size = min(n, 1000)
	}
	var b strings.Builder
	for b.Len() < size {
		var u [16]byte
		for i := range u {
			u[i] = byte(e.scope.Random() * 256)
		}
		u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
		fmt.Fprintf(&b, "%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
	}
	return textValue(b.String()[:size])
}

// valid keeps texts that are no UTF-8 from behaving differently here and in a browser.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
