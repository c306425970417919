package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"opengate/server/app"
	"opengate/server/store/mongotest"
)

func TestStoreThatIsDownAtStartIsSaid(t *testing.T) {
	mongotest.Binary(t)
	_, err := app.Open(t.Context(), app.Storage{Data: t.TempDir(), MongoDB: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=500"}, app.Options{Now: time.Now})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("the error does not say what does not answer: %v", err)
	}
}

// TestStoreThatGoesAwayAndComesBack: people are told in their language, and what was acknowledged is still there.
func TestStoreThatGoesAwayAndComesBack(t *testing.T) {
	server := mongotest.Start(t)
	a := demonstration(t, app.Storage{Data: t.TempDir(), MongoDB: server.URI})
	base := serve(t, a)
	receipt := answerAs(t, a, 1)[0]
	server.Kill()
	time.Sleep(600 * time.Millisecond) // longer than a survey that was read is believed
	for path, want := range map[string]string{"/readyz": "does not answer", "/uk/s/demo": "хвилин"} {
		if code, body := get(t, base+path); code != http.StatusServiceUnavailable || !strings.Contains(body, want) {
			t.Errorf("%s with the store away: %d %.300s", path, code, body)
		}
	}
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		code, _ := get(t, base+"/uk/s/demo")
		if code == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("with the store back: %d", code)
		}
	}
	if _, err := a.Intake.Withdraw(t.Context(), receipt); err != nil {
		t.Errorf("the acknowledged answer is not there any more: %v", err)
	}
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
