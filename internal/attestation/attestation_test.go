package attestation

import (
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/usager"
)

var instant = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// ended makes a mandat that ends an hour after the instant, whose
// autorisations ended an hour before it for these reasons ("" open).
func ended(motifs ...mandat.Motif) mandat.Mandat {
	m := mandat.Mandat{DateCreation: instant.Add(-24 * time.Hour), DateExpiration: instant.Add(time.Hour)}
	for i, motif := range motifs {
		a := mandat.Autorisation{Demarche: demarche.Keys()[i], DateExpiration: m.DateExpiration, FinMotif: motif}
		if motif != "" {
			a.Fin = instant.Add(-time.Hour)
		}
		m.Autorisations = append(m.Autorisations, a)
	}
	return m
}

func TestEtatOf(t *testing.T) {
	for _, c := range []struct {
		motifs  []mandat.Motif
		complet bool
		now     time.Time
		want    Etat
	}{
		{[]mandat.Motif{"", ""}, true, instant, Actif},
		{[]mandat.Motif{"", mandat.RevoqueUsager}, true, instant, Actif},
		{[]mandat.Motif{"", ""}, false, instant, ACompleter},
		{[]mandat.Motif{""}, true, instant.Add(time.Hour), Actif}, // the exact instant is inside
		{[]mandat.Motif{""}, true, instant.Add(time.Hour + time.Millisecond), Expire},
		{[]mandat.Motif{""}, false, instant.Add(2 * time.Hour), Expire},
		{[]mandat.Motif{mandat.Expire, mandat.RevoqueUsager}, true, instant.Add(2 * time.Hour), Expire},
		{[]mandat.Motif{mandat.RevoqueUsager, mandat.Remplace}, true, instant, Revoque},
		{[]mandat.Motif{mandat.RevoqueOrganisation}, false, instant, Revoque},
		{[]mandat.Motif{mandat.RevoqueUsager}, true, instant.Add(900 * time.Hour), Revoque},
		{[]mandat.Motif{mandat.Remplace, mandat.Remplace}, true, instant, Remplace},
		{[]mandat.Motif{mandat.Transfere, mandat.Transfere}, true, instant, Transfere},
		{[]mandat.Motif{mandat.Transfere, mandat.Remplace}, true, instant, Continue},
		{[]mandat.Motif{mandat.RevoqueUsager, mandat.Transfere}, true, instant, Continue},
		{[]mandat.Motif{mandat.RevoqueUsager, mandat.Transfere}, true, instant.Add(900 * time.Hour), Continue},
		{[]mandat.Motif{mandat.Renonciation}, true, instant, Termine},
		{[]mandat.Motif{mandat.Deces, mandat.Deces}, true, instant, Termine},
		{[]mandat.Motif{mandat.Protection}, true, instant, Termine},
		{[]mandat.Motif{mandat.Fermeture}, true, instant, Termine},
		{[]mandat.Motif{mandat.DemarchesAccomplies}, true, instant, Termine},
	} {
		if got := EtatOf(ended(c.motifs...), c.complet, c.now); got != c.want {
			t.Errorf("%q, %v at %v: %s, want %s", c.motifs, c.complet, c.now, got, c.want)
		}
	}
}

// Each state has its own words, and none says why somebody's mandat ended when
// that is nobody's business.
func TestPhrases(t *testing.T) {
	seen := map[string]Etat{}
	for _, e := range Etats() {
		if e.Titre() == "" || e.Explication() == "" {
			t.Errorf("%s says nothing", e)
		}
		if other, twice := seen[e.Titre()]; twice {
			t.Errorf("%s and %s have the same title", e, other)
		}
		seen[e.Titre()] = e
		for _, word := range []string{"décès", "décéd", "protection", "tutelle", "renonc"} {
			if strings.Contains(e.Titre()+e.Explication(), word) {
				t.Errorf("%s says %q", e, word)
			}
		}
	}
	for _, motif := range mandat.Motifs() {
		if s := demarcheEtat(ended(motif).Autorisations[0], Revoque, instant); motif != mandat.Expire && s != map[bool]string{false: "Terminée le 21/11/2026 à 09h00", true: "Transférée le 21/11/2026 à 09h00"}[motif == mandat.Transfere] {
			t.Errorf("%s: %s", motif, s)
		}
	}
}

// What the page is made from holds nothing of the person, of the aidant, nor
// of the reason of an end.
func TestViewHoldsNobody(t *testing.T) {
	m := ended(mandat.Deces)
	m.Identite = usager.Identite{FamilyName: "VASSELIN", GivenName: "Odile", PreferredUsername: "ROUVERAY", Birthdate: "1951-11-04", Email: "odile@exemple.test", Birthplace: "80021"}
	m.Structure, m.CodePublic = mandat.Structure{Nom: "Maison Bleue"}, "7K2M09QX3F4T"
	var b strings.Builder
	if err := etatPage(h0.Site, makeView(m, true, instant)).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"VASSELIN", "Odile", "ROUVERAY", "1951", "odile@", "80021", "décès"} {
		if strings.Contains(b.String(), word) {
			t.Errorf("the page says %q", word)
		}
	}
	for _, word := range []string{"Maison Bleue", "7K2M-09QX-3F4T", "Il a été mis fin à ce mandat"} {
		if !strings.Contains(b.String(), word) {
			t.Errorf("the page does not say %q", word)
		}
	}
}

var h0 = Handlers{}

func TestMatches(t *testing.T) {
	i := usager.Identite{FamilyName: "D'HAËNENS-L’HÉNAFFIC", GivenName: "Gwenaëlle Marie", PreferredUsername: "LE GOFF"}
	for _, c := range []struct {
		nom, prenom string
		want        bool
	}{
		{"D'HAËNENS-L’HÉNAFFIC", "Gwenaëlle", true},
		{"d haenens l henaffic", "gwenaelle", true},
		{"le goff", "GWENAELLE MARIE", true},
		{"D'HAËNENS", "Gwenaëlle", false},
		{"LE GOFF", "Marie", false},
		{"LE GOFF", "", false},
		{"", "Gwenaëlle", false},
		{"", "", false},
		{"-", "-", false},
	} {
		if got := (nomDemande{c.nom, c.prenom}).Matches(i); got != c.want {
			t.Errorf("%q %q: %v", c.nom, c.prenom, got)
		}
	}
	// Nobody has an empty nom d'usage to be found by.
	if (nomDemande{"-", "Odile"}).Matches(usager.Identite{FamilyName: "VASSELIN", GivenName: "Odile"}) {
		t.Error("an empty nom d'usage was matched")
	}
}
