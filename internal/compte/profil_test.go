package compte_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

const nouvelle = "nadia.nouvelle@valbrune.example.org"

// shows checks the page in front of the person.
func shows(t *testing.T, p *demo.Parcours, statut int, contient string) {
	t.Helper()
	if p.Statut != statut || !p.Contient(contient) {
		t.Errorf("%s shows %d %q, not %d %q", p.URL.Path, p.Statut, p.Titre(), statut, contient)
	}
}

// prouve gives the fresh code that a sensitive page asks, and goes on.
func prouve(t *testing.T, p *demo.Parcours) {
	t.Helper()
	if !strings.HasPrefix(p.URL.Path, "/activity_check/") {
		return
	}
	code, err := p.Code()
	ok(t, err)
	ok(t, p.Envoyer(demo.Avec("otp_token"), url.Values{"otp_token": {code}}))
}

func emailOf(t *testing.T, m *testkit.Monde, query string) (s string) {
	t.Helper()
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT email FROM aidant WHERE email LIKE $1`, query).Scan(&s)
	}))
	return s
}

func TestProfile(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		profil := m.Adresses.App + compte.CheminProfil
		ok(t, p.Ouvrir(profil))
		shows(t, p, http.StatusOK, "nadia.ferroukhi@valbrune.example.org")
		for _, want := range []string{"Maison France services de Valbrune", "Charte de l'aidant", "Application sur téléphone"} {
			if !p.Contient(want) {
				t.Errorf("the profile does not tell %q", want)
			}
		}
		ok(t, p.Ouvrir(profil+"/profession"))
		ok(t, p.Envoyer(demo.Avec("profession"), url.Values{"profession": {"  "}}))
		shows(t, p, http.StatusUnprocessableEntity, "Indiquez votre profession.")
		ok(t, p.Envoyer(demo.Avec("profession"), url.Values{"profession": {strings.Repeat("é", 151)}}))
		shows(t, p, http.StatusUnprocessableEntity, "150 caractères")
		ok(t, p.Envoyer(demo.Avec("profession"), url.Values{"profession": {"Conseillère  numérique"}}))
		shows(t, p, http.StatusOK, "Conseillère numérique")

		m.Horloge.Avancer(6 * time.Minute) // the code is no longer fresh, the session is
		ok(t, p.Ouvrir(profil+"/telephone"))
		shows(t, p, http.StatusOK, "Confirmez que c'est vous")
		prouve(t, p)
		ok(t, p.Envoyer(demo.Avec("telephone"), url.Values{"telephone": {"12 34"}}))
		shows(t, p, http.StatusUnprocessableEntity, "dix chiffres")
		ok(t, p.Envoyer(demo.Avec("telephone"), url.Values{"telephone": {"0612345678"}}))
		shows(t, p, http.StatusOK, "06 12 34 56 78")

		ok(t, p.Envoyer(demo.Vers(compte.CheminProfil+"/preferences"), url.Values{"recus": {"nouveautes"}}))
		shows(t, p, http.StatusOK, "Vos préférences sont enregistrées.")
		ok(t, p.Ouvrir(profil+"/donnees"))
		prouve(t, p)
		shows(t, p, http.StatusOK, "06 12 34 56 78")
		ok(t, p.Ouvrir(profil+"/donnees.json"))
		var d compte.Donnees
		ok(t, json.Unmarshal(p.Corps, &d))
		if d.Identite.Telephone != "+33612345678" || d.Compte.Relances || !d.Compte.Nouveautes || len(d.Acceptations) != 2 || len(d.Structures) != 1 || len(d.Moyens) != 1 {
			t.Errorf("%+v", d)
		}
		if strings.Contains(string(p.Corps), p.Compte.TOTP) {
			t.Error("the export holds the secret of a factor")
		}
	})
}

// Who refuses all that may be refused is still told of what touches their
// account, and of its closing (A-W61).
func TestSecurityIsNeverSilenced(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	mails := func() (n int) {
		ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT count(*) FROM message WHERE genre = 'E-45'`).Scan(&n)
		}))
		return n
	}
	ok(t, p.Ouvrir(m.Adresses.App+compte.CheminProfil))
	ok(t, p.Envoyer(demo.Vers(compte.CheminProfil+"/preferences"), url.Values{"recus": {"n'importe quoi"}}))
	before := mails()
	ok(t, p.Ouvrir(m.Adresses.App+compte.CheminProfil+"/telephone"))
	ok(t, p.Envoyer(demo.Avec("telephone"), url.Values{"telephone": {"0612345678"}}))
	if n := mails(); n != before+1 {
		t.Errorf("%d mails of a change of phone", n-before)
	}
	a := aidant.Aidant{Actif: true, Habilite: true, DateCreation: m.Horloge.Now().AddDate(0, -6, 0)}
	if !compte.ToWarn(a, m.Horloge.Now()) || compte.ToRemind(a, time.Time{}, m.Horloge.Now()) {
		t.Error("the closing is not announced, or the reminder is sent")
	}
}

