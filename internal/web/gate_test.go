package web

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/ident"
)

// visitors are all the kinds of people of comptes 1.2.
var visitors = map[string]func() *actor.Actor{
	"anonyme": func() *actor.Actor { return nil },
	"aidant":  func() *actor.Actor { a := aidantFrais(); return &a },
	"référent non aidant": func() *actor.Actor {
		a := aidantFrais()
		a.CanCreateMandats, a.Referent, a.ReferentNonAidant = false, true, true
		return &a
	},
	"référent aidant":         func() *actor.Actor { a := aidantFrais(); a.Referent = true; return &a },
	"sans CGU":                func() *actor.Actor { a := aidantFrais(); a.CGUAcceptee, a.Referent = false, true; return &a },
	"sans charte d'aidant":    func() *actor.Actor { a := aidantFrais(); a.CharteAidantDue, a.Referent = true, true; return &a },
	"sans charte de référent": func() *actor.Actor { a := aidantFrais(); a.CharteReferentDue, a.Referent = true, true; return &a },
	"structure inactive":      func() *actor.Actor { a := aidantFrais(); a.OrganisationActive, a.Referent = false, true; return &a },
	"plus membre":             func() *actor.Actor { a := aidantFrais(); a.MembreActif = false; return &a },
	"inactif depuis 15 min": func() *actor.Actor {
		a := aidantFrais()
		a.DateActivite, a.Referent = midi.Add(-15*time.Minute), true
		return &a
	},
	"équipe": func() *actor.Actor {
		a := aidantFrais()
		a.Referent, a.Role, a.CleForte = true, actor.AdminMetier, true
		return &a
	},
	"équipe, par code": func() *actor.Actor {
		a := aidantFrais()
		a.Referent, a.Role = true, actor.AdminMetier
		return &a
	},
	"équipe, inactive depuis 15 min": func() *actor.Actor {
		a := aidantFrais()
		a.Referent, a.Role, a.CleForte = true, actor.AdminTechnique, true
		a.DateActivite = midi.Add(-15 * time.Minute)
		return &a
	},
	"code il y a 1 min": func() *actor.Actor {
		a := aidantFrais()
		a.DateActivite, a.DateOTP, a.Referent = midi.Add(-time.Hour), midi.Add(-time.Minute), true
		return &a
	},
}

func TestGateOfEachSpace(t *testing.T) {
	const (
		ouvert  = "200"
		refus   = "403"
		inconnu = "404"
		signIn  = "303 /accounts/login/?next="
		cgu     = "303 /espace-aidant/valider-cgu?next="
		code    = "303 /activity_check/?next="
	)
	want := map[string]map[string]string{
		"/public/":  {},
		"/openid/":  {},
		"/machine/": {},
		"/compte/":  {"anonyme": signIn},
		"/gestion/": {
			"anonyme": signIn, "aidant": inconnu, "référent non aidant": inconnu, "référent aidant": inconnu, "sans CGU": inconnu,
			"structure inactive": inconnu, "plus membre": inconnu, "inactif depuis 15 min": inconnu, "code il y a 1 min": inconnu,
			"équipe, par code": inconnu, "équipe, inactive depuis 15 min": code,
			"sans charte d'aidant": inconnu, "sans charte de référent": inconnu,
		},
		"/sensible/": { // everybody but who gave a code a minute ago
			"anonyme": signIn, "aidant": code, "référent non aidant": code, "référent aidant": code, "sans CGU": code,
			"structure inactive": code, "plus membre": code, "inactif depuis 15 min": code,
			"équipe": code, "équipe, par code": code, "équipe, inactive depuis 15 min": code,
			"sans charte d'aidant": code, "sans charte de référent": code,
		},
		"/aidant/": {
			"anonyme": signIn, "référent non aidant": refus, "structure inactive": refus, "plus membre": refus,
			"sans CGU": cgu, "inactif depuis 15 min": code, "équipe, inactive depuis 15 min": code, "sans charte d'aidant": cgu,
		},
		"/referent/": {
			"anonyme": signIn, "aidant": refus, "structure inactive": refus, "plus membre": refus,
			"sans CGU": cgu, "inactif depuis 15 min": code, "équipe, inactive depuis 15 min": code, "sans charte de référent": cgu,
		},
	}
	b := nouveauBanc(t, nil)
	for path, exceptions := range want {
		for name, who := range visitors {
			expected := ouvert
			if e, ok := exceptions[name]; ok {
				expected = e
			}
			if strings.HasSuffix(expected, "=") {
				expected += url.QueryEscape(path + "?page=2")
			}
			b.visitor = who()
			w := b.get(path + "?page=2")
			got := strings.TrimSpace(strconv.Itoa(w.Code) + " " + w.Header().Get("Location"))
			if got != expected {
				t.Errorf("GET %s by %q: got %q, want %q", path, name, got, expected)
			}
			if w.Code == 403 && !strings.Contains(w.Body.String(), `href="/espace-aidant/"`) {
				t.Errorf("GET %s by %q: the refusal shows no way home", path, name)
			}
		}
	}
}

