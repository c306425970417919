package expr

import "math"

// Fold replaces every reference that keep refuses by its value in s, and then every part that only the server can
// compute and that is settled by that. What comes out has the same value in s, and in every scope that differs
// from s only in kept references, the question itself and its choice columns; it is ServerOnly when something is
// left that a browser cannot do. Randomness and the clock are never folded. e itself is not changed.
func Fold(e *Expr, keep func(name string) bool, s Scope) *Expr {
	f := folding{keep: keep, scope: s}
	return &Expr{source: e.source, root: f.fold(e.root)}
}

type folding struct {
	keep  func(string) bool
	scope Scope
}

func (f *folding) fold(n *node) *node {
	if n.op == opRef {
		if f.keep(n.name) {
			return n
		}
		return f.set(n, f.scope.Ref(n.name))
	}
	if n.serverOnly() && f.settled(n) {
		if c := f.constant(n); c != nil {
			return c
		}
	}
	if len(n.args) == 0 || n.op == opRows || n.op == opRepeat || n.op == opCall && n.fn.name == "indexed-repeat" {
		return n // what is left needs the other pages anyway, and so the server
	}
	folded := *n
	folded.args = make([]*node, len(n.args))
	for i, a := range n.args {
		folded.args[i] = f.fold(a)
	}
	return folded.measure()
}

// set makes a constant node-set, with a copy of the values.
func (f *folding) set(n *node, values []string) *node {
	return &node{op: opSet, values: append([]string(nil), values...), pos: n.pos, end: n.end, depth: 1}
}

// settled says that nothing in n can change while the page is open.
func (f *folding) settled(n *node) bool {
	return !n.any(func(n *node, inside bool) bool {
		switch n.op {
		case opRef:
			return f.keep(n.name)
		case opRepeat:
			return f.keep(n.name) || n.col != "" && f.keep(n.col)
		case opSelf, opColumn:
			return !inside || n.op == opColumn && f.keep(n.name)
		case opCurrent:
			return true
		case opCall:
			return n.fn.volatile || n.fn.name == "once" || n.selfByDefault() && !inside ||
				n.fn.name == "jr:choice-name" && f.keep(n.args[1].name)
		default:
			return false
		}
	})
}

// constant makes a node of the value of n; nil when no constant has that value.
func (f *folding) constant(n *node) *node {
	v := (&Expr{root: n}).run(f.scope)
	made := &node{pos: n.pos, end: n.end, depth: 1}
	switch {
	case v.kind == isText:
		made.op, made.name = opText, v.text
	case v.kind == isSet:
		return f.set(n, v.set)
	case v.kind == isBool:
		made.op, made.fn = opCall, functions["false"]
		if v.truth {
			made.fn = functions["true"]
		}
	case v.dated, math.IsInf(v.num, 0):
		return nil
	case math.IsNaN(v.num):
		return (&node{op: opNegate, args: []*node{{op: opText, depth: 1}}, pos: n.pos, end: n.end}).measure()
	default:
		made.op, made.num = opNumber, math.Abs(v.num)
		if math.Signbit(v.num) {
			return (&node{op: opNegate, args: []*node{made}, pos: n.pos, end: n.end}).measure()
		}
	}
	return made
}
