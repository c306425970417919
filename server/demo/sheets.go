package demo

import (
	"slices"
	"strconv"
)

// sheet says how a text table becomes a sheet: which wordings are put in after which column, and how rows are named.
type sheet struct {
	name string
	put  []insertion
	keys func(t table, row int, column string) []string // wording keys of a row, most particular first
}

// insertion is a column per language.
type insertion struct {
	after  string // header of the table; "" puts it first
	column string // header before "::"
	field  string // of the wording
}

var sheets = []sheet{
	{
		"survey",
		[]insertion{{"name", "label", "label"}, {"name", "hint", "hint"}, {"constraint", "constraint_message", "message"}},
		func(t table, row int, _ string) []string { return []string{"survey/" + t.cell(row, "name")} },
	},
	{
		"choices",
		[]insertion{{"name", "label", "label"}},
		func(t table, row int, _ string) []string {
			return []string{"choices/" + t.cell(row, "list_name") + "/" + t.cell(row, "name"), "choices/*/" + t.cell(row, "name")}
		},
	},
	{"settings", []insertion{{"", "form_title", "label"}}, func(table, int, string) []string { return []string{"settings/title"} }},
	{
		"og_settings",
		[]insertion{{"value", "value", "label"}},
		func(t table, row int, _ string) []string { return []string{"og_settings/" + t.cell(row, "key")} },
	},
	{
		"og_areas",
		[]insertion{{"order", "label", "label"}},
		func(t table, row int, _ string) []string { return []string{"og_areas/" + t.cell(row, "code")} },
	},
	{
		"og_dimensions",
		[]insertion{{"kind", "label", "label"}, {"category", "category_label", "label"}},
		func(t table, row int, column string) []string {
			key := "og_dimensions/" + t.cell(row, "code")
			if column == "category_label" {
				key += "/" + t.cell(row, "category")
			}
			return []string{key}
		},
	},
	{"og_margins", nil, nil},
	{
		"og_evidence",
		[]insertion{{"kind", "statement", "label"}},
		func(_ table, row int, _ string) []string { return []string{"og_evidence/" + strconv.Itoa(row)} },
	},
}

// column is one column of the finished sheet; cells[0] is its header.
type column struct {
	cells []string
	lang  string // "" for what is the same in every language
}

// build merges a table with the wordings, column by column. Wording columns in which nothing is said are left out.
func (s sheet) build(t table, all map[string]*wordings) []column {
	var out []column
	insert := func(after string) {
		for _, in := range s.put {
			if in.after == after {
				out = append(out, s.wordingColumns(t, in, all)...)
			}
		}
	}
	insert("")
	for _, header := range t[0] {
		c := column{cells: make([]string, len(t))}
		for i := range t {
			c.cells[i] = t.cell(i, header)
		}
		c.cells[0] = header
		out = append(out, c)
		insert(header)
	}
	return out
}

func (s sheet) wordingColumns(t table, in insertion, all map[string]*wordings) []column {
	var out []column
	for _, lang := range languages {
		w := all[lang]
		c := column{cells: make([]string, len(t)), lang: lang}
		c.cells[0] = in.column + "::" + w.name
		for i := 1; i < len(t); i++ {
			c.cells[i] = w.say(in.field, s.keys(t, i, in.column)...)
		}
		if slices.ContainsFunc(c.cells[1:], func(text string) bool { return text != "" }) {
			out = append(out, c)
		}
	}
	return out
}
