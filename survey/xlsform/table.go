package xlsform

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"opengate/survey"
	"opengate/survey/xlsform/workbook"
)

const (
	maxBlankHeaders = 20
	maxBlankRows    = 60
	maxColumns      = 2000
	maxQuestions    = 10_000
	maxChoices      = 100_000
	maxPlanRows     = 5_000
	maxCellBytes    = 100_000
)

// table is one sheet, read and cleaned.
type table struct {
	sheet   string
	columns []column
	rows    []*row
	plain   map[string]int   // base → column without a language
	texts   map[string][]int // base → columns with a language, in sheet order
}

// row is one filled row; values stand parallel to the table's columns.
type row struct {
	*table
	number int
	values []string
}

// cleaning says how the texts of a sheet are tidied.
type cleaning struct{ collapse bool }

// read loads a sheet of the workbook; nil when it has none of that name.
func (im *importer) read(name string, s schema, clean cleaning) *table {
	i := im.sheetNamed(name)
	if i < 0 {
		return nil
	}
	t := &table{sheet: im.book.Sheets[i]}
	rd := &reading{importer: im, table: t, schema: s, clean: clean, faults: map[string][]string{}}
	if err := im.book.Rows(i, maxBlankRows, rd.row); err != nil {
		im.file(err)
	}
	rd.reportFaults()
	return t
}

// sheetNamed finds a sheet by name, whatever its case; -1 when there is none.
func (im *importer) sheetNamed(name string) int {
	for i, s := range im.book.Sheets {
		if strings.EqualFold(strings.TrimSpace(s), name) {
			return i
		}
	}
	return -1
}

// reading is a sheet on its way into a table.
type reading struct {
	*importer
	*table
	schema  schema
	clean   cleaning
	headers bool
	byIndex map[int]int // spreadsheet column → place in columns
	last    int         // last filled row
	faults  map[string][]string
	order   []string // columns with faults, as met
}

// row takes one row of the workbook; false ends the sheet.
func (rd *reading) row(number int, cells []workbook.Cell) bool {
	if !rd.headers {
		rd.headers = true
		rd.last = 1
		if number > 1 {
			rd.fail(place{sheet: rd.sheet, row: 1}, "no_header", "the first row is empty", "put the column names into row 1")
			return false
		}
		rd.readHeaderRow(cells)
		return true
	}
	if number-rd.last > maxBlankRows+1 {
		return false
	}
	values, filled := rd.values(number, cells)
	if !filled {
		return true
	}
	rd.last = number
	if limit := rd.schema.limit(); len(rd.rows) == limit {
		rd.fail(place{sheet: rd.sheet, row: number}, "too_many_rows", fmt.Sprintf("more than %d rows", limit), "split the questionnaire")
		return false
	}
	rd.rows = append(rd.rows, &row{rd.table, number, values})
	return true
}

func (rd *reading) readHeaderRow(cells []workbook.Cell) {
	var headers []headerCell
	last := 0
	for _, c := range cells {
		text := strings.Join(strings.Fields(tidy(c.Text, true)), " ")
		if text == "" {
			continue
		}
		if c.Column-last > maxBlankHeaders+1 {
			break
		}
		last = c.Column
		headers = append(headers, headerCell{c.Column, text})
	}
	if len(headers) > maxColumns {
		rd.fail(place{sheet: rd.sheet, row: 1}, "too_many_columns", fmt.Sprintf("%d columns, more than %d", len(headers), maxColumns), "remove the columns that are not needed")
		headers = nil
	}
	rd.keep(rd.readHeaders(rd.sheet, headers, rd.schema))
}

// keep takes the columns that mean something, so that others cost nothing.
func (rd *reading) keep(columns []column) {
	rd.byIndex = map[int]int{}
	rd.plain, rd.texts = map[string]int{}, map[string][]int{}
	for _, c := range columns {
		if !c.known && !rd.schema.extras && !strings.HasPrefix(c.base, "og_") {
			continue
		}
		i := len(rd.columns)
		rd.byIndex[c.index] = i
		rd.columns = append(rd.columns, c)
		if c.lang != "" {
			rd.texts[c.base] = append(rd.texts[c.base], i)
		} else if _, taken := rd.plain[c.base]; !taken {
			rd.plain[c.base] = i
		}
	}
}

