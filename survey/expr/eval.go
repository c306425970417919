package expr

import (
	"math"
	"strconv"
	"time"
)

// Empty is a scope in which everything is blank and nothing is found; for constants.
var Empty Scope = empty{}

type empty struct{}

func (empty) Ref(string) []string               { return nil }
func (empty) Self() string                      { return "" }
func (empty) Column(string) string              { return "" }
func (empty) ChoiceLabel(string, string) string { return "" }
func (empty) Rows(string) []map[string]string   { return nil }
func (empty) Position() int                     { return 1 }
func (empty) Instances(string, []int) string    { return "" }
func (empty) Now() time.Time                    { return time.Unix(0, 0).UTC() }
func (empty) Random() float64                   { return 0 }

// Bool is the value as a condition. As in XPath a bare ${x} is true as soon as the question is there, even when it
// is blank; see Lint.
func (e *Expr) Bool(s Scope) bool { return e.run(s).bool() }

// Text is the value as it is stored: numbers without exponent, NaN as "", yes and no as "true" and "false", of
// several values the first. It holds at most maxText characters more than the longest value of the scope.
func (e *Expr) Text(s Scope) string { return e.run(s).string() }

// Number is the value as a number; NaN when it is none.
func (e *Expr) Number(s Scope) float64 {
	v := evaluation{scope: s}
	return v.eval(e.root).number(v.calendar())
}

func (e *Expr) run(s Scope) value {
	v := evaluation{scope: s}
	return v.eval(e.root)
}

// maxSteps bounds the work of one evaluation, in nodes visited. Only predicates within predicates come near it: a
// list of 5,000 rows looked through once by a condition of ten parts takes 50,000. What is left undone is blank.
const maxSteps = 2_000_000

// evaluation is one run of an expression. It never fails: what cannot be had is blank.
type evaluation struct {
	scope Scope
	cal   *calendar // made when first needed
	steps int
	item  *item // what "." and bare names mean inside a predicate; nil outside
}

// item is the node that a predicate looks at.
type item struct {
	self     string
	column   func(name string) string
	position int
	size     int
}

func (e *evaluation) calendar() *calendar {
	if e.cal == nil {
		e.cal = &calendar{zone: e.scope.Now().Location()}
		e.cal.names, _ = e.scope.(Names)
	}
	return e.cal
}

func (e *evaluation) number(n *node) float64 {
	v := e.eval(n)
	if v.kind == isNumber || v.kind == isBool {
		return v.number(nil)
	}
	return v.number(e.calendar())
}

func (e *evaluation) text(n *node) string { return e.eval(n).string() }

func (e *evaluation) bool(n *node) bool { return e.eval(n).bool() }

func (e *evaluation) self() string {
	if e.item != nil {
		return e.item.self
	}
	return e.scope.Self()
}

func (e *evaluation) eval(n *node) value {
	if e.steps++; e.steps > maxSteps {
		return value{}
	}
	switch n.op {
	case opText:
		return textValue(n.name)
	case opNumber:
		return numberValue(n.num)
	case opSet:
		return setValue(n.values)
	case opRef:
		return setValue(e.scope.Ref(n.name))
	case opSelf:
		return setValue([]string{e.self()})
	case opCurrent:
		return setValue([]string{e.scope.Self()})
	case opColumn:
		return e.column(n.name)
	case opRows:
		return e.rows(n)
	case opRepeat:
		return e.repeat(n)
	case opPosition:
		return numberValue(float64(e.scope.Position()))
	case opNegate:
		return numberValue(-e.number(n.args[0]))
	case opBinary:
		return e.binary(n)
	case opCall:
		return n.fn.eval(e, n.args, n)
	}
	return value{}
}

// column gives a choice column. A blank cell is no node at all, as in the XForm that other tools make of the
// workbook: it equals nothing, not even ”.
func (e *evaluation) column(name string) value {
	var s string
	if e.item != nil {
		s = e.item.column(name)
	} else {
		s = e.scope.Column(name)
	}
	if s == "" {
		return setValue(nil)
	}
	return setValue([]string{s})
}

// filter gives the positions, from 1, of the items that pass every predicate. Each predicate sees the items that
// the one before let through, numbered anew; a predicate that is a number asks for the item of that number.
func (e *evaluation) filter(size int, self func(i int) string, column func(i int, name string) string, predicates []*node) []int {
	at := make([]int, size)
	for i := range at {
		at[i] = i + 1
	}
	outer := e.item
	defer func() { e.item = outer }()
	for _, p := range predicates {
		kept := make([]int, 0, min(len(at), 8))
		for k, i := range at {
			e.item = &item{self: self(i), position: k + 1, size: len(at), column: func(name string) string { return column(i, name) }}
			v := e.eval(p)
			if e.steps > maxSteps {
				return nil
			}
			if v.kind == isNumber && v.num == float64(k+1) || v.kind != isNumber && v.bool() {
				kept = append(kept, i)
			}
		}
		at = kept
	}
	return at
}

