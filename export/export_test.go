package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"opengate/survey"
	"opengate/survey/diagnosis"

	"github.com/xuri/excelize/v2"
)

func makeBook(t *testing.T, lang survey.Lang) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Workbook(&out, fixtureDiagnosis(), fixtureForm(), lang, Options{TmpDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func open(t *testing.T, book []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestWorkbookHoldsWhatTheReleaseHolds(t *testing.T) {
	for _, lang := range []survey.Lang{"en", "ar", "uk"} {
		t.Run(string(lang), func(t *testing.T) { golden(t, "workbook."+string(lang), dump(t, makeBook(t, lang))) })
	}
}

func TestCodebookAlone(t *testing.T) {
	var out bytes.Buffer
	if err := Codebook(&out, fixtureForm(), "ar"); err != nil {
		t.Fatal(err)
	}
	golden(t, "codebook.ar", dump(t, out.Bytes()))
	core := string(part(t, out.Bytes(), "docProps/core.xml"))
	if strings.Contains(core, "2006-") || strings.Contains(core, "created") {
		t.Errorf("a codebook has no day, but its properties say: %s", core)
	}
}

func TestJSONHoldsTheSameFigures(t *testing.T) {
	for _, lang := range []survey.Lang{"en", "ar"} {
		var out bytes.Buffer
		if err := JSON(&out, fixtureDiagnosis(), lang); err != nil {
			t.Fatal(err)
		}
		golden(t, "diagnosis."+string(lang)+".json", out.String())
	}
}

func TestJSONSaysWhatEachIndicatorIsAbout(t *testing.T) {
	var out bytes.Buffer
	if err := JSON(&out, fixtureDiagnosis(), "en"); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Indicators []struct{ ID, Measure, Label, Item string }
		Method     struct{ Bounds string }
		Cells      []map[string]any
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string][3]string{
		"area:HOU=need":             {"need", "In need", "Housing"},
		"q03=full":                  {"", "fully", "My home is safe"},
		"role:experience:yesno=any": {"any", "At least one", "Questions on what people experienced, taken together"},
	}
	for _, i := range got.Indicators {
		if w, ok := want[i.ID]; ok && w != [3]string{i.Measure, i.Label, i.Item} {
			t.Errorf("%s: %q, want %q", i.ID, [3]string{i.Measure, i.Label, i.Item}, w)
		}
		delete(want, i.ID)
	}
	if len(want) > 0 || !strings.Contains(got.Method.Bounds, "gaps are computed from the rounded count itself") {
		t.Errorf("without %v; bounds: %q", want, got.Method.Bounds)
	}
	for _, cell := range got.Cells {
		for _, name := range []string{"weighted", "deff"} {
			if _, ok := cell[name]; ok {
				t.Fatalf("an unweighted cell has %s: %v", name, cell)
			}
		}
	}
}

func TestSameReleaseSameText(t *testing.T) {
	want := dump(t, makeBook(t, "pl"))
	for range 5 {
		if got := dump(t, makeBook(t, "pl")); got != want {
			t.Fatal("the same release gave another text dump")
		}
	}
}

// layout is a dump without what a language may change: sheet names, wordings, number formats and direction.
func layout(t *testing.T, book []byte) string {
	t.Helper()
	f := open(t, book)
	var out strings.Builder
	for i, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			for c, v := range row {
				if v == "" {
					continue
				}
				if r+1 == rowCodes { // codes stay
					fmt.Fprintf(&out, "%d %s %s\n", i, address(c+1, r+1), v)
					continue
				}
				kind, err := f.GetCellType(name, address(c+1, r+1))
				if err != nil {
					t.Fatal(err)
				}
				if cellTypes[kind] == "number" {
					fmt.Fprintf(&out, "%d %s %s\n", i, address(c+1, r+1), v)
				} else {
					fmt.Fprintf(&out, "%d %s text\n", i, address(c+1, r+1))
				}
			}
		}
	}
	return out.String()
}

