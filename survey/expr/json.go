package expr

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// The JSON form of the tree, which the browser's twin (server/web/static/expr.js) evaluates:
//
//	"text"                             a text
//	12.5                               a number
//	["$","name"]                       ${name}
//	["."]                              the question itself, or the item that a predicate looks at
//	["current"]                        inside a predicate, the question itself
//	["@","name"]                       a choice column
//	["{}","v1","v2",…]                 a reference that was folded to its values
//	["rows","list","column",p,…]       instance('list')/root/item[p]…/column; column "" for the items
//	["[]","name","column",p,…]         ${name}[p]…/column; column "" for the values of name themselves
//	["position(..)"]                   the number of the repeat instance
//	["-",a]                            minus
//	["+",a,b]                          an operator: or and = != < <= > >= + - * div mod |
//	["selected",a,b]                   a call, by the function's name
//
// The pattern of regex is written in the dialect that RE2 and browsers (flag u) share; the second argument of
// jr:choice-name is the bare name of the question. Form and names are lasting: stored pages rely on them.

// MarshalJSON gives the syntax tree; the source text is not part of it.
func (e *Expr) MarshalJSON() ([]byte, error) {
	if e == nil || e.root == nil {
		return []byte("null"), nil
	}
	var b bytes.Buffer
	if err := encode(&b, e.root); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func encode(b *bytes.Buffer, n *node) error {
	head := []string{}
	switch n.op {
	case opText:
		return encodeText(b, n.name)
	case opNumber:
		s, err := json.Marshal(n.num)
		b.Write(s)
		return err
	case opSet:
		head = append([]string{"{}"}, n.values...)
	case opRef:
		head = []string{"$", n.name}
	case opSelf:
		head = []string{"."}
	case opCurrent:
		head = []string{"current"}
	case opColumn:
		head = []string{"@", n.name}
	case opRows:
		head = []string{"rows", n.name, n.col}
	case opRepeat:
		head = []string{"[]", n.name, n.col}
	case opPosition:
		head = []string{"position(..)"}
	case opNegate:
		head = []string{"-"}
	case opBinary:
		head = []string{n.name}
	case opCall:
		head = []string{n.fn.name}
	}
	b.WriteByte('[')
	for i, s := range head {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := encodeText(b, s); err != nil {
			return err
		}
	}
	for _, a := range n.args {
		b.WriteByte(',')
		if err := encode(b, a); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func encodeText(b *bytes.Buffer, s string) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false) // json.Marshal of what holds it escapes again where that is asked for
	if err := enc.Encode(s); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder's newline
	return nil
}

// UnmarshalJSON reads what MarshalJSON wrote and refuses everything that Parse would not have made.
func (e *Expr) UnmarshalJSON(data []byte) error {
	if string(bytes.TrimSpace(data)) == "null" {
		*e = Expr{}
		return nil
	}
	root, err := decode(data, 0)
	if err != nil {
		return fmt.Errorf("expr: %w", err)
	}
	e.root, e.source = root, unparse(root)
	return nil
}

func decode(data json.RawMessage, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errors.New("tree too deep")
	}
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return nil, errors.New("empty tree")
	}
	n := &node{}
	switch data[0] {
	case '"':
		n.op = opText
		return n.measure(), json.Unmarshal(data, &n.name)
	case '[':
		return decodeList(data, depth)
	}
	n.op = opNumber
	if err := json.Unmarshal(data, &n.num); err != nil || n.num < 0 {
		return nil, fmt.Errorf("%.20q is no tree", data)
	}
	return n.measure(), nil
}

func decodeList(data json.RawMessage, depth int) (*node, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, errors.New("a list without a head")
	}
	var head string
	if err := json.Unmarshal(parts[0], &head); err != nil {
		return nil, err
	}
	n, texts, err := header(head, len(parts)-1)
	if err != nil {
		return nil, err
	}
	rest := parts[1:]
	for i := range texts {
		var s string
		if err := json.Unmarshal(rest[i], &s); err != nil {
			return nil, err
		}
		switch {
		case n.op == opSet:
			n.values = append(n.values, s)
		case i == 0:
			n.name = s
		default:
			n.col = s
		}
	}
	for _, part := range rest[texts:] {
		a, err := decode(part, depth+1)
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, a)
	}
	return n.measure(), finish(n)
}

// header makes the node of a head and says how many of its parts are plain texts.
func header(head string, parts int) (n *node, texts int, err error) {
	plain := map[string]struct {
		op    op
		texts int
		more  bool // further parts are trees
	}{
		"$": {opRef, 1, false}, ".": {opSelf, 0, false}, "current": {opCurrent, 0, false}, "@": {opColumn, 1, false},
		"rows": {opRows, 2, true}, "[]": {opRepeat, 2, true}, "position(..)": {opPosition, 0, false},
	}
	if head == "{}" {
		return &node{op: opSet}, parts, nil
	}
	if p, ok := plain[head]; ok {
		if parts < p.texts || !p.more && parts != p.texts {
			return nil, 0, fmt.Errorf("%q with %d parts", head, parts)
		}
		return &node{op: p.op}, p.texts, nil
	}
	if head == "-" && parts == 1 {
		return &node{op: opNegate}, 0, nil
	}
	if _, ok := binding[head]; ok {
		if parts != 2 {
			return nil, 0, fmt.Errorf("%q with %d parts", head, parts)
		}
		return &node{op: opBinary, name: head}, 0, nil
	}
	if fn := functions[head]; fn != nil {
		return &node{op: opCall, fn: fn}, 0, nil
	}
	return nil, 0, fmt.Errorf("unknown head %.40q", head)
}

// finish checks a decoded node as the parser would have.
func finish(n *node) error {
	switch {
	case n.op == opBinary && n.name == "|" && (!n.args[0].isSet() || !n.args[1].isSet()):
		return errors.New("| of something that is no reference")
	case n.op == opCall && n.fn.name == "jr:choice-name":
		if len(n.args) != 2 || n.args[1].op != opText || nameLength(n.args[1].name) != len(n.args[1].name) {
			return errors.New("jr:choice-name without the name of a question")
		}
		return nil
	case n.op == opCall && n.fn.name == "indexed-repeat":
		for i, a := range n.args { // a folded call keeps no references, so it is never written as one
			if (i == 0 || i%2 == 1) && a.op != opRef {
				return errors.New("indexed-repeat of something that is no reference")
			}
		}
	}
	if n.op == opCall {
		if err := n.check(); err != nil {
			return err
		}
	}
	return nil
}
