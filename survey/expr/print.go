package expr

import "strings"

// unparse writes the tree as an expression, with no more parentheses than it needs.
func unparse(n *node) string {
	var b strings.Builder
	printNode(&b, n, 0)
	return b.String()
}

// printNode puts an operator that binds no stronger than weakest in parentheses.
func printNode(b *strings.Builder, n *node, weakest int) {
	switch n.op {
	case opText:
		b.WriteString(quote(n.name))
	case opNumber:
		b.WriteString(formatNumber(n.num))
	case opSet:
		b.WriteString(quote(setValue(n.values).string()))
	case opRef:
		b.WriteString("${" + n.name + "}")
	case opSelf:
		b.WriteByte('.')
	case opCurrent:
		b.WriteString("current()")
	case opColumn:
		b.WriteString(n.name)
	case opRows, opRepeat:
		printPath(b, n)
	case opPosition:
		b.WriteString("position(..)")
	case opNegate:
		b.WriteByte('-')
		if arg := n.args[0]; arg.op == opNegate {
			b.WriteByte('(')
			printNode(b, arg, 0)
			b.WriteByte(')')
		} else {
			printNode(b, arg, unaryBinding)
		}
	case opBinary:
		power := binding[n.name]
		if power <= weakest {
			b.WriteByte('(')
			defer b.WriteByte(')')
		}
		printNode(b, n.args[0], power-1)
		b.WriteString(" " + n.name + " ")
		printNode(b, n.args[1], power)
	case opCall:
		printCall(b, n)
	}
}

func printPath(b *strings.Builder, n *node) {
	if n.op == opRepeat {
		b.WriteString("${" + n.name + "}")
	} else {
		b.WriteString("instance(" + quote(n.name) + ")/root/item")
	}
	for _, p := range n.args {
		b.WriteByte('[')
		printNode(b, p, 0)
		b.WriteByte(']')
	}
	if n.col != "" {
		b.WriteString("/" + n.col)
	}
}

func printCall(b *strings.Builder, n *node) {
	b.WriteString(n.fn.name + "(")
	for i, a := range n.args {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == 1 && n.fn.name == "jr:choice-name" {
			b.WriteString("'${" + a.name + "}'")
			continue
		}
		printNode(b, a, 0)
	}
	b.WriteByte(')')
}

// quote writes a text as a literal; one with both sorts of quotes, which no literal can hold, as concat('…', "…").
func quote(s string) string {
	if !strings.Contains(s, "'") {
		return "'" + s + "'"
	}
	if !strings.Contains(s, `"`) {
		return `"` + s + `"`
	}
	parts := strings.Split(s, "'")
	return "concat('" + strings.Join(parts, `', "'", '`) + "')"
}
