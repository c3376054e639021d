package renouvellement

import (
	"testing"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

const jour = 24 * time.Hour

var (
	now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	org = ident.New[ident.OrganisationID]()
)

// ancien is a mandat of papiers and argent that ends in so many days, with the
// reasons that ended its autorisations.
func ancien(days int, fins ...mandat.Motif) mandat.Mandat {
	end := now.Add(time.Duration(days) * jour)
	m := mandat.Mandat{ID: ident.New[ident.MandatID](), Organisation: org, Usager: ident.New[ident.UsagerID](), Duree: mandat.Semestre, Jours: 182, DateExpiration: end}
	for i, d := range []demarche.Demarche{demarche.Argent, demarche.Papiers} {
		a := mandat.Autorisation{Demarche: d, DateExpiration: end}
		if i < len(fins) && fins[i] != "" {
			a.FinMotif, a.Fin = fins[i], now.Add(-jour)
			if fins[i] == mandat.Expire {
				a.Fin = end
			}
		}
		m.Autorisations = append(m.Autorisations, a)
	}
	return m
}

// Every duration and every set of démarches against every former mandat:
// as much or less is simple, anything more is a widening.
func TestWidens(t *testing.T) {
	for _, c := range []struct {
		m     mandat.Mandat
		kept  []demarche.Demarche
		quoi  string
		jours int
	}{
		{ancien(10), []demarche.Demarche{demarche.Argent, demarche.Papiers}, "live", 182},
		{ancien(-5, mandat.Expire, mandat.Expire), []demarche.Demarche{demarche.Argent, demarche.Papiers}, "expired", 182},
		{ancien(10, mandat.RevoqueUsager), []demarche.Demarche{demarche.Papiers}, "argent withdrawn", 182},
		{ancien(-5, mandat.Remplace, mandat.Expire), []demarche.Demarche{demarche.Papiers}, "argent replaced, then expired", 182},
	} {
		all := demarche.Keys()
		for set := 1; set < 1<<len(all); set++ {
			var ds []demarche.Demarche
			for i, k := range all {
				if set>>i&1 == 1 {
					ds = append(ds, k)
				}
			}
			inside := len(demarche.Intersect(ds, c.kept)) == len(ds)
			for _, d := range mandat.Durees() {
				if got, want := Widens(c.m, Demande{ds, d}), !inside || d.Jours() > c.jours; got != want {
					t.Errorf("%s, %v for %s: widens %v", c.quoi, ds, d, got)
				}
			}
		}
	}
}

func TestNeeds(t *testing.T) {
	m := ancien(10)
	same := Demande{demarche.Sorted([]demarche.Demarche{demarche.Papiers}), mandat.Mois}
	for rang := range 4 {
		for limite := range 4 {
			want := Aucune
			if rang >= limite {
				want = Enchain
			}
			h := Historique{Rang: rang}
			if got := h.Needs(m, same, limite); got != want {
				t.Errorf("rank %d, limit %d: %q", rang, limite, got)
			}
			if got := h.Needs(m, Demande{same.Demarches, mandat.Annee}, limite); got != Elargi {
				t.Errorf("longer: %q", got)
			}
			if h.Left(limite) != max(0, limite-rang) {
				t.Errorf("left: %d", h.Left(limite))
			}
		}
	}
}

// §21.2, 8: revoked then expired, exactly 365 days, another structure's only,
// one renewable among several, renewed already.
func TestChoose(t *testing.T) {
	active, longer, expired, old := ancien(10), ancien(60), ancien(-5, mandat.Expire, mandat.Expire), ancien(-365, mandat.Expire, mandat.Expire)
	older, revoked := ancien(-366, mandat.Expire, mandat.Expire), ancien(-5, mandat.RevoqueUsager, mandat.Renonciation)
	foreign := ancien(10)
	foreign.Organisation = ident.New[ident.OrganisationID]()
	for _, c := range []struct {
		quoi    string
		ms      []mandat.Mandat
		asked   ident.MandatID
		renewed ident.MandatID
		want    ident.MandatID
	}{
		{"one active", []mandat.Mandat{active}, ident.MandatID{}, ident.MandatID{}, active.ID},
		{"the active that ends last", []mandat.Mandat{active, longer, expired}, ident.MandatID{}, ident.MandatID{}, longer.ID},
		{"an active before any expired", []mandat.Mandat{expired, active}, ident.MandatID{}, ident.MandatID{}, active.ID},
		{"the one asked for", []mandat.Mandat{active, longer}, active.ID, ident.MandatID{}, active.ID},
		{"asked for, renewed already", []mandat.Mandat{active, longer}, active.ID, active.ID, ident.MandatID{}},
		{"renewed already", []mandat.Mandat{expired}, ident.MandatID{}, expired.ID, ident.MandatID{}},
		{"expired exactly 365 days ago", []mandat.Mandat{old}, ident.MandatID{}, ident.MandatID{}, old.ID},
		{"expired 366 days ago", []mandat.Mandat{older}, ident.MandatID{}, ident.MandatID{}, ident.MandatID{}},
		{"revoked, then expired", []mandat.Mandat{revoked}, ident.MandatID{}, ident.MandatID{}, ident.MandatID{}},
		{"one among several", []mandat.Mandat{revoked, older, expired}, ident.MandatID{}, ident.MandatID{}, expired.ID},
		{"another structure's only", []mandat.Mandat{foreign}, ident.MandatID{}, ident.MandatID{}, ident.MandatID{}},
		{"nothing", nil, ident.MandatID{}, ident.MandatID{}, ident.MandatID{}},
	} {
		h := Historique{Renouveles: map[ident.MandatID]bool{c.renewed: true}}
		got, err := h.Choose(c.ms, org, c.asked, now)
		if got.ID != c.want || (err == nil) != !c.want.IsZero() {
			t.Errorf("%s: %v %v", c.quoi, got.ID, err)
		}
	}
}

func TestCheck(t *testing.T) {
	m := ancien(10)
	h := Historique{Renouveles: map[ident.MandatID]bool{}}
	act := Acte{Predecesseur: m.ID, Organisation: org, Usager: m.Usager, Demande: Demande{[]demarche.Demarche{demarche.Papiers}, mandat.Mois}, Limite: 1}
	with := func(edit func(*Acte)) Acte { a := act; edit(&a); return a }
	for _, c := range []struct {
		quoi string
		a    Acte
		h    Historique
		want string
	}{
		{"simple", act, h, ""},
		{"another person", with(func(a *Acte) { a.Usager = ident.New[ident.UsagerID]() }), h, RaisonAutrePersonne},
		{"another structure", with(func(a *Acte) { a.Organisation = ident.New[ident.OrganisationID]() }), h, RaisonNonRenouvelable},
		{"renewed meanwhile", act, Historique{Renouveles: map[ident.MandatID]bool{m.ID: true}}, RaisonNonRenouvelable},
		{"too many in a row", act, Historique{Rang: 1}, RaisonFranceconnect},
		{"too many in a row, connected", with(func(a *Acte) { a.Franceconnect = true }), Historique{Rang: 7}, ""},
		{"wider", with(func(a *Acte) { a.Demande.Duree = mandat.Annee }), h, RaisonFranceconnect},
		{"wider, connected", with(func(a *Acte) { a.Demande.Duree, a.Franceconnect = mandat.Annee, true }), h, ""},
	} {
		if got := fault.ReasonOf(c.a.Check(m, c.h, now)); got != c.want {
			t.Errorf("%s: %q, want %q", c.quoi, got, c.want)
		}
	}
}
