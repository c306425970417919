package expr

// TrueWhenBlank gives the names, sorted and unique, whose missing answer can make the condition true although their
// question is compared with a value: ${x} != 'a' and not(selected(${x}, 'a')) hold for everybody who left x out.
// Comparisons with ” are meant so and give none, nor does a condition that asks for an answer beside.
func (e *Expr) TrueWhenBlank() []string {
	var names []string
	for _, name := range e.Refs() {
		b := blankness{name: name}
		if b.invited(e.root, true) && b.outcome(e.root).yes {
			names = append(names, name)
		}
	}
	return names
}

// blankness looks at a condition as if one question had no answer and nothing were known of the others.
type blankness struct{ name string }

// outcome says whether a condition can be true, and whether it can be false.
type outcome struct{ yes, no bool }

func (b blankness) outcome(n *node) outcome {
	switch {
	case n.op == opBinary && n.name == "and":
		x, y := b.outcome(n.args[0]), b.outcome(n.args[1])
		return outcome{x.yes && y.yes, x.no || y.no}
	case n.op == opBinary && n.name == "or":
		x, y := b.outcome(n.args[0]), b.outcome(n.args[1])
		return outcome{x.yes || y.yes, x.no && y.no}
	case n.isCall("not"):
		x := b.outcome(n.args[0])
		return outcome{x.no, x.yes}
	case b.known(n):
		v := evaluation{scope: blankScope{Empty}}
		yes := v.bool(n)
		return outcome{yes, !yes}
	}
	return outcome{true, true}
}

// known says whether nothing but the question decides the value.
func (b blankness) known(n *node) bool {
	return !n.any(func(n *node, _ bool) bool {
		switch n.op {
		case opRef:
			return n.name != b.name
		case opText, opNumber, opNegate, opBinary:
			return false
		case opCall:
			return n.fn.server || n.fn.volatile || n.selfByDefault()
		default:
			return true
		}
	})
}

// invited says whether some comparison of the question with a value favours the condition when the answer is missing;
// wanted is false under not.
func (b blankness) invited(n *node, wanted bool) bool {
	switch {
	case n.op == opBinary && (n.name == "and" || n.name == "or"):
		return b.invited(n.args[0], wanted) || b.invited(n.args[1], wanted)
	case n.isCall("not"):
		return b.invited(n.args[0], !wanted)
	case n.isCall("selected"), n.op == opBinary && binding[n.name] >= binding["="] && binding[n.name] <= binding["<"]:
		if !b.known(n) || n.args[0].isBlank() || n.args[1].isBlank() || n.args[0].op != opRef && n.args[1].op != opRef {
			return false
		}
		return b.outcome(n).yes == wanted
	}
	return false
}

func (n *node) isCall(name string) bool { return n.op == opCall && n.fn.name == name }

func (n *node) isBlank() bool { return n.op == opText && trim(n.name) == "" }

// blankScope knows every question, and an answer to none.
type blankScope struct{ Scope }

func (blankScope) Ref(string) []string { return []string{""} }
