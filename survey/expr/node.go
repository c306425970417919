package expr

import (
	"regexp"
	"slices"
)

// op is the kind of a node of the syntax tree.
type op uint8

const (
	opText     op = iota // name: the text
	opNumber             // num, finite and not negative
	opSet                // values: a folded reference
	opRef                // name of a question: ${name}
	opSelf               // ".", inside a predicate the item it looks at
	opCurrent            // current() inside a predicate: the question the expression stands at
	opColumn             // name of a choice column, or inside a predicate a column or sibling of the item
	opRows               // items of the secondary instance name that pass args; column col, or the item when ""
	opRepeat             // instances of ${name} that pass args; the question col in them, or the item when ""
	opPosition           // position(..)
	opNegate             // -args[0]
	opBinary             // args[0] name args[1], name one of the operators
	opCall               // fn(args)
)

// node is one node of the syntax tree. Nodes are never changed once their expression is built.
type node struct {
	op       op
	name     string
	col      string
	num      float64
	values   []string
	args     []*node
	fn       *function
	re       *regexp.Regexp // of a regex() with a constant pattern
	pos, end int            // byte offsets into the source, for hints
	depth    int            // 1 + that of the deepest child
}

// maxNesting bounds parentheses and calls in one another, maxDepth the whole tree (chains such as a or b or c …
// lean to the left), so that no expression can exhaust a stack, here or in a browser.
const (
	maxNesting = 200
	maxDepth   = 2000
	maxSource  = 32767 // bytes; a spreadsheet cell holds no more characters than that
)

func (n *node) measure() *node {
	n.depth = 1
	for _, a := range n.args {
		n.depth = max(n.depth, a.depth+1)
	}
	return n
}

// walk visits n and its descendants, parents first; inside says whether a node stands in a predicate, where "."
// and bare names mean the item. It stops where visit says false.
func (n *node) walk(inside bool, visit func(n *node, inside bool) bool) bool {
	if !visit(n, inside) {
		return false
	}
	within := inside || n.op == opRows || n.op == opRepeat
	for _, a := range n.args {
		if !a.walk(within, visit) {
			return false
		}
	}
	return true
}

func (n *node) any(test func(n *node, inside bool) bool) bool {
	return !n.walk(false, func(n *node, inside bool) bool { return !test(n, inside) })
}

// isSet says whether the node can give a node-set, which functions such as count ask for.
func (n *node) isSet() bool {
	switch n.op {
	case opSet, opRef, opSelf, opCurrent, opColumn, opRows, opRepeat:
		return true
	case opBinary:
		return n.name == "|"
	case opCall:
		switch n.fn.name {
		case "indexed-repeat", "randomize":
			return true
		case "if":
			return n.args[1].isSet() || n.args[2].isSet()
		}
	default:
	}
	return false
}

// Expr is one parsed expression, immutable and safe for concurrent use.
type Expr struct {
	source string
	root   *node
}

// Source is the text that was parsed. After UnmarshalJSON it is rebuilt from the tree, after Fold it is still the
// text of the expression that was folded.
func (e *Expr) Source() string { return e.source }

// Refs are the names of the questions that it reads, sorted and unique: those in ${…}, also inside the quotes of
// jr:choice-name, and those of paths such as ../name.
func (e *Expr) Refs() []string {
	var names []string
	var collect func(n *node, repeat bool)
	collect = func(n *node, repeat bool) {
		switch {
		case n.op == opRef, n.op == opColumn && repeat:
			names = append(names, n.name)
		case n.op == opRepeat:
			names = append(names, n.name)
			if n.col != "" {
				names = append(names, n.col)
			}
		case n.op == opCall && n.fn.name == "jr:choice-name":
			names = append(names, n.args[1].name)
		}
		for _, a := range n.args {
			collect(a, n.op == opRepeat || repeat && n.op != opRows)
		}
	}
	collect(e.root, false)
	return unique(names)
}

// Columns are the bare names outside predicates, which are columns of the choice row, sorted and unique.
func (e *Expr) Columns() []string {
	var names []string
	e.root.walk(false, func(n *node, inside bool) bool {
		if n.op == opColumn && !inside {
			names = append(names, n.name)
		}
		return true
	})
	return unique(names)
}

// Instances are the secondary instances that it reads (choice lists or attached files, without their extension),
// sorted and unique.
func (e *Expr) Instances() []string {
	var names []string
	e.root.walk(false, func(n *node, _ bool) bool {
		switch {
		case n.op == opRows:
			names = append(names, n.name)
		case n.op == opCall && n.fn.name == "pulldata" && n.args[0].op == opText:
			names = append(names, n.args[0].name)
		}
		return true
	})
	return unique(names)
}

func unique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// UsesSelf says whether it reads the value of the question that it stands at: by ".", current() or once().
func (e *Expr) UsesSelf() bool {
	return e.root.any(func(n *node, inside bool) bool {
		return n.op == opCurrent || !inside && (n.op == opSelf || n.selfByDefault() || n.op == opCall && n.fn.name == "once") ||
			inside && n.op == opCall && n.fn.name == "once"
	})
}

// selfByDefault says that the call has no argument where XPath then takes the context node.
func (n *node) selfByDefault() bool { return n.op == opCall && len(n.args) == 0 && n.fn.self }

// ServerOnly says that it cannot run alike in a browser: it needs files, other repeat instances, randomness, or
// arithmetic that differs between machines.
func (e *Expr) ServerOnly() bool {
	return e.root.any(func(n *node, _ bool) bool { return n.serverOnly() })
}

func (n *node) serverOnly() bool {
	switch n.op {
	case opRows, opPosition:
		return true
	case opRepeat:
		return n.col != "" || slices.ContainsFunc(n.args, func(p *node) bool {
			return p.any(func(n *node, _ bool) bool { return n.op == opColumn })
		})
	case opCall:
		switch n.fn.name {
		case "regex":
			return n.re == nil || !runsAlike(n.re)
		case "pow":
			return !n.args[1].isSmallInteger()
		}
		return n.fn.server
	default:
		return false
	}
}

// isSmallInteger says that pow can multiply instead of calling the machine's own power function.
func (n *node) isSmallInteger() bool {
	if n.op == opNegate {
		n = n.args[0]
	}
	return n.op == opNumber && n.num == float64(int(n.num)) && n.num <= maxPower
}

// equal says that two trees are the same.
func equal(a, b *node) bool {
	return a.op == b.op && a.name == b.name && a.col == b.col && a.num == b.num && slices.Equal(a.values, b.values) &&
		a.fn == b.fn && slices.EqualFunc(a.args, b.args, equal)
}
