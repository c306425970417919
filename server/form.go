package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"opengate/server/app"
	"opengate/server/demo"
	"opengate/server/office"
	"opengate/survey"
	"opengate/survey/xlsform"
)

type formCommands struct {
	Check    formCheck    `cmd:"" help:"Read an XLSForm workbook and list its problems."`
	Publish  formPublish  `cmd:"" help:"Publish an XLSForm workbook as a survey, or as its next version."`
	Export   formExport   `cmd:"" help:"Get a survey's XLSForm back."`
	Template formTemplate `cmd:"" help:"Write the demonstration questionnaire, a template in six languages with a whole analysis plan."`
}

type formCheck struct {
	File    string   `arg:"" type:"existingfile" help:"The .xlsx workbook."`
	JSON    bool     `name:"json" help:"Print JSON."`
	Lenient bool     `help:"Leave out what is not supported instead of refusing it."`
	By      []string `help:"Questions that divide people into groups, for a form without og_ columns." placeholder:"q1,q2"`
}

// Run lists the problems; exit code 1 when there are errors.
func (c *formCheck) Run(t *terminal) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	res, err := xlsform.Read(data, xlsform.Options{Lenient: c.Lenient, By: c.By})
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	problems := append(office.PlanProblems(res, c.By), res.LeftOut...)
	if res.Form != nil && res.Form.Plan.Settings.Timezone != "" { // there is an og_settings sheet, so publishing wants it whole
		problems = append(problems, xlsform.Missing(res.Form)...)
	}
	ok := res.Form != nil && !hasError(problems)
	if c.JSON {
		err = t.json(checkReport(res.Form, problems, ok))
	} else {
		printProblems(t.out, problems)
		if ok {
			t.printf("%s: fit to publish, %d questions in %d languages\n", c.File, asked(res.Form), len(res.Form.Languages))
		} else {
			t.printf("%s: cannot be published as it is\n", c.File)
		}
	}
	if err == nil && !ok {
		err = errSilent
	}
	return err
}

type formReport struct {
	OK        bool          `json:"ok"`
	Title     string        `json:"title"`
	Languages []string      `json:"languages"`
	Questions int           `json:"questions"`
	Problems  []problemJSON `json:"problems"`
}