// askEmail asks the change and gives the two links.
func askEmail(t *testing.T, m *testkit.Monde, p *demo.Parcours, to string) (confirmer, annuler string) {
	t.Helper()
	from := p.Compte.Courriel
	ok(t, p.Ouvrir(m.Adresses.App+compte.CheminProfil+"/courriel"))
	prouve(t, p)
	ok(t, p.Envoyer(demo.Avec("email"), url.Values{"email": {to}}))
	shows(t, p, http.StatusOK, "Un lien vient de partir")
	annuler, err := p.LienRecu(from, "/annuler-adresse/")
	ok(t, err)
	confirmer, err = p.LienRecu(to, "/changement-adresse/")
	ok(t, err)
	return confirmer, annuler
}

func TestChangeEmail(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		confirmer, annuler := askEmail(t, m, p, nouvelle)
		if emailOf(t, m, "nadia%") == nouvelle {
			t.Fatal("the address changed before it was proved")
		}
		other := m.Aidant(t, "hugo") // any browser: the new mailbox may be on a phone
		for range 3 {                // a mail scanner
			ok(t, other.Ouvrir(confirmer))
			shows(t, other, http.StatusOK, "Confirmer ma nouvelle adresse")
		}
		if emailOf(t, m, "nadia%") == nouvelle {
			t.Fatal("a GET changed the address")
		}
		ok(t, other.Envoyer(demo.Vers("/changement-adresse/"), nil))
		shows(t, other, http.StatusOK, "Votre adresse est changée")
		if got := emailOf(t, m, "nadia%"); got != nouvelle {
			t.Errorf("the address is %s", got)
		}
		ok(t, p.Ouvrir(m.Adresses.App+compte.CheminProfil))
		if p.URL.Path != "/accounts/login/" {
			t.Error("a session survived the change of address")
		}
		ok(t, other.Poster(confirmer, nil))
		shows(t, other, http.StatusGone, "Ce lien ne fonctionne plus")
		p.Compte.Courriel = nouvelle
		ok(t, p.SeConnecter())

		// Six days later, the owner of the former mailbox takes it back.
		m.Horloge.Avancer(6 * 24 * time.Hour)
		ok(t, other.Ouvrir(annuler))
		ok(t, other.Envoyer(demo.Vers("/annuler-adresse/"), nil))
		shows(t, other, http.StatusOK, "Votre adresse est rétablie")
		if got := emailOf(t, m, "nadia%"); got != "nadia.ferroukhi@valbrune.example.org" {
			t.Errorf("the address is %s", got)
		}
		ok(t, other.Poster(annuler, nil))
		shows(t, other, http.StatusGone, "Ce lien ne fonctionne plus")
	})
}

// Whoever took an account changes its address twice: the first mailbox still
// takes it back, and theirs cannot.
func TestCancelBeatsWhatFollowed(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		confirmer, annuler := askEmail(t, m, p, nouvelle)
		ok(t, p.Ouvrir(confirmer))
		ok(t, p.Envoyer(demo.Vers("/changement-adresse/"), nil))
		p.Compte.Courriel = nouvelle
		ok(t, p.SeConnecter())
		second, secondBack := askEmail(t, m, p, "nadia.encore@valbrune.example.org")
		ok(t, p.Ouvrir(second))
		ok(t, p.Envoyer(demo.Vers("/changement-adresse/"), nil))
		ok(t, p.Ouvrir(annuler))
		ok(t, p.Envoyer(demo.Vers("/annuler-adresse/"), nil))
		shows(t, p, http.StatusOK, "Votre adresse est rétablie")
		ok(t, p.Poster(secondBack, nil))
		shows(t, p, http.StatusGone, "Ce lien ne fonctionne plus")
		if got := emailOf(t, m, "nadia%"); got != "nadia.ferroukhi@valbrune.example.org" {
			t.Errorf("the address is %s", got)
		}
	})
}

