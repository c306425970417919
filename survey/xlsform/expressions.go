package xlsform

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"opengate/survey"
	"opengate/survey/expr"
)

// slot is one expression column: where its result goes, and what leaving it out costs.
type slot struct {
	column string
	to     func(*survey.Question) **expr.Expr
	vital  bool // without it the question means something else, so it goes with it
}

var slots = []slot{
	{"relevant", func(q *survey.Question) **expr.Expr { return &q.Relevant }, true},
	{"calculation", func(q *survey.Question) **expr.Expr { return &q.Calculation }, true},
	{"choice_filter", func(q *survey.Question) **expr.Expr { return &q.Filter }, true},
	{"required", func(q *survey.Question) **expr.Expr { return &q.Required }, false},
	{"constraint", func(q *survey.Question) **expr.Expr { return &q.Constraint }, false},
	{"read_only", func(q *survey.Question) **expr.Expr { return &q.ReadOnly }, false},
	{"default", func(q *survey.Question) **expr.Expr { return &q.Initial }, false},
}

// readExpressions parses every expression and resolves its references. Names must be unique in the form where they
// are referred to.
func (im *importer) readExpressions() {
	columns := im.filterColumns()
	for _, d := range im.drafts {
		if d.relevant != "" {
			d.Relevant = im.parse(d, slots[0], d.relevant)
			continue
		}
		if d.covert {
			continue
		}
		for _, s := range slots {
			if d.out {
				break
			}
			if src := im.source(d, s.column); src != "" {
				*s.to(d.Question) = im.parse(d, s, src)
			}
		}
		im.checkFilter(d, columns)
		im.checkTexts(d)
	}
	im.checkChoiceTexts()
}

// source gives the expression of a cell in the expression language: the spellings of yes become true(), no becomes
// nothing. A static default is stored as it is.
func (im *importer) source(d *draft, column string) string {
	cell := d.row.get(column)
	if cell == "" {
		return ""
	}
	switch column {
	case "default":
		if !isDynamic(cell, d.Kind) {
			d.Default = cell
			return ""
		}
	case "required", "read_only":
		if no(cell) {
			return ""
		}
		if yes(cell) {
			return "true()"
		}
	case "relevant", "constraint", "calculation":
		switch strings.ToLower(cell) {
		case "yes", "true", "true()":
			return "true()"
		case "no", "false", "false()":
			return "false()"
		}
	}
	return cell
}

var (
	callOrRef = regexp.MustCompile(`\$\{|[A-Za-z][\w:.-]*\(`)
	operator  = regexp.MustCompile(`\s(\*|\+|-|mod|div|\|)\s`)
)

// isDynamic says whether a default is computed. In dates a "-" is no minus.
func isDynamic(cell string, kind survey.Kind) bool {
	if callOrRef.MatchString(cell) {
		return true
	}
	switch kind {
	case survey.KindDate, survey.KindTime, survey.KindDateTime, survey.KindText, survey.KindHidden, survey.KindNote:
		return false // "north - south" is a text
	default:
	}
	return operator.MatchString(cell)
}

// parse reads one expression and checks its references; nil when it cannot be used.
func (im *importer) parse(d *draft, s slot, src string) *expr.Expr {
	at := d.row.at(s.column)
	e, err := expr.Parse(src)
	if err != nil {
		im.refuse(d, s, at, err)
		return nil
	}
	if !im.checkRefs(at, e.Refs()) {
		return nil
	}
	if file := im.unknownInstance(src); file != "" {
		im.refuse(d, s, at, &expr.SyntaxError{
			Code: expr.CodeUnsupported, Message: "it reads the attached file " + file + ", which is not supported yet",
			Remedy: "put the table on the choices sheet and read it by instance('list')",
		})
		return nil
	}
	return e
}

var instanceCall = regexp.MustCompile(`(?:pulldata|instance)\s*\(\s*['"]([^'"]*)['"]`)

// unknownInstance names the first table that an expression reads and that is no choice list.
func (im *importer) unknownInstance(src string) string {
	for _, m := range instanceCall.FindAllStringSubmatch(src, -1) {
		if im.out.Lists[m[1]] == nil && !im.lacks(m[1]) {
			return m[1]
		}
	}
	return ""
}

// refuse reports an expression that cannot be read. What is correct XLSForm but not supported yet may be left out.
func (im *importer) refuse(d *draft, s slot, at place, err error) {
	var syntax *expr.SyntaxError
	if !errors.As(err, &syntax) {
		im.fail(at, "bad_expression", err.Error(), "")
		return
	}
	message := locate(syntax, d.row.get(s.column))
	if !unsupportedCode(syntax.Code) {
		im.fail(at, syntax.Code, message, syntax.Remedy)
		return
	}
	if im.unsupported(at, syntax.Code, im.costs(d, s, message), syntax.Remedy) && s.vital {
		d.out = true
	}
}

