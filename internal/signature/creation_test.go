package signature_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/testkit"
)

// each runs a test on both databases, with a signed-in aidant.
func each(t *testing.T, fn func(t *testing.T, b *banc, n *navigateur)) {
	t.Helper()
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBanc(t, d, clock)
		fn(t, b, b.connecte(email("alix", 0)))
	})
}

var alix = email("alix", 0)

func TestFromFormToAttestation(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		before := len(b.actions(0))
		p := n.recap("ordinaire", "MONTH", "papiers", "logement")
		p.want(t, http.StatusOK, "VASSELIN", "Odile Simone", "04/11/1951", "Maison <Bleue>", "Papiers - Citoyenneté - Élections", "un mois (31 jours)")
		p = n.sign(p, b.nextCode(alix)).want(t, http.StatusOK, "Le mandat est enregistré", "SIMULATION", "PAPIERS - CITOYENNETÉ - ÉLECTIONS", "Remettez un exemplaire à la personne", "signé à l’écran par la personne")
		id := mandatOf(t, p)
		n.get("/espace-aidant/mandats/"+id.String()+"/visualisation").want(t, http.StatusOK, "VASSELIN")
		want := []string{"create_usager", "franceconnect_usager", "create_attestation", "create_autorisation", "create_autorisation", "notify_usager", "view_mandat", "view_mandat"}
		if diff := cmp.Diff(want, b.actions(before)); diff != "" {
			t.Error(diff)
		}
		// The notice says the structure, the date and how to contest, and nothing else.
		if _, err := b.outbox.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
		c := b.boite.last(t, "ordinaire@example.org")
		for _, w := range []string{"Maison <Bleue>", "mettre fin", "aide@exemple.test", "SIMULATION"} {
			if !strings.Contains(c.Sujet+c.Texte, w) {
				t.Errorf("the notice lacks %q: %s", w, c.Texte)
			}
		}
		for _, w := range []string{"VASSELIN", "Odile", "Papiers", "1951", "alix"} {
			if strings.Contains(c.Sujet+c.Texte, w) {
				t.Errorf("the notice says %q", w)
			}
		}
		// Nothing of FranceConnect stays: no token, no state.
		if k := b.count(`SELECT count(*) FROM dossier_signature WHERE id_token_chiffre IS NOT NULL OR state_empreinte IS NOT NULL OR nonce_empreinte IS NOT NULL OR deconnexion <> 'confirmee'`); k != 0 {
			t.Errorf("%d dossiers keep something of FranceConnect", k)
		}
	})
}

// The order of a conclusion that replaces: create_attestation, then for each
// démarche cancel and create, then supersede (mandats.md 17.2). A colleague of
// the same structure supersedes as well.
func TestSupersessionByAColleague(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		n.sign(n.recap("ordinaire", "LONG", "papiers", "logement"), b.nextCode(alix)).want(t, http.StatusOK)
		bilal := email("bilal", 0)
		m := b.connecte(bilal)
		before := len(b.actions(0))
		p := m.recap("ordinaire", "SHORT", "papiers", "argent").want(t, http.StatusOK, "Le nouveau mandat remplacera, avec votre structure : Papiers.", "Resteront en cours dans l’ancien mandat : Logement.", "surendettement")
		m.sign(p, b.nextCode(bilal)).want(t, http.StatusOK)
		want := []string{"franceconnect_usager", "create_attestation", "create_autorisation", "cancel_autorisation", "create_autorisation", "notify_usager", "view_mandat"}
		if diff := cmp.Diff(want, b.actions(before)); diff != "" {
			t.Error(diff)
		}
		// Another structure: told of the overlap, not with whom.
		other := email("alix", 1)
		o := b.connecte(other)
		p = o.recap("ordinaire", "SHORT", "papiers").want(t, http.StatusOK, "Un autre mandat couvre déjà : Papiers.")
		if strings.Contains(p.text, "Bleue") {
			t.Error("the other structure is named")
		}
		o.sign(p, b.nextCode(other)).want(t, http.StatusOK)
		if k := b.count(`SELECT count(*) FROM autorisation WHERE fin IS NULL AND demarche = 'papiers'`); k != 2 {
			t.Errorf("%d live autorisations for papiers, want one per structure", k)
		}
	})
}

