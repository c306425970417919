// Package journeys drives a real browser through the pages as a resident would. Only tests import it: they start the
// service and hand over its address. The scripts beside it know nothing of a particular questionnaire.
// Entry points: [Fill] and [Withdraw].
package journeys

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const longest = 4 * time.Minute // of one journey, on a slow machine with an accessibility check on every page

// Page is one page that was seen on the way.
type Page struct {
	Title      string   `json:"title"`
	Heading    string   `json:"heading"`
	Lang       string   `json:"lang"`
	Dir        string   `json:"dir"`
	Address    string   `json:"address"`
	Overflow   int      `json:"overflow"`   // CSS pixels that stick out sideways of a screen of 320
	Violations []string `json:"violations"` // accessibility rules that the page breaks, with an element
}

// Result is what happened on a journey.
type Result struct {
	Receipt   string   `json:"receipt"`
	Withdrawn bool     `json:"withdrawn"`
	Filled    int      `json:"filled"`    // controls that were used
	Uncovered int      `json:"uncovered"` // pages that Back shows with answers after the receipt, where scripts run
	Pages     []Page   `json:"pages"`
	Strangers []string `json:"strangers"` // requests to other hosts, all of them refused
	Thrown    []string `json:"thrown"`    // errors of scripts
}

// Options of a journey. Base is the address of the service, Path where the journey starts, such as "/uk/s/demo".
type Options struct {
	Base, Path, Lang string
	NoScript         bool // the browser runs no JavaScript
	Partial          bool // "send what I have so far" after a few pages
}

// Fill answers every question it meets until it holds a receipt. The test fails when it cannot, and is skipped where
// there is no browser, unless CI is set.
func Fill(tb testing.TB, o Options) Result {
	tb.Helper()
	return run(tb, "fill", o)
}

// Withdraw types a receipt into the page that erases answers.
func Withdraw(tb testing.TB, o Options, receipt string) Result {
	tb.Helper()
	return run(tb, "withdraw", o, "--receipt", receipt)
}

// Check reports what no page may do: be in another language or direction, stick out of a small screen, break an
// accessibility rule, carry anything secret in its address, or ask another host for something.
func (r Result) Check(tb testing.TB, lang, dir string) {
	tb.Helper()
	for _, p := range r.Pages {
		if p.Lang != lang || p.Dir != dir {
			tb.Errorf("%q is in %s %s, want %s %s", p.Heading, p.Lang, p.Dir, lang, dir)
		}
		if p.Overflow > 0 {
			tb.Errorf("%q sticks out of a screen of 320 pixels by %d", p.Heading, p.Overflow)
		}
		for _, v := range p.Violations {
			tb.Errorf("%q breaks %s", p.Heading, v)
		}
		if bytes.ContainsAny([]byte(p.Address), "?#") {
			tb.Errorf("%q has the address %s", p.Heading, p.Address)
		}
	}
	if r.Uncovered > 0 {
		tb.Errorf("after the receipt Back shows answers on %d pages", r.Uncovered)
	}
	for _, s := range r.Strangers {
		tb.Errorf("a page asked for %s", s)
	}
	for _, e := range r.Thrown {
		tb.Errorf("a script failed: %s", e)
	}
}

func run(tb testing.TB, journey string, o Options, more ...string) Result {
	tb.Helper()
	node, env := tools(tb)
	args := append([]string{"journey.mjs", journey, "--base", o.Base, "--path", o.Path, "--lang", o.Lang}, more...)
	if o.NoScript {
		args = append(args, "--no-js")
	}
	if o.Partial {
		args = append(args, "--partial")
	}
	ctx, cancel := context.WithTimeout(tb.Context(), longest)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, args...) //nolint:gosec // the test's own script
	cmd.Dir, cmd.Env = folder(tb), append(os.Environ(), env...)
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("journey %s %s: %v\n%s%s", journey, o.Path, err, errOut.String(), out)
	}
	var r Result
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if err := json.Unmarshal(lines[len(lines)-1], &r); err != nil {
		tb.Fatalf("journey %s %s: %v in %s", journey, o.Path, err, out)
	}
	return r
}

// tools finds node, its packages and the browser.
func tools(tb testing.TB) (node string, env []string) {
	tb.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		missing(tb, "node is not installed")
	}
	modules := os.Getenv("OPENGATE_NODE_MODULES")
	if modules == "" {
		modules = filepath.Join(folder(tb), "node_modules")
	}
	for _, p := range []string{"playwright-core", "axe-core"} {
		if _, err := os.Stat(filepath.Join(modules, p)); err != nil {
			missing(tb, fmt.Sprintf("%s is not installed: run npm ci in server/web/journeys, or set OPENGATE_NODE_MODULES", p))
		}
	}
	browser := os.Getenv("OPENGATE_CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if browser != "" {
			break
		}
		browser, _ = exec.LookPath(name) // not found: the next one
	}
	if browser == "" {
		missing(tb, "no chromium was found: install it or set OPENGATE_CHROMIUM")
	}
	return node, []string{"OPENGATE_NODE_MODULES=" + modules, "OPENGATE_CHROMIUM=" + browser}
}

// missing skips on a laptop and fails in CI.
func missing(tb testing.TB, why string) {
	tb.Helper()
	if os.Getenv("CI") != "" {
		tb.Fatalf("browser journeys must run where CI is set: %s", why)
	}
	tb.Skipf("browser journeys are skipped: %s", why)
}

// folder is server/web/journeys, found from wherever the test runs.
func folder(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "server", "web", "journeys")
		} else if !errors.Is(err, os.ErrNotExist) {
			tb.Fatal(err)
		}
		if filepath.Dir(dir) == dir {
			tb.Fatal("no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
}
