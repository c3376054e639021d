package fournisseur_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/simulateur"
	"aidantsconnect/internal/testkit"
)

// profil is how our provider may be registered at FranceConnect (§2.1).
type profil struct{ idToken, userinfo, idTokenEnc, userinfoEnc string }

func (p profil) String() string {
	return strings.Join([]string{p.idToken, p.userinfo, p.idTokenEnc, p.userinfoEnc}, "+")
}

// Whatever the registration, the simulation of FranceConnect, which forgives
// nothing (SIM-05), opens the public service with what we answer, and ends the
// connection with the hint it kept: FI-52 to FI-54, FI-60, FI-61, FI-63, FI-70.
func TestEveryProfileWithFranceConnect(t *testing.T) {
	profils := []profil{
		{oidc.ES256, oidc.ES256, "", ""}, // the default
		{oidc.HS256, "", "", ""},         // the known old registration (M-W37)
		{oidc.HS256, oidc.HS256, "", ""},
		{oidc.RS256, oidc.RS256, "", ""},
		{oidc.ES256, "", "", ""},
		{oidc.RS256, oidc.ES256, "", oidc.ECDHES},
		{oidc.ES256, oidc.ES256, oidc.ECDHES, oidc.RSAOAEP256},
		{oidc.ES256, "", "", oidc.ECDHES}, // the bare object
		{oidc.HS256, oidc.RS256, oidc.RSAOAEP256, oidc.RSAOAEP256},
	}
	clock := testkit.NewClock(testkit.Start)
	m := newMonde(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	for _, p := range profils {
		t.Run(p.String(), func(t *testing.T) {
			m.t = t
			m.fresh()
			at := m.open(p)
			b := &demo.Parcours{Navigateur: demo.NewNavigateur(outgoing.NewClient(time.Minute).Transport), Adresses: at}
			shown, err := b.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"})
			if err != nil || !strings.Contains(shown, "Odile") {
				t.Fatalf("%q, %v", shown, err)
			}
			check(t, b.Deconnecter("a"))
			if got := m.text(`SELECT statut FROM dossier_utilisation WHERE aidant_id = $1`, m.a.Aidant); got != "clos" {
				t.Errorf("after the end of session the use is %s", got)
			}
		})
	}
}

// open serves our provider and the simulation, registered with each other, each
// under its name.
func (m *monde) open(p profil) demo.Adresses {
	m.t.Helper()
	var app, sim http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "app.") {
			r.AddCookie(&http.Cookie{Name: "__Host-session", Value: "claire"})
			app.ServeHTTP(w, r)
			return
		}
		sim.ServeHTTP(w, r)
	}))
	m.t.Cleanup(srv.Close)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	check(m.t, err)
	origin := func(name string) string { return "http://" + name + ".localhost:" + port }
	at := demo.Adresses{App: origin("app"), FC: origin("fc"), Service: origin("service")}
	const sharedSecret = "un-secret-partage-de-trente-deux-octets"
	s, err := simulateur.New(simulateur.Config{
		FC: at.FC, FI: origin("fi"), Service: at.Service, HTTP: outgoing.NewClient(time.Minute), Clock: m.clock.Now, Log: testkit.Log(m.t),
		ClientFS: simulateur.ClientFS{ClientID: "fs", ClientSecret: sharedSecret, RedirectURIs: []string{at.App + "/callbackv2/"}, Alg: oidc.ES256},
		ClientFI: simulateur.ClientFI{
			Issuer: at.App, ClientID: "fc", ClientSecret: sharedSecret, AuthorizeURL: at.App + oidc.PathAuthorize, TokenURL: at.App + oidc.PathToken,
			UserinfoURL: at.App + oidc.PathUserinfo, EndSessionURL: at.App + oidc.PathLogout, JWKSURL: at.App + oidc.PathJWKS,
			IDTokenAlg: p.idToken, UserinfoAlg: p.userinfo, IDTokenChiffrement: p.idTokenEnc, UserinfoChiffrement: p.userinfoEnc,
		},
	})
	check(m.t, err)
	sim = s.Handler()
	h := *m.h
	h.Issuer = at.App
	h.Clients = oidc.Registrations{{
		ClientID: "fc", Secrets: []secret.Text{sharedSecret}, RedirectURIs: []string{at.FC + "/api/v2/oidc-callback"},
		PostLogoutRedirectURIs: []string{at.FC + "/api/v2/client/logout-callback"}, IDTokenAlg: p.idToken, UserinfoAlg: p.userinfo,
		IDTokenEncAlg: p.idTokenEnc, UserinfoEncAlg: p.userinfoEnc, JWKSURI: at.FC + "/api/v2/client/.well-known/keys", TokenAuthMethods: []string{oidc.SecretPost},
	}}
	h.ClesClients = fournisseur.NewClesClients(m.clock.Now, testkit.Log(m.t))
	check(m.t, h.Prepare(m.t.Context()))
	app = m.serve(&h)
	return at
}
