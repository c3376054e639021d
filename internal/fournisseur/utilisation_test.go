package fournisseur_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/testkit"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

// claims verifies a JWT with the published keys and gives its content.
func (m *monde) claims(raw string) (out map[string]any) {
	m.t.Helper()
	var set jose.JSONWebKeySet
	check(m.t, json.Unmarshal(m.fc().get("/jwks").Body.Bytes(), &set))
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.ES256})
	check(m.t, err)
	payload, err := jws.Verify(set)
	check(m.t, err)
	check(m.t, json.Unmarshal(payload, &out))
	return out
}

// The whole use, as FranceConnect drives it: five durable commits at most
// (FI-32, FI-45, FI-71, FI-80, FI-81).
func TestFullUse(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		id := n.demande("claims", `{"id_token":{"rep_scope":{"essential":true,"values":["Famille-Scolarité","Travail-Formation"]}}}`)
		if page := plain(n.get("/select_usager/?demande=" + id).Body.String()); !strings.Contains(page, "VASSELIN Odile Simone") || !strings.Contains(page, "04/11/1951") || !strings.Contains(page, "Revenir à FranceConnect") {
			t.Errorf("page of choice: %s", page)
		}
		to := n.expect(n.choose(id, m.odile.ID), 303)
		page := n.get(to)
		text := plain(page.Body.String())
		for _, want := range []string{"Vous allez agir au nom de Odile Simone VASSELIN", "France Services Amiens", "Famille - Scolarité", "Déconnectez-vous du service et de FranceConnect"} {
			if !strings.Contains(text, want) {
				t.Errorf("démarche page lacks %q: %s", want, text)
			}
		}
		if strings.Contains(page.Body.String(), `value="papiers"`) || !strings.Contains(page.Header().Get("Content-Security-Policy"), "form-action 'self' https://fc.example") {
			t.Errorf("offers what the service refuses, or its form cannot reach FranceConnect: %v", page.Header())
		}
		clock.Advance(30 * time.Second)
		code := n.codeOf(n.act(id, demarche.Famille))
		clock.Advance(20 * time.Second)
		tokens := m.tokens(code)
		if tokens.TokenType != "Bearer" || tokens.ExpiresIn != 60 {
			t.Errorf("got %+v", tokens)
		}
		now := clock.Now().Unix()
		want := map[string]any{
			"iss": issuer, "sub": m.odile.Sub, "aud": "fc", "iat": float64(now), "exp": float64(now + 300), "auth_time": float64(m.a.DateOTP.Unix()),
			"nonce": "un-nonce", "acr": "eidas1", "amr": []any{"mail", "otp", "mfa"}, "rep_scope": []any{"Famille-Scolarité"},
		}
		got := m.claims(tokens.IDToken)
		delete(got, "at_hash")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error("ID token:", diff)
		}
		w := m.userinfo(tokens.AccessToken)
		m.fc().expect(w, 200)
		if w.Header().Get("Content-Type") != "application/jwt" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("headers %v", w.Header())
		}
		wantInfo := map[string]any{
			"iss": issuer, "aud": "fc", "iat": float64(now), "exp": float64(now + 60), "sub": m.odile.Sub, "given_name": "Odile Simone", "family_name": "VASSELIN",
			"birthdate": "1951-11-04", "gender": "female", "birthcountry": "99100", "birthplace": "80021", "email": "ordinaire@example.org",
		}
		first := w.Body.String()
		if diff := cmp.Diff(wantInfo, m.claims(first)); diff != "" {
			t.Error("userinfo:", diff)
		}
		// Repeated: same answer, one record, one line, one message (FI-80).
		clock.Advance(10 * time.Second)
		again := m.userinfo(tokens.AccessToken)
		m.fc().expect(again, 200)
		if m.lines("use_autorisation") != 1 || m.count(`SELECT count(*) FROM usage_mandat`) != 1 || m.count(`SELECT count(*) FROM message WHERE genre = 'E-52'`) != 1 {
			t.Error("a repeated userinfo wrote again")
		}
		facts := m.text(`SELECT c.contenu FROM journal_contenu c JOIN journal_ligne l ON l.id = c.ligne_id WHERE l.action = 'use_autorisation'`)
		if facts != `{"demarche":"famille","presence":"present","rep_scope_demande":["famille","travail"],"rep_scope_rendu":["famille"]}` {
			t.Errorf("journaled %s", facts)
		}
		m.checkNotice()
		m.checkAfterUse(tokens.IDToken)
		clock.Advance(50 * time.Second)
		m.refused(m.userinfo(tokens.AccessToken), 401, "invalid_token")
	})
}

