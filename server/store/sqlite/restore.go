package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"opengate/server/store"
	"opengate/survey"
)

// Restored says what [Restore] did.
type Restored struct {
	Kept   string // where the database that was there before lies now; "" when there was none
	Erased store.Erasures
}

// String continues a sentence such as "the database is restored".
func (r Restored) String() string {
	s := ""
	if r.Erased.Responses > 0 {
		s += fmt.Sprintf("; %d answers withdrawn since the backup stay withdrawn", r.Erased.Responses)
	}
	if r.Erased.Surveys > 0 {
		s += fmt.Sprintf("; %d surveys erased since the backup stay erased", r.Erased.Surveys)
	}
	if r.Kept != "" {
		s += fmt.Sprintf("; what was there before is kept as %s: remove it when it is not needed any more, because answers withdrawn from now on stay in it", r.Kept)
	}
	return s
}

// Restore puts a backup in the place of the database at target. The service must not run: ErrBusy when anybody has
// the target open. The backup is copied and verified first, and whatever was withdrawn or erased in the present
// database is erased in the copy. The present database is not overwritten but kept beside, see [Restored].
func Restore(ctx context.Context, backup, target string) (Restored, error) {
	r, err := restore(ctx, backup, target)
	return r, translate("restore", err)
}

func restore(ctx context.Context, backup, target string) (r Restored, err error) {
	if err := distinct(backup, target); err != nil {
		return r, err
	}
	aside, err := bringIn(ctx, backup, target)
	if err != nil {
		return r, err
	}
	defer os.Remove(aside)
	if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
		return r, install(aside, target)
	}
	present, err := openAlone(ctx, target)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, present.Close()) }()
	if r.Erased, err = replay(ctx, present, aside); err != nil {
		return r, err
	}
	if r.Kept, err = setAside(target); err != nil {
		return r, err
	}
	if err := install(aside, target); err != nil {
		return r, errors.Join(err, os.Rename(r.Kept, target))
	}
	return r, nil
}

func distinct(backup, target string) error {
	b, err := os.Stat(backup)
	if err != nil {
		return err
	}
	if t, err := os.Stat(target); err == nil && os.SameFile(b, t) {
		return errors.New("the backup is the database itself: name the file that backup wrote")
	}
	return nil
}

// bringIn copies the backup beside the target and verifies the copy.
func bringIn(ctx context.Context, backup, target string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return "", err
	}
	from, err := os.Open(backup)
	if err != nil {
		return "", err
	}
	defer from.Close()
	to, err := os.CreateTemp(filepath.Dir(target), ".restore-*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err == nil {
		_, err = verify(ctx, to.Name())
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("%s cannot be restored: %w", backup, err), os.Remove(to.Name()))
	}
	return to.Name(), nil
}

// openAlone opens a database that nobody else may have open, for reading what was erased in it.
func openAlone(ctx context.Context, path string) (*Engine, error) {
	db, err := sql.Open("sqlite", dsn(path, "locking_mode(EXCLUSIVE)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	e := &Engine{path: path, read: db, tables: map[string]*table{}}
	if err := e.alone(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	for _, c := range store.Collections {
		e.tables[c.Name] = newTable(c)
	}
	return e, nil
}

// alone takes the lock that no other connection can share, and folds the write-ahead log into the file.
func (e *Engine) alone(ctx context.Context) error {
	var mode string
	_, err := e.read.ExecContext(ctx, "PRAGMA busy_timeout=500")
	if err == nil {
		err = e.read.QueryRowContext(ctx, "PRAGMA journal_mode=DELETE").Scan(&mode)
	}
	if err == nil {
		_, err = e.read.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if err == nil {
		_, err = e.read.ExecContext(ctx, "COMMIT") // the lock stays: locking_mode is exclusive
	}
	if translated := translate("", err); errors.Is(translated, survey.ErrBusy) || mode == "wal" {
		return fmt.Errorf("%s is in use: stop the service and every other command first, then restore again: %w", e.path, survey.ErrBusy)
	}
	return err
}

// replay erases in the copy what was erased in the present database.
func replay(ctx context.Context, present *Engine, path string) (store.Erasures, error) {
	restored, err := Open(path)
	if err != nil {
		return store.Erasures{}, err
	}
	err = restored.Declare(ctx, store.Collections...)
	var done store.Erasures
	if err == nil {
		done, err = store.ReplayErasures(ctx, present, restored)
	}
	if err = errors.Join(err, restored.Close()); err == nil {
		_, err = verify(ctx, path)
	}
	return done, err
}

// setAside gives the present database another name, one that is free.
func setAside(target string) (string, error) {
	for n := 1; ; n++ {
		kept := fmt.Sprintf("%s.before-restore-%d", target, n)
		err := os.Link(target, kept) // unlike Rename, fails where the name is taken
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err == nil {
			err = os.Remove(target)
		}
		return kept, err
	}
}

// install gives the restored file its name, unless somebody made a file of that name in the meantime.
func install(aside, target string) error {
	if err := os.Link(aside, target); err != nil {
		return err
	}
	if d, err := os.Open(filepath.Dir(target)); err == nil { // makes the name last
		_ = d.Sync()
		_ = d.Close()
	}
	return nil
}
