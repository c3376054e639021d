package signature_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
)

// usagerDe is whose mandat it is.
func (b *banc) usagerDe(m ident.MandatID) (u ident.UsagerID) {
	b.t.Helper()
	err := b.db.View(b.t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(b.t.Context(), `SELECT usager_id FROM mandat WHERE id = $1`, m).Scan(&u)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

// signed makes a mandat by the whole path.
func (n *navigateur) signed(personne, duree string, ds ...string) ident.MandatID {
	n.b.t.Helper()
	v := url.Values{"duree": {duree}, "capacite": {"on"}, "demarche": ds}
	p := n.press(n.get("/espace-aidant/creation_mandat/"), "Continuer", v)
	return mandatOf(n.b.t, n.sign(n.logout(n.identify(p, personne)).want(n.b.t, http.StatusOK, "Récapitulatif"), n.b.nextCode(alix)).want(n.b.t, http.StatusOK))
}

// renewal fills the form of a renewal and posts it.
func (n *navigateur) renewal(u ident.UsagerID, duree string, ds ...string) page {
	n.b.t.Helper()
	p := n.get(mandat.CheminRenouveler(u)).want(n.b.t, http.StatusOK, "Renouveler un mandat")
	v := url.Values{"capacite": {"on"}}
	if duree != "" {
		v["duree"], v["demarche"] = []string{duree}, ds
	}
	return n.press(p, "Continuer", v)
}

// A person who is there agrees to the same again: two pages, no connection
// with FranceConnect; a new mandat, the former replaced, evidence, a notice,
// the journal (mandats.md 7, M-W5).
func TestRenewal(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		first := n.signed("ordinaire", "SEMESTER", "papiers", "argent")
		u := b.usagerDe(first)
		b.clock.Advance(160 * 24 * time.Hour)
		n = b.connecte(alix)
		before := len(b.actions(0))
		p := n.get(mandat.CheminRenouveler(u)).want(t, http.StatusOK, "VASSELIN", "Expire bientôt", "pas besoin de se reconnecter")
		p = n.press(p, "Continuer", url.Values{"capacite": {"on"}}).want(t, http.StatusOK, "Récapitulatif du mandat", "Renouvellement du mandat", "Le nouveau mandat remplacera")
		if strings.Contains(p.text, "Même personne") {
			t.Error("the identity of a renewal is not a connection")
		}
		second := mandatOf(t, n.sign(p, b.nextCode(alix)).want(t, http.StatusOK, "VASSELIN"))
		want := []string{
			"init_renew_mandat", "create_attestation", "cancel_autorisation", "create_autorisation", "cancel_autorisation", "create_autorisation",
			"supersede_mandat", "notify_usager", "view_mandat",
		}
		if diff := cmp.Diff(want, b.actions(before)); diff != "" {
			t.Error(diff)
		}
		if k := b.count(`SELECT count(*) FROM mandat m JOIN mandat o ON o.id = m.predecesseur_id AND o.successeur_id = m.id JOIN accord c ON c.mandat_id = m.id AND c.piece_id IS NOT NULL
			WHERE m.id = $1 AND o.id = $2 AND m.duree = 'SEMESTER'`, second, first); k != 1 {
			t.Error("the new mandat is not linked, or has no evidence")
		}
		if k := b.count(`SELECT count(*) FROM dossier_signature WHERE type = 'renouvellement' AND statut = 'signe' AND authentification_empreinte IS NULL`); k != 1 {
			t.Error("the dossier is not a simple renewal")
		}
		if _, err := b.outbox.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		if m := b.boite.last(t, "ordinaire@example.org"); !strings.Contains(m.Sujet, "renouvelé") || strings.Contains(m.Texte, "VASSELIN") {
			t.Errorf("notice: %s %s", m.Sujet, m.Texte)
		}
		n.sign(p, b.nextCode(alix)).want(t, http.StatusConflict, "signé")
		// What it renewed is not renewed again; what it made is.
		n.get(mandat.CheminRenouveler(u)+"?mandat="+first.String()).want(t, http.StatusNotFound) // no list page in this bench
		n.get(mandat.CheminRenouveler(u)).want(t, http.StatusOK, "C’est le dernier renouvellement")
	})
}

// Adding a démarche or time leads to FranceConnect; so does the third renewal
// in a row; a connection starts the count again.
func TestRenewalNeedsFranceconnect(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		u := b.usagerDe(n.signed("ordinaire", "MONTH", "papiers"))
		n.renewal(u, "MONTH", "papiers", "argent").want(t, http.StatusOK, "Connexion de la personne")
		n.renewal(u, "LONG", "papiers").want(t, http.StatusOK, "Connexion de la personne")
		for range 2 {
			p := n.renewal(u, "", "").want(t, http.StatusOK, "Récapitulatif du mandat")
			n.sign(p, b.nextCode(alix)).want(t, http.StatusOK, "VASSELIN")
		}
		n.get(mandat.CheminRenouveler(u)).want(t, http.StatusOK, "cette fois, la personne se connecte")
		p := n.renewal(u, "", "").want(t, http.StatusOK, "Connexion de la personne")

		// Somebody else connects: nothing can be signed for them here.
		other := n.logout(n.identify(p, "nom_usage")).want(t, http.StatusOK, "Ce n’est pas la personne du mandat à renouveler")
		if strings.Contains(other.text, "Signer le mandat") {
			t.Error("the form is there for somebody else")
		}
		n.post("/espace-aidant/creation_mandat/recapitulatif/", url.Values{
			"dossier": {other.url.Query().Get("dossier")}, "identite": {"on"}, "identite_bis": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"},
			"signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {b.nextCode(alix)},
		}).want(t, http.StatusConflict, "Ce n’est pas la personne")

		p = n.press(other, "recommencer", nil)
		p = n.press(p, "Compte de démonstration", nil)
		p = n.press(p, "Se connecter", url.Values{"personne": {"ordinaire"}})
		p = n.logout(n.press(p, "Continuer", nil)).want(t, http.StatusOK, "vient de se connecter avec FranceConnect")
		n.press(p, "Signer", url.Values{"identite": {"on"}, "identite_bis": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {b.nextCode(alix)}}).
			want(t, http.StatusOK, "VASSELIN")
		n.get(mandat.CheminRenouveler(u)).want(t, http.StatusOK, "2 renouvellements de suite sont encore possibles")
	})
}

