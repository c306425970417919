package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the service itself, so that tests can kill it.
func TestMain(m *testing.M) {
	if os.Getenv("OPENGATE_TEST_BE_THE_SERVICE") != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, time.Now))
	}
	os.Exit(m.Run())
}

// opengate runs a command on the data folder and gives what it printed and its exit code.
func opengate(t *testing.T, data string, args ...string) (out, errOut string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"--data", data}, args...), &o, &e, time.Now)
	return o.String(), e.String(), code
}

// must runs a command that has to succeed.
func must(t *testing.T, data string, args ...string) string {
	t.Helper()
	out, errOut, code := opengate(t, data, args...)
	if code != 0 {
		t.Fatalf("opengate %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

// shared is the folder of real forms and data, or the test is skipped.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	root := os.Getenv("OPENGATE_SHARED")
	if root == "" {
		root = filepath.Join("..", "shared")
	}
	if !filepath.IsAbs(root) { // as seen from the repository's root
		root = filepath.Join("..", root)
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("real forms and data are not here: set OPENGATE_SHARED to the folder that holds %s", filepath.Join(elem...))
	}
	return path
}

// template writes the demonstration questionnaire.
func template(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "template.xlsx")
	must(t, t.TempDir(), "form", "template", "--out", file)
	return file
}
