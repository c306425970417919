package expr

// Paths. A form is a tree, but expressions name questions, so a path is reduced to what it means in a form: the
// last name of ../a, ./a, /data/g/a, current()/../a or ${g}/a is the question a. Predicates are kept where real
// forms have them: behind instance('list')/root/item, behind a reference, and behind a repeat within a path.

// name reads a bare name: a choice column, or the start of a path downwards.
func (p *parser) name() *node {
	t := p.take()
	if p.sees("::") {
		p.fail(t.pos, CodePath, "the axis "+t.text+":: is not supported", "write ${name}")
		return blank
	}
	if p.sees("/") {
		return p.steps(&node{op: opRef, name: t.text, pos: t.pos, end: t.end})
	}
	if p.sees("//") {
		p.fail(p.peek().pos, CodePath, "// is not supported", "write ${name}")
		return blank
	}
	n := &node{op: opColumn, name: t.text, pos: t.pos, end: t.end}
	if p.sees("[") {
		p.fail(p.peek().pos, CodePath, "a predicate cannot follow a choice column", "compare the column itself")
	}
	return p.build(n)
}

// path reads what begins with a dot or slash.
func (p *parser) path() *node {
	t := p.take()
	switch t.text {
	case ".":
		if !p.sees("/") {
			if p.sees("[") {
				p.fail(p.peek().pos, CodePath, "a predicate cannot follow .", "compare . itself")
			}
			return p.build(&node{op: opSelf, pos: t.pos, end: t.end})
		}
		p.take()
		return p.downwards(t, ".")
	case "..":
		if !p.accept("/") {
			p.fail(t.pos, CodePath, ".. alone has no value", "write ${name}, or position(..) for the number of the repeat instance")
			return blank
		}
		return p.downwards(t, "..")
	case "/":
		return p.downwards(t, "/")
	}
	what := map[string]string{"//": "// is not supported", "@": "attributes are not supported", "*": "* as a name is not supported"}[t.text]
	p.fail(t.pos, CodePath, what, "write ${name}")
	return blank
}

// downwards reads the rest of a path behind its first slash: any number of .. and then names. Inside a predicate a
// path that goes upwards would start at the item, and mean something else than its name.
func (p *parser) downwards(start token, first string) *node {
	for p.accept("..") || p.accept(".") {
		first = ".."
		if !p.accept("/") {
			p.fail(start.pos, CodePath, "a path that ends in .. has no value", "write ${name}")
			return blank
		}
	}
	if p.predicate > 0 && first != "/" {
		p.fail(start.pos, CodePath, "a path inside a predicate starts at the item it looks at", "write ${name}, or current()/../name")
		return blank
	}
	t := p.peek()
	if t.kind != tokName || p.seesAt(1, "(") || p.seesAt(1, "::") {
		p.fail(t.pos, CodePath, "this path does not lead to a question", "write ${name}")
		return blank
	}
	p.take()
	return p.steps(&node{op: opRef, name: t.text, pos: start.pos, end: t.end})
}

// steps reads predicates and further names behind a reference.
func (p *parser) steps(n *node) *node {
	for p.err == nil {
		switch {
		case p.sees("["):
			if n.op == opRepeat && n.col != "" {
				p.fail(p.peek().pos, CodePath, "predicates at two places of one path are not supported", "use indexed-repeat(${name}, ${repeat}, number)")
				return blank
			}
			if n.op == opRef {
				n.op = opRepeat
			}
			n.args = append(n.args, p.condition())
			n.end = p.tokens[p.at-1].end
		case p.sees("//"):
			p.fail(p.peek().pos, CodePath, "// is not supported", "write ${name}")
		case p.sees("/"):
			p.take()
			for p.accept("..") { // ${x}/../y: y is named, wherever it is
				n = &node{op: opRef, name: n.name, pos: n.pos, end: n.end}
				p.expect("/", "behind ..")
			}
			t := p.take()
			if p.err == nil && (t.kind != tokName || p.sees("(") || p.sees("::")) {
				p.fail(t.pos, CodePath, "this path does not lead to a question", "write ${name}")
			}
			if n.op == opRepeat {
				n.col = t.text
			} else {
				n.name = t.text
			}
			n.end = t.end
		default:
			return p.build(n)
		}
	}
	return blank
}

// condition reads [ … ].
func (p *parser) condition() *node {
	p.take()
	p.predicate++
	c := p.expression(0)
	p.predicate--
	p.expect("]", "for the opening bracket")
	return c
}

// current reads current() and what follows it.
func (p *parser) current(t token) *node {
	p.expect(")", "for current(")
	if !p.accept("/") {
		kind := opSelf
		if p.predicate > 0 {
			kind = opCurrent
		}
		return p.build(&node{op: kind, pos: t.pos, end: p.tokens[p.at-1].end})
	}
	if p.sees(".") && !p.seesAt(1, "/") {
		p.take()
		kind := opSelf
		if p.predicate > 0 {
			kind = opCurrent
		}
		return p.build(&node{op: kind, pos: t.pos, end: p.tokens[p.at-1].end})
	}
	inside := p.predicate
	p.predicate = 0 // from here the path starts at the question, not at the item
	n := p.downwards(t, "current()")
	p.predicate = inside
	return n
}

// rows reads instance('list')/root/item[…]/column. The names of the two steps in the middle do not matter: every
// secondary instance of a form is a table.
func (p *parser) rows(t token) *node {
	const usage = "write instance('list')/root/item[name = ${x}]/label"
	list := p.take()
	if p.err == nil && list.kind != tokText {
		p.fail(list.pos, CodeArgument, "instance needs the name of a list in quotes", usage)
		return blank
	}
	p.expect(")", "for instance(")
	for range 2 {
		p.expect("/", "behind instance('"+list.text+"')")
		if step := p.take(); p.err == nil && step.kind != tokName {
			p.fail(step.pos, CodePath, "this path into a list is not supported", usage)
		}
	}
	n := &node{op: opRows, name: list.text, pos: t.pos, end: p.tokens[max(p.at-1, 0)].end}
	for p.err == nil && p.sees("[") {
		n.args = append(n.args, p.condition())
	}
	if p.accept("/") {
		column := p.take()
		if p.err == nil && (column.kind != tokName || p.sees("(") || p.sees("::") || p.sees("[") || p.sees("/")) {
			p.fail(column.pos, CodePath, "this path into a list is not supported", usage)
		}
		n.col = column.text
	}
	n.end = p.tokens[max(p.at-1, 0)].end
	if p.err != nil {
		return blank
	}
	return p.build(n)
}
