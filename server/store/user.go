package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"opengate/survey"
)

type userDoc struct {
	ID       string `bson:"_id"`
	Rev      int64  `bson:"rev"`
	Email    string `bson:"email"` // as foldEmail makes it: unique
	Shown    string `bson:"shown"` // as it was typed
	Role     string `bson:"role"`
	Password string `bson:"password"`
	Invite   []byte `bson:"invite"`
	Disabled bool   `bson:"disabled"`
}

// foldEmail makes alike what is the same address to people.
func foldEmail(email string) string {
	return cases.Fold().String(norm.NFKC.String(strings.TrimSpace(email)))
}

func userDocOf(u User, rev int64) userDoc {
	return userDoc{ID: u.ID, Rev: rev, Email: foldEmail(u.Email), Shown: u.Email, Role: u.Role, Password: u.Password, Invite: u.Invite, Disabled: u.Disabled}
}

func (d userDoc) user() User {
	return User{ID: d.ID, Rev: d.Rev, Email: d.Shown, Role: d.Role, Password: d.Password, Invite: d.Invite, Disabled: d.Disabled}
}

// AddUser keeps a new member of staff under Rev 1; survey.ErrDuplicate when the address, whatever its case, or the ID
// is taken.
func (s *Store) AddUser(ctx context.Context, u User) error {
	return s.insertOne(ctx, colUsers, userDocOf(u, 1))
}

// User gives one member of staff, or survey.ErrNotFound.
func (s *Store) User(ctx context.Context, id string) (User, error) {
	d, err := get[userDoc](ctx, s, colUsers, id)
	return d.user(), err
}

// UserByEmail finds a member of staff by address, whatever its case, or survey.ErrNotFound.
func (s *Store) UserByEmail(ctx context.Context, email string) (User, error) {
	d, err := first[userDoc](ctx, s, colUsers, Where("email", foldEmail(email)))
	return d.user(), err
}

// UserByInvite finds whom an unused invitation belongs to, or survey.ErrNotFound.
func (s *Store) UserByInvite(ctx context.Context, hash []byte) (User, error) {
	if len(hash) == 0 {
		return User{}, fmt.Errorf("store: invitation: %w", survey.ErrNotFound)
	}
	d, err := first[userDoc](ctx, s, colUsers, Where("invite", hash))
	return d.user(), err
}

// Users yields the staff in the order of their addresses.
func (s *Store) Users(ctx context.Context) iter.Seq2[User, error] {
	return mapped(find[userDoc](ctx, s, colUsers, Query{Order: "email"}), userDoc.user)
}

// UpdateUser replaces the user who has u.Rev; survey.ErrConflict or survey.ErrNotFound when there is none such. The
// address stays as it is.
func (s *Store) UpdateUser(ctx context.Context, u User) error {
	there, err := s.User(ctx, u.ID)
	if err != nil {
		return err
	}
	if foldEmail(there.Email) != foldEmail(u.Email) {
		return errors.New("store: the address of a user does not change: add another user")
	}
	return s.replace(ctx, colUsers, userDocOf(u, u.Rev+1), u.Rev)
}
