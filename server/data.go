package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"opengate/export"
	"opengate/server/app"
	"opengate/server/intake"
	"opengate/server/office"
	"opengate/server/release"
	"opengate/server/staff"
	"opengate/server/store/sqlite"
	"opengate/survey"
)

func staffRole(name string) staff.Role { return staff.Role(name) }

type responseCommands struct {
	Import responsesImport `cmd:"" help:"Import a data file in the layout of KoboToolbox or ODK."`
}

type responsesImport struct {
	Slug      string `arg:"" help:"Short name of the survey."`
	File      string `arg:"" type:"existingfile" help:".csv, .csv.gz or .xlsx."`
	Separator string `help:"What joins group, question and choice in the headers: / . or _ (default: tries / and .)." enum:"/,.,_," default:""`
	JSON      bool   `name:"json" help:"Print JSON."`
}

type importJSON struct {
	Rows           int           `json:"rows"`
	Imported       int           `json:"imported"`
	Duplicates     int           `json:"duplicates"`
	InvalidCells   int           `json:"invalid_cells"`
	InvalidColumns []columnJSON  `json:"invalid_columns"`
	UnknownColumns []string      `json:"unknown_columns"`
	MissingColumns []string      `json:"missing_columns"`
	Rejected       []rejectedRow `json:"rejected"`
}

type columnJSON struct {
	Question  string `json:"question"`
	Cells     int    `json:"cells"`
	FirstLine int    `json:"first_line"`
}

type rejectedRow struct {
	Row      int      `json:"row"`
	Problems []string `json:"problems"`
}

// Run imports the file and says what became of its rows; exit code 1 when no row could be kept.
func (c *responsesImport) Run(t *terminal) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	return t.withSurvey(c.Slug, func(a *app.App) error {
		rep, err := a.Intake.Import(t.ctx, c.Slug, filepath.Base(c.File), f, intake.ImportOptions{Separator: c.Separator, Progress: t.progress("rows")})
		if err != nil {
			return err
		}
		if err := a.Office.Imported(t.ctx, c.Slug, office.CommandLine); err != nil {
			return err
		}
		if c.JSON {
			err = t.json(importReport(rep))
		} else {
			c.print(t, rep)
		}
		if err == nil && rep.Rows > 0 && rep.Imported+rep.Duplicates == 0 {
			err = errors.New("no row could be kept")
		}
		return err
	})
}

func importReport(rep intake.ImportReport) importJSON {
	out := importJSON{
		Rows: rep.Rows, Imported: rep.Imported, Duplicates: rep.Duplicates, InvalidCells: rep.InvalidCells,
		InvalidColumns: []columnJSON{}, Rejected: []rejectedRow{},
		UnknownColumns: append([]string{}, rep.UnknownColumns...), MissingColumns: append([]string{}, rep.MissingColumns...),
	}
	for _, col := range rep.InvalidColumns {
		out.InvalidColumns = append(out.InvalidColumns, columnJSON(col))
	}
	for _, r := range rep.Rejected {
		out.Rejected = append(out.Rejected, rejectedRow(r))
	}
	return out
}

func (c *responsesImport) print(t *terminal, rep intake.ImportReport) {
	t.printf("%d rows: %d imported, %d there already, %d rejected\n", rep.Rows, rep.Imported, rep.Duplicates, len(rep.Rejected))
	for _, col := range rep.InvalidColumns {
		t.printf("  %d cells of %s do not fit the question and are kept as \"invalid\", the first in line %d\n", col.Cells, col.Question, col.FirstLine)
	}
	for _, r := range rep.Rejected {
		t.printf("  line %d was rejected: %s\n", r.Row, r.Problems[0])
	}
	if n := len(rep.UnknownColumns); n > 0 {
		t.printf("  %d columns belong to no question and were not read, such as %q\n", n, rep.UnknownColumns[0])
	}
	if n := len(rep.MissingColumns); n > 0 {
		t.printf("  %d questions have no column, such as %s\n", n, rep.MissingColumns[0])
	}
}