func TestSheetsCellsAndNumbersAreAlikeInEveryLanguage(t *testing.T) {
	// The legend has a line more where texts are missing or not reviewed: it stands last but the list of sheets, so
	// only a fully translated, reviewed release compares cell by cell.
	book := func(lang survey.Lang) []byte {
		d := fixtureDiagnosis()
		for i := range d.Languages {
			d.Languages[i].Reviewed = true
		}
		d.Dimensions[1].Categories[1].Label = words4("75+", "75+", "75+", "75+")
		d.Indicators[len(d.Indicators)-1].Label = words4("koszt", "cost", "ціна", "التكلفة")
		form := fixtureForm()
		for i := range form.Languages {
			form.Languages[i].Reviewed = true
		}
		var out bytes.Buffer
		if err := Workbook(&out, d, form, lang, Options{TmpDir: t.TempDir()}); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	want := layout(t, book("en"))
	for _, lang := range []survey.Lang{"pl", "uk", "ar"} {
		if got := layout(t, book(lang)); got != want {
			t.Errorf("%s differs from en", lang)
		}
	}
}

func TestArabicSheetsRunFromRightToLeft(t *testing.T) {
	for lang, want := range map[survey.Lang]bool{"ar": true, "en": false, "uk": false} {
		f := open(t, makeBook(t, lang))
		for _, name := range f.GetSheetList() {
			view, err := f.GetSheetView(name, 0)
			if err != nil {
				t.Fatal(err)
			}
			if *view.RightToLeft != want {
				t.Errorf("%s: sheet %s: right to left is %v", lang, name, *view.RightToLeft)
			}
		}
	}
	for lang, want := range map[survey.Lang]bool{"ar-eg": true, "fa": true, "ku": false, "ku-arab": true, "pa-latn": false, "pl-simple": false, "he": true} {
		if rightToLeft(lang) != want {
			t.Errorf("%s: right to left is %v", lang, !want)
		}
	}
}

func TestSheetNames(t *testing.T) {
	b := newBook(about{lang: "en"}, Options{})
	defer b.close()
	for _, tt := range []struct{ title, want string }{
		{"Needs", "Needs"},
		{"NEEDS", "NEEDS 2"},
		{"needs", "needs 3"},
		{"'a/b:c*[d]?\\'", "a b c  d"},
		{"", "Sheet"},
		{"''", "Sheet 2"},
		{strings.Repeat("ż", 40), strings.Repeat("ż", 31)},
		{strings.Repeat("Ż", 40), strings.Repeat("Ż", 29) + " 2"},
		{strings.Repeat("😀", 20), strings.Repeat("😀", 15)},
	} {
		if got := b.sheetName(tt.title); got != tt.want {
			t.Errorf("%q became %q, want %q", tt.title, got, tt.want)
		}
	}
}

func TestFrequenciesGoOnInAFurtherSheet(t *testing.T) {
	d := fixtureDiagnosis()
	b := newBook(about{title: d.Title, lang: "en", fallback: "pl", madeUp: true, asOf: d.AsOf}, Options{TmpDir: t.TempDir()})
	defer b.close()
	b.maxRows = 25
	sheets := b.addSheets("sheet.frequencies")
	writeFrequencies(b, sheets[0], d, newLabels(d, b))
	var out bytes.Buffer
	if err := b.writeTo(&out); err != nil {
		t.Fatal(err)
	}
	f := open(t, out.Bytes())
	figures := 0
	for i, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > 25 || rows[rowHead-1][0] != "Rights area" {
			t.Errorf("sheet %d: %d rows, heading %q", i, len(rows), rows[rowHead-1][0])
		}
		figures += len(rows) - rowHead
	}
	want := 0
	for i := range d.Figures {
		if d.Figures[i].Category != "gender/nb" { // the one group that is hidden
			want++
		}
	}
	if figures != want || len(f.GetSheetList()) < 3 {
		t.Errorf("%d figures in %v, want %d", figures, f.GetSheetList(), want)
	}
}