// checkNotice: the usager is told the structure, the démarche, the date and how
// to contest or revoke; no name, nothing more.
func (m *monde) checkNotice() {
	m.t.Helper()
	if _, err := m.h.Outbox.Deliver(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	i := slices.IndexFunc(m.sink.sent, func(c outbox.Courriel) bool { return strings.Contains(c.Sujet, "utilisé") })
	if i < 0 {
		m.t.Fatal("no notice was sent")
	}
	c := m.sink.sent[i]
	if c.A != "ordinaire@example.org" || c.Sujet != "Votre mandat vient d'être utilisé" {
		m.t.Errorf("sent %q to %q", c.Sujet, c.A)
	}
	for _, want := range []string{"France Services Amiens", "Famille - Scolarité", "02/03/2026 à 10h00", "mettre fin", "aide@aidants.example"} {
		if !strings.Contains(c.Texte, want) {
			m.t.Errorf("the notice lacks %q:\n%s", want, c.Texte)
		}
	}
	if strings.Contains(c.Texte, "VASSELIN") || strings.Contains(c.Texte, "Odile") || strings.Contains(c.Texte, "Claire") {
		m.t.Errorf("the notice names somebody:\n%s", c.Texte)
	}
}

// checkAfterUse: the record, the reminder of FI-84, then the end of session.
func (m *monde) checkAfterUse(idToken string) {
	t := m.t
	t.Helper()
	ctx := t.Context()
	open := func() (c fournisseur.Connexion, ok bool) {
		check(t, m.d.View(ctx, func(tx *db.Tx) (err error) { c, ok, err = fournisseur.EnCours(ctx, tx, m.a.Session); return err }))
		return c, ok
	}
	check(t, m.d.View(ctx, func(tx *db.Tx) error {
		us, err := suivi.ListByUsager(ctx, tx, m.a.Organisation, m.odile.ID, 10)
		if err != nil || len(us) != 1 || us[0].Demarche != demarche.Famille || us[0].Presence != suivi.Present || us[0].Aidant != m.a.Aidant {
			t.Errorf("recorded %+v, %v", us, err)
		}
		other, err := suivi.ListByUsager(ctx, tx, ident.New[ident.OrganisationID](), m.odile.ID, 10)
		if len(other) > 0 {
			t.Error("another structure sees the use")
		}
		return err
	}))
	c, ok := open()
	if !ok || c.Nom != "VASSELIN Odile Simone" || c.Demarche != demarche.Famille {
		t.Errorf("open use: %+v, %v", c, ok)
	}
	n := m.browser("claire")
	q := url.Values{"id_token_hint": {idToken}, "post_logout_redirect_uri": {goodbye}, "state": {"a b&c"}, "client_id": {"fc"}}
	for range 2 { // repeating is harmless (FI-74)
		if to := n.expect(n.get("/logout/?"+q.Encode()), 303); to != goodbye+"?state=a+b%26c" {
			t.Errorf("sent to %s", to)
		}
	}
	if _, ok := open(); ok {
		t.Error("the use is still open after the end of session")
	}
	if m.text(`SELECT statut FROM dossier_utilisation`) != "clos" {
		t.Error("the dossier is not closed")
	}
}

// HS256 and plain JSON, Basic, PKCE: by registration, without another path.
func TestOtherRegistration(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
		pkce := []string{"client_id", simple, "code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method", "S256", "scope", "email openid"}
		code := m.browser("claire").code(demarche.Papiers, pkce...)
		basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(simple+":"+password+"x"))
		form := tokenForm(code)
		form.Del("client_id")
		form.Del("client_secret")
		m.refused(m.fc().do("POST", "/token", form, "Authorization", basic), 400, "invalid_grant") // no verifier
		form.Set("code_verifier", verifier+"x")
		m.refused(m.fc().do("POST", "/token", form, "Authorization", basic), 400, "invalid_grant")
		form.Set("code_verifier", verifier)
		w := m.fc().do("POST", "/token", form, "Authorization", basic)
		m.fc().expect(w, 200)
		var a struct {
			AccessToken  string `json:"access_token"`
			IDToken      string `json:"id_token"`
			RefreshToken string `json:"refresh_token"`
		}
		check(t, json.Unmarshal(w.Body.Bytes(), &a))
		jws, err := jose.ParseSignedCompact(a.IDToken, []jose.SignatureAlgorithm{jose.HS256})
		check(t, err)
		if _, err := jws.Verify([]byte(password + "x")); err != nil || a.RefreshToken != "" {
			t.Errorf("HS256: %v", err)
		}
		w = m.fc().do("POST", "/userinfo", url.Values{"access_token": {a.AccessToken}})
		m.fc().expect(w, 200)
		if got := w.Body.String(); got != `{"sub":"`+m.odile.Sub+`","email":"ordinaire@example.org"}` || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("userinfo: %s %v", got, w.Header())
		}
	})
}

