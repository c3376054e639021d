package connexion

import (
	"net/http"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
)

const cheminAlerte = "/ce-nest-pas-moi/"

// vieAlerte is how long the link of E-41 serves, in days.
const vieAlerte = 30

// showAlert shows one button and changes nothing, like the link of a sign-in.
func (h *Handlers) showAlert(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	ctx := r.Context()
	err := h.DB.ViewOne(ctx, func(tx *db.Tx) error {
		_, _, err := alerteOwner(ctx, tx, h.alertDigest(r))
		return err
	})
	if fault.Is(err, fault.Gone) {
		return web.Render(w, r, http.StatusGone, lostAlertPage(h.Site))
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, alertPage(h.Site, r.URL.Path))
}

// denounce closes every session of the account, and forgets the browser: its
// next sign-in is told again. Who holds the mailbox may do no more than that.
func (h *Handlers) denounce(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	ctx := r.Context()
	err := h.DB.Update(ctx, func(tx *db.Tx) error {
		id, compte, err := alerteOwner(ctx, tx, h.alertDigest(r))
		if err != nil {
			return err
		}
		if err := CloseAll(ctx, tx, compte); err != nil {
			return err
		}
		if err := forgetAppareil(ctx, tx, compte, id); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Aidant, Aidant: compte, Concerne: compte, Fait: fait.CloseSession{Motif: "pas_moi"}})
	})
	if fault.Is(err, fault.Gone) {
		return web.Render(w, r, http.StatusGone, lostAlertPage(h.Site))
	}
	if err != nil {
		return err
	}
	web.ClearCookie(w, cookieSession)
	return web.Render(w, r, http.StatusOK, denouncedPage(h.Site))
}

func (h *Handlers) alertDigest(r *http.Request) []byte {
	return h.Empreintes.Digest("connexion.alerte", r.PathValue("cle"))
}
