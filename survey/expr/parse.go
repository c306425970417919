package expr

import (
	"fmt"
	"slices"
	"strings"
)

// Parse reads an expression. Whatever cannot be evaluated is found here: the error is a *[SyntaxError].
func Parse(src string) (*Expr, error) {
	if len(src) > maxSource {
		return nil, &SyntaxError{maxSource, CodeTooLong, fmt.Sprintf("an expression holds at most %d bytes", maxSource), "split it into calculations"}
	}
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	if p.peek().kind == tokEnd {
		return nil, &SyntaxError{0, CodeEmpty, "the expression is empty", ""}
	}
	root := p.expression(0)
	if p.err == nil && p.peek().kind != tokEnd {
		p.unexpected("after the end of the expression")
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Expr{source: src, root: root}, nil
}

// parser is a Pratt parser: expression reads an operand and then, as long as they bind tighter than the caller's
// operator, operators with their right operands. The first error stops it; from then on methods return blanks.
type parser struct {
	tokens    []token
	at        int
	nesting   int
	predicate int    // depth of [ ] that the parser is in, where "." and current() differ
	in        string // function whose arguments are being read
	err       *SyntaxError
}

// binding gives the strength of binary operators; all lean to the left.
var binding = map[string]int{
	"or": 1, "and": 2, "=": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6, "|": 8,
}

const unaryBinding = 7

var blank = &node{op: opText, depth: 1}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *parser) sees(sign string) bool { return p.peek().kind == tokSign && p.peek().text == sign }

func (p *parser) seesAt(ahead int, sign string) bool {
	i := p.at + ahead
	return i < len(p.tokens) && p.tokens[i].kind == tokSign && p.tokens[i].text == sign
}