func TestReprise(t *testing.T) {
	for _, tt := range []struct {
		name         string
		delay        time.Duration
		since        time.Duration
		codeExpected bool
	}{
		{"défaut, juste avant", 0, 15*time.Minute - time.Millisecond, false},
		{"défaut, pile", 0, 15 * time.Minute, true},
		{"réglé à 5 min", 5 * time.Minute, 5 * time.Minute, true},
		{"réglé au-delà de 30 min", time.Hour, 29 * time.Minute, false},
		{"réglé au-delà de 30 min, à 30", time.Hour, 30 * time.Minute, true},
		{"horloge en retard", 0, -time.Second, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := nouveauBanc(t, func(c *Config) { c.DelaiReprise = tt.delay })
			a := aidantFrais()
			a.DateActivite = midi.Add(-tt.since)
			b.visitor = &a
			if got := b.get("/aidant/").Code == 303; got != tt.codeExpected {
				t.Errorf("code asked: %v, want %v", got, tt.codeExpected)
			}
		})
	}
}

func TestRepriseKeepsWhatWasTyped(t *testing.T) {
	b := nouveauBanc(t, nil)
	a := aidantFrais()
	a.DateActivite = midi.Add(-time.Hour)
	b.visitor = &a
	form := url.Values{"demarche": {"argent", "famille"}, "note": {"é & <b>"}}
	w := b.post("/aidant/", form)
	if w.Code != 200 || w.Body.String() != "reprise" {
		t.Fatalf("got %d %q, want the code form", w.Code, w.Body)
	}
	if d := cmp.Diff(form, b.posted); d != "" {
		t.Errorf("fields lost: %s", d)
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://fc.example;") {
		t.Errorf("the form resumed cannot reach FranceConnect: %s", csp)
	}
	big := url.Values{"note": {strings.Repeat("x", maxForm)}}
	if w := b.post("/aidant/", big); w.Code != 413 {
		t.Errorf("a form over 64 KiB: got %d, want 413", w.Code)
	}
	// A script keeps its page and is told where to go.
	w = b.get("/aidant/", "Accept", "application/json")
	if w.Code != 401 || !strings.Contains(w.Body.String(), CheminReprise) {
		t.Errorf("script: got %d %s, want 401 and the address of the re-check", w.Code, w.Body)
	}
}

func TestAnonymousPostLeadsToSignIn(t *testing.T) {
	b := nouveauBanc(t, nil)
	w := b.post("/aidant/", url.Values{"a": {"1"}})
	if w.Code != 303 || w.Header().Get("Location") != CheminConnexion {
		t.Errorf("got %d %q, want 303 to the sign-in page", w.Code, w.Header().Get("Location"))
	}
}

func TestFormOfAnotherOrganisation(t *testing.T) {
	b := nouveauBanc(t, nil)
	a := aidantFrais()
	b.visitor = &a
	for _, tt := range []struct {
		name, organisation string
		want               int
	}{
		{"la sienne", a.Organisation.String(), 200},
		{"une autre", ident.New[ident.OrganisationID]().String(), 409},
		{"absente", "", 200},
	} {
		w := b.post("/aidant/", url.Values{ChampOrganisation: {tt.organisation}})
		if w.Code != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, w.Code, tt.want)
		}
		if w.Code == 409 && !strings.Contains(w.Body.String(), "Vous avez changé de structure") {
			t.Errorf("%s: the page does not say why", tt.name)
		}
	}
}
