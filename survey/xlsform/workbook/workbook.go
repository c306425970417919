// Package workbook reads the cells of an .xlsx or .xlsm file as text, row by row and in bounded memory, whatever the
// file declares about itself. It knows nothing of questionnaires. Entry points: [Open], then [Book.Rows].
//
// It is not built on excelize because an import needs three facts that excelize's row stream does not give (whether
// a number is a truth value or a date, and whether a formula has a stored value), and because excelize's cell access,
// which gives them, first expands every declared row and column in memory: a hostile sheet of 100 kB costs gigabytes.
package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Why a file cannot be opened; test with errors.Is.
var (
	ErrLegacy   = errors.New("an .xls workbook or an encrypted one")
	ErrNotXLSX  = errors.New("not an .xlsx workbook")
	ErrTooLarge = errors.New("too large")
	ErrDamaged  = errors.New("damaged")
)

// Limits that real questionnaires stay far below: the largest known has 17 entries and 3.5 MB.
const (
	maxFileBytes     = 48 << 20
	maxEntries       = 2000
	maxUnpackedBytes = 64 << 20
	maxStrings       = 1 << 20
)

// Book is an opened workbook. It is not safe for concurrent use.
type Book struct {
	Sheets  []string // names in tab order, hidden sheets included
	parts   map[string]*zip.File
	targets []string // part of each sheet
	strings []string
	dates   []bool // by cell style: the number is a date or time
	from    int    // day 0 in days after 1899-12-30: 0, or 1462 in workbooks that count from 1904
}

// Open checks sizes before it unpacks anything. Errors are ErrLegacy, ErrNotXLSX, ErrTooLarge or ErrDamaged with
// details.
func Open(data []byte) (*Book, error) {
	if bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}) {
		return nil, ErrLegacy
	}
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("%w: %d MB, limit %d", ErrTooLarge, len(data)>>20, maxFileBytes>>20)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, ErrNotXLSX
	}
	parts, err := index(archive)
	if err != nil {
		return nil, err
	}
	b := &Book{parts: parts}
	if err := b.load(); err != nil {
		return nil, err
	}
	return b, nil
}

// index names the entries, once their number and declared sizes are known to be bearable. The zip reader itself
// refuses entries that unpack to more than they declare.
func index(archive *zip.Reader) (map[string]*zip.File, error) {
	if len(archive.File) > maxEntries {
		return nil, fmt.Errorf("%w: %d entries, limit %d", ErrTooLarge, len(archive.File), maxEntries)
	}
	parts := make(map[string]*zip.File, len(archive.File))
	var total uint64
	for _, f := range archive.File {
		if f.UncompressedSize64 > maxUnpackedBytes {
			return nil, unpacked(f.UncompressedSize64)
		}
		total += f.UncompressedSize64
		parts[partName(f.Name)] = f
	}
	if total > maxUnpackedBytes {
		return nil, unpacked(total)
	}
	return parts, nil
}

func unpacked(n uint64) error {
	return fmt.Errorf("%w: unpacks to %d MB, limit %d", ErrTooLarge, n>>20, maxUnpackedBytes>>20)
}

// partName makes names comparable: some writers use backslashes, other case or a leading slash.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean(strings.ReplaceAll(name, `\`, "/")), "/"))
}

func (b *Book) open(name string) (io.ReadCloser, error) {
	f := b.parts[partName(name)]
	if f == nil {
		return nil, fmt.Errorf("%w: part %s is absent", ErrDamaged, name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: part %s: %w", ErrDamaged, name, err)
	}
	return r, nil
}
