package accueil_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The home is not asked a code (comptes 4.2), so an unattended screen must not
// name the person helped: the warning stays, the name waits for the code.
func TestHomeNamesNobodyWithoutTheCode(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	_, err := p.Conclure(demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers}, Duree: "MONTH"})
	ok(t, err)
	_, err = p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"})
	ok(t, err)
	ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/"))
	if !p.Contient("Connexion en cours au nom de VASSELIN") {
		t.Errorf("the open connection is not said: %q", p.Titre())
	}
	m.Horloge.Avancer(16 * time.Minute)
	ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/"))
	if p.Contient("VASSELIN") || !p.Contient("Connexion en cours au nom d'une personne") {
		t.Error("the person is named to whoever sits at the screen, or the warning is gone")
	}
}

// From the first sign-in to the first démarche: the home tells the next step,
// is hidden and shown again, and ends by itself (R1).
func TestFirstSteps(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Aidant(t, "nadia")
		ok(t, p.SeConnecterSansSigner())
		home := func(want ...string) {
			t.Helper()
			ok(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/"))
			for _, w := range want {
				if !p.Contient(w) {
					t.Errorf("the home does not tell %q", w)
				}
			}
		}
		home("Mes premiers pas", "1 étape faite sur 4", "Lire et signer la charte À faire maintenant")
		ok(t, p.AccepterTextes())
		home("2 étapes faites sur 4", "Conclure un premier mandat À faire maintenant")
		say := func(word string) {
			ok(t, p.Envoyer(demo.Vers("/espace-aidant/premiers-pas"), url.Values{"pas": {word}}))
		}
		say("masquer")
		if p.Contient("étapes faites") || !p.Contient("Reprendre mes premiers pas") {
			t.Error("the path is not hidden, or cannot be shown again")
		}
		say("montrer")
		say("n'importe quoi")
		home("2 étapes faites sur 4")
		_, err := p.Conclure(demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers}, Duree: "MONTH"})
		ok(t, err)
		home("3 étapes faites sur 4", "Faire une première démarche À faire maintenant")
		_, err = p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"})
		ok(t, err)
		home("Premiers pas terminés")
		if p.Contient("Mes premiers pas") {
			t.Error("the path is shown after its end")
		}
		say("masquer")
		if p.Contient("Premiers pas terminés") {
			t.Error("the greeting cannot be closed")
		}
	})
}

func TestFigures(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		_, err := p.Conclure(demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers}, Duree: "MONTH"})
		ok(t, err)
		_, err = p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"})
		ok(t, err)
		chiffres := m.Adresses.App + "/espace-aidant/profil/chiffres"
		ok(t, p.Ouvrir(chiffres))
		if p.Statut != http.StatusOK || !p.Contient("mars 2026 1 1 1") || !p.Contient("Total 1 1 1") {
			t.Errorf("%d %q", p.Statut, p.Titre())
		}
		ok(t, p.Ouvrir(chiffres+".csv?periode=annees"))
		if csv := string(p.Corps); !strings.Contains(csv, "2026;1;1;1\n") || strings.Contains(strings.ToLower(csv), "vasselin") {
			t.Error(csv)
		}
		hugo := m.Connecte(t, "hugo") // a colleague's are not mine
		ok(t, hugo.Ouvrir(chiffres+"?periode=inconnue"))
		if !hugo.Contient("Rien sur cette période") {
			t.Error("the figures of others are counted")
		}
	})
}
