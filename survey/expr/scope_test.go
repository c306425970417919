package expr

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// sheet is a scope made of plain tables.
type sheet struct {
	refs    map[string][]string
	self    string
	columns map[string]string
	labels  map[string]string // "question/code"
	rows    map[string][]map[string]string
	place   int
	now     time.Time
	random  float64
}

func (s *sheet) Ref(name string) []string                 { return s.refs[name] }
func (s *sheet) Self() string                             { return s.self }
func (s *sheet) Column(name string) string                { return s.columns[name] }
func (s *sheet) ChoiceLabel(code, question string) string { return s.labels[question+"/"+code] }
func (s *sheet) Rows(instance string) []map[string]string { return s.rows[instance] }
func (s *sheet) Position() int                            { return s.place }
func (s *sheet) Now() time.Time                           { return s.now }
func (s *sheet) Random() float64                          { return s.random }
func (s *sheet) Instances(name string, at []int) string {
	if vs := s.refs[name]; len(at) == 1 && at[0] >= 1 && at[0] <= len(vs) {
		return vs[at[0]-1]
	}
	return ""
}

// sample is the instance that the first line of the golden table describes, and some more for our own tables. The
// two repeats that hold an x there hold x and y here.
func sample(zone *time.Location) *sheet {
	return &sheet{
		refs: map[string][]string{
			"blank": {""}, "five": {"5"}, "sel": {"a b c"}, "sel1": {"a"}, "d": {"2025-03-04"}, "hidden": {""},
			"rep": {"", ""}, "x": {"1", "2"}, "rep2": {"", ""}, "y": {"1", ""}, "out": {""},
			"moment": {"2025-03-04T05:06:07.000+00:00"}, "word": {"żółw"}, "long": {"a-b-c"}, "ten": {"10"},
		},
		labels:  map[string]string{"sel1/a": "Label A"},
		columns: map[string]string{"region": "north", "name": "c1", "size": "10"},
		rows: map[string][]map[string]string{
			"L": {{"name": "a", "label": "A", "f": "1"}, {"name": "b", "label": "B", "f": "2"}, {"name": "c", "label": "C"}},
		},
		place: 3,
		now:   time.Date(2026, 5, 6, 7, 8, 9, 123_000_000, zone),
	}
}

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatalf("time zone %s: %v", name, err)
	}
	return z
}

func parse(tb testing.TB, src string) *Expr {
	tb.Helper()
	e, err := Parse(src)
	if err != nil {
		tb.Fatalf("%s: %v", src, err)
	}
	return e
}

// material finds the folder of real forms and golden tables that is kept beside the repository.
func material(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("OPENGATE_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "forms")); err != nil {
		tb.Skip("the folder of real forms is not there; set OPENGATE_SHARED to run this test")
	}
	return dir
}
