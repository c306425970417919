package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"modernc.org/sqlite"
)

// pagesPerStep is how much is copied between two looks at the context.
const pagesPerStep = 2000

// Backup writes a copy of the file as it is at this moment. Writers go on meanwhile. The copy lies in the data folder
// until it is verified: free space for it is needed there.
func (e *Engine) Backup(ctx context.Context, w io.Writer) error {
	f, err := os.CreateTemp(filepath.Dir(e.path), ".backup-*") // mode 0600
	if err != nil {
		return translate("backup", err)
	}
	err = errors.Join(f.Close(), e.copyTo(ctx, f.Name()))
	if err == nil {
		err = stream(f.Name(), w)
	}
	return translate("backup", errors.Join(err, os.Remove(f.Name())))
}

func stream(path string, w io.Writer) error {
	f, err := os.Open(path) //nolint:gosec // a file that Backup made
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return errors.Join(err, f.Close())
}

// copyTo copies the pages of one snapshot and checks that the copy holds what the snapshot holds.
func (e *Engine) copyTo(ctx context.Context, path string) error {
	conn, err := e.read.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	// A read transaction is one snapshot: the counts and the copy are of the same moment.
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }() // nothing was written
	want, err := counts(ctx, conn)
	if err != nil {
		return err
	}
	if err := conn.Raw(func(c any) error { return copyPages(ctx, c, path) }); err != nil {
		return err
	}
	got, err := verify(ctx, path)
	if err != nil {
		return err
	}
	if !maps.Equal(got, want) {
		return errors.New("the copy does not hold what the database holds: try again, and check the disk if this comes back")
	}
	return nil
}

func copyPages(ctx context.Context, c any, path string) error {
	source, ok := c.(interface {
		NewBackup(string) (*sqlite.Backup, error)
	})
	if !ok {
		return errors.New("the driver cannot copy")
	}
	b, err := source.NewBackup(dsn(path))
	if err != nil {
		return err
	}
	for more := true; more && err == nil; {
		more, err = b.Step(pagesPerStep)
		err = errors.Join(err, ctx.Err())
	}
	return errors.Join(err, b.Finish())
}

// verify checks a file that nobody has open: that it is ours, sound and complete. It leaves it as one plain file.
func verify(ctx context.Context, path string) (map[string]int, error) {
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	got, err := verifyOpen(ctx, db)
	return got, errors.Join(err, db.Close())
}

func verifyOpen(ctx context.Context, db *sql.DB) (map[string]int, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	var id int
	if err := conn.QueryRowContext(ctx, "PRAGMA application_id").Scan(&id); err != nil {
		return nil, err
	}
	if id != applicationID {
		return nil, errors.New("the file was not made by OpenGate")
	}
	var mode, verdict string
	if err := conn.QueryRowContext(ctx, "PRAGMA journal_mode=DELETE").Scan(&mode); err != nil {
		return nil, err
	}
	if err := conn.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return nil, err
	}
	if verdict != "ok" {
		return nil, fmt.Errorf("the file is damaged: %s", verdict)
	}
	return counts(ctx, conn)
}

// counts says how many rows each table has.
func counts(ctx context.Context, conn *sql.Conn) (map[string]int, error) {
	names, err := tableNames(ctx, conn)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(names, "meta") {
		return nil, errors.New("the file holds no OpenGate database")
	}
	n := map[string]int{}
	for _, name := range names {
		var k int
		if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM "+quote(name)).Scan(&k); err != nil {
			return nil, err
		}
		n[name] = k
	}
	return n, nil
}

func tableNames(ctx context.Context, conn *sql.Conn) ([]string, error) {
	rows, err := conn.QueryContext(ctx, "SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
