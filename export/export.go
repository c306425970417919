// Package export turns a finished release into files: the diagnosis workbook, the codebook and the diagnosis as
// JSON. It computes no figure, knows no database and no clock; everything that it prints stands in the
// [diagnosis.Diagnosis] and the [survey.Form] that it is given. Entry points: [Workbook], [Codebook] and [JSON].
package export

import (
	"errors"
	"fmt"
	"io"

	"opengate/survey"
	"opengate/survey/diagnosis"
)

// Options say where a large workbook may be kept while it is being made.
type Options struct {
	// TmpDir is an existing folder for temporary files; "" means the system's own. They are removed before the
	// functions of this package return.
	TmpDir string
}

// Marks without width that keep numbers and punctuation in place beside words of the other direction, where a
// format, such as a page's foot, has no direction of its own.
const leftToRight, rightToLeftMark = "\u200e", "\u200f"

// Workbook writes the diagnosis as an .xlsx in the reader's language: read me, needs by groups, frequencies,
// codebook, method. Sheet order and cell addresses are the same in every language. The form supplies the codebook
// only; every figure and its labels come from d. Nothing is written to w before the whole workbook is built, so an
// error never leaves half a file unless w itself fails. Errors name the sheet and cell.
func Workbook(w io.Writer, d *diagnosis.Diagnosis, form *survey.Form, lang survey.Lang, o Options) (err error) {
	if d == nil || d.Cube == nil || form == nil {
		return errors.New("export: a workbook needs a release and its questionnaire")
	}
	b := newBook(about{
		title: d.Title, lang: lang, fallback: d.Default, madeUp: d.MadeUp, asOf: d.AsOf,
		source: fmt.Sprintf("OpenGate · %s · %s"+leftToRight+" %d · %s", d.Survey, phrases(lang).say("readme.release"), d.Release, d.AsOf),
	}, o)
	defer func() { err = errors.Join(err, b.close()) }()

	l := newLabels(d, b)
	sheets := b.addSheets("sheet.readme", "sheet.needs", "sheet.frequencies", "sheet.codebook", "sheet.method")
	if err := b.err; err != nil {
		return err
	}
	// The read-me counts what the other sheets had to show in another language, so it is written last.
	writeNeeds(b, sheets[1], d, l)
	writeFrequencies(b, sheets[2], d, l)
	writeCodebook(b, sheets[3], form)
	writeMethod(b, sheets[4], d, l)
	writeReadme(b, sheets[0], d, l, sheets)
	return b.writeTo(w)
}

// Codebook writes the codebook alone: every question and answer option, in all languages of the form. The reader's
// language decides the headings and the direction of the sheet.
func Codebook(w io.Writer, form *survey.Form, lang survey.Lang, o ...Options) (err error) {
	if form == nil {
		return errors.New("export: a codebook needs a questionnaire")
	}
	b := newBook(about{
		title: form.Title, lang: lang, fallback: form.Default, madeUp: form.Plan.Settings.MadeUp,
		source: fmt.Sprintf("OpenGate · %s · %s"+leftToRight+" %d", form.Slug, phrases(lang).say("readme.version"), form.Version),
	}, append(o, Options{})[0])
	defer func() { err = errors.Join(err, b.close()) }()

	sheets := b.addSheets("sheet.codebook")
	if err := b.err; err != nil {
		return err
	}
	writeCodebook(b, sheets[0], form)
	return b.writeTo(w)
}
