package export

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"opengate/survey"
	"opengate/survey/diagnosis"

	"github.com/xuri/excelize/v2"
)

func TestNothingIsAFormula(t *testing.T) {
	payloads := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://example.org\")", "=cmd|' /C calc'!A0", "{=1}", "00123", "1e5", "TRUE", "_x000A_", " blank "}
	for _, payload := range payloads {
		d, form := fixtureDiagnosis(), fixtureForm()
		hostile := survey.Text{"en": payload}
		d.Title, form.Title = hostile, hostile
		d.Areas[0].Label, d.Dimensions[0].Label, d.Dimensions[0].Categories[0].Label = hostile, hostile, hostile
		for i := range d.Indicators {
			d.Indicators[i].Label, d.Indicators[i].Item = hostile, hostile
		}
		d.Survey, d.Wave, d.Software, d.KeyID, d.Commitment, d.Method.Channels[1].Code = payload, payload, payload, payload, payload, payload
		form.Question("q03").Label, form.Question("q03").Hint = hostile, hostile
		form.Languages[0].Name = payload
		var out bytes.Buffer
		if err := Workbook(&out, d, form, "en", Options{TmpDir: t.TempDir()}); err != nil {
			t.Fatalf("%q: %v", payload, err)
		}
		f := open(t, out.Bytes())
		for i, name := range partNames(t, out.Bytes(), "xl/worksheets/sheet*.xml") {
			if bytes.Contains(part(t, out.Bytes(), name), []byte("<f>")) || bytes.Contains(part(t, out.Bytes(), name), []byte("<f ")) {
				t.Errorf("%q: formula in %s", payload, name)
			}
			sheet := f.GetSheetName(i)
			if got, _ := f.GetCellValue(sheet, "A1"); got != payload {
				t.Errorf("%s!A1 is %q, want %q unaltered", sheet, got, payload)
			}
			if kind, _ := f.GetCellType(sheet, "A1"); cellTypes[kind] != "text" {
				t.Errorf("%q: %s!A1 is %s", payload, sheet, cellTypes[kind])
			}
			id, _ := f.GetCellStyle(sheet, "A1")
			q := f.Styles.CellXfs.Xf[id].QuotePrefix
			if quoted := q != nil && *q; quoted != strings.ContainsRune("=+-@\t\r", rune(payload[0])) {
				t.Errorf("%q: quote prefix is %v", payload, quoted)
			}
		}
	}
}

func TestWhatACellCannotHoldIsAnErrorThatNamesIt(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	long := strings.Repeat("ż", excelize.TotalCellChars)
	tests := map[string]struct {
		change func(*diagnosis.Diagnosis)
		want   string // "" = no error
	}{
		"longest text":                {func(d *diagnosis.Diagnosis) { d.Title = survey.Text{"en": long} }, ""},
		"one character too long":      {func(d *diagnosis.Diagnosis) { d.Title = survey.Text{"en": long + "x"} }, `Needs × groups!A1: 32768 UTF-16 units, limit 32767`},
		"too long in surrogate pairs": {func(d *diagnosis.Diagnosis) { d.Title = survey.Text{"en": strings.Repeat("😀", 16384)} }, `A1: 32768 UTF-16 units`},
		"control character":           {func(d *diagnosis.Diagnosis) { d.Areas[1].Label = survey.Text{"en": "a\vb"} }, `Needs × groups!A13: character U+000B at byte 1`},
		"not UTF-8":                   {func(d *diagnosis.Diagnosis) { d.Wave = "\xff" }, `Method!B`},
		"NaN":                         {func(d *diagnosis.Diagnosis) { d.Figures[0].Estimate = &nan }, `Needs × groups!D10: NaN is not a number`},
		"infinite":                    {func(d *diagnosis.Diagnosis) { d.Figures[0].High = &inf }, `Frequencies!J6: +Inf is not a number`},
		"no day":                      {func(d *diagnosis.Diagnosis) { d.Rows[1].AsOf = "14.03.2025" }, `Needs × groups!E8: "14.03.2025" is not a day`},
		"point without estimate":      {func(d *diagnosis.Diagnosis) { d.Figures[0].Estimate = nil }, `figure area:HOU=need of all: a point without an estimate`},
		"bare nought":                 {func(d *diagnosis.Diagnosis) { d.Figures[0].Count = 0 }, `figure area:HOU=need of all: none or all of the base without a bound`},
		"unknown status":              {func(d *diagnosis.Diagnosis) { d.Figures[0].Status = "maybe" }, `unknown status "maybe"`},
		"unknown group":               {func(d *diagnosis.Diagnosis) { d.Rows[1].Category = "gender/x" }, `row "gender/x": no such group`},
		"unknown indicator":           {func(d *diagnosis.Diagnosis) { d.Figures[0].Indicator = "q99=a" }, `figure q99=a of all: no such indicator`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := fixtureDiagnosis()
			tt.change(d)
			var out bytes.Buffer
			err := Workbook(&out, d, fixtureForm(), "en", Options{TmpDir: t.TempDir()})
			switch {
			case tt.want == "" && err != nil:
				t.Fatal(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q", err, tt.want)
			case tt.want != "" && out.Len() > 0:
				t.Errorf("an error, and yet %d bytes of a file", out.Len())
			}
		})
	}
	b := newBook(about{lang: "en"}, Options{})
	defer b.close()
	s := b.addSheets("sheet.method")[0]
	s.begin(frame{})
	type count int
	s.put(2, count(7), look{})
	if want := "export: Method!B5: unsupported export.count"; b.err == nil || b.err.Error() != want {
		t.Errorf("got %v, want %s", b.err, want)
	}
}
