package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/xuri/excelize/v2"
)

// TestExampleEnvironmentMatchesTheFlags keeps deploy/opengate.env.example true.
func TestExampleEnvironmentMatchesTheFlags(t *testing.T) {
	parser, err := kong.New(&commands{})
	if err != nil {
		t.Fatal(err)
	}
	var flags []string
	err = kong.Visit(parser.Model, func(n kong.Visitable, next kong.Next) error {
		if f, ok := n.(*kong.Flag); ok {
			flags = append(flags, f.Envs...)
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile(filepath.Join("..", "deploy", "opengate.env.example"))
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, m := range regexp.MustCompile(`(?m)^#? ?(OPENGATE_[A-Z_]+)=`).FindAllStringSubmatch(string(example), -1) {
		named = append(named, m[1])
	}
	for _, set := range []*[]string{&flags, &named} {
		slices.Sort(*set)
		*set = slices.Compact(*set)
	}
	if !slices.Equal(flags, named) {
		t.Errorf("flags    %v\nexample  %v", flags, named)
	}
}

func TestCommandsSayWhatIsWrongAndWhatToDo(t *testing.T) {
	data := t.TempDir()
	legacy := filepath.Join(t.TempDir(), "old.xlsx")
	if err := os.WriteFile(legacy, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old workbook"), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, data, "form", "publish", template(t), "--slug", "here", "--allow-unreviewed")
	csv := filepath.Join(t.TempDir(), "a.csv")
	if err := os.WriteFile(csv, []byte("colour\nred\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	incomplete := withoutContact(t)
	for name, row := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no such command":              {[]string{"dance"}, 1, "dance"},
		"no such survey":               {[]string{"release", "nowhere"}, 1, "there are: here"},
		"what must be told is missing": {[]string{"form", "check", incomplete}, 1, "how to reach the controller"},
		"no release yet":               {[]string{"diagnose", "here", "--out", filepath.Join(data, "d.xlsx")}, 1, "make one with: release here"},
		"nowhere to write":             {[]string{"diagnose", "here"}, 1, "--out FILE.xlsx"},
		"a legacy workbook":            {[]string{"form", "check", legacy}, 1, ".xlsx"},
		"a data file of another":       {[]string{"responses", "import", "here", csv}, 1, "no column is named like a question"},
		"a bad slug":                   {[]string{"form", "publish", template(t), "--slug", "Not Good"}, 1, "short name"},
		"dimensions beside a plan":     {[]string{"form", "publish", template(t), "--slug", "by", "--by", "colour"}, 1, "declares its own plan"},
		"a backup over a file":         {[]string{"backup", legacy}, 1, "never overwrites"},
		"a wrong address":              {[]string{"serve", "--addr", "nonsense"}, 1, "--addr"},
		"a demo beside real data":      {[]string{"serve", "--demo", "--addr", "127.0.0.1:0"}, 1, "folder of its own"},
		"opening twice is no harm":     {[]string{"survey", "open", "here"}, 0, "open"},
		"an impossible step":           {[]string{"survey", "archive", "here"}, 1, "close it first"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errOut, code := opengate(t, data, row.args...)
			if code != row.code || !strings.Contains(out+errOut, row.want) {
				t.Errorf("exit %d, want %d with %q:\n%s%s", code, row.code, row.want, out, errOut)
			}
		})
	}
}

// withoutContact is the demonstration questionnaire without the contact of the controller.
func withoutContact(t *testing.T) string {
	t.Helper()
	f, err := excelize.OpenFile(template(t))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("og_settings")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if row[0] == "contact" {
			if err := f.RemoveRow("og_settings", i+1); err != nil {
				t.Fatal(err)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "incomplete.xlsx")
	if err := f.SaveAs(file); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestLostMasterKeyIsSaid(t *testing.T) {
	data := t.TempDir()
	must(t, data, "form", "publish", template(t), "--slug", "here", "--test")
	if err := os.Rename(filepath.Join(data, "master.key"), filepath.Join(data, "kept.key")); err != nil {
		t.Fatal(err)
	}
	if _, errOut, code := opengate(t, data, "survey", "open", "here"); code != 1 || !strings.Contains(errOut, "safe copy") {
		t.Errorf("missing key: exit %d, %s", code, errOut)
	}
	must(t, t.TempDir(), "form", "template", "--out", filepath.Join(data, "x.xlsx"))
	other := t.TempDir()
	must(t, other, "form", "publish", template(t), "--slug", "there", "--test")
	if _, errOut, code := opengate(t, data, "--master-key", filepath.Join(other, "master.key"), "release", "here"); code != 1 || !strings.Contains(errOut, "key") {
		t.Errorf("another key: exit %d, %s", code, errOut)
	}
	must(t, data, "--master-key", filepath.Join(data, "kept.key"), "survey", "open", "here", "--allow-unreviewed")
}

func TestBackupRestoresWhatWasNotErased(t *testing.T) {
	data := t.TempDir()
	for _, slug := range []string{"kept", "erased"} {
		must(t, data, "form", "publish", template(t), "--slug", slug, "--allow-unreviewed")
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	must(t, data, "backup", file)
	must(t, data, "survey", "close", "kept")
	must(t, data, "survey", "erase", "erased", "--yes")
	if out := must(t, data, "restore", file); !strings.Contains(out, "1 surveys erased since the backup stay erased") {
		t.Errorf("restore says: %s", out)
	}
	must(t, data, "survey", "close", "kept") // it is open again, as in the backup
	if _, errOut, code := opengate(t, data, "survey", "close", "erased"); code != 1 || !strings.Contains(errOut, "there are: kept") {
		t.Errorf("an erased survey came back: exit %d, %s", code, errOut)
	}
	broken := filepath.Join(t.TempDir(), "broken.db")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errOut, code := opengate(t, data, "restore", broken); code != 1 {
		t.Errorf("half a backup was restored: %s", errOut)
	}
	must(t, data, "survey", "archive", "kept") // and the database is as it was
}
