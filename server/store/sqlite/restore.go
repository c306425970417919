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
	"strings"

	"opengate/server/store"
	"opengate/survey"
)

// Restored says what [Restore] did.
type Restored struct {
	Kept   string   // where the database that was there before lies now; "" when there was none
	Logs   []string // where logs and journals lie now that were found there without their database
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
	if len(r.Logs) > 0 {
		s += fmt.Sprintf("; the database that was there before is missing, and what was left of it is kept as %s: remove it when it is not needed any more", strings.Join(r.Logs, ", "))
	}
	return s
}

// Restore puts a backup in the place of the database at target. The service must not run: ErrBusy when anybody has
// the target open. The backup is copied and verified first, and whatever was withdrawn or erased in the present
// database is erased in the copy. The present database, or what is left of a lost one, is not overwritten but kept
// beside, see [Restored].
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
	defer func() { _ = os.Remove(aside) }()
	if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
		if r.Logs, err = setLogsAside(target); err != nil {
			return r, err
		}
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
	from, err := os.Open(backup) //nolint:gosec // the operator names the file
	if err != nil {
		return "", err
	}
	defer func() { _ = from.Close() }()
	to, err := os.CreateTemp(filepath.Dir(target), ".restore-*") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = io.Copy(to, from)
	if err = errors.Join(err, to.Sync(), to.Close()); err == nil {
		_, err = verify(ctx, to.Name())
	}
	if err != nil {
		reason := fmt.Errorf("%s is not a whole backup of this service, and nothing was changed: name a file that backup wrote, or an older one (%w)", backup, err)
		return "", errors.Join(reason, os.Remove(to.Name()))
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
	restored, err := Open(path) //nolint:contextcheck // see detached
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

// logSuffixes are the endings of the files that SQLite keeps beside a database.
var logSuffixes = []string{"-wal", "-shm", "-journal"}

// setAside gives the present database another name, one that is free. Its log was folded into it.
func setAside(target string) (string, error) {
	kept, err := freeName(target)
	if err != nil {
		return "", err
	}
	return kept, move(target, kept)
}

// setLogsAside gives what is left beside a lost database other names, and says which: SQLite would play a log that it
// finds into the restored database, with whatever was erased since.
func setLogsAside(target string) ([]string, error) {
	kept, err := freeName(target)
	if err != nil {
		return nil, err
	}
	var moved []string
	for _, suffix := range logSuffixes {
		switch err := move(target+suffix, kept+suffix); {
		case err == nil:
			moved = append(moved, kept+suffix)
		case !errors.Is(err, fs.ErrNotExist):
			return moved, err
		}
	}
	return moved, nil
}

// freeName is a name beside the target that no database has, and no log.
func freeName(target string) (string, error) {
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s.before-restore-%d", target, n)
		free := true
		for _, suffix := range append([]string{""}, logSuffixes...) {
			switch _, err := os.Lstat(name + suffix); {
			case err == nil:
				free = false
			case !errors.Is(err, fs.ErrNotExist):
				return "", err
			}
		}
		if free {
			return name, nil
		}
	}
}

// move renames a file; unlike [os.Rename], it fails where the name is taken.
func move(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
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
