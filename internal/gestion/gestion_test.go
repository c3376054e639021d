package gestion_test

import (
	"net/http"
	"strings"
	"testing"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/gestion"
	"aidantsconnect/internal/ident"
)

// Every act wants a reason of its closed list, and words for « autre » (A-W79).
func TestReasons(t *testing.T) {
	full := gestion.Demande{
		Adresse: "camille.exemple@example.org", NumeroSerie: "GADT0001234", Codes: [2]string{"123456"},
		Motif: "autre", Precision: " Trois mots suffisent ", Organisation: ident.New[ident.OrganisationID](), Facteur: ident.New[ident.FacteurID](), Role: actor.AdminMetier,
	}
	for _, x := range []gestion.Acte{
		gestion.Desactivation, gestion.Reactivation, gestion.Rattachement, gestion.FinRattachement, gestion.Designation, gestion.FinReferent, gestion.Habilitation,
		gestion.FinHabilitation, gestion.Invitation, gestion.RetraitFacteur, gestion.Fermeture, gestion.DonRole, gestion.RetraitRole, gestion.Relance, gestion.Courriel, gestion.Carte, gestion.ValidationCarte,
	} {
		d := full
		d.Acte = x
		if got, err := d.Check(); err != nil || got.Precision != "Trois mots suffisent" {
			t.Errorf("%s: %+v, %v", x, got, err)
		}
		for name, c := range map[string]struct {
			spoil func(*gestion.Demande)
			field string
		}{
			"no reason":        {func(d *gestion.Demande) { d.Motif = "" }, "motif"},
			"a reason made up": {func(d *gestion.Demande) { d.Motif = "parce que" }, "motif"},
			"other, unsaid":    {func(d *gestion.Demande) { d.Precision = " " }, "precision"},
			"other, a novel":   {func(d *gestion.Demande) { d.Precision = strings.Repeat("é", 501) }, "precision"},
		} {
			bad := d
			c.spoil(&bad)
			if _, err := bad.Check(); fault.FieldsOf(err)[c.field] == "" {
				t.Errorf("%s, %s: %v", x, name, err)
			}
		}
		if x.Raisons()[len(x.Raisons())-1].Cle != "autre" {
			t.Errorf("%s: the last reason is not « autre »", x)
		}
	}
	d := full
	d.Acte, d.Motif = gestion.Habilitation, "erreur"
	if got, err := d.Check(); err != nil || got.Precision != "" {
		t.Errorf("words kept for a reason of the list: %+v, %v", got, err)
	}
	for x, field := range map[gestion.Acte]string{gestion.Rattachement: "organisation", gestion.RetraitFacteur: "facteur", gestion.DonRole: "role"} {
		if _, err := (gestion.Demande{Acte: x, Motif: x.Raisons()[0].Cle}).Check(); fault.FieldsOf(err)[field] == "" {
			t.Errorf("%s without %s: %v", x, field, err)
		}
	}
	if _, err := (gestion.Demande{Acte: "tout", Motif: "demande"}).Check(); !fault.Is(err, fault.NotFound) {
		t.Errorf("an unknown act: %v", err)
	}
	if _, err := (gestion.Demande{Acte: gestion.DonRole, Motif: "demande", Role: actor.AdminOF}).Check(); fault.FieldsOf(err)["role"] == "" {
		t.Errorf("a role that the back-office does not give: %v", err)
	}
}

// The gravest acts, and they alone, want two persons.
func TestGrave(t *testing.T) {
	lone := gestion.Etat{DernierFacteur: true, ReferentIsole: true}
	for _, c := range []struct {
		acte gestion.Acte
		e    gestion.Etat
		want bool
	}{
		{gestion.DonRole, gestion.Etat{}, true},
		{gestion.RetraitRole, gestion.Etat{}, false},
		{gestion.Reactivation, gestion.Etat{FermePour: compte.Securite}, true},
		{gestion.Reactivation, gestion.Etat{FermePour: compte.Depart}, false},
		{gestion.RetraitFacteur, lone, true},
		{gestion.RetraitFacteur, gestion.Etat{DernierFacteur: true}, false},
		{gestion.RetraitFacteur, gestion.Etat{ReferentIsole: true}, false},
		{gestion.Desactivation, lone, false},
	} {
		if got := (gestion.Demande{Acte: c.acte}).Grave(c.e); got != c.want {
			t.Errorf("%s %+v: %v", c.acte, c.e, got)
		}
	}
}

// The back-office does not exist for who is not of the team, came without a
// key, or is of a training body (A-W5).
func TestWhoEnters(t *testing.T) {
	each(t, func(m *monde) {
		weak := m.acteurs["alma"]
		weak.CleForte = false
		m.acteurs["weak"] = weak
		for _, path := range []string{gestion.Chemin, gestion.CheminComptes, gestion.CheminListe, gestion.CheminAccords, gestion.CheminMessages, m.path("alix")} {
			for _, qui := range []string{"alix", "ofra", "weak"} {
				m.page(qui, path, http.StatusNotFound)
			}
			m.page("mona", path, http.StatusOK)
			m.page("alma", path, http.StatusOK)
		}
		m.act("ofra", "alix", gestion.Fermeture, http.StatusNotFound)
		m.act("weak", "alix", gestion.Fermeture, http.StatusNotFound)
		if n := m.count(`SELECT count(*) FROM acte_gestion`); n != 0 {
			t.Errorf("%d acts by who may not", n)
		}
	})
}
