package staff

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"opengate/server/store"
	"opengate/survey"
)

// people is a store in memory that keeps the contract of the real one.
type people struct {
	users  []store.User
	audits []store.Audit
}

func (p *people) AddUser(_ context.Context, u store.User) error {
	for _, other := range p.users {
		if other.ID == u.ID || strings.EqualFold(other.Email, u.Email) {
			return survey.ErrDuplicate
		}
	}
	u.Rev = 1
	p.users = append(p.users, u)
	return nil
}

func (p *people) UpdateUser(_ context.Context, u store.User) error {
	for i, other := range p.users {
		if other.ID == u.ID {
			if !strings.EqualFold(other.Email, u.Email) {
				return errors.New("the address of a user does not change")
			}
			if other.Rev != u.Rev {
				return survey.ErrConflict
			}
			u.Rev++
			p.users[i] = u
			return nil
		}
	}
	return survey.ErrNotFound
}

func (p *people) Users(context.Context) iter.Seq2[store.User, error] {
	return func(yield func(store.User, error) bool) {
		for _, u := range p.users {
			if !yield(u, nil) {
				return
			}
		}
	}
}

func (p *people) find(is func(store.User) bool) (store.User, error) {
	if i := slices.IndexFunc(p.users, is); i >= 0 {
		return p.users[i], nil
	}
	return store.User{}, survey.ErrNotFound
}

func (p *people) User(_ context.Context, id string) (store.User, error) {
	return p.find(func(u store.User) bool { return u.ID == id })
}

func (p *people) UserByEmail(_ context.Context, email string) (store.User, error) {
	return p.find(func(u store.User) bool { return strings.EqualFold(u.Email, email) })
}

func (p *people) UserByInvite(_ context.Context, hash []byte) (store.User, error) {
	return p.find(func(u store.User) bool { return u.Invite != nil && slices.Equal(u.Invite, hash) })
}

func (p *people) Audit(_ context.Context, a store.Audit) error {
	p.audits = append(p.audits, a)
	return nil
}

func (p *people) SystemKey(_ context.Context, purpose string) ([]byte, error) {
	return []byte("key of " + purpose), nil
}

