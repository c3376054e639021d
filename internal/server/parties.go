package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"aidantsconnect/internal/acces"
	"aidantsconnect/internal/cessation"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/conservation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/detection"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/gestion"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/importation"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/notification"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/proconnect"
	"aidantsconnect/internal/rappel"
	"aidantsconnect/internal/revocation"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/textos"
	"aidantsconnect/internal/traitement"
	"aidantsconnect/internal/web"
)

// introuvable is the shared counter of the addresses that do not exist; nil when
// the operator wants none.
func (cfg Config) introuvable(c *limite.Compteurs) func(*http.Request) (time.Duration, error) {
	if cfg.Introuvables == 0 {
		return nil
	}
	regle := limite.Regle{Nom: "introuvable", N: cfg.Introuvables, Fenetre: 15 * time.Minute}
	return func(r *http.Request) (time.Duration, error) { return c.Allow(r.Context(), regle.From(r)) }
}

// marques reads the operator's marks; the State's is shown only by its services.
func (cfg Config) marques() (*web.Marques, error) {
	m, err := web.LoadMarques(cfg.Marques)
	if err == nil && !cfg.MarqueEtat && m.URL(web.MarqueEtat) != "" {
		err = errors.New("AC_MARQUES contient la marque de l'État : retirez-la, ou mettez AC_MARQUE_ETAT si vous y avez droit")
	}
	return m, err
}

// newOutbox makes the outbox with its routes (comptes 14).
func (cfg Config) newOutbox(b base) (*outbox.Outbox, error) {
	u, err := url.Parse(cfg.Origine)
	if err != nil {
		return nil, fmt.Errorf("parse public origin: %w", err)
	}
	route := outbox.Route{Domaines: cfg.CourrielDomainesSecours}
	if route.Principal, err = outbox.NewExpediteur(cfg.Courriel.Reveal()); err != nil {
		return nil, err
	}
	if s := cfg.CourrielSecours.Reveal(); s != "" {
		if route.Secours, err = outbox.NewExpediteur(s); err != nil {
			return nil, err
		}
	}
	c := outbox.Config{DB: b.db, Box: b.box, Expediteur: route, De: cfg.CourrielExpediteur, Hote: u.Host, PlafondSMS: cfg.SMSPlafond, Log: b.log}
	if s := cfg.SMS.Reveal(); s != "" {
		if c.SMS, err = outbox.NewExpediteurSMS(s, cfg.SMSAutorisation.Reveal(), cfg.SMSExpediteur); err != nil {
			return nil, err
		}
	}
	return outbox.New(c)
}

// newTextos makes the dialogues by SMS; without a provider, or without a way to
// know its calls, they are not offered, and the start says so (M-W23).
func (cfg Config) newTextos(s *Server, b base) *textos.Handlers {
	h := &textos.Handlers{
		DB: b.db, Site: b.site, Outbox: b.outbox, Journal: b.journal, Fins: s.Fins.Actes, Champs: b.box, Empreintes: cfg.Cles.Empreintes,
		Mot: cfg.SMSMotAccord, Retour: textos.Retour{Secret: cfg.SMSRetourSecret}, Log: b.log, Mesure: s.figures.sms,
	}
	for _, r := range cfg.SMSRetourReseaux {
		if p, err := netip.ParsePrefix(r); err == nil { // checked with the configuration
			h.Retour.Reseaux = append(h.Retour.Reseaux, p)
		}
	}
	if !h.Possible() {
		b.log.Info("agreement by sms not offered", "prestataire", b.outbox.SMSPossible(), "retour", h.Retour.Possible())
	}
	return h
}

// addCycle makes what a mandat becomes with time: ends, reminders, retention.
func (b base) addCycle(s *Server) {
	s.Fins = &fin.Handlers{DB: b.db, Site: b.site, Actes: &fin.Actes{DB: b.db, Greffe: s.Mandats.Greffe, Journal: b.journal, Outbox: b.outbox, Contact: b.site.Contact, Origine: b.site.Origine}}
	s.Mandats.Greffe.Obstacle = fin.Obstacle
	s.Textos = s.cfg.newTextos(s, b)
	s.Notifications = &notification.Handlers{DB: b.db, Journal: b.journal, Outbox: b.outbox, Site: b.site}
	s.Detection = &detection.Handlers{DB: b.db, Journal: b.journal, Site: b.site}
	s.Cessations = &cessation.Handlers{DB: b.db, Journal: b.journal, Greffe: s.Mandats.Greffe, Fins: s.Fins.Actes, Champs: b.box, Site: b.site}
	s.Revocations = &revocation.Handlers{DB: b.db, Fins: s.Fins.Actes, Champs: b.box, Limites: b.limites, Site: b.site}
	s.Rappels = &rappel.Handlers{DB: b.db, Journal: b.journal, Outbox: b.outbox, Site: b.site}
	s.Conserve = &conservation.Handlers{DB: b.db, Journal: b.journal, Site: b.site, Log: b.log, Personnes: []func(context.Context, *db.Tx, ident.UsagerID) error{acces.EraseUsager}, Comptes: []func(context.Context, *db.Tx, ident.AidantID) error{gestion.EraseAidant}}
}

