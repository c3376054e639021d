package fournisseur

import (
	"slices"
	"testing"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/oidc"

	"github.com/google/go-cmp/cmp"
)

func good(d demarche.Demarche) Droits {
	return Droits{
		Demarche: d, Vivante: true, Accordee: true, Permise: true, StructureActive: true, CompteActif: true, Habilite: true, Membre: true,
		Identite: oidc.Identity{
			Sub: "5f1c", GivenName: "Odile", FamilyName: "VASSELIN", Gender: "female", Birthdate: "1951-11-04",
			Birthplace: "80021", Birthcountry: oidc.France, Email: "ordinaire@example.org",
		},
	}
}

// Every check refuses alone, whatever the others, and has a sentence.
func TestRefus(t *testing.T) {
	limit := func(ds ...demarche.Demarche) oidc.RepScope { return oidc.RepScope{Limite: true, Demarches: ds} }
	tests := map[string]struct {
		spoil func(*Droits)
		rep   oidc.RepScope
		want  Motif
	}{
		"nothing against it": {func(*Droits) {}, oidc.RepScope{}, SansMotif},
		"asked":              {func(*Droits) {}, limit(demarche.Famille, demarche.Papiers), SansMotif},
		"not asked":          {func(*Droits) {}, limit(demarche.Famille), HorsDemande},
		"unknown asked":      {func(*Droits) {}, limit(), HorsDemande},
		"ended":              {func(d *Droits) { d.Vivante = false }, oidc.RepScope{}, AutorisationTerminee},
		"not agreed to":      {func(d *Droits) { d.Accordee = false }, oidc.RepScope{}, AccordManquant},
		"out of périmètre":   {func(d *Droits) { d.Permise = false }, oidc.RepScope{}, HorsPerimetre},
		"structure":          {func(d *Droits) { d.StructureActive = false }, oidc.RepScope{}, OrganisationInactive},
		"account":            {func(d *Droits) { d.CompteActif = false }, oidc.RepScope{}, AidantInactif},
		"member":             {func(d *Droits) { d.Membre = false }, oidc.RepScope{}, AidantNonMembre},
		"habilitated":        {func(d *Droits) { d.Habilite = false }, oidc.RepScope{}, AidantNonHabilite},
		"no e-mail":          {func(d *Droits) { d.Identite.Email = "" }, oidc.RepScope{}, SansCourriel},
		"bad e-mail":         {func(d *Droits) { d.Identite.Email = "x" }, oidc.RepScope{}, IdentiteIncomplete},
		"no place":           {func(d *Droits) { d.Identite.Birthplace = "" }, oidc.RepScope{}, IdentiteIncomplete},
		"place and e-mail":   {func(d *Droits) { d.Identite.Birthplace, d.Identite.Email = "", "" }, oidc.RepScope{}, IdentiteIncomplete},
	}
	for name, tt := range tests {
		d := good(demarche.Papiers)
		tt.spoil(&d)
		got := d.Refus(tt.rep)
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
		if got != SansMotif && got.Texte() == "" {
			t.Errorf("%s: no sentence for %q", name, got)
		}
	}
	if got := (Droits{}).Refus(oidc.RepScope{}); got == SansMotif {
		t.Error("the zero Droits allows a use: unknown must be forbidden")
	}
}

// Usable = live ∩ périmètre ∩ requested, exhaustively over the ten démarches
// (FI-23, M-W26).
func TestMakeOffre(t *testing.T) {
	for bits := range 1 << 3 {
		for _, k := range demarche.Keys() {
			d := good(k)
			d.Vivante, d.Permise = bits&1 != 0, bits&2 != 0
			rep := oidc.RepScope{Limite: true}
			if bits&4 != 0 {
				rep.Demarches = []demarche.Demarche{k}
			}
			o := MakeOffre([]Droits{d}, rep)
			if _, offered := o.Find(k); offered != (bits == 7) || len(o.Choix)+len(o.Ecartees) != 1 {
				t.Errorf("%s, %03b: %+v", k, bits, o)
			}
		}
	}
	o := MakeOffre([]Droits{good(demarche.Loisirs), good(demarche.Papiers)}, oidc.RepScope{})
	if o.Choix[0].Demarche != demarche.Papiers {
		t.Error("not in display order")
	}
	incomplete := good(demarche.Famille)
	incomplete.Identite.Gender = ""
	o = MakeOffre([]Droits{good(demarche.Papiers), incomplete}, oidc.RepScope{Limite: true, Demarches: []demarche.Demarche{demarche.Famille}})
	if m, manque := o.Refus(); m != IdentiteIncomplete || !slices.Equal(manque, []oidc.Champ{oidc.ChampSexe}) {
		t.Errorf("got %s %v", m, manque)
	}
	if m, _ := MakeOffre(nil, oidc.RepScope{}).Refus(); m != HorsDemande {
		t.Errorf("nothing live: %s", m)
	}
}

func TestWithEmail(t *testing.T) {
	for _, tt := range []struct{ snapshot, contact, service, want string }{
		{"a@x.fr", "b@x.fr", "c@x.fr", "a@x.fr"}, {"", "b@x.fr", "c@x.fr", "b@x.fr"}, {"", "", "c@x.fr", "c@x.fr"}, {"", "", "", ""},
	} {
		d := Droits{Contact: tt.contact, Identite: oidc.Identity{Email: tt.snapshot}}
		if got := d.WithEmail(tt.service).Identite.Email; got != tt.want {
			t.Errorf("%+v: got %q", tt, got)
		}
		to := (&Handlers{Courriel: tt.service}).noticeAddress(d.WithEmail(tt.service))
		if to == tt.service && to != "" {
			t.Errorf("%+v: the service writes to itself", tt)
		}
	}
}

// FI-07, FI-08, FI-20.
func TestOTPRecent(t *testing.T) {
	arrived := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	seconds := func(n int) *int { return &n }
	d := Durees{}.WithDefaults()
	for name, tt := range map[string]struct {
		r    oidc.AuthRequest
		age  time.Duration
		want bool
	}{
		"login, young":             {oidc.AuthRequest{PromptLogin: true}, 15*time.Minute - time.Second, true},
		"login, at the limit":      {oidc.AuthRequest{PromptLogin: true}, 15 * time.Minute, false},
		"no prompt, old":           {oidc.AuthRequest{}, 20 * time.Hour, true},
		"max_age, within":          {oidc.AuthRequest{MaxAge: seconds(60)}, time.Minute, true},
		"max_age, past":            {oidc.AuthRequest{MaxAge: seconds(60)}, time.Minute + time.Second, false},
		"max_age 0":                {oidc.AuthRequest{MaxAge: seconds(0)}, time.Second, false},
		"max_age 0, given since":   {oidc.AuthRequest{MaxAge: seconds(0)}, -time.Second, true},
		"login, given since":       {oidc.AuthRequest{PromptLogin: true}, -time.Second, true},
		"login and max_age, large": {oidc.AuthRequest{PromptLogin: true, MaxAge: seconds(10000)}, time.Hour, false},
	} {
		if got := d.OTPRecent(tt.r, arrived, arrived.Add(-tt.age)); got != tt.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if diff := cmp.Diff(Durees{Demande: 10 * time.Minute, AgeOTP: 15 * time.Minute, Code: time.Minute, Jeton: time.Minute, Connexion: 30 * time.Minute}, Durees{Code: time.Hour}.WithDefaults()); diff != "" {
		t.Error(diff)
	}
}
