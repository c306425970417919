// Package release makes, stores and reads releases. Every figure that leaves the service comes from a stored
// release. It knows no HTTP; the statistics are the business of package diagnosis. Entry points: [Service.Make] and
// [Service.Diagnosis].
package release

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"opengate/server/store"
	"opengate/survey"
	"opengate/survey/diagnosis"
)

// ErrNone says that a survey has no release yet.
var ErrNone = errors.New("no release yet")

// keeper is what releases need of the store.
type keeper interface {
	Survey(ctx context.Context, slug string) (store.Survey, error)
	// UpdateSurvey returns survey.ErrConflict when the survey changed since it was read.
	UpdateSurvey(ctx context.Context, s store.Survey) error
	// Responses yields a consistent snapshot in the order of random ids.
	Responses(ctx context.Context, slug string, f store.Filter) iter.Seq2[survey.Response, error]
	SurveyKey(ctx context.Context, slug, purpose string) (key []byte, keyID string, err error)
	Links(ctx context.Context, slug string) iter.Seq2[store.Link, error]
}

// shelf keeps finished releases.
type shelf interface {
	// Lease returns survey.ErrBusy while somebody else holds it.
	Lease(ctx context.Context, name string, ttl time.Duration) (release func(), err error)
	AddRelease(ctx context.Context, r store.Release) error
	// NewestRelease gives the newest release of one wave, or survey.ErrNotFound.
	NewestRelease(ctx context.Context, slug, wave string) (store.Release, error)
	// Release gives release n, the newest for 0, or survey.ErrNotFound.
	Release(ctx context.Context, slug string, n int) (store.Release, error)
	Releases(ctx context.Context, slug string) ([]store.Release, error)
}

// Store is everything that releases need kept.
type Store interface {
	keeper
	shelf
}

// forms reads published versions.
type forms interface {
	Form(ctx context.Context, slug string, version int) (*survey.Form, error)
}

// Service makes and reads releases.
type Service struct {
	store  Store
	forms  forms
	now    func() time.Time
	settle time.Duration
}

// Settle is how long a release waits, after it has opened a new era, for answers that were stamped with the old one:
// longer than any process believes what it has read of a survey, and than a commit takes.
const Settle = 1500 * time.Millisecond

// leaseTime bounds how long a crashed release blocks the next.
const leaseTime = 10 * time.Minute

// Software names the version of the methods in the commitment of each release.
const Software = "opengate 1"

// New makes the service. settle is [Settle] but in tests.
func New(s Store, f forms, now func() time.Time, settle time.Duration) *Service {
	return &Service{store: s, forms: f, now: now, settle: settle}
}

// Result is what a release did. It holds no unprotected number.
type Result struct {
	Number int
	Day    string
	Report *diagnosis.Report
}

// Make makes the next release of a survey. Answers that arrive meanwhile belong to the one after. It returns
// survey.ErrNotFound, survey.ErrBusy while another release of the survey is being made. Numbers rise by one, and
// skip one where an attempt failed.
func (s *Service) Make(ctx context.Context, slug string, progress func(done int)) (Result, error) {
	end, err := s.store.Lease(ctx, "release "+slug, leaseTime)
	if err != nil {
		return Result{}, fmt.Errorf("another release of %s is being made: %w", slug, err)
	}
	defer end()
	sv, err := s.openEra(ctx, slug)
	if err != nil {
		return Result{}, err
	}
	before, err := s.previous(ctx, sv)
	if err != nil {
		return Result{}, err
	}
	in, err := s.input(ctx, sv, before)
	if err != nil {
		return Result{}, err
	}
	in.Progress = progress
	cube, sealed, report, err := diagnosis.Make(ctx, in)
	if err != nil {
		return Result{}, fmt.Errorf("release %s: %w", slug, err)
	}
	r := store.Release{Survey: slug, Number: in.Release, Wave: sv.Wave, After: before.Number, Day: in.AsOf, Sealed: sealed}
	if r.Cube, err = cube.Encode(); err != nil {
		return Result{}, fmt.Errorf("release %s: %w", slug, err)
	}
	if r.Report, err = report.Encode(); err != nil {
		return Result{}, fmt.Errorf("release %s: %w", slug, err)
	}
	err = s.store.AddRelease(ctx, r)
	if errors.Is(err, survey.ErrDuplicate) { // somebody took over a lease that we had lost
		err = fmt.Errorf("another release was made meanwhile: %w", survey.ErrBusy)
	}
	if err != nil {
		return Result{}, fmt.Errorf("release %s: %w", slug, err)
	}
	return Result{Number: r.Number, Day: r.Day, Report: report}, nil
}

// openEra starts a new era and waits until no answer of the old one can still be on its way.
func (s *Service) openEra(ctx context.Context, slug string) (store.Survey, error) {
	for {
		sv, err := s.store.Survey(ctx, slug)
		if err != nil {
			return sv, fmt.Errorf("release %s: %w", slug, err)
		}
		sv.Era++
		err = s.store.UpdateSurvey(ctx, sv)
		if errors.Is(err, survey.ErrConflict) {
			continue
		}
		if err != nil {
			return sv, fmt.Errorf("release %s: %w", slug, err)
		}
		select {
		case <-time.After(s.settle):
			return sv, nil
		case <-ctx.Done():
			return sv, ctx.Err()
		}
	}
}

