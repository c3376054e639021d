// Package demo runs the whole service on one machine: the application, the
// stand-in of FranceConnect, demo public services and a mailbox, on one
// listener, told apart by the Host header. It seeds two structures through the
// domain, or plays the whole main job by itself.
//
// It owns no table. Its hosts: localhost (the application), fc.localhost,
// fi.localhost, service.localhost, pc.localhost, demo.localhost.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/simulateur"
	"aidantsconnect/internal/web"
)

// Options are the flags of the command.
type Options struct {
	Play     bool           // play the main job on a temporary database, then stop
	JSON     bool           // one line of JSON on stdout once ready
	Port     int            // 0: a free one, temporary database
	Database string         // "" : SQLite in the demo's folder
	Neuf     bool           // start afresh
	Sans     bool           // no usager, no mandat: for benches and tests
	Textes   aidant.Recueil // what people sign; nil: ours
	Taches   []string       // the tasks that run; nil: all
}

// Instance is a demo that is serving.
type Instance struct {
	Adresses Adresses
	Server   *server.Server
	Horloge  *Horloge
	Config   server.Config

	coffre  *coffre
	dossier string // where the demo keeps its files
	ecoute  string // address of the listener
	log     *slog.Logger
	progres io.Writer
	simule  bool // our own stand-in is the FranceConnect in use
	cancel  context.CancelFunc
	done    chan error
	nettoy  func() error
}

// Comptes are the accounts of the demo.
func (i *Instance) Comptes() []Compte { return i.coffre.Comptes }

// Run starts a demo and serves until ctx ends.
func Run(ctx context.Context, o Options, stdout, stderr io.Writer) error {
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	i, err := Start(ctx, o, log, stderr)
	if err != nil {
		return err
	}
	if o.Play {
		err = i.Play(stdout)
		return errors.Join(err, i.Close())
	}
	if o.JSON {
		err = json.NewEncoder(stdout).Encode(i.annonce())
	} else {
		err = i.greet(stdout)
	}
	if err != nil {
		return errors.Join(err, i.Close())
	}
	select {
	case <-ctx.Done():
	case err = <-i.done:
		i.done <- err
	}
	return i.Close()
}

// Start binds, migrates, seeds if needed, and serves.
func Start(ctx context.Context, o Options, log *slog.Logger, progres io.Writer) (*Instance, error) {
	dossier, nettoy, err := prepareFolder(o)
	if err != nil {
		return nil, err
	}
	l, err := listen(ctx, o)
	if err != nil {
		return nil, errors.Join(err, nettoy())
	}
	i := &Instance{log: log, progres: progres, dossier: dossier, nettoy: nettoy, done: make(chan error, 1), Horloge: NewHorloge(server.Now), Adresses: addresses(l), ecoute: l.Addr().String()}
	if err := i.start(ctx, o, l); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

func (i *Instance) start(ctx context.Context, o Options, l net.Listener) error {
	var err error
	if i.coffre, err = openCoffre(i.dossier); err != nil {
		return errors.Join(err, l.Close())
	}
	if o.Sans || o.Play {
		i.coffre.Equipe = nil // not seeded: nothing is promised
	}
	if i.Config, i.simule, err = i.configure(o); err != nil {
		return errors.Join(err, l.Close())
	}
	if err := server.Migrate(ctx, i.Config); err != nil {
		return errors.Join(err, l.Close())
	}
	if i.Server, err = server.New(ctx, i.Config, server.Options{Log: i.log, Clock: i.Horloge.Now, Textes: o.Textes, Taches: o.Taches}); err != nil {
		return errors.Join(err, l.Close())
	}
	h, err := i.hosts()
	if err != nil {
		return errors.Join(err, l.Close())
	}
	ctx, i.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		background := make(chan error, 1)
		go func() { background <- i.Server.Run(ctx) }()
		i.done <- errors.Join(server.Listen(ctx, l, h), <-background)
	}()
	return i.seed(ctx, o)
}

