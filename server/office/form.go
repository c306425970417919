package office

import (
	"context"
	"errors"
	"slices"

	"opengate/server/store"
	"opengate/survey"
	"opengate/survey/xlsform"
)

// View is a survey with its current form and what stands between it and residents.
type View struct {
	Survey     store.Survey
	Form       *survey.Form
	Problems   []xlsform.Problem // warnings of the import and of the plan
	LeftOut    []xlsform.Problem // what a lenient import left out
	Missing    []xlsform.Problem // what GDPR Art. 13 asks for and is absent
	Unreviewed []survey.Language
}

// View gives a survey with its current form. Error: survey.ErrNotFound.
func (s *Service) View(ctx context.Context, slug string) (*View, error) {
	sv, err := s.survey(ctx, slug)
	if err != nil {
		return nil, err
	}
	return s.view(ctx, sv)
}

func (s *Service) view(ctx context.Context, sv store.Survey) (*View, error) {
	result, err := s.Form(ctx, sv.Slug, sv.Version)
	if err != nil {
		return nil, err
	}
	return &View{
		Survey: sv, Form: result.Form, Problems: PlanProblems(result, sv.By), LeftOut: result.LeftOut,
		Missing: xlsform.Missing(result.Form), Unreviewed: unreviewed(result.Form),
	}, nil
}

// Form gives one published version with the problems that its import had. It is shared: do not change it.
// Error: survey.ErrNotFound.
func (s *Service) Form(ctx context.Context, slug string, version int) (*xlsform.Result, error) {
	result, err := s.forms.Result(ctx, slug, version)
	if errors.Is(err, survey.ErrNotFound) {
		return nil, say(err, "survey %s has no version %d", slug, version)
	}
	return result, err
}

func unreviewed(form *survey.Form) []survey.Language {
	return slices.DeleteFunc(slices.Clone(form.Languages), func(l survey.Language) bool { return l.Reviewed })
}