// Each of the re-checks stops the use at each of the three places (§10), and is
// journaled with its reason (FI-82).
func TestRechecks(t *testing.T) {
	ends := map[string]struct {
		motif fournisseur.Motif
		spoil func(m *monde)
	}{
		"autorisation ended": {fournisseur.AutorisationTerminee, func(m *monde) {
			m.exec(`INSERT INTO mandat_fin (mandat_id, operation_id, motif, entier, canal, date_effet, date_connue)
				SELECT id, '11111111-1111-4111-8111-111111111111', 'revoque_usager', true, 'oral', $1, $1 FROM mandat WHERE usager_id = $2`, db.At(m.clock.Now()), m.odile.ID)
			m.exec(`UPDATE autorisation SET fin = $1, fin_motif = 'revoque_usager', fin_connue = $1, fin_operation_id = '11111111-1111-4111-8111-111111111111' WHERE usager_id = $2`, db.At(m.clock.Now()), m.odile.ID)
		}},
		"death noted": {fournisseur.AutorisationTerminee, func(m *monde) {
			g := &fin.Actes{Journal: m.greffe.Journal, Outbox: m.greffe.Outbox}
			check(m.t, m.d.Update(m.t.Context(), func(tx *db.Tx) error {
				return g.Note(m.t.Context(), tx, *m.a, fin.Evenement{ID: ident.New[ident.OperationID](), Usager: m.odile.ID, Organisation: m.a.Organisation, Aidant: m.a.Aidant, Motif: mandat.Deces, Source: fin.Acte, Effet: m.clock.Now().Add(-time.Hour)})
			}))
		}},
		"périmètre narrowed":  {fournisseur.HorsPerimetre, func(m *monde) { m.exec(`DELETE FROM organisation_demarche WHERE demarche = 'famille'`) }},
		"organisation closed": {fournisseur.OrganisationInactive, func(m *monde) { m.exec(`UPDATE organisation SET active = false`) }},
		"aidant deactivated":  {fournisseur.AidantInactif, func(m *monde) { m.exec(`UPDATE aidant SET actif = false`) }},
		"no more a member":    {fournisseur.AidantNonMembre, func(m *monde) { m.exec(`UPDATE appartenance SET date_fin = $1`, db.At(m.clock.Now())) }},
		"no more habilitated": {fournisseur.AidantNonHabilite, func(m *monde) { m.exec(`UPDATE aidant SET habilite = false`) }},
	}
	const three = `{"id_token":{"rep_scope":{"values":["Famille-Scolarité"]}}}`
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		for name, end := range ends {
			t.Run(name, func(t *testing.T) {
				for place, walk := range map[string]func(m *monde){
					"choice": func(m *monde) {
						n := m.browser("claire")
						id := n.demande("claims", three)
						n.expect(n.choose(id, m.odile.ID), 303)
						end.spoil(m)
						w := n.act(id, demarche.Famille)
						if w.Code < 400 || w.Code >= 500 || !strings.Contains(plain(w.Body.String()), "Revenir à FranceConnect") {
							t.Errorf("got %d %s", w.Code, plain(w.Body.String()))
						}
						if m.lines("refuse_authorize") != 1 || m.count(`SELECT count(*) FROM dossier_utilisation WHERE code_empreinte IS NOT NULL AND aidant_id = $1`, m.a.Aidant) > 0 {
							t.Error("not journaled, or a code was issued")
						}
						// The way back still works.
						to := n.expect(n.do("POST", "/authorize/retour/", url.Values{"demande": {id}}), 303)
						if !strings.Contains(to, "error=access_denied&state=un-state&iss=") {
							t.Errorf("sent back to %s", to)
						}
					},
					"token": func(m *monde) {
						code := m.browser("claire").code(demarche.Famille, "claims", three)
						end.spoil(m)
						m.refused(m.exchange(code), 400, "invalid_grant")
						m.refused(m.exchange(code), 400, "invalid_grant")
						m.checkFailure(end.motif, "refuse_token")
					},
					"userinfo": func(m *monde) {
						tokens := m.tokens(m.browser("claire").code(demarche.Famille, "claims", three))
						end.spoil(m)
						m.refused(m.userinfo(tokens.AccessToken), 401, "invalid_token")
						m.refused(m.userinfo(tokens.AccessToken), 401, "invalid_token")
						m.checkFailure(end.motif, "refuse_userinfo")
						if m.lines("use_autorisation")+m.lines("notify_usager")-1 > 0 || m.count(`SELECT count(*) FROM usage_mandat WHERE aidant_id = $1`, m.a.Aidant) > 0 {
							t.Error("a refused use was recorded")
						}
					},
					"repeated userinfo": func(m *monde) {
						tokens := m.tokens(m.browser("claire").code(demarche.Famille, "claims", three))
						m.fc().expect(m.userinfo(tokens.AccessToken), 200)
						end.spoil(m)
						m.refused(m.userinfo(tokens.AccessToken), 401, "invalid_token")
						m.checkFailure(end.motif, "refuse_userinfo")
					},
				} {
					t.Run(place, func(t *testing.T) {
						m.t = t
						m.fresh()
						walk(m)
					})
				}
			})
		}
	})
}

