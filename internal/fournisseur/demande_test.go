package fournisseur_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
)

// FI-01, FI-02, FI-07; FI-82: a plain request is not journaled.
func TestAuthorizeRefusals(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		for _, session := range []string{"claire", ""} {
			n := m.browser(session)
			for _, changes := range [][]string{{"client_id", "autre"}, {"redirect_uri", callback + "/"}, {"client_id", ""}} {
				w := n.get("/authorize/?" + request(changes...).Encode())
				if n.expect(w, 400) != "" || !strings.Contains(plain(w.Body.String()), "n'est pas reconnue") {
					t.Errorf("%v: %s", changes, plain(w.Body.String()))
				}
			}
			for code, changes := range map[string][]string{
				"invalid_request":           {"claims", "{"},
				"unsupported_response_type": {"response_type", "token"},
				"request_not_supported":     {"request", "x"},
				"invalid_scope":             {"scope", "profile"},
			} {
				to := n.expect(n.get("/authorize/?"+request(changes...).Encode()), 303)
				if !strings.HasPrefix(to, callback+"&error="+code) || !strings.Contains(to, "&state=un-state&iss=https%3A%2F%2Faidants.example") {
					t.Errorf("%s: sent to %s", code, to)
				}
			}
		}
		if to := m.browser("").expect(m.browser("").get("/authorize/?"+request("prompt", "none").Encode()), 303); !strings.Contains(to, "error=login_required") {
			t.Errorf("prompt none: %s", to)
		}
		if to := m.browser("claire").expect(m.browser("claire").get("/authorize/?"+request("prompt", "none").Encode()), 303); !strings.Contains(to, "error=interaction_required") {
			t.Errorf("prompt none, signed in: %s", to)
		}
		if m.count(`SELECT count(*) FROM dossier_utilisation`)+m.count(`SELECT count(*) FROM requete_tenue`) > 0 {
			t.Error("a refused request wrote a row")
		}
	})
}

// A GET of /authorize opens no dossier (M-W51); the sixth request of a web
// session drops the oldest; two tabs never take each other's.
func TestHeldRequests(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		paul := m.newUsager("sub-paul", usager.Identite{
			GivenName: "Paul Henri", FamilyName: "ORSENNAT", Gender: "male", Birthdate: "1959-04-03", Birthplace: "80021", Birthcountry: usager.France, Email: "homonyme_1@example.org",
		})
		m.sign(m.a, paul, demarche.Papiers, demarche.Famille)
		n := m.browser("claire")
		one, two := n.demande("state", "onglet-1"), n.demande("state", "onglet-2", "client_id", simple)
		if m.count(`SELECT count(*) FROM dossier_utilisation`) != 0 || m.count(`SELECT count(*) FROM requete_tenue`) != 2 {
			t.Error("two requests are held, and nothing else")
		}
		n.expect(n.choose(one, m.odile.ID), 303)
		n.expect(n.choose(two, paul.ID), 303)
		toTwo, toOne := n.expect(n.act(two, demarche.Papiers), 303), n.expect(n.act(one, demarche.Famille), 303)
		if !strings.Contains(toOne, "state=onglet-1") || !strings.Contains(toTwo, "state=onglet-2") {
			t.Errorf("swapped: %s, %s", toOne, toTwo)
		}
		for state, want := range map[string]string{one: m.odile.ID.String(), two: paul.ID.String()} {
			if got := m.text(`SELECT CAST(usager_id AS text) FROM dossier_utilisation WHERE id = $1`, state); got != want {
				t.Errorf("dossier %s is for %s, want %s", state, got, want)
			}
		}
		// Answered: nothing more can be done with it.
		for _, w := range []int{n.act(one, demarche.Papiers).Code, n.choose(one, paul.ID).Code, n.get("/select_usager/?demande=" + one).Code, n.get("/select_demarche/?demande=" + one).Code} {
			if w != 410 {
				t.Errorf("an answered request: %d", w)
			}
		}
		var ids []string
		for range 6 {
			clock.Advance(time.Second)
			ids = append(ids, n.demande())
		}
		for i, id := range ids {
			want := 200
			if i == 0 {
				want = 410
			}
			if w := n.get("/select_usager/?demande=" + id); w.Code != want {
				t.Errorf("request %d: %d, want %d", i, w.Code, want)
			}
		}
		clock.Advance(10 * time.Minute)
		if w := n.get("/select_usager/?demande=" + ids[5]); w.Code != 410 {
			t.Errorf("after 10 min: %d", w.Code)
		}
	})
}

