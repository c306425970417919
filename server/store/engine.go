package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Engine keeps BSON documents in named collections. It knows no surveys: the typed [Store] is written once over it,
// and storetest.Run holds every implementation to what is written here.
//
// A document has a string "_id", unique in its collection. Documents that are replaced carry an int64 "rev". The
// values of declared keys are string, int64, bool, []byte or null, which no query finds. A collection has to be
// declared before it is used; asking for a key that was not declared is a fault.
//
// Errors: [survey.ErrNotFound], [survey.ErrConflict], [survey.ErrBusy] (somebody else holds it, or the database does
// not answer: trying again later is right), [ErrFull], the context's error, and anything else is a fault. An error
// of a writing method leaves open whether the write took place; every writing method is safe to repeat.
type Engine interface {
	// Declare creates the collections and indexes that are missing. It never removes any.
	Declare(ctx context.Context, collections ...Collection) error

	// Insert stores each document whose _id (and unique keys) are free, and says so per document, in order. It
	// returns only when the stored ones survive the death of the machine. Documents of one call are not stored
	// atomically. Concurrent calls may share one commit.
	Insert(ctx context.Context, collection string, docs []bson.Raw) (stored []bool, err error)

	// Get gives one document that is sure to survive, or ErrNotFound. The caller owns the bytes.
	Get(ctx context.Context, collection, id string) (bson.Raw, error)

	// Replace puts doc in the place of the document with its _id if that one has this rev; doc carries another rev.
	// ErrNotFound when there is none, ErrConflict when it has another rev. As durable as Insert.
	Replace(ctx context.Context, collection string, doc bson.Raw, rev int64) error

	// Delete removes what the query finds (its Order and Limit play no part) and says how many that were.
	Delete(ctx context.Context, collection string, q Query) (int, error)

	// Find yields what the query finds. The bytes are valid until the next step. It stops after the first error.
	Find(ctx context.Context, collection string, q Query) iter.Seq2[bson.Raw, error]

	// Count says how many documents the query finds; Limit bounds it.
	Count(ctx context.Context, collection string, q Query) (int, error)

	// Acquire gives the lease to holder for ttl, again if holder has it already. ErrBusy while another has it.
	Acquire(ctx context.Context, name, holder string, ttl time.Duration) error

	// Yield gives a lease back. A lease that holder does not have is no error.
	Yield(ctx context.Context, name, holder string) error

	// Scrub makes what was deleted or replaced unreadable in the engine's own files as far as it can, at once or
	// as soon as running reads allow.
	Scrub(ctx context.Context) error

	// Ping says whether the database answers.
	Ping(ctx context.Context) error

	// Close waits for writes under way and frees everything. Later calls fail.
	Close() error
}

// Collection declares one kind of document.
type Collection struct {
	Name    string
	Keys    []string // top-level fields that queries use, beside _id and rev
	Indexes []Index
	Sharded bool // may be spread over machines by hashed _id; has no unique index then
}

// Index serves queries on its fields, in this order.
type Index struct {
	Fields []string
	Unique bool
}

// Query selects documents by declared keys, "_id" or "rev".
type Query struct {
	Equal    []Cond
	Below    *Cond  // its field is smaller than its value
	Order    string // field to order by, ties in no certain order; "" is the order of Spread(_id), which tells nothing
	Falling  bool   // largest first
	Limit    int    // 0 is no limit
	Snapshot bool   // what was written after the first step is not seen
}

// Cond names a field and a value of type string, int64, bool or []byte.
type Cond struct {
	Field string
	Value any
}

// Where builds the usual query: fields and values in turn, all of which must be equal.
func Where(fieldsAndValues ...any) Query {
	var q Query
	for i := 0; i+1 < len(fieldsAndValues); i += 2 {
		q.Equal = append(q.Equal, Cond{fieldsAndValues[i].(string), fieldsAndValues[i+1]})
	}
	return q
}

// ErrFull is the fault of a database whose disk is full.
var ErrFull = errors.New("no space left on the database's disk: free some or enlarge it; nothing that was acknowledged is lost")

// Spread is a number in [0, 2^63) that a document's _id determines and that tells nothing about when it came.
// Both engines walk collections in its order, so that equal contents give equal sequences.
func Spread(id string) int64 {
	sum := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1) //nolint:gosec // 63 bits
}
