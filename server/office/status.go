package office

import (
	"context"
	"fmt"

	"opengate/server/store"
	"opengate/survey"
)

// SetStatus moves a survey to another status. Opening wants everything GDPR Art. 13 asks for (*MissingError) and
// reviewed languages, unless allowUnreviewed, which is remembered (*UnreviewedError); the first opening drops the
// answers given as a test. Other errors: ErrTransition, survey.ErrNotFound, survey.ErrConflict. A survey that has the
// status already is left as it is.
func (s *Service) SetStatus(ctx context.Context, slug string, to survey.Status, allowUnreviewed bool, actor string) (store.Survey, error) {
	sv, err := s.survey(ctx, slug)
	if err != nil {
		return store.Survey{}, err
	}
	if sv.Status == to {
		return sv, nil
	}
	if !sv.Status.CanBecome(to) {
		return sv, noTransition(sv, to)
	}
	tested, machine := sv.Status.Tests(), sv.Machine
	if to == survey.StatusOpen {
		if err := s.opening(ctx, &sv, allowUnreviewed); err != nil {
			return sv, err
		}
	}
	if to == survey.StatusClosed {
		sv.Closed = s.today()
	}
	sv.Status = to
	if err := s.store.UpdateSurvey(ctx, sv); err != nil {
		return sv, noSurvey(slug, err)
	}
	if tested && to == survey.StatusOpen {
		// After the change, so that no test answer can arrive behind it. Test answers are marked: if this fails they
		// still count nowhere.
		if err := s.store.DropTests(ctx, slug); err != nil {
			return sv, fmt.Errorf("survey %s is open, but its test answers are still there (they are marked and count nowhere): %w", slug, err)
		}
	}
	action := "survey." + string(to)
	if to == survey.StatusOpen && sv.Machine && !machine {
		action += "_unreviewed"
	}
	return sv, s.audit(ctx, actor, action, slug)
}

// opening checks what residents are owed and notes the day.
func (s *Service) opening(ctx context.Context, sv *store.Survey, allowUnreviewed bool) error {
	view, err := s.view(ctx, *sv)
	if err != nil {
		return err
	}
	if err := ready(view, sv.Machine || allowUnreviewed); err != nil {
		return err
	}
	sv.Machine = sv.Machine || allowUnreviewed && len(view.Unreviewed) > 0
	sv.Closed = ""
	if sv.Opened == "" {
		sv.Opened = s.today()
	}
	return nil
}

// ready says what keeps a form from residents.
func ready(v *View, machine bool) error {
	if len(v.Missing) > 0 {
		return &MissingError{Problems: v.Missing}
	}
	if len(v.Unreviewed) > 0 && !machine {
		return &UnreviewedError{Languages: v.Unreviewed}
	}
	return nil
}

// Erased says what Erase took away. Answers is a band, as everywhere.
type Erased struct {
	Slug     string
	Versions int
	Links    int
	Releases int
	Answers  int
}

// Erase erases a survey with everything that belongs to it: answers, drafts, links, releases, forms and keys. It
// cannot be undone. Error: survey.ErrNotFound.
func (s *Service) Erase(ctx context.Context, slug, actor string) (Erased, error) {
	sv, err := s.survey(ctx, slug)
	if err != nil {
		return Erased{}, err
	}
	gone := Erased{Slug: slug, Versions: sv.Version}
	for _, err := range s.store.Links(ctx, slug) {
		if err != nil {
			return Erased{}, fmt.Errorf("survey %s was not erased: %w", slug, err)
		}
		gone.Links++
	}
	if gone.Answers, err = s.store.CountBand(ctx, slug); err != nil {
		return Erased{}, fmt.Errorf("survey %s was not erased: %w", slug, err)
	}
	releases, err := s.store.Releases(ctx, slug)
	if err != nil {
		return Erased{}, fmt.Errorf("survey %s was not erased: %w", slug, err)
	}
	gone.Releases = len(releases)
	if err := s.store.EraseSurvey(ctx, slug); err != nil {
		return Erased{}, fmt.Errorf("survey %s was not wholly erased, erase it again: %w", slug, err)
	}
	return gone, s.audit(ctx, actor, "survey.erase", slug)
}

// Released writes in the audit trail that somebody made a release.
func (s *Service) Released(ctx context.Context, slug string, number int, actor string) error {
	return s.audit(ctx, actor, "release.make", fmt.Sprintf("%s release %d", slug, number))
}

// Imported writes in the audit trail that somebody brought in answers.
func (s *Service) Imported(ctx context.Context, slug, actor string) error {
	return s.audit(ctx, actor, "responses.import", slug)
}
