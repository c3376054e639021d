package consultation

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/transparence"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// pageLigne is one line, with its proof checked now.
type pageLigne struct {
	Site    web.Site
	Acteur  actor.Actor
	Vue     vueJournal
	Ligne   ligneVue
	Constat *transparence.Constat // nil while the line waits for its number
	Faux    bool                  // the journal's own proof does not hold
	Code    templ.Component       // to print
}

// show proves a line to whoever looks at it: the receipt that could be taken
// away is made and verified at once, with the published keys.
func (h *Handlers) show(v vueJournal) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		p := pageLigne{Site: h.Site, Acteur: a, Vue: v}
		recu, err := h.read(r, a, v, &p.Ligne)
		if err != nil && !errors.Is(err, transparence.ErrEnAttente) {
			return err
		}
		if err == nil {
			if p.Constat, err = h.check(recu); err != nil {
				p.Faux = true
			}
			ctx := r.Context()
			err = h.DB.View(ctx, func(tx *db.Tx) (err error) { p.Code, err = h.Publie.Printed(ctx, tx, p.Ligne.ID); return err })
			if err != nil {
				return err
			}
		}
		return web.Render(w, r, http.StatusOK, linePage(p))
	}
}

// read finds a line within the reach of the view and makes its receipt.
func (h *Handlers) read(r *http.Request, a actor.Actor, v vueJournal, to *ligneVue) (recu transparence.Recu, err error) {
	id, err := web.PathID[ident.LigneID](r, "ligne")
	if err != nil {
		return recu, err
	}
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		l, err := h.Journal.Load(ctx, tx, id)
		if err != nil {
			return err
		}
		if !v.tout && l.Organisation != a.Organisation { // another's, or nobody's: unknown
			return fault.New(fault.NotFound, "ligne_inconnue")
		}
		names, err := h.names(ctx, tx, a.Organisation)
		if err != nil {
			return err
		}
		*to = ligneVue{Ligne: l, Qui: names[l.Aidant], Pour: names[l.Concerne]}
		recu, err = h.Publie.Receipt(ctx, tx, id)
		return err
	})
	return recu, err
}

func (h *Handlers) check(recu transparence.Recu) (*transparence.Constat, error) {
	vkeys, err := h.Journal.VerifierKeys()
	if err != nil {
		return nil, err
	}
	known, err := transparence.Verifiers(vkeys)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(recu)
	if err != nil {
		return nil, err
	}
	c, err := transparence.CheckReceipt(b, known)
	return &c, err
}

// receipt gives the file.
func (h *Handlers) receipt(v vueJournal) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		var l ligneVue
		recu, err := h.read(r, a, v, &l)
		if err != nil {
			return err
		}
		b, err := json.MarshalIndent(recu, "", "  ")
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Disposition", `attachment; filename="recu-`+l.ID.String()+`.json"`)
		_, _ = w.Write(b) // the client is gone: nobody to tell
		return nil
	}
}

func (p pageLigne) facts() []dsfr.Fait {
	l := p.Ligne
	out := []dsfr.Fait{
		{Nom: "Acte", Valeur: l.Acte()},
		{Nom: "Date", Valeur: web.DateHeure(l.Instant.Time())},
		{Nom: "Par", Valeur: l.Auteur()},
	}
	if l.Pour != "" {
		out = append(out, dsfr.Fait{Nom: "Concerne", Valeur: l.Pour})
	}
	if !l.Mandat.IsZero() {
		out = append(out, dsfr.Fait{Nom: "Mandat", Valeur: l.Mandat.String()})
	}
	if l.Rang >= 0 {
		out = append(out, dsfr.Fait{Nom: "Numéro dans le journal", Valeur: strconv.FormatInt(l.Rang+1, 10)})
	}
	if l.Fait == nil {
		out = append(out, dsfr.Fait{Nom: "Détail", Valeur: "effacé à la fin de sa conservation"})
	}
	return append(out, dsfr.Fait{Nom: "Conservation", Valeur: garde.Ligne.Generale()})
}
