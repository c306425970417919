package expr

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
)

var setFunctions = []*function{
	{name: "count", usage: "count(${question})", min: 1, max: 1, sets: []int{0}, eval: func(e *evaluation, a []*node, _ *node) value {
		n := 0
		for range e.eval(a[0]).each {
			n++
		}
		return numberValue(float64(n))
	}},
	{name: "count-non-empty", usage: "count-non-empty(${question})", min: 1, max: 1, sets: []int{0}, eval: func(e *evaluation, a []*node, _ *node) value {
		n := 0
		for v := range e.eval(a[0]).each {
			if v.string() != "" {
				n++
			}
		}
		return numberValue(float64(n))
	}},
	{name: "count-selected", usage: "count-selected(${question})", min: 1, max: 1, eval: func(e *evaluation, a []*node, _ *node) value {
		return numberValue(float64(len(fields(e.text(a[0])))))
	}},
	{name: "selected-at", usage: "selected-at(${question}, number from 0)", min: 2, max: 2, eval: func(e *evaluation, a []*node, _ *node) value {
		codes := fields(e.text(a[0]))
		if i, ok := whole(e.number(a[1])); ok && i >= 0 && i < len(codes) {
			return textValue(codes[i])
		}
		return textValue("")
	}},
	{name: "position", usage: "position(..)", max: 1, sets: []int{0}, eval: func(e *evaluation, a []*node, _ *node) value {
		if len(a) == 0 {
			if e.item == nil {
				return numberValue(1)
			}
			return numberValue(float64(e.item.position))
		}
		switch v := e.eval(a[0]); {
		case len(v.at) > 0:
			return numberValue(float64(v.at[0]))
		case v.kind == isSet && len(v.set) == 0:
			return numberValue(math.NaN())
		}
		return numberValue(1)
	}},
	{name: "last", usage: "last()", eval: func(e *evaluation, _ []*node, _ *node) value {
		if e.item == nil {
			return numberValue(1)
		}
		return numberValue(float64(e.item.size))
	}},
	{name: "indexed-repeat", usage: "indexed-repeat(${question}, ${repeat}, number)", min: 3, max: 7, server: true, prepare: prepareIndexed, eval: indexedRepeat},
	{name: "randomize", usage: "randomize(${question}, seed)", min: 1, max: 2, sets: []int{0}, server: true, volatile: true, eval: randomize},
	{name: "pulldata", usage: "pulldata('file', 'column', 'key column', key)", min: 4, max: 4, server: true, eval: pulldata},
	{
		name: "jr:itext", usage: "jr:itext(instance('list')/root/item[name = ${x}]/itextId)", min: 1, max: 1, server: true, prepare: prepareItext,
		eval: func(e *evaluation, a []*node, _ *node) value { return textValue(e.text(a[0])) },
	},
}

// prepareIndexed asks for references where indexed-repeat names a question and its repeats.
func prepareIndexed(n *node) *SyntaxError {
	if len(n.args)%2 == 0 {
		return &SyntaxError{n.pos, CodeArity, "indexed-repeat needs a number for every repeat", "write " + n.fn.usage}
	}
	for i, a := range n.args {
		if (i == 0 || i%2 == 1) && a.op != opRef {
			return &SyntaxError{a.pos, CodeArgument, "indexed-repeat asks for a reference here", "write " + n.fn.usage}
		}
	}
	return nil
}

// indexedRepeat gives a question in the given instances of its repeats, outermost first; nothing when a number is
// none or less than 1.
func indexedRepeat(e *evaluation, a []*node, _ *node) value {
	at := make([]int, 0, 3)
	for i := 2; i < len(a); i += 2 {
		x := e.number(a[i])
		n, ok := whole(x)
		if !ok || n < 1 || x != float64(n) {
			return setValue(nil)
		}
		at = append(at, n)
	}
	return setValue([]string{e.scope.Instances(a[0].name, at)})
}

func pulldata(e *evaluation, a []*node, _ *node) value {
	file, column, key, want := e.text(a[0]), e.text(a[1]), e.text(a[2]), e.text(a[3])
	for _, row := range e.scope.Rows(file) {
		if e.steps++; e.steps > maxSteps {
			break
		}
		if row[key] == want {
			return textValue(row[column])
		}
	}
	return textValue("")
}

// prepareItext allows the one use that forms have for jr:itext: the label of a choice in the active language.
func prepareItext(n *node) *SyntaxError {
	if arg := n.args[0]; arg.op == opRows && (arg.col == "itextId" || arg.col == "label") {
		label := *arg
		label.col = "label"
		n.args = []*node{&label}
		return nil
	}
	return &SyntaxError{n.pos, CodeArgument, "jr:itext reads only the label of a choice", "write jr:choice-name(${question}, '${question}')"}
}

// randomize shuffles inside out with the Park–Miller generator, so that a seed gives the order that it gives in
// other XLSForm tools. Without a seed the scope's randomness decides.
func randomize(e *evaluation, a []*node, _ *node) value {
	v := e.eval(a[0])
	if v.kind != isSet {
		v = setValue([]string{v.string()})
	}
	draw := e.scope.Random
	if len(a) == 2 {
		draw = parkMiller(e.seed(a[1]))
	}
	out := make([]string, len(v.set))
	for i, s := range v.set {
		j := min(int(draw()*float64(i+1)), i)
		out[i] = out[j]
		out[j] = s
	}
	return setValue(out)
}

// seed makes a number of what an author gives: texts that are no number count by the first 64 bits of their
// SHA-256, blank as 0.
func (e *evaluation) seed(n *node) int64 {
	v := e.eval(n)
	x := v.number(e.calendar())
	switch s := v.string(); {
	case math.IsNaN(x) && s == "":
		return 0
	case math.IsNaN(x):
		h := sha256.Sum256([]byte(s))
		return int64(binary.BigEndian.Uint64(h[:8])) //nolint:gosec // the same bits, read as signed
	}
	if x >= math.MaxInt64 {
		return math.MaxInt64
	}
	if x <= math.MinInt64 {
		return math.MinInt64
	}
	return int64(x)
}

func parkMiller(seed int64) func() float64 {
	const modulus = 1<<31 - 1
	state := seed % modulus
	if state <= 0 {
		state += modulus - 1
	}
	return func() float64 {
		state = state * 16807 % modulus
		return float64(state-1) / (modulus - 1)
	}
}
