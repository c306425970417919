// Package intake is what the pages, the API and the command line share on the way of an answer: draft, resume,
// submit, withdraw, import. It knows no HTTP and no database. Entry points: [New], then [Service.Door].
package intake

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"

	"opengate/server/store"
	"opengate/survey"
)

// library knows what was published. All return survey.ErrNotFound for what does not exist.
type library interface {
	Survey(ctx context.Context, slug string) (store.Survey, error)
	Form(ctx context.Context, slug string, version int) (*survey.Form, error)
}

// links knows the addresses that were handed out; survey.ErrNotFound for an unknown code.
type links interface {
	Link(ctx context.Context, code string) (store.Link, error)
}

// responses keeps finished answers.
type responses interface {
	// AddResponses is durable before it returns and safe to repeat; one verdict per entry.
	AddResponses(ctx context.Context, entries []store.Entry) ([]store.Verdict, error)
	// Repeated judges an entry and keeps nothing; survey.ErrNotFound where its id is free.
	Repeated(ctx context.Context, e store.Entry) (store.Verdict, error)
	// Response returns survey.ErrNotFound, or survey.ErrWithdrawn where a tombstone stands.
	Response(ctx context.Context, id string) (survey.Response, error)
	// Withdraw returns survey.ErrNotFound, or survey.ErrWithdrawn when repeated.
	Withdraw(ctx context.Context, receiptHash []byte, day string) (slug string, err error)
}

// drafts keeps sealed unfinished answers and the way back to them.
type drafts interface {
	// PutDraft inserts when Rev is 0 and otherwise replaces revision Rev, or returns survey.ErrConflict.
	PutDraft(ctx context.Context, d store.Draft) (rev int64, err error)
	Draft(ctx context.Context, id string) (store.Draft, error)
	DeleteDraft(ctx context.Context, id string) error
	AddResume(ctx context.Context, r store.Resume) error
	Resume(ctx context.Context, id string) (store.Resume, error)
}

// keys gives the secrets, each made on first use.
type keys interface {
	SurveyKey(ctx context.Context, slug, purpose string) (key []byte, keyID string, err error)
	SystemKey(ctx context.Context, purpose string) ([]byte, error)
}

// Store is everything that intake keeps.
type Store interface {
	links
	responses
	drafts
	keys
}

// Service carries answers from people to the store.
type Service struct {
	store   Store
	library library
	now     func() time.Time
	tmpDir  string        // private folder for the temporary files of the workbook reader
	argon   chan struct{} // one slot per concurrent Argon2 computation
}

// New makes the service. now is the clock; tmpDir a private folder that exists.
func New(s Store, l library, now func() time.Time, tmpDir string, cores int) *Service {
	return &Service{store: s, library: l, now: now, tmpDir: tmpDir, argon: make(chan struct{}, max(cores, 1))}
}

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewID gives 128 random bits in 26 characters: the id of a response or the token of a draft.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime stops the program instead
	return base32Lower.EncodeToString(b[:])
}

// ValidID says whether a text that came from outside has the shape of NewID.
func ValidID(id string) bool {
	b, err := base32Lower.DecodeString(id)
	return err == nil && len(b) == 16 && base32Lower.EncodeToString(b) == strings.ToLower(id)
}
