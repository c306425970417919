package intake

import (
	"context"
	"fmt"
	"time"

	"opengate/server/store"
	"opengate/survey"
)

// Door is a survey as one visitor meets it: through which link, in which version, and whether answers are tests.
type Door struct {
	Survey store.Survey
	Form   *survey.Form
	Link   store.Link // zero at the open address
	Test   bool

	zone *time.Location // found once: the zone's file is read each time
}

// Mode is how answers through this door are given.
func (d Door) Mode() survey.Mode {
	if d.Link.Mode == "" {
		return survey.ModeSelf
	}
	return d.Link.Mode
}

// Closed says whether new answers are refused: the link is revoked, or the survey takes no answers now.
func (d Door) Closed() bool { return d.Link.Revoked || !d.Survey.Status.Accepts() }

// Zone is the survey's time zone.
func (d Door) Zone() *time.Location {
	if d.zone != nil {
		return d.zone
	}
	return d.Form.Zone()
}

// Door finds the survey by slug, or by the code of a link (then slug may be empty). It returns survey.ErrNotFound
// for an unknown slug or link, and survey.ErrClosed, with the door filled in so that the page can say which survey
// it was, for a revoked link or a survey that takes no answers now.
func (s *Service) Door(ctx context.Context, slug, link string) (Door, error) {
	var d Door
	if link != "" {
		l, err := s.store.Link(ctx, link)
		if err != nil {
			return d, fmt.Errorf("intake: link: %w", err)
		}
		if slug != "" && slug != l.Survey {
			return d, fmt.Errorf("intake: link of another survey: %w", survey.ErrNotFound)
		}
		d.Link, slug = l, l.Survey
	}
	sv, err := s.library.Survey(ctx, slug)
	if err != nil {
		return d, err
	}
	return s.open(ctx, d, sv, sv.Version)
}

// ErrTrialOver says that a draft was begun while the survey was being tried out, and the survey is open for real now.
// It is a survey.ErrClosed.
var ErrTrialOver = fmt.Errorf("begun in a trial that is over: %w", survey.ErrClosed)

// DraftDoor is the door through which a draft was begun, with the version of the form that it was begun in. It
// returns ErrTrialOver or another survey.ErrClosed with the door filled in.
func (s *Service) DraftDoor(ctx context.Context, draft *Draft) (Door, error) {
	d := Door{}
	if draft.Link != "" {
		l, err := s.store.Link(ctx, draft.Link)
		if err != nil {
			return d, fmt.Errorf("intake: link: %w", err)
		}
		l.Revoked = false // who has begun may finish
		d.Link = l
	}
	sv, err := s.library.Survey(ctx, draft.Slug)
	if err != nil {
		return d, err
	}
	if d, err = s.open(ctx, d, sv, draft.Version); err != nil {
		return d, err
	}
	return d, sameTrial(d, draft)
}

// sameTrial refuses to take a trial's answers for real ones, and real ones for a trial's.
func sameTrial(d Door, draft *Draft) error {
	switch {
	case draft.Test && !d.Test:
		return fmt.Errorf("intake: survey %s: %w", d.Survey.Slug, ErrTrialOver)
	case d.Test && !draft.Test:
		return fmt.Errorf("intake: survey %s is being tried out: %w", d.Survey.Slug, survey.ErrClosed)
	}
	return nil
}

func (s *Service) open(ctx context.Context, d Door, sv store.Survey, version int) (Door, error) {
	form, err := s.library.Form(ctx, sv.Slug, version)
	if err != nil {
		return d, err
	}
	d.Survey, d.Form, d.Test = sv, form, sv.Status.Tests()
	d.zone = form.Zone()
	if d.Closed() {
		return d, fmt.Errorf("intake: survey %s: %w", sv.Slug, survey.ErrClosed)
	}
	return d, nil
}
