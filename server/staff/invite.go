package staff

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"opengate/server/store"
	"opengate/survey"
)

// InviteDays is how long an invitation can be used.
const InviteDays = 14

// FirstLink gives the token of a one-time link that makes the first administrator, as long as nobody can sign in as
// one; afterwards created is false and the token empty. Until it is used or expires each call gives the same one, so
// that a second start does not kill the link that the first one printed.
func (s *Service) FirstLink(ctx context.Context) (token string, created bool, err error) {
	all, err := s.records(ctx)
	if err != nil {
		return "", false, err
	}
	key, err := s.store.SystemKey(ctx, firstLinkKey)
	if err != nil {
		return "", false, fmt.Errorf("staff: first link: %w", err)
	}
	pending := store.User{ID: newID(), Role: string(Administrator)}
	for _, u := range all {
		if Role(u.Role) != Administrator {
			continue
		}
		if u.Password != "" && !u.Disabled {
			return "", false, nil
		}
		if u.Email == "" {
			pending = u
		}
	}
	if token := s.sameToken(key, pending); token != "" {
		return token, true, nil
	}
	token = firstToken(key, pending.ID, pending.Rev+1, s.day()+InviteDays)
	pending.Invite, pending.Disabled = tokenHash(token), false
	if pending.Rev > 0 {
		err = s.store.UpdateUser(ctx, pending)
	} else {
		err = s.store.AddUser(ctx, pending)
	}
	if err != nil {
		return "", false, fmt.Errorf("staff: first link: %w", err)
	}
	return token, true, nil
}

const firstLinkKey = "first link"

// firstToken makes the token of the first link out of a key of the service and the record that it settles. A record
// that was written anew has another Rev and so another token; nobody without the key can make it.
func firstToken(key []byte, id string, rev, day int64) string {
	sum := hmac.New(sha256.New, key)
	fmt.Fprintf(sum, "%s %d %d", id, rev, day)
	return tokenOf(sum.Sum(nil)[:16], day)
}

// sameToken gives the token that the record waits for, "" when it waits for none that can be used.
func (s *Service) sameToken(key []byte, u store.User) string {
	for day := s.day() + InviteDays; u.Invite != nil && !u.Disabled && day >= s.day(); day-- {
		if token := firstToken(key, u.ID, u.Rev, day); hmac.Equal(tokenHash(token), u.Invite) {
			return token
		}
	}
	return ""
}

// Invite adds an account and gives the token of the one-time link that sets its password. Errors: ErrEmail, ErrRole,
// survey.ErrDuplicate when the address has an account.
func (s *Service) Invite(ctx context.Context, email string, role Role, actor string) (store.User, string, error) {
	address, err := Address(email)
	if err != nil {
		return store.User{}, "", err
	}
	if !role.Valid() {
		return store.User{}, "", ErrRole
	}
	token, hash := s.newToken()
	u := store.User{ID: newID(), Email: address, Role: string(role), Invite: hash}
	switch err := s.store.AddUser(ctx, u); {
	case errors.Is(err, survey.ErrDuplicate):
		return store.User{}, "", errTaken
	case err != nil:
		return store.User{}, "", fmt.Errorf("staff: invite: %w", err)
	}
	return u, token, s.audit(ctx, actor, "account.invite", u.ID)
}

// Reinvite gives a new one-time link to an account that is not disabled. The old password goes on working until the
// link is used; an earlier link does not.
func (s *Service) Reinvite(ctx context.Context, id, actor string) (store.User, string, error) {
	u, err := s.store.User(ctx, id)
	if err != nil {
		return store.User{}, "", err
	}
	if u.Disabled {
		return store.User{}, "", survey.ErrConflict
	}
	token, hash := s.newToken()
	u.Invite = hash
	if err := s.store.UpdateUser(ctx, u); err != nil {
		return store.User{}, "", err
	}
	return u, token, s.audit(ctx, actor, "account.reinvite", u.ID)
}

