package traitement

import (
	"fmt"
	"net/http"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/web"
)

// champScelle carries the text of a search, sealed: no name in an address. It
// opens only in the web session that sealed it.
const champScelle = "q"

const rechercheMax = 100 // characters

// search seals what was typed and shows the answer by GET.
func (h *Handlers) search(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	to := liste{Decidees: form.Get("etat") == "decidees"}
	text := strings.Join(strings.Fields(form.Get("recherche")), " ")
	if text == "" || len(text) > 4*rechercheMax {
		return web.Redirect(w, r, to.url())
	}
	if to.Cherche, err = h.Champs.SealText([]byte(text), searchContext(a)); err != nil {
		return fmt.Errorf("seal search: %w", err)
	}
	return web.Redirect(w, r, to.url())
}

func searchContext(a actor.Actor) string { return "traitement.recherche/" + a.Session.String() }

func (h *Handlers) openSearch(s string, a actor.Actor) string {
	text, _ := h.Champs.OpenText(s, searchContext(a)) // nothing when altered, or another session's
	return string(text)
}
