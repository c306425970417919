// Package forms is the library of published questionnaires: each version is read from its workbook once. It knows no
// HTTP. Entry points: [New], [Library.Survey] and [Library.Form].
package forms

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"opengate/server/store"
	"opengate/survey"
	"opengate/survey/xlsform"
)

// shelf keeps what was published. Errors: survey.ErrNotFound.
type shelf interface {
	Survey(ctx context.Context, slug string) (store.Survey, error)
	Version(ctx context.Context, slug string, version int) (store.FormVersion, error)
}

// Library reads what was published and remembers it. It is safe for concurrent use.
type Library struct {
	shelf shelf
	now   func() time.Time
	mu    sync.Mutex
	seen  map[string]seen
	read  map[edition]*xlsform.Result
	order []edition // of read, the one used least recently first
}

// edition tells a version from one of the same number in a survey of the same name that was erased.
type edition struct {
	uid     string
	version int
}

type seen struct {
	survey store.Survey
	at     time.Time
}

const (
	believed = 500 * time.Millisecond // for how long a survey is taken to be as it was read
	maxSeen  = 10_000
	maxRead  = 32 // the largest form known takes some 20 MB
)

// New makes an empty library.
func New(s shelf, now func() time.Time) *Library {
	return &Library{shelf: s, now: now, seen: map[string]seen{}, read: map[edition]*xlsform.Result{}}
}

// Survey gives a survey as it was at most half a second ago; survey.ErrNotFound for an unknown slug.
func (l *Library) Survey(ctx context.Context, slug string) (store.Survey, error) {
	l.mu.Lock()
	c, ok := l.seen[slug]
	l.mu.Unlock()
	if ok && l.now().Sub(c.at).Abs() < believed {
		return c.survey, nil
	}
	sv, err := l.shelf.Survey(ctx, slug)
	if err != nil {
		return store.Survey{}, fmt.Errorf("survey %s: %w", slug, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.seen) >= maxSeen {
		clear(l.seen)
	}
	l.seen[slug] = seen{sv, l.now()}
	return sv, nil
}

// Form gives one version of a survey's questionnaire. It is shared: do not change it.
func (l *Library) Form(ctx context.Context, slug string, version int) (*survey.Form, error) {
	r, err := l.Result(ctx, slug, version)
	if err != nil {
		return nil, err
	}
	return r.Form, nil
}

// Result gives one version with the problems that its import had. It is shared: do not change it.
func (l *Library) Result(ctx context.Context, slug string, version int) (*xlsform.Result, error) {
	sv, err := l.Survey(ctx, slug)
	if err != nil {
		return nil, err
	}
	e := edition{sv.UID, version}
	if r := l.known(e); r != nil {
		return r, nil
	}
	v, err := l.shelf.Version(ctx, slug, version)
	if err != nil {
		return nil, fmt.Errorf("form %s version %d: %w", slug, version, err)
	}
	r, err := xlsform.Read(v.Workbook, xlsform.Options{Lenient: v.Lenient, By: v.By, Media: v.Media})
	if err != nil {
		return nil, fmt.Errorf("form %s version %d: %w", slug, version, err)
	}
	if r.Form == nil {
		return nil, fmt.Errorf("form %s version %d no longer reads: %v", slug, version, firstError(r.Problems))
	}
	r.Form.Slug, r.Form.Version = slug, version
	l.remember(e, r)
	return r, nil
}

func (l *Library) known(e edition) *xlsform.Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.read[e]
	if r != nil {
		l.touch(e)
	}
	return r
}

func (l *Library) remember(e edition, r *xlsform.Result) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read[e] = r
	l.touch(e)
	if len(l.order) > maxRead {
		delete(l.read, l.order[0])
		l.order = l.order[1:]
	}
}

// touch moves an edition to the end of the order.
func (l *Library) touch(e edition) {
	if i := slices.Index(l.order, e); i >= 0 {
		l.order = slices.Delete(l.order, i, i+1)
	}
	l.order = append(l.order, e)
}

func firstError(problems []xlsform.Problem) string {
	for _, p := range problems {
		if p.Severity == xlsform.SeverityError {
			return p.Message
		}
	}
	return "unknown reason"
}
