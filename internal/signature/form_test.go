package signature

import (
	"net/url"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
)

// Whatever is posted, the forms answer with messages or with what the rules
// accept, never anything between.
func FuzzForms(f *testing.F) {
	for _, s := range []string{
		"", "demarche=papiers&duree=SHORT&capacite=on", "demarche=papiers&demarche=argent&demarche=papiers&duree=LONG", "demarche=%00&duree=%ff",
		"identite=on&personal_data=on&otp_token=123+456&courriel=a%40b.fr", "courriel=a%0d%0aBcc%3a+x%40y.fr&otp_token=１２３４５６",
	} {
		f.Add(s)
	}
	perimetre := []demarche.Demarche{demarche.Papiers, demarche.Argent}
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		d, wrong := readDemande(form, perimetre, []consentement.Moyen{consentement.Ecran, consentement.Papier})
		if len(wrong) == 0 {
			if len(d.demarches) == 0 || len(demarche.Intersect(d.demarches, perimetre)) != len(d.demarches) || d.duree.Choix() == "" {
				t.Errorf("%q is accepted as %+v", body, d)
			}
		}
		s, wrong := readSignature(form, recapView{Meme: true})
		if len(wrong) == 0 && (len(s.code) != 6 || !s.identite || !s.identiteBis || !s.donnees) {
			t.Errorf("%q is accepted as %+v", body, s)
		}
	})
}

// An address that FranceConnect or a mail server would refuse is said at once:
// later, the mandat could not be used and its notices would not leave.
func TestAddressThatCannotServe(t *testing.T) {
	for courriel, good := range map[string]bool{
		"": true, "nom@exemple.fr": true, "d'arc@exemple.fr": true,
		"nom@[192.0.2.1]": false, "nom@exem_ple.fr": false, "nom\u2028x@exemple.fr": false, "élise@exemple.fr": false, "nom@exemple": false,
	} {
		_, wrong := readSignature(url.Values{"identite": {"on"}, "personal_data": {"on"}, "otp_token": {"123456"}, "courriel": {courriel}}, recapView{})
		if got := wrong["courriel"] == ""; got != good {
			t.Errorf("%q: accepted %v", courriel, got)
		}
	}
}

func TestDelais(t *testing.T) {
	if d := (Delais{}).WithDefaults(); d != (Delais{time.Hour, 10 * time.Minute, time.Hour, 30 * time.Minute}) {
		t.Errorf("%+v", d)
	}
	// FS-03: FranceConnect's own limit; mandats.md 18: at least 15 min to sign.
	if d := (Delais{Franceconnect: time.Hour, Pret: time.Second, Jeton: time.Hour}).WithDefaults(); d.Franceconnect != 30*time.Minute || d.Pret != 15*time.Minute || d.Jeton != 30*time.Minute {
		t.Errorf("%+v", d)
	}
}

// Every stage against the guard, at, before and after its deadline.
func TestGuard(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	a := actor.Actor{Aidant: ident.New[ident.AidantID](), Session: ident.New[ident.SessionID](), Organisation: ident.New[ident.OrganisationID]()}
	mine := Dossier{ID: ident.NewRandom[ident.DossierID](), Aidant: a.Aidant, Session: a.Session, Organisation: a.Organisation}
	for _, c := range []struct {
		statut Statut
		left   time.Duration
		reason string
	}{
		{Ouvert, time.Millisecond, ""},
		{Ouvert, 0, raisonFini},
		{AttenteConsentement, time.Second, ""},
		{AttenteConsentement, -1, raisonFini},
		{ChezFranceconnect, time.Second, ""},
		{ChezFranceconnect, -time.Second, ""},
		{Pret, time.Second, ""},
		{Pret, 0, raisonFini},
		{Signe, time.Second, raisonSigne},
		{Signe, -time.Second, raisonSigne},
		{Refuse, time.Second, raisonFini},
		{Abandonne, time.Second, raisonFini},
		{Expire, time.Second, raisonFini},
	} {
		d := mine
		d.Statut, d.DateLimite = c.statut, now.Add(c.left)
		if got := fault.ReasonOf(d.check(a, now)); got != c.reason {
			t.Errorf("%s with %v left: %q, want %q", c.statut, c.left, got, c.reason)
		}
		d.Organisation = ident.New[ident.OrganisationID]()
		if c.statut != Signe && fault.ReasonOf(d.check(a, now)) != raisonAutreStructure {
			t.Errorf("%s of another structure: %v", c.statut, d.check(a, now))
		}
		for _, foreign := range []Dossier{{}, {ID: d.ID, Aidant: ident.New[ident.AidantID](), Session: d.Session}, {ID: d.ID, Aidant: d.Aidant, Session: ident.New[ident.SessionID]()}} {
			foreign.Organisation, foreign.Statut, foreign.DateLimite = a.Organisation, c.statut, d.DateLimite
			if fault.ReasonOf(foreign.check(a, now)) != raisonPerdu {
				t.Errorf("%s, foreign: %v", c.statut, foreign.check(a, now))
			}
		}
	}
}

// What the dossier keeps of an error of the leg is shown again word for word.
func TestAvisSurvivesTheDossier(t *testing.T) {
	for _, e := range []*franceconnect.Erreur{
		nil,
		{Cle: franceconnect.CleAbandon},
		{Cle: franceconnect.ClePanne, Code: "Y000000", ID: "abc"},
		{Cle: franceconnect.CleIncomplete, Champs: []string{"prénom", "nom de naissance"}},
		{Cle: franceconnect.CleVerification, ID: "REF"},
	} {
		got := UnpackAvis(PackAvis(e))
		if (e == nil) != (got == nil) || e != nil && got.Avis() != e.Avis() {
			t.Errorf("%+v becomes %+v", e, got)
		}
	}
}