// « Signer un nouveau mandat » comes with the person: named, the démarches of
// their last mandat ticked, kept through a mistake; another structure's person
// is nobody.
func TestNewMandatForAKnownPerson(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		n.sign(n.recap("ordinaire", "LONG", "papiers", "logement"), b.nextCode(alix)).want(t, http.StatusOK)
		var id string
		err := b.db.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT CAST(id AS text) FROM usager`).Scan(&id)
		})
		if err != nil {
			t.Fatal(err)
		}
		open := func(n *navigateur) page { return n.get(signature.CheminCreation + "?usager=" + id) }
		p := open(n).want(t, http.StatusOK, "VASSELIN Odile Simone", "Les démarches de son dernier mandat sont cochées")
		ticked := func(p page) (out []string) {
			for _, in := range all(p.doc, "input") {
				for _, a := range in.Attr {
					if a.Key == "checked" && attr(in, "name") == "demarche" {
						out = append(out, attr(in, "value"))
					}
				}
			}
			return out
		}
		if got := ticked(p); !slices.Equal(got, []string{"papiers", "logement"}) {
			t.Errorf("ticked: %v", got)
		}
		n.press(p, "Continuer", url.Values{"demarche": {"justice"}}).want(t, http.StatusUnprocessableEntity, "VASSELIN Odile Simone", "Veuillez sélectionner la durée")
		for _, other := range []*navigateur{b.connecte(email("alix", 1))} {
			if p := open(other).want(t, http.StatusOK, "Créer un mandat"); strings.Contains(p.text, "VASSELIN") || len(ticked(p)) > 0 {
				t.Error("another structure learns of the person")
			}
		}
		n.get(signature.CheminCreation+"?usager=x").want(t, http.StatusOK, "entre la personne et la structure")
	})
}

func TestFormErrors(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		const none, duree = "Vous devez sélectionner au moins une démarche.", "Veuillez sélectionner la durée du mandat."
		n.post(signature.CheminCreation, url.Values{}).want(t, http.StatusUnprocessableEntity, none, duree, "Vérifiez ces points")
		p := n.post(signature.CheminCreation, url.Values{"demarche": {"argent"}, "capacite": {"on"}}).want(t, http.StatusUnprocessableEntity, duree)
		if strings.Contains(p.text, none) {
			t.Error("a message for a field that is right")
		}
		n.press(p, "Continuer", url.Values{"duree": {"SHORT"}}).want(t, http.StatusOK, "Connexion de la personne", "Argent") // nothing typed was lost
		for _, d := range []string{"EUS_03_20", "<b>", "LONG "} {
			n.post(signature.CheminCreation, url.Values{"demarche": {"argent"}, "duree": {d}, "capacite": {"on"}}).
				want(t, http.StatusUnprocessableEntity, "Sélectionnez un choix valide. "+strings.TrimSpace(d))
		}
		n.post(signature.CheminCreation, url.Values{"demarche": {"argent", "inconnue"}, "duree": {"LONG"}, "capacite": {"on"}}).
			want(t, http.StatusUnprocessableEntity, "Sélectionnez un choix valide. inconnue n'en fait pas partie.")
		b.perimetre(0, "papiers", "famille")
		p = n.get(signature.CheminCreation).want(t, http.StatusOK, "Papiers - Citoyenneté")
		if strings.Contains(p.text, "Impôts") {
			t.Error("a démarche outside the périmètre is offered")
		}
		n.post(signature.CheminCreation, url.Values{"demarche": {"argent"}, "duree": {"LONG"}, "capacite": {"on"}}).
			want(t, http.StatusUnprocessableEntity, "Sélectionnez un choix valide. argent n'en fait pas partie.")
		if k := b.count(`SELECT count(*) FROM dossier_signature`); k != 1 {
			t.Errorf("%d dossiers, want the one of the right form", k)
		}
	})
}

func (b *banc) perimetre(org int, ds ...demarche.Demarche) {
	b.t.Helper()
	err := b.db.Update(b.t.Context(), func(tx *db.Tx) error {
		return organisation.SetPerimetre(b.t.Context(), tx, b.journal, journal.Entry{Initiateur: journal.Admin, Organisation: b.orgs[org].ID}, ds)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *banc) act(fn func(ctx context.Context, tx *db.Tx) error) {
	b.t.Helper()
	if err := b.db.Update(b.t.Context(), func(tx *db.Tx) error { return fn(b.t.Context(), tx) }); err != nil {
		b.t.Fatal(err)
	}
}

// Identities of every kind are accepted as FranceConnect gives them, and the
// mandat prints and keeps them (mandats.md 21.2, 10).
func TestIdentities(t *testing.T) {
	words := map[string][]string{
		"nom_usage": {"ROUVERAY", "GALANTIER"}, "presume_jour": {"07/1960 (jour présumé)"}, "presume_annee": {"1948 (jour et mois présumés)"},
		"vrai_premier_janvier": {"01/01/1955"}, "ne_algerie": {"Algérie"}, "corse_2a": {"Ajaccio (Corse-du-Sud)"},
		"zero_initial": {"Ambérieu-en-Bugey (Ain)"}, "genre_indetermine": {"LESTOURNEL"}, "lettres_etrangeres": {"ÇELİKÖZLÜ"},
		"prenoms_longs": {"Perpétue"}, "apostrophe": {"D'HAËNENS-L’HÉNAFFIC"}, "dix_huit_ans": {"QUILLARMEL"},
	}
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		for personne, w := range words {
			p := n.recap(personne, "SHORT", "papiers").want(t, http.StatusOK, w...)
			n.sign(p, b.nextCode(alix)).want(t, http.StatusOK, w...)
		}
		if k := b.count(`SELECT count(*) FROM mandat`); k != len(words) {
			t.Errorf("%d mandats", k)
		}
	})
}

// Without an address from FranceConnect the aidant may write one with the
// person: it becomes this structure's contact, and the snapshot's.
func TestAddressWrittenWithThePerson(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.recap("sans_email", "SHORT", "papiers").want(t, http.StatusOK, "Adresse électronique de la personne")
		p = n.press(p, "Signer", url.Values{"identite": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {"123456"}, "courriel": {"pas une adresse"}}).
			want(t, http.StatusUnprocessableEntity, "Saisissez une adresse électronique valide")
		before := len(b.actions(0))
		n.press(p, "Signer", url.Values{"otp_token": {b.nextCode(alix)}, "courriel": {" Rolande@Exemple.test "}}).want(t, http.StatusOK, "Le mandat est enregistré")
		want := []string{"create_attestation", "create_autorisation", "update_email_usager", "notify_usager", "view_mandat"}
		if diff := cmp.Diff(want, b.actions(before)); diff != "" {
			t.Error(diff)
		}
		if k := b.count(`SELECT count(*) FROM mandat m JOIN usager_contact c ON c.usager_id = m.usager_id WHERE m.email = 'rolande@exemple.test' AND c.email = m.email`); k != 1 {
			t.Error("the address is not kept")
		}
	})
}

func TestAddressIsOptional(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		n.sign(n.recap("sans_email", "SHORT", "papiers"), b.nextCode(alix)).want(t, http.StatusOK, "Le mandat est enregistré")
	})
}

// The récapitulatif says what is missing before it burns a code; a code that
// served is said so; the same form then signs.
func TestRecapErrors(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.recap("ordinaire", "SHORT", "papiers")
		p = n.press(p, "Signer", nil).want(t, http.StatusUnprocessableEntity, "Vérifiez l'identité", "certifier que la personne", "Saisissez les 6 chiffres")
		used := b.nextCode(alix)
		p = n.press(p, "Signer", url.Values{"personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {used}}).want(t, http.StatusUnprocessableEntity, "Vérifiez l'identité")
		p = n.sign(p, "000000").want(t, http.StatusUnprocessableEntity, "Ce code n'est pas le bon")
		if !strings.Contains(p.text, "Récapitulatif") {
			t.Error("the form is lost")
		}
		b.clock.Advance(2 * time.Second)
		b.act(func(ctx context.Context, tx *db.Tx) error { // the code serves elsewhere
			_, err := b.h.Facteurs.Verify(ctx, tx, b.aidant(ctx, tx, alix), used)
			return err
		})
		p = n.sign(p, used).want(t, http.StatusUnprocessableEntity, "Ce code a déjà servi", "il apparaîtra dans")
		n.sign(p, b.nextCode(alix)).want(t, http.StatusOK, "Le mandat est enregistré")
		if k := b.count(`SELECT count(*) FROM mandat`); k != 1 {
			t.Errorf("%d mandats", k)
		}
	})
}

// Posted again, with the used code or a fresh one: « déjà signé », one mandat
// (mandats.md 21.1).
func TestRecapPostedAgain(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		p := n.recap("ordinaire", "SHORT", "papiers")
		code := b.nextCode(alix)
		n.sign(p, code).want(t, http.StatusOK)
		n.sign(p, code).want(t, http.StatusConflict, "Ce mandat est déjà signé", "Voir le mandat")
		n.sign(p, b.nextCode(alix)).want(t, http.StatusConflict, "Ce mandat est déjà signé")
		n.get(signature.CheminRecap+"?"+p.url.RawQuery).want(t, http.StatusConflict, "Ce mandat est déjà signé")
		if k := b.count(`SELECT count(*) FROM mandat`); k != 1 {
			t.Errorf("%d mandats", k)
		}
	})
}

// What changes between the form and the signature stops it, and writes nothing.
func TestChangesBeforeTheSignature(t *testing.T) {
	for name, c := range map[string]struct {
		change func(b *banc, ctx context.Context, tx *db.Tx) error
		status int
		says   string
	}{
		"périmètre narrowed": {func(b *banc, ctx context.Context, tx *db.Tx) error {
			return organisation.SetPerimetre(ctx, tx, b.journal, journal.Entry{Initiateur: journal.Admin, Organisation: b.orgs[0].ID}, []demarche.Demarche{"justice"})
		}, http.StatusConflict, "n’est plus proposée par votre structure"},
		"structure closed": {func(b *banc, ctx context.Context, tx *db.Tx) error {
			return organisation.SetActive(ctx, tx, b.orgs[0].ID, false)
		}, http.StatusForbidden, ""},
		"aidant closed": {func(b *banc, ctx context.Context, tx *db.Tx) error {
			_, err := aidant.Close(ctx, tx, b.aidant(ctx, tx, alix), "autre")
			return err
		}, http.StatusOK, "Se connecter"},
		"current structure changed": {func(b *banc, ctx context.Context, tx *db.Tx) error {
			id := b.aidant(ctx, tx, alix)
			if err := aidant.Join(ctx, tx, id, b.orgs[1].ID); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `UPDATE session_web SET organisation_id = $1 WHERE aidant_id = $2`, b.orgs[1].ID, id)
			return err
		}, http.StatusConflict, "structure"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, b *banc, n *navigateur) {
				p := n.recap("ordinaire", "SHORT", "papiers")
				code := b.nextCode(alix)
				b.act(func(ctx context.Context, tx *db.Tx) error { return c.change(b, ctx, tx) })
				n.sign(p, code).want(t, c.status, c.says)
				if k := b.count(`SELECT count(*) FROM mandat`); k != 0 {
					t.Errorf("%d mandats", k)
				}
			})
		})
	}
}

func (b *banc) aidant(ctx context.Context, tx *db.Tx, email string) ident.AidantID {
	a, err := aidant.LoadByEmail(ctx, tx, email)
	if err != nil {
		b.t.Error(err)
	}
	return a.ID
}
