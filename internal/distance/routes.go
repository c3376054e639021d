package distance

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/textos"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// Handlers serves the request of an agreement: the aidant's pages and the
// person's.
type Handlers struct {
	DB         *db.DB
	Site       web.Site
	Signatures *signature.Handlers
	Outbox     *outbox.Outbox
	Textos     *textos.Handlers // the dialogues by SMS
	Limites    *limite.Compteurs
	Champs     *secret.Box // seals the contacts and the proofs
	Empreintes secret.Key  // digests of links, codes, browsers, states
	Log        *slog.Logger
}

// The addresses.
const (
	cheminAttente   = signature.CheminDistance
	cheminDemander  = signature.CheminDistance + "demande"
	cheminEtat      = signature.CheminDistance + "etat"
	cheminContinuer = signature.CheminDistance + "suite"
	cheminAnnuler   = signature.CheminDistance + "annulation"
	cheminLettre    = signature.CheminDistance + "lettre"
	cheminCode      = signature.CheminDistance + "code"
	cheminNon       = signature.CheminDistance + "refus"
	cheminQuestion  = signature.CheminDistance + "question"

	cheminAccord    = "/accord/"
	cheminLire      = "/accord/lecture/"
	cheminConnecter = "/accord/lecture/franceconnect"
	cheminAccepter  = "/accord/lecture/accepter"
	cheminRefuser   = "/accord/lecture/refuser"
)

// Who tries codes is slowed down: a network opens so many links and tries so
// many codes. Who is asked is not harassed: so many requests reach one contact.
var (
	regleOuverture = limite.Regle{Nom: "accord_ouverture", N: 60, Fenetre: 10 * time.Minute}
	regleCode      = limite.Regle{Nom: "accord_code", N: 20, Fenetre: 10 * time.Minute}
	regleContact   = limite.Regle{Nom: "accord_contact", N: 5, Fenetre: 24 * time.Hour}
	regleAidant    = limite.Regle{Nom: "accord_aidant", N: 30, Fenetre: time.Hour}
	regleStructure = limite.Regle{Nom: "accord_structure", N: 200, Fenetre: 24 * time.Hour}
)

const maxForm = 8 << 10

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Aidant("GET "+cheminAttente, h.showWaiting)
	m.Aidant("POST "+cheminDemander, h.ask)
	m.Aidant("GET "+cheminEtat, h.state)
	m.Aidant("POST "+cheminContinuer, h.goOn)
	m.Aidant("POST "+cheminAnnuler, h.cancel)
	m.Aidant("POST "+cheminQuestion, h.question)
	m.Aidant("POST "+cheminLettre, h.letter)
	m.Aidant("POST "+cheminCode, h.giveBack)
	m.Aidant("POST "+cheminNon, h.declined)
	m.Public("GET "+cheminAccord, h.showCode)
	m.Public("POST "+cheminAccord, h.Limites.Limit(h.openCode, regleCode))
	m.Public("GET "+cheminAccord+"{cle}", h.showLink)
	m.Public("POST "+cheminAccord+"{cle}", h.Limites.Limit(h.openLink, regleOuverture))
	m.Visiteur("GET "+cheminLire, h.read)
	m.Public("POST "+cheminConnecter, h.startLeg)
	m.Public("POST "+cheminAccepter, h.accept)
	m.Public("POST "+cheminRefuser, h.refuse)
}

// Moyens gives the ways that are open (signature.Distance).
func (h *Handlers) Moyens(renews bool) []consentement.Moyen {
	out := []consentement.Moyen{consentement.Distance}
	if h.Textos.Possible() {
		out = append(out, consentement.SMS)
	}
	if renews { // who they are is known: a letter proves no identity
		out = append(out, consentement.Courrier)
	}
	return out
}

func (h *Handlers) digest(purpose string, v secret.Text) []byte {
	return h.Empreintes.Digest("distance."+purpose, v.Reveal())
}

// view runs a reading.
func (h *Handlers) view(r *http.Request, fn func(ctx context.Context, tx *db.Tx) error) error {
	return h.DB.View(r.Context(), func(tx *db.Tx) error { return fn(r.Context(), tx) })
}

// faults puts the messages of a form in the order of its fields.
func faults(f fault.Fields, order ...string) []dsfr.Faute {
	var out []dsfr.Faute
	for _, name := range order {
		if f[name] != "" {
			out = append(out, dsfr.Faute{ID: name, Texte: f[name]})
		}
	}
	return out
}
