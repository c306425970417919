package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"

	"opengate/server/app"
	"opengate/server/office"
	"opengate/survey"
)

type surveyCommands struct {
	Open    surveyOpen    `cmd:"" help:"Take answers from residents."`
	Close   surveyClose   `cmd:"" help:"Take no more answers."`
	Archive surveyArchive `cmd:"" help:"Put a closed survey away."`
	Erase   surveyErase   `cmd:"" help:"Erase a survey with all its answers, links, releases and keys, for good."`
}

type surveyOpen struct {
	Slug    string `arg:"" help:"Short name of the survey."`
	Machine bool   `name:"allow-unreviewed" help:"Open although nobody has reviewed some translations; the pages say so."`
}

// Run opens the survey and drops its test answers, or lists what is missing.
func (c *surveyOpen) Run(t *terminal) error {
	return t.withSurvey(c.Slug, func(a *app.App) error {
		_, err := a.Office.SetStatus(t.ctx, c.Slug, survey.StatusOpen, c.Machine, office.CommandLine)
		var missing *office.MissingError
		if errors.As(err, &missing) {
			printProblems(t.err, missing.Problems)
		}
		if err != nil {
			return err
		}
		t.printf("survey %s is open\n", c.Slug)
		return nil
	})
}

type surveyClose struct {
	Slug string `arg:"" help:"Short name of the survey."`
}

// Run closes the survey.
func (c *surveyClose) Run(t *terminal) error { return t.setStatus(c.Slug, survey.StatusClosed) }

type surveyArchive struct {
	Slug string `arg:"" help:"Short name of the survey."`
}

// Run archives the survey.
func (c *surveyArchive) Run(t *terminal) error { return t.setStatus(c.Slug, survey.StatusArchived) }

func (t *terminal) setStatus(slug string, to survey.Status) error {
	return t.withSurvey(slug, func(a *app.App) error {
		if _, err := a.Office.SetStatus(t.ctx, slug, to, false, office.CommandLine); err != nil {
			return err
		}
		t.printf("survey %s is %s\n", slug, to)
		return nil
	})
}

type surveyErase struct {
	Slug string `arg:"" help:"Short name of the survey."`
	Yes  bool   `help:"Do not ask."`
}

// Run erases the survey. A person at a terminal types its name once more; a script is taken at its word.
func (c *surveyErase) Run(t *terminal) error {
	if !c.Yes && isatty.IsTerminal(os.Stdin.Fd()) {
		fmt.Fprintf(t.err, "This erases every answer, link, release and key of %s and cannot be undone.\nType its name to go on: ", c.Slug)
		line, err := bufio.NewReader(os.Stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if strings.TrimSpace(line) != c.Slug {
			return errors.New("nothing was erased")
		}
	}
	return t.withSurvey(c.Slug, func(a *app.App) error {
		gone, err := a.Office.Erase(t.ctx, c.Slug, office.CommandLine)
		if err != nil {
			return err
		}
		t.printf("survey %s is erased: %d form versions, %d links, %d releases and its answers. Backups, and files named .before-restore, still hold them: remove those too.\n", gone.Slug, gone.Versions, gone.Links, gone.Releases)
		return nil
	})
}

type linkCommands struct {
	Add linkAdd `cmd:"" help:"Make an address for one organisation or place."`
}

type linkAdd struct {
	Slug string `arg:"" help:"Short name of the survey."`
	Name string `required:"" help:"Name that staff see."`
	Kind string `enum:"ngo,library,museum,school,office,other" default:"other" help:"ngo, library, museum, school, office or other."`
	Mode string `enum:"self,assisted,paper,kiosk" default:"self" help:"self, assisted, paper or kiosk."`
	API  bool   `name:"api" help:"Give it a key for the API, printed this once."`
}

// Run prints the address, and the key with --api.
func (c *linkAdd) Run(t *terminal) error {
	return t.withSurvey(c.Slug, func(a *app.App) error {
		link, key, err := a.Office.AddLink(t.ctx, office.LinkRequest{
			Slug: c.Slug, Name: c.Name, Kind: c.Kind, Mode: survey.Mode(c.Mode), API: c.API, Actor: office.CommandLine,
		})
		if err != nil {
			return err
		}
		t.printf("%s\n", t.address("/l/"+link.Code))
		if key != "" {
			t.printf("%s\n", key)
		}
		return nil
	})
}

type userCommands struct {
	Add userAdd `cmd:"" help:"Invite somebody to work with the service."`
}

type userAdd struct {
	Email string `arg:"" help:"E-mail address."`
	Role  string `required:"" enum:"admin,designer,field,analyst" help:"admin, designer, field or analyst."`
}

// Run prints the path of the one-time invitation.
func (c *userAdd) Run(t *terminal) error {
	return t.with(func(a *app.App) error {
		_, token, err := a.Office.AddUser(t.ctx, c.Email, staffRole(c.Role), office.CommandLine)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Email, err)
		}
		t.printf("%s\n", t.address("/staff/invite/"+token))
		return nil
	})
}