// values cleans the cells of a row that stand under a header.
func (rd *reading) values(number int, cells []workbook.Cell) (values []string, filled bool) {
	values = make([]string, len(rd.columns))
	for _, c := range cells {
		i, ok := rd.byIndex[c.Column]
		if !ok {
			continue
		}
		col := rd.columns[i]
		if c.Fault != "" && (col.known || rd.schema.extras) {
			rd.fault(col.header, string(c.Fault), workbook.Address(c.Column, number))
			filled = true
			continue
		}
		// Typographic quotes are repaired where they break an expression or a code. In texts they are right:
		// Ukrainian and French need ’, and “ would leave Polish „…” half open.
		quotes := !has(rd.schema.texts, col.base)
		text := tidy(c.Text, quotes)
		if rd.clean.collapse {
			text = collapseSpaces(text)
		}
		if len(text) > maxCellBytes {
			rd.fail(place{rd.sheet, number, col.header}, "too_long", fmt.Sprintf("the cell holds more than %d bytes", maxCellBytes), "shorten it")
			text = ""
		}
		values[i] = text
		filled = filled || text != ""
	}
	return values, filled
}

func (rd *reading) fault(header, fault, address string) {
	key := header + "\x00" + fault
	if rd.faults[key] == nil {
		rd.order = append(rd.order, key)
	}
	rd.faults[key] = append(rd.faults[key], address)
}

// reportFaults makes one problem per column, naming the first cells.
func (rd *reading) reportFaults() {
	for _, key := range rd.order {
		header, fault, _ := strings.Cut(key, "\x00")
		cells := rd.faults[key]
		number, err := strconv.Atoi(strings.TrimLeft(cells[0], "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		if err != nil {
			number = 0 // the whole sheet
		}
		at := place{rd.sheet, number, header}
		if fault == string(workbook.ErrorValue) {
			rd.fail(at, "error_value", "a formula failed in "+someOf(cells), "repair the formula, or replace it by its value")
			continue
		}
		rd.fail(at, "uncached_formula", "no value is stored for the formula in "+someOf(cells),
			"open the workbook in a spreadsheet program and save it, or paste the values")
	}
}

// someOf lists the first three and how many more there are.
func someOf(all []string) string {
	if len(all) <= 3 {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:3], ", "), len(all)-3)
}

var quoteRepair = strings.NewReplacer("‘", "'", "’", "'", "“", `"`, "”", `"`)

// lineRepair makes one line end of all, the vertical tab and the form feed of word processors included.
var lineRepair = strings.NewReplacer("\u00a0", " ", "\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// tidy turns no-break spaces into spaces and line ends into \n, takes out control characters, which a workbook or
// page made from the text could not hold, and trims.
func tidy(s string, quotes bool) string {
	s = lineRepair.Replace(s)
	if quotes {
		s = quoteRepair.Replace(s)
	}
	return strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(s, "")))
}

func printable(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\uFFFE' || r == '\uFFFF' {
		return -1
	}
	return r
}

// collapseSpaces makes one space of several; line breaks stay.
func collapseSpaces(s string) string {
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return s
}

// get gives the cell under a column without a language, "" when blank or absent.
func (r *row) get(base string) string {
	if i, ok := r.plain[base]; ok {
		return r.values[i]
	}
	return ""
}

// at names a cell of the row: the first filled one where a column is written in several languages.
func (r *row) at(base string) place {
	if i, ok := r.plain[base]; ok && (r.values[i] != "" || len(r.texts[base]) == 0) {
		return place{r.sheet, r.number, r.columns[i].header}
	}
	for _, i := range r.texts[base] {
		if r.values[i] != "" {
			return place{r.sheet, r.number, r.columns[i].header}
		}
	}
	return place{r.sheet, r.number, base}
}

// text gathers a text in all languages. Columns without a language belong to the default language; where that has a
// column of its own, its filled cells win.
func (r *row) text(base string, def survey.Lang) survey.Text {
	var t survey.Text
	add := func(lang survey.Lang, s string) {
		if s == "" || t[lang] != "" {
			return
		}
		if t == nil {
			t = survey.Text{}
		}
		t[lang] = s
	}
	for _, i := range r.texts[base] {
		add(r.columns[i].lang, r.values[i])
	}
	add(def, r.get(base))
	return t
}

// has says whether the table has the column, in whatever language.
func (t *table) has(base string) bool {
	if t == nil {
		return false
	}
	_, plain := t.plain[base]
	return plain || len(t.texts[base]) > 0
}
