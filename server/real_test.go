package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"opengate/server/app"
	"opengate/server/store"
	"opengate/survey"
)

// TestIraqUrbanWater takes a real city survey through every command: 632 households, neighbourhoods that are not in
// the form, integers that look like 3e+05.
func TestIraqUrbanWater(t *testing.T) {
	form := shared(t, "forms", "reach_irq_urban_water_ar_en.xlsx")
	answers := shared(t, "datasets", "irq_urban_water_raw.csv")
	data := t.TempDir()
	must(t, data, "form", "publish", form, "--slug", "irq", "--lenient", "--by", "gender_hoh,displace_status")
	var rep importJSON
	decode(t, must(t, data, "responses", "import", "irq", answers, "--json"), &rep)
	if rep.Rows != 632 || rep.Imported != 632 || len(rep.Rejected) != 0 {
		t.Errorf("import: %+v", rep)
	}
	if rep.InvalidCells == 0 {
		t.Error("neighbourhoods that are not in the form should be counted as invalid cells")
	}
	if slices.IndexFunc(rep.InvalidColumns, func(c columnJSON) bool { return strings.Contains(c.Question, "neighbourhood") }) < 0 {
		t.Errorf("invalid cells are not where they should be: %+v", rep.InvalidColumns)
	}
	for _, c := range rep.InvalidColumns {
		t.Logf("%d invalid cells in %s", c.Cells, c.Question)
	}
	sameAnswers(t, data, "irq", answers, []string{"gender_hoh", "displace_status", "hh_hosting", "shelter_occupation", "water_source_drinking"})
	again := importJSON{}
	decode(t, must(t, data, "responses", "import", "irq", answers, "--json"), &again)
	if again.Imported != 0 || again.Duplicates != 632 {
		t.Errorf("importing again: %+v", again)
	}
	out, errOut, code := opengate(t, data, "diagnose", "irq", "--out", filepath.Join(data, "early.xlsx"))
	if code != 1 || !strings.Contains(errOut, "release irq") {
		t.Errorf("without a release: exit %d, %s%s", code, out, errOut)
	}
	diagnoseIn(t, data, "irq", "en", "ar")
}

// TestLebanonNeedsAssessment: 501 rows, 5,145 choices, 5,363 answers with 828 columns; every command within 500 MB and
// all of them within a minute, which leaves a slow machine ten times what a quiet one takes.
func TestLebanonNeedsAssessment(t *testing.T) {
	form := shared(t, "forms", "reach_lbn_msna2022_ar_en.xlsx")
	answers := shared(t, "datasets", "lbn_msna2022.csv.gz")
	data := t.TempDir()
	begun := time.Now()
	measured(t, data, "form", "publish", form, "--slug", "lbn", "--lenient", "--by", "gender_head,pop_group")
	var rep importJSON
	decode(t, measured(t, data, "responses", "import", "lbn", answers, "--json"), &rep)
	if rep.Rows != 5363 || rep.Imported != 5363 {
		t.Errorf("import: %d rows, %d imported, %d duplicates, %v", rep.Rows, rep.Imported, rep.Duplicates, rep.Rejected)
	}
	measured(t, data, "release", "lbn")
	measured(t, data, "diagnose", "lbn", "--lang", "en", "--out", filepath.Join(data, "lbn.xlsx"))
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("publish, import, release and diagnose took %s", took.Round(time.Second))
	}
	diagnoseIn(t, data, "lbn", "en", "ar")
}

// measured runs a command as a process of its own and checks its peak memory.
func measured(t *testing.T, data string, args ...string) string {
	t.Helper()
	const mostKB = 500_000
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"--data", data}, args...)...)
	cmd.Env = append(os.Environ(), "OPENGATE_TEST_BE_THE_SERVICE=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("opengate %s: %v", strings.Join(args, " "), err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if ok && usage.Maxrss > mostKB {
		t.Errorf("opengate %s took %d kB", args[0], usage.Maxrss)
	}
	return string(out)
}

// diagnoseIn releases and writes workbook and JSON in each language; the figures must be the same in all.
func diagnoseIn(t *testing.T, data, slug string, langs ...string) {
	t.Helper()
	must(t, data, "release", slug)
	var first any
	for _, lang := range langs {
		book, figures := filepath.Join(data, lang+".xlsx"), filepath.Join(data, lang+".json")
		must(t, data, "diagnose", slug, "--lang", lang, "--out", book, "--json", figures)
		if info, err := os.Stat(book); err != nil || info.Size() < 5000 {
			t.Errorf("%s: %v %v", book, info, err)
		}
		raw, err := os.ReadFile(figures)
		if err != nil {
			t.Fatal(err)
		}
		var d map[string]any
		decode(t, string(raw), &d)
		cells, _ := d["cells"].([]any)
		if len(cells) < 100 {
			t.Errorf("%s: only %d cells", lang, len(cells))
		}
		if first == nil {
			first = d["cells"]
		} else if a, b := mustJSON(t, first), mustJSON(t, d["cells"]); a != b {
			t.Errorf("%s has other figures than %s", lang, langs[0])
		}
	}
}

// sameAnswers recounts five select questions from the data file by itself and from the store.
func sameAnswers(t *testing.T, data, slug, file string, questions []string) {
	t.Helper()
	a, err := app.Open(t.Context(), app.Storage{Data: data}, app.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	sv, err := a.Store.Survey(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]int{}
	for r, err := range a.Store.Responses(t.Context(), slug, store.Filter{Wave: sv.Wave, BeforeEra: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range questions {
			if v := r.Answers[q]; v.State == survey.Answered {
				stored[q+"="+v.Text]++
			}
		}
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]int{}
	for _, q := range questions {
		col := slices.IndexFunc(rows[0], func(h string) bool { return h == q || strings.HasSuffix(h, "."+q) || strings.HasSuffix(h, "/"+q) })
		if col < 0 {
			t.Fatalf("%s has no column %s", file, q)
		}
		for _, row := range rows[1:] {
			if row[col] != "" && row[col] != "NA" {
				counted[q+"="+row[col]]++
			}
		}
	}
	if a, b := mustJSON(t, stored), mustJSON(t, counted); a != b {
		t.Errorf("stored  %s\ncounted %s", a, b)
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in %.200s", err, text)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
