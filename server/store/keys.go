package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/survey"
)

// Purposes of the keys of a survey.
const (
	PurposeProtection = "protection" // keyed rounding and row refresh of releases
	PurposeReceipt    = "receipt"    // receipts of responses
	purposeAnswers    = "answers"    // recognising a repeated response
)

// keyAge is how long a key is believed without asking: a command beside the service may have erased its survey.
const keyAge = time.Second

type keyDoc struct {
	ID      string `bson:"_id"` // survey and purpose
	Rev     int64  `bson:"rev"`
	Survey  string `bson:"survey"` // "" for the service's own
	KeyID   string `bson:"keyId"`
	Wrapped []byte `bson:"wrapped"` // by the master key, bound to the _id
}

type cachedKey struct {
	key   []byte
	keyID string
	until time.Time
}

// SurveyKey gives the survey's key for a purpose, 32 bytes, and an identifier that tells nothing about it. It is made
// at its first use; ErrNotFound when there is no such survey. The caller must not change the bytes.
func (s *Store) SurveyKey(ctx context.Context, slug, purpose string) (key []byte, keyID string, err error) {
	return s.key(ctx, slug, purpose)
}

// SystemKey gives a key of the service itself, such as the salt of drafts.
func (s *Store) SystemKey(ctx context.Context, purpose string) ([]byte, error) {
	key, _, err := s.key(ctx, "", purpose)
	return key, err
}

func (s *Store) key(ctx context.Context, slug, purpose string) ([]byte, string, error) {
	id := slug + "/" + purpose
	s.mu.Lock()
	c, ok := s.keys[id]
	s.mu.Unlock()
	if ok && s.now().Before(c.until) {
		return c.key, c.keyID, nil
	}
	doc, err := get[keyDoc](ctx, s, colKeys, id)
	if errors.Is(err, survey.ErrNotFound) {
		doc, err = s.makeKey(ctx, id, slug)
	}
	if err != nil {
		return nil, "", fmt.Errorf("store: key for %s: %w", purpose, err)
	}
	key, ok := s.master.open(doc.Wrapped, id)
	if !ok {
		return nil, "", fmt.Errorf("store: key for %s: %w", purpose, ErrLostKey)
	}
	s.mu.Lock()
	s.keys[id] = cachedKey{key, doc.KeyID, s.now().Add(keyAge)}
	s.mu.Unlock()
	return key, doc.KeyID, nil
}

// makeKey stores a new key unless another process was faster, and gives the one that is stored.
func (s *Store) makeKey(ctx context.Context, id, slug string) (keyDoc, error) {
	if slug != "" {
		if _, err := s.e.Get(ctx, colSurveys, slug); err != nil {
			return keyDoc{}, err
		}
	}
	key := NewKey()
	name := make([]byte, 8)
	_, _ = rand.Read(name)
	raw, err := marshal(keyDoc{ID: id, Rev: 1, Survey: slug, KeyID: hex.EncodeToString(name), Wrapped: s.master.seal(key[:], id)})
	if err != nil {
		return keyDoc{}, err
	}
	if _, err := s.e.Insert(ctx, colKeys, []bson.Raw{raw}); err != nil {
		return keyDoc{}, err
	}
	return get[keyDoc](ctx, s, colKeys, id)
}

// forgetKeys drops what is cached of a survey's keys.
func (s *Store) forgetKeys(slug string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.keys {
		if len(id) > len(slug) && id[:len(slug)+1] == slug+"/" {
			delete(s.keys, id)
		}
	}
}
