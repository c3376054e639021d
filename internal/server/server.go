// Package server wires the program together: it is the only one that knows
// every slice. New reads as a table of contents; main, the demo and the
// end-to-end tests all call it.
//
// It owns no table and serves no URL of its own.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"aidantsconnect/internal/acces"
	"aidantsconnect/internal/accueil"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/cessation"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/comprendre"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/conservation"
	"aidantsconnect/internal/consultation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/detection"
	"aidantsconnect/internal/distance"
	"aidantsconnect/internal/enrolement"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/gestion"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/notification"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/papier"
	"aidantsconnect/internal/planning"
	"aidantsconnect/internal/proconnect"
	"aidantsconnect/internal/rappel"
	"aidantsconnect/internal/rapprochement"
	"aidantsconnect/internal/referent"
	"aidantsconnect/internal/revocation"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/site"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/tache"
	"aidantsconnect/internal/textos"
	"aidantsconnect/internal/traduction"
	"aidantsconnect/internal/transparence"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
)

// Options are what is given to New besides the configuration.
type Options struct {
	Log   *slog.Logger
	Clock func() time.Time // nil: the machine's

	Textes aidant.Recueil // what people sign; nil: ours

	// Taches names the tasks that run; nil: all. A test whose clock jumps by days
	// would otherwise race with the purges it wants to see itself.
	Taches []string
}

// Server is the program, ready to serve.
type Server struct {
	DB          *db.DB
	Journal     *journal.Journal
	Cles        *cle.Trousseau
	Outbox      *outbox.Outbox
	Planning    *tache.Planning
	Mux         *web.Mux
	Metrics     *web.Metrics
	Facteurs    *facteur.Coffre
	Usagers     *usager.Registre
	Comptes     *compte.Actes
	Demandes    *demande.Handlers
	Gestion     *gestion.Handlers
	Mandats     *mandat.Handlers
	Fins        *fin.Handlers
	Cessations  *cessation.Handlers
	Revocations *revocation.Handlers
	Signatures  *signature.Handlers
	Papiers     *papier.Handlers
	Distances   *distance.Handlers
	Fiches      *comprendre.Handlers
	Textos      *textos.Handlers
	Rappels     *rappel.Handlers
	Conserve    *conservation.Handlers
	Acces       *acces.Handlers
	Taches      *planning.Handlers
	Detection   *detection.Handlers
	Publie      *transparence.Handlers // the journal, as everybody sees it
	Rapproche   *rapprochement.Handlers

	Notifications *notification.Handlers

	fi      *fournisseur.Handlers
	signIn  *connexion.Handlers
	pro     *proconnect.Handlers
	cfg     Config
	figures *figures
	log     *slog.Logger
}

// base is what every part is made of.
type base struct {
	db      *db.DB
	box     *secret.Box
	cles    *cle.Trousseau
	journal *journal.Journal
	outbox  *outbox.Outbox
	limites *limite.Compteurs
	site    web.Site
	textes  aidant.Recueil
	taches  []string // nil: all
	clock   func() time.Time
	log     *slog.Logger
}

// Now is the machine's clock; the demo wraps it.
func Now() time.Time { return time.Now() }

// New opens the database, which must be migrated, and builds every part.
func New(ctx context.Context, cfg Config, o Options) (*Server, error) {
	if err := web.AssetsReady(); err != nil {
		return nil, err
	}
	b, err := open(ctx, cfg, o)
	if err != nil {
		return nil, err
	}
	s, err := assemble(ctx, cfg, b)
	if err != nil {
		return nil, errors.Join(err, b.db.Close())
	}
	return s, nil
}