// checkFailure: the home page can say why, and the dossier holds nothing more.
func (m *monde) checkFailure(want fournisseur.Motif, action string) {
	m.t.Helper()
	ctx := m.t.Context()
	check(m.t, m.d.View(ctx, func(tx *db.Tx) error {
		e, ok, err := fournisseur.LastFailure(ctx, tx, m.a.Aidant)
		if !ok || e.Motif != want || e.Motif.Texte() == "" {
			m.t.Errorf("last failure %+v, %v; want %s", e, ok, want)
		}
		return err
	}))
	if n := m.lines(action); n != 1 {
		m.t.Errorf("%d lines %s, want 1", n, action)
	}
	if m.count(`SELECT count(*) FROM dossier_utilisation WHERE aidant_id = $1 AND statut = 'refuse' AND code_empreinte IS NULL AND jeton_empreinte IS NULL AND nonce = ''`, m.a.Aidant) != 1 {
		m.t.Error("the refused dossier was not erased")
	}
}

func TestPurge(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		n := m.browser("claire")
		n.demande()
		id := n.demande()
		n.expect(n.choose(id, m.odile.ID), 303)
		n.code(demarche.Papiers)
		m.fc().expect(m.userinfo(m.tokens(n.code(demarche.Famille)).AccessToken), 200)
		purge := func() (n int) {
			m.update(func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = fournisseur.PurgeDossiers(ctx, tx)
				return err
			})
			return n
		}
		if got := purge(); got != 0 {
			t.Errorf("purged %d rows that live", got)
		}
		clock.Advance(time.Hour)
		if got := purge(); got != 5 { // three dossiers ended, two requests deleted
			t.Errorf("purged %d", got)
		}
		for statut, want := range map[string]int{"expire": 2, "clos": 1} {
			if got := m.count(`SELECT count(*) FROM dossier_utilisation WHERE statut = $1 AND nonce = '' AND code_empreinte IS NULL`, statut); got != want {
				t.Errorf("%d dossiers %s, want %d", got, statut, want)
			}
		}
		clock.Advance(8 * 24 * time.Hour)
		if got := purge(); got != 3 || m.count(`SELECT count(*) FROM dossier_utilisation`) != 0 {
			t.Errorf("purged %d", got)
		}
		if m.count(`SELECT count(*) FROM usage_mandat`) != 1 {
			t.Error("the record of the use must stay")
		}
	})
}