func TestEmailLinksEnd(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	confirmer, annuler := askEmail(t, m, p, nouvelle)
	m.Horloge.Avancer(compte.VieConfirmation)
	ok(t, p.Ouvrir(confirmer))
	shows(t, p, http.StatusGone, "Ce lien ne fonctionne plus")
	m.Horloge.Avancer(compte.VieAnnulation - compte.VieConfirmation)
	ok(t, p.Poster(annuler, nil))
	shows(t, p, http.StatusGone, "Ce lien ne fonctionne plus")
	ok(t, m.Server.DB.Update(t.Context(), func(tx *db.Tx) error {
		n, err := compte.PurgeChanges(t.Context(), tx)
		if n != 1 {
			t.Errorf("%d changes forgotten", n)
		}
		return err
	}))
}

// Who asks an address that has an account is answered as for any other; the
// account is told, and keeps its address (A-W74).
func TestTakenAddress(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	ok(t, p.Ouvrir(m.Adresses.App+compte.CheminProfil+"/courriel"))
	ok(t, p.Envoyer(demo.Avec("email"), url.Values{"email": {"hugo.lestrade@valbrune.example.org"}}))
	shows(t, p, http.StatusOK, "Un lien vient de partir")
	var genres int
	ok(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM message WHERE genre = 'E-47'`).Scan(&genres)
	}))
	if genres != 2 {
		t.Errorf("%d mails, not one to each address", genres)
	}
	for _, wrong := range []string{"", "nadia", "contact@valbrune.example.org", p.Compte.Courriel} {
		ok(t, p.Ouvrir(m.Adresses.App+compte.CheminProfil+"/courriel"))
		ok(t, p.Envoyer(demo.Avec("email"), url.Values{"email": {wrong}}))
		if p.Statut != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", wrong, p.Statut)
		}
	}
}

// The address was free when asked; somebody has it when it is confirmed (A-W13).
func TestAddressTakenMeanwhile(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		nadia, hugo := m.Connecte(t, "nadia"), m.Connecte(t, "hugo")
		first, _ := askEmail(t, m, nadia, nouvelle)
		second, _ := askEmail(t, m, hugo, nouvelle)
		ok(t, hugo.Ouvrir(second))
		ok(t, hugo.Envoyer(demo.Vers("/changement-adresse/"), nil))
		shows(t, hugo, http.StatusOK, "Votre adresse est changée")
		ok(t, nadia.Poster(first, nil))
		shows(t, nadia, http.StatusGone, "Ce lien ne fonctionne plus")
	})
}

func TestEmailChangeIsAllOrNothing(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newBanc(t, d)
		h := &compte.Handlers{DB: d, Actes: m.Actes, Empreintes: m.Empreintes}
		testkit.FailEachStatement(t, d, func() error {
			return m.try(func(ctx context.Context, tx *db.Tx) error {
				return h.AskEmail(ctx, tx, m.rose.ID, "rose.b@essais.example.org")
			})
		})
		m.update(t, func(ctx context.Context, tx *db.Tx) error { return h.InsertChange(ctx, tx, m.alix, nouvelle) })
		m.openSession(t, m.alix, m.a)
		testkit.FailEachStatement(t, d, func() error {
			return m.try(func(ctx context.Context, tx *db.Tx) error { return h.ApplyEmail(ctx, tx, "oui") })
		})
		if len(m.sessions(t, m.alix)) != 0 {
			t.Error("a session is still open")
		}
		testkit.FailEachStatement(t, d, func() error {
			return m.try(func(ctx context.Context, tx *db.Tx) error { return h.CancelEmail(ctx, tx, "non") })
		})
	})
}
