package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"opengate/server/demo"
	"opengate/server/office"
	"opengate/server/store"
	"opengate/survey"
)

// The demonstration survey.
const (
	DemoSlug    = "demo"
	demoAnswers = 3000
	demoSeed    = 2023 // the year of Kraków's declaration; any number would do
)

// Demo opens the demonstration survey with made-up answers and one release, unless the data folder holds it
// already. It refuses a store that holds any other survey, so that made-up and real answers never meet.
func (a *App) Demo(ctx context.Context, out io.Writer) error {
	for sv, err := range a.Store.Surveys(ctx) {
		if err != nil {
			return fmt.Errorf("demonstration: %w", err)
		}
		if sv.Slug != DemoSlug || !sv.MadeUp {
			return fmt.Errorf("the data folder holds the survey %q: the demonstration needs a folder of its own, choose one with --data", sv.Slug)
		}
	}
	if _, err := a.Release.Report(ctx, DemoSlug, 0); err == nil {
		return nil
	}
	fmt.Fprintf(out, "Making up %d answers …\n", demoAnswers)
	if err := a.publishDemo(ctx); err != nil {
		return fmt.Errorf("demonstration: %w", err)
	}
	form, err := a.Forms.Form(ctx, DemoSlug, 1)
	if err != nil {
		return fmt.Errorf("demonstration: %w", err)
	}
	if err := a.Intake.AddMadeUp(ctx, DemoSlug, demo.Responses(form, demoAnswers, demoSeed)); err != nil {
		return fmt.Errorf("demonstration: %w", err)
	}
	if _, err := a.Release.Make(ctx, DemoSlug, nil); err != nil {
		return fmt.Errorf("demonstration: %w", err)
	}
	return nil
}

func (a *App) publishDemo(ctx context.Context) error {
	if _, err := a.Store.Survey(ctx, DemoSlug); !errors.Is(err, survey.ErrNotFound) {
		return err
	}
	workbook, err := demo.Workbook()
	if err != nil {
		return err
	}
	_, err = a.Office.Publish(ctx, office.PublishRequest{Slug: DemoSlug, Workbook: workbook, Actor: office.CommandLine})
	if err != nil {
		return err
	}
	for _, l := range demo.Links() {
		link := store.Link{Code: l.Code, Survey: DemoSlug, Name: l.Name, Kind: l.Kind, Mode: l.Mode}
		if err := a.Store.AddLink(ctx, link); err != nil {
			return err
		}
	}
	_, err = a.Office.SetStatus(ctx, DemoSlug, survey.StatusOpen, true, office.CommandLine)
	return err
}