func TestGroupsThatAreHiddenHaveNoRowsAndAreNamedOnce(t *testing.T) {
	f := open(t, makeBook(t, "en"))
	names := f.GetSheetList()
	texts := map[string]string{}
	for _, name := range names {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			texts[name] += strings.Join(row, "\n") + "\n"
		}
	}
	readme, frequencies, method := texts[names[0]], texts[names[2]], texts[names[4]]
	if strings.Contains(frequencies, "gender/nb") || strings.Contains(frequencies, "Non-binary") || !strings.Contains(frequencies, "gender/man") {
		t.Error("the frequencies hold rows of a hidden group, or none of a shown one")
	}
	if n := strings.Count(method, "Gender: Non-binary person"); n != 1 {
		t.Errorf("the method names the hidden group %d times", n)
	}
	if !strings.Contains(readme, "Groups with fewer than 10 people have no rows on the sheet “Frequencies”") {
		t.Error("the read me does not say that groups are left out")
	}
	d := fixtureDiagnosis()
	d.Rows[0] = diagnosis.Row{Category: "all"}
	var out bytes.Buffer
	if err := Workbook(&out, d, fixtureForm(), "en", Options{TmpDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	if rows, err := open(t, out.Bytes()).GetRows(names[2]); err != nil || len(rows) <= rowHead || rows[rowHead][3] != "Everybody" {
		t.Errorf("everybody has no rows: %v", err)
	}
}

func TestManyHiddenGroupsTakeSeveralCells(t *testing.T) {
	d := largeDiagnosis(2, 3000)
	for i := range d.Rows[1:] {
		d.Rows[i+1] = diagnosis.Row{Category: d.Rows[i+1].Category}
	}
	var out bytes.Buffer
	if err := Workbook(&out, d, fixtureForm(), "en", Options{TmpDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	f := open(t, out.Bytes())
	rows, err := f.GetRows(f.GetSheetList()[4])
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, row := range rows {
		if len(row) > 2 && row[2] == "hidden_groups" {
			named += len(strings.Split(row[1], "; "))
			if len(row[1]) > 2000 {
				t.Errorf("%d bytes in one cell", len(row[1]))
			}
		}
	}
	if named != 3000 {
		t.Errorf("%d groups named, want 3000", named)
	}
}

func TestLinksKeepTheirNamesOnTheMethodSheet(t *testing.T) {
	d := fixtureDiagnosis()
	d.Method.Modes = nil
	d.Method.Channels = []diagnosis.Tally{{Code: "", Count: 300, Shown: true}, {Code: "open", Count: 50, Shown: true}, {Code: "other", Count: 40, Shown: true}}
	var out bytes.Buffer
	if err := Workbook(&out, d, fixtureForm(), "en", Options{TmpDir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	f := open(t, out.Bytes())
	rows, err := f.GetRows(f.GetSheetList()[4])
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, row := range rows {
		if len(row) > 2 {
			got[row[2]] = row[1]
		}
	}
	for code, want := range map[string]string{"channel/": "open address: 300", "channel/open": "open: 50", "channel/other": "other links: 40", "mode": "not shown"} {
		if got[code] != want {
			t.Errorf("%s is %q, want %q", code, got[code], want)
		}
	}
}

func TestBannerOnEverySheetWhenMadeUpAndOnlyThen(t *testing.T) {
	for _, madeUp := range []bool{true, false} {
		d, form := fixtureDiagnosis(), fixtureForm()
		d.MadeUp = madeUp
		var out bytes.Buffer
		if err := Workbook(&out, d, form, "uk", Options{TmpDir: t.TempDir()}); err != nil {
			t.Fatal(err)
		}
		f := open(t, out.Bytes())
		for _, name := range f.GetSheetList() {
			got, _ := f.GetCellValue(name, "A2")
			header, err := f.GetHeaderFooter(name)
			if err != nil {
				t.Fatal(err)
			}
			want := map[bool]string{true: phrases("uk").say("banner.made_up")}[madeUp]
			if got != want || (header.OddHeader == "&C"+want) != madeUp {
				t.Errorf("made up %v: %s!A2 is %q, page header %q", madeUp, name, got, header.OddHeader)
			}
		}
	}
}

func TestPropertiesAreOurs(t *testing.T) {
	book := makeBook(t, "en")
	props, err := open(t, book).GetDocProps()
	if err != nil {
		t.Fatal(err)
	}
	if props.Creator != "OpenGate" || props.LastModifiedBy != "OpenGate" || props.Title != "Needs in Kraków" || props.Language != "en" ||
		props.Created != "2025-03-14T00:00:00Z" || props.Modified != props.Created {
		t.Errorf("%+v", props)
	}
	for _, name := range partNames(t, book, "docProps/*.xml") {
		if bytes.Contains(bytes.ToLower(part(t, book, name)), []byte("xuri")) {
			t.Errorf("%s names a stranger", name)
		}
	}
}

func TestTextsInAnotherLanguageAreMarked(t *testing.T) {
	text := dump(t, makeBook(t, "en"))
	for _, want := range []string{`"75 i więcej"	 italic`, `"- koszt"	 italic quote`} {
		if !strings.Contains(text, want) {
			t.Errorf("no line with %s", want)
		}
	}
	if strings.Contains(text, `"Woman"	 italic`) {
		t.Error("an English text in italics")
	}
}

func TestNoTemporaryFileStays(t *testing.T) {
	dir := t.TempDir()
	d := largeDiagnosis(800, 30)
	if err := Workbook(&failing{}, d, fixtureForm(), "en", Options{TmpDir: dir}); err == nil {
		t.Error("a full disk gave no error")
	}
	if err := Workbook(&bytes.Buffer{}, d, fixtureForm(), "en", Options{TmpDir: dir}); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d temporary files stay behind", len(left))
	}
}

type failing struct{}

func (*failing) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// largeDiagnosis is a release of n answers by so many groups.
func largeDiagnosis(n, groups int) *diagnosis.Diagnosis {
	d := fixtureDiagnosis()
	dim := diagnosis.Dimension{Code: "district", Kind: survey.DimensionSingle, Label: survey.Text{"en": "District"}}
	d.Rows = d.Rows[:1]
	for g := range groups {
		code := fmt.Sprint("d", g)
		dim.Categories = append(dim.Categories, diagnosis.Category{Code: code, Label: survey.Text{"en": "District " + code}})
		d.Rows = append(d.Rows, diagnosis.Row{Category: "district/" + code, N: 200, Shown: true, AsOf: d.AsOf})
	}
	d.Dimensions = []diagnosis.Dimension{dim}
	d.Figures = nil
	for i := range n {
		d.Indicators = append(d.Indicators, diagnosis.Indicator{
			ID: fmt.Sprintf("q%d=c%d", i/25, i%25), Question: fmt.Sprint("q", i/25), Option: fmt.Sprint("c", i%25), Kind: "share",
			Label: survey.Text{"en": fmt.Sprint("Answer number ", i%25, " of this list")}, Item: survey.Text{"en": fmt.Sprint("Which of these did your household use in the last month? ", i/25)},
		})
	}
	for i, ind := range d.Indicators {
		for j, row := range d.Rows {
			d.Figures = append(d.Figures, fixtureFigure(i, j+3, ind, row))
		}
	}
	return d
}

func TestLibreOfficeOpensTheWorkbook(t *testing.T) {
	office, err := exec.LookPath("libreoffice")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("LibreOffice is not installed: in CI this test must run")
	}
	if err != nil {
		t.Skip("LibreOffice is not installed, so nobody but us has opened the workbook")
	}
	for _, lang := range []survey.Lang{"en", "ar"} {
		dir := t.TempDir()
		file := filepath.Join(dir, "book.xlsx")
		if err := os.WriteFile(file, makeBook(t, lang), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"),
			"--headless", "--convert-to", "pdf", "--outdir", dir, file).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", lang, err, out)
		}
		pdf, err := os.ReadFile(filepath.Join(dir, "book.pdf"))
		if err != nil {
			t.Fatalf("%s: no PDF: %v\n%s", lang, err, out)
		}
		pages := len(regexp.MustCompile(`/Type\s*/Page\b[^s]`).FindAll(pdf, -1))
		if !bytes.HasPrefix(pdf, []byte("%PDF")) || pages < 5 {
			t.Errorf("%s: %d pages, want at least one per sheet", lang, pages)
		}
	}
}
