package expr

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// differs are the rows of the golden table where we decide otherwise than the engine that made it.
var differs = map[string]string{
	"number('0x10')": "", // a number is digits, point and exponent; 0x10 is a typing error
}

// goldenRow is one expression with the results of the ODK engine in two time zones; refused says that the engine
// does not load it.
type goldenRow struct {
	source  string
	want    [2]string
	refused bool
}

var goldenZones = [2]string{"UTC", "Europe/Moscow"}

func golden(t *testing.T) []goldenRow {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(material(t), "oracle", "expressions", "expr_oracle.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []goldenRow
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		f := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") || f[0] == "expression" {
			continue
		}
		if len(f) != 3 {
			t.Fatalf("golden table: %q", line)
		}
		// Questions are known by name, so the second and third repeat get names of their own.
		row := goldenRow{source: strings.NewReplacer("/rep2/x", "/rep2/y", "/rep9/x", "/rep9/z").Replace(f[0])}
		row.refused = strings.HasPrefix(f[1], "LOADFAIL") || strings.HasPrefix(f[1], "ERR")
		if !row.refused {
			for i := range row.want {
				s, err := strconv.Unquote(f[i+1])
				if err != nil {
					t.Fatalf("golden table: %q: %v", line, err)
				}
				if other, ok := differs[f[0]]; ok {
					s = other
				}
				row.want[i] = s
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func TestGoldenTableOfTheODKEngine(t *testing.T) {
	rows := golden(t)
	if len(rows) < 120 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		e, err := Parse(row.source)
		if row.refused {
			if err == nil {
				t.Errorf("%s: parsed, but the engine refuses it", row.source)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", row.source, err)
			continue
		}
		for i, name := range goldenZones {
			if got := e.Text(sample(zone(t, name))); got != row.want[i] {
				t.Errorf("%s in %s = %q, the engine gives %q", row.source, name, got, row.want[i])
			}
		}
	}
}
