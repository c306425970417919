package office

import (
	"context"
	"fmt"
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
	sv, err := s.store.Survey(ctx, slug)
	if err != nil {
		return nil, fmt.Errorf("office: %w", err)
	}
	return s.view(ctx, sv)
}

func (s *Service) view(ctx context.Context, sv store.Survey) (*View, error) {
	result, err := s.forms.Result(ctx, sv.Slug, sv.Version)
	if err != nil {
		return nil, err
	}
	return &View{Survey: sv, Form: result.Form, Problems: PlanProblems(result, sv.By), LeftOut: result.LeftOut,
		Missing: xlsform.Missing(result.Form), Unreviewed: unreviewed(result.Form)}, nil
}

// Form gives one published version with the problems that its import had. It is shared: do not change it.
func (s *Service) Form(ctx context.Context, slug string, version int) (*xlsform.Result, error) {
	return s.forms.Result(ctx, slug, version)
}

func unreviewed(form *survey.Form) []survey.Language {
	return slices.DeleteFunc(slices.Clone(form.Languages), func(l survey.Language) bool { return l.Reviewed })
}
