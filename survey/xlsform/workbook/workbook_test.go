package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

const (
	contentTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`
	workbookXML  = `<workbook xmlns:r="r"><sheets><sheet name="survey" sheetId="1" r:id="rId1"/></sheets></workbook>`
	workbookRels = `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
)

// pack zips parts by name.
func pack(tb testing.TB, parts map[string]string) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, content := range parts {
		f, err := w.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := io.WriteString(f, content); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// sheet packs a workbook of one sheet with the given rows.
func sheet(tb testing.TB, rows string) []byte {
	tb.Helper()
	return pack(tb, map[string]string{
		"[Content_Types].xml": contentTypes, "xl/workbook.xml": workbookXML,
		"xl/_rels/workbook.xml.rels": workbookRels, "xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + rows + "</sheetData></worksheet>",
	})
}

// cells reads the first sheet as "A1=text" or "A1!fault".
func cells(tb testing.TB, data []byte) string {
	tb.Helper()
	b, err := Open(data)
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	err = b.Rows(0, 60, func(row int, cells []Cell) bool {
		for _, c := range cells {
			s := Address(c.Column, row) + "=" + c.Text
			if c.Fault != "" {
				s = Address(c.Column, row) + "!" + string(c.Fault)
			}
			out = append(out, s)
		}
		return true
	})
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Join(out, " ")
}

func TestCellsOfAWorkbookWrittenByExcelize(t *testing.T) {
	f := excelize.NewFile()
	dateStyle, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	percent, err := f.NewStyle(&excelize.Style{NumFmt: 9})
	if err != nil {
		t.Fatal(err)
	}
	own := `dd" day of "mmmm`
	ownStyle, err := f.NewStyle(&excelize.Style{CustomNumFmt: &own})
	if err != nil {
		t.Fatal(err)
	}
	for address, value := range map[string]any{
		"A1": true, "B1": false, "C1": 3.0, "D1": 0.1, "E1": "x  y\u00a0", "F1": time.Date(2025, 3, 4, 0, 0, 0, 0, time.UTC),
		"G1": time.Date(2025, 3, 4, 13, 30, 0, 0, time.UTC), "H1": 0.25, "I1": 45720, "J1": "1.0", "K1": 1e7, "L1": -2.5,
	} {
		if err := f.SetCellValue("Sheet1", address, value); err != nil {
			t.Fatal(err)
		}
	}
	for address, style := range map[string]int{"D1": percent, "H1": dateStyle, "I1": ownStyle} {
		if err := f.SetCellStyle("Sheet1", address, address, style); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := "A1=TRUE B1=FALSE C1=3 D1=0.1 E1=x  y\u00a0 F1=2025-03-04 G1=2025-03-04 13:30:00 H1=06:00:00 I1=2025-03-04 J1=1.0 K1=10000000 L1=-2.5"
	if got := cells(t, out.Bytes()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCellsAsStored(t *testing.T) {
	tests := []struct{ name, rows, want string }{
		{"a formula with its value", `<row r="1"><c r="A1" t="str"><f>LOWER(B1)</f><v>abc</v></c></row>`, "A1=abc"},
		{"a formula with an empty text", `<row r="1"><c r="A1" t="str"><f>""</f><v></v></c><c r="B1"><v>1</v></c></row>`, "B1=1"},
		{"a formula never computed", `<row r="1"><c r="A1"><f>LOWER(B1)</f></c><c r="B1"><f>1</f><v></v></c></row>`, "A1!uncached B1!uncached"},
		{"a formula that failed", `<row r="1"><c r="A1" t="e"><f>X</f><v>#REF!</v></c></row>`, "A1!errorvalue"},
		{"text inside the cell", `<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t xml:space="preserve"> b</t></r><rPh><t>hint</t></rPh></is></c></row>`, "A1=a b"},
		{"rows and cells without addresses", `<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>`, "A1=1 B1=2 A2=3"},
		{"rows with gaps", `<row r="2"><c r="B2"><v>1</v></c></row><row r="9"><c r="AA9"><v>2.50</v></c></row>`, "B2=1 AA9=2.5"},
		{"an escaped carriage return", `<row r="1"><c r="A1" t="str"><v>a_x000D_b_x005F_x_xD83D__xDE00_</v></c></row>`, "A1=a\rb_x😀"},
		{"a prefix on every element", `<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>`, "A1=1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := cells(t, sheet(t, test.rows)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestDateFormats(t *testing.T) {
	for code, want := range map[string]bool{"yyyy-mm-dd": true, `"day" 0`: false, "0.00": false, "[Red]0": false, "[h]:mm": true, `\d0`: false, "General": false, "#,##0 ": false, "mmm": true, "@": false} {
		if got := isDateFormat(164, code); got != want {
			t.Errorf("%q: %v", code, got)
		}
	}
	for id, want := range map[int]bool{0: false, 9: false, 14: true, 22: true, 37: false, 45: true, 49: false} {
		if got := isDateFormat(id, ""); got != want {
			t.Errorf("built-in %d: %v", id, got)
		}
	}
}

func TestBadFilesAreRefusedBeforeTheyAreUnpacked(t *testing.T) {
	zeros := strings.Repeat(" ", 1<<20)
	bomb := map[string]string{"xl/workbook.xml": workbookXML}
	for i := range 70 {
		bomb[fmt.Sprintf("xl/worksheets/sheet%d.xml", i)] = zeros
	}
	many := map[string]string{}
	for i := range 2100 {
		many[fmt.Sprintf("f%d", i)] = ""
	}
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"an old Excel file under a new name", append([]byte{0xD0, 0xCF, 0x11, 0xE0}, make([]byte, 100)...), ErrLegacy},
		{"no zip at all", []byte("type,name,label"), ErrNotXLSX},
		{"nothing", nil, ErrNotXLSX},
		{"a zip of something else", pack(t, map[string]string{"a.txt": "a"}), ErrNotXLSX},
		{"a bomb", pack(t, bomb), ErrTooLarge},
		{"thousands of entries", pack(t, many), ErrTooLarge},
		{"no list of sheets", pack(t, map[string]string{"xl/workbook.xml": workbookXML}), ErrDamaged},
		{"broken XML", pack(t, map[string]string{"xl/workbook.xml": "<workbook", "xl/_rels/workbook.xml.rels": workbookRels}), ErrDamaged},
		{"an entity that would grow", pack(t, map[string]string{"xl/workbook.xml": `<!DOCTYPE a [<!ENTITY b "bbbb">]><workbook><sheet name="&b;"/></workbook>`, "xl/_rels/workbook.xml.rels": workbookRels}), ErrDamaged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			started := time.Now()
			if _, err := Open(test.data); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if took := time.Since(started); took > time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func TestSheetThatIsAbsentOrBroken(t *testing.T) {
	for name, parts := range map[string]map[string]string{
		"absent": {"xl/workbook.xml": workbookXML, "xl/_rels/workbook.xml.rels": workbookRels},
		"broken": {"xl/workbook.xml": workbookXML, "xl/_rels/workbook.xml.rels": workbookRels, "xl/worksheets/sheet1.xml": "<row><c"},
	} {
		b, err := Open(pack(t, parts))
		if err != nil {
			t.Fatal(name, err)
		}
		if err := b.Rows(0, 60, func(int, []Cell) bool { return true }); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAddress(t *testing.T) {
	for want, c := range map[string]int{"A1": 1, "Z1": 26, "AA1": 27, "XFD1": 16384} {
		if got := Address(c, 1); got != want {
			t.Errorf("%d: %s", c, got)
		}
		if got := columnOf(want, 0); got != c {
			t.Errorf("%s: %d", want, got)
		}
	}
	if got := columnOf("ZZZZZZZZZZZZZ1", 4); got != 5 {
		t.Errorf("an impossible column is %d", got)
	}
}
