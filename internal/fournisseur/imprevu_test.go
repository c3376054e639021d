package fournisseur_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"
)

// A failure of ours is told to FranceConnect where nothing else leads on (§9),
// and our pages of choice offer to begin again (FI-24).
func TestOurFailureLeadsOn(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		d.FailAt(1)
		to := n.expect(n.get("/authorize/?"+request().Encode()), 303)
		d.FailAt(0)
		if !strings.HasPrefix(to, callback+"&error=server_error&state=un-state&iss=") {
			t.Errorf("sent to %s", to)
		}
		id := n.demande()
		again := `href="/select_usager/?demande=` + id + `"`
		d.FailAt(1)
		w := n.choose(id, m.odile.ID)
		d.FailAt(0)
		if body := w.Body.String(); w.Code != 500 || !strings.Contains(body, again) || !strings.Contains(body, "Recommencer") || !strings.Contains(body, "Numéro de l’incident") {
			t.Errorf("choice: %d %s", w.Code, plain(body))
		}
		w = n.get("/select_usager/?demande=" + id + "&apres=x")
		if w.Code != 404 || !strings.Contains(w.Body.String(), again) {
			t.Errorf("unknown place in the list: %d %s", w.Code, plain(w.Body.String()))
		}
		n.expect(n.choose(id, m.odile.ID), 303)
	})
}

// A page elsewhere may open as many requests as it likes: what they leave in a
// browser that is not signed in stays far from what a front refuses (8 KiB).
func TestCookiesOfRequestsStaySmall(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	m := newMonde(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	n := m.browser("")
	long := strings.Repeat("é", 400)
	var last string
	for range 8 {
		clock.Advance(time.Second)
		last = n.expect(n.get("/authorize/?"+request("state", long, "nonce", strings.Repeat("n", 512)).Encode()), 303)
	}
	size := 0
	for name, value := range n.cookies {
		size += len(name) + len(value) + 3
	}
	if size > 6<<10 || size < 1000 {
		t.Errorf("%d bytes of cookies", size)
	}
	// The latest is the one that goes on.
	n.cookies["__Host-session"] = "claire"
	u, err := url.Parse(last)
	check(t, err)
	n.expect(n.get(u.Query().Get("next")), 303)
}

// amr says only what is true of how the aidant was proved (§5).
func TestAMRIsTrue(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		amrOf := func() any { return m.claims(m.tokens(n.code(demarche.Papiers)).IDToken)["amr"] }
		otp := []any{"mail", "otp", "mfa"}
		if diff := cmp.Diff(any(otp), amrOf()); diff != "" {
			t.Errorf("no session known: %s", diff)
		}
		m.exec(`INSERT INTO session_web (id, jeton_empreinte, aidant_id, organisation_id, date_creation, date_expiration, date_otp, date_activite, echecs)
			VALUES ($1,$2,$3,$4,$5,$5,$5,$5,0)`, m.a.Session, []byte("x"), m.a.Aidant, m.a.Organisation, d.Now())
		for moyen, want := range map[string]any{"code": otp, "secours": otp, "cle": []any{"pop", "mfa"}, "proconnect": nil} {
			m.exec(`UPDATE session_web SET moyen = $1`, moyen)
			if diff := cmp.Diff(want, amrOf()); diff != "" {
				t.Errorf("%s: %s", moyen, diff)
			}
		}
	})
}

// A use is five durable commits: the request held, the person chosen, the code
// given, the code consumed, the identity delivered.
func TestCommitsOfAUse(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		before := d.Commits()
		tokens := m.tokens(n.code(demarche.Papiers))
		n.expect(m.userinfo(tokens.AccessToken), 200)
		if k := d.Commits() - before; k != 5 {
			t.Errorf("%d durable commits", k)
		}
		before = d.Commits()
		n.expect(m.userinfo(tokens.AccessToken), 200) // again: it writes nothing
		t.Logf("a repeated /userinfo: %d commits", d.Commits()-before)
	})
}

// Nothing is signed, encrypted or fetched within a transaction: no function
// that is given one, nor the text of one, calls what does (read from the
// sources of this package).
func TestNothingIsSignedInATransaction(t *testing.T) {
	slow := []string{"MakeIDToken", "Userinfo", "For", "Refresh", "Do", "Sign"}
	set := token.NewFileSet()
	names, err := filepath.Glob("*.go")
	check(t, err)
	seen, acts := 0, 0
	inspect := func(f *ast.FuncType, body *ast.BlockStmt) {
		if !slices.ContainsFunc(f.Params.List, takesTx) || body == nil {
			return
		}
		acts++
		ast.Inspect(body, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				if s, ok := c.Fun.(*ast.SelectorExpr); ok && slices.Contains(slow, s.Sel.Name) {
					t.Errorf("%s: %s is called within a transaction", set.Position(c.Pos()), s.Sel.Name)
				}
			}
			return true
		})
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, 0)
		check(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				inspect(n.Type, n.Body)
			case *ast.FuncLit:
				inspect(n.Type, n.Body)
			case *ast.SelectorExpr:
				if n.Sel.Name == "MakeIDToken" || n.Sel.Name == "Userinfo" {
					seen++
				}
			}
			return true
		})
	}
	if seen != 2 || acts < 20 {
		t.Errorf("%d answers signed and %d functions with a transaction seen: this test no longer sees what it must", seen, acts)
	}
}

func takesTx(f *ast.Field) bool {
	s, ok := f.Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := s.X.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Tx"
}

// What the mandat lacks is said, and a new one is prepared for the same person,
// without a name in the address.
func TestNewMandatForTheSamePerson(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	m := newMonde(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	n := m.browser("claire")
	link := `href="/espace-aidant/creation_mandat/?usager=` + m.odile.ID.String() + `"`
	page := func(claims string) (*httptest.ResponseRecorder, string) {
		w := n.get(n.expect(n.choose(n.demande("claims", claims), m.odile.ID), 303))
		return w, plain(w.Body.String())
	}
	w, text := page(`{"id_token":{"rep_scope":{"values":["Famille-Scolarité","Logement"]}}}`)
	if !strings.Contains(text, "Aucun mandat en cours de cette personne ne couvre : Logement.") || !strings.Contains(w.Body.String(), link) {
		t.Errorf("what lacks is not said: %s", text)
	}
	if strings.Contains(text, "Justice") {
		t.Error("what the service does not accept is offered to be signed")
	}
	if w, text = page(`{"id_token":{"rep_scope":{"values":["Logement"]}}}`); !strings.Contains(w.Body.String(), link) {
		t.Errorf("refusal: %s", text)
	}
	if w, _ = page(`{"id_token":{"rep_scope":{"values":["Famille-Scolarité"]}}}`); strings.Contains(w.Body.String(), link) {
		t.Error("a new mandat is offered though none is lacking")
	}
	if w := n.get("/select_usager/?demande=" + n.demande()); strings.Contains(w.Body.String(), "?usager=") || ident.UsagerID.IsZero(m.odile.ID) {
		t.Error("nobody is chosen yet")
	}
}
