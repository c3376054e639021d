package signature_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/signature"
)

// A lost, unknown or foreign dossier: the same page, at every address of the
// flow, and nobody is signed out (mandats.md 6.4, M-W31, M-W32).
func TestLostDossier(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		mine := n.recap("ordinaire", "SHORT", "papiers").url.Query().Get("dossier")
		other := b.connecte(email("bilal", 0))
		second := b.connecte(alix) // the same aidant, another browser
		for _, c := range []struct {
			n  *navigateur
			id string
		}{{other, mine}, {second, mine}, {n, "6f1c1c7e-0000-4000-8000-000000000000"}, {n, "pas-un-identifiant"}, {n, ""}} {
			for _, path := range []string{signature.CheminAller, signature.CheminRecap, signature.CheminProjet, signature.CheminProjetPDF} {
				p := c.n.get(path+"?dossier="+c.id).want(t, http.StatusGone, ditPerdu, "Recommencer", "Se déconnecter")
				if strings.Contains(p.text, "Vos choix sont conservés") {
					t.Errorf("%s gives back somebody else's choices", path)
				}
			}
			for _, path := range []string{signature.CheminAller, signature.CheminRecap, "/espace-aidant/creation_mandat/deconnexion/"} {
				c.n.post(path, url.Values{"dossier": {c.id}, "otp_token": {"123456"}}).want(t, http.StatusGone, ditPerdu)
			}
		}
		n.get(signature.CheminDeconnexion).want(t, http.StatusOK, "Récapitulatif") // and the owner goes on
		p := other.get(signature.CheminCreation+"?dossier="+mine).want(t, http.StatusOK, "Créer un mandat")
		for _, in := range all(p.doc, "input") {
			for _, a := range in.Attr {
				if a.Key == "checked" && attr(in, "name") != "moyen" { // the first way is offered to everybody
					t.Error("another aidant's choices fill the form")
				}
			}
		}
		for _, query := range []string{`UPDATE dossier_signature SET aidant_id = NULL`, `UPDATE dossier_signature SET organisation_id = NULL`, `UPDATE dossier_signature SET session_id = NULL`} {
			if err := b.db.Update(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), query); return err }); err == nil {
				t.Errorf("%s: a dossier without what binds it", query)
			}
		}
	})
}

// Past its deadline the dossier is refused, its answers fill the form again,
// and the purge erases what is personal (mandats.md 21.2, 14).
func TestDeadlines(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.recap("ordinaire", "MONTH", "papiers", "justice")
		id := p.url.Query().Get("dossier")
		for range 6 { // the session stays alive
			b.clock.Advance(9*time.Minute + 59*time.Second)
			n.get(signature.CheminRecap+"?dossier="+id).want(t, http.StatusOK, "Récapitulatif")
		}
		b.clock.Advance(6 * time.Second)
		n.sign(p, b.code(alix)).want(t, http.StatusGone, ditPerdu, "Vos choix sont conservés")
		b.purge(1)
		p = n.get(signature.CheminRecap+"?dossier="+id).want(t, http.StatusGone, ditPerdu)
		if k := b.count(`SELECT count(*) FROM dossier_signature WHERE usager_id IS NOT NULL OR authentification_empreinte IS NOT NULL`); k != 0 {
			t.Error("the purge left something personal")
		}
		for _, a := range all(p.doc, "a") {
			if textOf(a) == "Recommencer" {
				p = n.get(attr(a, "href"))
			}
		}
		var checked []string
		for _, in := range all(p.doc, "input") {
			for _, a := range in.Attr {
				if a.Key == "checked" {
					checked = append(checked, attr(in, "value"))
				}
			}
		}
		if strings.Join(checked, ",") != "papiers,justice,MONTH,ecran,present" {
			t.Errorf("the form is filled with %v", checked)
		}
		b.purge(0)
	})
}