func open(ctx context.Context, cfg Config, o Options) (b base, err error) {
	b.clock, b.log, b.textes, b.taches = o.Clock, o.Log, o.Textes, o.Taches
	if b.clock == nil {
		b.clock = Now
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.site = web.Site{
		Nom: "Aidants Connect", Origine: cfg.Origine, Simulation: cfg.Simulation, MarqueEtat: cfg.MarqueEtat, Contact: cfg.Contact,
	}
	if cfg.Marques != "" {
		if b.site.Marques, err = cfg.marques(); err != nil {
			return b, err
		}
	}
	if b.db, err = db.Open(ctx, cfg.Base, db.Options{Clock: b.clock, Log: b.log}); err != nil {
		return b, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.db.Close())
		}
	}()
	ready, err := b.db.Migrated(ctx)
	if err != nil {
		return b, err
	}
	if !ready {
		return b, errors.New("la base n'est pas à jour : lancez « aidantsconnect migrate »")
	}
	if b.box, err = secret.NewBox(cfg.Cles.Champs); err != nil {
		return b, err
	}
	if b.cles, err = cle.Open(ctx, b.db, b.box); err != nil {
		return b, fmt.Errorf("open signing keys: %w", err)
	}
	if b.journal, err = journal.Open(ctx, b.db, cfg.Cles.Pseudonymes, b.cles, cfg.OrigineJournal()); err != nil {
		return b, err
	}
	b.limites = &limite.Compteurs{DB: b.db, Empreintes: cfg.Cles.Empreintes}
	b.outbox, err = cfg.newOutbox(b)
	return b, err
}

// mountMandats mounts what follows a signature.
func (s *Server) mountMandats(greffe *mandat.Greffe, b base) {
	s.Papiers.Mount(s.Mux)
	s.Distances = &distance.Handlers{DB: b.db, Site: b.site, Signatures: s.Signatures, Outbox: b.outbox, Textos: s.Textos, Limites: b.limites, Champs: b.box, Empreintes: s.cfg.Cles.Empreintes, Log: b.log}
	s.Signatures.Distance = s.Distances
	s.Textos.Accorder, s.Textos.Refuser = s.Distances.AgreedBySMS, s.Distances.RefusedBySMS
	s.Distances.Mount(s.Mux)
	s.Fiches = &comprendre.Handlers{DB: b.db, Site: b.site, Outbox: b.outbox, Limites: b.limites, Empreintes: s.cfg.Cles.Empreintes, Service: greffe.Service}
	s.Fiches.Mount(s.Mux)
	s.Textos.Mount(s.Mux)
	s.Mandats.Mount(s.Mux)
	(&attestation.Handlers{DB: b.db, Site: b.site, Greffe: greffe, Limites: b.limites}).Mount(s.Mux)
	(&traduction.Handlers{DB: b.db, Journal: b.journal, Site: b.site, Greffe: greffe}).Mount(s.Mux)
}

