package mongo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"opengate/server/store"
	"opengate/survey"
)

// persist runs attempts of a write until one has a known outcome. The attempt's number tells it whether an earlier one
// may have taken place.
func persist(ctx context.Context, attempt func(ctx context.Context, n int) error) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	pause := 25 * time.Millisecond
	for n := 0; ; n++ {
		try, done := context.WithTimeout(ctx, tryTimeout)
		err := attempt(try, n)
		done()
		if err == nil || !unsettled(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause = min(2*pause, time.Second)
		}
	}
}

// errPending says that our document is there, but not yet with a majority.
var errPending = errors.New("not yet with a majority of the members")

// Insert implements [store.Engine].
func (e *Engine) Insert(ctx context.Context, collection string, docs []bson.Raw) ([]bool, error) {
	c, _, err := e.collection(collection)
	if err != nil {
		return nil, err
	}
	in := insertion{c: c, stored: make([]bool, len(docs))}
	for i, doc := range docs {
		placed, err := place(doc)
		if err != nil {
			return nil, fmt.Errorf("mongo: insert into %s: %w", collection, err)
		}
		in.docs = append(in.docs, placed)
		in.open = append(in.open, i)
	}
	if len(docs) == 0 {
		return nil, nil
	}
	if err := persist(ctx, in.attempt); err != nil {
		return nil, translate(ctx, "insert into "+collection, err)
	}
	return in.stored, nil
}

// insertion is an Insert under way: the documents whose outcome is open, and what is known of the others.
type insertion struct {
	c      *mongo.Collection
	docs   []bson.Raw
	open   []int
	stored []bool
}

func (in *insertion) attempt(ctx context.Context, n int) error {
	batch := make([]any, len(in.open))
	for i, at := range in.open {
		batch[i] = in.docs[at]
	}
	_, err := in.c.InsertMany(ctx, batch, options.InsertMany().SetOrdered(false))
	var bulk mongo.BulkWriteException
	switch {
	case err == nil:
		for _, at := range in.open {
			in.stored[at] = true
		}
		return nil
	case !errors.As(err, &bulk):
		return err
	}
	return in.sort(ctx, n, bulk)
}

// sort settles the documents of a partly failed batch and leaves open what has to be sent again.
func (in *insertion) sort(ctx context.Context, n int, bulk mongo.BulkWriteException) error {
	failed := map[int]mongo.BulkWriteError{}
	for _, w := range bulk.WriteErrors {
		failed[w.Index] = w
	}
	var left []int
	var cause error
	for i, at := range in.open {
		w, bad := failed[i]
		switch {
		case !bad && bulk.WriteConcernError == nil:
			in.stored[at] = true
		case !bad:
			left, cause = append(left, at), bulk
		case w.Code != codeDuplicate:
			return bulk
		case n == 0:
			in.stored[at] = false
		default:
			ours, err := in.ours(ctx, in.docs[at])
			if err != nil {
				left, cause = append(left, at), err
			}
			in.stored[at] = ours
		}
	}
	in.open = left
	return cause
}

