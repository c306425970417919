// Package xlsform turns an XLSForm workbook into a [survey.Form] with its analysis plan, or into problems that name
// sheet, row, column and remedy. It knows no clock, file or network. Entry points: [Read] and [Missing].
//
// The reference for what a sheet means is pyxform; where it is left (fallback for missing translations, typographic
// quotes kept in texts) the code says so.
package xlsform

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"opengate/survey"
	"opengate/survey/xlsform/workbook"
)

// Options say how to treat what the importer cannot use.
type Options struct {
	Lenient bool              // leave out what is not supported, and what hangs on it, instead of refusing the form
	By      []string          // select questions that become dimensions of a form without og_ columns and sheets
	Media   map[string][]byte // files that came with the workbook, by name; none is used yet
}

// Result is what became of a workbook.
type Result struct {
	Form     *survey.Form // nil when Problems holds an error
	Problems []Problem    // errors and warnings in order of sheet, row and column
	LeftOut  []Problem    // what Lenient left out, each with its reason, in the same order
	Counts   Counts
}

// Counts tell the author what was understood.
type Counts struct {
	Questions int // that people are asked
	Groups    int
	Choices   int
	Languages int
}

// OK says whether there is a form.
func (r *Result) OK() bool { return r.Form != nil }

// Read imports a workbook. Whatever is wrong with the file is a Problem; the error is kept for faults of our own.
func Read(data []byte, opts Options) (result *Result, err error) {
	r := &report{lenient: opts.Lenient}
	defer func() {
		if fault := recover(); fault != nil { // a bug met by a stranger's file must not end the service
			result, err = nil, fmt.Errorf("xlsform: import: %v", fault)
		}
	}()
	book, openErr := workbook.Open(data)
	if openErr != nil {
		r.file(openErr)
		return r.result(nil), nil
	}
	im := &importer{report: r, opts: opts, book: book}
	form := im.form()
	if form != nil {
		sum := sha256.Sum256(data)
		form.Hash = hex.EncodeToString(sum[:])
	}
	return r.result(form), nil
}

// file reports what is wrong with the file as a whole.
func (r *report) file(err error) {
	switch {
	case errors.Is(err, workbook.ErrLegacy):
		r.fail(place{}, "legacy_xls", "the file is an old Excel 97–2003 workbook (.xls), or protected by a password, whatever its name says",
			"open it in a spreadsheet program, remove the password and save it as .xlsx")
	case errors.Is(err, workbook.ErrTooLarge):
		r.fail(place{}, "too_large", "the workbook is "+err.Error(), "remove pictures, unused sheets and blank formatted rows, then save it again")
	case errors.Is(err, workbook.ErrDamaged):
		r.fail(place{}, "damaged", "the workbook is "+err.Error(), "open it in a spreadsheet program and save it again as .xlsx")
	default:
		r.fail(place{}, "not_xlsx", "the file is not an .xlsx workbook", "save the questionnaire as .xlsx")
	}
}
