package demo

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// numeric columns hold numbers, so that a spreadsheet sorts them as such; everything else is text, codes included.
var numeric = []string{"og_score", "og_need_at", "og_severe_at", "order", "share"}

// Workbook builds the demonstration XLSForm: equal tables give an equal file, byte by byte.
func Workbook() ([]byte, error) {
	all := map[string]*wordings{}
	for _, lang := range languages {
		w, err := readWordings(lang)
		if err != nil {
			return nil, err
		}
		all[lang] = w
	}
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // nothing was written to a disk
	b := &builder{file: f}
	for i, s := range sheets {
		t, err := readTable("sheets/" + s.name + ".tsv")
		if err != nil {
			return nil, err
		}
		if i == 0 {
			b.do(f.SetSheetName("Sheet1", s.name))
		} else {
			_, err := f.NewSheet(s.name)
			b.do(err)
		}
		b.sheet(s.name, s.build(t, all))
	}
	b.do(f.SetDocProps(&excelize.DocProperties{
		Title: "Life in our city: what we need", Creator: "OpenGate", LastModifiedBy: "OpenGate",
		Created: "2026-01-01T00:00:00Z", Modified: "2026-01-01T00:00:00Z", Language: "pl",
	}))
	var out bytes.Buffer
	if b.err == nil {
		b.do(f.Write(&out))
	}
	if b.err != nil {
		return nil, fmt.Errorf("demo: workbook: %w", b.err)
	}
	return out.Bytes(), nil
}

// builder writes sheets and keeps the first error.
type builder struct {
	file                     *excelize.File
	err                      error
	plain, rtl, head, divide int // styles, 0 until made
}

func (b *builder) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *builder) style(id *int, s excelize.Style) int {
	if *id == 0 {
		made, err := b.file.NewStyle(&s)
		b.do(err)
		*id = made
	}
	return *id
}

func (b *builder) sheet(name string, columns []column) {
	plain := b.style(&b.plain, excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}})
	rtl := b.style(&b.rtl, excelize.Style{Alignment: &excelize.Alignment{Vertical: "top", WrapText: true, ReadingOrder: 2, Horizontal: "right"}})
	head := b.style(&b.head, excelize.Style{
		Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DCE6F1"}},
		Alignment: &excelize.Alignment{Vertical: "top", WrapText: true},
	})
	for x, c := range columns {
		letter, err := excelize.ColumnNumberToName(x + 1)
		b.do(err)
		style := plain
		if c.lang == "ar" {
			style = rtl
		}
		b.do(b.file.SetColWidth(name, letter, letter, c.width()))
		b.do(b.file.SetColStyle(name, letter, style))
		for y, text := range c.cells {
			b.put(name, fmt.Sprintf("%s%d", letter, y+1), text, y > 0 && slices.Contains(numeric, c.cells[0]))
		}
	}
	last, err := excelize.CoordinatesToCellName(len(columns), 1)
	b.do(err)
	b.do(b.file.SetCellStyle(name, "A1", last, head))
	b.do(b.file.SetPanes(name, &excelize.Panes{Freeze: true, XSplit: 2, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight"}))
	if name == "survey" {
		b.shadeGroups(columns)
	}
}

// shadeGroups makes the beginning and end of every page easy to find.
func (b *builder) shadeGroups(columns []column) {
	divide := b.style(&b.divide, excelize.Style{
		Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F2F2F2"}},
		Alignment: &excelize.Alignment{Vertical: "top", WrapText: true},
	})
	last, err := excelize.ColumnNumberToName(len(columns))
	b.do(err)
	for y, kind := range columns[0].cells {
		if strings.HasSuffix(kind, "_group") {
			b.do(b.file.SetCellStyle("survey", fmt.Sprintf("A%d", y+1), fmt.Sprintf("%s%d", last, y+1), divide))
		}
	}
}

func (b *builder) put(sheet, cell, text string, number bool) {
	if text == "" {
		return
	}
	if number {
		x, err := strconv.ParseFloat(text, 64)
		b.do(err)
		b.do(b.file.SetCellFloat(sheet, cell, x, -1, 64))
		return
	}
	b.do(b.file.SetCellStr(sheet, cell, text))
}

// width in characters: wide enough for most cells, narrow enough that several columns fit on a screen.
func (c column) width() float64 {
	longest := 8
	for _, text := range c.cells {
		longest = max(longest, utf8.RuneCountInString(text))
	}
	return float64(min(longest+2, 44))
}
