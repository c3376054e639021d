package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/figurant"
	"aidantsconnect/internal/server"
)

// banc is the service on one database, loaded, and what is played against it.
type banc struct {
	options
	plan
	dialecte db.Dialect
	dossier  string

	env     map[string]string // the configuration, for the program too
	cfg     server.Config
	s       *server.Server
	horloge *demo.Horloge
	bases   []string // PostgreSQL: databases to drop

	grande  structure   // where people are chosen
	autres  []structure // the others
	clients []secretSession
	stock   [2][]aSigner
}

// The names of the two registrations.
const (
	idFI       = "franceconnect-mesures"
	secretFI   = "un-secret-de-mesure-qui-ne-sert-nulle-part"
	retourFI   = "https://fc.example/api/v2/oidc-callback"
	emetteurFC = "http://fc.localhost:9/api/v2"
)

// start opens the service on a new database.
func (b *banc) start(ctx context.Context, nom string) error {
	address, err := b.newDatabase(ctx, nom)
	if err != nil {
		return err
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	if b.env, err = environment(address, b.dossier, port); err != nil {
		return err
	}
	if b.cfg, err = server.LoadConfig(nil, b.env); err != nil {
		return err
	}
	b.horloge = demo.NewHorloge(server.Now)
	if err := server.Migrate(ctx, b.cfg); err != nil {
		return err
	}
	// The request's line is written, as it is in production, but nowhere.
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	if b.profil != "" { // the transactions tried again say why
		if err := os.MkdirAll(b.profil, 0o755); err != nil {
			return err
		}
		f, err := os.Create(filepath.Join(b.profil, string(b.dialecte)+".log"))
		if err != nil {
			return err
		}
		log = slog.New(slog.NewJSONHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	b.s, err = server.New(ctx, b.cfg, server.Options{Log: log, Clock: b.horloge.Now})
	return err
}

// close releases what is still open.
func (b *banc) close(ctx context.Context) error {
	var err error
	if b.s != nil {
		err = b.s.Close()
	}
	for _, name := range b.bases {
		if b.garder {
			break
		}
		err = errors.Join(err, administer(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"))
	}
	return err
}

// newDatabase gives the address of an empty database.
func (b *banc) newDatabase(ctx context.Context, nom string) (string, error) {
	if b.dialecte == db.SQLite {
		return "sqlite:" + filepath.Join(b.dossier, nom+".db"), nil
	}
	u, err := url.Parse(os.Getenv("AC_TEST_POSTGRES"))
	if err != nil || u.Scheme == "" {
		return "", errors.New("AC_TEST_POSTGRES ne désigne pas de PostgreSQL : lancez « make bench »")
	}
	base := "ac_mesures_" + strconv.Itoa(os.Getpid()) + "_" + nom
	if err := administer(ctx, "CREATE DATABASE "+base+" ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0"); err != nil {
		return "", err
	}
	b.bases = append(b.bases, base)
	u.Path = "/" + base
	return u.String(), nil
}

// administer runs a statement on the cluster, outside any transaction.
func administer(ctx context.Context, statement string) error {
	return onPostgres(ctx, os.Getenv("AC_TEST_POSTGRES"), statement)
}

func onPostgres(ctx context.Context, address, statement string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	a, _ := l.Addr().(*net.TCPAddr)
	return a.Port, l.Close()
}

// environment is the configuration of the service that is measured.
func environment(base, dossier string, port int) (map[string]string, error) {
	registrations, err := json.Marshal([]map[string]any{{
		"client_name": "FranceConnect (mesures)", "client_id": idFI, "client_secrets": []string{secretFI},
		"redirect_uris": []string{retourFI}, "id_token_signed_response_alg": "ES256", "userinfo_signed_response_alg": "ES256",
	}})
	if err != nil {
		return nil, err
	}
	env := map[string]string{
		"AC_ORIGINE": fmt.Sprintf("http://localhost:%d", port), "AC_ECOUTE": fmt.Sprintf("127.0.0.1:%d", port), "AC_BASE": base, "AC_SIMULATION": "true",
		"AC_COURRIEL": "dossier:" + filepath.Join(dossier, "courriels"), "AC_COURRIEL_EXPEDITEUR": "Aidants Connect <mesures@example.org>",
		"AC_SMS":         "dossier:" + filepath.Join(dossier, "courriels"),
		"AC_FC_EMETTEUR": emetteurFC, "AC_FC_CLIENT_ID": "mesures", "AC_FC_CLIENT_SECRET": secretFI, "AC_FC_ALG": "ES256",
		"AC_FI_ENREGISTREMENTS": string(registrations), "AC_CONTACT": "aide@example.org", "AC_RESPONSABLE": "les mesures", "AC_DPO": "aide@example.org",
		"AC_JOURNAL_ORIGINE": "mesures.example/journal",
	}
	for _, v := range server.NewCles().Variables() {
		nom, cle, _ := strings.Cut(v, "=")
		env[nom] = cle
	}
	return env, nil
}

// measure does everything on one database.
func (b *banc) measure(ctx context.Context) (m mesures, err error) {
	m = mesures{Base: string(b.dialecte), Usagers: b.usagers, Mandats: b.mandats()}
	step(b.dialecte, "limites de la machine")
	if m.Limites, err = b.limits(ctx); err != nil {
		return m, err
	}
	if err := b.start(ctx, "service"); err != nil {
		return m, err
	}
	if m.Chargement, err = b.load(ctx); err != nil {
		return m, err
	}
	if err := b.profile(func() error { return b.handlers(ctx, &m) }); err != nil {
		return m, err
	}
	if m.Verification, err = b.verify(ctx); err != nil {
		return m, err
	}
	err = b.s.Close()
	b.s = nil
	if err != nil {
		return m, err
	}
	step(b.dialecte, "le programme construit, par HTTP")
	m.Programme, err = b.program(ctx)
	return m, err
}

// handlers plays everything against the handlers, without a network.
func (b *banc) handlers(ctx context.Context, m *mesures) (err error) {
	direct := b.direct()
	// A program that has run for a while has its plans and its caches.
	step(b.dialecte, "mise en route")
	if _, err := b.uses(ctx, direct, parallele); err != nil {
		return err
	}
	if err := b.settle(ctx); err != nil {
		return err
	}
	for i, n := range []int{1, parallele} {
		step(b.dialecte, fmt.Sprintf("%d client(s) : utilisations, mandats, pages", n))
		var p parClients
		if p, err = b.clientsOf(ctx, direct, n, i); err != nil {
			return err
		}
		m.Clients = append(m.Clients, p)
		if _, err := b.s.Journal.Sequence(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *banc) clientsOf(ctx context.Context, door porte, n, i int) (p parClients, err error) {
	p.Clients = n
	for _, one := range []struct {
		mot string
		do  func() error
	}{
		{"utilisations", func() (err error) { p.Utilisations, err = b.uses(ctx, door, n); return err }},
		{"mandats", func() (err error) { p.Conclusions, err = b.conclusions(ctx, door, n, b.stock[i]); return err }},
		{"pages", func() (err error) { p.Choix, err = b.choices(ctx, door, n, ""); return err }},
		{"pages", func() (err error) { p.Recherche, err = b.choices(ctx, door, n, figurant.Recherche); return err }},
		{"pages", func() (err error) { p.Liste, err = b.pages(ctx, door, n, "/espace-aidant/usagers/"); return err }},
	} {
		if b.seulement != "" && b.seulement != one.mot {
			continue
		}
		if err := one.do(); err != nil {
			return p, fmt.Errorf("%s : %w", one.mot, err)
		}
	}
	return p, nil
}

// direct calls the handlers in this process.
func (b *banc) direct() porte {
	h := b.s.Handler()
	return func(r *http.Request) (*reponse, error) {
		r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
		w := &reponse{entete: http.Header{}}
		h.ServeHTTP(w, r)
		w.statut = cmp.Or(w.statut, http.StatusOK)
		return w, nil
	}
}
