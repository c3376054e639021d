package fin_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/sceau"
	"aidantsconnect/internal/testkit"
)

// raw gives the bytes of a file, and its type.
func (g *guichet) raw(target string) (status int, genre string, b []byte) {
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
	return w.Code, w.Header().Get("Content-Type"), w.Body.Bytes()
}

// record reads a signed record out of its envelope, and verifies it.
func (g *guichet) record(b []byte) fin.Enregistrement {
	g.T.Helper()
	var x sceau.Enveloppe
	if err := json.Unmarshal(b, &x); err != nil {
		g.T.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(x.Signature)
	if err != nil {
		g.T.Fatal(err)
	}
	k, _ := g.Greffe.Cles.Find(x.Kid)
	e, err := fin.VerifyRecord([]byte(x.Enregistrement), signature, k.Public.(ed25519.PublicKey))
	if err != nil {
		g.T.Fatal(err)
	}
	return e
}

// A certificate is sealed once, by whoever asks first; later, with other keys,
// another name of the service, the same bytes are given.
func TestCertificateIsKept(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		g.Greffe.Certificat = testkit.NewAutorite(t, clock.Now()).Read(testkit.NewCleEC(t))
		u := g.Usager("sub1", "VASSELIN")
		m := g.Sign(0, u, mandat.Mois, "papiers", "argent")
		one := m.Autorisations[0]
		for _, target := range []string{m.Chemin("attestation_de_revocation.pdf"), one.CheminAttestationFin() + ".json"} {
			if status, _, _ := g.raw(target); status != http.StatusSeeOther {
				t.Errorf("%s before the end: %d", target, status)
			}
		}
		g.post(one.CheminFin(), renonce)
		clock.Advance(time.Hour)
		g.post(m.Chemin("cancel_confirm"), revoque)

		page := g.get(m.Chemin("attestation_de_revocation")).want(t, http.StatusOK, "Attestation de révocation du mandat", "(la structure y a renoncé)")
		files := map[string][]byte{}
		for _, target := range []string{m.Chemin("attestation_de_revocation.pdf"), m.Chemin("attestation_de_revocation.json"), one.CheminAttestationFin() + ".pdf", one.CheminAttestationFin() + ".json"} {
			status, _, b := g.raw(target)
			if status != http.StatusOK {
				t.Fatalf("%s: %d", target, status)
			}
			files[target] = b
		}
		whole, part := g.record(files[m.Chemin("attestation_de_revocation.json")]), g.record(files[one.CheminAttestationFin()+".json"])
		if !whole.Whole() || len(whole.Demarches) != 2 || whole.Motif != "" && whole.Motif != mandat.RevoqueUsager || whole.CodeMandat != m.CodePublic || whole.SceauCertificat != g.Greffe.Certificat.Empreinte() {
			t.Errorf("%+v", whole)
		}
		if part.Whole() || len(part.Demarches) != 1 || part.Motif != mandat.Renonciation || part.Autorisation != one.ID.String() || part.EffetParis != "02/03/2026 à 10h00" {
			t.Errorf("%+v", part)
		}
		if _, s, err := pdf.Unsign(files[m.Chemin("attestation_de_revocation.pdf")]); err != nil || s == nil {
			t.Errorf("the operator's seal: %v", err)
		}
		// What a démarche that ended with its mandat has is the mandat's.
		if r := g.get(m.Autorisations[1].CheminAttestationFin() + ".pdf"); r.lieu != m.Chemin("attestation_de_revocation.pdf") {
			t.Errorf("a certificate of its own: %d %s", r.status, r.lieu)
		}

		// A new key, a new name, another day.
		if _, _, err := g.Greffe.Cles.Rotate(t.Context(), cle.Attestation); err != nil {
			t.Fatal(err)
		}
		clock.Advance(25 * time.Hour)
		if _, err := g.Greffe.Cles.Promote(t.Context()); err != nil {
			t.Fatal(err)
		}
		g.Greffe.Service, g.Greffe.Origine, g.Greffe.Certificat = "Autre", "https://autre.example", nil
		for target, b := range files {
			if _, _, again := g.raw(target); !bytes.Equal(again, b) {
				t.Errorf("%s was made again", target)
			}
		}
		if again := g.get(m.Chemin("attestation_de_revocation")); again.texte != page.texte {
			t.Error("the page was made again")
		}
		if n := count(g.Lines(m.ID), "seal_fin"); n != 2 {
			t.Errorf("%d certificates journaled", n)
		}
		g.org = 1 // another structure
		for target := range files {
			if status, _, _ := g.raw(target); status != http.StatusNotFound {
				t.Errorf("%s by another structure: %d", target, status)
			}
		}
	})
}

func count(list []string, x string) (n int) {
	for _, s := range list {
		if s == x {
			n++
		}
	}
	return n
}