// What was allowed when the form was filled is asked again at the signature.
func TestRenewalIsCheckedAgain(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	b := newBanc(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	n := b.connecte(alix)
	m := n.signed("ordinaire", "MONTH", "papiers", "argent")
	u := b.usagerDe(m)
	one, two := n.renewal(u, "", ""), n.renewal(u, "", "") // two tabs
	n.sign(one, b.nextCode(alix)).want(t, http.StatusOK, "VASSELIN")
	n.get(two.url.RequestURI()).want(t, http.StatusOK, "Ce mandat ne peut plus être renouvelé")
	if k := b.count(`SELECT count(*) FROM mandat`); k != 2 {
		t.Errorf("%d mandats", k)
	}

	// The person revokes between the form and the signature.
	three := n.renewal(u, "", "").want(t, http.StatusOK, "Récapitulatif du mandat")
	var live ident.MandatID
	err := b.db.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT mandat_id FROM autorisation WHERE fin IS NULL LIMIT 1`).Scan(&live)
	})
	if err != nil {
		t.Fatal(err)
	}
	n.post("/espace-aidant/mandats/"+live.String()+"/cancel_confirm", url.Values{"motif": {"revoque_usager"}, "canal": {"oral"}}).want(t, http.StatusOK, "Le mandat est terminé")
	code := b.nextCode(alix)
	n.post("/espace-aidant/creation_mandat/recapitulatif/", url.Values{
		"dossier": {three.url.Query().Get("dossier")}, "identite": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"},
		"signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {code},
	}).want(t, http.StatusConflict, "Ce mandat ne peut plus être renouvelé")
	if k := b.count(`SELECT count(*) FROM mandat`); k != 2 {
		t.Errorf("%d mandats", k)
	}

	// Another structure, an unknown person: the same answer (M-W31).
	for _, who := range []string{u.String(), ident.New[ident.UsagerID]().String(), "x"} {
		b.connecte(email("alix", 1)).get("/espace-aidant/renew_mandat/"+who).want(t, http.StatusNotFound)
	}
	// What is wrong is said, what was typed is kept.
	w := n.signed("nom_usage", "MONTH", "papiers")
	p := n.renewal(b.usagerDe(w), "SHORT", "justice", "travail", "zzz").want(t, http.StatusUnprocessableEntity, "Renouveler un mandat", "Sélectionnez un choix valide")
	if !strings.Contains(p.text, "GALANTIER") {
		t.Error("the person is no longer named")
	}
}

// Two signatures of one renewal at once, and a renewal against a revocation:
// one of each pair wins, and nothing contradictory is left.
func TestRenewalsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		m := n.signed("ordinaire", "MONTH", "papiers")
		u := b.usagerDe(m)
		one, two := n.renewal(u, "", ""), n.renewal(u, "", "")
		codes := []string{b.nextCode(alix), ""}
		b.clock.Advance(30 * time.Second)
		codes[1] = b.code(alix)
		form := func(p page, code string) url.Values {
			return url.Values{
				"dossier": {p.url.Query().Get("dossier")}, "identite": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"},
				"signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {code},
			}
		}
		var wg sync.WaitGroup
		for i, p := range []page{one, two} {
			wg.Go(func() { n.still().post("/espace-aidant/creation_mandat/recapitulatif/", form(p, codes[i])) })
		}
		wg.Go(func() {
			n.still().post("/espace-aidant/mandats/"+m.String()+"/cancel_confirm", url.Values{"motif": {"revoque_usager"}, "canal": {"oral"}})
		})
		wg.Wait()
		if k := b.count(`SELECT count(*) FROM renouvellement`); k > 1 {
			t.Errorf("%d renewals of one mandat", k)
		}
		if k := b.count(`SELECT count(*) FROM autorisation WHERE mandat_id = $1 AND fin IS NULL`, m); k != 0 {
			t.Error("the former mandat is live after a revocation or a renewal")
		}
		b.verifyJournal()
	})
}

func TestRenewalIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		m := n.signed("ordinaire", "MONTH", "papiers")
		u := b.usagerDe(m)
		q := n.still()
		var p page
		testkit.FailEachStatement(t, b.db, func() error {
			p = q.post(mandat.CheminRenouveler(u), url.Values{"demarche": {"papiers"}, "duree": {"MONTH"}, "capacite": {"on"}})
			return failed(p)
		})
		recap := n.get(p.header.Get("Location")).want(t, http.StatusOK, "Renouvellement du mandat")
		code := b.nextCode(alix)
		testkit.FailEachStatement(t, b.db, func() error {
			p = q.press(recap, "Signer", url.Values{"identite": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {code}})
			return failed(p)
		})
		if !strings.Contains(p.header.Get("Location"), "/final/") {
			t.Errorf("%d %s", p.status, p.text)
		}
	})
}