// ours says whether the document that has the _id is the one that an earlier attempt of ours sent, with a majority.
func (in *insertion) ours(ctx context.Context, doc bson.Raw) (bool, error) {
	found, err := in.c.FindOne(ctx, bson.D{{Key: "_id", Value: doc.Lookup("_id")}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		// Either a majority does not have it yet, or a unique key of another document is in the way. Ask what this
		// member has.
		return false, in.otherKey(ctx, doc)
	}
	return bytes.Equal(found, doc), err
}

// otherKey gives nil when no document with the _id exists at all, and errPending when one waits for its majority.
func (in *insertion) otherKey(ctx context.Context, doc bson.Raw) error {
	local := in.c.Clone(options.Collection().SetReadConcern(readLocal))
	err := local.FindOne(ctx, bson.D{{Key: "_id", Value: doc.Lookup("_id")}}).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	if err == nil {
		return errPending
	}
	return err
}

// place appends the field that orders scans.
func place(doc bson.Raw) (bson.Raw, error) {
	id, ok := doc.Lookup("_id").StringValueOK()
	if !ok || len(doc) < 5 {
		return nil, errors.New("a document has no _id")
	}
	out := make([]byte, 0, len(doc)+len(spreadField)+10)
	out = append(out, doc[:len(doc)-1]...)
	out = append(out, byte(bson.TypeInt64))
	out = append(out, spreadField...)
	out = append(out, 0)
	out = binary.LittleEndian.AppendUint64(out, uint64(store.Spread(id))) //nolint:gosec // 63 bits
	out = append(out, 0)
	binary.LittleEndian.PutUint32(out, uint32(len(out))) //nolint:gosec // MongoDB takes 16 MB
	return out, nil
}

// Replace implements [store.Engine].
func (e *Engine) Replace(ctx context.Context, collection string, doc bson.Raw, rev int64) error {
	c, _, err := e.collection(collection)
	if err != nil {
		return err
	}
	placed, err := place(doc)
	if err != nil {
		return fmt.Errorf("mongo: replace in %s: %w", collection, err)
	}
	id := doc.Lookup("_id")
	err = persist(ctx, func(ctx context.Context, n int) error {
		r, err := c.ReplaceOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "rev", Value: rev}}, placed)
		if err != nil || r.MatchedCount == 1 {
			return err
		}
		found, err := c.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
		switch {
		case errors.Is(err, mongo.ErrNoDocuments):
			return survey.ErrNotFound
		case err != nil:
			return err
		case n > 0 && bytes.Equal(found, placed):
			return nil
		}
		return survey.ErrConflict
	})
	return translate(ctx, "replace in "+collection, err)
}

// Delete implements [store.Engine]. After a network error the number may be too small.
func (e *Engine) Delete(ctx context.Context, collection string, q store.Query) (int, error) {
	c, declared, err := e.collection(collection)
	if err != nil {
		return 0, err
	}
	f, err := filter(declared, q)
	if err != nil {
		return 0, err
	}
	total := 0
	err = persist(ctx, func(ctx context.Context, _ int) error {
		r, err := c.DeleteMany(ctx, f)
		if r != nil {
			total += int(r.DeletedCount)
		}
		return err
	})
	return total, translate(ctx, "delete from "+collection, err)
}

// Acquire implements [store.Engine] by the server's clock. The update leaves a lease that somebody else has as it is,
// and gives what is there afterwards.
func (e *Engine) Acquire(ctx context.Context, name, holder string, ttl time.Duration) error {
	me := bson.D{{Key: "$literal", Value: holder}}
	free := bson.D{{Key: "$or", Value: bson.A{ // a lease that never was has no "until", which is less than any time
		bson.D{{Key: "$eq", Value: bson.A{"$holder", me}}},
		bson.D{{Key: "$lt", Value: bson.A{"$until", "$$NOW"}}},
	}}}
	end := bson.D{{Key: "$add", Value: bson.A{"$$NOW", ttl.Milliseconds()}}}
	take := bson.A{bson.D{{Key: "$set", Value: bson.D{
		{Key: "holder", Value: bson.D{{Key: "$cond", Value: bson.A{free, me, "$holder"}}}},
		{Key: "until", Value: bson.D{{Key: "$cond", Value: bson.A{free, end, "$until"}}}},
	}}}}
	o := options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)
	var there struct {
		Holder string `bson:"holder"`
	}
	err := persist(ctx, func(ctx context.Context, _ int) error {
		err := e.db.Collection(leasesName).FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: name}}, take, o).Decode(&there)
		if mongo.IsDuplicateKeyError(err) { // two made it at once: the other one has it
			return survey.ErrBusy
		}
		return err
	})
	if err == nil && there.Holder != holder {
		err = survey.ErrBusy
	}
	return translate(ctx, "lease "+name, err)
}

// Yield implements [store.Engine].
func (e *Engine) Yield(ctx context.Context, name, holder string) error {
	err := persist(ctx, func(ctx context.Context, _ int) error {
		_, err := e.db.Collection(leasesName).DeleteOne(ctx, bson.D{{Key: "_id", Value: name}, {Key: "holder", Value: holder}})
		return err
	})
	return translate(ctx, "yield "+name, err)
}
