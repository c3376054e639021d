package compte

import (
	"context"
	"net/http"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/web"
)

// allow uses a rule, or answers that the person must wait.
func (h *Handlers) allow(w http.ResponseWriter, r *http.Request, e limite.Essai) error {
	wait, err := h.Limites.Allow(r.Context(), e)
	if err != nil || wait == 0 {
		return err
	}
	return limite.Refuse(w, wait)
}

// lienView is a page reached by a link of a mail, with one button: the GET
// changes nothing, so that a mail scanner burns nothing.
type lienView struct {
	Site                  web.Site
	Titre, Texte, Libelle string
	Action                string
}

var pagesAdresse = struct{ confirmer, annuler, perdu, confirme, annule, retabli lienView }{
	confirmer: lienView{
		Titre: "Confirmer ma nouvelle adresse", Libelle: "Confirmer",
		Texte: "L’adresse où vous avez reçu ce lien devient votre identifiant Aidants Connect. Vous serez déconnecté partout.",
	},
	annuler: lienView{
		Titre: "Annuler le changement d’adresse", Libelle: "Annuler le changement",
		Texte: "L’adresse où vous avez reçu ce lien reste, ou redevient, votre identifiant Aidants Connect. Toutes les connexions ouvertes se ferment.",
	},
	perdu:    lienView{Titre: "Ce lien ne fonctionne plus", Texte: "Il a déjà servi, il est trop ancien, ou l’adresse n’est plus disponible. Vous pouvez demander un nouveau changement depuis votre profil."},
	confirme: lienView{Titre: "Votre adresse est changée", Texte: "Connectez-vous avec votre nouvelle adresse. Vos moyens de connexion restent les mêmes."},
	annule:   lienView{Titre: "Le changement d’adresse est annulé", Texte: "Rien n’a changé : votre adresse reste votre identifiant."},
	retabli:  lienView{Titre: "Votre adresse est rétablie", Texte: "Elle est de nouveau votre identifiant, et toutes les connexions ouvertes sont fermées. Si ce changement ne venait pas de vous, retirez le moyen de connexion que vous ne reconnaissez pas et prévenez votre référent."},
}

func (h *Handlers) showConfirm(w http.ResponseWriter, r *http.Request) error {
	return h.showLink(w, r, h.confirmationDigest(r.PathValue("cle")), pagesAdresse.confirmer)
}

func (h *Handlers) showCancel(w http.ResponseWriter, r *http.Request) error {
	return h.showLink(w, r, h.annulationDigest(r.PathValue("cle")), pagesAdresse.annuler)
}

func (h *Handlers) showLink(w http.ResponseWriter, r *http.Request, digest []byte, page lienView) error {
	ctx := r.Context()
	var yes bool
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		yes, err = live(ctx, tx, digest)
		return err
	})
	if err != nil {
		return err
	}
	if !yes {
		return h.renderLink(w, r, http.StatusGone, pagesAdresse.perdu)
	}
	return h.renderLink(w, r, http.StatusOK, page)
}

func (h *Handlers) confirm(w http.ResponseWriter, r *http.Request) error {
	err := h.update(r, func(ctx context.Context, tx *db.Tx) error { return h.applyEmail(ctx, tx, r.PathValue("cle")) })
	return h.answer(w, r, err, pagesAdresse.confirme)
}

func (h *Handlers) cancel(w http.ResponseWriter, r *http.Request) error {
	page := pagesAdresse.annule
	err := h.update(r, func(ctx context.Context, tx *db.Tx) error {
		restored, err := h.cancelEmail(ctx, tx, r.PathValue("cle"))
		page = pagesAdresse.annule
		if restored {
			page = pagesAdresse.retabli
		}
		return err
	})
	return h.answer(w, r, err, page)
}

func (h *Handlers) answer(w http.ResponseWriter, r *http.Request, err error, page lienView) error {
	status := http.StatusOK
	if fault.ReasonOf(err) == "lien_perdu" {
		err, status, page = nil, http.StatusGone, pagesAdresse.perdu
	}
	if err != nil {
		return err
	}
	return h.renderLink(w, r, status, page)
}

func (h *Handlers) renderLink(w http.ResponseWriter, r *http.Request, status int, v lienView) error {
	web.NoReferrer(w)
	v.Site = h.Site
	if v.Libelle != "" {
		v.Action = r.URL.Path
	}
	return web.Render(w, r, status, lienPage(v))
}
