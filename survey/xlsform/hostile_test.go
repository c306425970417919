package xlsform

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// rawBook zips a workbook of one sheet named survey, given as the XML of its rows.
func rawBook(tb testing.TB, rows func(w io.Writer)) []byte {
	tb.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, part := range []struct{ name, text string }{
		{"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="survey" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`},
	} {
		w, err := z.Create(part.name)
		must(tb, err)
		_, err = io.WriteString(w, part.text)
		must(tb, err)
	}
	w, err := z.Create("xl/worksheets/sheet1.xml")
	must(tb, err)
	_, err = io.WriteString(w, "<worksheet><sheetData>")
	must(tb, err)
	rows(w)
	_, err = io.WriteString(w, "</sheetData></worksheet>")
	must(tb, err)
	must(tb, z.Close())
	return out.Bytes()
}

const headerRow = `<row r="1"><c r="A1" t="str"><v>type</v></c><c r="B1" t="str"><v>name</v></c><c r="C1" t="str"><v>label</v></c></row>` +
	`<row r="2"><c r="A2" t="str"><v>text</v></c><c r="B2" t="str"><v>q</v></c><c r="C2" t="str"><v>A</v></c></row>`

// TestHostileWorkbooksCostLittle holds the importer to 200 MB, and to times that are seconds even on a busy machine,
// whatever a sheet declares.
func TestHostileWorkbooksCostLittle(t *testing.T) {
	tests := []struct {
		name string
		rows func(w io.Writer)
		want []string // errors
	}{
		{"a million blank rows", func(w io.Writer) {
			io.WriteString(w, headerRow)
			for i := 3; i < 1_000_000; i++ {
				fmt.Fprintf(w, `<row r="%d"/>`, i)
			}
		}, nil},
		{"a filled row far below", func(w io.Writer) {
			io.WriteString(w, headerRow+`<row r="1048576"><c r="A1048576" t="str"><v>text</v></c></row>`)
		}, nil},
		{"the last column in thousands of rows", func(w io.Writer) {
			io.WriteString(w, headerRow)
			for i := 3; i < 50_000; i++ {
				fmt.Fprintf(w, `<row r="%d"><c r="XFD%d"><v>1</v></c></row>`, i, i)
			}
		}, nil},
		{"thousands of headers", func(w io.Writer) {
			io.WriteString(w, `<row r="1">`)
			for i := range 16_000 {
				fmt.Fprintf(w, `<c t="str"><v>label::L%d</v></c>`, i)
			}
			io.WriteString(w, `</row><row r="2"><c t="str"><v>A</v></c></row>`)
		}, []string{"error survey:1 too_many_columns"}},
		{"a million rows of questions", func(w io.Writer) {
			io.WriteString(w, headerRow)
			for i := range 600_000 {
				fmt.Fprintf(w, `<row><c t="str"><v>text</v></c><c t="str"><v>q%d</v></c></row>`, i)
			}
		}, []string{"error survey:10002 too_many_rows"}},
		{"groups without end", func(w io.Writer) {
			io.WriteString(w, headerRow)
			for i := range 9_000 {
				fmt.Fprintf(w, `<row><c t="str"><v>begin group</v></c><c t="str"><v>g%d</v></c></row>`, i)
			}
		}, []string{"error survey:64 type too_deep"}},
		{"a chain of conditions", func(w io.Writer) {
			io.WriteString(w, strings.Replace(headerRow, `<c r="C1" t="str"><v>label</v></c>`, `<c r="C1" t="str"><v>label</v></c><c r="D1" t="str"><v>relevant</v></c>`, 1))
			for i := range 9_000 {
				fmt.Fprintf(w, `<row><c t="str"><v>text</v></c><c t="str"><v>q%d</v></c><c t="str"><v>A</v></c><c t="str"><v>${q%d} = 1</v></c></row>`, i, (i+1)%9_000)
			}
		}, []string{"error survey:3 name cycle"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data := rawBook(t, test.rows)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			started := time.Now()
			result, err := Read(data, Options{})
			took := time.Since(started)
			runtime.ReadMemStats(&after)
			must(t, err)
			if allocated := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 30*time.Second || allocated > 400 { // a hang or a flood, also with the race detector
				t.Errorf("took %v and %d MB", took, allocated)
			}
			if got := errorsOf(result.Problems); !slices.Equal(got[:min(1, len(got))], test.want) {
				t.Errorf("%d errors, got %q, want %q", len(got), got[:min(3, len(got))], test.want)
			}
			if len(result.Problems) > maxProblems+2 {
				t.Errorf("%d problems", len(result.Problems))
			}
		})
	}
}

func TestFilesThatAreNoWorkbooks(t *testing.T) {
	for name, test := range map[string]struct{ data, want, says string }{
		"legacy":  {"\xD0\xCF\x11\xE0 old", "legacy_xls", "save it as .xlsx"},
		"text":    {"type,name", "not_xlsx", "save the questionnaire as .xlsx"},
		"nothing": {"", "not_xlsx", ""},
		"damaged": {"PK\x03\x04 and then nothing", "not_xlsx", ""},
	} {
		result, err := Read([]byte(test.data), Options{})
		must(t, err)
		if len(result.Problems) != 1 || result.Problems[0].Code != test.want || !strings.Contains(result.Problems[0].Remedy, test.says) || result.OK() {
			t.Errorf("%s: %s", name, lines(result.Problems))
		}
	}
}

func TestFormulasWithoutAValueAreNamedByColumn(t *testing.T) {
	data := rawBook(t, func(w io.Writer) {
		io.WriteString(w, headerRow)
		for i := 3; i < 9; i++ {
			fmt.Fprintf(w, `<row r="%d"><c r="A%d" t="str"><v>text</v></c><c r="B%d" t="str"><v>q%d</v></c><c r="C%d"><f>LOWER(A1)</f></c></row>`, i, i, i, i, i)
		}
	})
	result, err := Read(data, Options{})
	must(t, err)
	if got := errorsOf(result.Problems); !slices.Equal(got, []string{"error survey:3 label uncached_formula"}) {
		t.Fatalf("got %q", got)
	}
	if p := result.Problems[len(result.Problems)-1]; !strings.Contains(lines(result.Problems), "C3, C4, C5 and 3 more") {
		t.Errorf("%+v", p)
	}
}