type releaseCommand struct {
	Slug string `arg:"" help:"Short name of the survey."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run makes a release and prints what was refreshed, carried forward, refused and why.
func (c *releaseCommand) Run(t *terminal) error {
	return t.withSurvey(c.Slug, func(a *app.App) error {
		res, err := a.Release.Make(t.ctx, c.Slug, t.progress("answers read"))
		if err != nil {
			return err
		}
		if err := a.Office.Released(t.ctx, c.Slug, res.Number, office.CommandLine); err != nil {
			return err
		}
		if c.JSON {
			return t.json(releaseReport(c.Slug, res))
		}
		printRelease(t, c.Slug, res)
		return nil
	})
}

type diagnoseCommand struct {
	Slug    string `arg:"" help:"Short name of the survey."`
	Lang    string `help:"Language of the workbook (default: the form's own)." placeholder:"pl"`
	Out     string `help:"Workbook to write." placeholder:"FILE.xlsx"`
	JSON    string `name:"json" help:"Write the same figures as JSON." placeholder:"FILE.json"`
	Release int    `help:"Number of the release (default: the newest)."`
}

// Run writes the workbook, the JSON, or both, from a stored release.
func (c *diagnoseCommand) Run(t *terminal) error {
	if c.Out == "" && c.JSON == "" {
		return errors.New("say where to write: --out FILE.xlsx, --json FILE.json or both")
	}
	return t.withSurvey(c.Slug, func(a *app.App) error {
		d, form, err := a.Release.Diagnosis(t.ctx, c.Slug, c.Release)
		if errors.Is(err, release.ErrNone) {
			return fmt.Errorf("survey %s has no release yet, and figures come from releases only: make one with: release %s", c.Slug, c.Slug)
		}
		if err != nil {
			return err
		}
		lang, err := readerLanguage(c.Lang, form)
		if err != nil {
			return err
		}
		if c.JSON != "" {
			if err := writeFile(c.JSON, func(w io.Writer) error { return export.JSON(w, d, lang) }); err != nil {
				return err
			}
		}
		if c.Out == "" {
			return nil
		}
		return writeFile(c.Out, func(w io.Writer) error {
			return export.Workbook(w, d, form, lang, export.Options{TmpDir: a.TmpDir()})
		})
	})
}

// readerLanguage is the language asked for, the form's own by default. It must be one of the form's or one that the
// workbook's own texts are in.
func readerLanguage(asked string, form *survey.Form) (survey.Lang, error) {
	lang := survey.Lang(strings.ToLower(asked))
	if lang == "" {
		return form.Default, nil
	}
	known := form.Tags()
	for _, l := range export.Languages() {
		if !slices.Contains(known, l) {
			known = append(known, l)
		}
	}
	if !slices.Contains(known, lang) {
		return "", fmt.Errorf("--lang %s: no such language; there are %s", asked, joined(known))
	}
	return lang, nil
}

func joined(langs []survey.Lang) string {
	var b strings.Builder
	for i, l := range langs {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(l))
	}
	return b.String()
}

// writeFile writes beside the target and renames at the end, so that a short file is never taken for a whole one.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".opengate-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

type backupCommand struct {
	File string `arg:"" help:"File to write; it must not exist."`
}

// Run writes a verified copy of the embedded database.
func (c *backupCommand) Run(t *terminal) error {
	if t.storage.MongoDB != "" {
		return errors.New("backup is for the embedded database; back MongoDB up with mongodump or snapshots, see the production page")
	}
	if _, err := os.Stat(c.File); err == nil {
		return fmt.Errorf("%s exists: a backup never overwrites a file; choose another name", c.File)
	}
	return t.with(func(a *app.App) error {
		if err := writeFile(c.File, func(w io.Writer) error { return a.Store.Backup(t.ctx, w) }); err != nil {
			return fmt.Errorf("backup: %w", err)
		}
		t.printf("%s is written and verified. Keep the master key file apart from it: without the key it cannot be read.\n", c.File)
		return nil
	})
}

type restoreCommand struct {
	File string `arg:"" type:"existingfile" help:"The backup."`
}

// Run puts a backup in the place of the database; answers withdrawn since stay withdrawn.
func (c *restoreCommand) Run(t *terminal) error {
	if t.storage.MongoDB != "" {
		return errors.New("restore is for the embedded database; see the production page for MongoDB")
	}
	if err := os.MkdirAll(t.storage.Data, 0o700); err != nil {
		return err
	}
	rep, err := sqlite.Restore(t.ctx, c.File, t.storage.Database())
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	t.printf("%s is restored%s\n", t.storage.Database(), rep)
	return nil
}
