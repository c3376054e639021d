package transparence_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
)

// TestPrintedCode: the code of a line leads, from the drawing that is printed,
// to a page that says that the line is there; any other number or entry says
// that it is not; a line that waits has no code yet.
func TestPrintedCode(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d, time.Now)
		m.serve()
		m.Site.Origine = m.URL
		op := m.grow(5)
		m.grow(50)
		draw := func(id ident.LigneID) string {
			t.Helper()
			var b bytes.Buffer
			m.view(func(ctx context.Context, tx *db.Tx) error {
				c, err := m.Printed(ctx, tx, id)
				if err != nil {
					return err
				}
				return c.Render(ctx, &b)
			})
			return b.String()
		}
		page := draw(m.line(op))
		address := testkit.ReadQR(t, page)
		path, found := strings.CutPrefix(address, m.URL)
		if !found || !strings.HasPrefix(path, "/journal/ligne/5/") || !strings.Contains(page, address) {
			t.Fatalf("the code leads to %s", address)
		}
		if status, _, body := m.get(path); status != http.StatusOK || !strings.Contains(string(body), "Cette ligne est dans le journal") {
			t.Errorf("%s: %d", path, status)
		}
		_, rest, _ := strings.Cut(strings.TrimPrefix(path, "/journal/ligne/"), "/")
		last := rest[:len(rest)-1]
		for _, wrong := range []string{
			"6/" + rest, "56/" + rest, "9223372036854775807/" + rest, "5/A" + rest[1:], // another line, none, or another entry
			"05/" + rest, "+5/" + rest, "0/" + rest, "-1/" + rest, "x/" + rest, "5/" + last, "5/" + rest + "=", "5/" + rest + "AAAA", // other ways to write it
		} {
			status, _, body := m.get("/journal/ligne/" + wrong)
			if status != http.StatusNotFound || strings.Contains(string(body), "Cette ligne est dans le journal") {
				t.Errorf("%s: %d", wrong, status)
			}
		}
		if page := draw(ident.New[ident.LigneID]()); !strings.Contains(page, "vient d’être écrite") || strings.Contains(page, "<svg") {
			t.Error("a line that waits has a code")
		}
	})
}
