package gestion

import (
	"net/http"
	"strconv"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/cessation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/detection"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// homeView is the home of the back-office: what to look at first.
type homeView struct {
	page
	Accords int

	Signalements int // not seen by the team
	Demandes     demande.Nombres
	Deces        int       // deaths and measures to check
	Cessations   int       // closures and transfers that wait for a second person
	Ancienne     time.Time // when the oldest request was made
	File         outbox.File
	Now          time.Time
}

func (h *Handlers) showHome(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v := homeView{page: h.page(w, r, a, "Gestion")}
	ctx := r.Context()
	err := h.view(ctx, func(tx *db.Tx) error {
		list, err := accords(ctx, tx, ident.AidantID{})
		if err != nil {
			return err
		}
		v.Accords, v.Now = len(list), tx.Now.Time()
		if v.Demandes, v.Ancienne, err = demande.CountToDecide(ctx, tx); err != nil {
			return err
		}
		if v.Deces, err = fin.CountPending(ctx, tx); err != nil {
			return err
		}
		if v.Cessations, err = cessation.CountWaiting(ctx, tx); err != nil {
			return err
		}
		if v.Signalements, err = detection.CountUnseen(ctx, tx); err != nil {
			return err
		}
		v.File, err = h.Outbox.Count(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, homePage(v))
}

// demandes says how many requests wait, and since when.
func (v homeView) demandes() string {
	n := v.Demandes.Total()
	if n == 0 {
		return "Rien n’attend"
	}
	return plural(n, "demande en attente", "demandes en attente") + ", depuis le " + web.Date(v.Ancienne)
}

// alertes are what cannot wait.
func (v homeView) alertes() (out []string) {
	if v.File.Echecs > 0 {
		out = append(out, plural(v.File.Echecs, "message abandonné", "messages abandonnés")+" : regardez pourquoi, puis renvoyez ce qui doit l’être.")
	}
	if !v.File.PlusAncien.IsZero() && v.Now.Sub(v.File.PlusAncien.Time()) > 15*time.Minute {
		out = append(out, "Des messages attendent depuis "+age(v.Now.Sub(v.File.PlusAncien.Time()))+" : vérifiez le serveur de courriel.")
	}
	if v.File.NearCeiling() {
		out = append(out, "Le plafond de SMS est bientôt atteint : "+strconv.Itoa(v.File.SMS)+" sur "+strconv.Itoa(v.File.PlafondSMS)+" en 24 heures.")
	}
	return out
}

func plural(n int, one, many string) string {
	if n > 1 {
		return strconv.Itoa(n) + " " + many
	}
	return strconv.Itoa(n) + " " + one
}

// niveau3 puts a tile under a title of the page.
func niveau3(c dsfr.Carte) dsfr.Carte {
	c.Niveau = 3
	return c
}