func (s *Service) input(ctx context.Context, sv store.Survey, before store.Release) (diagnosis.Input, error) {
	in := diagnosis.Input{
		Survey: sv.Slug, Wave: sv.Wave, Forms: map[int]*survey.Form{}, Current: sv.Version, Release: sv.Era,
		Software: Software, By: sv.By, MadeUp: sv.MadeUp,
	}
	for v := 1; v <= sv.Version; v++ {
		f, err := s.forms.Form(ctx, sv.Slug, v)
		if err != nil {
			return in, fmt.Errorf("release %s: %w", sv.Slug, err)
		}
		in.Forms[v] = f
	}
	in.AsOf = s.now().In(in.Forms[sv.Version].Zone()).Format(time.DateOnly)
	var err error
	if in.Channels, err = s.channels(ctx, sv.Slug); err != nil {
		return in, err
	}
	if in.Key, in.KeyID, err = s.store.SurveyKey(ctx, sv.Slug, "protection"); err != nil {
		return in, fmt.Errorf("release %s: %w", sv.Slug, err)
	}
	in.Responses = s.store.Responses(ctx, sv.Slug, store.Filter{Wave: sv.Wave, BeforeEra: sv.Era})
	if before.Number == 0 {
		return in, nil
	}
	in.PreviousSealed = before.Sealed
	if in.Previous, err = diagnosis.Decode(before.Cube); err != nil {
		return in, fmt.Errorf("release %s: release %d: %w", sv.Slug, before.Number, err)
	}
	return in, nil
}

// channels names the links: a code is an address that works, so it never leaves.
func (s *Service) channels(ctx context.Context, slug string) (map[string]string, error) {
	names := map[string]string{}
	for l, err := range s.store.Links(ctx, slug) {
		if err != nil {
			return nil, fmt.Errorf("release %s: links: %w", slug, err)
		}
		names[l.Code] = l.Name
	}
	return names, nil
}

// previous gives the newest release of the same wave, which rows that change too little are carried forward from;
// the zero value when there is none.
func (s *Service) previous(ctx context.Context, sv store.Survey) (store.Release, error) {
	r, err := s.store.NewestRelease(ctx, sv.Slug, sv.Wave)
	if errors.Is(err, survey.ErrNotFound) {
		return store.Release{}, nil
	}
	if err != nil {
		return r, fmt.Errorf("release %s: %w", sv.Slug, err)
	}
	return r, nil
}

// Diagnosis gives release n of a survey, the newest for 0, with the form that names its questions. It returns
// ErrNone when the survey has no release, survey.ErrNotFound when it has no release n.
func (s *Service) Diagnosis(ctx context.Context, slug string, n int) (*diagnosis.Diagnosis, *survey.Form, error) {
	sv, err := s.store.Survey(ctx, slug)
	if err != nil {
		return nil, nil, fmt.Errorf("survey %s: %w", slug, err)
	}
	r, err := s.store.Release(ctx, slug, n)
	if errors.Is(err, survey.ErrNotFound) && n == 0 {
		return nil, nil, fmt.Errorf("survey %s: %w", slug, ErrNone)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("survey %s, release %d: %w", slug, n, err)
	}
	cube, err := diagnosis.Decode(r.Cube)
	if err != nil {
		return nil, nil, fmt.Errorf("survey %s, release %d: %w", slug, r.Number, err)
	}
	// Corrected labels and translations show at once, in figures that stay as they were released.
	form, err := s.forms.Form(ctx, slug, sv.Version)
	if err != nil {
		return nil, nil, err
	}
	return cube.Relabel(form, sv.By).Diagnosis(), form, nil
}

// Report gives what release n did, the newest for 0.
func (s *Service) Report(ctx context.Context, slug string, n int) (Result, error) {
	r, err := s.store.Release(ctx, slug, n)
	if errors.Is(err, survey.ErrNotFound) && n == 0 {
		return Result{}, fmt.Errorf("survey %s: %w", slug, ErrNone)
	}
	if err != nil {
		return Result{}, fmt.Errorf("survey %s, release %d: %w", slug, n, err)
	}
	report, err := diagnosis.DecodeReport(r.Report)
	if err != nil {
		return Result{}, fmt.Errorf("survey %s, release %d: %w", slug, r.Number, err)
	}
	return Result{Number: r.Number, Day: r.Day, Report: report}, nil
}

// List gives number and day of every release of a survey, oldest first.
func (s *Service) List(ctx context.Context, slug string) ([]Result, error) {
	rs, err := s.store.Releases(ctx, slug)
	if err != nil {
		return nil, fmt.Errorf("survey %s: %w", slug, err)
	}
	out := make([]Result, len(rs))
	for i, r := range rs {
		out[i] = Result{Number: r.Number, Day: r.Day}
	}
	return out, nil
}
