package workbook

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// number writes a stored number without an exponent or needless decimals, or as date and time where its style
// shows it so.
func (b *Book) number(value string, style int) string {
	value = strings.TrimSpace(value)
	x, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return value
	}
	if style >= 0 && style < len(b.dates) && b.dates[style] {
		if s, ok := b.date(x); ok {
			return s
		}
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// date reads days since 1899-12-30; numbers outside the years 1900–9999 are no dates.
func (b *Book) date(days float64) (string, bool) {
	whole := math.Floor(days)
	if days < 0 || whole > 2958465 {
		return "", false
	}
	seconds := int(math.Round((days - whole) * 86400))
	at := time.Date(1899, 12, 30+int(whole)+b.from, 0, 0, seconds, 0, time.UTC)
	switch {
	case whole == 0 && b.from == 0:
		return at.Format("15:04:05"), true
	case seconds == 0:
		return at.Format("2006-01-02"), true
	}
	return at.Format("2006-01-02 15:04:05"), true
}

// unescape resolves _xHHHH_ (ECMA-376 part 1, 22.9.2.19), by which writers keep control characters, most often the
// carriage return _x000D_.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if code, ok := escapeAt(s[i:]); ok {
			i += 7
			if low, ok := escapeAt(s[i:]); ok && utf16.IsSurrogate(rune(code)) {
				out.WriteRune(utf16.DecodeRune(rune(code), rune(low)))
				i += 7
				continue
			}
			out.WriteRune(rune(code))
			continue
		}
		out.WriteByte(s[i])
		i++
	}
	return out.String()
}

func escapeAt(s string) (uint16, bool) {
	if len(s) < 7 || s[0] != '_' || s[1] != 'x' || s[6] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return uint16(n), err == nil
}

// Address gives a cell's name, such as "AB12".
func Address(column, row int) string { return fmt.Sprintf("%s%d", Letters(column), row) }

// Letters gives a column's name, such as "AB".
func Letters(column int) string {
	var letters []byte
	for ; column > 0; column = (column - 1) / 26 {
		letters = append([]byte{byte('A' + (column-1)%26)}, letters...)
	}
	return string(letters)
}

// decoder reads XML in UTF-8, or in UTF-16 with its mark. Entities beyond the five of XML are refused by
// encoding/xml, so a part cannot grow while it is read.
func decoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(transform.NewReader(r, unicode.BOMOverride(transform.Nop)))
	d.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		switch strings.ToLower(label) {
		case "utf-16", "us-ascii":
			return input, nil // turned into UTF-8 above, or a part of it
		}
		return nil, fmt.Errorf("encoding %q", label)
	}
	return d
}
