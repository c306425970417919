// Package deploy_test tries what can be tried of the shipped configuration on one machine.
package deploy_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The proxy sees every address. A request that fails, which it logs, must leave nothing of the visitor in the log.
func TestProxyKeepsNothingOfAVisitor(t *testing.T) {
	shipped := read(t, "Caddyfile")
	log := failOnce(t, shipped)
	if !strings.Contains(log, "http.log.error") {
		t.Fatalf("the failed request was not logged at all, so this shows nothing:\n%s", log)
	}
	for _, trace := range []string{canary, "remote_ip", "User-Agent", `"uri"`} {
		if strings.Contains(log, trace) {
			t.Errorf("the proxy's log holds %q:\n%s", trace, log)
		}
	}
	t.Run("and without the filter it would", func(t *testing.T) {
		if !strings.Contains(failOnce(t, regexp.MustCompile(`\s+request delete`).ReplaceAllString(shipped, "")), canary) {
			t.Error("the test does not see what an unfiltered log holds")
		}
	})
}

const canary = "CANARY-e7c1"

// failOnce runs the proxy before a service that is not there, sends it one request and gives its log.
func failOnce(t *testing.T, config string) string {
	t.Helper()
	caddy, err := exec.LookPath("caddy")
	if err != nil {
		const why = "the proxy configuration is not tried: caddy is not installed"
		if os.Getenv("CI") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	address := free(t)
	config = strings.ReplaceAll(config, "{$SITE_ADDRESS}", "http://"+address)
	config = strings.ReplaceAll(config, "opengate:8080", free(t))
	config = regexp.MustCompile(`(?m)^\s*health_.*$`).ReplaceAllString(config, "") // so that the request itself fails
	file := filepath.Join(t.TempDir(), "Caddyfile")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, caddy, "run", "--config", file, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_DATA_HOME="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir())
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	status := get(t, "http://"+address+"/uk/s/"+canary+"?x="+canary)
	stop()
	_ = cmd.Wait() // killed on purpose
	if status != http.StatusBadGateway {
		t.Fatalf("status %d before a service that is not there, want 502\n%s", status, log.String())
	}
	return log.String()
}

// get asks until somebody listens.
func get(t *testing.T, url string) int {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("User-Agent", canary)
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
			return res.StatusCode
		}
		if time.Now().After(deadline) {
			t.Fatalf("the proxy does not listen: %v", err)
		}
		time.Sleep(50 * time.Millisecond) // there is nothing to wait for but the port
	}
}

func free(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// Every variable that compose.yaml and the proxy ask for has a line in the example, and the other way round.
func TestComposeVariablesHaveExamples(t *testing.T) {
	asked := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\{([A-Z_]+)`).FindAllStringSubmatch(read(t, "compose.yaml"), -1) {
		asked[m[1]] = true
	}
	offered := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([A-Z_]+)=`).FindAllStringSubmatch(read(t, "compose.env.example"), -1) {
		offered[m[1]] = true
	}
	if fmt.Sprint(asked) != fmt.Sprint(offered) {
		t.Errorf("compose.yaml asks for %v, compose.env.example has %v", asked, offered)
	}
}

func TestContainerRunsAsNobodyOnAStaticBinary(t *testing.T) {
	file := read(t, "Containerfile")
	for _, must := range []string{"CGO_ENABLED=0", "FROM scratch", "USER 65532:65532"} {
		if !strings.Contains(file, must) {
			t.Errorf("the container file has no %q", must)
		}
	}
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))[1]
	if !strings.Contains(file, "golang:"+goVersion) {
		t.Errorf("the container file builds with another Go than %s of go.mod", goVersion)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
