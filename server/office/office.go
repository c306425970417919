// Package office is what staff pages and the command line share: publish a form, move a survey through its life,
// hand out links, erase. It knows no HTTP, prints nothing and audits everything it does. Entry points: [New],
// [Service.Publish], [Service.SetStatus].
package office

import (
	"context"
	"iter"
	"regexp"
	"time"

	"opengate/server/staff"
	"opengate/server/store"
	"opengate/survey/xlsform"
)

// CommandLine is the actor of commands, in the audit trail.
const CommandLine = "command line"

// surveys keeps what is known of each survey. Errors: survey.ErrNotFound, survey.ErrDuplicate (a slug that is taken),
// survey.ErrConflict (UpdateSurvey with an old Rev).
type surveys interface {
	AddSurvey(ctx context.Context, s store.Survey) error
	Survey(ctx context.Context, slug string) (store.Survey, error)
	UpdateSurvey(ctx context.Context, s store.Survey) error
	EraseSurvey(ctx context.Context, slug string) error
}

// library reads published forms, with the problems that their import had.
type library interface {
	Result(ctx context.Context, slug string, version int) (*xlsform.Result, error)
}

// versions keeps published forms, which never change: AddVersion is survey.ErrDuplicate when the number is taken.
type versions interface {
	AddVersion(ctx context.Context, v store.FormVersion) error
	Version(ctx context.Context, slug string, number int) (store.FormVersion, error)
}

// answers is what little this room does to answers: the band they are in, and dropping those given as a test.
type answers interface {
	CountBand(ctx context.Context, slug string) (int, error)
	DropTests(ctx context.Context, slug string) error
}

// links keeps addresses that are handed out. AddLink is survey.ErrDuplicate when the code is taken.
type links interface {
	AddLink(ctx context.Context, l store.Link) error
	Link(ctx context.Context, code string) (store.Link, error)
	Links(ctx context.Context, slug string) iter.Seq2[store.Link, error]
	UpdateLink(ctx context.Context, l store.Link) error
}

// releases reads stored releases; NewestRelease is survey.ErrNotFound when the wave has none.
type releases interface {
	NewestRelease(ctx context.Context, slug, wave string) (store.Release, error)
	Releases(ctx context.Context, slug string) ([]store.Release, error)
	// Lease returns survey.ErrBusy while somebody else holds it.
	Lease(ctx context.Context, name string, ttl time.Duration) (release func(), err error)
}

// auditor remembers what staff did.
type auditor interface {
	Audit(ctx context.Context, a store.Audit) error
}

// Store is what the service needs of the store.
type Store interface {
	surveys
	versions
	answers
	links
	releases
	auditor
}

// Service does the business of the office. It is safe for concurrent use.
type Service struct {
	store  Store
	forms  library
	people *staff.Service
	now    func() time.Time
}

// New makes the service. Of the clock only the day is used.
func New(s Store, l library, people *staff.Service, now func() time.Time) *Service {
	return &Service{store: s, forms: l, people: people, now: now}
}

var slugRule = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,59}$`)

// ValidSlug says whether a survey may have this short name.
func ValidSlug(slug string) bool { return slugRule.MatchString(slug) }

// survey finds a survey; the error is a sentence that names it.
func (s *Service) survey(ctx context.Context, slug string) (store.Survey, error) {
	sv, err := s.store.Survey(ctx, slug)
	return sv, noSurvey(slug, err)
}

func (s *Service) audit(ctx context.Context, actor, action, object string) error {
	return s.store.Audit(ctx, store.Audit{Day: s.today(), Actor: actor, Action: action, Object: object})
}

func (s *Service) today() string { return s.now().UTC().Format(time.DateOnly) }
