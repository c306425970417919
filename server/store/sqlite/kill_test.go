package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"opengate/server/store"
	"opengate/server/store/sqlite"
	"opengate/server/store/storetest"
)

// victimEnv names the database that the test binary writes to when it is run as the victim of TestKilledWriter.
const victimEnv = "OPENGATE_TEST_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victimEnv); path != "" {
		if err := victim(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var killKey = store.Key{1, 2, 3}

func openKilled(ctx context.Context, path string) (*store.Store, error) {
	e, err := sqlite.Open(path) //nolint:contextcheck // see detached
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, e, killKey)
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return s, nil
}

// victim writes responses from 16 clients until it is killed. It reads ids to begin with from its input, which were
// sent before and not acknowledged, and prints "try ID" before and "ok ID" after each.
func victim(path string) error {
	ctx := context.Background()
	s, err := openKilled(ctx, path)
	if err != nil {
		return err
	}
	if err := s.AddSurvey(ctx, store.Survey{Slug: "s"}); err != nil && !strings.Contains(err.Error(), "already") {
		return err
	}
	todo := make(chan string)
	go feed(todo)
	var mu sync.Mutex
	say := func(word, id string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Println(word, id)
	}
	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for range 16 {
		wg.Go(func() {
			for id := range todo {
				say("try", id)
				v, err := s.AddResponses(ctx, []store.Entry{storetest.Entry(id, "answer of "+id)})
				if err == nil && v[0] != store.Stored && v[0] != store.Same {
					err = fmt.Errorf("verdict %d for %s", v[0], id)
				}
				if err != nil {
					errs <- err
					return
				}
				say("ok", id)
			}
		})
	}
	wg.Wait()
	return <-errs
}

func feed(todo chan<- string) {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		todo <- in.Text()
	}
	for {
		todo <- fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
	}
}

// TestKilledWriter kills a process under 16 clients again and again: every acknowledged response is there, none is
// changed, and those sent again are there once. OPENGATE_KILLS sets the number of kills (5; the full form is 200).
func TestKilledWriter(t *testing.T) {
	kills := 5
	if n, err := strconv.Atoi(os.Getenv("OPENGATE_KILLS")); err == nil {
		kills = n
	}
	path := filepath.Join(t.TempDir(), "opengate.db")
	acked, open := map[string]bool{}, map[string]bool{}
	for range kills {
		round(t, path, acked, open)
	}
	s, err := openKilled(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stored := map[string]bool{}
	for r, err := range s.Responses(t.Context(), "s", store.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if stored[r.ID] || r.Answers["q"].Text != "answer of "+r.ID || !acked[r.ID] && !open[r.ID] {
			t.Errorf("stored %s: %v", r.ID, r.Answers)
		}
		stored[r.ID] = true
	}
	for id := range acked {
		if !stored[id] {
			t.Errorf("acknowledged and lost: %s", id)
		}
	}
	if len(acked) < 10*kills {
		t.Errorf("only %d were acknowledged: the test shows nothing", len(acked))
	}
	t.Logf("%d kills, %d acknowledged, %d stored", kills, len(acked), len(stored))
}

// round runs a victim that first repeats what is open, kills it after a while and notes what it said.
func round(t *testing.T, path string, acked, open map[string]bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimEnv+"="+path)
	var repeat strings.Builder
	for id := range open {
		repeat.WriteString(id + "\n")
	}
	cmd.Stdin = strings.NewReader(repeat.String())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n') // it writes now; before, there is nothing to lose
	if err != nil {
		t.Fatal("the victim ended by itself: ", stderr.String())
	}
	time.AfterFunc(time.Duration(50+rand.IntN(250))*time.Millisecond, func() { _ = cmd.Process.Kill() })
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || stderr.Len() > 0 {
		t.Fatal("the victim ended by itself: ", stderr.String())
	}
	all := first + string(rest)
	all = all[:strings.LastIndexByte(all, '\n')+1]
	for line := range strings.Lines(all) {
		word, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case word == "ok":
			acked[id] = true
			delete(open, id)
		case !acked[id]:
			open[id] = true
		}
	}
}
