package fin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
)

func evenement(motif, date string) url.Values {
	return url.Values{"evenement": {motif}, "source": {"acte"}, "date": {date}, "certain": {"on"}}
}

// signable tells why a mandat with the person is refused; "" when it is not.
func (g *guichet) signable(org int, u usager.Usager) string {
	g.T.Helper()
	stop := fault.New(fault.Conflict, "")
	err := g.DB.Update(g.T.Context(), func(tx *db.Tx) error {
		if _, err := g.Greffe.Sign(g.T.Context(), tx, g.Actor(org), g.Projet(org, u, "famille")); err != nil {
			return err
		}
		return stop
	})
	return fault.ReasonOf(err)
}

func (g *guichet) waiting() (id string) {
	g.T.Helper()
	err := g.DB.View(g.T.Context(), func(tx *db.Tx) error {
		var x ident.OperationID
		err := tx.QueryRow(g.T.Context(), `SELECT id FROM evenement_usager ORDER BY date_connue DESC, id DESC LIMIT 1`).Scan(&x)
		id = x.String()
		return err
	})
	if err != nil {
		g.T.Fatal(err)
	}
	return fin.CheminGestion + id + "/"
}

// A death ends every mandat of the structure that learns it, from the day it
// happened, known the day it is noted (Code civil, art. 2003, 2008); the others
// go on until the team has checked; nobody is written to; no mandat is signed
// any more, until it is taken back.
func TestDeath(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		old, late := g.Sign(0, u, mandat.Annee, "papiers", "argent"), mandat.Mandat{}
		elsewhere := g.Sign(1, u, mandat.Annee, "logement")
		clock.Advance(5 * 24 * time.Hour)
		late = g.Sign(0, u, mandat.Mois, "logement")
		page := fin.CheminEvenement(u.ID)
		g.get(page).want(t, http.StatusOK, "Décès ou mesure de protection", "VASSELIN", "Logement", "La personne est décédée")
		clock.Advance(24 * time.Hour) // 8 March, 10:00
		known := clock.Now()
		for _, bad := range []url.Values{{}, evenement("expire", "2026-03-05"), evenement("deces", "2026-03-09"), evenement("deces", "hier"), {"evenement": {"deces"}, "source": {"rumeur"}, "date": {"2026-03-05"}, "certain": {"on"}}} {
			g.post(page, bad).want(t, http.StatusUnprocessableEntity, "corriger")
			if len(bad) > 0 {
				bad.Del("certain")
				g.post(page, bad).want(t, http.StatusUnprocessableEntity, "Cochez cette case")
			}
		}
		g.post(page, evenement("deces", "2026-03-05")).leads(t, fiche(u, "evenement"))
		for _, c := range []struct {
			m     mandat.Mandat
			effet time.Time
		}{{old, time.Date(2026, 3, 5, 0, 0, 0, 0, mandat.Paris)}, {late, late.DateCreation}} {
			got := g.Load(0, c.m.ID)
			if !got.FullyRevoked() {
				t.Fatalf("%+v", got)
			}
			for _, a := range got.Autorisations {
				if a.FinMotif != mandat.Deces || !a.Fin.Equal(c.effet) || !a.FinConnue.Equal(known) || !a.FinEntiere {
					t.Errorf("%+v, want the end at %v", a, c.effet)
				}
			}
		}
		if lines := g.Lines(old.ID); !slices.Equal(lines[len(lines)-3:], []string{"cancel_autorisation", "cancel_autorisation", "end_mandat"}) {
			t.Errorf("%v", lines)
		}
		if n := len(g.messages()); n != 0 {
			t.Errorf("%d messages to a dead person", n)
		}
		g.get(old.Chemin("attestation_de_revocation")).want(t, http.StatusOK, "Attestation de fin du mandat", "Raison : décès (Code civil, article 2003)",
			"La fin a pris effet le 05/03/2026 à 00h00 ; la structure l'a su le 08/03/2026 à 10h00", "Fait à Amiens, le 08/03/2026 à 10h00")
		g.get(old.Chemin("cancel_success")).want(t, http.StatusOK, "Aucun message n'est envoyé")
		g.post(page, evenement("deces", "2026-03-05")).leads(t, page) // noted already
		g.get(page).want(t, http.StatusOK, "Décès de la personne", "05/03/2026", "va le vérifier")
		if got := [2]string{g.signable(0, u), g.signable(1, u)}; got != [2]string{mandat.RaisonDeces, ""} {
			t.Errorf("signable: %q", got)
		}
		if got := g.Load(1, elsewhere.ID); !got.Active(clock.Now()) {
			t.Error("the word of one structure ended another's mandat")
		}

		// Another structure sees nothing and undoes nothing.
		g.org = 1
		g.get(page).want(t, http.StatusOK, "Enregistrer et arrêter ses mandats")
		g.org = 0
		// The team: not who noted it.
		g.team = true
		list := g.get(fin.CheminGestion).want(t, http.StatusOK, "Structure 0", "Mandats en cours ailleurs 1", "Vous l'avez noté vous-même", mandat.FormatCode(old.CodePublic))
		if strings.Contains(list.texte, "VASSELIN") || strings.Contains(list.texte, "Structure 1") {
			t.Errorf("the list names the person or the other structure: %s", list.texte)
		}
		answer := g.waiting()
		yes := url.Values{"decision": {"etendu"}, "verification": {"acte"}}
		g.post(answer, yes).leads(t, fin.CheminGestion)
		if !slices.Equal(g.Live(1, u), elsewhere.Demarches()) {
			t.Error("who noted it checked it")
		}
		g.who = 1
		g.post(answer, url.Values{"decision": {"etendu"}}).want(t, http.StatusUnprocessableEntity, "Dites comment vous l'avez vérifié.")
		g.post(answer, url.Values{"decision": {"ecarte"}, "verification": {"acte"}}).want(t, http.StatusUnprocessableEntity, "Dites pourquoi.")
		g.post(answer, yes).leads(t, fin.CheminGestion)
		if got := g.Load(1, elsewhere.ID); !got.FullyRevoked() || got.Autorisations[0].FinMotif != mandat.Deces {
			t.Errorf("%+v", got)
		}
		if lines := g.Lines(elsewhere.ID); lines[len(lines)-1] != "end_mandat" {
			t.Errorf("%v", lines)
		}
		g.post(answer, yes).leads(t, fin.CheminGestion) // a second time: nothing
		if got := [2]string{g.signable(0, u), g.signable(1, u)}; got != [2]string{mandat.RaisonDeces, mandat.RaisonDeces} {
			t.Errorf("signable: %q", got)
		}
		g.post(answer, url.Values{"decision": {"annule"}, "verification": {"erreur"}}).leads(t, fin.CheminGestion)
		if got := [2]string{g.signable(0, u), g.signable(1, u)}; got != [2]string{} {
			t.Errorf("taken back, yet %q", got)
		}
	})
}

