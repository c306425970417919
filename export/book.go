package export

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"opengate/survey"

	"github.com/xuri/excelize/v2"
)

// about is what every sheet of a workbook shares.
type about struct {
	title    survey.Text
	lang     survey.Lang // of the reader
	fallback survey.Lang // the form's default language
	madeUp   bool
	asOf     string // day of the release, "" when there is none
	source   string // foot of every printed page
}

// book is a workbook in the making. Its first error stays in err and turns everything that follows into nothing,
// so that sheets read as what they show; writeTo reports it.
type book struct {
	about
	words
	rtl       bool
	file      *excelize.File
	styles    map[look]int
	names     map[string]bool // sheet names taken, in lower case
	fallbacks int             // cells that show a text in another language than the reader's
	maxRows   int             // of one sheet
	err       error
}

func newBook(a about, o Options) *book {
	if a.lang == "" {
		a.lang = a.fallback
	}
	return &book{
		about: a, words: phrases(a.lang), rtl: rightToLeft(a.lang),
		file:   excelize.NewFile(excelize.Options{TmpDir: o.TmpDir}),
		styles: map[look]int{}, names: map[string]bool{}, maxRows: excelize.TotalRows,
	}
}

// close removes the temporary files.
func (b *book) close() error {
	if err := b.file.Close(); err != nil {
		return fmt.Errorf("export: removing temporary files: %w", err)
	}
	return nil
}

// fail keeps the first error.
func (b *book) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("export: "+format, args...)
	}
}

func (b *book) check(what string, err error) {
	if err != nil {
		b.fail("%s: %w", what, err)
	}
}

// text gives a wording for the reader and whether it had to be taken from another language.
func (b *book) text(t survey.Text) (wording string, foreign bool) {
	wording, lang := t.In(b.lang, base(b.lang), b.fallback)
	return wording, wording != "" && base(lang) != base(b.lang)
}

// addSheets names the sheets in order, before any is written, so that each can point to the others.
func (b *book) addSheets(keys ...string) []*sheet {
	sheets := make([]*sheet, len(keys))
	for i, key := range keys {
		sheets[i] = b.addSheet(b.say(key), key)
	}
	return sheets
}

func (b *book) addSheet(title, key string) *sheet {
	name := b.sheetName(title)
	if len(b.names) == 1 { // excelize starts with one sheet of its own
		b.check("sheet "+name, b.file.SetSheetName(b.file.GetSheetName(0), name))
	} else {
		_, err := b.file.NewSheet(name)
		b.check("sheet "+name, err)
	}
	return &sheet{b: b, name: name, key: key}
}

// sheetName makes a name that Excel accepts: without : \ / ? * [ ], without quotes around it, at most 31 UTF-16
// units, and unlike every other name of the workbook even in other letter case.
func (b *book) sheetName(title string) string {
	clean := strings.Trim(strings.TrimSpace(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) || r < ' ' {
			return ' '
		}
		return r
	}, title)), "' ")
	if clean == "" {
		clean = "Sheet"
	}
	for n := 1; ; n++ {
		suffix := ""
		if n > 1 {
			suffix = fmt.Sprintf(" %d", n)
		}
		name := strings.TrimSpace(cutUnits(clean, excelize.MaxSheetNameLength-len(suffix))) + suffix
		if key := strings.ToLower(name); !b.names[key] {
			b.names[key] = true
			return name
		}
	}
}

// cutUnits shortens a text to n UTF-16 units without breaking a character.
func cutUnits(s string, n int) string {
	units := 0
	for i, r := range s {
		if r > 0xFFFF {
			units++
		}
		if units++; units > n {
			return s[:i]
		}
	}
	return s
}

// writeTo sets the properties and writes the finished file.
func (b *book) writeTo(w io.Writer) error {
	b.properties()
	if b.err != nil {
		return b.err
	}
	b.file.SetActiveSheet(0)
	if err := b.file.Write(w); err != nil {
		return fmt.Errorf("export: writing the workbook: %w", err)
	}
	return nil
}

var docDates = regexp.MustCompile(`<dcterms:(created|modified)[^>]*>[^<]*</dcterms:(created|modified)>`)

// properties says who made the file and when: the day of the release, never the time of the download. Without a
// release there is no date at all (excelize would claim September 2006).
func (b *book) properties() {
	title, _ := b.text(b.title)
	day := ""
	if b.asOf != "" {
		day = b.asOf + "T00:00:00Z"
	}
	b.check("properties", b.file.SetDocProps(&excelize.DocProperties{
		Title: title, Subject: b.source, Creator: "OpenGate", LastModifiedBy: "OpenGate", Language: string(b.lang),
		Created: day, Modified: day,
	}))
	b.check("properties", b.file.SetAppProps(&excelize.AppProperties{Application: "OpenGate"}))
	const core = "docProps/core.xml"
	if raw, ok := b.file.Pkg.Load(core); ok && day == "" {
		b.file.Pkg.Store(core, docDates.ReplaceAll(bytes.Clone(raw.([]byte)), nil))
	}
}
