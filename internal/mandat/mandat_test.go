package mandat

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/usager"
)

func paris(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation("2006-01-02 15:04", s, Paris)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func projet(ds ...demarche.Demarche) Projet {
	return Projet{
		Organisation: ident.New[ident.OrganisationID](), Aidant: ident.New[ident.AidantID](), Usager: ident.New[ident.UsagerID](),
		IdentiteID: ident.New[ident.IdentiteID](), Active: true, Perimetre: demarche.Keys(), Demarches: ds, Duree: Mois,
		Identite:  usager.Identite{GivenName: "Odile Simone", FamilyName: "VASSELIN", Birthdate: "1951-11-04", Birthplace: "80021", Birthcountry: "99100", Gender: "female"},
		Structure: Structure{Nom: "Maison <Bleue>", Siret: "12345678901237", Adresse: "1 rue Haute", CodePostal: "80000", Ville: "Amiens"},
		Issuer:    "http://fc.localhost/api/v2", Texte: TexteCourant().Empreinte,
		Choix:   consentement.Choix{Moyen: consentement.Papier, Presence: consentement.Present},
		Preuves: []consentement.Piece{{ID: ident.New[ident.PieceID](), Genre: consentement.Certification, Rang: 1, Type: "text/plain", Taille: 1, Scelle: []byte{1}, Empreinte: []byte{1}}},
	}
}

func TestDurees(t *testing.T) {
	type row struct {
		Jours   int
		Libelle string
		Choix   string
	}
	want := map[Duree]row{
		Jour:        {1, "pour une durée de 1 jour", "Mandat court — expire demain"},
		Mois:        {31, "pour une durée d'un mois (31 jours)", "Mandat d'un mois — 31 jours"},
		Annee:       {365, "pour une durée de 1 an", "Mandat long — 12 mois"},
		Semestre:    {182, "pour une durée de six mois (182 jours)", "Mandat de 6 mois — 182 jours"},
		Urgence2020: {0, "jusqu'à la fin de l'état d'urgence sanitaire", ""},
	}
	for d, w := range want {
		if diff := cmp.Diff(w, row{d.Jours(), d.Libelle(), d.Choix()}); diff != "" {
			t.Errorf("%s: %s", d, diff)
		}
	}
	if diff := cmp.Diff([]Duree{"SHORT", "MONTH", "LONG", "SEMESTER"}, Durees()); diff != "" {
		t.Error("form order:", diff)
	}
	for s, msg := range map[string]string{
		"": "Veuillez sélectionner la durée du mandat.", "EUS_03_20": "Sélectionnez un choix valide. EUS_03_20 n'en fait pas partie.",
		"YEAR": "Sélectionnez un choix valide. YEAR n'en fait pas partie.",
	} {
		if _, err := ParseDuree(s); fault.FieldsOf(err)["duree"] != msg {
			t.Errorf("ParseDuree(%q) = %v", s, fault.FieldsOf(err))
		}
	}
}

// A change of hour shifts the wall clock; the day of 24 h does not move.
func TestExpirationIsHoursNotDays(t *testing.T) {
	for _, c := range []struct {
		now  string
		d    Duree
		want string
	}{
		{"2026-11-21 10:00", Jour, "22/11/2026 à 10h00"},
		{"2026-03-28 10:00", Jour, "29/03/2026 à 11h00"}, // summer time begins on the 29th
		{"2026-10-24 10:00", Jour, "25/10/2026 à 09h00"}, // and ends on the 25th
		{"2026-03-28 10:00", Mois, "28/04/2026 à 11h00"},
		{"2026-01-01 00:30", Annee, "01/01/2027 à 00h30"},
		{"2028-01-01 00:30", Annee, "31/12/2028 à 00h30"}, // leap year: 365 days all the same
	} {
		if got := DateHeure(c.d.Expiration(paris(t, c.now))); got != c.want {
			t.Errorf("%s + %s = %s, want %s", c.now, c.d, got, c.want)
		}
	}
	if got := Date(time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC)); got != "01/07/2026" {
		t.Errorf("signed at 23:30 UTC is printed %s", got)
	}
}

func TestConcludeEveryDureeAndDemarche(t *testing.T) {
	now := paris(t, "2026-11-21 10:00")
	for _, d := range Durees() {
		for _, k := range demarche.Keys() {
			p := projet(k)
			p.Duree = d
			m, err := Conclude(p, now)
			if err != nil {
				t.Fatalf("%s %s: %v", d, k, err)
			}
			if m.Jours != d.Jours() || m.DateExpiration.Sub(m.DateCreation) != time.Duration(d.Jours())*24*time.Hour {
				t.Errorf("%s: %d days, %v", d, m.Jours, m.DateExpiration.Sub(m.DateCreation))
			}
			for _, other := range demarche.Keys() {
				if m.Covers(other, now) != (other == k) {
					t.Errorf("a mandat for %s covers %s: %v", k, other, m.Covers(other, now))
				}
			}
			if m.Covers(k, m.DateExpiration.Add(time.Millisecond)) || !m.Covers(k, m.DateExpiration) {
				t.Errorf("%s: still active at the exact end, no longer", d)
			}
		}
	}
}

func TestConcludeSortsAndDeduplicates(t *testing.T) {
	m, err := Conclude(projet("papiers", "logement", "papiers"), paris(t, "2026-11-21 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	if got := demarche.CSV(m.Demarches()); got != "logement,papiers" {
		t.Errorf("stored order: %s", got)
	}
	if len(m.Autorisations) != 2 || m.Autorisations[0].Mandat != m.ID {
		t.Errorf("autorisations: %+v", m.Autorisations)
	}
}

func TestConcludeRefuses(t *testing.T) {
	now := paris(t, "2026-11-21 10:00")
	for reason, change := range map[string]func(*Projet){
		"organisation_inactive": func(p *Projet) { p.Active = false },
		"hors_perimetre":        func(p *Projet) { p.Perimetre = []demarche.Demarche{"argent"} },
		"fc.mineur":             func(p *Projet) { p.Identite.Birthdate = "2008-11-22" },
	} {
		p := projet("logement", "argent")
		change(&p)
		if _, err := Conclude(p, now); fault.ReasonOf(err) != reason {
			t.Errorf("want %s, got %v", reason, err)
		}
	}
	for field, change := range map[string]func(*Projet){
		"demarche": func(p *Projet) { p.Demarches = nil },
		"duree":    func(p *Projet) { p.Duree = Urgence2020 },
	} {
		p := projet("logement")
		change(&p)
		if _, err := Conclude(p, now); fault.FieldsOf(err)[field] == "" {
			t.Errorf("want a message on %s, got %v", field, err)
		}
	}
}

// Eighteen on the very day, in Paris; a presumed date is read as its latest.
func TestConcludeAtEighteen(t *testing.T) {
	for birth, ok := range map[string]bool{
		"2008-11-21": true, "2008-11-22": false, "2008-11-00": false, "2008-10-00": true, "2008-00-00": false, "2007-00-00": true,
	} {
		p := projet("logement")
		p.Identite.Birthdate = birth
		if _, err := Conclude(p, paris(t, "2026-11-21 00:30")); (err == nil) != ok {
			t.Errorf("born %s: %v", birth, err)
		}
	}
}
