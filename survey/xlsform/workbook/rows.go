package workbook

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Fault says why a cell has no usable text.
type Fault string

// The faults of a cell.
const (
	Uncached   Fault = "uncached"   // a formula whose value was never stored
	ErrorValue Fault = "errorvalue" // a formula that failed, such as #REF!
)

// Cell is one filled cell. Text is as stored: TRUE or FALSE, a number without needless decimals, a date as
// YYYY-MM-DD, a time as HH:MM:SS, both joined by a space, or the text untouched.
type Cell struct {
	Column int // from 1
	Text   string
	Fault  Fault
}

const maxColumns = 16384

// Rows calls visit with the rows of a sheet that hold anything, top down, with the row's number and its cells from
// left to right; it stops after more than maxBlank rows with nothing in them, or when visit says false. The cells are
// only valid during the call.
func (b *Book) Rows(sheet, maxBlank int, visit func(row int, cells []Cell) bool) error {
	part := b.targets[sheet]
	r, err := b.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	s := &scanner{Decoder: decoder(r), book: b}
	filled := 0
	for {
		cells, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged(part, err)
		}
		if s.row-filled > maxBlank+1 {
			return nil
		}
		if len(cells) == 0 {
			continue
		}
		filled = s.row
		if !visit(s.row, cells) {
			return nil
		}
	}
}

type scanner struct {
	*xml.Decoder
	book  *Book
	row   int
	cells []Cell
}

// next reads up to the end of the next row.
func (s *scanner) next() ([]Cell, error) {
	s.cells = s.cells[:0]
	column := 0
	for {
		tok, err := s.RawToken()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "row":
				s.startRow(t)
			case "c":
				column = columnOf(attr(t, "r"), column)
				if err := s.cell(t, column); err != nil {
					return nil, err
				}
			}
		case xml.EndElement:
			if t.Name.Local == "row" {
				return s.cells, nil
			}
		}
	}
}

// startRow takes the row's number from the file, or counts where the file leaves it out.
func (s *scanner) startRow(e xml.StartElement) {
	if n, err := strconv.Atoi(attr(e, "r")); err == nil && n > s.row {
		s.row = n
		return
	}
	s.row++
}

// columnOf reads the letters of a cell address; a missing or impossible one is the column after the last.
func columnOf(address string, last int) int {
	n := 0
	for _, r := range address {
		if r < 'A' || r > 'Z' || n > maxColumns {
			break
		}
		n = n*26 + int(r-'A') + 1
	}
	if n == 0 || n > maxColumns {
		return last + 1
	}
	return n
}

// cell reads one <c> element and keeps it when it holds something.
func (s *scanner) cell(e xml.StartElement, column int) error {
	kind := attr(e, "t")
	var value strings.Builder
	formula, stored, inValue := false, false, false
	for {
		tok, err := s.RawToken()
		if err != nil {
			return err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "f":
				formula = true
			case "v":
				inValue, stored = true, true
			case "is":
				text, err := richText(s.Decoder)
				if err != nil {
					return err
				}
				value.WriteString(text)
			}
		case xml.CharData:
			if inValue {
				value.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "v":
				inValue = false
			case "c":
				style, _ := strconv.Atoi(attr(e, "s")) // absent means 0, the first style
				s.keep(column, kind, value.String(), style, formula, stored)
				return nil
			}
		}
	}
}

func (s *scanner) keep(column int, kind, value string, style int, formula, stored bool) {
	c := Cell{Column: column}
	switch {
	case formula && value == "" && (kind != "str" || !stored):
		c.Fault = Uncached
	case kind == "e":
		c.Text, c.Fault = value, ErrorValue
	default:
		c.Text = s.book.text(kind, value, style)
	}
	if c.Text != "" || c.Fault != "" {
		s.cells = append(s.cells, c)
	}
}

// text gives a stored value the form described at Cell.
func (b *Book) text(kind, value string, style int) string {
	switch kind {
	case "s":
		if i, err := strconv.Atoi(value); err == nil && i >= 0 && i < len(b.strings) {
			return b.strings[i]
		}
		return ""
	case "b":
		if value == "1" || strings.EqualFold(value, "true") {
			return "TRUE"
		}
		return "FALSE"
	case "str":
		return unescape(value)
	case "inlineStr", "d":
		return value
	}
	return b.number(value, style)
}
