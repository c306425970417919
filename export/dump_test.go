package export

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// dump writes a workbook as text that a person can review: sheets in order with direction, panes, widths, merges
// and print set-up, then one line per cell: sheet, address, type, value, number format, and a mark for italics and
// quote prefix.
func dump(t *testing.T, book []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out strings.Builder
	for _, name := range f.GetSheetList() {
		dumpSheet(t, &out, f, name)
	}
	dumpDrawings(t, &out, book)
	return out.String()
}

func dumpSheet(t *testing.T, out *strings.Builder, f *excelize.File, name string) {
	t.Helper()
	view, err := f.GetSheetView(name, 0)
	if err != nil {
		t.Fatal(err)
	}
	layout, err := f.GetPageLayout(name)
	if err != nil {
		t.Fatal(err)
	}
	panes, err := f.GetPanes(name)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(out, "== %s rtl=%v frozen=%d,%d paper=%d %s wide=%d\n", name, *view.RightToLeft, panes.XSplit, panes.YSplit, *layout.Size, *layout.Orientation, *layout.FitToWidth)
	for _, n := range f.GetDefinedName() {
		if n.Scope == name {
			fmt.Fprintf(out, "%s\tname\t%s\t%s\n", name, n.Name, n.RefersTo)
		}
	}
	merged, err := f.GetMergeCells(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range merged {
		fmt.Fprintf(out, "%s\tmerge\t%s:%s\n", name, m.GetStartAxis(), m.GetEndAxis())
	}
	formats, err := f.GetConditionalFormats(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range slices.Sorted(keys(formats)) {
		fmt.Fprintf(out, "%s\tscale\t%s\t%s %s\n", name, where, formats[where][0].Type, formats[where][0].MaxColor)
	}
	rows, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	for r, row := range rows {
		if visible, err := f.GetRowVisible(name, r+1); err == nil && !visible {
			fmt.Fprintf(out, "%s\trow %d\thidden\n", name, r+1)
		}
		for c := range row {
			dumpCell(t, out, f, name, address(c+1, r+1), row[c])
		}
	}
}

func keys[V any](m map[string]V) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

var cellTypes = map[excelize.CellType]string{
	excelize.CellTypeUnset: "number", excelize.CellTypeNumber: "number", excelize.CellTypeInlineString: "text",
	excelize.CellTypeSharedString: "text", excelize.CellTypeFormula: "FORMULA", excelize.CellTypeBool: "bool", excelize.CellTypeError: "ERROR",
}

func dumpCell(t *testing.T, out *strings.Builder, f *excelize.File, sheet, cell, value string) {
	t.Helper()
	if value == "" {
		return
	}
	kind, err := f.GetCellType(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	id, err := f.GetCellStyle(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	format, marks := "", ""
	if style.CustomNumFmt != nil {
		format = *style.CustomNumFmt
	} else if style.NumFmt != 0 {
		format = fmt.Sprint("#", style.NumFmt)
	}
	if style.Font != nil && style.Font.Italic {
		marks += " italic"
	}
	if q := f.Styles.CellXfs.Xf[id].QuotePrefix; q != nil && *q {
		marks += " quote"
	}
	fmt.Fprintf(out, "%s\t%s\t%s\t%q\t%s%s\n", sheet, cell, cellTypes[kind], value, format, marks)
}

// dumpDrawings lists the alternative texts of all charts.
func dumpDrawings(t *testing.T, out *strings.Builder, book []byte) {
	t.Helper()
	for _, name := range partNames(t, book, "xl/drawings/drawing*.xml") {
		dec := xml.NewDecoder(bytes.NewReader(part(t, book, name)))
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "cNvPr" {
				for _, a := range e.Attr {
					if a.Name.Local == "descr" {
						fmt.Fprintf(out, "%s\tchart\t%q\n", name, a.Value)
					}
				}
			}
		}
	}
}

// partNames lists the parts of a workbook that match, sorted.
func partNames(t *testing.T, book []byte, pattern string) []string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		if ok, _ := path.Match(pattern, f.Name); ok {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return names
}

// part reads one part of a workbook.
func part(t *testing.T, book []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// golden compares with testdata/name.golden, or rewrites it under -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("%s differs at line %d (run with -update and read the diff):\n got  %q\n want %q", file, i+1, at(g, i), at(w, i))
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}
