package expr

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// refused are the expressions of real forms that we refuse, with the code that says why.
var refused = map[string]string{
	"because pyxform doesn't know what to do": CodeUnclosed, // the form is a negative example of its converter
}

// expressionColumns are the columns of the survey sheet that hold expressions only.
var expressionColumns = []string{
	"relevant", "relevance", "constraint", "calculation", "calculate", "choice_filter",
	"repeat_count", "bind::relevant", "bind::calculate", "bind::constraint",
}

func TestEveryExpressionOfRealFormsParsesOrIsRefusedForAReason(t *testing.T) {
	dir := filepath.Join(material(t), "forms")
	files, _ := filepath.Glob(filepath.Join(dir, "*.xlsx"))
	pairs, _ := filepath.Glob(filepath.Join(dir, "pairs", "*.xlsx"))
	seen := map[string]bool{}
	for _, file := range append(files, pairs...) {
		if strings.Contains(file, "_ole_xls_") {
			continue // not an xlsx file at all
		}
		for _, src := range expressions(t, file) {
			if seen[src] {
				continue
			}
			seen[src] = true
			e, err := Parse(src)
			code := ""
			if err != nil {
				code = err.(*SyntaxError).Code //nolint:errorlint,forcetypeassert // Parse promises it
			}
			if want := refused[strings.TrimSpace(src)]; code != want {
				t.Errorf("%s: %s: %q (%v), want %q", filepath.Base(file), src, code, err, want)
			}
			if err == nil {
				for _, zoneName := range goldenZones {
					e.Text(sample(zone(t, zoneName)))
				}
			}
		}
	}
	if len(seen) < 700 {
		t.Errorf("only %d expressions were found", len(seen))
	}
}

func expressions(t *testing.T, file string) []string {
	t.Helper()
	f, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	defer f.Close()
	var found []string
	for _, name := range f.GetSheetList() {
		if strings.ToLower(strings.TrimSpace(name)) != "survey" {
			continue
		}
		rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil || len(rows) == 0 {
			t.Fatalf("%s: %v", file, err)
		}
		for c, head := range rows[0] {
			if !slices.Contains(expressionColumns, strings.ToLower(strings.TrimSpace(head))) {
				continue
			}
			for _, row := range rows[1:] {
				if c < len(row) && strings.TrimSpace(row[c]) != "" {
					found = append(found, row[c])
				}
			}
		}
	}
	return found
}
