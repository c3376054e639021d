package diagnostic_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/diagnostic"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/simulateur"
	"aidantsconnect/internal/testkit"

	"golang.org/x/mod/sumdb/note"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// diagnose runs a diagnostic and checks that it prints no secret.
func diagnose(t *testing.T, cfg server.Config, o diagnostic.Options) (string, error) {
	t.Helper()
	var b strings.Builder
	err := diagnostic.Run(t.Context(), cfg, o, &b)
	out := b.String()
	if err != nil && !errors.Is(err, server.ErrACorriger) {
		t.Fatal(err)
	}
	hidden := map[string]string{"client secret": cfg.FCClientSecret.Reveal(), "secret of ProConnect": cfg.ProConnectSecret.Reveal(), "key": cfg.Cles.Champs.Reveal(), "registrations": cfg.FIEnregistrements.Reveal()}
	if clients, err := cfg.Enregistrements(); err == nil {
		for _, c := range clients {
			hidden["secret of "+c.ClientID] = c.Secrets[0].Reveal()
		}
	}
	for what, v := range hidden {
		if v != "" && strings.Contains(out, v) {
			t.Errorf("the %s is printed", what)
		}
	}
	if (err != nil) != strings.Contains(out, "[à corriger]") {
		t.Errorf("error %v with:\n%s", err, out)
	}
	if !strings.Contains(out, "Bilan : ") {
		t.Errorf("no sum:\n%s", out)
	}
	return out, err
}

// A configuration that works: nothing to mend, and what cannot be seen from
// here is said.
func TestDiagnosticOfWhatWorks(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		out, err := diagnose(t, m.Config, diagnostic.Options{})
		if err != nil {
			t.Errorf("something to mend:\n%s", out)
		}
		testkit.Says(t, out, "[ok] Base", "[ok] Découverte", "[ok] Heure", "[ok] Clés de FranceConnect : 2 clé(s) ES256", "[ok] Demande d'autorisation", "[ok] Portées : les 11",
			"[ok] Secret du client : accepté", "[ok] Émetteur dans les réponses", "[ok] Clés publiées : 1", "[ok] Découverte de ProConnect", "[ok] Demande à ProConnect", "[ok] Secret donné par ProConnect", "[ok] PKCE : S256", "franceconnect-demo", "fc.localhost", "fi_es256 : active depuis 0 jours",
			"[ne se vérifie pas d'ici] Adresse de retour de déconnexion", "[ne se vérifie pas d'ici] Trajet de FranceConnect vers nous", "0 à corriger")
	})
}