// The task seals what nobody asked for, each end once, and leaves the
// replacements; asked for by many at once, a certificate is one.
func TestCertifyTask(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		m := g.Sign(0, u, mandat.Mois, "papiers", "argent", "logement")
		clock.Advance(time.Minute)
		g.Sign(0, u, mandat.Mois, "papiers") // replaces
		g.post(m.Autorisations[0].CheminFin(), revoque)
		g.post(m.Autorisations[1].CheminFin(), revoque)
		old := g.Sign(0, g.Usager("sub2", "AUTRE"), mandat.Mois, "papiers")
		g.post(old.Chemin("cancel_confirm"), revoque)
		for i, want := range []int{3, 0} {
			if n, err := g.actes.Certify(t.Context()); err != nil || n != want {
				t.Errorf("run %d: %d certificates, %v", i, n, err)
			}
		}
		_, _, first := g.raw(old.Chemin("attestation_de_revocation.pdf"))
		var wg sync.WaitGroup
		got := make([][]byte, 6)
		for i := range got {
			wg.Go(func() {
				target := m.Chemin("attestation_de_revocation.pdf") // of the whole: nobody made it
				if i%2 == 0 {
					target = old.Chemin("attestation_de_revocation.pdf")
				}
				_, _, got[i] = g.raw(target)
			})
		}
		wg.Wait()
		for i := range got {
			want := got[1]
			if i%2 == 0 {
				want = first
			}
			if len(got[i]) == 0 || !bytes.Equal(got[i], want) {
				t.Errorf("reader %d has another file, of %d bytes", i, len(got[i]))
			}
		}
	})
}

// A certificate is kept whole or not at all, and one that was altered is not
// shown.
func TestCertificateAllOrNothing(t *testing.T) {
	g := newGuichetSeul(t)
	u := g.Usager("sub1", "VASSELIN")
	m := g.Sign(0, u, mandat.Mois, "papiers")
	g.post(m.Chemin("cancel_confirm"), revoque)
	testkit.FailEachStatement(t, g.DB, func() error {
		fresh := fin.Actes{DB: g.DB, Greffe: g.Greffe, Journal: g.Greffe.Journal} // remembers no failure
		_, err := fresh.Certify(t.Context())
		return err
	})
	if n := count(g.Lines(m.ID), "seal_fin"); n != 1 {
		t.Errorf("%d certificates", n)
	}
	for _, column := range []string{"contenu", "enregistrement", "signature", "pdf"} {
		stop := errors.New("stop")
		err := g.DB.Update(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `UPDATE certificat_fin SET `+column+` = $1`, []byte("faux")); err != nil {
				return err
			}
			c, err := fin.CertificatOfCode(t.Context(), tx, codeOf(t, tx))
			if err != nil {
				return err
			}
			if _, err := g.actes.Check(c); !errors.Is(err, mandat.ErrFaux) {
				t.Errorf("%s altered: %v", column, err)
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
	}
}

// An end that cannot be certified says so and keeps no other waiting; it is
// tried again later and later, and made once it can be.
func TestCertifyGoesOn(t *testing.T) {
	g := newGuichetSeul(t)
	var ms []mandat.Mandat
	for i, nom := range []string{"VASSELIN", "AUTRE", "TIERS"} {
		m := g.Sign(0, g.Usager(fmt.Sprint("sub", i), nom), mandat.Mois, "papiers")
		g.post(m.Chemin("cancel_confirm"), revoque)
		ms = append(ms, m)
	}
	broken := ms[0].ID
	set := func(query string) {
		g.Update(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), query)
			return err
		})
	}
	set(`CREATE TRIGGER panne BEFORE INSERT ON certificat_fin WHEN NEW.mandat_id = '` + broken.String() + `' BEGIN SELECT RAISE(ABORT, 'panne'); END`)
	for i, x := range []struct {
		after time.Duration
		n     int
		fails bool
	}{{0, 2, true}, {30 * time.Second, 0, false}, {30 * time.Second, 0, true}, {time.Minute, 0, false}, {time.Minute, 0, true}} {
		g.Clock.Advance(x.after)
		n, err := g.actes.Certify(t.Context())
		if n != x.n || (err != nil) != x.fails || err != nil && !strings.Contains(err.Error(), broken.String()) {
			t.Errorf("run %d: %d certificates, %v", i, n, err)
		}
	}
	set(`DROP TRIGGER panne`)
	g.Clock.Advance(4 * time.Minute)
	if n, err := g.actes.Certify(t.Context()); n != 1 || err != nil {
		t.Errorf("once it can be made: %d, %v", n, err)
	}
	if n := count(g.Lines(broken), "seal_fin"); n != 1 {
		t.Errorf("%d certificates", n)
	}
}

// At the end of its retention nothing is left of a certificate, and its file
// verifies still: the proof needs nothing of ours but the published key.
func TestCertificateErased(t *testing.T) {
	g := newGuichetSeul(t)
	m := g.Sign(0, g.Usager("sub1", "VASSELIN"), mandat.Mois, "papiers")
	g.post(m.Chemin("cancel_confirm"), revoque)
	_, _, record := g.raw(m.Chemin("attestation_de_revocation.json"))
	g.Update(func(tx *db.Tx) error { return fin.EraseMandat(t.Context(), tx, m.ID) })
	if e := g.record(record); e.Mandat != m.ID {
		t.Errorf("%+v", e)
	}
	err := g.DB.View(t.Context(), func(tx *db.Tx) error {
		_, err := fin.CertificatOfCode(t.Context(), tx, g.record(record).CodePublic)
		return err
	})
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("it is still there: %v", err)
	}
}

func codeOf(t *testing.T, tx *db.Tx) (code string) {
	t.Helper()
	if err := tx.QueryRow(t.Context(), `SELECT code_public FROM certificat_fin`).Scan(&code); err != nil {
		t.Fatal(err)
	}
	return code
}
