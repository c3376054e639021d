package attestation_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
)

// scene is a mandat just signed by nadia for Odile VASSELIN, and a stranger.
type scene struct {
	*testkit.Monde
	t       *testing.T
	nadia   *demo.Parcours
	inconnu *demo.Parcours
	mandat  string // address of the mandat, for nadia
	code    string
	adresse string // of its verification, as the QR code says
}

var projet = demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Argent}, Duree: "SHORT"}

func newScene(t *testing.T, m *testkit.Monde) *scene {
	t.Helper()
	s := &scene{Monde: m, t: t, nadia: m.Connecte(t, "nadia"), inconnu: m.Aidant(t, "claire")}
	var err error
	if s.mandat, err = s.nadia.Conclure(projet); err != nil {
		t.Fatal(err)
	}
	s.code = testkit.CodePublic(t, string(s.nadia.Corps))
	s.adresse = testkit.ReadQR(t, string(s.nadia.Corps))
	return s
}

// page opens an address as the stranger; pages come a minute apart, so that no
// limit but the one looked for is met.
func (s *scene) page(address string, status int, words ...string) {
	s.t.Helper()
	s.Horloge.Avancer(3 * time.Second)
	if err := s.inconnu.Ouvrir(address); err != nil {
		s.t.Fatal(err)
	}
	s.said(status, words...)
}

func (s *scene) said(status int, words ...string) {
	s.t.Helper()
	p := s.inconnu
	if p.Statut != status {
		s.t.Errorf("%s: %d, want %d", p.URL, p.Statut, status)
	}
	for _, w := range words {
		if !p.Contient(w) {
			s.t.Errorf("%s does not say %q: %.600s", p.URL, w, p.Texte("contenu"))
		}
	}
	for _, name := range []string{"VASSELIN", "Odile", "1951", "Nadia"} {
		if strings.Contains(string(p.Corps), name) && !strings.Contains(string(p.Corps), `value="`+name) {
			s.t.Errorf("%s says %q", p.URL, name)
		}
	}
}

func (s *scene) name(nom, prenom string) {
	s.t.Helper()
	s.Horloge.Avancer(3 * time.Second)
	if err := s.inconnu.Poster(s.adresse+"/nom", url.Values{"nom": {nom}, "prenom": {prenom}}); err != nil {
		s.t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// M-W2: the QR code printed on the mandat leads to its public page,
// which follows its life and names nobody.
func TestVerification(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		s := newScene(t, m)
		if want := m.Adresses.App + "/verifier/" + s.code; s.adresse != want {
			t.Fatalf("the QR code says %q, want %q", s.adresse, want)
		}
		s.page(s.adresse, http.StatusOK, "Ce mandat est en cours", "Papiers", "En cours jusqu’au", "SIMULATION", s.code)
		for _, typed := range []string{s.code, strings.ToLower(strings.ReplaceAll(s.code, "-", " "))} {
			s.page(m.Adresses.App+"/verifier/?code="+url.QueryEscape(typed), http.StatusOK, "Ce mandat est en cours")
		}
		s.page(m.Adresses.App+"/verifier/", http.StatusOK, "Vérifier un mandat")
		s.page(m.Adresses.App+"/verifier/?code=trop-court", http.StatusUnprocessableEntity, "Ce n’est pas un code de vérification")
		for _, unknown := range []string{"0000-0000-0000", "None", "é", "0000-0000-0000-0000"} {
			s.page(m.Adresses.App+"/verifier/"+url.PathEscape(unknown), http.StatusNotFound, "Ce code ne correspond à aucun mandat")
		}
		// The structure sees that it was read, a word typed in another case included.
		must(t, s.nadia.Ouvrir(s.mandat))
		if !s.nadia.Contient("Page lue 3") {
			t.Errorf("the structure does not see three readings: %s", s.nadia.Texte("contenu"))
		}
		must(t, s.nadia.TerminerMandat())
		s.page(s.adresse, http.StatusOK, "Ce mandat a été révoqué", "Terminée le")
		// Another mandat takes over: the older one says so.
		second, err := s.nadia.Conclure(projet)
		must(t, err)
		s.adresse = testkit.ReadQR(t, string(s.nadia.Corps))
		replaced := s.adresse
		_, err = s.nadia.Conclure(projet)
		must(t, err)
		s.page(replaced, http.StatusOK, "Ce mandat a été remplacé par un mandat plus récent")
		s.adresse = testkit.ReadQR(t, string(s.nadia.Corps))
		m.Horloge.Avancer(25 * time.Hour)
		s.page(s.adresse, http.StatusOK, "Ce mandat est arrivé à son terme")
		_ = second
	})
}

