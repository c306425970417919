package expr

import "math"

// maxPower is the largest exponent for which pow multiplies.
const maxPower = 1024

var numberFunctions = []*function{
	{name: "number", usage: "number(value)", max: 1, self: true, eval: toNumber},
	oneNumber("int", true, math.Trunc),
	oneNumber("floor", true, math.Floor),
	oneNumber("ceiling", true, math.Ceil),
	oneNumber("abs", true, math.Abs),
	oneNumber("sqrt", true, math.Sqrt),
	oneNumber("exp", false, math.Exp),
	oneNumber("exp10", false, func(x float64) float64 { return math.Pow(10, x) }),
	oneNumber("log", false, math.Log),
	oneNumber("log10", false, math.Log10),
	oneNumber("sin", false, math.Sin),
	oneNumber("cos", false, math.Cos),
	oneNumber("tan", false, math.Tan),
	oneNumber("asin", false, math.Asin),
	oneNumber("acos", false, math.Acos),
	oneNumber("atan", false, math.Atan),
	{name: "atan2", usage: "atan2(y, x)", min: 2, max: 2, server: true, eval: func(e *evaluation, a []*node, _ *node) value {
		y := e.number(a[0])
		return numberValue(math.Atan2(y, e.number(a[1])))
	}},
	{name: "pow", usage: "pow(base, exponent)", min: 2, max: 2, eval: func(e *evaluation, a []*node, _ *node) value {
		x := e.number(a[0])
		return numberValue(power(x, e.number(a[1])))
	}},
	{name: "pi", usage: "pi()", eval: func(*evaluation, []*node, *node) value { return numberValue(math.Pi) }},
	{name: "round", usage: "round(number, decimals)", min: 1, max: 2, eval: round},
	{name: "random", usage: "random()", server: true, volatile: true, eval: func(e *evaluation, _ []*node, _ *node) value {
		return numberValue(e.scope.Random())
	}},
	{name: "sum", usage: "sum(${question})", min: 1, max: 1, eval: sum},
	{name: "min", usage: "min(${question})", max: -1, eval: func(e *evaluation, a []*node, _ *node) value {
		return e.extreme(a, func(x, best float64) bool { return x < best })
	}},
	{name: "max", usage: "max(${question})", max: -1, eval: func(e *evaluation, a []*node, _ *node) value {
		return e.extreme(a, func(x, best float64) bool { return x > best })
	}},
}

func oneNumber(name string, alike bool, f func(float64) float64) *function {
	return &function{name: name, usage: name + "(number)", min: 1, max: 1, server: !alike, eval: func(e *evaluation, a []*node, _ *node) value {
		return numberValue(f(e.number(a[0])))
	}}
}

// toNumber gives whole days for days and moments.
func toNumber(e *evaluation, a []*node, _ *node) value {
	var v value
	if len(a) == 0 {
		v = textValue(e.self())
	} else {
		v = e.eval(a[0])
	}
	if s := v.string(); v.kind == isText || v.kind == isSet {
		if days, ok := e.calendar().days(s); ok {
			return numberValue(math.Floor(days))
		}
	}
	return numberValue(v.number(e.calendar()))
}

// round rounds halves away from zero, to decimals when given; negative decimals round to tens and hundreds.
func round(e *evaluation, a []*node, _ *node) value {
	x, scale := e.number(a[0]), 1.0
	if len(a) == 2 {
		decimals, ok := whole(e.number(a[1]))
		if !ok {
			return numberValue(math.NaN())
		}
		scale = powerOfTen(min(max(decimals, -300), 300))
	}
	shifted := math.Abs(x) * scale
	if math.IsInf(shifted, 0) || math.IsNaN(shifted) {
		return numberValue(x)
	}
	return numberValue(math.Copysign(math.Round(shifted)/scale, x))
}

// power multiplies for small whole exponents, which every machine does alike.
func power(x, y float64) float64 {
	if math.IsNaN(x) {
		return x // pow('x', 0) is no number here
	}
	if y != math.Trunc(y) || math.Abs(y) > maxPower {
		return math.Pow(x, y)
	}
	p := 1.0
	for n := int(math.Abs(y)); n > 0; n >>= 1 {
		if n&1 == 1 {
			p = float64(p * x)
		}
		x = float64(x * x)
	}
	if y < 0 {
		return 1 / p
	}
	return p
}

// sum adds up; one value that is no number, such as a blank, makes it none. Nothing to add is 0, as in XPath.
func sum(e *evaluation, a []*node, _ *node) value {
	total := 0.0
	for v := range e.eval(a[0]).each {
		total += v.number(e.calendar())
	}
	return numberValue(total)
}

// extreme gives the value that is better than all others; NaN when there is none or one is no number.
func (e *evaluation) extreme(args []*node, better func(x, best float64) bool) value {
	best, found, bad := 0.0, false, false
	for _, n := range args {
		for v := range e.eval(n).each {
			x := v.number(e.calendar())
			bad = bad || math.IsNaN(x)
			if !found || better(x, best) {
				best, found = x, true
			}
		}
	}
	if !found || bad {
		best = math.NaN()
	}
	return numberValue(best)
}
