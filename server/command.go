package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"

	"opengate/server/app"
	"opengate/survey"
)

// commands is the whole command line. Flags have OPENGATE_… twins in the environment.
type commands struct {
	app.Storage
	BaseURL string `help:"Address under which residents reach the service; it stands on posters, in QR codes and in what commands print (default: http://localhost and the port)." env:"OPENGATE_BASE_URL" placeholder:"URL"`

	Serve     serveCommand     `cmd:"" default:"withargs" help:"Serve surveys, staff pages and the API (default)."`
	Form      formCommands     `cmd:"" help:"Check, publish and get back questionnaires."`
	Survey    surveyCommands   `cmd:"" help:"Open, close, archive or erase a survey."`
	Link      linkCommands     `cmd:"" help:"Make addresses to hand out."`
	Responses responseCommands `cmd:"" help:"Bring in answers collected elsewhere."`
	Release   releaseCommand   `cmd:"" help:"Make the next release of a survey."`
	Diagnose  diagnoseCommand  `cmd:"" help:"Write the diagnosis workbook of a release."`
	User      userCommands     `cmd:"" help:"Invite staff."`
	Backup    backupCommand    `cmd:"" help:"Write a verified copy of the embedded database, also while the service runs."`
	Restore   restoreCommand   `cmd:"" help:"Put a backup in the place of the embedded database."`
}

// terminal is what a command sees of the outside.
type terminal struct {
	ctx      context.Context
	out, err io.Writer
	now      func() time.Time
	storage  app.Storage
	baseURL  string
}

// address is the whole address of a page, to hand out.
func (t *terminal) address(path string) string {
	base := strings.TrimRight(t.baseURL, "/")
	if base == "" {
		base = "http://localhost:8080"
	}
	return base + path
}

// errSilent ends a command with exit code 1 after it has said everything itself.
var errSilent = errors.New("failed")

// run parses the arguments and runs the command; it gives the exit code: 0, or 1 after saying why on stderr.
func run(ctx context.Context, args []string, out, errOut io.Writer, now func() time.Time) int {
	var c commands
	code := -1
	parser, err := kong.New(&c, kong.Name("opengate"), kong.Writers(out, errOut), kong.UsageOnError(),
		kong.Exit(func(n int) { code = n }),
		kong.Description("Needs surveys for human-rights cities: multilingual questionnaires in, disclosure-safe diagnoses out."))
	if err != nil {
		fmt.Fprintln(errOut, "opengate:", err)
		return 1
	}
	k, err := parser.Parse(args)
	if code >= 0 { // --help
		return code
	}
	if err != nil {
		fmt.Fprintf(errOut, "opengate: %v\nTry --help.\n", err)
		return 1
	}
	err = k.Run(&terminal{ctx: ctx, out: out, err: errOut, now: now, storage: c.Storage, baseURL: c.BaseURL})
	if err != nil {
		if !errors.Is(err, errSilent) {
			fmt.Fprintln(errOut, "opengate:", err)
		}
		return 1
	}
	return 0
}

// with opens the rooms for one command and closes them after it.
func (t *terminal) with(use func(*app.App) error) error {
	a, err := app.Open(t.ctx, t.storage, app.Options{Now: t.now})
	if err != nil {
		return err
	}
	err = use(a)
	return errors.Join(err, a.Close())
}

// withSurvey opens the rooms for a command on one survey, and says which there are when there is none of that name.
func (t *terminal) withSurvey(slug string, use func(*app.App) error) error {
	return t.with(func(a *app.App) error {
		_, err := a.Store.Survey(t.ctx, slug)
		if err == nil {
			return use(a)
		}
		if !errors.Is(err, survey.ErrNotFound) {
			return err
		}
		var known []string
		for sv, err := range a.Store.Surveys(t.ctx) {
			if err != nil {
				return err
			}
			known = append(known, sv.Slug)
		}
		slices.Sort(known)
		if len(known) == 0 {
			return fmt.Errorf("there is no survey %q: nothing has been published in this data folder yet", slug)
		}
		return fmt.Errorf("there is no survey %q; there are: %s", slug, strings.Join(known, ", "))
	})
}

// printf writes a result line.
func (t *terminal) printf(format string, args ...any) { fmt.Fprintf(t.out, format, args...) }

// json writes a result for scripts.
func (t *terminal) json(v any) error {
	e := json.NewEncoder(t.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// progress gives a function that reports long work on stderr: one line that is rewritten on a terminal, a line now
// and then otherwise.
func (t *terminal) progress(what string) func(done int) {
	f, ok := t.err.(*os.File)
	live := ok && isatty.IsTerminal(f.Fd())
	var last time.Time
	return func(done int) {
		pause := 5 * time.Second
		if live {
			pause = 100 * time.Millisecond
		}
		if t.now().Sub(last) < pause {
			return
		}
		last = t.now()
		if live {
			fmt.Fprintf(t.err, "\r%s: %d ", what, done)
			return
		}
		fmt.Fprintf(t.err, "%s: %d\n", what, done)
	}
}

func (t *terminal) logger(level string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // checked by the enum of the flag
	return slog.New(slog.NewTextHandler(t.err, &slog.HandlerOptions{Level: l}))
}
