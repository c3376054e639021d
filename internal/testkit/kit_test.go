package testkit_test

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
)

// The failures the kit must cause are caused in another process: this test
// binary, run again with this variable.
const scene = "AC_TESTKIT_SCENE"

var scenes = map[string]func(t *testing.T){
	"log": func(t *testing.T) { testkit.Log(t).Info("entrée", "qui", "Odile Vasselin") },
	"mail": func(t *testing.T) {
		testkit.Log(t).Info("message", "lien", "https://localhost/?a=change%40example.org")
	},
	"registered": func(t *testing.T) {
		testkit.Personal("Tournesol")
		testkit.Log(t).Info("entrée de TOURNESOL")
	},
	"instant": func(t *testing.T) {
		d := testkit.OpenDB(t, db.SQLite, testkit.NewClock(testkit.Start))
		_ = d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO bail (nom, porteur, echeance) VALUES ('a', 'b', '2026-03-02')`)
			return err
		})
	},
	"number": func(t *testing.T) {
		d := testkit.OpenDB(t, db.SQLite, testkit.NewClock(testkit.Start))
		_ = d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `CREATE TABLE essai (vrai boolean)`)
			return err
		})
		_ = d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO essai (vrai) VALUES (2)`)
			return err
		})
	},
	"half": func(t *testing.T) {
		d := testkit.OpenDB(t, db.SQLite, testkit.NewClock(testkit.Start))
		testkit.FailEachStatement(t, d, func() error { // an act in two transactions
			if _, err := d.Lease(t.Context(), "moitié", "p", time.Minute); err != nil {
				return err
			}
			return d.Update(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `DELETE FROM bail WHERE nom = 'autre'`)
				return err
			})
		})
	},
	"deaf": func(t *testing.T) {
		d := testkit.OpenDB(t, db.SQLite, testkit.NewClock(testkit.Start))
		testkit.FailEachStatement(t, d, func() error {
			_ = d.Update(t.Context(), func(*db.Tx) error { return nil })
			return nil
		})
	},
	"browser": func(t *testing.T) {
		p := testkit.NewBrowser(t).NewPage(800, 600)
		p.Goto(`data:text/html;charset=utf-8,<title>x</title><script>console.error("aïe")</script>` +
			`<input><p style="width:600px">x<img src="http://example.com/x.png">`)
		p.Axe()
		p.NoHorizontalScroll()
	},
	"quiet": func(t *testing.T) {
		testkit.Log(t).Info("rien de personnel")
		testkit.OpenDB(t, db.SQLite, testkit.NewClock(testkit.Start))
	},
}

func TestScene(t *testing.T) {
	if play := scenes[os.Getenv(scene)]; play != nil {
		play(t)
	}
}

func TestFailuresAreSeen(t *testing.T) {
	for name, wants := range map[string][]string{
		"log":        {`personal value "VASSELIN"`},
		"mail":       {`personal value "%40example."`},
		"registered": {`personal value "Tournesol"`},
		"instant":    {"bail.echeance: 1 values"},
		"number":     {"essai.vrai: 1 values"},
		"half":       {"statement 1 failed and something was left behind", "moitié"},
		"deaf":       {"the act says that it succeeded"},
		"browser":    {"aïe", "html-has-lang", "scrolls sideways", "ERR_NAME_NOT_RESOLVED"},
		"quiet":      nil,
	} {
		t.Run(name, func(t *testing.T) {
			out, err := play(t, name)
			if _, failed := errors.AsType[*exec.ExitError](err); failed != (len(wants) > 0) {
				t.Errorf("the scene ended with %v:\n%s", err, out)
			}
			for _, want := range wants {
				if !strings.Contains(out, want) {
					t.Errorf("nothing says %q:\n%s", want, out)
				}
			}
		})
	}
}

func play(t *testing.T, name string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestScene$")
	cmd.Env = append(os.Environ(), scene+"="+name, "CAPTURES="+t.TempDir())
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestClock(t *testing.T) {
	c := testkit.NewClock(testkit.Start)
	c.Advance(time.Hour)
	if got := c.Now(); !got.Equal(testkit.Start.Add(time.Hour)) {
		t.Errorf("after an hour: %s", got)
	}
	c.Set(testkit.Start)
	if !c.Now().Equal(testkit.Start) {
		t.Error("the clock was not set back")
	}
}
