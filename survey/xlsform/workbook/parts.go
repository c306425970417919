package workbook

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// load reads everything but the sheets themselves.
func (b *Book) load() error {
	main := b.mainPart()
	if b.parts[partName(main)] == nil {
		return ErrNotXLSX
	}
	related, err := b.relations(main)
	if err != nil {
		return err
	}
	if err := b.readSheetList(main, related); err != nil {
		return err
	}
	dir := path.Dir(main)
	if err := b.readStrings(path.Join(dir, "sharedStrings.xml")); err != nil {
		return err
	}
	return b.readStyles(path.Join(dir, "styles.xml"))
}

// mainPart follows the package's own pointer, because the workbook need not be xl/workbook.xml.
func (b *Book) mainPart() string {
	main := "xl/workbook.xml"
	if b.parts["_rels/.rels"] == nil {
		return main
	}
	// A broken pointer is no reason to refuse a file that has its workbook in the usual place.
	_ = b.each("_rels/.rels", func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local == "Relationship" && strings.HasSuffix(attr(e, "Type"), "/officeDocument") {
			main = strings.TrimPrefix(attr(e, "Target"), "/")
		}
		return nil
	})
	return main
}

// relations maps relationship ids of a part to part names.
func (b *Book) relations(part string) (map[string]string, error) {
	dir := path.Dir(part)
	related := map[string]string{}
	err := b.each(path.Join(dir, "_rels", path.Base(part)+".rels"), func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "Relationship" {
			return nil
		}
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		related[attr(e, "Id")] = target
		return nil
	})
	return related, err
}

func (b *Book) readSheetList(main string, related map[string]string) error {
	return b.each(main, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "sheet":
			if target := related[attr(e, "id")]; target != "" {
				b.Sheets = append(b.Sheets, attr(e, "name"))
				b.targets = append(b.targets, target)
			}
		case "workbookPr":
			if on := attr(e, "date1904"); on == "1" || on == "true" {
				b.from = 1462
			}
		}
		return nil
	})
}

func (b *Book) readStrings(part string) error {
	if b.parts[partName(part)] == nil {
		return nil
	}
	return b.each(part, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		if len(b.strings) == maxStrings {
			return fmt.Errorf("%w: more than %d texts", ErrTooLarge, maxStrings)
		}
		s, err := richText(d)
		b.strings = append(b.strings, s)
		return err
	})
}

// richText joins the <t> elements up to the end of the element that was just opened, without phonetic hints.
func richText(d *xml.Decoder) (string, error) {
	var out strings.Builder
	depth, inText, phonetic := 1, false, 0
	for depth > 0 {
		tok, err := d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			depth++
			inText = t.Name.Local == "t"
			if t.Name.Local == "rPh" && phonetic == 0 {
				phonetic = depth
			}
		case xml.EndElement:
			if depth == phonetic {
				phonetic = 0
			}
			depth--
			inText = false
		case xml.CharData:
			if inText && phonetic == 0 {
				out.Write(t)
			}
		}
	}
	return unescape(out.String()), nil
}

// readStyles notes which cell styles show a number as a date or time.
func (b *Book) readStyles(part string) error {
	if b.parts[partName(part)] == nil {
		return nil
	}
	custom := map[int]string{}
	inCells := false
	return b.each(part, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			if id, err := strconv.Atoi(attr(e, "numFmtId")); err == nil {
				custom[id] = attr(e, "formatCode")
			}
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs", "cellStyleXfs":
			inCells = false
		case "xf":
			if inCells {
				id, _ := strconv.Atoi(attr(e, "numFmtId")) // absent means 0, the general format
				b.dates = append(b.dates, isDateFormat(id, custom[id]))
			}
		}
		return nil
	})
}

// isDateFormat decides by the built-in number (ECMA-376 part 1, 18.8.30) or by date letters in the author's format.
func isDateFormat(id int, code string) bool {
	if code == "" {
		return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
	}
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++ // the next character stands for itself
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case bracket:
		case strings.IndexByte("ydhsYDHS", c) >= 0:
			return true
		case c == 'm' || c == 'M':
			return true
		}
	}
	return false
}

// each calls visit for every start element of a part; visit may read on from the decoder.
func (b *Book) each(part string, visit func(*xml.Decoder, xml.StartElement) error) error {
	r, err := b.open(part)
	if err != nil {
		return err
	}
	defer r.Close()
	d := decoder(r)
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged(part, err)
		}
		if e, ok := tok.(xml.StartElement); ok {
			if err := visit(d, e); err != nil {
				return damaged(part, err)
			}
		}
	}
}

func damaged(part string, err error) error {
	if errors.Is(err, ErrTooLarge) || errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w: part %s: %w", ErrDamaged, part, err)
}

// attr gives an attribute by its local name: prefixes differ between writers.
func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local && a.Name.Space != "xmlns" {
			return a.Value
		}
	}
	return ""
}
