package store

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/survey"
)

// Store keeps everything of the service. Its methods are safe for concurrent use, also by several processes.
type Store struct {
	e      Engine
	master Key
	now    func() time.Time // for sessions, leases and the age of cached keys; never stored with answers

	mu   sync.Mutex
	keys map[string]cachedKey
}

// Open prepares the database: creates what is missing, brings an older one up to date, and checks that the master key
// is the one it was made with ([ErrLostKey]). Closing the store closes the engine; when Open fails the caller does.
func Open(ctx context.Context, engine Engine, master Key) (*Store, error) {
	s := &Store{e: engine, master: master, now: time.Now, keys: map[string]cachedKey{}} //nolint:forbidigo // the service's own clock
	err := engine.Declare(ctx, Collections...)
	if err == nil {
		err = s.upgrade(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	return s, nil
}

// Close waits for writes under way.
func (s *Store) Close() error { return s.e.Close() }

// EngineOf gives the engine beneath a store, for tests and for tools that copy databases.
func EngineOf(s *Store) Engine { return s.e }

// Ping says whether the database answers; survey.ErrBusy when not.
func (s *Store) Ping(ctx context.Context) error { return s.e.Ping(ctx) }

// insertOne stores a document; survey.ErrDuplicate when its _id or a unique key is taken.
func (s *Store) insertOne(ctx context.Context, collection string, doc any) error {
	raw, err := marshal(doc)
	if err != nil {
		return err
	}
	stored, err := s.e.Insert(ctx, collection, []bson.Raw{raw})
	if err != nil {
		return err
	}
	if !stored[0] {
		return fmt.Errorf("store: %s: %w", collection, survey.ErrDuplicate)
	}
	return nil
}

// replace puts a document, which carries rev+1, in the place of the one with rev.
func (s *Store) replace(ctx context.Context, collection string, doc any, rev int64) error {
	raw, err := marshal(doc)
	if err != nil {
		return err
	}
	return s.e.Replace(ctx, collection, raw, rev)
}

// get reads one document into a private struct.
func get[T any](ctx context.Context, s *Store, collection, id string) (T, error) {
	var doc T
	raw, err := s.e.Get(ctx, collection, id)
	if err != nil {
		return doc, err
	}
	return doc, unmarshal(collection, raw, &doc)
}

// first reads the first document that the query finds, or survey.ErrNotFound.
func first[T any](ctx context.Context, s *Store, collection string, q Query) (T, error) {
	q.Limit = 1
	for doc, err := range find[T](ctx, s, collection, q) {
		return doc, err
	}
	var none T
	return none, fmt.Errorf("store: %s: %w", collection, survey.ErrNotFound)
}

// find yields the documents that the query finds.
func find[T any](ctx context.Context, s *Store, collection string, q Query) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for raw, err := range s.e.Find(ctx, collection, q) {
			var doc T
			if err == nil {
				err = unmarshal(collection, raw, &doc)
			}
			if !yield(doc, err) || err != nil {
				return
			}
		}
	}
}

// mapped yields what from makes of each document.
func mapped[D, T any](docs iter.Seq2[D, error], from func(D) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for d, err := range docs {
			var t T
			if err == nil {
				t = from(d)
			}
			if !yield(t, err) {
				return
			}
		}
	}
}

func marshal(doc any) (bson.Raw, error) {
	raw, err := bson.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("store: encode: %w", err)
	}
	return raw, nil
}

func unmarshal(collection string, raw bson.Raw, into any) error {
	if err := bson.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("store: %s: a stored document cannot be read: %w", collection, err)
	}
	return nil
}
