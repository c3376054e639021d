package testkit

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
)

// personal are the values no log may hold: the family names of the fictional
// identities the tests use, and where their e-mails live.
var personal = struct {
	sync.Mutex
	values []string
}{values: []string{
	"VASSELIN", "ROUVERAY", "GALANTIER", "MONTFALCOU", "BRÉMONTEUIL", "PIETRAVERDE", "SANTAREDDI",
	"BRESSANGES", "PERRACHET", "TELLIERGUE", "PAYETTON", "TEHAURAI", "BENCHERKAOUI", "FONSECA-PINTO",
	"SAVARIMOUTTOU", "DIAKHABA", "RAHIMZADRAN", "N'DIOULAYE", "LESTOURNEL", "HAËNENS", "HÉNAFFIC",
	"ŒUVRARD", "LÆTZIG", "ÇELİKÖZLÜ", "SAINT-AUBAIN", "KERJOUANNEC", "ORSENNAT", "FLORENSAC",
	"QUILLARMEL", "AUBRESPIN", "GRANDCHAUMET", "MARVILLERS", "DUVERNAUT", "CHASTELLOR",
	"@example.org", "@example.com", "@example.net", "%40example.",
}}

// Personal adds values (names, e-mails, phone numbers, codes) that no log of
// this process's tests may hold.
func Personal(values ...string) {
	personal.Lock()
	defer personal.Unlock()
	personal.values = append(personal.values, values...)
}

// Log gives a logger of JSON lines, shown when the test fails. The test fails
// if a line holds a personal value.
func Log(t testing.TB) *slog.Logger {
	t.Helper()
	l, _ := LogLines(t)
	return l
}

// LogLines is Log with a way to read what was written so far.
func LogLines(t testing.TB) (logger *slog.Logger, lines func() string) {
	t.Helper()
	buf := &syncBuffer{}
	t.Cleanup(func() {
		text := buf.String()
		for _, value := range leaks(text) {
			t.Errorf("the log holds the personal value %q", value)
		}
		if t.Failed() && text != "" {
			t.Logf("log:\n%s", text)
		}
	})
	h := slog.NewJSONHandler(buf, &slog.HandlerOptions{Level: slog.LevelDebug})
	return slog.New(h), buf.String
}

// leaks are the personal values a text holds, whatever their case.
func leaks(text string) (found []string) {
	text = strings.ToLower(text)
	personal.Lock()
	defer personal.Unlock()
	for _, v := range personal.values {
		if strings.Contains(text, strings.ToLower(v)) && !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	return found
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
