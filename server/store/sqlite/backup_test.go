package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"opengate/server/store"
	"opengate/server/store/sqlite"
	"opengate/server/store/storetest"
	"opengate/survey"
)

// openAt opens a store with the survey "s" at a path.
func openAt(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := openKilled(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.AddSurvey(t.Context(), store.Survey{Slug: "s"}); err != nil && !errors.Is(err, survey.ErrDuplicate) {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s *store.Store, ids ...string) {
	t.Helper()
	var entries []store.Entry
	for _, id := range ids {
		entries = append(entries, storetest.Entry(id, "a"))
	}
	if _, err := s.AddResponses(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

func withdraw(t *testing.T, s *store.Store, id string) {
	t.Helper()
	if _, err := s.Withdraw(t.Context(), storetest.Entry(id, "").ReceiptHash, "2026-11-22"); err != nil {
		t.Fatal(err)
	}
}

func backup(t *testing.T, s *store.Store, path string) {
	t.Helper()
	var b bytes.Buffer
	if err := s.Backup(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBackupWhileWriting(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "opengate.db"))
	put(t, s, "before")
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				_, err := s.AddResponses(ctx, []store.Entry{storetest.Entry(fmt.Sprint(i, "-", n), "a")})
				if err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for n := range 5 {
		path := filepath.Join(dir, fmt.Sprint("copy", n))
		backup(t, s, path)
		if _, err := sqlite.Restore(t.Context(), path, filepath.Join(dir, fmt.Sprint("restored", n, ".db"))); err != nil {
			t.Fatal(err)
		}
		got := storetest.IDs(t, openAt(t, filepath.Join(dir, fmt.Sprint("restored", n, ".db"))))
		if !got["before"] {
			t.Error("a response from before the backup is not in it")
		}
		for id := range got { // one moment: of each client's sequence a beginning
			var client, number int
			if _, err := fmt.Sscanf(id, "%d-%d", &client, &number); err == nil && number > 0 && !got[fmt.Sprint(client, "-", number-1)] {
				t.Errorf("%s is in the backup, the one before it is not", id)
			}
		}
	}
	stop()
	wg.Wait()
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestRestore(t *testing.T) {
	dir := t.TempDir()
	target, copied := filepath.Join(dir, "opengate.db"), filepath.Join(dir, "copy")
	s := openAt(t, target)
	put(t, s, "kept", "withdrawn before", "withdrawn after")
	if err := s.AddSurvey(t.Context(), store.Survey{Slug: "doomed"}); err != nil {
		t.Fatal(err)
	}
	withdraw(t, s, "withdrawn before")
	backup(t, s, copied)
	put(t, s, "after", "came and went")
	withdraw(t, s, "withdrawn after")
	withdraw(t, s, "came and went")
	if err := s.EraseSurvey(t.Context(), "doomed"); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Restore(t.Context(), copied, target); !errors.Is(err, survey.ErrBusy) || !strings.Contains(err.Error(), "stop the service") {
		t.Fatalf("while the database is open: %v", err)
	}
	put(t, s, "later") // the refused attempt disturbs nothing
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	done, err := sqlite.Restore(t.Context(), copied, target)
	if err != nil || done.Erased != (store.Erasures{Responses: 1, Surveys: 1}) {
		t.Fatalf("%+v, %v", done, err)
	}
	s = openAt(t, target)
	if got := storetest.IDs(t, s); len(got) != 1 || !got["kept"] {
		t.Errorf("restored: %v", got)
	}
	if _, err := s.Survey(t.Context(), "doomed"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("an erased survey: %v", err)
	}
	for _, id := range []string{"withdrawn before", "withdrawn after", "came and went"} {
		v, err := s.AddResponses(t.Context(), []store.Entry{storetest.Entry(id, "a")})
		if err != nil || v[0] != store.Gone {
			t.Errorf("a repeat of %q: %v, %v", id, v, err)
		}
	}
	if got := storetest.IDs(t, openAt(t, done.Kept)); !got["after"] || !got["later"] || len(got) != 3 {
		t.Errorf("kept beside: %v", got)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the restored file: %v, %v", info.Mode(), err)
	}
}

// TestRestoreBesideALeftoverLog restores where the database file is lost and its log is not: none of the log's commits
// comes into the restored database, and the log is kept.
func TestRestoreBesideALeftoverLog(t *testing.T) {
	dir := t.TempDir()
	copied, live, target := filepath.Join(dir, "copy"), filepath.Join(dir, "live.db"), filepath.Join(dir, "lost", "opengate.db")
	s := openAt(t, live)
	put(t, s, "kept")
	backup(t, s, copied)
	put(t, s, "in the log")
	if err := os.Mkdir(filepath.Dir(target), 0o700); err != nil {
		t.Fatal(err)
	}
	left := map[string][]byte{"-journal": []byte("a rollback journal")}
	for _, suffix := range []string{"-wal", "-shm"} {
		b, err := os.ReadFile(live + suffix)
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: %d bytes, %v", suffix, len(b), err)
		}
		left[suffix] = b
	}
	for suffix, b := range left {
		if err := os.WriteFile(target+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(target+".before-restore-1-wal", []byte("of an earlier time"), 0o600); err != nil {
		t.Fatal(err)
	}
	done, err := sqlite.Restore(t.Context(), copied, target)
	if err != nil {
		t.Fatal(err)
	}
	got := storetest.IDs(t, openAt(t, target))
	if len(got) != 1 || !got["kept"] {
		t.Errorf("restored: %v", got)
	}
	if done.Kept != "" || len(done.Logs) != len(left) {
		t.Fatalf("%+v", done)
	}
	for suffix, want := range left {
		name := target + ".before-restore-2" + suffix
		if b, err := os.ReadFile(name); err != nil || !bytes.Equal(b, want) {
			t.Errorf("%s: %d bytes of %d, %v", name, len(b), len(want), err)
		}
		if !strings.Contains(done.String(), name) {
			t.Errorf("%q does not name %s", done, name)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if done, err = sqlite.Restore(t.Context(), copied, live); err != nil || len(done.Logs) != 0 {
		t.Errorf("over a whole database: %+v, %v", done, err)
	}
}

func TestRestoreRefuses(t *testing.T) {
	dir := t.TempDir()
	target, copied := filepath.Join(dir, "opengate.db"), filepath.Join(dir, "copy")
	s := openAt(t, target)
	put(t, s, "kept")
	backup(t, s, copied)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	for i := 3 * 4096; i < len(damaged); i++ { // the pages after the schema
		damaged[i] ^= 0x5a
	}
	for name, content := range map[string][]byte{"empty": nil, "text": []byte("no database"), "short": whole[:len(whole)/2], "damaged": damaged} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlite.Restore(t.Context(), path, target); err == nil {
			t.Errorf("%s: it was restored", name)
		}
	}
	if _, err := sqlite.Restore(t.Context(), target, target); err == nil {
		t.Error("onto itself")
	}
	if _, err := sqlite.Restore(t.Context(), filepath.Join(dir, "none"), target); err == nil {
		t.Error("no file")
	}
	if got := storetest.IDs(t, openAt(t, target)); !got["kept"] {
		t.Error("a refused restore changed the database")
	}
}
