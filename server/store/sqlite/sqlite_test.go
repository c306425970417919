package sqlite_test

import (
	"path/filepath"
	"testing"

	"opengate/server/store"
	"opengate/server/store/sqlite"
	"opengate/server/store/storetest"
)

func open(t *testing.T) store.Engine {
	t.Helper()
	e, err := sqlite.Open(filepath.Join(t.TempDir(), "opengate.db"))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEngine(t *testing.T) { storetest.Run(t, open) }

func TestStore(t *testing.T) { storetest.RunStore(t, open) }