// Another web session, another aidant, another structure: all the same page
// (FI-23, FI-24, FI-27); the refusals are journaled (FI-82).
func TestNotYours(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		colleague := m.newAidant("karim", m.newOrganisation("CCAS d'Albert"))
		other := *m.a
		other.Session = colleague.Session
		m.acteurs["autre-session"] = &other
		n := m.browser("claire")
		id := n.demande()
		n.expect(n.choose(id, m.odile.ID), 303)
		for _, session := range []string{"karim", "autre-session"} {
			x := m.browser(session)
			for name, w := range map[string]int{
				"list": x.get("/select_usager/?demande=" + id).Code, "choose": x.choose(id, m.odile.ID).Code,
				"démarche": x.get("/select_demarche/?demande=" + id).Code, "act": x.act(id, demarche.Papiers).Code,
				"back": x.do("POST", "/authorize/retour/", url.Values{"demande": {id}}).Code,
			} {
				if w != 410 && w != 409 { // 409: the form was shown for another structure
					t.Errorf("%s, %s: %d", session, name, w)
				}
			}
		}
		// The person of another structure is not told from an unknown one (M-W31).
		x := m.browser("karim")
		mine := x.demande()
		for _, u := range []string{m.odile.ID.String(), "00000000-0000-4000-8000-000000000000", "x", ""} {
			w := x.do("POST", "/select_usager/", url.Values{"demande": {mine}, "usager": {u}})
			if w.Code != 404 || !strings.Contains(plain(w.Body.String()), "Recommencer") || !strings.Contains(plain(w.Body.String()), "Revenir à FranceConnect") {
				t.Errorf("%q: %d %s", u, w.Code, plain(w.Body.String()))
			}
		}
		if got := m.count(`SELECT count(*) FROM journal_ligne WHERE action = 'refuse_authorize'`); got != 4 {
			t.Errorf("%d refusals journaled, want 4", got)
		}
		// The aidant moved to another structure in the meantime.
		m.a.Organisation = colleague.Organisation
		if w := n.act(id, demarche.Papiers); w.Code != 410 {
			t.Errorf("after a change of structure: %d", w.Code)
		}
	})
}

// Before sign-in each request waits in its own sealed cookie, and the POST
// comes back by a GET (FI-14, FI-15).
func TestSignedOut(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("")
		var resume []string
		for i := range 6 {
			clock.Advance(time.Second)
			to := n.expect(n.get("/authorize/?"+request("state", fmt.Sprint("onglet-", i)).Encode()), 303)
			u, err := url.Parse(to)
			check(t, err)
			if u.Path != "/accounts/login/" || strings.Contains(to, "onglet") {
				t.Fatalf("sent to %s", to)
			}
			resume = append(resume, u.Query().Get("next"))
		}
		if len(n.cookies) != 5 || m.count(`SELECT count(*) FROM requete_tenue`) != 0 {
			t.Errorf("%d cookies, want 5", len(n.cookies))
		}
		n.cookies["__Host-session"] = "claire"
		n.expect(n.get(resume[0]), 410) // the oldest was dropped
		id := demandeOf(t, n.expect(n.get(resume[3]), 303))
		n.expect(n.choose(id, m.odile.ID), 303)
		if to := n.expect(n.act(id, demarche.Papiers), 303); !strings.Contains(to, "state=onglet-3") {
			t.Errorf("answered %s", to)
		}
		n.expect(n.get(resume[3]), 410) // consumed
		altered := n.cookies
		for k, v := range altered {
			if strings.Contains(k, "demande-") {
				n.cookies[k] = v[:len(v)-2] + "AA"
			}
		}
		n.expect(n.get(resume[4]), 410)
		clock.Advance(10 * time.Minute)

		// From another site, without cookie.
		x := m.browser("")
		to := x.expect(x.do("POST", "/authorize/", request(), "Origin", "https://fc.example", "Sec-Fetch-Site", "cross-site"), 303)
		x.cookies["__Host-session"] = "claire"
		demandeOf(t, x.expect(x.get(to), 303))
		to = x.expect(x.do("POST", "/authorize", request("prompt", "none"), "Sec-Fetch-Site", "cross-site"), 303)
		if to = x.expect(x.get(to), 303); !strings.Contains(to, "error=interaction_required") {
			t.Errorf("prompt none by POST: %s", to)
		}
		// Too late.
		late := m.browser("")
		to = late.expect(late.do("POST", "/authorize/", request()), 303)
		clock.Advance(10 * time.Minute)
		late.cookies["__Host-session"] = "claire"
		late.expect(late.get(to), 410)
		if w := late.get("/authorize/reprise/?demande=x"); w.Code != 410 {
			t.Errorf("nonsense: %d", w.Code)
		}
	})
}

