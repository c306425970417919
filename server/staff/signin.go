package staff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"opengate/server/store"
	"opengate/survey"
)

// SignIn gives the account whose e-mail and password these are. Every other case is ErrSignIn after the same work:
// nobody learns which addresses have an account, are disabled or have not used their invitation. from tells callers
// apart so that one who guesses does not slow down another (a network's bucket, never stored); too many guesses are
// survey.ErrBusy for a while, whether or not the account exists.
func (s *Service) SignIn(ctx context.Context, email, password, from string) (store.User, error) {
	address, bad := Address(email)
	if !s.guesses.allow(address, from) {
		return store.User{}, fmt.Errorf("staff: sign in: %w", survey.ErrBusy)
	}
	var u store.User
	if bad == nil {
		var err error
		if u, err = s.store.UserByEmail(ctx, address); err != nil && !errors.Is(err, survey.ErrNotFound) {
			return store.User{}, fmt.Errorf("staff: sign in: %w", err)
		}
	}
	phc := u.Password
	if u.Disabled {
		phc = ""
	}
	if len(password) > maxPasswordBytes {
		password = ""
	}
	right, err := s.hasher.verify(ctx, phc, password)
	if err != nil {
		return store.User{}, fmt.Errorf("staff: sign in: %w", err)
	}
	if !right {
		return store.User{}, ErrSignIn
	}
	s.guesses.forget(address, from)
	return u, s.audit(ctx, u.ID, "account.sign_in", u.ID)
}

// ChangePassword sets a new password for somebody who knows the old one: ErrSignIn when they do not, survey.ErrBusy
// after too many guesses, and what CheckPassword says of the new one. Stamp changes with it, so other sessions end.
func (s *Service) ChangePassword(ctx context.Context, id, old, password string) (store.User, error) {
	u, err := s.User(ctx, id)
	if err != nil {
		return store.User{}, err
	}
	if err := CheckPassword(password, u.Email); err != nil {
		return store.User{}, err
	}
	if !s.guesses.allow(u.Email, "own "+id) {
		return store.User{}, fmt.Errorf("staff: change password: %w", survey.ErrBusy)
	}
	right, err := s.hasher.verify(ctx, u.Password, old)
	if err != nil {
		return store.User{}, fmt.Errorf("staff: change password: %w", err)
	}
	if !right {
		return store.User{}, ErrSignIn
	}
	if u.Password, err = s.hasher.hash(ctx, password); err != nil {
		return store.User{}, fmt.Errorf("staff: change password: %w", err)
	}
	if err := s.store.UpdateUser(ctx, u); err != nil {
		return store.User{}, err
	}
	return u, s.audit(ctx, u.ID, "account.password", u.ID)
}

// Stamp changes with an account's password and role. A session remembers it and ends when it no longer fits.
func Stamp(u store.User) string {
	sum := sha256.Sum256([]byte(u.ID + "\x00" + u.Role + "\x00" + u.Password))
	return hex.EncodeToString(sum[:12])
}

// guesses paces sign-in attempts per account and network: ten at once, then one in six seconds. It keeps only keyed
// hashes, in memory, under a key that dies with the process.
type guesses struct {
	mu      sync.Mutex
	now     func() time.Time
	seed    maphash.Seed
	buckets map[uint64]*rate.Limiter
}

const maxBuckets = 10_000

func newGuesses(now func() time.Time) *guesses {
	return &guesses{now: now, seed: maphash.MakeSeed(), buckets: map[uint64]*rate.Limiter{}}
}

func (g *guesses) key(email, from string) uint64 {
	return maphash.String(g.seed, email+"\x00"+from)
}

func (g *guesses) allow(email, from string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	k := g.key(email, from)
	b := g.buckets[k]
	if b == nil {
		g.trim(now)
		b = rate.NewLimiter(rate.Every(6*time.Second), 10)
		g.buckets[k] = b
	}
	return b.AllowN(now, 1)
}

// trim drops buckets that have filled up again, and all of them when an attacker has made too many.
func (g *guesses) trim(now time.Time) {
	if len(g.buckets) < maxBuckets {
		return
	}
	for k, b := range g.buckets {
		if b.TokensAt(now) >= 10 {
			delete(g.buckets, k)
		}
	}
	if len(g.buckets) >= maxBuckets {
		clear(g.buckets)
	}
}

func (g *guesses) forget(email, from string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.buckets, g.key(email, from))
}