// Each mistake is told, with what mends it.
func TestDiagnosticOfMistakes(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	port := m.Adresses.App[strings.LastIndexByte(m.Adresses.App, ':'):]
	for name, c := range map[string]struct {
		edit func(*server.Config)
		o    diagnostic.Options
		want []string
	}{
		"wrong secret":      {func(c *server.Config) { c.FCClientSecret = secret.Text(strings.Repeat("x", 40)) }, diagnostic.Options{}, []string{"[à corriger] Secret du client : refusé (invalid_client)", "AC_FC_CLIENT_SECRET", "[ok] Demande d'autorisation"}},
		"wrong client":      {func(c *server.Config) { c.FCClientID = "autre" }, diagnostic.Options{}, []string{"[à corriger] Demande d'autorisation", "la même que pour un client qui n'existe pas", "AC_FC_CLIENT_ID"}},
		"wrong origin":      {func(c *server.Config) { c.Origine = "http://autre.localhost" + port }, diagnostic.Options{}, []string{"le client est connu, l'adresse de retour non", "http://autre.localhost" + port + "/callbackv2/", "[à corriger] Découverte : statut"}},
		"nobody there":      {func(c *server.Config) { c.FCEmetteur = "http://fc.localhost:1/api/v2" }, diagnostic.Options{}, []string{"[à corriger] Découverte : rien n'écoute à cette adresse", "AC_FC_EMETTEUR"}},
		"another algorithm": {func(c *server.Config) { c.FCAlg = "RS256" }, diagnostic.Options{}, []string{"[à corriger] Clés de FranceConnect : aucune clé RS256", "AC_FC_ALG"}},
		"loop not seen":     {func(c *server.Config) { c.FCFIUid = "" }, diagnostic.Options{}, []string{"[à corriger] Boucle", "AC_FC_FI_UID"}},
		"basic":             {func(c *server.Config) { c.FCAuth = "client_secret_basic" }, diagnostic.Options{}, []string{"[à corriger] Authentification du service", "[à corriger] Secret du client : refusé (invalid_client), envoyé par client_secret_basic", "AC_FC_AUTHENTIFICATION"}},
		"clock":             {func(*server.Config) {}, diagnostic.Options{Clock: func() time.Time { return server.Now().Add(90 * time.Second) }}, []string{"[à corriger] Heure : notre horloge a 1m30s d'avance", "NTP"}},
		"clock late":        {func(*server.Config) {}, diagnostic.Options{Clock: func() time.Time { return server.Now().Add(-time.Minute) }}, []string{"[à corriger] Heure : notre horloge a 1m0s de retard"}},
		"old key":           {func(*server.Config) {}, diagnostic.Options{Clock: func() time.Time { return server.Now().AddDate(2, 0, 0) }}, []string{"[à corriger] fi_es256 : signe depuis 73", "cles rotate --usage=fi_es256", "[ok] journal : active depuis 73"}},
		"no database":       {func(c *server.Config) { c.Base = "sqlite:/nulle/part/base.db" }, diagnostic.Options{}, []string{"[à corriger] Base", "aidantsconnect migrate", "sans base pour comparer", "[ne se vérifie pas d'ici] Clés"}},
		"no client":         {func(c *server.Config) { c.FIEnregistrements = "" }, diagnostic.Options{}, []string{"[à corriger] Liste : vide"}},
		"client nowhere": {func(c *server.Config) {
			c.FIEnregistrements = secret.Text(strings.ReplaceAll(c.FIEnregistrements.Reveal(), "fc.localhost"+port, "fc.localhost:1"))
		}, diagnostic.Options{}, []string{"[à corriger] FranceConnect (simulation), retour : fc.localhost:1 : rien n'écoute"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := m.Config
			c.edit(&cfg)
			out, err := diagnose(t, cfg, c.o)
			if err == nil {
				t.Error("nothing to mend")
			}
			testkit.Says(t, out, c.want...)
		})
	}
}

// Another database than the one that answers in public: its keys are missing
// there, and tokens would not verify.
func TestDiagnosticOfAnotherDatabase(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	cfg := m.Config
	cfg.Base = testkit.NewDatabase(t, db.SQLite)
	ok(t, server.Migrate(t.Context(), cfg))
	out, _ := diagnose(t, cfg, diagnostic.Options{})
	testkit.Says(t, out, "[à corriger] Clés publiées : une clé de cette base n'est pas à l'adresse publique")
}

// Scopes that FranceConnect did not grant are named one by one.
func TestDiagnosticOfScopes(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	cfg := m.Config
	var sim http.Handler
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { sim.ServeHTTP(w, r) }))
	t.Cleanup(srv.Close)
	at := func(host string) string { return "http://" + host + srv.URL[strings.LastIndexByte(srv.URL, ':'):] }
	s, err := simulateur.New(simulateur.Config{
		FC: at("fc.localhost"), FI: at("fi.localhost"), Service: at("service.localhost"), HTTP: srv.Client(), Clock: server.Now,
		ClientFS: simulateur.ClientFS{
			ClientID: cfg.FCClientID, ClientSecret: cfg.FCClientSecret.Reveal(), RedirectURIs: []string{cfg.Origine + "/callbackv2/"},
			ScopesAccordes: strings.Fields("openid given_name family_name birthdate gender birthplace birthcountry email preferred_username"),
		},
	})
	ok(t, err)
	sim = s.Handler()
	cfg.FCEmetteur = s.Issuer()
	out, _ := diagnose(t, cfg, diagnostic.Options{})
	testkit.Says(t, out, "[ok] Demande d'autorisation", "[à corriger] Portées : non accordées à notre service : idp_birthdate, idp_id\n", "[ok] Secret du client")
}