func (s *Server) mountCycle() {
	s.Fins.Mount(s.Mux)
	s.Cessations.Mount(s.Mux)
	s.Revocations.Mount(s.Mux)
	s.Rappels.Mount(s.Mux)
	s.Conserve.Mount(s.Mux)
}

// newDemandes makes what the référents ask.
func (b base) newDemandes(s *Server) *demande.Handlers {
	return &demande.Handlers{DB: b.db, Journal: b.journal, Outbox: b.outbox, Comptes: s.Comptes, Limites: b.limites, Champs: b.box, Site: b.site}
}

// mountGestion mounts what the team answers, imports and publishes.
func (b base) mountGestion(s *Server) {
	s.Notifications.Mount(s.Mux)
	(&traitement.Handlers{DB: b.db, Journal: b.journal, Outbox: b.outbox, Decisions: s.Demandes.Decisions(), Champs: b.box, Site: b.site}).Mount(s.Mux)
	(&importation.Handlers{DB: b.db, Journal: b.journal, Outbox: b.outbox, Comptes: s.Comptes, Facteurs: s.Facteurs, Champs: b.box, Site: b.site}).Mount(s.Mux)
}

// pending lends signature what fournisseur knows.
func pending(ctx context.Context, tx *db.Tx, s ident.SessionID) (signature.Attente, bool, error) {
	a, ok, err := fournisseur.Pending(ctx, tx, s)
	return signature.Attente(a), ok, err
}

// newProConnect makes the sign-in by ProConnect, which mounts nothing when it
// is not configured.
func (cfg Config) newProConnect(b base, signIn *connexion.Handlers) (*proconnect.Handlers, error) {
	temoins, err := secret.NewBox(cfg.Cles.Temoins)
	if err != nil {
		return nil, err
	}
	h := &proconnect.Handlers{
		DB: b.db, Connexion: signIn, Facteurs: signIn.Facteurs, Journal: b.journal, Outbox: b.outbox, Limites: b.limites, Empreintes: cfg.Cles.Empreintes, Temoins: temoins,
		Champs: b.box, Site: b.site, Clock: b.clock, Log: b.log,
	}
	if cfg.ProConnectEmetteur == "" {
		return h, nil
	}
	h.PC, err = franceconnect.New(franceconnect.Config{
		Pro: true, PKCE: true, UserinfoJSON: cfg.ProConnectUserinfo == "json", Alg: cfg.ProConnectAlg,
		Issuer: cfg.ProConnectEmetteur, ClientID: cfg.ProConnectClientID, ClientSecret: cfg.ProConnectSecret,
		RedirectURI: cfg.Origine + proconnect.CheminRetour, PostLogoutRedirectURI: cfg.Origine + proconnect.CheminFin,
		HTTP: outgoing.NewClient(10 * time.Second), Clock: b.clock, Log: b.log,
	})
	return h, err
}

// newFournisseur makes our identity provider from its registrations, with an
// RSA key only if one of them asks for it.
func (cfg Config) newFournisseur(ctx context.Context, b base, signIn *connexion.Handlers) (*fournisseur.Handlers, error) {
	clients, err := cfg.Enregistrements()
	if err != nil {
		return nil, err
	}
	temoins, err := secret.NewBox(cfg.Cles.Temoins)
	if err != nil {
		return nil, err
	}
	fi := &fournisseur.Handlers{
		DB: b.db, Journal: b.journal, Outbox: b.outbox, Cles: b.cles, Clients: clients, Issuer: cfg.Origine, Empreintes: cfg.Cles.Empreintes,
		Temoins: temoins, Site: b.site, Clock: b.clock, Durees: fournisseur.Durees{AgeOTP: cfg.FIAgeOTP}.WithDefaults(), Authenticate: signIn.Authenticate,
		ClesClients: fournisseur.NewClesClients(b.clock, b.log), Log: b.log,
	}
	return fi, fi.Prepare(ctx)
}

// formAction lists the origins a form may lead to, through redirects: ours is
// 'self', these are FranceConnect in both roles (FC-07).
func (cfg Config) formAction() []string {
	var out []string
	add := func(address string) {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			return
		}
		if o := u.Scheme + "://" + u.Host; !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	add(cfg.FCEmetteur)
	add(cfg.ProConnectEmetteur)
	clients, _ := cfg.Enregistrements() // checked when the provider is made
	for _, c := range clients {
		for _, u := range slices.Concat(c.RedirectURIs, c.PostLogoutRedirectURIs) {
			add(u)
		}
	}
	return out
}
