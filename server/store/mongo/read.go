package mongo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"

	"opengate/server/store"
)

var readLocal = readconcern.Local()

// batchSize is how many documents travel at once.
const batchSize = 2000

// Get implements [store.Engine]: it reads what a majority has.
func (e *Engine) Get(ctx context.Context, collection, id string) (bson.Raw, error) {
	c, _, err := e.collection(collection)
	if err != nil {
		return nil, err
	}
	doc, err := c.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
	if err != nil {
		return nil, translate(ctx, "get from "+collection, err)
	}
	return doc, nil
}

// Find implements [store.Engine].
func (e *Engine) Find(ctx context.Context, collection string, q store.Query) iter.Seq2[bson.Raw, error] {
	return func(yield func(bson.Raw, error) bool) {
		c, declared, err := e.collection(collection)
		if err != nil {
			yield(nil, err)
			return
		}
		f, err := filter(declared, q)
		if err != nil {
			yield(nil, err)
			return
		}
		if q.Snapshot {
			err = e.walkSnapshot(ctx, c, f, order(q), yield)
		} else {
			_, err = walk(ctx, c, f, order(q), yield)
		}
		if err != nil {
			yield(nil, translate(ctx, "find in "+collection, err))
		}
	}
}

// walkSnapshot walks in a snapshot session. A snapshot cannot be had for a moment after indexes were made: try again
// as long as nothing was yielded. A walk that breaks off later is over, whatever broke it: another one would yield
// the same documents again.
func (e *Engine) walkSnapshot(ctx context.Context, c *mongo.Collection, f bson.D, o *options.FindOptionsBuilder, yield func(bson.Raw, error) bool) error {
	var broken error
	err := persist(ctx, func(context.Context, int) error {
		session, err := e.client.StartSession(options.Session().SetSnapshot(true))
		if err != nil {
			return err
		}
		defer session.EndSession(context.WithoutCancel(ctx))
		// The caller's context, not the attempt's: a walk takes as long as it takes.
		n, err := walk(mongo.NewSessionContext(ctx, session), c, f, o, yield)
		if err != nil && n > 0 {
			broken, err = fmt.Errorf("the walk broke off after %d documents: %w", n, err), nil // persist is done with it
		}
		return err
	})
	if broken != nil {
		return broken
	}
	return err
}

// walk yields documents and says how many. It gives no error once the caller has had enough.
func walk(ctx context.Context, c *mongo.Collection, f bson.D, o *options.FindOptionsBuilder, yield func(bson.Raw, error) bool) (int, error) {
	cursor, err := c.Find(ctx, f, o)
	if err != nil {
		return 0, err
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
	n := 0
	for cursor.Next(ctx) {
		n++
		if !yield(cursor.Current, nil) {
			return n, nil
		}
	}
	return n, cursor.Err()
}

func order(q store.Query) *options.FindOptionsBuilder {
	field, direction := spreadField, 1
	if q.Order != "" {
		field = q.Order
	}
	if q.Falling {
		direction = -1
	}
	o := options.Find().SetSort(bson.D{{Key: field, Value: direction}}).SetBatchSize(batchSize)
	if q.Limit > 0 {
		o.SetLimit(int64(q.Limit))
	}
	return o
}

// Count implements [store.Engine].
func (e *Engine) Count(ctx context.Context, collection string, q store.Query) (int, error) {
	c, declared, err := e.collection(collection)
	if err != nil {
		return 0, err
	}
	f, err := filter(declared, q)
	if err != nil {
		return 0, err
	}
	o := options.Count()
	if q.Limit > 0 {
		o.SetLimit(int64(q.Limit))
	}
	n, err := c.CountDocuments(ctx, f, o)
	return int(n), translate(ctx, "count "+collection, err)
}

// filter makes MongoDB's form of a query, of declared keys only: values never become operators.
func filter(c store.Collection, q store.Query) (bson.D, error) {
	conditions := bson.A{}
	add := func(cond store.Cond, operator string) error {
		if !declares(c, cond.Field) {
			return fmt.Errorf("mongo: %s: key %q was not declared", c.Name, cond.Field)
		}
		conditions = append(conditions, bson.D{{Key: cond.Field, Value: bson.D{{Key: operator, Value: cond.Value}}}})
		return nil
	}
	var errs []error
	for _, cond := range q.Equal {
		errs = append(errs, add(cond, "$eq"))
	}
	if q.Below != nil {
		errs = append(errs, add(*q.Below, "$lt"))
	}
	if q.Order != "" && !declares(c, q.Order) {
		errs = append(errs, fmt.Errorf("mongo: %s: key %q was not declared", c.Name, q.Order))
	}
	if len(conditions) == 0 {
		return bson.D{}, errors.Join(errs...)
	}
	return bson.D{{Key: "$and", Value: conditions}}, errors.Join(errs...)
}

func declares(c store.Collection, field string) bool {
	return field == "_id" || field == "rev" || slices.Contains(c.Keys, field)
}

// Scrub has nothing to do: what MongoDB deletes is gone from queries at once and from its files as they are rewritten;
// for more, its disks are encrypted.
func (e *Engine) Scrub(context.Context) error { return nil }