// A person put under protection after the signature (mandats.md 21.2, 18): the
// mandats end, the person is told without the word, and the structure may take
// it back when the measure is lifted.
func TestProtectionAfterSignature(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		m := g.Sign(0, u, mandat.Annee, "papiers")
		clock.Advance(time.Hour)
		page := fin.CheminEvenement(u.ID)
		g.post(page, evenement("protection", "2020-01-01")).leads(t, fiche(u, "evenement")) // it was so before: from the signature on
		if got := g.Load(0, m.ID); !got.Autorisations[0].Fin.Equal(m.DateCreation) || got.Autorisations[0].FinMotif != mandat.Protection {
			t.Errorf("%+v", got.Autorisations)
		}
		all := g.messages()
		if len(all) != 1 || !strings.Contains(all[0].Texte, "la loi y met fin") || strings.Contains(all[0].Texte, "protection") {
			t.Errorf("%+v", all)
		}
		if got := g.signable(0, u); got != mandat.RaisonProtection {
			t.Errorf("signable: %q", got)
		}
		id := strings.TrimSuffix(strings.TrimPrefix(g.waiting(), fin.CheminGestion), "/")
		g.post(page+"/retrait", url.Values{"note": {id}}).want(t, http.StatusUnprocessableEntity, "Dites pourquoi.")
		g.org = 1
		g.post(page+"/retrait", url.Values{"note": {id}, "retrait": {"levee"}}).want(t, http.StatusNotFound)
		g.org = 0
		g.post(page+"/retrait", url.Values{"note": {id}, "retrait": {"levee"}}).leads(t, fiche(u, "evenement_retire"))
		g.post(page+"/retrait", url.Values{"note": {id}, "retrait": {"levee"}}).leads(t, page)
		if got := g.signable(0, u); got != "" {
			t.Errorf("lifted, yet %q", got)
		}
		g.Sign(0, u, mandat.Mois, "papiers") // and it may happen again
		g.post(page, evenement("deces", "2026-03-02")).leads(t, fiche(u, "evenement"))
		g.team, g.who = true, 1
		g.post(g.waiting(), url.Values{"decision": {"ecarte"}, "verification": {"non_confirme"}}).leads(t, fin.CheminGestion)
		if got := [2]string{g.signable(0, u), g.signable(1, u)}; got != [2]string{mandat.RaisonDeces, ""} {
			t.Errorf("set aside: %q", got)
		}
	})
}

