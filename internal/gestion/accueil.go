package gestion

import (
	"net/http"
	"strconv"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// homeView is the home of the back-office: what to look at first.
type homeView struct {
	page
	Accords int
	File    outbox.File
	Now     time.Time
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
		v.File, err = h.Outbox.Count(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, homePage(v))
}

// alertes are what cannot wait.
func (v homeView) alertes() (out []string) {
	if v.File.Echecs > 0 {
		out = append(out, strconv.Itoa(v.File.Echecs)+" message(s) abandonné(s) : regardez pourquoi, puis renvoyez-les.")
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