type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newService(t *testing.T) (*Service, *people, *clock) {
	t.Helper()
	p, c := &people{}, &clock{time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	return New(p, c.now), p, c
}

const (
	email    = "ada@example.org"
	password = "dwanaście znaków"
)

// withAdmin signs the first administrator up.
func withAdmin(t *testing.T, s *Service) store.User {
	t.Helper()
	token, created, err := s.FirstLink(t.Context())
	if err != nil || !created {
		t.Fatalf("first link: created %v, %v", created, err)
	}
	u, err := s.Accept(t.Context(), token, " Ada@Example.org ", password)
	if err != nil {
		t.Fatalf("accept: %v", err)
	}
	return u
}

// The link that the first start printed may be in somebody's hands: a second start must not kill it.
func TestASecondStartGivesTheSameFirstLink(t *testing.T) {
	s, people, c := newService(t)
	ctx := t.Context()
	first, _, err := s.FirstLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	c.t = c.t.AddDate(0, 0, InviteDays)
	again, created, err := New(people, c.now).FirstLink(ctx)
	if err != nil || !created || again != first {
		t.Fatalf("%q, then %q, %v, %v", first, again, created, err)
	}
	c.t = c.t.AddDate(0, 0, 1)
	later, _, err := s.FirstLink(ctx)
	if err != nil || later == first {
		t.Fatalf("an expired link is given again: %v", err)
	}
	if _, err := s.Accept(ctx, first, email, password); !errors.Is(err, ErrInvite) {
		t.Fatalf("the expired link works: %v", err)
	}
	u, err := s.Accept(ctx, later, email, password)
	if err != nil {
		t.Fatal(err)
	}
	if err := people.UpdateUser(ctx, store.User{ID: u.ID, Email: u.Email, Role: u.Role, Password: u.Password, Disabled: true, Rev: u.Rev}); err != nil {
		t.Fatal(err)
	}
	if third, created, err := s.FirstLink(ctx); err != nil || !created || third == later {
		t.Fatalf("a link that was used is given again: %v, %v", created, err)
	}
}

func TestFirstLink(t *testing.T) {
	s, _, _ := newService(t)
	ctx := t.Context()
	token, created, err := s.FirstLink(ctx)
	if err != nil || !created {
		t.Fatalf("created %v, %v", created, err)
	}
	u, err := s.Accept(ctx, token, email, password)
	if err != nil || Role(u.Role) != Administrator || u.Email != email || u.Invite != nil {
		t.Fatalf("accepted as %+v, %v", u, err)
	}
	if _, err := s.Accept(ctx, token, "eve@example.org", password); !errors.Is(err, ErrInvite) {
		t.Fatalf("the link works twice: %v", err)
	}
	if token, created, err := s.FirstLink(ctx); created || token != "" || err != nil {
		t.Fatalf("a link although there is an administrator: %q, %v", token, err)
	}
	if all, err := s.Users(ctx); err != nil || len(all) != 1 {
		t.Fatalf("%d accounts, want 1: %v", len(all), err)
	}
}

func TestInvitation(t *testing.T) {
	s, p, c := newService(t)
	ctx := t.Context()
	admin := withAdmin(t, s)

	u, token, err := s.Invite(ctx, "Ngo@Example.org", Field, admin.ID)
	if err != nil || u.Email != "ngo@example.org" {
		t.Fatalf("invite: %+v, %v", u, err)
	}
	if _, _, err := s.Invite(ctx, "NGO@example.ORG", Analyst, admin.ID); !errors.Is(err, survey.ErrDuplicate) {
		t.Fatalf("same address twice: %v", err)
	}
	if _, _, err := s.Invite(ctx, "no address", Field, admin.ID); !errors.Is(err, ErrEmail) {
		t.Fatalf("bad address: %v", err)
	}
	if _, _, err := s.Invite(ctx, "x@example.org", "boss", admin.ID); !errors.Is(err, ErrRole) {
		t.Fatalf("bad role: %v", err)
	}
	for range 2 { // looking at the link uses nothing up
		if got, err := s.Invited(ctx, token); err != nil || got.ID != u.ID {
			t.Fatalf("invited: %+v, %v", got, err)
		}
	}
	if _, err := s.SignIn(ctx, u.Email, "", "net"); !errors.Is(err, ErrSignIn) {
		t.Fatalf("sign-in without a password: %v", err)
	}
	if _, err := s.User(ctx, u.ID); !errors.Is(err, survey.ErrNotFound) {
		t.Fatalf("an unused invitation counts as an account: %v", err)
	}
	c.t = c.t.AddDate(0, 0, InviteDays+1)
	if _, err := s.Accept(ctx, token, "", password); !errors.Is(err, ErrInvite) {
		t.Fatalf("expired link: %v", err)
	}
	_, token, err = s.Reinvite(ctx, u.ID, admin.ID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Accept(ctx, token, "other@example.org", password)
	if err != nil || got.Email != u.Email || Role(got.Role) != Field {
		t.Fatalf("an invitation keeps its address and role: %+v, %v", got, err)
	}
	for _, a := range p.audits {
		if a.Day == "" || a.Actor == "" || a.Action == "" || strings.Contains(a.Object, "@") {
			t.Errorf("audit record %+v", a)
		}
	}
	if len(p.audits) != 4 { // accept, invite, reinvite, accept
		t.Errorf("%d audit records, want 4: %+v", len(p.audits), p.audits)
	}
}

func TestTokenCannotBeAltered(t *testing.T) {
	s, _, _ := newService(t)
	token, _, err := s.FirstLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", token[:31], token + "a", token[:31] + "7", strings.Repeat("a", 32)} {
		if _, err := s.Accept(t.Context(), bad, email, password); !errors.Is(err, ErrInvite) && bad != token {
			t.Errorf("token %q: %v", bad, err)
		}
	}
}

func TestSignIn(t *testing.T) {
	s, _, c := newService(t)
	ctx := t.Context()
	admin := withAdmin(t, s)

	if u, err := s.SignIn(ctx, " ADA@example.org", password, "net"); err != nil || u.ID != admin.ID {
		t.Fatalf("sign-in: %+v, %v", u, err)
	}
	decomposed := "dwanas\u0301cie znako\u0301w" // the same password from another keyboard
	if _, err := s.SignIn(ctx, email, decomposed, "net"); err != nil {
		t.Fatalf("decomposed password: %v", err)
	}
	for name, try := range map[string][2]string{
		"wrong password":   {email, "another password"},
		"unknown address":  {"eve@example.org", password},
		"no address":       {"", password},
		"no password":      {email, ""},
		"endless password": {email, strings.Repeat("a", 5000)},
	} {
		if _, err := s.SignIn(ctx, try[0], try[1], "net"); !errors.Is(err, ErrSignIn) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 20 {
		_, _ = s.SignIn(ctx, email, "another password", "attacker")
		_, _ = s.SignIn(ctx, "eve@example.org", "another password", "attacker")
	}
	for _, address := range []string{email, "eve@example.org"} {
		if _, err := s.SignIn(ctx, address, password, "attacker"); !errors.Is(err, survey.ErrBusy) {
			t.Errorf("%s after many guesses: %v", address, err)
		}
	}
	if _, err := s.SignIn(ctx, email, password, "net"); err != nil {
		t.Errorf("an attacker elsewhere locks the administrator out: %v", err)
	}
	c.t = c.t.Add(10 * time.Second)
	if _, err := s.SignIn(ctx, email, password, "attacker"); err != nil {
		t.Errorf("the pace does not recover: %v", err)
	}
}

// An account that is unknown, invited or disabled must cost as much work as a known one.
func TestSignInDoesTheSameWork(t *testing.T) {
	s, _, _ := newService(t)
	ctx := t.Context()
	admin := withAdmin(t, s)
	_, _, err := s.Invite(ctx, "new@example.org", Field, admin.ID)
	if err != nil {
		t.Fatal(err)
	}
	off, token, err := s.Invite(ctx, "off@example.org", Field, admin.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(ctx, token, "", password); err != nil {
		t.Fatal(err)
	}
	if err := s.Disable(ctx, off.ID, true, admin.ID); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{email, "unknown@example.org", "new@example.org", "off@example.org", "nonsense"} {
		held := len(s.hasher.slots)
		for range cap(s.hasher.slots) { // with every slot taken, whoever hashes must wait
			s.hasher.slots <- struct{}{}
		}
		short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
		_, err := s.SignIn(short, address, "wrong password", "net")
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: no key was derived (%v, %d)", address, err, held)
		}
		for range cap(s.hasher.slots) {
			<-s.hasher.slots
		}
	}
}

func TestDisable(t *testing.T) {
	s, _, _ := newService(t)
	ctx := t.Context()
	admin := withAdmin(t, s)
	if err := s.Disable(ctx, admin.ID, true, admin.ID); !errors.Is(err, ErrLastAdmin) {
		t.Fatalf("last administrator: %v", err)
	}
	second, token, err := s.Invite(ctx, "second@example.org", Administrator, admin.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Disable(ctx, admin.ID, true, admin.ID); !errors.Is(err, ErrLastAdmin) {
		t.Fatalf("an invited administrator cannot sign in yet: %v", err)
	}
	if _, err := s.Accept(ctx, token, "", password); err != nil {
		t.Fatal(err)
	}
	if err := s.Disable(ctx, admin.ID, true, second.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SignIn(ctx, email, password, "net"); !errors.Is(err, ErrSignIn) {
		t.Errorf("disabled account: %v", err)
	}
	if _, err := s.User(ctx, admin.ID); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("a disabled account's session goes on: %v", err)
	}
}

func TestATakenAddressIsSaidInWords(t *testing.T) {
	s, _, _ := newService(t)
	withAdmin(t, s)
	_, _, err := s.Invite(t.Context(), email, Field, "x")
	if !errors.Is(err, survey.ErrDuplicate) || err.Error() != "there is an account with this address already" {
		t.Errorf("%v", err)
	}
}
