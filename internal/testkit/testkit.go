// Package testkit is what tests share: a database of each dialect per test, a
// settable clock, a log that must hold no personal value, a real browser, and
// the invariants checked when a test ends.
//
// Nothing is ever skipped: a missing PostgreSQL, Chromium or axe-core is a
// failure that says, in French, what to install.
//
// It owns no table and serves no URL. Only tests import it.
package testkit

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Root is the folder of the module: tests run in their package's folder.
func Root(t testing.TB) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

var moduleRoot = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", os.ErrNotExist
		}
		dir = up
	}
})

// Says fails the test for each of these words that a text does not hold.
func Says(t testing.TB, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("it does not say %q:\n%s", w, text)
		}
	}
}
