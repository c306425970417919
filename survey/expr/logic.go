package expr

import "math"

var logicFunctions = []*function{
	{name: "true", usage: "true()", eval: func(*evaluation, []*node, *node) value { return boolValue(true) }},
	{name: "false", usage: "false()", eval: func(*evaluation, []*node, *node) value { return boolValue(false) }},
	{name: "not", usage: "not(condition)", min: 1, max: 1, eval: func(e *evaluation, a []*node, _ *node) value {
		return boolValue(!e.bool(a[0]))
	}},
	{name: "boolean", usage: "boolean(value)", min: 1, max: 1, eval: func(e *evaluation, a []*node, _ *node) value {
		return boolValue(e.bool(a[0]))
	}},
	{name: "boolean-from-string", usage: "boolean-from-string(text)", min: 1, max: 1, eval: func(e *evaluation, a []*node, _ *node) value {
		s := e.text(a[0])
		return boolValue(s == "1" || s == "true")
	}},
	{name: "if", usage: "if(condition, then, else)", min: 3, max: 3, eval: func(e *evaluation, a []*node, _ *node) value {
		if e.bool(a[0]) {
			return e.eval(a[1])
		}
		return e.eval(a[2])
	}},
	{name: "coalesce", usage: "coalesce(first, second)", min: 2, max: 2, eval: func(e *evaluation, a []*node, _ *node) value {
		if s := e.text(a[0]); s != "" {
			return textValue(s)
		}
		return textValue(e.text(a[1]))
	}},
	{name: "once", usage: "once(value)", min: 1, max: 1, eval: func(e *evaluation, a []*node, _ *node) value {
		if s := e.scope.Self(); s != "" {
			return textValue(s)
		}
		return textValue(e.text(a[0]))
	}},
	{name: "selected", usage: "selected(${question}, 'choice')", min: 2, max: 2, eval: selected},
	{name: "checklist", usage: "checklist(least, most, condition, …)", min: 2, max: -1, eval: checklist},
	{
		name: "weighted-checklist", usage: "weighted-checklist(least, most, condition, weight, …)", min: 2, max: -1,
		prepare: func(n *node) *SyntaxError {
			if len(n.args)%2 != 0 {
				return &SyntaxError{n.pos, CodeArity, "weighted-checklist needs a weight for every condition", "write " + n.fn.usage}
			}
			return nil
		}, eval: weightedChecklist,
	},
	{
		name: "jr:choice-name", usage: "jr:choice-name(${question}, '${question}')", min: 2, max: 2, prepare: prepareChoiceName,
		eval: func(e *evaluation, a []*node, _ *node) value {
			return textValue(e.scope.ChoiceLabel(e.text(a[0]), a[1].name))
		},
	},
}

// selected looks for one code among codes separated by white space; a blank code is selected in a blank answer.
func selected(e *evaluation, a []*node, _ *node) value {
	list, code := trim(e.text(a[0])), trim(e.text(a[1]))
	if list == code {
		return boolValue(true)
	}
	for _, s := range fields(list) {
		if s == code {
			return boolValue(true)
		}
	}
	return boolValue(false)
}

// bounds reads least and most; most -1 means no limit.
func (e *evaluation) bounds(a []*node) (least, most float64) {
	if least, most = e.number(a[0]), e.number(a[1]); most == -1 {
		most = math.Inf(1)
	}
	return least, most
}

func checklist(e *evaluation, a []*node, _ *node) value {
	least, most := e.bounds(a)
	count := 0.0
	for _, n := range a[2:] {
		for v := range e.eval(n).each {
			if v.bool() {
				count++
			}
		}
	}
	return boolValue(count >= least && count <= most)
}

func weightedChecklist(e *evaluation, a []*node, _ *node) value {
	least, most := e.bounds(a)
	sum := 0.0
	for i := 2; i+1 < len(a); i += 2 {
		if met, weight := e.bool(a[i]), e.number(a[i+1]); met {
			sum += weight
		}
	}
	return boolValue(sum >= least && sum <= most)
}

// prepareChoiceName turns the quoted reference or path into the name of the question.
func prepareChoiceName(n *node) *SyntaxError {
	arg := n.args[1]
	refuse := &SyntaxError{arg.pos, CodeArgument, "the second argument of jr:choice-name names a question in quotes", "write " + n.fn.usage}
	if arg.op != opText {
		return refuse
	}
	e, err := Parse(arg.name)
	if err != nil || e.root.op != opRef && e.root.op != opColumn {
		return refuse
	}
	n.args = []*node{n.args[0], {op: opText, name: e.root.name, pos: arg.pos, end: arg.end, depth: 1}}
	return nil
}
