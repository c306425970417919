// Package staff is the people who work with the service: accounts, roles, invitations and sign-in. It knows no HTTP
// and keeps no session. Entry points: [New], [Service.SignIn] and the table behind [Role.May].
package staff

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"iter"
	"net/mail"
	"slices"
	"strings"
	"time"

	"opengate/server/store"
	"opengate/survey"
)

// Kinds of error of this room; the other ones are those of package survey.
var (
	ErrSignIn    = errors.New("e-mail or password is wrong")
	ErrInvite    = errors.New("invitation is unknown, used or expired")
	ErrEmail     = errors.New("not an e-mail address")
	ErrRole      = errors.New("no such role")
	ErrLastAdmin = errors.New("the last administrator cannot be disabled")

	errTaken error = takenError{}
)

// takenError is survey.ErrDuplicate in words that a command can print.
type takenError struct{}

// Error says what is taken, without the address itself.
func (takenError) Error() string { return "there is an account with this address already" }

// Is makes it survey.ErrDuplicate.
func (takenError) Is(target error) bool { return target == survey.ErrDuplicate }

// accounts is the store of people. Errors: survey.ErrNotFound, survey.ErrDuplicate (an e-mail that is taken),
// survey.ErrConflict (UpdateUser with an old Rev).
type accounts interface {
	AddUser(ctx context.Context, u store.User) error
	UpdateUser(ctx context.Context, u store.User) error
	Users(ctx context.Context) iter.Seq2[store.User, error]
}

// finder looks one account up; survey.ErrNotFound when there is none.
type finder interface {
	User(ctx context.Context, id string) (store.User, error)
	UserByEmail(ctx context.Context, email string) (store.User, error)
	UserByInvite(ctx context.Context, hash []byte) (store.User, error)
}

// auditor remembers what staff did.
type auditor interface {
	Audit(ctx context.Context, a store.Audit) error
}

// keyring gives keys of the service itself, always the same for a purpose.
type keyring interface {
	SystemKey(ctx context.Context, purpose string) ([]byte, error)
}

// Store is what the service needs of the store.
type Store interface {
	accounts
	finder
	auditor
	keyring
}

// Service manages accounts. It is safe for concurrent use.
type Service struct {
	store   Store
	now     func() time.Time
	hasher  *hasher
	guesses *guesses
}

// New makes the service; now is the clock, of which only days and the pace of sign-in attempts are used.
func New(s Store, now func() time.Time) *Service {
	return &Service{store: s, now: now, hasher: newHasher(), guesses: newGuesses(now)}
}

// User finds an account that may work: survey.ErrNotFound also for disabled ones and for invitations not yet used.
func (s *Service) User(ctx context.Context, id string) (store.User, error) {
	u, err := s.store.User(ctx, id)
	if err != nil {
		return store.User{}, err
	}
	if u.Disabled || u.Password == "" {
		return store.User{}, survey.ErrNotFound
	}
	return u, nil
}

// Users lists every account in the store's order, without the nameless one that keeps the link of the first start.
func (s *Service) Users(ctx context.Context) ([]store.User, error) {
	all, err := s.records(ctx)
	return slices.DeleteFunc(all, func(u store.User) bool { return u.Email == "" }), err
}

func (s *Service) records(ctx context.Context) ([]store.User, error) {
	var all []store.User
	for u, err := range s.store.Users(ctx) {
		if err != nil {
			return nil, fmt.Errorf("staff: list accounts: %w", err)
		}
		all = append(all, u)
	}
	return all, nil
}

// Disable takes an account's access away, or gives it back. Sessions end with the next request, because every
// request looks the account up. ErrLastAdmin protects the last administrator who can sign in.
func (s *Service) Disable(ctx context.Context, id string, disabled bool, actor string) error {
	u, err := s.store.User(ctx, id)
	if err != nil {
		return err
	}
	if disabled {
		if err := s.notLast(ctx, u); err != nil {
			return err
		}
	}
	u.Disabled = disabled
	if disabled {
		u.Invite = nil
	}
	if err := s.store.UpdateUser(ctx, u); err != nil {
		return err
	}
	action := "account.enable"
	if disabled {
		action = "account.disable"
	}
	return s.audit(ctx, actor, action, u.ID)
}

// notLast says ErrLastAdmin when u is the only administrator who can sign in.
func (s *Service) notLast(ctx context.Context, u store.User) error {
	if Role(u.Role) != Administrator || u.Password == "" {
		return nil
	}
	all, err := s.Users(ctx)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID != u.ID && Role(other.Role) == Administrator && !other.Disabled && other.Password != "" {
			return nil
		}
	}
	return ErrLastAdmin
}

func (s *Service) audit(ctx context.Context, actor, action, object string) error {
	day := s.now().UTC().Format(time.DateOnly)
	return s.store.Audit(ctx, store.Audit{Day: day, Actor: actor, Action: action, Object: object})
}

// Address cleans an e-mail address: trimmed, lower case, no display name. ErrEmail when it is none.
func Address(raw string) (string, error) {
	raw = strings.ToLower(strings.TrimSpace(raw))
	a, err := mail.ParseAddress(raw)
	if err != nil || a.Address != raw || len(raw) > 254 {
		return "", ErrEmail
	}
	return raw, nil
}

// newID makes an account's ID: 128 random bits that say nothing of who or when.
func newID() string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(randomBytes(16))
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand aborts the program instead
	return b
}
