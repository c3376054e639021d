package aidant_test

import (
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
)

// What has to be signed, by what was signed and when it is (A-W14).
func TestEtat(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, time.March, d, 0, 0, 0, 0, time.UTC) }
	cgu := func(version string, date, blocage time.Time) aidant.Texte {
		return aidant.Texte{Document: aidant.DocumentCGU, Version: version, Date: date, Blocage: blocage}
	}
	all := aidant.Recueil{
		cgu("1", time.Time{}, time.Time{}), cgu("2", day(5), day(10)), cgu("3", day(7), day(20)), cgu("4", day(25), time.Time{}),
	}
	for name, tt := range map[string]struct {
		signed []string
		now    time.Time
		due    bool
		before int // day of the delay, 0 for none
	}{
		"rien de signé":                  {nil, day(1), true, 0},
		"un autre document":              {[]string{"charte_aidant:1"}, day(1), true, 0},
		"la version en vigueur":          {[]string{"cgu:1"}, day(4), false, 0},
		"une version à venir":            {[]string{"cgu:1", "cgu:2"}, day(4), false, 0},
		"publiée aujourd'hui":            {[]string{"cgu:1"}, day(5), false, 10},
		"deux de retard, premier délai":  {[]string{"cgu:1"}, day(8), false, 10},
		"la veille du blocage":           {[]string{"cgu:1"}, day(10).Add(-time.Millisecond), false, 10},
		"le jour du blocage":             {[]string{"cgu:1"}, day(10), true, 0},
		"la deuxième signée":             {[]string{"cgu:1", "cgu:2"}, day(12), false, 20},
		"la dernière signée directement": {[]string{"cgu:3"}, day(12), false, 0},
		"sans délai":                     {[]string{"cgu:3"}, day(25), true, 0},
		"à jour":                         {[]string{"cgu:1", "cgu:4"}, day(30), false, 0},
	} {
		e := all.Etat(aidant.DocumentCGU, tt.signed, tt.now)
		want := time.Time{}
		if tt.before > 0 {
			want = day(tt.before)
		}
		if e.Due != tt.due || !e.Avant.Equal(want) {
			t.Errorf("%s: %+v, want due %v before %v", name, e, tt.due, want)
		}
	}
}

// Each role has its charter: one does not stand for the other.
func TestApply(t *testing.T) {
	for name, tt := range map[string]struct {
		aidant, referent bool
		signed           string
		cgu              bool
		due              [2]bool // aidant's charter, référent's
	}{
		"rien":                       {true, true, "", false, [2]bool{true, true}},
		"les conditions seules":      {true, true, "cgu:1.0", true, [2]bool{true, true}},
		"l'aidant":                   {true, false, "cgu:1.0,charte_aidant:1.0", true, [2]bool{}},
		"l'aidant devenu référent":   {true, true, "cgu:1.0,charte_aidant:1.0", true, [2]bool{false, true}},
		"le référent":                {false, true, "charte_referent:1.0,cgu:1.0", true, [2]bool{}},
		"le référent devenu aidant":  {true, true, "charte_referent:1.0,cgu:1.0", true, [2]bool{true, false}},
		"ni l'un ni l'autre":         {false, false, "cgu:1.0", true, [2]bool{}},
		"la charte sans conditions":  {true, false, "charte_aidant:1.0", false, [2]bool{}},
		"une version qui n'est plus": {true, false, "cgu:0.9,charte_aidant:0.9", false, [2]bool{true, false}},
	} {
		a := actor.Actor{CanCreateMandats: tt.aidant, Referent: tt.referent}
		aidant.Textes.Apply(&a, aidant.ParseSigned(tt.signed), time.Unix(0, 0))
		if a.CGUAcceptee != tt.cgu || a.CharteAidantDue != tt.due[0] || a.CharteReferentDue != tt.due[1] || !a.TextesAvant.IsZero() {
			t.Errorf("%s: %+v", name, a)
		}
	}
}
