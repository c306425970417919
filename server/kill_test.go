package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"opengate/server/app"
	"opengate/server/intake"
	"opengate/server/store"
)

// TestKilledServiceKeepsEveryAcknowledgedAnswer kills the service under 16 clients that send answers and repeat what
// was not acknowledged. OPENGATE_KILLS sets the number of kills (25); the full form is 1,000.
func TestKilledServiceKeepsEveryAcknowledgedAnswer(t *testing.T) {
	kills := 25
	if n, err := strconv.Atoi(os.Getenv("OPENGATE_KILLS")); err == nil {
		kills = n
	}
	data := t.TempDir()
	must(t, data, "form", "publish", template(t), "--slug", "crash", "--allow-unreviewed")
	key := strings.Fields(must(t, data, "link", "add", "crash", "--name", "load", "--api"))[1]
	service := &victim{t: t, data: data}
	service.start()
	run, stop := context.WithCancel(t.Context())
	acknowledged := make([]map[string]string, 16)
	var clients sync.WaitGroup
	for i := range acknowledged {
		acknowledged[i] = map[string]string{}
		clients.Go(func() { send(run, service, key, acknowledged[i]) })
	}
	for range kills {
		time.Sleep(time.Duration(200+rand.IntN(500)) * time.Millisecond)
		service.kill()
		service.start()
	}
	time.Sleep(500 * time.Millisecond)
	stop()
	clients.Wait()
	service.kill()
	checkKept(t, data, acknowledged)
}

// checkKept compares what is stored with what was acknowledged.
func checkKept(t *testing.T, data string, acknowledged []map[string]string) {
	t.Helper()
	a, err := app.Open(t.Context(), app.Storage{Data: data}, app.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	stored := map[string]string{}
	for r, err := range a.Store.Responses(t.Context(), "crash", store.Filter{Wave: wave(t, a), BeforeEra: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := stored[r.ID]; twice {
			t.Errorf("response %s is stored twice", r.ID)
		}
		stored[r.ID] = r.Answers["change"].Text
	}
	total := 0
	for _, client := range acknowledged {
		for id, text := range client {
			total++
			if stored[id] != text {
				t.Errorf("acknowledged response %s: stored %q, sent %q", id, stored[id], text)
			}
		}
	}
	if total < 100 {
		t.Errorf("only %d answers were acknowledged: the load was too small to show anything", total)
	}
	t.Logf("%d acknowledged, all kept; %d stored", total, len(stored))
}

func wave(t *testing.T, a *app.App) string {
	t.Helper()
	sv, err := a.Store.Survey(t.Context(), "crash")
	if err != nil {
		t.Fatal(err)
	}
	return sv.Wave
}

// send posts one answer after the other until the context ends; an answer that is not acknowledged is sent again
// under the same id.
func send(ctx context.Context, v *victim, key string, acknowledged map[string]string) {
	for n := 0; ctx.Err() == nil; n++ {
		id, text := intake.NewID(), fmt.Sprintf("answer %d", n)
		body, _ := json.Marshal(map[string]any{
			"id": id, "version": 1, "language": "uk", "consent": "demo-1",
			"answers": map[string]any{"consent": "yes", "screen": "yes", "change": text},
		})
		for ctx.Err() == nil {
			if v.post(ctx, key, body) {
				acknowledged[id] = text
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// victim is a service that is killed and started again.
type victim struct {
	t    *testing.T
	data string
	mu   sync.Mutex
	base string
	cmd  *exec.Cmd
}

func (v *victim) post(ctx context.Context, key string, body []byte) bool {
	v.mu.Lock()
	base := v.base
	v.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/forms/crash/responses", bytes.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusUnprocessableEntity || res.StatusCode == http.StatusBadRequest {
		body, _ := io.ReadAll(res.Body)
		v.t.Errorf("the service refused a valid answer: %s %s", res.Status, body)
	}
	return res.StatusCode == http.StatusCreated || res.StatusCode == http.StatusOK
}

var address = regexp.MustCompile(`http://localhost:(\d+)`)

func (v *victim) start() {
	v.t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		v.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "--data", v.data, "serve", "--addr", "127.0.0.1:0", "--log-level", "error")
	cmd.Env = append(os.Environ(), "OPENGATE_TEST_BE_THE_SERVICE=1")
	cmd.Stdout, cmd.Stderr = in, os.Stderr
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	_ = in.Close()
	buf := make([]byte, 4096)
	var printed []byte
	for !address.Match(printed) || !bytes.Contains(printed, []byte("Stop with")) {
		n, err := out.Read(buf)
		if printed = append(printed, buf[:n]...); err != nil {
			v.t.Fatalf("the service did not start: %v\n%s", err, printed)
		}
	}
	_ = out.Close()
	v.mu.Lock()
	v.cmd, v.base = cmd, "http://127.0.0.1:"+string(address.FindSubmatch(printed)[1])
	v.mu.Unlock()
}

func (v *victim) kill() {
	_ = v.cmd.Process.Signal(syscall.SIGKILL)
	_ = v.cmd.Wait()
}
