package notification

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// The addresses of the package.
const (
	Chemin        = web.CheminNotifications
	CheminGestion = "/gestion/notifications/"
	maxForm       = 32 << 10
)

// Handlers serves the notifications.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Outbox  *outbox.Outbox
	Site    web.Site
}

// Mount puts the URLs of the package in their spaces: every role reads, the team
// publishes.
func (h *Handlers) Mount(m *web.Mux) {
	m.Compte("GET "+Chemin, h.showMine)
	m.Compte("GET "+Chemin+"{notification}/", h.showOne)
	m.Compte("POST "+Chemin+"{notification}/", h.mark)
	m.Gestion("GET "+CheminGestion, equipe(h.showAll))
	m.Gestion("GET "+CheminGestion+"nouvelle/", equipe(h.showForm))
	m.Gestion("POST "+CheminGestion+"nouvelle/", equipe(h.write), web.CodeFrais)
	m.Gestion("POST "+CheminGestion+"{notification}/retirer/", equipe(h.withdraw), web.CodeFrais)
}

// equipe leaves the roles of the training bodies outside.
func equipe(f web.ActorHandler) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		if !a.Equipe() {
			return fault.New(fault.NotFound, "pas_equipe")
		}
		return f(w, r, a)
	}
}

// Attente is what a home shows of the notifications.
type Attente struct {
	Alertes []Notification // to be read there
	Autres  int            // to be read on their page
}

// Pending reads what the home of an account shows. For the home pages.
func Pending(ctx context.Context, tx *db.Tx, id ident.AidantID) (out Attente, err error) {
	list, err := pending(ctx, tx, id)
	for _, n := range list {
		switch {
		case n.Genre == Alerte && len(out.Alertes) < alertesMax:
			out.Alertes = append(out.Alertes, n)
		case n.Acquittable():
			out.Autres++
		}
	}
	return out, err
}

// alertesMax bounds the warnings shown in full on a home.
const alertesMax = 3