// Who is unknown to the structure has no page; a person without the role of
// the team has none either.
func TestEvenementOfOthers(t *testing.T) {
	g := newGuichetSeul(t)
	u := g.Usager("sub1", "VASSELIN")
	m := g.Sign(0, u, mandat.Jour, "papiers")
	g.org = 1
	g.get(fin.CheminEvenement(u.ID)).want(t, http.StatusNotFound, "introuvable")
	g.post(fin.CheminEvenement(u.ID), evenement("deces", "2026-03-01")).want(t, http.StatusNotFound)
	g.get(fin.CheminGestion).want(t, http.StatusNotFound)
	g.org = 0
	g.Clock.Set(m.DateExpiration.Add(366 * 24 * time.Hour))
	g.post(fin.CheminEvenement(u.ID), evenement("deces", "2026-03-01")).want(t, http.StatusNotFound)
}

// Nothing is written unless all is: the note, and the answer of the team.
func TestEvenementAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		g.Sign(0, u, mandat.Annee, "papiers")
		g.Sign(1, u, mandat.Annee, "logement", "argent")
		act := func(target string, form url.Values) func() error {
			return func() error {
				if r := g.post(target, form); r.status != http.StatusSeeOther {
					return fmt.Errorf("status %d", r.status)
				}
				return nil
			}
		}
		testkit.FailEachStatement(t, d, act(fin.CheminEvenement(u.ID), evenement("protection", "2026-03-01")))
		g.team, g.who = true, 1
		testkit.FailEachStatement(t, d, act(g.waiting(), url.Values{"decision": {"etendu"}, "verification": {"registre"}}))
		if len(g.Live(0, u))+len(g.Live(1, u)) != 0 {
			t.Error("something is still live")
		}
	})
}

// The démarches are done: one of them, then the whole; the mandataire says so,
// the person is told (mandats.md 9).
func TestDone(t *testing.T) {
	g := newGuichetSeul(t)
	u := g.Usager("sub1", "VASSELIN")
	m := g.Sign(0, u, mandat.Mois, "papiers", "argent")
	faites := url.Values{"motif": {"demarches_accomplies"}, "canal": {"oral"}}
	g.post(m.Autorisations[0].CheminFin(), faites)
	g.get(m.Autorisations[0].CheminAttestationFin()).want(t, http.StatusOK, "Attestation de fin d'une autorisation", "Raison : démarches accomplies", "Le mandant en a été averti de vive voix.")
	g.post(m.Chemin("cancel_confirm"), faites).leads(t, m.Chemin("cancel_success"))
	if lines := g.Lines(m.ID); !slices.Equal(lines[4:], []string{"cancel_autorisation", "notify_usager", "seal_fin", "print_revocation", "cancel_autorisation", "end_mandat", "notify_usager"}) {
		t.Errorf("%v", lines)
	}
	for _, c := range g.messages() {
		if !strings.Contains(c.Texte, "ce qu'il prévoyait est fait") {
			t.Error(c.Texte)
		}
	}
}

// newGuichetSeul is for what the second database proves nothing more of.
func newGuichetSeul(t *testing.T) *guichet {
	clock := testkit.NewClock(testkit.Start)
	return newGuichet(t, testkit.OpenDB(t, db.SQLite, clock), clock)
}
