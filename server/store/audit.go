package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/survey"
)

// auditDoc is a link of a chain: Mac covers the entry and the Mac before it, under a key of the service, so that
// entries cannot be changed or taken out of the middle by somebody who has the database alone.
type auditDoc struct {
	ID     string `bson:"_id"` // number from 1, twelve digits
	Day    string `bson:"day"`
	Actor  string `bson:"actor"`
	Action string `bson:"action"`
	Object string `bson:"object"`
	Mac    []byte `bson:"mac"`
}

func (d auditDoc) audit() Audit {
	return Audit{Day: d.Day, Actor: d.Actor, Action: d.Action, Object: d.Object}
}

func (d auditDoc) mac(key, before []byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, s := range []string{"audit 1", string(before), d.ID, d.Day, d.Actor, d.Action, d.Object} {
		sum(h, s)
	}
	return h.Sum(nil)
}

// Audit notes what a member of staff did.
func (s *Store) Audit(ctx context.Context, a Audit) error {
	key, err := s.SystemKey(ctx, "audit")
	if err != nil {
		return fmt.Errorf("store: audit: %w", err)
	}
	for pause := time.Millisecond; pause < 5*time.Second; pause *= 2 {
		last, err := first[auditDoc](ctx, s, colAudit, Query{Order: "_id", Falling: true})
		if err != nil && !errors.Is(err, survey.ErrNotFound) {
			return fmt.Errorf("store: audit: %w", err)
		}
		d := auditDoc{ID: nextNumber(last.ID), Day: a.Day, Actor: a.Actor, Action: a.Action, Object: a.Object}
		d.Mac = d.mac(key, last.Mac)
		raw, err := marshal(d)
		if err != nil {
			return err
		}
		stored, err := s.e.Insert(ctx, colAudit, []bson.Raw{raw})
		if err != nil {
			return fmt.Errorf("store: audit: %w", err)
		}
		if stored[0] {
			return nil
		}
		select { // somebody else's entry has the number
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return fmt.Errorf("store: audit: %w", survey.ErrBusy)
}

func nextNumber(last string) string {
	n := 0
	_, _ = fmt.Sscanf(last, "%d", &n) // "" before the first
	return fmt.Sprintf("%012d", n+1)
}

// Audits gives the newest entries, newest first, limit at most.
func (s *Store) Audits(ctx context.Context, limit int) ([]Audit, error) {
	var all []Audit
	for d, err := range find[auditDoc](ctx, s, colAudit, Query{Order: "_id", Falling: true, Limit: limit}) {
		if err != nil {
			return nil, err
		}
		all = append(all, d.audit())
	}
	return all, nil
}

// CheckAudit reads the whole audit trail and gives an error naming the first entry that was changed, or after which
// one is missing.
func (s *Store) CheckAudit(ctx context.Context) error {
	key, err := s.SystemKey(ctx, "audit")
	if err != nil {
		return err
	}
	var before auditDoc
	for d, err := range find[auditDoc](ctx, s, colAudit, Query{Order: "_id"}) {
		if err != nil {
			return err
		}
		if d.ID != nextNumber(before.ID) || !hmac.Equal(d.Mac, d.mac(key, before.Mac)) {
			return fmt.Errorf("store: the audit trail was changed at entry %s", d.ID)
		}
		before = d
	}
	return nil
}