// What a FranceConnect that is not well answers is judged, never followed nor
// quoted.
func TestDiagnosticOfBadAnswers(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	var discovery func(issuer string) map[string]any
	var authorize, token http.HandlerFunc
	var host string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Age", "30")
		_ = json.NewEncoder(w).Encode(discovery(host))
	})
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"keys":[{"kty":"EC","kid":"k","d":"x"}]}`))
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) { authorize(w, r) })
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) { token(w, r) })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	host = "http://fc.localhost" + srv.URL[strings.LastIndexByte(srv.URL, ':'):]

	usual := func(issuer string) map[string]any {
		return map[string]any{
			"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token", "userinfo_endpoint": issuer + "/userinfo",
			"end_session_endpoint": issuer + "/end", "jwks_uri": issuer + "/jwks", "response_types_supported": []string{"code"},
		}
	}
	page := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<p>MOT-A-TAIRE "+text, status) }
	}
	back := func(params string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Query().Get("redirect_uri")+"?"+params, http.StatusSeeOther)
		}
	}
	without := func(name string) func(string) map[string]any {
		return func(issuer string) map[string]any {
			d := usual(issuer)
			delete(d, name)
			return d
		}
	}
	for name, c := range map[string]struct {
		discovery        func(string) map[string]any
		authorize, token http.HandlerFunc
		want             []string
	}{
		"bare":             {usual, page(500, ""), page(500, ""), []string{"[à corriger] Émetteur dans les réponses", "[à corriger] Niveau de garantie", "[ne se vérifie pas d'ici] Heure", "[ne se vérifie pas d'ici] Demande d'autorisation", "[ne se vérifie pas d'ici] Secret du client : statut 500"}},
		"another issuer":   {func(string) map[string]any { return usual("https://autre.exemple.test") }, nil, nil, []string{"[à corriger] Émetteur : le document se dit d'un autre émetteur"}},
		"no token address": {without("token_endpoint"), nil, nil, []string{"[à corriger] Adresses : absentes ou sans https : token_endpoint"}},
		"in clear elsewhere": {func(issuer string) map[string]any {
			d := usual(issuer)
			d["token_endpoint"] = "http://ailleurs.exemple.test/token"
			return d
		}, nil, nil, []string{"[à corriger] Adresses : absentes ou sans https : token_endpoint"}},
		"parameter refused": {usual, page(400, "Y030007"), page(400, `{"error":"MOT"}`), []string{"code Y030007", "refuse un paramètre"}},
		"unauthorized":      {usual, back("error=unauthorized_client"), page(401, ""), []string{"[à corriger] Demande d'autorisation : FranceConnect répond unauthorized_client", "[à corriger] Secret du client : refusé"}},
		"strange word":      {usual, back("error=MOT-A-TAIRE"), page(400, ""), []string{"[ne se vérifie pas d'ici] Demande d'autorisation"}},
		"accepted":          {usual, page(200, ""), func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"error":"invalid_grant"}`)) }, []string{"[ok] Demande d'autorisation", "[ok] Secret du client"}},
		"redirect":          {usual, page(200, ""), func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ailleurs", http.StatusFound) }, []string{"[ne se vérifie pas d'ici] Secret du client : statut 302"}},
		"cut":               {usual, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, []string{"[à corriger] Demande d'autorisation : la connexion a échoué", "[à corriger] Secret du client : la connexion a échoué"}},
		// The secret goes the way it is registered, each half form-encoded, and
		// nowhere else (RFC 6749 §2.3.1).
		"basic": {usual, page(200, ""), func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			if user != url.QueryEscape(m.Config.FCClientID) || password != "un+secret%2B%25%3A+de+plus+de+trente-deux+octets" || r.FormValue("client_secret")+r.FormValue("client_id") != "" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		}, []string{"[ok] Secret du client : accepté par client_secret_basic"}},
	} {
		t.Run(name, func(t *testing.T) {
			discovery, authorize, token = c.discovery, c.authorize, c.token
			cfg := m.Config
			cfg.FCEmetteur = host
			if name == "basic" {
				cfg.FCAuth, cfg.FCClientSecret = "client_secret_basic", "un secret+%: de plus de trente-deux octets"
			}
			out, _ := diagnose(t, cfg, diagnostic.Options{})
			testkit.Says(t, out, c.want...)
			if strings.Contains(out, "MOT-A-TAIRE") {
				t.Errorf("the answer is quoted:\n%s", out)
			}
		})
	}
}

