package transparence

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"

	"golang.org/x/mod/sumdb/note"
)

// page explains the journal to anybody.
func (h *Handlers) page(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
	v := vue{Site: h.Site, Acteur: a}
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Point, err = h.published(ctx, tx); err != nil {
			return err
		}
		if v.Date, err = lastDate(ctx, tx); err != nil {
			return err
		}
		v.Temoins, err = h.witnesses(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	v.Point.Origine = h.Journal.Origine()
	if v.Cles, err = h.Journal.VerifierKeys(); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, journalPage(v))
}

var phrasesEchec = map[string]string{
	EchecInjoignable: "injoignable pour l'instant",
	EchecRefus:       "a refusé notre demande",
	EchecDivergence:  "a vu un autre journal que celui-ci",
	EchecSignature:   "a mal répondu",
}

func (h *Handlers) witnesses(ctx context.Context, tx *db.Tx) (out []vueTemoin, err error) {
	for _, t := range h.Temoins {
		e, err := readTemoin(ctx, tx, t.Nom())
		if err != nil {
			return nil, err
		}
		state := "n'a pas encore répondu"
		if !e.Date.IsZero() {
			state = "a contresigné " + strconv.FormatInt(e.Taille, 10) + " lignes, le " + web.DateHeure(e.Date.Time())
		}
		if p := phrasesEchec[e.Echec]; p != "" {
			state += " ; " + p
		}
		out = append(out, vueTemoin{t.Nom(), state})
	}
	return out, nil
}

func faitsTemoins(ts []vueTemoin) (out []dsfr.Fait) {
	for _, t := range ts {
		out = append(out, dsfr.Fait{Nom: t.Nom, Valeur: t.Etat})
	}
	return out
}

func (h *Handlers) receiptPage(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
	return web.Render(w, r, http.StatusOK, receiptPage(vueRecu{Site: h.Site, Acteur: a}))
}

// checkReceipt verifies what was pasted; nothing is kept.
func (h *Handlers) checkReceipt(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, 3*MaxRecu) // percent-encoded
	if err != nil {
		return err
	}
	v := vueRecu{Site: h.Site, Saisie: form.Get("recu")}
	vkeys, err := h.Journal.VerifierKeys()
	if err != nil {
		return err
	}
	known, err := Verifiers(vkeys)
	if err != nil {
		return err
	}
	c, err := CheckReceipt([]byte(v.Saisie), known)
	switch {
	case err == nil:
		v.Constat = &c
		if d, err := c.CheckDate(known, h.racines()); err == nil {
			v.Date = &d
		}
		return web.Render(w, r, http.StatusOK, receiptPage(v))
	case errors.Is(err, ErrRecu):
		v.Faute = "Ce texte n'est pas un reçu entier. Copiez tout le fichier, de la première accolade à la dernière."
	default:
		v.Faute = "Quelque chose a été changé dans ce reçu, ou il vient d'un autre journal."
	}
	return web.Render(w, r, http.StatusUnprocessableEntity, receiptPage(v))
}

// Verifiers reads the keys of logs; those of witnesses are left out.
func Verifiers(vkeys []string) (note.Verifiers, error) {
	var list []note.Verifier
	for _, k := range vkeys {
		if _, err := parseCosignataire(k); err == nil {
			continue
		}
		v, err := note.NewVerifier(k)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}

func (v vueRecu) faits() []dsfr.Fait {
	c := v.Constat
	contenu := c.Recu.Contenu
	if c.Efface {
		contenu = "effacé à la fin de sa conservation ; la ligne reste prouvée"
	}
	out := []dsfr.Fait{
		{Nom: "Acte", Valeur: c.Libelle()},
		{Nom: "Date", Valeur: web.DateHeure(c.Date)},
		{Nom: "Numéro de la ligne", Valeur: strconv.FormatInt(c.Rang+1, 10) + " sur " + strconv.FormatInt(c.Point.Taille, 10)},
		{Nom: "Détail", Valeur: contenu},
	}
	if c.Recu.Mandat != "" {
		out = append(out, dsfr.Fait{Nom: "Mandat", Valeur: c.Recu.Mandat})
	}
	if v.Date != nil {
		out = append(out, dsfr.Fait{Nom: "Date certifiée", Valeur: "la ligne existait le " + web.DateHeure(v.Date.Instant) + ", selon " + v.Date.Autorite})
	}
	return out
}