func (e *evaluation) rows(n *node) value {
	rows := e.scope.Rows(n.name)
	at := e.filter(len(rows), func(int) string { return "" },
		func(i int, name string) string { return rows[i-1][name] }, n.args)
	v := value{kind: isSet, at: make([]int, 0, len(at)), set: make([]string, 0, len(at))}
	for _, i := range at {
		s := ""
		if n.col != "" {
			if s = rows[i-1][n.col]; s == "" {
				continue // a blank cell is no node
			}
		}
		v.set, v.at = append(v.set, s), append(v.at, i)
	}
	return v
}

func (e *evaluation) repeat(n *node) value {
	all := e.scope.Ref(n.name)
	size := len(all)
	if size == 0 && n.col != "" {
		size = len(e.scope.Ref(n.col))
	}
	self := func(i int) string {
		if i <= len(all) {
			return all[i-1]
		}
		return ""
	}
	sibling := func(i int, name string) string { return e.scope.Instances(name, []int{i}) }
	at := e.filter(size, self, sibling, n.args)
	v := value{kind: isSet, at: at, set: make([]string, len(at))}
	for k, i := range at {
		if n.col != "" {
			v.set[k] = sibling(i, n.col)
		} else {
			v.set[k] = self(i)
		}
	}
	return v
}

func (e *evaluation) binary(n *node) value {
	a := e.eval(n.args[0])
	switch n.name {
	case "or": // the deciding operand is the value, as in the ODK engine
		if a.bool() {
			return a
		}
		return e.eval(n.args[1])
	case "and":
		if !a.bool() {
			return a
		}
		return e.eval(n.args[1])
	}
	b := e.eval(n.args[1])
	switch n.name {
	case "=":
		return boolValue(e.equal(a, b, false))
	case "!=":
		return boolValue(e.equal(a, b, true))
	case "<", "<=", ">", ">=":
		return boolValue(e.ordered(a, b, n.name))
	case "|":
		return e.union(n, a, b)
	}
	return numberValue(arithmetic(n.name, a.number(e.calendar()), b.number(e.calendar())))
}

func arithmetic(sign string, x, y float64) float64 {
	switch sign {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return float64(x * y) // never fused with an addition: every machine gives the same
	case "div":
		return x / y
	}
	return math.Mod(x, y) // mod takes the sign of the dividend, as XPath asks
}

// union puts two node-sets together; the same reference twice is one.
func (e *evaluation) union(n *node, a, b value) value {
	if l, r := n.args[0], n.args[1]; l.op == opRef && r.op == opRef && l.name == r.name {
		return a
	}
	var set []string
	for _, v := range []value{a, b} {
		for one := range v.each {
			if len(set) < maxText {
				set = append(set, one.string())
			}
		}
	}
	return setValue(set)
}

// equal is = (unequal false) and !=. Of a node-set one value that fits is enough, so for an empty one both are
// false. Types decide how to compare: yes/no before numbers before texts.
func (e *evaluation) equal(a, b value, unequal bool) bool {
	if a.kind == isBool || b.kind == isBool {
		return (a.bool() == b.bool()) != unequal
	}
	for x := range a.each {
		for y := range b.each {
			if e.steps++; e.steps > maxSteps {
				return false
			}
			same := false
			if x.kind == isNumber || y.kind == isNumber {
				same = x.number(e.calendar()) == y.number(e.calendar())
			} else {
				same = x.text == y.text
			}
			if same != unequal {
				return true
			}
		}
	}
	return false
}

// ordered is always about numbers; days and moments count as numbers.
func (e *evaluation) ordered(a, b value, sign string) bool {
	for x := range a.each {
		for y := range b.each {
			if e.steps++; e.steps > maxSteps {
				return false
			}
			l, r := x.number(e.calendar()), y.number(e.calendar())
			switch {
			case sign == "<" && l < r, sign == "<=" && l <= r, sign == ">" && l > r, sign == ">=" && l >= r:
				return true
			}
		}
	}
	return false
}

// whole converts to an integer towards zero; ok is false for NaN, and what is beyond ±2^31 is brought there.
func whole(n float64) (i int, ok bool) {
	if math.IsNaN(n) {
		return 0, false
	}
	return int(math.Trunc(min(max(n, -1<<31), 1<<31))), true
}

// powerOfTen is exact where a machine's power function need not be.
func powerOfTen(n int) float64 {
	p, _ := strconv.ParseFloat("1e"+strconv.Itoa(n), 64)
	return p
}