type problemJSON struct {
	Severity string `json:"severity"`
	Sheet    string `json:"sheet"`
	Row      int    `json:"row"`
	Column   string `json:"column"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Remedy   string `json:"remedy,omitempty"`
}

func checkReport(f *survey.Form, problems []xlsform.Problem, ok bool) formReport {
	r := formReport{OK: ok, Languages: []string{}, Problems: []problemJSON{}}
	if f != nil {
		r.Title, _ = f.Title.In(f.Default)
		r.Questions = asked(f)
		for _, l := range f.Languages {
			r.Languages = append(r.Languages, string(l.Tag))
		}
	}
	for _, p := range problems {
		r.Problems = append(r.Problems, problemJSON(p))
	}
	return r
}

func asked(f *survey.Form) int {
	n := 0
	for q := range f.All() {
		if q.Asks() {
			n++
		}
	}
	return n
}

func hasError(problems []xlsform.Problem) bool {
	for _, p := range problems {
		if p.Severity == "error" {
			return true
		}
	}
	return false
}

// printProblems writes the problems as a table.
func printProblems(w io.Writer, problems []xlsform.Problem) {
	if len(problems) == 0 {
		return
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, p := range problems {
		where := p.Sheet
		if p.Row > 0 {
			where += fmt.Sprintf(" row %d", p.Row)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", p.Severity, where, p.Column, sentence(p))
	}
	_ = tw.Flush()
}

// sentence joins what is wrong and what to do.
func sentence(p xlsform.Problem) string {
	if p.Remedy == "" {
		return p.Message
	}
	return p.Message + ": " + p.Remedy
}

type formPublish struct {
	File    string   `arg:"" type:"existingfile" help:"The .xlsx workbook."`
	Slug    string   `required:"" help:"Short name of the survey, part of its address."`
	Media   string   `help:"Folder or zip with the files that the form names." type:"existingpath" placeholder:"DIR|ZIP"`
	Test    bool     `help:"Publish for trying out: answers are marked as tests and dropped at opening."`
	Lenient bool     `help:"Leave out what is not supported and what hangs on it, and list it."`
	By      []string `help:"Questions that divide people into groups, for a form without og_ columns; fixed at the first release." placeholder:"q1,q2"`
	Machine bool     `name:"allow-unreviewed" help:"Open although nobody has reviewed some translations; the pages say so."`
}

// Run publishes the form and opens the survey where its form says everything that residents must be told.
func (c *formPublish) Run(t *terminal) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	media, err := readMedia(c.Media)
	if err != nil {
		return err
	}
	return t.with(func(a *app.App) error {
		res, err := a.Office.Publish(t.ctx, office.PublishRequest{
			Slug: c.Slug, Workbook: data, Media: media, Lenient: c.Lenient, Test: c.Test, By: c.By, Actor: office.CommandLine,
		})
		if res != nil && res.Result != nil {
			printProblems(t.err, append(res.Result.Problems, res.Result.LeftOut...))
		}
		if err != nil {
			return fmt.Errorf("%s was not published: %w", c.File, err)
		}
		t.printf("%s version %d\n", t.address(res.Address), res.Version)
		return c.open(t, a, res)
	})
}

// open opens a draft, or says why it stays one.
func (c *formPublish) open(t *terminal, a *app.App, res *office.PublishResult) error {
	if c.Test || res.Status != survey.StatusDraft { // what is in test, closed or archived stays so
		return nil
	}
	if len(res.Missing) > 0 {
		fmt.Fprintln(t.err, "The survey stays a draft: it takes imports and test answers, and opens to residents once its og_settings sheet says what is missing now:")
		for _, p := range res.Missing {
			fmt.Fprintf(t.err, "  - %s\n", sentence(p))
		}
		return nil
	}
	_, err := a.Office.SetStatus(t.ctx, c.Slug, survey.StatusOpen, c.Machine, office.CommandLine)
	var unreviewed *office.UnreviewedError
	if errors.As(err, &unreviewed) {
		fmt.Fprintf(t.err, "The survey stays a draft: %v. Have them reviewed, or open it all the same with: survey open %s --allow-unreviewed\n", err, c.Slug)
		return nil
	}
	return err
}

// readMedia reads a folder or a zip of attachments; nothing for "".
func readMedia(path string) (map[string][]byte, error) {
	if path == "" {
		return nil, nil
	}
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return office.MediaFS(os.DirFS(path))
	}
	data, err := os.ReadFile(path) //nolint:gosec // the path is what the operator typed
	if err != nil {
		return nil, err
	}
	return office.MediaZip(data)
}

type formExport struct {
	Slug string `arg:"" help:"Short name of the survey."`
	Out  string `required:"" help:"File to write." placeholder:"FILE.xlsx"`
}

// Run writes the workbook of the newest version as it was uploaded.
func (c *formExport) Run(t *terminal) error {
	return t.withSurvey(c.Slug, func(a *app.App) error {
		sv, err := a.Store.Survey(t.ctx, c.Slug)
		if err != nil {
			return err
		}
		v, err := a.Store.Version(t.ctx, c.Slug, sv.Version)
		if err != nil {
			return fmt.Errorf("survey %s: %w", c.Slug, err)
		}
		return os.WriteFile(c.Out, v.Workbook, 0o600)
	})
}

type formTemplate struct {
	Out string `required:"" help:"File to write." placeholder:"FILE.xlsx"`
}

// Run writes the demonstration questionnaire.
func (c *formTemplate) Run(*terminal) error {
	data, err := demo.Workbook()
	if err != nil {
		return err
	}
	return os.WriteFile(c.Out, data, 0o600)
}