func assemble(ctx context.Context, cfg Config, b base) (*Server, error) {
	metrics := web.NewMetrics()
	figures := newFigures(metrics.Registry(), ages{b.cles, b.clock})
	greffe, errCertificat := cfg.newGreffe(b)
	fc, err := franceconnect.New(franceconnect.Config{
		Issuer: cfg.FCEmetteur, ClientID: cfg.FCClientID, ClientSecret: cfg.FCClientSecret, Auth: cfg.FCAuth, Alg: cfg.FCAlg, FIUid: cfg.FCFIUid,
		RedirectURI: cfg.Origine + "/callbackv2/", PostLogoutRedirectURI: cfg.Origine + "/logout-callback/",
		HTTP: outgoing.NewClient(10 * time.Second), Mesures: figures.franceconnect(), Clock: b.clock, Log: b.log,
	})
	if err = errors.Join(errCertificat, err); err != nil {
		return nil, err
	}
	coffre := &facteur.Coffre{Champs: b.box, Journal: b.journal, Outbox: b.outbox, Empreintes: cfg.Cles.Empreintes, Site: b.site, CloseOthers: connexion.CloseOthers}
	usagers := &usager.Registre{Sub: cfg.Cles.Sub, Journal: b.journal}
	signIn := &connexion.Handlers{
		DB: b.db, Facteurs: coffre, Journal: b.journal, Outbox: b.outbox, Limites: b.limites, Empreintes: cfg.Cles.Empreintes,
		Textes: b.textes, Site: b.site, Clock: b.clock, Log: b.log,
		Durees: connexion.Durees{Lien: cfg.LienDuree, Session: cfg.SessionDuree, Reprise: cfg.Reprise}.WithDefaults(), ProConnect: cfg.ProConnectEmetteur != "",
	}
	signatures := &signature.Handlers{
		DB: b.db, Site: b.site, FC: fc, Simulation: cfg.Simulation, Usagers: usagers, Facteurs: coffre, Connexion: signIn, Greffe: greffe,
		Champs: b.box, Empreintes: cfg.Cles.Empreintes, Log: b.log, Delais: signature.Delais{Franceconnect: cfg.FCDelai}, Renouvellements: cfg.Renouvellements, RecentUse: fournisseur.RecentUse,
		Pending: pending,
	}
	fi, err := cfg.newFournisseur(ctx, b, signIn)
	if err != nil {
		return nil, err
	}
	fi.Mesure = figures.use
	s := &Server{
		DB: b.db, Journal: b.journal, Cles: b.cles, Outbox: b.outbox, Facteurs: coffre, Usagers: usagers, Signatures: signatures,
		Mandats: &mandat.Handlers{DB: b.db, Site: b.site, Greffe: greffe, Consultations: attestation.Consultations},
		Comptes: &compte.Actes{Journal: b.journal, Outbox: b.outbox, Textes: b.textes, Site: b.site},
		Papiers: &papier.Handlers{DB: b.db, Site: b.site, Greffe: greffe, Champs: b.box}, Metrics: metrics, fi: fi, signIn: signIn, cfg: cfg, log: b.log,
	}
	s.Demandes, s.figures = b.newDemandes(s), figures
	b.addCycle(s)
	s.Mux = web.NewMux(web.Config{
		Site: b.site, Log: b.log, Now: b.clock, Authenticate: signIn.Authenticate, Recheck: signIn.Interrupt,
		RenewSession: signIn.RenewForRights, Introuvable: cfg.introuvable(b.limites), DelaiReprise: cfg.Reprise,
		FormAction: cfg.formAction(), ProxysDeConfiance: cfg.Proxies, Metrics: s.Metrics,
	})
	if s.Publie, err = cfg.newPublication(ctx, b); err != nil {
		return nil, err
	}
	s.Rapproche = &rapprochement.Handlers{DB: b.db, Journal: b.journal, Outbox: b.outbox, Site: b.site, Log: b.log}
	b.outbox.Mesure = figures.message
	metrics.Registry().MustRegister(retard{s.Publie, s.Rapproche}, file{s})
	s.Mandats.Preuve = s.Publie.PrintedMandat
	schedule := s.schedule()
	if s.Planning, err = tache.New(tache.Config{DB: b.db, Log: b.log, Taches: schedule, Desactivees: idle(schedule, cfg.TachesDesactivees, b.taches)}); err != nil {
		return nil, err
	}
	exploitant := site.Exploitant{Responsable: cfg.Responsable, DPO: cfg.DPO, Contact: cfg.Contact}
	(&site.Handlers{Site: b.site, Exploitant: exploitant, Ready: s.Ready, Limites: b.limites, Clock: b.clock, Log: b.log}).Mount(s.Mux)
	signIn.Mount(s.Mux)
	if s.pro, err = cfg.newProConnect(b, signIn); err != nil {
		return nil, err
	}
	s.pro.Mount(s.Mux)
	(&aidant.Handlers{DB: b.db, Journal: b.journal, Textes: b.textes, Site: b.site}).Mount(s.Mux)
	(&enrolement.Handlers{DB: b.db, Coffre: coffre, Limites: b.limites, Site: b.site}).Mount(s.Mux)
	profils := &compte.Handlers{DB: b.db, Actes: s.Comptes, Limites: b.limites, Empreintes: cfg.Cles.Empreintes, Site: b.site, ProConnect: signIn.ProConnect, Chiffres: accueil.FiguresOf}
	profils.Mount(s.Mux)
	signatures.Mount(s.Mux)
	s.mountMandats(greffe, b)
	(&suivi.Handlers{DB: b.db, Journal: b.journal, Champs: b.box, Site: b.site}).Mount(s.Mux)
	s.mountCycle()
	b.mountVie(s)
	fi.Mount(s.Mux)
	s.Publie.Mount(s.Mux)
	(&consultation.Handlers{DB: b.db, Journal: b.journal, Publie: s.Publie, Site: b.site}).Mount(s.Mux)
	s.Demandes.Mount(s.Mux)
	(&referent.Handlers{DB: b.db, Journal: b.journal, Outbox: b.outbox, Comptes: s.Comptes, Facteurs: coffre, Site: b.site}).Mount(s.Mux)
	s.Gestion = &gestion.Handlers{DB: b.db, Journal: b.journal, Outbox: b.outbox, Comptes: s.Comptes, Facteurs: coffre, Adresses: profils, Champs: b.box, Site: b.site, Modeles: s.Modeles}
	s.Gestion.Mount(s.Mux)
	b.mountGestion(s)
	(&accueil.Handlers{DB: b.db, Site: b.site, BacASable: cfg.BacASable}).Mount(s.Mux)
	return s, s.checkIssuer(ctx)
}

