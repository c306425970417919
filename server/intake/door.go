package intake

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"opengate/server/store"
	"opengate/survey"
	"opengate/survey/xlsform"
)

// Door is a survey as one visitor meets it: through which link, in which version, and whether answers are tests.
type Door struct {
	Survey store.Survey
	Form   *survey.Form
	Link   store.Link // zero at the open address
	Test   bool
}

// Mode is how answers through this door are given.
func (d Door) Mode() survey.Mode {
	if d.Link.Mode == "" {
		return survey.ModeSelf
	}
	return d.Link.Mode
}

// Zone is the survey's time zone.
func (d Door) Zone() *time.Location { return d.Form.Zone() }

type formKey struct {
	slug    string
	version int
}

type seen struct {
	survey store.Survey
	at     time.Time
}

// revalidate is how long a survey read from the store is believed.
const revalidate = 500 * time.Millisecond

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
	sv, err := s.survey(ctx, slug)
	if err != nil {
		return d, err
	}
	return s.open(ctx, d, sv, sv.Version)
}

// DraftDoor is the door through which a draft was begun, with the version of the form that it was begun in.
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
	sv, err := s.survey(ctx, draft.Slug)
	if err != nil {
		return d, err
	}
	return s.open(ctx, d, sv, draft.Version)
}

func (s *Service) open(ctx context.Context, d Door, sv store.Survey, version int) (Door, error) {
	form, err := s.Form(ctx, sv.Slug, version)
	if err != nil {
		return d, err
	}
	d.Survey, d.Form, d.Test = sv, form, sv.Status.Tests()
	if d.Link.Revoked || !sv.Status.Accepts() {
		return d, fmt.Errorf("intake: survey %s: %w", sv.Slug, survey.ErrClosed)
	}
	return d, nil
}

// survey reads a survey, believing what was read within the last half second.
func (s *Service) survey(ctx context.Context, slug string) (store.Survey, error) {
	s.mu.Lock()
	c, ok := s.seen[slug]
	s.mu.Unlock()
	if ok && s.now().Sub(c.at).Abs() < revalidate {
		return c.survey, nil
	}
	sv, err := s.store.Survey(ctx, slug)
	if err != nil {
		return store.Survey{}, fmt.Errorf("intake: survey: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.seen) > 10_000 {
		clear(s.seen)
	}
	s.seen[slug] = seen{sv, s.now()}
	return sv, nil
}

// Form gives one published version. Versions never change, so each is read from its workbook once.
func (s *Service) Form(ctx context.Context, slug string, version int) (*survey.Form, error) {
	key := formKey{slug, version}
	s.mu.Lock()
	f := s.forms[key]
	s.mu.Unlock()
	if f != nil {
		return f, nil
	}
	v, err := s.store.Version(ctx, slug, version)
	if err != nil {
		return nil, fmt.Errorf("intake: form %s version %d: %w", slug, version, err)
	}
	res, err := xlsform.Read(v.Workbook, xlsform.Options{Lenient: v.Lenient, By: v.By, Media: v.Media})
	if err != nil {
		return nil, fmt.Errorf("intake: form %s version %d: %w", slug, version, err)
	}
	if res.Form == nil {
		return nil, fmt.Errorf("intake: form %s version %d no longer reads: %v", slug, version, res.Problems)
	}
	f = res.Form
	f.Slug, f.Version = slug, version
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.forms) >= 64 { // erased and old versions must not stay for ever
		oldest := slices.SortedFunc(maps.Keys(s.forms), func(a, b formKey) int { return a.version - b.version })
		delete(s.forms, oldest[0])
	}
	s.forms[key] = f
	return f, nil
}

// Forget drops what is cached of a survey, after it was erased.
func (s *Service) Forget(slug string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.seen, slug)
	maps.DeleteFunc(s.forms, func(k formKey, _ *survey.Form) bool { return k.slug == slug })
}
