package conservation_test

import (
	"strings"
	"testing"

	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

// What proved an agreement by SMS or by letter goes with its mandat, the
// number and the texts too; the files that were handed over, sealed by the
// operator, are verified still, and so is the journal.
func TestRetentionOfAgreementsAtADistance(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	a := testkit.NewAutorite(t, testkit.Start)
	m.Server.Mandats.Greffe.Certificat = a.Read(testkit.NewCleEC(t))
	const numero = "+33612345678"
	p := m.Connecte(t, "nadia")
	projet := demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers}, Duree: "MONTH"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(p.DemanderParSMS(projet, numero))
	must(p.PoserLaQuestion())
	must(m.Repondre(t.Context(), numero, "OUI"))
	person := p.Ailleurs()
	must(person.LireMandat(numero, "ordinaire"))
	must(person.Accepter())
	must(p.SignerAccord())
	files := map[string][]byte{"SMS": kept(t, m, p)}
	must(p.ParLettre("VASSELIN", projet))
	files["lettre"] = kept(t, m, p)
	must(p.Ouvrir(m.Adresses.App + attestation.CheminCles))
	keys := p.Corps
	if _, err := m.Server.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}

	m.Horloge.Fixer(m.Horloge.Now().AddDate(7, 0, 0))
	for count(t, m, `SELECT count(*) FROM mandat`) > 0 {
		if run(t, m) == 0 {
			t.Fatal("the retention leaves a mandat")
		}
	}
	for _, table := range []string{"accord", "accord_piece", "demande_accord", "dialogue_sms", "texto", "usager"} {
		if k := count(t, m, `SELECT count(*) FROM `+table); k != 0 {
			t.Errorf("%d rows left in %s", k, table)
		}
	}
	for _, word := range []string{"VASSELIN", "612345678"} {
		if left := sonNom(t, m, word); len(left) > 0 {
			t.Errorf("%q is still in %v", word, left)
		}
	}
	for name, b := range files {
		v, err := attestation.VerifyFile(b, keys, a.Pool())
		if err != nil || v.Sceau == nil || !v.Sceau.Reconnu || v.Mandat.Mandant.FamilyName != "VASSELIN" || len(v.Mandat.Preuve.Accord) != 64 {
			t.Errorf("%s: %v %+v", name, err, v.Mandat)
		}
	}
	if _, err := m.Server.Journal.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// kept is the sealed PDF of the mandat that is shown, as the person got it.
func kept(t *testing.T, m *testkit.Monde, p *demo.Parcours) []byte {
	t.Helper()
	id := p.URL.Path[strings.LastIndexByte(p.URL.Path, '/')+1:]
	if err := p.Ouvrir(m.Adresses.App + "/espace-aidant/mandats/" + id + "/attestation.pdf"); err != nil || p.Statut != 200 {
		t.Fatal(err, p.Statut)
	}
	return append([]byte{}, p.Corps...)
}
