package expr

import "maps"

// function is one entry of the table: the parser checks min, max, sets and prepare, so eval may rely on them.
type function struct {
	name     string
	usage    string // as an author writes it
	min, max int    // number of arguments; max -1 for any
	sets     []int  // arguments that must be references
	self     bool   // without argument it looks at "."
	server   bool   // cannot run alike in a browser
	volatile bool   // gives another value each time, so it is never folded
	prepare  func(n *node) *SyntaxError
	eval     func(e *evaluation, args []*node, n *node) value
}

// functions is the whole language. It is filled at start because calls refer back to it.
var functions map[string]*function

func init() {
	functions = map[string]*function{}
	for _, group := range [][]*function{logicFunctions, textFunctions, numberFunctions, dateFunctions, setFunctions} {
		for _, f := range group {
			functions[f.name] = f
		}
	}
}

// refusal says why another tool's function is refused.
type refusal struct{ dialect, remedy string }

func (r refusal) message(name string) string {
	if r.dialect == "" {
		return name + " is not supported"
	}
	return name + " belongs to " + r.dialect + ", not to XLSForm"
}

const (
	cht         = "the Community Health Toolkit"
	survey123   = "Survey123"
	xpath2      = "XPath 2"
	spreadsheet = "spreadsheets"
)

// unsupported are functions that authors meet elsewhere.
var unsupported = merge(
	of("", "leave it out, because nothing is calculated from positions on a map", "area", "distance", "geofence", "intersects", "enclosed-area"),
	of(cht, "leave it out or calculate it with XLSForm functions", "add-date", "z-score", "parse-timestamp-to-date", "to-bikram-sambat", "date-iso-to-bikram-sambat"),
	of(cht, "write int((today() - ${date}) div 30.44)", "difference-in-months"),
	of(survey123, "leave it out", "version", "property"),
	of(xpath2, "write translate(text, 'ABC…', 'abc…')", "lower-case", "upper-case"),
	of(xpath2, "write regex(text, pattern)", "matches"),
	of(xpath2, "write translate(…) or calculate it before", "replace", "tokenize"),
	of(xpath2, "write coalesce, count or a comparison", "exists", "empty", "distinct-values", "index-of", "avg"),
	of(spreadsheet, "write if(condition, then, else)", "iif", "ifs", "switch"),
	of(spreadsheet, "write string-length(text)", "len"),
	of(spreadsheet, "write substr(text, start, end)", "left", "right", "mid"),
	of(spreadsheet, "write ${x} = ''", "isblank", "is-blank"),
	of(spreadsheet, "write a and b, or a or b, without parentheses as a call", "and", "or"),
	of(spreadsheet, "write sum(${x}) div count(${x})", "average", "mean"),
	of(spreadsheet, "write format-date(date, '%Y')", "year"),
	of(spreadsheet, "write format-date(date, '%n')", "month"),
	of(spreadsheet, "write format-date(date, '%e')", "day"),
	of(spreadsheet, "write concat(a, b)", "concatenate"),
	of("XForms with namespaces", "write ${name}", "local-name", "namespace-uri", "name", "id", "lang"),
)

func of(dialect, remedy string, names ...string) map[string]refusal {
	m := map[string]refusal{}
	for _, n := range names {
		m[n] = refusal{dialect, remedy}
	}
	return m
}

func merge(tables ...map[string]refusal) map[string]refusal {
	all := map[string]refusal{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}
