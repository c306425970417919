package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"opengate/server/forms"
	"opengate/server/intake"
	"opengate/server/office"
	"opengate/server/release"
	"opengate/server/staff"
	"opengate/server/store"
	"opengate/server/store/mongo"
	"opengate/server/store/sqlite"
)

// App is every room, ready for use. A command opens one, uses it and closes it; the service serves it.
type App struct {
	Store   *store.Store
	Forms   *forms.Library
	Intake  *intake.Service
	Release *release.Service
	Office  *office.Service
	Staff   *staff.Service

	storage Storage
	tmp     string
	now     func() time.Time
}

// Options are what only tests and the main program choose.
type Options struct {
	Now    func() time.Time // the clock
	Settle time.Duration    // see release.Settle, which is the default
	Key    *store.Key       // instead of the master key file, for tests and the demonstration
}

// Open connects to the store and makes the rooms. The data folder and the master key are made on first use. Errors
// say what to do: a database that does not answer, a master key that is missing or another one.
func Open(ctx context.Context, s Storage, o Options) (*App, error) {
	if o.Settle == 0 {
		o.Settle = release.Settle
	}
	tmp, err := privateFolder(s.Data)
	if err != nil {
		return nil, err
	}
	key, err := masterKey(ctx, s, o)
	if err != nil {
		return nil, err
	}
	engine, err := openEngine(ctx, s)
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, engine, key)
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	a := &App{Store: st, storage: s, tmp: tmp, now: o.Now}
	a.Forms = forms.New(st, o.Now)
	a.Intake = intake.New(st, a.Forms, o.Now, tmp, runtime.NumCPU())
	a.Staff = staff.New(st, o.Now)
	a.Office = office.New(st, a.Forms, a.Staff, o.Now)
	a.Release = release.New(st, a.Forms, o.Now, o.Settle)
	return a, nil
}

// Close waits for writes under way and frees everything.
func (a *App) Close() error { return a.Store.Close() }

// privateFolder makes the data folder and, inside it, an empty folder for temporary files that nobody else can read.
func privateFolder(data string) (string, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", fmt.Errorf("the data folder cannot be made: %w; choose another with --data", err)
	}
	tmp := filepath.Join(data, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return "", fmt.Errorf("no folder for temporary files: %w", err)
	}
	return tmp, nil
}

// masterKey loads the key file. One is made for a new database only: making another beside a database that exists
// would hide that the right one was lost.
func masterKey(_ context.Context, s Storage, o Options) (store.Key, error) {
	if o.Key != nil {
		return *o.Key, nil
	}
	path := s.masterKey()
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && s.MongoDB == "" {
		if _, err := os.Stat(s.Database()); err == nil {
			return store.Key{}, fmt.Errorf("%s is missing, and %s was made with it: put the key file back from your safe copy (see the production page, \"master key\"); without it receipts, drafts and releases cannot be read", path, s.Database())
		}
	}
	key, _, err := store.LoadMaster(path)
	if err != nil {
		return store.Key{}, err
	}
	return key, nil
}

func openEngine(ctx context.Context, s Storage) (store.Engine, error) {
	if s.MongoDB != "" {
		e, err := mongo.Open(ctx, s.MongoDB, "opengate")
		if err != nil {
			return nil, err
		}
		return e, nil
	}
	e, err := sqlite.Open(s.Database()) //nolint:contextcheck // the engine outlives the call that opens it
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", s.Database(), err)
	}
	return e, nil
}

// TmpDir is the private folder for temporary files.
func (a *App) TmpDir() string { return a.tmp }