// failSyntax reports an expression of the plan that cannot be read.
func (im *importer) failSyntax(r *row, column string, err error) {
	var syntax *expr.SyntaxError
	if !errors.As(err, &syntax) {
		im.fail(r.at(column), "bad_expression", err.Error(), "")
		return
	}
	im.fail(r.at(column), syntax.Code, locate(syntax, r.get(column)), syntax.Remedy)
}

// locate says where in the cell the mistake is.
func locate(e *expr.SyntaxError, cell string) string {
	if e.Pos == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s (at character %d)", e.Message, runesBefore(cell, e.Pos)+1)
}

// costs says what leaving an expression out does to the question; nothing is said when the form is refused anyway.
func (im *importer) costs(d *draft, s slot, message string) string {
	switch {
	case !im.lenient:
		return message
	case s.vital:
		return message + "; the question " + d.Name + " is left out"
	}
	return message + "; the question " + d.Name + " is asked without its " + s.column
}

// unsupportedCode says whether the expression language reports a missing feature, not a mistake.
func unsupportedCode(code string) bool {
	switch code {
	case expr.CodeUnsupported, expr.CodePath, expr.CodeLastSaved, expr.CodeRegex:
		return true
	}
	return false
}

func runesBefore(s string, pos int) int { return len([]rune(s[:min(pos, len(s))])) }

// checkRefs says whether every name is one question of the form.
func (im *importer) checkRefs(at place, names []string) bool {
	ok := true
	for _, name := range names {
		switch found := im.byName[name]; {
		case len(found) == 0:
			im.fail(at, "unknown_reference", "${"+name+"} names no question", im.didYouMean(name, im.names()))
			ok = false
		case len(found) > 1:
			im.fail(at, "ambiguous_reference", fmt.Sprintf("${%s} could be row %d or row %d", name, found[0].Row, found[1].Row), "give each question its own name")
			ok = false
		}
	}
	return ok
}

// names are those of all questions, sorted.
func (im *importer) names() []string {
	if len(im.nameList) != len(im.byName) {
		im.nameList = sortedKeys(im.byName)
	}
	return im.nameList
}

// checkFilter makes sure that a choice filter reads columns that exist, and only stands where there are choices.
func (im *importer) checkFilter(d *draft, known map[string]bool) {
	if d.Filter == nil {
		return
	}
	at := d.row.at("choice_filter")
	if !d.Selects() {
		im.warn(at, "filter_without_choices", "only questions with choices can have a choice_filter; it is ignored", "")
		d.Filter = nil
		return
	}
	if im.lacks(d.List) {
		return
	}
	for _, name := range d.Filter.Columns() {
		if known[name] {
			continue
		}
		remedy := "write '" + name + "' in quotes if it is a text, or add the column"
		if guess := im.didYouMean(name, sortedKeys(known)); guess != "" {
			remedy = guess + " if it is a text, write '" + name + "' in quotes"
		}
		im.fail(at, "unknown_filter_column", "the choices sheet has no column "+name, remedy)
	}
}

var reference = regexp.MustCompile(`\$\{([^{}]*)\}?`)

// checkTexts resolves the references inside labels, hints and messages.
func (im *importer) checkTexts(d *draft) {
	if d.out {
		return
	}
	for _, t := range texts(d.Question) {
		im.checkText(d.row.at(t.column), *t.text)
	}
}

type textSlot struct {
	column string
	text   *survey.Text
}

func texts(q *survey.Question) []textSlot {
	return []textSlot{
		{"label", &q.Label},
		{"hint", &q.Hint},
		{"guidance_hint", &q.Guidance},
		{"required_message", &q.RequiredMessage},
		{"constraint_message", &q.ConstraintMessage},
	}
}

func (im *importer) checkText(at place, t survey.Text) {
	for _, name := range textRefs(t) {
		if !strings.HasSuffix(name, "}") {
			im.fail(at, "malformed_reference", "a ${ is never closed by }", "write ${question}")
			continue
		}
		im.checkRefs(at, []string{strings.TrimSuffix(name, "}")})
	}
}

// textRefs are the names between ${ and }, with the closing brace where there is one, sorted and unique.
func textRefs(t survey.Text) []string {
	var names []string
	for _, s := range t { // sorted below
		for _, m := range reference.FindAllStringSubmatch(s, -1) {
			name := strings.TrimSpace(m[1])
			if strings.HasSuffix(m[0], "}") {
				name += "}"
			}
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (im *importer) checkChoiceTexts() {
	for _, name := range sortedKeys(im.out.Lists) {
		for _, c := range im.out.Lists[name].Choices {
			if r := im.listRows[c]; r != nil && !c.Label.Empty() {
				im.checkText(r.at("label"), c.Label)
			}
		}
	}
}
