package gestion

import (
	"context"
	"net/http"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// The addresses of the package.
const (
	Chemin         = "/gestion/"
	CheminComptes  = "/gestion/comptes/"
	CheminListe    = "/gestion/desactivations/"
	CheminAccords  = "/gestion/accords/"
	CheminMessages = "/gestion/messages/"
	CheminModeles  = "/gestion/modeles/"
	cheminDemandes = "/gestion/demandes/" // traitement
	maxForm        = 16 << 10
	maxListe       = 64 << 10
)

// Handlers serves the back-office of accounts and messages.
type Handlers struct {
	DB       *db.DB
	Journal  *journal.Journal
	Outbox   *outbox.Outbox
	Comptes  *compte.Actes
	Facteurs *facteur.Coffre
	Adresses *compte.Handlers // changes of address
	Champs   *secret.Box      // seals a search into the address, and what « autre » is
	Site     web.Site
	// Modeles gathers the texts of the slices; nothing is read from the database.
	Modeles func(ctx context.Context, now db.Time) ([]outbox.Modele, error)
}

// Mount puts the URLs of the package in their space.
func (h *Handlers) Mount(m *web.Mux) {
	get := func(pattern string, f web.ActorHandler) { m.Gestion("GET "+pattern, equipe(f)) }
	post := func(pattern string, f web.ActorHandler) { m.Gestion("POST "+pattern, equipe(f), web.CodeFrais) }
	get(Chemin, h.showHome)
	get(CheminComptes, h.showSearch)
	m.Gestion("POST "+CheminComptes, equipe(h.search)) // changes nothing: no fresh code
	get(CheminComptes+"{aidant}/", h.showAccount)
	post(CheminComptes+"{aidant}/{acte}/", h.act)
	get(CheminListe, h.showListe)
	post(CheminListe, h.deactivateListe)
	get(CheminAccords, h.showAccords)
	post(CheminAccords+"{accord}/", h.decide)
	get(CheminMessages, h.showMessages)
	get(CheminModeles, h.showModeles)
	get(CheminModeles+"{genre}/", h.showModele)
	get(CheminMessages+"{message}/", h.showMessage)
	post(CheminMessages+"{message}/", h.replay)
}

// equipe leaves the roles of the training bodies outside: for them the
// back-office does not exist yet.
func equipe(f web.ActorHandler) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		if !a.Equipe() {
			return fault.New(fault.NotFound, "pas_equipe")
		}
		return f(w, r, a)
	}
}

// view reads in one snapshot.
func (h *Handlers) view(ctx context.Context, f func(tx *db.Tx) error) error { return h.DB.View(ctx, f) }

// page is what every page of the back-office needs.
type page struct {
	Site   web.Site
	Actor  actor.Actor
	Titre  string
	Avis   string // what the last act did
	Chemin []web.Lien
	Nav    string // entry of the menu
}

func (h *Handlers) page(w http.ResponseWriter, r *http.Request, a actor.Actor, titre string) page {
	p := page{Site: h.Site, Actor: a, Titre: titre, Avis: avis[web.TakeMessage(w, r)], Nav: entry(r.URL.Path)}
	if titre != "Gestion" {
		p.Chemin = []web.Lien{{Libelle: "Gestion", URL: Chemin}, {Libelle: titre}}
	}
	return p
}

// entry is the entry of the menu under which a page stands.
func entry(path string) string {
	switch {
	case strings.HasPrefix(path, CheminComptes), strings.HasPrefix(path, CheminListe):
		return web.NavGestionComptes
	case strings.HasPrefix(path, CheminMessages), strings.HasPrefix(path, CheminModeles):
		return web.NavGestionMessages
	}
	return web.NavGestion
}

// avis are the sentences that a word left by an act stands for.
var avis = func() map[string]string {
	m := map[string]string{
		"gestion_demande":  "La demande attend l’accord d’une autre personne de l’équipe, pendant trois jours.",
		"gestion_refusee":  "La demande est refusée.",
		"gestion_approuve": "La demande est approuvée, et l’acte est fait.",
	}
	for acte, t := range textes {
		m["gestion_"+string(acte)] = t.Fait
	}
	return m
}()
