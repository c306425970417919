package expr

import (
	"math"
	"strings"
)

// Hint is something that runs, but probably not as its author expects.
type Hint struct {
	Code     string // one of the Hint constants
	Message  string // English
	Remedy   string // what to write, in words; "" where Repaired says it or nothing general can
	Repaired string // the whole expression as it was probably meant; "" when no repair is certain
}

// The codes of Hint.
const (
	HintBareCondition = "bare_condition"  // ${x} alone within and, or, not, if: true even when blank
	HintBareReference = "bare_reference"  // the whole expression is ${x}: the same, if it is used as a condition
	HintConstant      = "constant"        // a part that is always true or always false
	HintQuoted        = "quoted_ref"      // '${x}' in quotes is a text, not a reference
	HintPath          = "path"            // ../x or /data/x where ${x} is meant
	HintRegex         = "unanchored"      // regex without ^ and $
	HintSum           = "sum_blank"       // sum(${x}) is blank as soon as one value is
	HintChained       = "chained"         // 1 < ${x} < 3
	HintOrder         = "ordered_text"    // < and > compare numbers and dates only
	HintSelectedMany  = "selected_spaces" // selected(${x}, 'a b') is never true
)

// Lint gives the hints that need no knowledge of the form, in the order in which they stand in the expression.
func (e *Expr) Lint() []Hint {
	l := &linter{source: e.source}
	if reparsed, err := Parse(e.source); err != nil || !equal(reparsed.root, e.root) {
		l.source = "" // a folded or decoded tree has no text that a repair could be made in
	}
	if e.root.op == opRef || e.root.op == opSelf {
		l.add(HintBareReference, e.root, unparse(e.root)+" alone is true even when it is blank", unparse(e.root)+" != ''")
	}
	l.visit(e.root)
	return l.hints
}

type linter struct {
	source string
	hints  []Hint
}

// add reports n, with the expression in which repair stands in its place ("" when there is none).
func (l *linter) add(code string, n *node, message, repair string) {
	h := Hint{Code: code, Message: message}
	if repair != "" && l.source != "" && n.end <= len(l.source) {
		h.Repaired = l.source[:n.pos] + repair + l.source[n.end:]
	}
	l.hints = append(l.hints, h)
}

// advise reports n where only words can say what to write.
func (l *linter) advise(code, message, remedy string) {
	l.hints = append(l.hints, Hint{Code: code, Message: message, Remedy: remedy})
}

func (l *linter) visit(n *node) {
	switch n.op {
	case opRef:
		l.path(n)
	case opText:
		l.quoted(n)
	case opBinary:
		l.binary(n)
	case opCall:
		l.call(n)
	default:
	}
	for i, a := range n.args {
		if n.op == opCall && i == 1 && (n.fn.name == "jr:choice-name" || n.fn.name == "regex") {
			continue
		}
		l.visit(a)
	}
}

func (l *linter) path(n *node) {
	if l.source != "" && n.end <= len(l.source) && !strings.HasPrefix(strings.TrimLeft(l.source[n.pos:n.end], "( "), "${") {
		l.add(HintPath, n, "the path "+l.source[n.pos:n.end]+" is read as ${"+n.name+"}", "${"+n.name+"}")
	}
}

func (l *linter) quoted(n *node) {
	if i := strings.Index(n.name, "${"); i >= 0 && strings.Contains(n.name[i:], "}") {
		repair := ""
		if t := strings.TrimSpace(n.name); strings.HasPrefix(t, "${") && strings.IndexByte(t, '}') == len(t)-1 {
			repair = t
		}
		l.add(HintQuoted, n, "in quotes, "+n.name+" is a text and not an answer", repair)
	}
}

func (l *linter) condition(n *node) {
	switch n.op {
	case opRef, opSelf:
		l.add(HintBareCondition, n, unparse(n)+" alone is true even when it is blank", unparse(n)+" != ''")
	case opText:
		l.advise(HintConstant, "the text "+quote(n.name)+" alone is the same for everybody", "compare it with something")
	default:
	}
}

func (l *linter) binary(n *node) {
	a, b := n.args[0], n.args[1]
	switch n.name {
	case "and", "or":
		l.condition(a)
		l.condition(b)
	case "<", "<=", ">", ">=":
		for _, side := range n.args {
			if side.op == opText && math.IsNaN(parseNumber(side.name, (&evaluation{scope: Empty}).calendar())) {
				l.advise(HintOrder, n.name+" compares numbers and dates only, and "+quote(side.name)+" is neither", "compare texts by = or !=")
			}
		}
		fallthrough
	case "=", "!=":
		if a.op == opBinary && binding[a.name] == binding[n.name] && n.pos == a.pos && !l.parenthesised(a) {
			l.advise(HintChained, "comparisons in a row compare yes or no with the last value", "join two comparisons by and")
		}
	}
}

func (l *linter) parenthesised(n *node) bool {
	return l.source != "" && n.end <= len(l.source) && strings.HasPrefix(l.source[n.pos:], "(") && strings.HasSuffix(l.source[:n.end], ")")
}

func (l *linter) call(n *node) {
	switch n.fn.name {
	case "not", "if":
		l.condition(n.args[0])
	case "selected":
		if code := n.args[1]; code.op == opText && len(fields(code.name)) > 1 {
			l.advise(HintSelectedMany, "selected looks for one code, and "+quote(code.name)+" holds several", "join one selected for each code by and, or by or")
		}
	case "sum":
		if x := n.args[0]; x.op == opRef {
			l.add(HintSum, x, "the sum is blank as soon as one "+unparse(x)+" is blank", unparse(x)+"[. != '']")
		}
	case "regex":
		if p := n.args[1]; p.op == opText && (!strings.HasPrefix(p.name, "^") || !strings.HasSuffix(p.name, "$")) {
			l.advise(HintRegex, "the pattern may match anywhere in the answer, while some apps ask it to match the whole", "write ^ before and $ behind the pattern")
		}
	}
}
