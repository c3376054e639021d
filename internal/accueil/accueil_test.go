package accueil_test

import (
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
