package intake

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"opengate/server/store"
	"opengate/survey"
)

// ImportOptions says how a data file is laid out.
type ImportOptions struct {
	Separator string         // between group, question and choice in headers; "" tries "/" and "."
	Progress  func(rows int) // called after each batch; may be nil
}

// ImportReport says what became of a data file.
type ImportReport struct {
	Rows           int
	Imported       int
	Duplicates     int // rows that were there already, from an earlier import or earlier in the file
	InvalidCells   int
	InvalidColumns []ColumnCount // where they are, in column order
	UnknownColumns []string
	MissingColumns []string // questions of the form without a column
	Rejected       []RejectedRow
}

// ColumnCount is a number of cells by question.
type ColumnCount struct {
	Question  string
	Cells     int
	FirstLine int // line of the file with the first of them, the header being 1
}

// RejectedRow is a row of which nothing could be kept. Row is its line in the file, the header being 1.
type RejectedRow struct {
	Row      int
	Problems []string // codes
}

const importBatch = 200

// Import reads a data file in the layout of KoboToolbox or ODK into a survey, whatever its status but archived, and
// keeps every row it can: a bad cell becomes Invalid and is counted, required and constraints are not enforced.
// Identity is _uuid, X_uuid or KEY, otherwise the hash of the file and the row, so that importing again adds
// nothing. name tells the format (.csv, .csv.gz, .xlsx). A header that names no question of the form is an error.
func (s *Service) Import(ctx context.Context, slug, name string, r io.Reader, o ImportOptions) (ImportReport, error) {
	sv, err := s.library.Survey(ctx, slug)
	if err != nil {
		return ImportReport{}, fmt.Errorf("survey %s: %w", slug, err)
	}
	if sv.Status == survey.StatusArchived {
		return ImportReport{}, fmt.Errorf("survey %s is archived: %w", slug, survey.ErrClosed)
	}
	form, err := s.library.Form(ctx, slug, sv.Version)
	if err != nil {
		return ImportReport{}, err
	}
	key, _, err := s.store.SurveyKey(ctx, slug, "receipt")
	if err != nil {
		return ImportReport{}, fmt.Errorf("intake: receipt key: %w", err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return ImportReport{}, fmt.Errorf("%s: %w", name, err)
	}
	t, done, err := openTable(name, bytes.NewReader(data), s.tmpDir)
	if err != nil {
		return ImportReport{}, err
	}
	defer done()
	hash := sha256.Sum256(data)
	im := &importer{
		Service: s, survey: sv, form: form, key: key, file: hex.EncodeToString(hash[:]), options: o,
		columns: matchColumns(form, t.header, o.Separator), invalid: map[*survey.Question]ColumnCount{},
	}
	if len(im.columns.whole)+len(im.columns.split) == 0 {
		return ImportReport{}, fmt.Errorf("%s: no column is named like a question of survey %s: the first row must hold names such as %q; is it another survey's file, or are labels used as headers?", name, slug, firstQuestion(form))
	}
	im.report.UnknownColumns = im.columns.unknown
	im.report.MissingColumns = im.missing()
	return im.run(ctx, t)
}

type importer struct {
	*Service
	survey  store.Survey
	form    *survey.Form
	key     []byte
	file    string
	options ImportOptions
	columns columns
	line    int // of the present row in the file, the header being 1
	invalid map[*survey.Question]ColumnCount
	batch   []store.Entry
	lines   []int // of the batch's rows in the file
	report  ImportReport
}

func (im *importer) run(ctx context.Context, t table) (ImportReport, error) {
	for row, err := range t.rows {
		im.line = row.line
		if err != nil {
			return im.report, fmt.Errorf("line %d: %w: nothing after it was read; what came before is kept, and importing the mended file again adds only what is new", im.line, err)
		}
		if !slices.ContainsFunc(row.cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
			continue
		}
		im.report.Rows++
		if err := im.add(ctx, row.cells); err != nil {
			return im.report, err
		}
	}
	if err := im.flush(ctx); err != nil {
		return im.report, err
	}
	for q := range im.form.All() {
		if c := im.invalid[q]; c.Cells > 0 {
			im.report.InvalidColumns = append(im.report.InvalidColumns, c)
			im.report.InvalidCells += c.Cells
		}
	}
	return im.report, nil
}

func (im *importer) add(ctx context.Context, row []string) error {
	answers := survey.Answers{}
	given := false
	for q := range im.form.All() {
		val, has, ok := im.columns.cell(q, row)
		if !ok {
			c := im.invalid[q]
			if c.Cells == 0 {
				c = ColumnCount{Question: q.ID, FirstLine: im.line}
			}
			c.Cells++
			im.invalid[q] = c
		}
		if has {
			answers[q.ID] = val
			given = true
		}
	}
	if !given {
		im.report.Rejected = append(im.report.Rejected, RejectedRow{im.line, []string{"no_answers"}})
		return nil
	}
	mine := maps.Clone(answers)
	im.complete(answers)
	r := survey.Response{
		ID: im.id(row), Survey: im.survey.Slug, Wave: im.survey.Wave, Version: im.form.Version,
		Language: im.form.Default, Mode: survey.ModeImported, Day: im.dayOf(row), Era: im.survey.Era,
		Complete: true, Answers: answers,
	}
	receipt, err := im.Receipt(ctx, r.Survey, r.ID)
	if err != nil {
		return err
	}
	im.batch = append(im.batch, store.Entry{Response: r, ReceiptHash: receiptHash(receipt), Given: mine})
	im.lines = append(im.lines, im.line)
	if len(im.batch) >= importBatch {
		return im.flush(ctx)
	}
	return nil
}

// complete fills in what the file cannot say: which blanks were asked and skipped. A calculation keeps the file's
// value and is computed where the file has none.
func (im *importer) complete(answers survey.Answers) {
	now := survey.Now{Time: im.now().In(im.form.Zone()), Langs: []survey.Lang{im.form.Default}}
	view := survey.Evaluate(im.form, maps.Clone(answers), now)
	for q := range im.form.All() {
		if _, has := answers[q.ID]; has || !view.Relevant(q.ID) {
			continue
		}
		switch {
		case q.Asks():
			answers[q.ID] = survey.Value{State: survey.Skipped}
		case q.Kind == survey.KindCalculate:
			if val := view.Value(q.ID); val.Given() {
				answers[q.ID] = val
			}
		}
	}
}

// id is a response id made from the row's identity under the survey's key: the same row gives the same id, and
// nobody without the key can tell which row a stored response came from.
func (im *importer) id(row []string) string {
	identity := "row " + im.file + " " + strconv.Itoa(im.line)
	if i := im.columns.identity; i >= 0 && i < len(row) && !blank(strings.TrimSpace(row[i])) {
		identity = "uuid " + strings.TrimPrefix(strings.TrimSpace(row[i]), "uuid:")
	}
	mac := hmac.New(sha256.New, im.key)
	mac.Write([]byte("import v1|" + identity))
	return base32Lower.EncodeToString(mac.Sum(nil)[:16])
}

func (im *importer) dayOf(row []string) string {
	if i := im.columns.day; i >= 0 && i < len(row) {
		cell := strings.TrimSpace(row[i])
		if d, err := time.Parse(time.DateOnly, cell[:min(len(cell), 10)]); err == nil {
			return d.Format(time.DateOnly)
		}
	}
	return im.now().In(im.form.Zone()).Format(time.DateOnly)
}

func (im *importer) flush(ctx context.Context) error {
	if len(im.batch) == 0 {
		return nil
	}
	verdicts, err := im.store.AddResponses(ctx, im.batch)
	if err != nil {
		return fmt.Errorf("storing rows up to line %d: %w", im.line, err)
	}
	for i, v := range verdicts {
		switch v {
		case store.Stored:
			im.report.Imported++
		case store.Same:
			im.report.Duplicates++
		case store.Gone:
			im.reject(i, "withdrawn")
		default:
			im.reject(i, "stored_with_other_answers")
		}
	}
	im.batch, im.lines = im.batch[:0], im.lines[:0]
	if im.options.Progress != nil {
		im.options.Progress(im.report.Rows)
	}
	return nil
}

// reject names the row of the i-th entry of the batch that has just been stored.
func (im *importer) reject(i int, code string) {
	im.report.Rejected = append(im.report.Rejected, RejectedRow{im.lines[i], []string{code}})
}

func (im *importer) missing() []string {
	var out []string
	for q := range im.form.All() {
		_, whole := im.columns.whole[q]
		if q.Asks() && !whole && im.columns.split[q] == nil {
			out = append(out, q.ID)
		}
	}
	return out
}

func firstQuestion(f *survey.Form) string {
	for q := range f.All() {
		if q.Asks() {
			return q.Name
		}
	}
	return "name"
}

func sortedKeys(a survey.Answers) []string { return slices.Sorted(maps.Keys(a)) }