// The holder of the paper asks whether a name is the mandat's. A wrong name and
// an unknown code read the same; after five wrong names none is answered.
func TestName(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		s := newScene(t, m)
		s.name("Vasselin", "odile")
		s.said(http.StatusOK, "C’est le nom écrit dans ce mandat")
		s.name("", "Odile")
		s.said(http.StatusUnprocessableEntity, "Saisissez le nom écrit sur le papier.")
		s.name(strings.Repeat("x", 300), "y")
		s.said(http.StatusUnprocessableEntity, "Saisissez le nom")
		s.name("ROUVERAY", "Odile")
		s.said(http.StatusOK, "Nous ne pouvons pas confirmer ce nom")
		known := s.inconnu.Texte("reponse")
		here := s.adresse
		s.adresse = m.Adresses.App + "/verifier/0000-0000-0000"
		s.name("ROUVERAY", "Odile")
		s.said(http.StatusOK, "Nous ne pouvons pas confirmer ce nom", "Ce code ne correspond à aucun mandat")
		if got := s.inconnu.Texte("reponse"); got != known || got == "" {
			t.Errorf("a wrong name and an unknown code answer differently: %q %q", known, got)
		}
		s.adresse = here
		for range 5 { // six questions an hour, the first two included
			s.name("ROUVERAY", "Odile")
		}
		s.name("VASSELIN", "Odile")
		s.said(http.StatusTooManyRequests, "Trop de noms ont été essayés")
		m.Horloge.Avancer(time.Hour)
		s.name("VASSELIN", "Odile")
		s.said(http.StatusOK, "C’est le nom écrit dans ce mandat")
		p := m.Connecte(t, "hugo") // of the same structure; nadia's session waits for a code
		must(t, p.Ouvrir(s.mandat))
		for _, w := range []string{"Nom demandé : c’est le bon", "Nom demandé : ce n’est pas celui du mandat"} {
			if !p.Contient(w) {
				t.Errorf("the structure does not see %q", w)
			}
		}
		if strings.Contains(m.Log(), "ROUVERAY") || strings.Contains(m.Log(), s.code) {
			t.Error("the log holds a name or a code")
		}
	})
}

// A mandat whose rows no longer say what was signed does not pass for genuine:
// whoever can write in the database cannot lengthen it.
func TestAlteredMandat(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		s := newScene(t, m)
		drop := `DROP TRIGGER mandat_immuable`
		if m.Server.DB.Dialect() == db.Postgres {
			drop += ` ON mandat`
		}
		for _, q := range []string{drop, `UPDATE mandat SET organisation_nom = 'Autre structure'`} {
			must(t, m.Server.DB.Update(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), q); return err }))
		}
		s.page(s.adresse, http.StatusInternalServerError, "Ce mandat ne peut pas être confirmé")
	})
}

// One network reads so many pages, then waits: codes are not tried in bulk.
func TestPagesAreLimited(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Aidant(t, "claire")
		last := 0
		for i := range 70 {
			must(t, p.Ouvrir(fmt.Sprintf("%s/verifier/0000-0000-%04d", m.Adresses.App, i)))
			last = p.Statut
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("the seventieth page of two minutes: %d", last)
		}
	})
}

// Counting is one transaction: a failing statement leaves nothing.
func TestCountingIsAllOrNothing(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		s := newScene(t, m)
		for _, act := range []func() error{
			func() error { return s.inconnu.Ouvrir(s.adresse) },
			func() error {
				return s.inconnu.Poster(s.adresse+"/nom", url.Values{"nom": {"VASSELIN"}, "prenom": {"Odile"}})
			},
		} {
			testkit.FailEachStatement(t, m.Server.DB, func() error {
				m.Horloge.Avancer(3 * time.Second)
				if err := act(); err != nil {
					return err
				}
				if s.inconnu.Statut != http.StatusOK {
					return fmt.Errorf("%d", s.inconnu.Statut)
				}
				return nil
			}, "message", "tache", "bail", "limite", "journal_attente", "journal_rang", "journal_noeud", "journal_point")
		}
		var cs []mandat.Consultation
		must(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) (err error) {
			x, err := mandat.OfCode(t.Context(), tx, strings.ReplaceAll(s.code, "-", ""))
			if err != nil {
				return err
			}
			cs, err = attestation.Consultations(t.Context(), tx, x.ID)
			return err
		}))
		if len(cs) != 2 || cs[0].Nombre != 1 {
			t.Errorf("%+v", cs)
		}
	})
}
