package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/server/store"
	"opengate/server/store/sqlite"
	"opengate/server/store/storetest"
	"opengate/survey"
)

// TestErasedAnswersAreGoneFromTheFiles reads the files' bytes, while the database is open.
func TestErasedAnswersAreGoneFromTheFiles(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "opengate.db"))
	put(t, s, "other1", "other2")
	const secret = "canary-wxyz"
	for size, id := range map[int]string{1: "short", 3000: "long"} { // in a page, and on pages of its own
		e := storetest.Entry(id, strings.Repeat(secret, size))
		if _, err := s.AddResponses(t.Context(), []store.Entry{e}); err != nil {
			t.Fatal(err)
		}
	}
	if !holds(t, dir, secret) {
		t.Fatal("the answer is not in the files to begin with: the test shows nothing")
	}
	withdraw(t, s, "short")
	withdraw(t, s, "long")
	if holds(t, dir, secret) {
		t.Error("a withdrawn answer can be read in the files")
	}
}

// TestErasedWhileRead withdraws during a walk, which keeps the write-ahead log from being emptied: it is emptied later.
func TestErasedWhileRead(t *testing.T) {
	dir := t.TempDir()
	s := openAt(t, filepath.Join(dir, "opengate.db"))
	put(t, s, "a", "b", "c")
	if _, err := s.AddResponses(t.Context(), []store.Entry{storetest.Entry("x", "canary-wxyz")}); err != nil {
		t.Fatal(err)
	}
	for _, err := range s.Responses(t.Context(), "s", store.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		withdraw(t, s, "x")
		break
	}
	if err := store.EngineOf(s).Scrub(t.Context()); err != nil { // as the writer does by itself every second
		t.Fatal(err)
	}
	if holds(t, dir, "canary-wxyz") {
		t.Error("a withdrawn answer can be read in the files")
	}
}

func holds(t *testing.T, dir, text string) bool {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) {
			return true
		}
	}
	return false
}

func TestFileIsPrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	openAt(t, filepath.Join(dir, "open gate%20#?.db")) // an odd name is a name
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 || !strings.HasPrefix(f.Name(), "open gate%20#?.db") {
			t.Errorf("%s has mode %v, %v", f.Name(), info.Mode(), err)
		}
	}
}

func TestForeignFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	foreign := filepath.Join(dir, "foreign.db")
	db, err := sql.Open("sqlite", foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE recipes (name)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "text.db")
	if err := os.WriteFile(text, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{foreign, text, dir} {
		if e, err := sqlite.Open(path); err == nil {
			_ = e.Close()
			t.Errorf("%s was opened", path)
		}
	}
}

// TestFullDisk limits the number of pages, which SQLite reports as it does a full disk.
func TestFullDisk(t *testing.T) {
	e, err := sqlite.Open(filepath.Join(t.TempDir(), "opengate.db"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), e, killKey)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.AddSurvey(t.Context(), store.Survey{Slug: "s"}); err != nil {
		t.Fatal(err)
	}
	put(t, s, "first")
	if err := e.LimitPages(t.Context(), 100); err != nil {
		t.Fatal(err)
	}
	acked := 1
	for i := 0; err == nil; i++ {
		if i > 10_000 {
			t.Fatal("it is never full")
		}
		_, err = s.AddResponses(t.Context(), []store.Entry{storetest.Entry(fmt.Sprint(i), strings.Repeat("long ", 200))})
		if err == nil {
			acked++
		}
	}
	if !errors.Is(err, store.ErrFull) || errors.Is(err, survey.ErrBusy) {
		t.Errorf("a full disk: %v", err)
	}
	if n := len(storetest.IDs(t, s)); n != acked {
		t.Errorf("%d acknowledged, %d stored", acked, n)
	}
	if err := e.LimitPages(t.Context(), 1<<30); err != nil {
		t.Fatal(err)
	}
	put(t, s, "afterwards") // it goes on once there is space
}

// TestTwoProcesses opens the file twice, as the service and a command beside it do.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "opengate.db")
	a, b := openAt(t, path), openAt(t, path)
	done := make(chan error, 2)
	for i, s := range []*store.Store{a, b} {
		go func() {
			var err error
			for n := 0; n < 200 && err == nil; n++ {
				_, err = s.AddResponses(t.Context(), []store.Entry{storetest.Entry(fmt.Sprint(i, "-", n), "a")})
			}
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := len(storetest.IDs(t, b)); n != 400 {
		t.Errorf("%d are stored", n)
	}
}

// TestNeighbourFails puts a write that fails into a batch with others: they are stored all the same.
func TestNeighbourFails(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "opengate.db"))
	e := store.EngineOf(s)
	results := make(chan error, 64)
	for i := range 64 {
		go func() {
			doc := []byte{5, 0, 0, 0, 0} // a document without _id
			if i%8 != 0 {
				_, err := s.AddResponses(t.Context(), []store.Entry{storetest.Entry(fmt.Sprint(i), "a")})
				results <- err
				return
			}
			_, err := e.Insert(t.Context(), "responses", []bson.Raw{doc})
			if err == nil {
				results <- errors.New("a broken document was stored")
				return
			}
			results <- nil
		}()
	}
	for range 64 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if n := len(storetest.IDs(t, s)); n != 56 {
		t.Errorf("%d are stored", n)
	}
}
