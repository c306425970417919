package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/server/store"
	"opengate/survey"
)

// Insert implements [store.Engine].
func (e *Engine) Insert(ctx context.Context, collection string, docs []bson.Raw) ([]bool, error) {
	t, err := e.table(collection)
	if err != nil {
		return nil, err
	}
	stored := make([]bool, len(docs))
	err = e.writer.do(ctx, func(tx *tx) error { //nolint:contextcheck // see detached
		for i, doc := range docs {
			ok, err := t.put(tx, doc)
			if err != nil {
				return err
			}
			stored[i] = ok
		}
		return nil
	})
	if err != nil {
		return nil, translate("insert into "+collection, err)
	}
	return stored, nil
}

// put stores one document if its place is free.
func (t *table) put(tx *tx, doc bson.Raw) (bool, error) {
	id, columns, err := t.row(doc)
	if err != nil {
		return false, err
	}
	o := store.Spread(id)
	n, err := tx.exec(t.insert, append([]any{o}, columns...)...)
	if err != nil || n == 1 {
		return n == 1, err
	}
	var others int
	if err := tx.row(t.place, []any{o, id}, &others); err != nil {
		return false, err
	}
	if others > 0 { // two ids of one 63-bit hash: one in 10^7 for a million documents
		return false, fmt.Errorf("%s: the place of id %q is taken by another id: use another one", t.Name, id)
	}
	return false, nil
}

// Get implements [store.Engine]. What a reader sees is committed and so on disk.
func (e *Engine) Get(ctx context.Context, collection, id string) (bson.Raw, error) {
	t, err := e.table(collection)
	if err != nil {
		return nil, err
	}
	var doc []byte
	err = e.read.QueryRowContext(ctx, t.get, store.Spread(id), id).Scan(&doc)
	if err != nil {
		return nil, translate("get from "+collection, err)
	}
	return doc, nil
}

// Replace implements [store.Engine].
func (e *Engine) Replace(ctx context.Context, collection string, doc bson.Raw, rev int64) error {
	t, err := e.table(collection)
	if err != nil {
		return err
	}
	var verdict error                           // not returned from the job: a neighbour in the batch must not be run again for it
	err = e.writer.do(ctx, func(tx *tx) error { //nolint:contextcheck // see detached
		id, columns, err := t.row(doc)
		if err != nil {
			return err
		}
		n, err := tx.exec(t.replace, append(columns, store.Spread(id), id, rev)...)
		if err != nil {
			return err
		}
		verdict, err = t.whyNot(tx, id, n)
		return err
	})
	if err == nil {
		err = verdict
	}
	return translate("replace in "+collection, err)
}

// whyNot says why an update changed no row.
func (t *table) whyNot(tx *tx, id string, changed int64) (verdict, err error) {
	if changed > 0 {
		return nil, nil
	}
	var n int
	if err := tx.row(t.exists, []any{store.Spread(id), id}, &n); err != nil {
		return nil, err
	}
	if n == 0 {
		return survey.ErrNotFound, nil
	}
	return survey.ErrConflict, nil
}

// Delete implements [store.Engine].
func (e *Engine) Delete(ctx context.Context, collection string, q store.Query) (int, error) {
	t, err := e.table(collection)
	if err != nil {
		return 0, err
	}
	q.Limit = 0
	where, args, err := t.query(q, false)
	if err != nil {
		return 0, translate("delete", err)
	}
	var n int64
	err = e.writer.do(ctx, func(tx *tx) error { //nolint:contextcheck // see detached
		var err error
		n, err = tx.exec("DELETE FROM "+quote(t.Name)+where, args...)
		return err
	})
	if err != nil {
		return 0, translate("delete from "+collection, err)
	}
	return int(n), nil
}

// Find implements [store.Engine]. One statement is one snapshot, whether asked for or not.
func (e *Engine) Find(ctx context.Context, collection string, q store.Query) iter.Seq2[bson.Raw, error] {
	return func(yield func(bson.Raw, error) bool) {
		t, err := e.table(collection)
		if err != nil {
			yield(nil, err)
			return
		}
		where, args, err := t.query(q, true)
		if err != nil {
			yield(nil, translate("find", err))
			return
		}
		rows, err := e.read.QueryContext(ctx, "SELECT doc FROM "+quote(t.Name)+where, args...) //nolint:gosec // declared names; values are arguments
		if err != nil {
			yield(nil, translate("find in "+collection, err))
			return
		}
		defer func() { _ = rows.Close() }()
		var doc sql.RawBytes
		for rows.Next() {
			if err = rows.Scan(&doc); err != nil {
				break
			}
			if !yield(bson.Raw(doc), nil) {
				return
			}
		}
		if err == nil {
			err = rows.Err()
		}
		if err != nil {
			yield(nil, translate("find in "+collection, err))
		}
	}
}

// Count implements [store.Engine].
func (e *Engine) Count(ctx context.Context, collection string, q store.Query) (int, error) {
	t, err := e.table(collection)
	if err != nil {
		return 0, err
	}
	where, args, err := t.query(q, false)
	if err != nil {
		return 0, translate("count", err)
	}
	var n int
	err = e.read.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+quote(t.Name)+where+")", args...).Scan(&n)
	return n, translate("count "+collection, err)
}

const leases = `CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL)`

// Acquire implements [store.Engine] by this machine's clock, which every process with the file open shares.
func (e *Engine) Acquire(ctx context.Context, name, holder string, ttl time.Duration) error {
	var n int64
	err := e.writer.do(ctx, func(tx *tx) error { //nolint:contextcheck // see detached
		if _, err := tx.exec(leases); err != nil {
			return err
		}
		now := time.Now() //nolint:forbidigo // a lease ends by the machine's clock, not by a caller's
		var err error
		n, err = tx.exec(`INSERT INTO leases VALUES (?1,?2,?3) ON CONFLICT (name) DO UPDATE SET holder=?2, until=?3
			WHERE holder=?2 OR until<?4`, name, holder, now.Add(ttl).UnixNano(), now.UnixNano())
		return err
	})
	if err == nil && n == 0 {
		err = survey.ErrBusy
	}
	return translate("lease "+name, err)
}

// Yield implements [store.Engine].
func (e *Engine) Yield(ctx context.Context, name, holder string) error {
	err := e.writer.do(ctx, func(tx *tx) error { //nolint:contextcheck // see detached
		if _, err := tx.exec(leases); err != nil {
			return err
		}
		_, err := tx.exec("DELETE FROM leases WHERE name=? AND holder=?", name, holder)
		return err
	})
	return translate("yield "+name, err)
}

// Scrub implements [store.Engine]: pages are zeroed as they are freed (secure_delete); what remains is the
// write-ahead log, which is emptied before Scrub returns, or once the reads under way are over.
func (e *Engine) Scrub(ctx context.Context) error {
	err := e.writer.do(ctx, func(tx *tx) error {
		tx.w.dirty = true
		return nil
	})
	if err == nil { // the writer scrubs between two batches: the second one is after it
		err = e.writer.do(ctx, func(*tx) error { return nil })
	}
	return translate("scrub", err)
}
