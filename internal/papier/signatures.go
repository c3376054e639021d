package papier

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
)

// record notes that both signatures are on the paper, of a mandat whose agreement
// is proved otherwise (mandats.md 2.3).
func (h *Handlers) record(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.MandatID](r, "mandat")
	if err != nil {
		return err
	}
	ctx := r.Context()
	var m mandat.Mandat
	var done bool
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if m, err = mandat.Load(ctx, tx, a.Organisation, id); err != nil || m.OnPaper() {
			return err
		}
		if done, err = mandat.SignPapier(ctx, tx, a.Organisation, id, a.Aidant); err != nil || !done {
			return err
		}
		e := mandat.Line(a, ident.OperationID{}, fait.SignPapier{DateSignature: tx.Now})
		e.Usager, e.Mandat = m.Usager, m.ID
		return h.Greffe.Journal.Append(ctx, tx, e)
	})
	if err != nil {
		return err
	}
	if m.OnPaper() { // the proof itself is asked there
		return web.Redirect(w, r, m.Chemin("accord"))
	}
	word := mandat.AvisPapier
	if !done {
		word = mandat.AvisPapierDeja
	}
	return web.Redirect(w, r, mandat.BackTo(m.Usager, word))
}
