package office

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"opengate/server/staff"
	"opengate/server/store"
	"opengate/survey"
)

// LinkKinds are the kinds of place that hand out links, in the order in which pages offer them.
var LinkKinds = []string{"ngo", "library", "museum", "school", "office", "other"}

// LinkModes are the modes that a link may give to the answers that come by it.
var LinkModes = []survey.Mode{survey.ModeSelf, survey.ModeAssisted, survey.ModePaper, survey.ModeKiosk}

const (
	maxLinkName = 80 // characters
	codeLength  = 8  // of 30 letters: 39 bits, short enough to type from a poster
	codeLetters = "23456789abcdefghjkmnpqrstvwxyz"
	keyPrefix   = "og_"
)

// LinkRequest is a link to be added.
type LinkRequest struct {
	Slug  string
	Name  string      // shown to staff and in channel tables
	Kind  string      // one of LinkKinds; "" is other
	Mode  survey.Mode // one of LinkModes; "" is self
	API   bool        // give it a key for the API
	Owner string      // ID of the account that sees it, or ""
	Actor string
}

// AddLink makes a new address. With API it also gives the key, which is shown this once and stored as a hash only.
// Errors: ErrLink, survey.ErrNotFound for the survey or the owner.
func (s *Service) AddLink(ctx context.Context, r LinkRequest) (link store.Link, key string, err error) {
	link, err = checkLink(r)
	if err != nil {
		return store.Link{}, "", err
	}
	if _, err := s.survey(ctx, r.Slug); err != nil {
		return store.Link{}, "", err
	}
	if err := s.owner(ctx, r.Owner); err != nil {
		return store.Link{}, "", err
	}
	if r.API {
		key = newKey()
		link.KeyHash = KeyHash(key)
	}
	for range 5 {
		link.Code = newCode()
		if err = s.store.AddLink(ctx, link); !errors.Is(err, survey.ErrDuplicate) {
			break
		}
	}
	if err != nil {
		return store.Link{}, "", fmt.Errorf("survey %s: the link was not added: %w", r.Slug, err)
	}
	return link, key, s.audit(ctx, r.Actor, "link.add", link.Code)
}

func checkLink(r LinkRequest) (store.Link, error) {
	l := store.Link{Survey: r.Slug, Name: strings.TrimSpace(r.Name), Kind: r.Kind, Mode: r.Mode, Owner: r.Owner}
	if l.Kind == "" {
		l.Kind = "other"
	}
	if l.Mode == "" {
		l.Mode = survey.ModeSelf
	}
	if l.Name == "" || utf8.RuneCountInString(l.Name) > maxLinkName || !utf8.ValidString(l.Name) ||
		strings.ContainsFunc(l.Name, unicode.IsControl) ||
		!slices.Contains(LinkKinds, l.Kind) || !slices.Contains(LinkModes, l.Mode) {
		return store.Link{}, ErrLink
	}
	return l, nil
}

// owner checks that the account exists, or is ""; invitations not yet used will do.
func (s *Service) owner(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	all, err := s.people.Users(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(u store.User) bool { return u.ID == id }) {
		return say(survey.ErrNotFound, "no account has the ID %s", id)
	}
	return nil
}

// RevokeLink makes an address stop working at once; answers that came by it stay. Error: survey.ErrNotFound, also for
// a link of another survey.
func (s *Service) RevokeLink(ctx context.Context, slug, code, actor string) error {
	return s.changeLink(ctx, slug, code, actor, "link.revoke", func(l *store.Link) bool {
		changed := !l.Revoked
		l.Revoked = true
		return changed
	})
}

// RestoreLink makes a revoked address work again, with its key: one slip must not spoil posters that hang already.
// Error: survey.ErrNotFound, also for a link of another survey.
func (s *Service) RestoreLink(ctx context.Context, slug, code, actor string) error {
	return s.changeLink(ctx, slug, code, actor, "link.restore", func(l *store.Link) bool {
		changed := l.Revoked
		l.Revoked = false
		return changed
	})
}

// SetOwner gives a link to the account that will see it; "" takes it back. Errors: survey.ErrNotFound for the account
// or the link, also for a link of another survey.
func (s *Service) SetOwner(ctx context.Context, slug, code, owner, actor string) error {
	if err := s.owner(ctx, owner); err != nil {
		return err
	}
	return s.changeLink(ctx, slug, code, actor, "link.owner", func(l *store.Link) bool {
		changed := l.Owner != owner
		l.Owner = owner
		return changed
	})
}

// changeLink writes a link anew and remembers who did it, where change says that something changes.
func (s *Service) changeLink(ctx context.Context, slug, code, actor, action string, change func(*store.Link) bool) error {
	l, err := s.store.Link(ctx, code)
	if err == nil && l.Survey != slug {
		err = survey.ErrNotFound
	}
	if err != nil {
		return noLink(slug, code, err)
	}
	if !change(&l) {
		return nil
	}
	if err := s.store.UpdateLink(ctx, l); err != nil {
		return noLink(slug, code, err)
	}
	return s.audit(ctx, actor, action, code)
}

// AddUser invites somebody and gives the token of the one-time link.
func (s *Service) AddUser(ctx context.Context, email string, role staff.Role, actor string) (store.User, string, error) {
	return s.people.Invite(ctx, email, role, actor)
}

// KeyHash is what the store keeps of an API key. The key is 256 random bits, so one fast hash protects it.
func KeyHash(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

func newKey() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return keyPrefix + base64.RawURLEncoding.EncodeToString(b)
}

// newCode draws letters evenly: bytes that would favour the first letters are thrown away.
func newCode() string {
	limit := byte(256 / len(codeLetters) * len(codeLetters))
	code := make([]byte, 0, codeLength)
	for b := make([]byte, 1); len(code) < codeLength; {
		_, _ = rand.Read(b) // never fails
		if b[0] < limit {
			code = append(code, codeLetters[int(b[0])%len(codeLetters)])
		}
	}
	return string(code)
}
