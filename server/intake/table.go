package intake

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/xuri/excelize/v2"
)

// table is a data file row by row: a header, then cells as text.
type table struct {
	header []string
	rows   iter.Seq2[tableRow, error]
}

// tableRow is one row and the line of the file it begins at, the header being line 1. The cells are valid until the
// next row.
type tableRow struct {
	line  int
	cells []string
}

// maxUnzipped bounds what a workbook of answers may unpack to.
const maxUnzipped = 1 << 30

// openTable reads .csv, .csv.gz (comma, semicolon or tab; UTF-8 with or without BOM) and .xlsx (first sheet). The
// name tells which. close must be called when the rows are done.
func openTable(name string, r io.Reader, tmpDir string) (t table, done func(), err error) {
	lower := strings.ToLower(name)
	switch {
	case strings.HasSuffix(lower, ".xlsx"):
		return openWorkbook(r, tmpDir)
	case strings.HasSuffix(lower, ".gz"):
		z, err := gzip.NewReader(r)
		if err != nil {
			return table{}, nil, fmt.Errorf("%s is not a gzip file: %w", name, err)
		}
		t, err := openCSV(z)
		return t, func() { _ = z.Close() }, err
	case strings.HasSuffix(lower, ".csv"):
		t, err := openCSV(r)
		return t, func() {}, err
	}
	return table{}, nil, fmt.Errorf("%s: save the answers as .csv, .csv.gz or .xlsx", name)
}

func openCSV(r io.Reader) (table, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if bom, _ := in.Peek(3); string(bom) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	c := csv.NewReader(in)
	c.Comma, c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord = delimiter(in), -1, true, true
	header, err := c.Read()
	if errors.Is(err, io.EOF) {
		return table{}, errors.New("the file is empty: its first row must hold the column names")
	}
	if err != nil {
		return table{}, fmt.Errorf("first row: %w", err)
	}
	rows := func(yield func(tableRow, error) bool) {
		for line := 2; ; line++ {
			cells, err := c.Read()
			if err == nil {
				line, _ = c.FieldPos(0)
			}
			if errors.Is(err, io.EOF) || !yield(tableRow{line, cells}, err) || err != nil {
				return
			}
		}
	}
	return table{append([]string(nil), header...), rows}, nil
}

// delimiter is the one of comma, semicolon and tab that the first line holds most of.
func delimiter(in *bufio.Reader) rune {
	line, _ := in.Peek(32 << 10)
	first, _, _ := strings.Cut(string(line), "\n")
	best := ','
	for _, d := range []rune{';', '\t'} {
		if strings.Count(first, string(d)) > strings.Count(first, string(best)) {
			best = d
		}
	}
	return best
}

func openWorkbook(r io.Reader, tmpDir string) (table, func(), error) {
	f, err := excelize.OpenReader(r, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzipped, TmpDir: tmpDir})
	if err != nil {
		return table{}, nil, fmt.Errorf("not a readable .xlsx workbook: %w", err)
	}
	sheet := f.GetSheetName(0)
	rows, err := f.Rows(sheet)
	if err != nil {
		_ = f.Close()
		return table{}, nil, fmt.Errorf("sheet %q: %w", sheet, err)
	}
	done := func() { _ = rows.Close(); _ = f.Close() }
	if !rows.Next() {
		done()
		return table{}, nil, fmt.Errorf("sheet %q is empty: its first row must hold the column names", sheet)
	}
	header, err := rows.Columns()
	if err != nil {
		done()
		return table{}, nil, fmt.Errorf("sheet %q, first row: %w", sheet, err)
	}
	seq := func(yield func(tableRow, error) bool) {
		line := 1
		for rows.Next() {
			line++
			cells, err := rows.Columns()
			if !yield(tableRow{line, cells}, err) || err != nil {
				return
			}
		}
		if err := rows.Error(); err != nil {
			yield(tableRow{line: line}, err)
		}
	}
	return table{header, seq}, done, nil
}
