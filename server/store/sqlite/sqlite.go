// Package sqlite is the embedded engine: one file, no other service. It knows nothing of surveys. Entry points: [Open]
// for the service and for commands beside it, [Restore] while neither runs.
//
// One goroutine writes; callers that write at the same time share one commit and so one fsync. Readers have their own
// connections and never wait for the writer. Rows lie in the order of [store.Spread], which hides when they came.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"opengate/server/store"

	_ "modernc.org/sqlite" // the driver
)

// applicationID marks our files ("OGAT"), so that no other program's database is taken for one.
const applicationID = 0x4F474154

// Engine is a [store.Engine] on one file.
type Engine struct {
	path   string
	read   *sql.DB
	writer *writer

	mu     sync.RWMutex
	tables map[string]*table
}

var _ store.Engine = (*Engine)(nil)

// Open opens the file, and creates it, readable by its owner alone, where there is none. Several processes may have it
// open at the same time.
func Open(path string) (*Engine, error) {
	if err := create(path); err != nil {
		return nil, translate("open "+path, err)
	}
	w, err := openWriter(path)
	if err != nil {
		return nil, translate("open "+path, err)
	}
	read, err := sql.Open("sqlite", dsn(path, "query_only(1)"))
	if err != nil {
		return nil, errors.Join(translate("open "+path, err), w.close())
	}
	read.SetMaxOpenConns(max(16, 4*runtime.NumCPU()))
	read.SetMaxIdleConns(4)
	return &Engine{path: path, read: read, writer: w, tables: map[string]*table{}}, nil
}

// create makes an empty file of mode 0600; SQLite gives its companions the same mode.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // the operator names the file
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// dsn names the file with the settings that every connection has, and more.
func dsn(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{"busy_timeout(10000)", "temp_store(MEMORY)"}, pragmas...)}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// Path is the file's path.
func (e *Engine) Path() string { return e.path }

// Ping reads from the file.
func (e *Engine) Ping(ctx context.Context) error {
	var n int
	return translate("ping", e.read.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n))
}

// Close commits what is queued, and closes the file.
func (e *Engine) Close() error {
	readErr := e.read.Close()
	var writeErr error
	if e.writer != nil {
		writeErr = e.writer.close()
	}
	return translate("close", errors.Join(writeErr, readErr))
}

// Declare creates tables, key columns and indexes that are missing.
func (e *Engine) Declare(ctx context.Context, collections ...store.Collection) error {
	for _, c := range collections {
		t := newTable(c)
		err := e.writer.do(ctx, func(tx *tx) error { return t.create(tx) }) //nolint:contextcheck // see detached
		if err != nil {
			return translate("declare "+c.Name, err)
		}
		e.mu.Lock()
		e.tables[c.Name] = t
		e.mu.Unlock()
	}
	return nil
}

func (e *Engine) table(collection string) (*table, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	t := e.tables[collection]
	if t == nil {
		return nil, fmt.Errorf("sqlite: collection %q was not declared", collection)
	}
	return t, nil
}