// The purge runs while the récapitulatif is posted, on the last instant of the
// dossier and just after (mandats.md 21.2, 14): a whole mandat or none.
func TestPurgeAgainstTheSignature(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		for round, late := range []time.Duration{0, time.Millisecond, 0, time.Millisecond} {
			before := b.count(`SELECT count(*) FROM mandat`)
			p := n.recap("ordinaire", "MONTH", "papiers")
			id := p.url.Query().Get("dossier")
			b.clock.Advance(30 * time.Second)
			code := b.code(alix)
			var limite db.Time
			b.act(func(ctx context.Context, tx *db.Tx) error {
				return tx.QueryRow(ctx, `SELECT date_limite FROM dossier_signature WHERE id = $1`, id).Scan(&limite)
			})
			b.clock.Set(limite.Time().Add(late))
			q := n.still()
			var wg sync.WaitGroup
			wg.Go(func() { q.sign(p, code) })
			wg.Go(func() {
				if err := b.db.Update(t.Context(), func(tx *db.Tx) error { _, err := b.h.PurgeDossiers(t.Context(), tx); return err }); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			made := b.count(`SELECT count(*) FROM mandat`) - before
			signed := b.count(`SELECT count(*) FROM dossier_signature WHERE id = $1 AND statut = 'signe'`, id)
			if made != signed || made > 1 || made == 1 && late > 0 {
				t.Errorf("round %d: %d mandats, %d dossiers signed", round, made, signed)
			}
			n = b.connecte(alix)
		}
		b.verifyJournal()
	})
}

func (b *banc) purge(want int) {
	b.t.Helper()
	b.act(func(ctx context.Context, tx *db.Tx) error {
		n, err := b.h.PurgeDossiers(ctx, tx)
		if err == nil && n != want {
			b.t.Errorf("%d dossiers purged, want %d", n, want)
		}
		return err
	})
}

// The ID token does not outlive 30 minutes, even when the logout never came
// back (FS-18).
func TestPurgeOfTheIDToken(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		n.identify(n.prepare("SHORT", "papiers"), "ordinaire") // the logout is not followed
		const kept = `SELECT count(*) FROM dossier_signature WHERE id_token_chiffre IS NOT NULL`
		b.clock.Advance(30*time.Minute - time.Second)
		b.purge(0)
		if b.count(kept) != 1 {
			t.Error("dropped too early: the logout cannot be tried again")
		}
		b.clock.Advance(time.Second)
		b.purge(0)
		if b.count(kept) != 0 {
			t.Error("kept too long")
		}
	})
}

// Two tabs: each dossier is its own, and neither takes the other's identity.
func TestTwoTabs(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		first := n.prepare("SHORT", "papiers")
		second := n.recap("nom_usage", "MONTH", "argent").want(t, http.StatusOK, "ROUVERAY")
		p := n.get(signature.CheminCreation).want(t, http.StatusOK, "Vous avez déjà un mandat en préparation")
		if k := strings.Count(p.text, "Reprendre le mandat commencé"); k != 2 {
			t.Errorf("%d dossiers told", k)
		}
		first = n.logout(n.identify(first, "ordinaire")).want(t, http.StatusOK, "VASSELIN", "Papiers")
		n.sign(second, b.nextCode(alix)).want(t, http.StatusOK, "ROUVERAY", "ARGENT")
		n.sign(first, b.nextCode(alix)).want(t, http.StatusOK, "VASSELIN", "PAPIERS")
		if k := b.count(`SELECT count(*) FROM mandat m JOIN autorisation a ON a.mandat_id = m.id WHERE (m.family_name = 'VASSELIN' AND a.demarche = 'papiers') OR (m.family_name = 'ROUVERAY' AND a.demarche = 'argent')`); k != 2 {
			t.Errorf("%d autorisations in the right mandat", k)
		}
	})
}

// Correcting the choices abandons the former dossier, and only it.
func TestCorrection(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.prepare("SHORT", "papiers")
		id := p.url.Query().Get("dossier")
		p = n.get(signature.CheminCreation + "?dossier=" + id)
		n.press(p, "Continuer", url.Values{"demarche": {"justice"}, "capacite": {"on"}}).want(t, http.StatusOK, "Justice")
		n.get(signature.CheminAller+"?dossier="+id).want(t, http.StatusGone, ditPerdu)
		if k := b.count(`SELECT count(*) FROM dossier_signature WHERE statut = 'abandonne'`); k != 1 {
			t.Errorf("%d abandoned", k)
		}
	})
}

