package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// maxBatch bounds how many callers share one commit, and so how long the first of them waits.
const maxBatch = 512

// detached is the context of the writer's statements: one commit serves many callers, and none may break it off.
var detached = context.Background()

var errClosed = errors.New("closed")

// job is one caller's write. It may run twice: when a neighbour in its batch fails, each runs again on its own.
type job struct {
	ctx  context.Context
	run  func(*tx) error
	done chan error
}

// writer owns the only connection that writes. What callers hand in while a commit is under way goes into the next.
type writer struct {
	db   *sql.DB
	conn *sql.Conn
	jobs chan *job
	gone chan struct{}

	mu     sync.RWMutex // held for reading while handing in a job
	closed bool

	stmts map[string]*sql.Stmt
	dirty bool // the write-ahead log holds what should be unreadable
}

func openWriter(path string) (*writer, error) {
	db, err := sql.Open("sqlite", dsn(path, "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)",
		"cache_size(-32768)", "wal_autocheckpoint(4000)")) // 32 MB, for random places; 16 MB of log
	if err != nil {
		return nil, err
	}
	w := &writer{db: db, jobs: make(chan *job, maxBatch), gone: make(chan struct{}), stmts: map[string]*sql.Stmt{}}
	if w.conn, err = db.Conn(detached); err == nil {
		err = w.mark()
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go w.loop()
	return w, nil
}

// mark claims an empty file and refuses a file that is another program's.
func (w *writer) mark() error {
	var id, tables int
	row := w.conn.QueryRowContext(detached, "SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id")
	if err := row.Scan(&id, &tables); err != nil {
		return err
	}
	switch {
	case id == applicationID:
		return nil
	case id == 0 && tables == 0:
		return w.exec(fmt.Sprintf("PRAGMA application_id=%d", applicationID))
	}
	return errors.New("this SQLite file was not made by OpenGate: name another file")
}

func (w *writer) exec(query string) error {
	_, err := w.conn.ExecContext(detached, query)
	return err
}

// do runs the write in some transaction and returns once that one is on disk.
func (w *writer) do(ctx context.Context, run func(*tx) error) error {
	j := &job{ctx: ctx, run: run, done: make(chan error, 1)}
	if err := w.hand(j); err != nil {
		return err
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) hand(j *job) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.jobs <- j:
		return nil
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

func (w *writer) loop() {
	defer close(w.gone)
	retry := time.NewTicker(time.Second)
	defer retry.Stop()
	for {
		select {
		case j, open := <-w.jobs:
			if !open {
				return
			}
			w.commit(w.gather(j))
		case <-retry.C:
		}
		if w.dirty {
			w.scrub()
		}
	}
}

// gather takes what is waiting besides the first job; it waits for nobody.
func (w *writer) gather(first *job) []*job {
	batch := []*job{first}
	for len(batch) < maxBatch {
		select {
		case j, open := <-w.jobs:
			if !open {
				return batch
			}
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// commit runs the batch in one transaction; when that fails, each job in one of its own, so that every caller gets
// its own error only.
func (w *writer) commit(batch []*job) {
	batch = slices.DeleteFunc(batch, func(j *job) bool {
		err := j.ctx.Err()
		if err != nil {
			j.done <- err
		}
		return err != nil
	})
	if len(batch) == 0 {
		return
	}
	err := w.transact(batch)
	if err != nil && len(batch) > 1 {
		for _, j := range batch {
			j.done <- w.transact([]*job{j})
		}
		return
	}
	for _, j := range batch {
		j.done <- err
	}
}

func (w *writer) transact(batch []*job) error {
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	t := &tx{w}
	for _, j := range batch {
		if err := j.run(t); err != nil {
			return w.rollback(err)
		}
	}
	if err := w.exec("COMMIT"); err != nil {
		return w.rollback(err)
	}
	return nil
}

// rollback ends the transaction, which SQLite may have done itself, and passes the cause on.
func (w *writer) rollback(cause error) error {
	_ = w.exec("ROLLBACK") // an error here says that there is no transaction any more
	return cause
}

// scrub empties the write-ahead log into the file, if no reader needs it; else the loop tries again.
func (w *writer) scrub() {
	if w.exec("PRAGMA busy_timeout=0") != nil {
		return
	}
	var busy, log, moved int
	row := w.conn.QueryRowContext(detached, "PRAGMA wal_checkpoint(TRUNCATE)")
	err := row.Scan(&busy, &log, &moved)
	w.dirty = err != nil || busy != 0
	_ = w.exec("PRAGMA busy_timeout=10000") // fails only with the connection, which the next write reports
}

// close runs what was handed in, then closes the connection.
func (w *writer) close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	close(w.jobs)
	w.mu.Unlock()
	<-w.gone
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.db.Close())...)
}

// tx is the transaction that a job runs in. It belongs to the writer's goroutine.
type tx struct{ w *writer }

// exec runs a statement, prepared once per text, and says how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	s, err := t.prepare(query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(detached, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// row reads one row.
func (t *tx) row(query string, args []any, into ...any) error {
	s, err := t.prepare(query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(detached, args...).Scan(into...)
}

func (t *tx) prepare(query string) (*sql.Stmt, error) {
	if s := t.w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := t.w.conn.PrepareContext(detached, query)
	if err == nil {
		t.w.stmts[query] = s
	}
	return s, err
}