func demandeOf(t *testing.T, to string) string {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil || u.Path != "/select_usager/" {
		t.Fatalf("sent to %s", to)
	}
	return u.Query().Get("demande")
}

// prompt=login and max_age ask a fresh second factor before the choice, and
// every step holds to it (FI-20).
func TestFreshFactor(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		m.a.DateOTP = clock.Now().Add(-15 * time.Minute)
		for _, tt := range []struct {
			changes []string
			asked   bool
		}{
			{[]string{"prompt", "login"}, true},
			{[]string{"prompt", "consent"}, true},
			{[]string{"prompt", ""}, false},
			{[]string{"prompt", "", "max_age", "10000"}, false},
			{[]string{"prompt", "", "max_age", "1"}, true},
		} {
			id := n.demande(tt.changes...)
			back := "/activity_check/?next=" + url.QueryEscape("/select_usager/?demande="+id)
			w := n.get("/select_usager/?demande=" + id)
			if asked := w.Header().Get("Location") == back; asked != tt.asked {
				t.Errorf("%v: asked %v", tt.changes, asked)
			}
			w = n.choose(id, m.odile.ID) // a POST straight away asks too
			if asked := w.Header().Get("Location") == back; asked != tt.asked {
				t.Errorf("%v: POST asked %v", tt.changes, asked)
			}
		}
		id := n.demande("max_age", "0")
		clock.Advance(3 * time.Second)
		m.a.DateOTP = clock.Now()
		clock.Advance(time.Minute)
		n.expect(n.choose(id, m.odile.ID), 303)
		m.a.DateOTP = clock.Now().Add(-time.Hour)
		if to := n.expect(n.act(id, demarche.Papiers), 303); !strings.HasPrefix(to, "/activity_check/") {
			t.Errorf("the choice of the démarche with an old factor: %s", to)
		}
	})
}

// Who may not use mandats is told why and can go back (FI-21, §9).
func TestNotAnAidant(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		for reason, spoil := range map[string]func(a *actor.Actor){
			"ne permet plus d&#39;utiliser": func(a *actor.Actor) { a.CanCreateMandats = false },
			"n&#39;est plus active":         func(a *actor.Actor) { a.OrganisationActive = false },
			"plus membre":                   func(a *actor.Actor) { a.MembreActif = false },
		} {
			x := *m.a
			spoil(&x)
			m.acteurs["x"] = &x
			n := m.browser("x")
			w := n.get("/authorize/?" + request().Encode())
			body := w.Body.String()
			if w.Code != 403 || !strings.Contains(body, reason) || !strings.Contains(body, "Revenir à FranceConnect") {
				t.Errorf("%s: %d %s", reason, w.Code, plain(body))
			}
			_, rest, _ := strings.Cut(body, `name="demande" value="`)
			to := n.expect(n.do("POST", "/authorize/retour/", url.Values{"demande": {rest[:36]}}), 303)
			if !strings.Contains(to, "error=access_denied&state=un-state") {
				t.Errorf("sent back to %s", to)
			}
			n.expect(n.do("POST", "/authorize/retour/", url.Values{"demande": {rest[:36]}}), 410)
		}
	})
}

