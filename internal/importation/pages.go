package importation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/tableur"
	"aidantsconnect/internal/web"
)

func (h *Handlers) showList(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v := listView{Site: h.Site, Actor: a, Avis: avis[web.TakeMessage(w, r)]}
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Imports, err = list(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

func (h *Handlers) showForm(g Genre) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		return web.Render(w, r, http.StatusOK, formPage(formView{Site: h.Site, Actor: a, Genre: g}))
	}
}

// model gives a file to fill, with an example.
func (h *Handlers) model(g Genre) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, _ actor.Actor) error {
		file, err := tableur.Write(entetes[g])
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="modele-`+string(g)+`.csv"`)
		_, _ = w.Write(file) // the client is gone: nobody to tell
		return nil
	}
}

// test tries a file and leads to what would be done of it.
func (h *Handlers) test(g Genre) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		v := formView{Site: h.Site, Actor: a, Genre: g}
		form, file, err := web.FormFile(w, r, a, "fichier", fichierMax)
		v.Texte = form.Get("lignes")
		if err == nil {
			file, err = chosen(file, v.Texte)
		}
		var id ident.OperationID
		if err == nil {
			id, err = h.keep(r.Context(), a, fichier{g, file})
		}
		if fault.Is(err, fault.Invalid) {
			v.Champs = fault.FieldsOf(err)
			return web.Render(w, r, http.StatusUnprocessableEntity, formPage(v))
		}
		if err != nil {
			return err
		}
		return web.Redirect(w, r, Chemin+id.String()+"/")
	}
}

// chosen gives what was sent: a file or pasted lines.
func chosen(file []byte, text string) ([]byte, error) {
	switch {
	case len(file) > 0 && text != "":
		return nil, fault.Form(fault.Fields{"fichier": "Choisissez un fichier, ou collez les lignes : pas les deux."})
	case len(file) == 0 && text == "":
		return nil, fault.Form(fault.Fields{"fichier": "Choisissez un fichier, ou collez les lignes."})
	case len(file) == 0:
		return []byte(text), nil
	}
	return file, nil
}

// keep tries a file and keeps it, sealed, with what was found.
func (h *Handlers) keep(ctx context.Context, a actor.Actor, f fichier) (ident.OperationID, error) {
	r, err := h.try(ctx, a, f)
	if err != nil {
		return ident.OperationID{}, err
	}
	x := Importation{ID: ident.New[ident.OperationID](), Genre: f.Genre, Auteur: a.Aidant}
	if err := h.seal(&x, r); err != nil {
		return x.ID, err
	}
	if x.contenu, err = h.Champs.Seal(f.Octets, contexte("contenu", x.ID)); err != nil {
		return x.ID, fmt.Errorf("seal file: %w", err)
	}
	return x.ID, h.DB.Update(ctx, func(tx *db.Tx) error { return insert(ctx, tx, x) })
}

// contexte ties what is sealed to its row and column.
func contexte(column string, id ident.OperationID) string {
	return "importation." + column + "/" + id.String()
}

// seal puts a report in the row.
func (h *Handlers) seal(x *Importation, r Rapport) error {
	plain, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode report: %w", err)
	}
	if x.rapport, err = h.Champs.Seal(plain, contexte("rapport", x.ID)); err != nil {
		return fmt.Errorf("seal report: %w", err)
	}
	x.Ajouts, x.Modifications, x.Inchangees, x.Refusees = r.Count(Ajout), r.Count(Modification), r.Count(Inchangee), r.Count(Refusee)
	return nil
}

// report reads what was found; nothing once erased.
func (h *Handlers) report(x Importation) (r Rapport, err error) {
	if len(x.rapport) == 0 {
		return r, nil
	}
	plain, err := h.Champs.Open(x.rapport, contexte("rapport", x.ID))
	if err != nil {
		return r, fmt.Errorf("open report: %w", err)
	}
	return r, json.Unmarshal(plain, &r)
}

func (h *Handlers) showOne(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.OperationID](r, "importation")
	if err != nil {
		return err
	}
	return h.show(w, r, a, oneView{X: Importation{ID: id}, Avis: avis[web.TakeMessage(w, r)]})
}

// show draws one import, with what was wrong with the answer in v.
func (h *Handlers) show(w http.ResponseWriter, r *http.Request, a actor.Actor, v oneView) error {
	ctx := r.Context()
	v.Site, v.Actor = h.Site, a
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = tx.Now.Time()
		v.X, err = load(ctx, tx, v.X.ID)
		return err
	})
	if err != nil {
		return err
	}
	if v.Rapport, err = h.report(v.X); err != nil {
		return err
	}
	if len(v.X.precision) > 0 {
		b, err := h.Champs.Open(v.X.precision, contexte("precision", v.X.ID))
		if err != nil {
			return fmt.Errorf("open reason: %w", err)
		}
		v.Dit = string(b)
	}
	status := http.StatusOK
	if v.Err != nil {
		status = fault.Status(fault.KindOf(v.Err))
	}
	return web.Render(w, r, status, onePage(v))
}

// errChange: what would be done is no longer what was shown.
var errChange = errors.New("the trial is no longer true")

// confirm does what the trial showed, once, or nothing.
func (h *Handlers) confirm(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.OperationID](r, "importation")
	if err != nil {
		return err
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v := oneView{X: Importation{ID: id}, Raison: Raison{Motif: form.Get("motif"), Precision: form.Get("precision")}}
	ctx := r.Context()
	var x Importation
	var now Rapport
	raison, err := v.Raison.Check()
	if err == nil {
		err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
			x, now, err = h.do(ctx, tx, a, ordre{id, raison})
			return err
		})
	}
	if errors.Is(err, errChange) {
		if err := h.again(ctx, x, now); err != nil {
			return err
		}
		v.Err = change()
		return h.show(w, r, a, v)
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		v.Err = err
		return h.show(w, r, a, v)
	}
	if err != nil {
		return err
	}
	h.Outbox.Poke()
	web.SetMessage(w, avisFait)
	return web.Redirect(w, r, Chemin+id.String()+"/")
}

// ordre is a confirmation.
type ordre struct {
	id     ident.OperationID
	raison Raison
}

func (h *Handlers) do(ctx context.Context, tx *db.Tx, a actor.Actor, o ordre) (x Importation, now Rapport, err error) {
	if x, err = load(ctx, tx, o.id); err != nil {
		return x, now, err
	}
	sealed := x.contenu // take erases it
	if x.Etat != Essai || x.Auteur != a.Aidant {
		return x, now, perdue()
	}
	shown, err := h.report(x)
	if err != nil {
		return x, now, err
	}
	if why := shown.Refuse(x.Genre); why != "" {
		return x, now, fault.Form(fault.Fields{"": why})
	}
	if o.raison.Precision != "" {
		if x.precision, err = h.Champs.Seal([]byte(o.raison.Precision), contexte("precision", x.ID)); err != nil {
			return x, now, fmt.Errorf("seal reason: %w", err)
		}
	}
	if err := take(ctx, tx, x, o.raison); err != nil {
		return x, now, err
	}
	file, err := h.Champs.Open(sealed, contexte("contenu", x.ID))
	if err != nil {
		return x, now, fmt.Errorf("open file: %w", err)
	}
	if now, err = h.run(ctx, tx, a, fichier{x.Genre, file}); err != nil {
		return x, now, err
	}
	if !slices.Equal(now.Issues, shown.Issues) {
		return x, now, errChange
	}
	return x, now, nil
}

// change says that nothing was done.
func change() error {
	e := fault.New(fault.Conflict, "essai_change")
	e.Fields = fault.Fields{"": "Des comptes, des structures ou des cartes ont changé depuis l’essai. Rien n’a été fait. Voici ce qui serait fait maintenant : relisez, puis confirmez."}
	return e
}

// again keeps the new trial.
func (h *Handlers) again(ctx context.Context, x Importation, now Rapport) error {
	if err := h.seal(&x, now); err != nil {
		return err
	}
	return h.DB.Update(ctx, func(tx *db.Tx) error { return renew(ctx, tx, x) })
}

// abandon forgets a trial.
func (h *Handlers) abandon(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.OperationID](r, "importation")
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := load(ctx, tx, id); err != nil {
			return err
		}
		return drop(ctx, tx, id, a.Aidant)
	})
	if fault.Is(err, fault.Conflict) {
		return h.show(w, r, a, oneView{X: Importation{ID: id}, Err: err})
	}
	if err != nil {
		return err
	}
	web.SetMessage(w, avisAbandon)
	return web.Redirect(w, r, Chemin)
}