func (p *parser) accept(sign string) bool {
	if p.err == nil && p.sees(sign) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(sign, where string) {
	if !p.accept(sign) && p.err == nil {
		if p.peek().kind == tokEnd {
			p.fail(p.peek().pos, CodeUnclosed, "there is no "+sign+" "+where, "add it")
			return
		}
		p.unexpected("where " + sign + " " + where + " should stand")
	}
}

func (p *parser) fail(pos int, code, message, remedy string) {
	if p.err == nil {
		p.err = &SyntaxError{pos, code, message, remedy}
	}
}

func (p *parser) unexpected(where string) {
	t := p.peek()
	what, remedy := "", ""
	switch {
	case t.kind == tokEnd:
		what = "the expression ends"
	case t.kind == tokRef:
		what = "${" + t.text + "} stands"
	case t.kind == tokNumber:
		what = "a number stands"
	case t.kind == tokText:
		what = "a text in quotes stands"
	case t.text == "=" && p.at > 0 && (p.tokens[p.at-1].text == "=" || p.tokens[p.at-1].text == "<" || p.tokens[p.at-1].text == ">"):
		what, remedy = "= stands", "write = once, and <= or >= without a space"
	case strings.EqualFold(t.text, "and"), strings.EqualFold(t.text, "or"), strings.EqualFold(t.text, "div"), strings.EqualFold(t.text, "mod"):
		what = t.text + " stands"
		if t.text != strings.ToLower(t.text) {
			remedy = "write " + strings.ToLower(t.text) + " in small letters"
		}
	default:
		what = t.text + " stands"
	}
	p.fail(t.pos, CodeUnexpected, what+" "+where, remedy)
}

func (p *parser) enter() bool {
	if p.nesting++; p.nesting > maxNesting {
		p.fail(p.peek().pos, CodeTooDeep, fmt.Sprintf("parentheses and calls are nested more than %d deep", maxNesting), "split the expression into calculations")
	}
	return p.err == nil
}

func (p *parser) leave() { p.nesting-- }

// build measures a finished node and refuses trees that are too deep.
func (p *parser) build(n *node) *node {
	if n.measure(); n.depth > maxDepth {
		p.fail(n.pos, CodeTooDeep, fmt.Sprintf("the expression chains more than %d parts", maxDepth), "split it into calculations")
	}
	return n
}

// expression reads operands as long as the operators between them bind stronger than weakest.
func (p *parser) expression(weakest int) *node {
	if !p.enter() {
		return blank
	}
	defer p.leave()
	left := p.operand()
	for p.err == nil {
		t := p.peek()
		power, known := binding[t.text]
		if t.kind != tokSign && t.kind != tokName || !known || power <= weakest {
			break
		}
		p.take()
		right := p.expression(power)
		if p.err != nil {
			break
		}
		left = p.build(&node{op: opBinary, name: t.text, args: []*node{left, right}, pos: left.pos, end: right.end})
		if t.text == "|" && (!left.args[0].isSet() || !left.args[1].isSet()) {
			p.fail(t.pos, CodeArgument, "| joins references only", "write or for conditions")
		}
	}
	return left
}

// operand reads one value with its predicates.
func (p *parser) operand() *node {
	t := p.peek()
	switch t.kind {
	case tokNumber:
		p.take()
		return p.build(&node{op: opNumber, num: t.num, pos: t.pos, end: t.end})
	case tokText:
		p.take()
		return p.build(&node{op: opText, name: t.text, pos: t.pos, end: t.end})
	case tokRef:
		p.take()
		return p.steps(&node{op: opRef, name: t.text, pos: t.pos, end: t.end})
	case tokName:
		if p.seesAt(1, "(") {
			return p.call()
		}
		return p.name()
	case tokSign:
		switch t.text {
		case "-":
			return p.negation()
		case "(":
			return p.parenthesis()
		case ".", "..", "/", "//", "@", "*":
			return p.path()
		}
	default:
	}
	p.unexpected("where a value should stand")
	return blank
}

func (p *parser) negation() *node {
	t := p.take()
	if p.sees("-") {
		p.fail(p.peek().pos, CodeUnexpected, "two minus signs stand in a row", "write one, or parentheses between them")
		return blank
	}
	arg := p.expression(unaryBinding)
	return p.build(&node{op: opNegate, args: []*node{arg}, pos: t.pos, end: arg.end})
}

func (p *parser) parenthesis() *node {
	t := p.take()
	inner := p.expression(0)
	end := p.peek().end
	p.expect(")", "for the opening parenthesis")
	if p.err != nil {
		return blank
	}
	wrapped := *inner // the same value with the span of its parentheses, so that hints can splice the source
	wrapped.pos, wrapped.end = t.pos, end
	if p.sees("[") || p.sees("/") {
		if wrapped.op == opRef || wrapped.op == opRows || wrapped.op == opRepeat {
			return p.steps(&wrapped)
		}
		p.fail(p.peek().pos, CodePath, "a predicate or path cannot follow this parenthesis", "put the predicate directly behind ${name}")
	}
	return &wrapped
}

// call reads name(arguments).
func (p *parser) call() *node {
	t := p.take()
	p.take() // the parenthesis
	switch t.text {
	case "instance":
		return p.rows(t)
	case "current":
		return p.current(t)
	case "position":
		if p.seesAt(0, "..") && p.seesAt(1, ")") {
			p.at += 2
			return p.build(&node{op: opPosition, pos: t.pos, end: p.tokens[p.at-1].end})
		}
	case "text", "node", "comment", "processing-instruction":
		p.fail(t.pos, CodePath, t.text+"() selects nodes of a document, which forms do not have", "write ${name}")
		return blank
	}
	fn := functions[t.text]
	if fn == nil {
		p.err = unknownFunction(t)
		return blank
	}
	outer := p.in
	p.in = t.text
	var args []*node
	for p.err == nil && !p.sees(")") {
		args = append(args, p.expression(0))
		if !p.accept(",") {
			break
		}
		if p.sees(")") {
			p.unexpected("where an argument of " + t.text + " should stand")
		}
	}
	p.in = outer
	end := p.peek().end
	p.expect(")", "for "+t.text+"(")
	if p.err != nil {
		return blank
	}
	n := &node{op: opCall, fn: fn, args: args, pos: t.pos, end: end}
	if err := n.check(); err != nil {
		p.err = err
		return blank
	}
	if p.build(n); p.sees("[") || p.sees("/") {
		p.fail(p.peek().pos, CodePath, "a predicate or path cannot follow "+t.text+"(…)", "put the predicate directly behind ${name}")
	}
	return n
}

// check holds a call to its function's contract; the parser and the JSON reader share it.
func (n *node) check() *SyntaxError {
	fn := n.fn
	if len(n.args) < fn.min || fn.max >= 0 && len(n.args) > fn.max {
		return &SyntaxError{n.pos, CodeArity, fmt.Sprintf("%s takes %s, not %d", fn.name, fn.arity(), len(n.args)), "write " + fn.usage}
	}
	for _, i := range fn.sets {
		if i < len(n.args) && !n.args[i].isSet() {
			return &SyntaxError{n.args[i].pos, CodeArgument, fn.name + " asks for a reference here", "write " + fn.usage}
		}
	}
	if fn.prepare != nil {
		return fn.prepare(n)
	}
	return nil
}

func (f *function) arity() string {
	switch {
	case f.max < 0:
		return fmt.Sprintf("at least %d arguments", f.min)
	case f.min == f.max && f.max == 1:
		return "1 argument"
	case f.min == f.max:
		return fmt.Sprintf("%d arguments", f.max)
	}
	return fmt.Sprintf("%d to %d arguments", f.min, f.max)
}

// unknownFunction says which tool has the function, or which of ours is spelled most like it.
func unknownFunction(t token) *SyntaxError {
	if u, ok := unsupported[t.text]; ok {
		return &SyntaxError{t.pos, CodeUnsupported, u.message(t.text), u.remedy}
	}
	if prefix, _, found := strings.Cut(t.text, ":"); found && prefix != "jr" {
		return &SyntaxError{t.pos, CodeUnsupported, t.text + " belongs to another dialect (prefix " + prefix + ")", "leave it out or calculate it with XLSForm functions"}
	}
	names := make([]string, 0, len(functions))
	for name := range functions {
		names = append(names, name)
	}
	slices.Sort(names)
	best, distance := "", 3
	for _, name := range names {
		if d := editDistance(strings.ToLower(t.text), name); d < distance {
			best, distance = name, d
		}
	}
	e := &SyntaxError{t.pos, CodeFunction, "there is no function " + t.text, "see the XLSForm reference for the functions there are"}
	if best != "" {
		e.Remedy = "did you mean " + functions[best].usage + "?"
	}
	return e
}

// editDistance counts the letters to insert, delete or replace.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