// What FranceConnect would refuse is refused before the redirect, with what to
// do (FI-34, FI-55, FI-57).
func TestRefusedBeforeTheRedirect(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		try := func(name string, i usager.Identite, claims string) string {
			t.Helper()
			u := m.odile
			if i.FamilyName != "" {
				u = m.newUsager("sub-"+name, i)
				m.sign(m.a, u, demarche.Papiers)
			}
			id := n.demande("claims", claims)
			w := n.get(n.expect(n.choose(id, u.ID), 303))
			n.expect(w, 200)
			text := plain(w.Body.String())
			if !strings.Contains(text, "Revenir à FranceConnect") || strings.Contains(w.Body.String(), `type="radio"`) {
				t.Errorf("%s: %s", name, text)
			}
			return text
		}
		any := `{"id_token":{"rep_scope":{"values":[]}}}`
		sans := ordinaire
		sans.FamilyName, sans.Email = "GRANDCHAUMET", ""
		if text := try("sans_email", sans, any); !strings.Contains(text, "Il manque une adresse") {
			t.Error(text)
		}
		incomplete := ordinaire
		incomplete.FamilyName, incomplete.Birthplace = "MARVILLERS", ""
		if text := try("sans_lieu", incomplete, any); !strings.Contains(text, "incomplète pour FranceConnect (commune de naissance)") {
			t.Error(text)
		}
		text := try("vide", usager.Identite{}, `{"id_token":{"rep_scope":{"values":["Logement","Justice"]}}}`)
		if !strings.Contains(text, "n'accepte que les mandats portant sur : « Logement », « Justice ». Aucun mandat en cours de cette personne auprès de France Services Amiens") {
			t.Error(text)
		}
		if text := try("inconnu", usager.Identite{}, `{"id_token":{"rep_scope":{"values":["Astrologie"]}}}`); !strings.Contains(text, "que nous ne connaissons pas") {
			t.Error(text)
		}
		// The contact that the structure holds replaces a missing e-mail.
		m.exec(`INSERT INTO usager_contact (organisation_id, usager_id, email, telephone, date_modification)
			SELECT organisation_id, usager_id, 'rolande@example.org', '', date_creation FROM mandat WHERE family_name = 'GRANDCHAUMET'`)
		id := n.demande()
		rolande := m.text(`SELECT CAST(usager_id AS text) FROM mandat WHERE family_name = 'GRANDCHAUMET'`)
		n.expect(n.do("POST", "/select_usager/", url.Values{"demande": {id}, "usager": {rolande}}), 303)
		tokens := m.tokens(n.codeOf(n.act(id, demarche.Papiers)))
		w := m.userinfo(tokens.AccessToken)
		if got := m.claims(w.Body.String())["email"]; got != "rolande@example.org" {
			t.Errorf("e-mail asserted: %v", got)
		}
	})
}

// What is missing is asked again, with what was said kept (FI-26); what was not
// offered is a page without a hint (FI-23).
func TestDemarcheForm(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		id := n.demande()
		n.expect(n.choose(id, m.odile.ID), 303)
		w := n.do("POST", "/select_demarche/", url.Values{"demande": {id}, "presence": {"telephone"}})
		body := w.Body.String()
		if w.Code != 422 || !strings.Contains(body, "Choisissez la démarche.") || !checked(body, "telephone") || !strings.Contains(body, "Surendettement") {
			t.Errorf("%d %s", w.Code, plain(body))
		}
		w = n.do("POST", "/select_demarche/", url.Values{"demande": {id}, "demarche": {"argent"}})
		if w.Code != 422 || !checked(w.Body.String(), "argent") || !strings.Contains(w.Body.String(), "Dites si la personne est présente.") {
			t.Errorf("%d %s", w.Code, plain(w.Body.String()))
		}
		for _, v := range []url.Values{
			{"demarche": {"logement"}, "presence": {"present"}},
			{"demarche": {"astrologie"}, "presence": {"present"}},
			{"demarche": {"papiers"}, "presence": {"ailleurs"}},
		} {
			v.Set("demande", id)
			n.expect(n.do("POST", "/select_demarche/", v), 404)
		}
		// One démarche left: it is chosen already.
		one := n.demande("claims", `{"id_token":{"rep_scope":{"value":"Famille-Scolarité"}}}`)
		if body := n.get(n.expect(n.choose(one, m.odile.ID), 303)).Body.String(); !checked(body, "famille") {
			t.Error(plain(body))
		}
		n.codeOf(n.act(id, demarche.Argent))
		for _, bad := range []string{"", "x", "00000000-0000-4000-8000-000000000000"} {
			for _, path := range []string{"/select_usager/", "/select_demarche/", "/authorize/retour/"} {
				n.expect(n.do("POST", path, url.Values{"demande": {bad}, "usager": {m.odile.ID.String()}}), 410)
			}
		}
	})
}

func checked(body, value string) bool {
	_, rest, ok := strings.Cut(body, `value="`+value+`"`)
	tag, _, _ := strings.Cut(rest, ">")
	return ok && strings.Contains(tag, "checked")
}
