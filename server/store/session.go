package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/survey"
)

// Sessions keeps the sessions of staff for scs; it is an scs.CtxStore. The database holds hashes of tokens, so that
// who reads it cannot sign in.
type Sessions struct{ s *Store }

type sessionDoc struct {
	ID      string `bson:"_id"` // hex SHA-256 of the token
	Rev     int64  `bson:"rev"`
	Data    []byte `bson:"data"`
	Expires int64  `bson:"expires"` // Unix seconds
}

// Sessions gives the store of staff sessions.
func (s *Store) Sessions() *Sessions { return &Sessions{s} }

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// FindCtx gives the data of a session that has not ended.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	d, err := get[sessionDoc](ctx, s.s, colSessions, hashToken(token))
	if errors.Is(err, survey.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil || s.s.now().Unix() >= d.Expires {
		return nil, false, err
	}
	return d.Data, true, nil
}

// CommitCtx keeps a session; the last of several at the same time wins.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	d := sessionDoc{ID: hashToken(token), Rev: 1, Data: data, Expires: expiry.Unix()}
	for {
		raw, err := marshal(d)
		if err != nil {
			return err
		}
		stored, err := s.s.e.Insert(ctx, colSessions, []bson.Raw{raw})
		if err != nil || stored[0] {
			return err
		}
		there, err := get[sessionDoc](ctx, s.s, colSessions, d.ID)
		if err == nil {
			d.Rev = there.Rev + 1
			err = s.s.replace(ctx, colSessions, d, there.Rev)
		}
		if !errors.Is(err, survey.ErrNotFound) && !errors.Is(err, survey.ErrConflict) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// DeleteCtx ends a session; one that is not there is no error.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.s.e.Delete(ctx, colSessions, Where("_id", hashToken(token)))
	return err
}

// Find is FindCtx without a context, for the interface of scs.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context, for the interface of scs.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context, for the interface of scs.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
