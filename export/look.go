package export

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// look is how a cell appears. It is comparable, so that every look becomes one style of the workbook.
type look struct {
	bold, italic, small, wrap, top, link bool
	size                                 float64
	colour, fill                         string // hex without #; "" is the default
	format                               string // number format, "" general
	align                                string // "start", "end", "center", "right"; "" leaves it to the value
	reading                              uint64 // 0 by content, 1 left to right, 2 right to left
	rule                                 string // colour of a line above the cell, "" none
	quote                                bool   // shows that the text is no formula, also after somebody edits the cell
}

// Colours, chosen for a contrast of at least 4.5:1 with the text on them.
const (
	inkMuted   = "595959"
	inkBanner  = "7A0000"
	fillBanner = "FFE3E0"
	fillHead   = "DDE7F3"
	fillOlder  = "FFF2CC"
	fillBlock  = "EEF1F5"
	lineThin   = "B7BFCA"
)

// style gives the workbook's style for a look, making it at first use.
func (b *book) style(l look) int {
	if id, ok := b.styles[l]; ok || b.err != nil {
		return id
	}
	if l.quote { // excelize cannot ask for quotePrefix: copy the plain style and set it there
		plain := l
		plain.quote = false
		id := b.style(plain)
		if b.err != nil {
			return 0
		}
		xf := b.file.Styles.CellXfs.Xf[id]
		yes := true
		xf.QuotePrefix = &yes
		b.file.Styles.CellXfs.Xf = append(b.file.Styles.CellXfs.Xf, xf)
		b.file.Styles.CellXfs.Count = len(b.file.Styles.CellXfs.Xf)
		b.styles[l] = len(b.file.Styles.CellXfs.Xf) - 1
		return b.styles[l]
	}
	id, err := b.file.NewStyle(l.excel(b.rtl))
	if err != nil {
		b.fail("styles: %w", err)
		return 0
	}
	b.styles[l] = id
	return id
}

func (l look) excel(rtl bool) *excelize.Style {
	font := &excelize.Font{Family: "Calibri", Size: 11, Bold: l.bold, Italic: l.italic, Color: l.colour}
	if l.size > 0 {
		font.Size = l.size
	}
	if l.small {
		font.Size = 9
	}
	if l.link {
		font.Underline, font.Color = "single", "0B5394"
	}
	s := &excelize.Style{Font: font, Alignment: &excelize.Alignment{WrapText: l.wrap, ReadingOrder: l.reading}}
	if l.top || l.wrap {
		s.Alignment.Vertical = "top"
	}
	switch l.align {
	case "start":
		s.Alignment.Horizontal = side(rtl)
	case "end":
		s.Alignment.Horizontal = side(!rtl)
	case "center", "right":
		s.Alignment.Horizontal = l.align
	}
	if l.fill != "" {
		s.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}
	}
	if l.rule != "" {
		s.Border = []excelize.Border{{Type: "top", Style: 1, Color: l.rule}}
	}
	if l.format != "" {
		s.CustomNumFmt = &l.format
	}
	return s
}

func side(right bool) string {
	if right {
		return "right"
	}
	return "left"
}

// looksLikeFormula says whether a spreadsheet program might take the text for a formula when somebody edits or
// copies the cell.
func looksLikeFormula(s string) bool {
	return s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0]))
}