// checkIssuer refuses a database that holds mandats signed through another
// FranceConnect: a simulation must not mix with the real one (SIM-04).
func (s *Server) checkIssuer(ctx context.Context) error {
	return s.DB.View(ctx, func(tx *db.Tx) error {
		known, err := mandat.Issuers(ctx, tx)
		if err != nil {
			return err
		}
		for _, issuer := range known {
			if issuer != s.cfg.FCEmetteur {
				return fmt.Errorf("cette base contient des mandats signés avec %s : elle ne peut pas servir avec %s", issuer, s.cfg.FCEmetteur)
			}
		}
		return nil
	})
}

// Ready tells whether the program can work: database, migrations, tasks. The
// detail goes to the log, not to the public.
func (s *Server) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := s.DB.Ping(ctx); err != nil {
		return unavailable("base", err)
	}
	states, err := s.Planning.Status(ctx)
	if err != nil {
		return unavailable("taches", err)
	}
	if late := tache.Late(states); len(late) > 0 {
		s.log.WarnContext(ctx, "tasks are late", "taches", late)
	}
	return nil
}

// Close releases the database.
func (s *Server) Close() error { return s.DB.Close() }

// Run keeps the background work going until ctx ends: tasks, messages, and the
// keys that this node holds in memory.
func (s *Server) Run(ctx context.Context) error {
	done := make(chan error, 3)
	go func() { done <- s.Planning.Run(ctx) }()
	go func() { done <- s.Outbox.Run(ctx) }()
	go func() { done <- s.follow(ctx) }()
	err := errors.Join(<-done, <-done, <-done)
	if ctx.Err() != nil { // asked to stop: that is how both end
		return nil
	}
	return err
}

// follow reads again, every minute, the keys that change elsewhere: ours, that
// another process may have rotated, and those that clients publish. Each node
// does it for itself, which is why it is not a task.
func (s *Server) follow(ctx context.Context) error {
	t := time.NewTicker(cle.Veille)
	defer t.Stop()
	for {
		if err := s.Cles.Reload(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "reload signing keys", "error", err)
		}
		s.fi.ClesClients.Refresh(ctx, s.fi.Clients)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

// Handler serves the whole application.
func (s *Server) Handler() http.Handler { return s.Mux }
