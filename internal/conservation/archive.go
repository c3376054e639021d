package conservation

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

const cheminArchive = Chemin + "archive/"

// archiveVue is the form of a reading, and what it opens.
type archiveVue struct {
	Site   web.Site
	Actor  actor.Actor
	Code   string
	Motif  string
	Champs fault.Fields
	Mandat mandat.Mandat
	Piece  mandat.Piece
	Ouvert bool
}

// metier leaves everybody but the administration of the métier outside: what
// is archived is out of the structures, and of the technique (mandats.md 16).
func metier(a actor.Actor) error {
	if a.Role != actor.AdminMetier {
		return fault.New(fault.NotFound, "pas_metier")
	}
	return nil
}

func (h *Handlers) showArchive(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.renderArchive(w, r, archiveVue{Actor: a})
}

func (h *Handlers) renderArchive(w http.ResponseWriter, r *http.Request, v archiveVue) error {
	if err := metier(v.Actor); err != nil {
		return err
	}
	v.Site = h.Site
	status := http.StatusOK
	if len(v.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, archivePage(v))
}

// readArchive opens one mandat of the archive, once: to read it again is
// another reading, with its reason and its line.
func (h *Handlers) readArchive(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if err := metier(a); err != nil {
		return err
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v := archiveVue{Actor: a, Code: form.Get("code"), Motif: form.Get("motif"), Champs: fault.Fields{}}
	code, ok := mandat.ParseCode(v.Code)
	if !ok {
		v.Champs["code"] = "Saisissez le code imprimé sur un mandat, par exemple 7K2M-09QX-3F4T."
	}
	why, err := ParseMotif(v.Motif)
	if err != nil {
		v.Champs["motif"] = fault.FieldsOf(err)["motif"]
	}
	if len(v.Champs) > 0 {
		return h.renderArchive(w, r, v)
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error { return h.openArchive(ctx, tx, &v, code, why) })
	if f := fault.FieldsOf(err); len(f) > 0 {
		v.Champs = f
		return h.renderArchive(w, r, v)
	}
	if err != nil {
		return err
	}
	v.Ouvert = true
	return h.renderArchive(w, r, v)
}

func (h *Handlers) openArchive(ctx context.Context, tx *db.Tx, v *archiveVue, code string, why Motif) (err error) {
	v.Mandat, err = mandat.OfCode(ctx, tx, code)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.Form(fault.Fields{"code": "Aucun mandat conservé ne porte ce code."})
	case err != nil:
		return err
	case !v.Mandat.Archived(tx.Now.Time()):
		return fault.Form(fault.Fields{"code": "Ce mandat n’est pas archivé : sa structure l’ouvre encore, et elle seule."})
	}
	if v.Piece, err = mandat.LoadPiece(ctx, tx, v.Mandat.ID); err != nil {
		return err
	}
	return h.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Admin, Aidant: v.Actor.Aidant, Session: v.Actor.Session, Operation: ident.New[ident.OperationID](), Usager: v.Mandat.Usager,
		Organisation: v.Mandat.Organisation, Mandat: v.Mandat.ID, Fait: fait.ViewArchive{Motif: string(why)},
	})
}

func (v archiveVue) motifs() dsfr.Choix {
	return vue{Motif: v.Motif, Champs: v.Champs}.motifs()
}

// facts are what became of the mandat since it was signed.
func (v archiveVue) facts() []dsfr.Fait {
	m := v.Mandat
	end := "le " + web.DateHeure(m.End())
	return []dsfr.Fait{{Nom: "Structure", Valeur: m.Structure.Nom}, {Nom: "Fin", Valeur: end}, {Nom: "Conservation", Valeur: m.Conserve()}}
}
