package export

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"opengate/survey"

	"github.com/xuri/excelize/v2"
)

// day is a date as YYYY-MM-DD; in a cell it becomes a real date.
type day string

// Every sheet begins alike: the survey's title, the banner of made-up data (blank otherwise), what the sheet
// shows, and a hidden row of codes that stay the same in every language.
const (
	rowTitle = iota + 1
	rowBanner
	rowAbout
	rowCodes
	rowHead // the first row of headings
)

// sheet writes one sheet, row by row and from the first column on.
type sheet struct {
	b     *book
	name  string
	key   string // of its title
	sw    *excelize.StreamWriter
	row   int // the row being filled, from 1
	cells []any
	used  int // the last column that holds anything

	widths []float64 // of the columns, in characters; endless where hidden, because nothing there needs height
	lines  int       // that the current row needs for its wrapped texts
}

// frame is how a sheet is laid out.
type frame struct {
	about     string   // what the sheet shows, one or two sentences
	codes     []string // the hidden row, one code per column
	widths    []float64
	hidden    []int // columns, from 1
	frozen    int   // columns kept in sight
	heads     int   // rows of headings beneath the hidden row, kept in sight and repeated in print
	landscape bool
	pages     int  // pages side by side in print, at least 1
	wrapAbout bool // for a long sentence above no table
}

// begin sets the sheet up and writes the rows that every sheet begins with.
func (s *sheet) begin(f frame) {
	if s.b.err != nil {
		return
	}
	s.used, s.widths = len(f.codes), slices.Clone(f.widths)
	for _, col := range f.hidden {
		s.widths[col-1] = math.Inf(1)
	}
	s.printSetUp(f)
	sw, err := s.b.file.NewStreamWriter(s.name)
	if err != nil {
		s.b.fail("%s: %w", s.name, err)
		return
	}
	s.sw = sw
	for i, width := range f.widths {
		s.b.check(s.name, sw.SetColWidth(i+1, i+1, width))
	}
	for _, col := range f.hidden {
		s.b.check(s.name, sw.SetColVisible(col, col, false))
	}
	rtl := s.b.rtl
	s.b.check(s.name, s.b.file.SetSheetView(s.name, -1, &excelize.ViewOptions{RightToLeft: &rtl, ShowGridLines: new(bool)}))
	if f.heads > 0 {
		corner, _ := excelize.CoordinatesToCellName(f.frozen+1, rowHead+f.heads)
		pane := "bottomLeft"
		if f.frozen > 0 {
			pane = "bottomRight"
		}
		s.b.check(s.name, sw.SetPanes(&excelize.Panes{Freeze: true, XSplit: f.frozen, YSplit: rowCodes + f.heads, TopLeftCell: corner, ActivePane: pane}))
	}
	s.row = rowTitle
	s.text(1, s.b.title, look{bold: true, size: 16, align: "start"})
	s.end(excelize.RowOpts{Height: 24})
	s.banner()
	s.put(1, f.about, look{colour: inkMuted, align: "start", reading: s.reading(), wrap: f.wrapAbout})
	s.end()
	for i, code := range f.codes {
		s.put(i+1, code, look{small: true, colour: inkMuted})
	}
	s.end(excelize.RowOpts{Hidden: true})
}

func (s *sheet) banner() {
	if s.b.madeUp {
		l := look{bold: true, colour: inkBanner, fill: fillBanner, align: "start", reading: s.reading()}
		s.put(1, s.b.say("banner.made_up"), l)
		for col := 2; col <= s.used; col++ {
			s.put(col, nil, l)
		}
	}
	s.end()
}

// printSetUp prepares A4 paper: as wide as the sheet, headings repeated, banner above and source beneath each page.
func (s *sheet) printSetUp(f frame) {
	yes, a4, pages, height, orientation := true, 9, max(1, f.pages), 0, "portrait"
	if f.landscape {
		orientation = "landscape"
	}
	b, margin, tall, edge := s.b, 0.5, 0.8, 0.35
	b.check(s.name, b.file.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &yes}))
	b.check(s.name, b.file.SetPageLayout(s.name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &orientation, FitToWidth: &pages, FitToHeight: &height}))
	b.check(s.name, b.file.SetPageMargins(s.name, &excelize.PageLayoutMarginsOptions{
		Left: &margin, Right: &margin, Top: &tall, Bottom: &tall, Header: &edge, Footer: &edge,
	}))
	header := ""
	if b.madeUp {
		banner := b.say("banner.made_up")
		if b.rtl {
			banner = rightToLeftMark + banner + rightToLeftMark
		}
		header = "&C" + headerText(banner)
	}
	footer := "&L" + headerText(b.source) + "&R&P / &N"
	if b.rtl {
		footer = "&L&P / &N&R" + headerText(b.source)
	}
	b.check(s.name, b.file.SetHeaderFooter(s.name, &excelize.HeaderFooterOptions{OddHeader: header, OddFooter: footer}))
	if f.heads > 0 {
		quoted := "'" + strings.ReplaceAll(s.name, "'", "''") + "'"
		titles := fmt.Sprintf("%s!$%d:$%d", quoted, rowHead, rowCodes+f.heads)
		if f.pages > 1 && f.frozen > 0 {
			last, _ := excelize.ColumnNumberToName(f.frozen)
			titles = fmt.Sprintf("%s!$A:$%s,%s", quoted, last, titles)
		}
		b.check(s.name, b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: titles, Scope: s.name}))
	}
}