// Our own address over TLS: a certificate near its end, and a private key that
// somebody publishes.
func TestDiagnosticOfOurOwnAddress(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	var srv *httptest.Server
	srv = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/jwks" {
			_, _ = w.Write([]byte(`{"keys":[{"kty":"EC","kid":"fuite","d":"privé"}]}`))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": srv.URL, "authorization_endpoint": srv.URL + "/ailleurs"})
	}))
	t.Cleanup(srv.Close)
	cfg := m.Config
	cfg.Origine = srv.URL
	end := srv.Certificate().NotAfter
	out, _ := diagnose(t, cfg, diagnostic.Options{HTTP: srv.Client(), Clock: func() time.Time { return end.AddDate(0, 0, -5) }})
	testkit.Says(t, out, "[à corriger] Certificat : il expire le "+end.UTC().Format("02/01/2006"), "[à corriger] Clés publiées : une clé PRIVÉE est publiée : fuite", "[à corriger] Adresses : le document ne donne pas")
	if out, _ := diagnose(t, cfg, diagnostic.Options{HTTP: srv.Client()}); !strings.Contains(out, "[ok] Certificat") {
		t.Error(out)
	}
	if out, _ := diagnose(t, cfg, diagnostic.Options{}); !strings.Contains(out, "autorité que cette machine ne connaît pas") {
		t.Error(out)
	}
}

// The part about ProConnect: nothing to say without it, each mistake with what
// mends it.
func TestDiagnosticOfProConnect(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	for name, c := range map[string]struct {
		change func(*server.Config)
		says   string
	}{
		"none":          {func(c *server.Config) { c.ProConnectEmetteur = "" }, "[ok] Réglage : aucun"},
		"nobody there":  {func(c *server.Config) { c.ProConnectEmetteur = "http://127.0.0.1:1/api/v2" }, "[à corriger] Découverte de ProConnect"},
		"another name":  {func(c *server.Config) { c.ProConnectEmetteur = m.Config.FCEmetteur + "/." }, "[à corriger] "},
		"algorithm":     {func(c *server.Config) { c.ProConnectAlg = "RS256" }, "[à corriger] Signature du jeton de ProConnect"},
		"signed data":   {func(c *server.Config) { c.ProConnectAlg, c.ProConnectUserinfo = "RS256", "jwt" }, "[à corriger] Signature des données de ProConnect"},
		"client":        {func(c *server.Config) { c.ProConnectClientID = "inconnu" }, "[à corriger] Demande à ProConnect"},
		"secret":        {func(c *server.Config) { c.ProConnectSecret = secret.Text(strings.Repeat("x", 40)) }, "[à corriger] Secret donné par ProConnect"},
		"wrong address": {func(c *server.Config) { c.Origine = "http://ailleurs.localhost" }, "[à corriger] Demande à ProConnect"},
	} {
		cfg := m.Config
		c.change(&cfg)
		if out, _ := diagnose(t, cfg, diagnostic.Options{}); !strings.Contains(out, c.says) {
			t.Errorf("%s: no %q in:\n%s", name, c.says, out)
		}
	}
}