// hosts tells the servers apart by the Host header.
func (i *Instance) hosts() (http.Handler, error) {
	sim, err := simulateur.New(simulateur.Config{
		FC: i.Adresses.FC, FI: i.Adresses.FI, Service: i.Adresses.Service, HTTP: outgoing.NewClient(6 * time.Second), Clock: i.Horloge.Now, Log: i.log,
		PageFautes: true,
		ClientFS: simulateur.ClientFS{
			ClientID: idFS, ClientSecret: i.coffre.FS, Alg: i.Config.FCAlg,
			RedirectURIs: []string{i.Adresses.App + "/callbackv2/"}, PostLogoutRedirectURIs: []string{i.Adresses.App + "/logout-callback/"},
		},
		ClientFI: simulateur.ClientFI{
			Issuer: i.Adresses.App, ClientID: idFI, ClientSecret: i.coffre.FI, IDTokenAlg: "ES256", UserinfoAlg: "ES256",
			AuthorizeURL: i.Adresses.App + "/authorize/", TokenURL: i.Adresses.App + "/token/", UserinfoURL: i.Adresses.App + "/userinfo/",
			EndSessionURL: i.Adresses.App + "/logout/", JWKSURL: i.Adresses.App + "/jwks", UID: uidFI,
		},
	})
	if err != nil {
		return nil, err
	}
	page := &boite{
		fautes: i.Adresses.FC + "/simulation/fautes",
		site:   web.Site{Nom: "Aidants Connect", Origine: i.Adresses.Boite, Simulation: true}, app: i.Adresses.App, service: i.Adresses.Service,
		courriel: filepath.Join(i.dossier, "courriels"), comptes: i.coffre.Comptes, equipe: i.coffre.Equipe, clock: i.Horloge.Now, repondre: i.Repondre,
	}
	pc, err := i.newProConnect()
	if err != nil {
		return nil, err
	}
	app, boite, fc, pro := i.Server.Handler(), page.handler(), sim.Handler(), pc.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		switch host {
		case "localhost", "127.0.0.1":
			app.ServeHTTP(w, r)
		case "demo.localhost":
			boite.ServeHTTP(w, r)
		case "pc.localhost":
			pro.ServeHTTP(w, r)
		default:
			fc.ServeHTTP(w, r)
		}
	}), nil
}

// Close stops everything and removes what was temporary.
func (i *Instance) Close() error {
	var err error
	if i.cancel != nil {
		i.cancel()
		err = <-i.done
	}
	if i.Server != nil {
		err = errors.Join(err, i.Server.Close())
	}
	return errors.Join(err, i.nettoy())
}

func listen(ctx context.Context, o Options) (net.Listener, error) {
	port := o.Port
	if o.Play {
		port = 0
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("le port %d est déjà utilisé sur cette machine : arrêtez l'autre programme, ou choisissez un port avec --port", port)
	}
	return l, err
}

func addresses(l net.Listener) Adresses {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	at := func(host string) string { return "http://" + host + ":" + port }
	return Adresses{App: at("localhost"), FC: at("fc.localhost"), FI: at("fi.localhost"), Service: at("service.localhost"), Boite: at("demo.localhost"), PC: at("pc.localhost")}
}

func (i *Instance) greet(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nLa démonstration est prête. Tout est fictif et reste sur cette machine.\n\n")
	fmt.Fprintf(&b, "  1. Les codes et les courriels     %s/\n", i.Adresses.Boite)
	fmt.Fprintf(&b, "  2. L'application (se connecter)   %s/\n", i.Adresses.App)
	fmt.Fprintf(&b, "  3. Un service public de démo      %s/a/\n\n", i.Adresses.Service)
	for _, c := range i.coffre.Comptes {
		fmt.Fprintf(&b, "     %-44s %s, %s\n", c.Courriel, c.Role, c.Structure)
	}
	if len(i.coffre.Equipe) > 0 {
		fmt.Fprintf(&b, "\n     La gestion, pour l'équipe du service : la page 1 dit comment y entrer, avec une clé d'accès.\n")
	}
	fmt.Fprintf(&b, "\nCommencez par la page 1 : elle donne le code à saisir. Ctrl+C pour arrêter.\n")
	_, err := io.WriteString(w, b.String())
	return err
}