// headerText keeps a text from being read as header codes, and under Excel's limit of 255 units for the whole.
func headerText(s string) string {
	return strings.ReplaceAll(cutUnits(s, 150), "&", "&&")
}

func (s *sheet) reading() uint64 { return reading(s.b.rtl) }

func reading(rtl bool) uint64 {
	if rtl {
		return 2
	}
	return 1
}

// text puts a survey's own wording: never altered, in italics when it is in another language than the reader's.
func (s *sheet) text(col int, t survey.Text, l look) {
	wording, foreign := s.b.text(t)
	s.put(col, wording, s.mark(foreign, l))
}

// put sets a cell of the current row. It takes string, int, float64, day, or nil for an empty cell that only has a
// look. A string is always a text, whatever it begins with. What Excel cannot hold as it is, is an error naming
// sheet and cell: texts over 32,767 UTF-16 units or with characters that XML forbids, numbers that are none, other types.
func (s *sheet) put(col int, v any, l look) {
	if s.b.err != nil {
		return
	}
	if col > excelize.MaxColumns {
		s.b.fail("%s: column %d, limit %d", s.name, col, excelize.MaxColumns)
		return
	}
	for len(s.cells) < col {
		s.cells = append(s.cells, nil)
	}
	switch v := v.(type) {
	case nil:
		s.cells[col-1] = excelize.Cell{StyleID: s.b.style(l), Value: nil}
	case string:
		if err := storable(v); err != nil {
			s.b.fail("%s!%s: %w", s.name, s.cell(col), err)
			return
		}
		if l.wrap && col <= len(s.widths) {
			s.lines = max(s.lines, linesOf(v, s.widths[col-1]))
		}
		l.quote = looksLikeFormula(v)
		s.cells[col-1] = excelize.Cell{StyleID: s.b.style(l), Value: v}
	case int:
		s.cells[col-1] = excelize.Cell{StyleID: s.b.style(l), Value: v}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			s.b.fail("%s!%s: %v is not a number that a cell can hold", s.name, s.cell(col), v)
			return
		}
		s.cells[col-1] = excelize.Cell{StyleID: s.b.style(l), Value: v}
	case day:
		t, err := time.Parse(time.DateOnly, string(v))
		if err != nil {
			s.b.fail("%s!%s: %q is not a day", s.name, s.cell(col), string(v))
			return
		}
		s.cells[col-1] = excelize.Cell{StyleID: s.b.style(l), Value: serial(t)}
	default:
		s.b.fail("%s!%s: unsupported %T", s.name, s.cell(col), v)
	}
}

// serial is Excel's number of a day.
func serial(t time.Time) int {
	return int(t.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}

func storable(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("text that is not UTF-8")
	}
	units := 0
	for i, r := range s {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return fmt.Errorf("character %U at byte %d cannot be stored in a workbook", r, i)
		}
		units += utf16.RuneLen(r)
	}
	if units > excelize.TotalCellChars {
		return fmt.Errorf("%d UTF-16 units, limit %d", units, excelize.TotalCellChars)
	}
	return nil
}

func (s *sheet) cell(col int) string { return address(col, s.row) }

func address(col, row int) string {
	name, _ := excelize.CoordinatesToCellName(col, row)
	return name
}

// linesOf guesses how many lines a text takes in a column of that width. It guesses high, because fonts differ
// and a line too many is better than half a sentence.
func linesOf(text string, width float64) int {
	lines := 0
	for line := range strings.Lines(text) {
		lines += max(1, int(math.Ceil(float64(utf8.RuneCountInString(line))*1.15/width)))
	}
	return max(1, lines)
}

const lineHeight = 15 // points

// end writes the current row and goes on to the next. Without opts the row is as high as its wrapped texts need:
// spreadsheet programs do not agree on who works that out.
func (s *sheet) end(opts ...excelize.RowOpts) {
	if s.b.err != nil {
		return
	}
	if s.row > s.b.maxRows {
		s.b.fail("%s: row %d, limit %d", s.name, s.row, s.b.maxRows)
		return
	}
	if len(opts) == 0 && s.lines > 1 {
		opts = []excelize.RowOpts{{Height: min(lineHeight*float64(s.lines), excelize.MaxRowHeight)}}
	}
	if len(s.cells) > 0 || len(opts) > 0 {
		s.b.check(s.name, s.sw.SetRow(address(1, s.row), s.cells, opts...))
	}
	s.used = max(s.used, len(s.cells))
	s.cells, s.lines = s.cells[:0], 0
	s.row++
}

// finish ends the sheet; nothing can be put on it afterwards.
func (s *sheet) finish() {
	if s.b.err == nil {
		s.b.check(s.name, s.sw.Flush())
	}
}

// merge joins cells of the current row.
func (s *sheet) merge(from, to int) error {
	return s.sw.MergeCell(address(from, s.row), address(to, s.row))
}

// skip leaves rows empty, for a chart that lies over them.
func (s *sheet) skip(rows int) { s.row += rows }
