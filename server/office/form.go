package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

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
	result, err := s.Form(ctx, sv.Slug, sv.Version)
	if err != nil {
		return nil, err
	}
	return &View{Survey: sv, Form: result.Form, Problems: PlanProblems(result, sv.By), LeftOut: result.LeftOut,
		Missing: xlsform.Missing(result.Form), Unreviewed: unreviewed(result.Form)}, nil
}

// Form reads one published version again, with the problems its import had. The result is shared: do not change it.
func (s *Service) Form(ctx context.Context, slug string, version int) (*xlsform.Result, error) {
	v, err := s.store.Version(ctx, slug, version)
	if err != nil {
		return nil, fmt.Errorf("office: form %s version %d: %w", slug, version, err)
	}
	key := cacheKey(v)
	if r := s.forms.get(key); r != nil {
		return r, nil
	}
	result, err := xlsform.Read(v.Workbook, xlsform.Options{Lenient: v.Lenient, By: v.By, Media: v.Media})
	if err != nil {
		return nil, fmt.Errorf("office: form %s version %d: %w", slug, version, err)
	}
	if result.Form == nil {
		return nil, fmt.Errorf("office: form %s version %d no longer reads: %s", slug, version, first(result.Problems))
	}
	result.Form.Slug, result.Form.Version = slug, version
	s.forms.put(key, result)
	return result, nil
}

func first(problems []xlsform.Problem) string {
	for _, p := range problems {
		if p.Severity == xlsform.SeverityError {
			return p.Message
		}
	}
	return "unknown reason"
}

func unreviewed(form *survey.Form) []survey.Language {
	return slices.DeleteFunc(slices.Clone(form.Languages), func(l survey.Language) bool { return l.Reviewed })
}

// cacheKey covers everything that Read sees, so that an erased and republished survey is not mistaken.
func cacheKey(v store.FormVersion) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %d %v %s\n", v.Slug, v.Version, v.Lenient, strings.Join(v.By, " "))
	h.Write(v.Workbook)
	for _, name := range slices.Sorted(maps.Keys(v.Media)) {
		fmt.Fprintf(h, "\n%q %d\n", name, len(v.Media[name]))
		_, _ = io.WriteString(h, string(v.Media[name]))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// formCache keeps the forms looked at last. A form of 5,000 choices takes a good part of a second to read.
type formCache struct {
	mu    sync.Mutex
	order []string // oldest first
	forms map[string]*xlsform.Result
}

const cachedForms = 8

func (c *formCache) get(key string) *xlsform.Result {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.forms[key]
}

func (c *formCache) put(key string, r *xlsform.Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forms == nil {
		c.forms = map[string]*xlsform.Result{}
	}
	if c.forms[key] == nil {
		c.order = append(c.order, key)
	}
	c.forms[key] = r
	if len(c.order) > cachedForms {
		delete(c.forms, c.order[0])
		c.order = c.order[1:]
	}
}