// TestDiagnosticOfTheJournal: what others see of our journal, each witness, and
// who dates it.
func TestDiagnosticOfTheJournal(t *testing.T) {
	now := func() time.Time { return testkit.Start }
	tiers := testkit.NewHorodateur(t, func() time.Time { return now() })
	roots := filepath.Join(t.TempDir(), "racines.pem")
	ok(t, os.WriteFile(roots, tiers.PEM, 0o600))
	vkey, err := note.NewEd25519VerifierKey("autre.exemple.fr/journal", make([]byte, 32)) // another operator, whom we witness
	ok(t, err)
	other := testkit.NewMonde(t, db.SQLite)
	other.Connecte(t, "nadia")
	if _, err := other.Server.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AC_HORODATAGE_URL", tiers.URL)
	t.Setenv("AC_HORODATAGE_AUTORITE", roots)
	t.Setenv("AC_TEMOIN_JOURNAUX", vkey)
	m := testkit.NewMonde(t, db.SQLite)
	now = m.Horloge.Now
	m.Connecte(t, "nadia")
	if _, err := m.Server.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := m.Server.Publie.Date(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	o := diagnostic.Options{Clock: m.Horloge.Now}
	witness := m.Adresses.App + "/temoin " + m.Server.Publie.Temoin.Vkey()
	look := func(edit func(*server.Config), want ...string) {
		t.Helper()
		cfg := m.Config
		edit(&cfg)
		out, _ := diagnose(t, cfg, o)
		testkit.Says(t, out, want...)
	}
	look(func(*server.Config) {}, "[ok] Journal publié : ", "aucun ne contresigne notre journal", "[ne se vérifie pas d'ici] Nous, témoin de autre.exemple.fr/journal", "[ok] Autorité d'horodatage : Horodatage d’essai répond", "[ok] Dernière date certifiée : le ")
	look(func(c *server.Config) { c.JournalTemoins = []string{witness} }, "[à corriger] Témoin ", "ne connaît pas notre journal")
	look(func(c *server.Config) {
		c.JournalTemoins = []string{strings.Replace(witness, m.Adresses.App, "http://localhost:1", 1)}
	}, "[à corriger] Témoin ", "injoignable")
	look(func(c *server.Config) { c.Origine = other.Adresses.App }, "[à corriger] Journal publié : ce que montre")
	a := testkit.NewAutorite(t, m.Horloge.Now())
	certs, cle := a.Certify(testkit.NewCleEC(t))
	path := filepath.Join(t.TempDir(), "certificat.pem")
	ok(t, os.WriteFile(path, certs, 0o600))
	look(func(*server.Config) {}, "[ne se vérifie pas d'ici] Sceau de l'exploitant : aucun certificat")
	sealed := func(c *server.Config) { c.SceauCertificat, c.SceauCle = path, secret.Text(cle) }
	look(sealed, "[ok] Sceau de l'exploitant : certificat de Structure d’essai, certifié par Autorité d’essai, valable jusqu'au ")
	look(func(c *server.Config) { c.SceauCertificat, c.SceauCle = path, "x" }, "[à corriger] Sceau de l'exploitant : son certificat ne peut pas sceller")
	o.Clock = func() time.Time { return m.Horloge.Now().AddDate(0, 11, 15) }
	look(sealed, "[à corriger] Sceau de l'exploitant : le certificat de Structure d’essai finit le ")
	o.Clock = m.Horloge.Now
	tiers.Faux.Store(true)
	look(func(*server.Config) {}, "[à corriger] Autorité d'horodatage : sa réponse ne se vérifie pas")
	tiers.Muet.Store(true)
	o.Clock = func() time.Time { return m.Horloge.Now().Add(72 * time.Hour) }
	look(func(*server.Config) {}, "[à corriger] Autorité d'horodatage : elle ne répond pas", "[à corriger] Dernière date certifiée : vieille de 3 jours")
	// Who knows us refuses a checkpoint that we did not sign (C2SP).
	knows := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(knows.Close)
	address := strings.Replace(knows.URL, "127.0.0.1", "localhost", 1)
	look(func(c *server.Config) {
		c.JournalTemoins = []string{strings.Replace(witness, m.Adresses.App+"/temoin", address, 1)}
	}, "répond, mais n'a pas contresigné nos dernières lignes")
	o.Clock = m.Horloge.Now
	ok(t, m.Server.DB.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO journal_temoin (nom, taille, date, echec) SELECT $1, max(taille), $2, '' FROM journal_point`, m.Config.NomTemoin(), tx.Now)
		return err
	}))
	look(func(c *server.Config) {
		c.JournalTemoins = []string{strings.Replace(witness, m.Adresses.App+"/temoin", address, 1)}
	}, "[ok] Témoin ", "lignes contresignées, le ")
}