// The draft says that it has no value and, before FranceConnect, names nobody.
func TestDraft(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.prepare("LONG", "papiers")
		id := p.url.Query().Get("dossier")
		const none = "Ceci est un projet de mandat, sans valeur juridique."
		n.get(signature.CheminProjet+"?dossier="+id).want(t, http.StatusOK, none, "PAPIERS", "SIMULATION", "pour une durée de 1 an")
		p = n.logout(n.identify(p, "ordinaire")).want(t, http.StatusOK, "Récapitulatif")
		n.get(signature.CheminProjet+"?dossier="+id).want(t, http.StatusOK, none, "VASSELIN", "Amiens (Somme)", "Télécharger le projet (PDF)")
		draftFile(t, n.get(signature.CheminProjetPDF+"?dossier="+id))
		n.sign(p, b.nextCode(alix)).want(t, http.StatusOK)
		n.get(signature.CheminProjet+"?dossier="+id).want(t, http.StatusConflict, "déjà signé")
	})
}

// draftFile has poppler read the draft: tagged, the same words, marked on each
// of its pages, and nothing that verifies.
func draftFile(t *testing.T, p page) {
	t.Helper()
	dir := t.TempDir()
	if kept := os.Getenv("AC_TEST_CAPTURES"); kept != "" {
		dir = kept
	}
	name := filepath.Join(dir, "projet.pdf")
	if err := os.WriteFile(name, p.raw, 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := exec.Command("pdfinfo", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	said := string(info) + string(text)
	for _, w := range []string{"Tagged:          yes", "Title:           Projet de mandat, sans valeur", "Ceci est un projet de mandat, sans valeur juridique.", "VASSELIN", "Amiens (Somme)", "SIMULATION", "PAPIERS"} {
		if !strings.Contains(said, w) {
			t.Errorf("no %q in %s", w, said)
		}
	}
	if pages := strings.Count(said, "– page "); pages == 0 || strings.Count(said, "PROJET – sans valeur\n") < pages {
		t.Errorf("%d pages, not all marked: %s", pages, said)
	}
	for _, w := range []string{"verifier", "Code de vérification"} {
		if strings.Contains(said, w) {
			t.Errorf("the draft says %q", w)
		}
	}
}

// Another structure and an unknown mandat give the same 404 (M-W31).
func TestMandatOfAnotherStructure(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		id := mandatOf(t, n.sign(n.recap("ordinaire", "SHORT", "papiers"), b.nextCode(alix)))
		other := b.connecte(email("alix", 1))
		for _, path := range []string{"/espace-aidant/mandats/%/visualisation", "/espace-aidant/creation_mandat/visualisation/final/%"} {
			for _, x := range []string{id.String(), "0190a000-0000-7000-8000-000000000000", "x"} {
				p := other.get(strings.Replace(path, "%", x, 1)).want(t, http.StatusNotFound, "introuvable")
				if strings.Contains(p.text, "VASSELIN") {
					t.Error("a name leaks")
				}
			}
			n.get(strings.Replace(path, "%", id.String(), 1)).want(t, http.StatusOK, "VASSELIN")
		}
		b.connecte(email("bilal", 0)).get("/espace-aidant/mandats/"+id.String()+"/visualisation").want(t, http.StatusOK, "VASSELIN")
	})
}

// Every page of the flow asks for somebody signed in.
func TestAnonymous(t *testing.T) {
	each(t, func(t *testing.T, b *banc, _ *navigateur) {
		n := b.navigateur()
		for _, path := range []string{signature.CheminCreation, signature.CheminAller, signature.CheminRecap, signature.CheminProjet, signature.CheminProjetPDF, signature.CheminDeconnexion} {
			if p := n.get(path); p.url.Path != "/accounts/login/" {
				t.Errorf("%s shows %s", path, p.url.Path)
			}
		}
	})
}

// The pages that lead to FranceConnect say so in their policy, the others do
// not (FC-07); the address that holds a code sends no referrer.
func TestHeaders(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		csp := func(p page) string { return p.header.Get("Content-Security-Policy") }
		fc := strings.TrimSuffix(b.sim.Issuer(), "/api/v2")
		p := n.prepare("SHORT", "papiers")
		if !strings.Contains(csp(p), "form-action 'self' "+fc) {
			t.Error(csp(p))
		}
		if p := n.get(signature.CheminCreation); strings.Contains(csp(p), fc) {
			t.Error(csp(p))
		}
		if p := n.get(signature.CheminRetour + "?code=x&state=y"); p.header.Get("Referrer-Policy") != "no-referrer" {
			t.Error(p.header.Get("Referrer-Policy"))
		}
		p = n.logout(n.identify(p, "ordinaire"))
		if !strings.Contains(csp(p), fc) || p.header.Get("Cache-Control") != "no-store" {
			t.Error(csp(p))
		}
	})
}
