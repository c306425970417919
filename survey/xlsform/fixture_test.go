package xlsform

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	_ "time/tzdata" // time zones must load alike on every machine

	"github.com/xuri/excelize/v2"

	"opengate/survey"
)

// build makes a workbook of tables written as in Markdown: the first cell of a line names a new sheet, the lines
// below it are its rows. Cells are texts.
func build(tb testing.TB, tables string) []byte {
	tb.Helper()
	f := excelize.NewFile()
	sheet, row := "", 0
	for line := range strings.Lines(tables) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "|"), "|")
		if name := strings.TrimSpace(cells[0]); name != "" {
			if sheet == "" {
				must(tb, f.SetSheetName("Sheet1", name))
			} else {
				_, err := f.NewSheet(name)
				must(tb, err)
			}
			sheet, row = name, 0
			if len(strings.TrimSpace(strings.Join(cells[1:], ""))) == 0 {
				continue
			}
		}
		row++
		for i, c := range cells[1:] {
			if c = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(c, "\x00", "|"), `\n`, "\n")); c != "" {
				address, err := excelize.CoordinatesToCellName(i+1, row)
				must(tb, err)
				must(tb, f.SetCellStr(sheet, address, c))
			}
		}
	}
	var out bytes.Buffer
	must(tb, f.Write(&out))
	return out.Bytes()
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func read(tb testing.TB, tables string, opts Options) *Result {
	tb.Helper()
	result, err := Read(build(tb, tables), opts)
	must(tb, err)
	checkWording(tb, result)
	return result
}

// checkWording wants messages and remedies that read well as "message: remedy".
func checkWording(tb testing.TB, r *Result) {
	tb.Helper()
	for _, p := range slices.Concat(r.Problems, r.LeftOut) {
		for _, s := range []string{p.Message, p.Remedy} {
			if s != strings.TrimSpace(s) || strings.Contains(s, "  ") || strings.ContainsAny(s[max(0, len(s)-1):], ".,;:") {
				tb.Errorf("%s: %q is no clause", p.Code, s)
			}
		}
		if p.Message == "" || strings.Contains(p.Message, "did you mean") || strings.Contains(p.Message, ": ") || strings.HasSuffix(p.Message, "?") {
			tb.Errorf("%s: %q holds the remedy", p.Code, p.Message)
		}
	}
}

// form imports tables that have no errors.
func form(tb testing.TB, tables string) *survey.Form {
	tb.Helper()
	result := read(tb, tables, Options{})
	if !result.OK() {
		tb.Fatalf("refused:\n%s", lines(result.Problems))
	}
	return result.Form
}

// lines writes problems one per line for comparison: severity, place and code.
func lines(ps []Problem) string {
	var out strings.Builder
	for _, p := range ps {
		fmt.Fprintf(&out, "%s %s:%d %s %s (%s; %s)\n", p.Severity, p.Sheet, p.Row, p.Column, p.Code, p.Message, p.Remedy)
	}
	return out.String()
}

// short is what the tables of expectations hold: "error survey:3 relevant unknown_reference".
func short(p Problem) string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s:%d %s %s", p.Severity, p.Sheet, p.Row, p.Column, p.Code)), " ")
}

// errorsOf gives the errors in short.
func errorsOf(ps []Problem) []string {
	var out []string
	for _, p := range ps {
		if p.Severity == SeverityError {
			out = append(out, short(p))
		}
	}
	return out
}