// Invited says whose invitation the token is, and uses nothing up, because mail scanners open links. ErrInvite when
// it is unknown, used or expired.
func (s *Service) Invited(ctx context.Context, token string) (store.User, error) {
	hash, err := s.openToken(token)
	if err != nil {
		return store.User{}, err
	}
	u, err := s.store.UserByInvite(ctx, hash)
	if errors.Is(err, survey.ErrNotFound) || err == nil && u.Disabled {
		return store.User{}, ErrInvite
	}
	return u, err
}

// Accept uses an invitation up: it sets the password, and makes the account where the invitation names no address
// (first start). Errors: ErrInvite, ErrEmail, survey.ErrDuplicate, and what CheckPassword says.
func (s *Service) Accept(ctx context.Context, token, email, password string) (store.User, error) {
	u, err := s.Invited(ctx, token)
	if err != nil {
		return store.User{}, err
	}
	if u.Email != "" {
		email = u.Email
	} else if email, err = s.freeAddress(ctx, email); err != nil {
		return store.User{}, err
	}
	if err := CheckPassword(password, email); err != nil {
		return store.User{}, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return store.User{}, fmt.Errorf("staff: accept invitation: %w", err)
	}
	if u, err = s.settle(ctx, u, email, hash); err != nil {
		return store.User{}, err
	}
	return u, s.audit(ctx, u.ID, "account.accept", u.ID)
}

func (s *Service) freeAddress(ctx context.Context, email string) (string, error) {
	address, err := Address(email)
	if err != nil {
		return "", err
	}
	switch _, err := s.store.UserByEmail(ctx, address); {
	case err == nil:
		return "", errTaken
	case !errors.Is(err, survey.ErrNotFound):
		return "", fmt.Errorf("staff: accept invitation: %w", err)
	}
	return address, nil
}

// settle writes what Accept decided. The invitation is used up by a compare-and-set, so of two who come at the same
// moment one gets ErrInvite. An address never changes once it is stored: the record of the first start only gives way
// to an account with an address, and if that fails the next start prints another link.
func (s *Service) settle(ctx context.Context, u store.User, email, hash string) (store.User, error) {
	u.Invite = nil
	if u.Email == "" {
		u.Disabled = true
	} else {
		u.Password = hash
	}
	switch err := s.store.UpdateUser(ctx, u); {
	case errors.Is(err, survey.ErrConflict):
		return u, ErrInvite
	case err != nil:
		return u, fmt.Errorf("staff: accept invitation: %w", err)
	case u.Email != "":
		return s.store.User(ctx, u.ID)
	}
	made := store.User{ID: newID(), Email: email, Role: u.Role, Password: hash}
	if err := s.store.AddUser(ctx, made); err != nil {
		return u, fmt.Errorf("staff: accept invitation: %w", err)
	}
	return s.store.User(ctx, made.ID)
}

var tokenText = base32.StdEncoding.WithPadding(base32.NoPadding)

// newToken makes a token of 128 random bits and the day after which it is void. The store keeps only its hash, which
// covers the day, so nobody can lengthen it.
func (s *Service) newToken() (token string, hash []byte) {
	token = tokenOf(randomBytes(16), s.day()+InviteDays)
	return token, tokenHash(token)
}

func tokenOf(secret []byte, day int64) string {
	raw := binary.BigEndian.AppendUint32(secret[:16:16], uint32(day)) //nolint:gosec // days since 1970 fit for eleven million years
	return strings.ToLower(tokenText.EncodeToString(raw))
}

func (s *Service) openToken(token string) ([]byte, error) {
	token = strings.ToLower(strings.TrimSpace(token))
	raw, err := tokenText.DecodeString(strings.ToUpper(token))
	if err != nil || len(raw) != 20 {
		return nil, ErrInvite
	}
	if int64(binary.BigEndian.Uint32(raw[16:])) < s.day() {
		return nil, ErrInvite
	}
	return tokenHash(token), nil
}

func (s *Service) day() int64 { return s.now().Unix() / int64((24*time.Hour)/time.Second) }

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
