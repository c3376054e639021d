package enrolement

import (
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// cleView asks the browser for a key.
type cleView struct {
	Site   web.Site
	Actor  actor.Actor
	Defi   facteur.Defi
	Nom    string
	Champs fault.Fields
}

func (h *Handlers) beginKey(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	var d facteur.Defi
	ctx := r.Context()
	err := h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		d, err = h.Coffre.BeginKey(ctx, tx, a.Aidant)
		return err
	})
	if err != nil {
		return orBack(w, r, err)
	}
	return web.Redirect(w, r, cheminCle+d.ID.String()+"/")
}

// defi reads the live challenge of the address, of this account.
func (h *Handlers) defi(r *http.Request, a actor.Actor) (v cleView, err error) {
	v = cleView{Site: h.Site, Actor: a}
	id, err := web.PathID[ident.DefiID](r, "defi")
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		v.Defi, err = facteur.LoadDefi(ctx, tx, id, a.Aidant)
		return err
	})
	return v, err
}

func (h *Handlers) showKey(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.defi(r, a)
	if err != nil {
		return orBack(w, r, err)
	}
	return web.Render(w, r, http.StatusOK, clePage(v))
}

func (h *Handlers) addKey(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, formMax)
	if err != nil {
		return err
	}
	v, err := h.defi(r, a)
	if err != nil {
		return orBack(w, r, err)
	}
	v.Nom = form.Get("nom")
	n := facteur.CleNouvelle{Defi: v.Defi.ID, Reponse: []byte(form.Get("reponse")), Nom: v.Nom}
	ctx := r.Context()
	err = h.act(ctx, func(tx *db.Tx) error {
		_, err := h.Coffre.AddKey(ctx, tx, facteur.BySelf(a), n)
		return err
	})
	if v.Champs = fault.FieldsOf(err); len(v.Champs) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, clePage(v))
	}
	if err != nil {
		return orBack(w, r, err)
	}
	return back(w, r, "cle_ajoutee")
}

// secoursView is about recovery codes; Codes are shown once.
type secoursView struct {
	Site  web.Site
	Actor actor.Actor
	facteur.Moyens
	Codes []secret.Text
	Date  string
}

func (h *Handlers) showSecours(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v := secoursView{Site: h.Site, Actor: a}
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Moyens, err = facteur.Load(ctx, tx, a.Aidant)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, secoursPage(v))
}

// createSecours answers the POST with the codes themselves: no address shows
// them a second time.
func (h *Handlers) createSecours(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v := secoursView{Site: h.Site, Actor: a}
	ctx := r.Context()
	err := h.act(ctx, func(tx *db.Tx) (err error) {
		v.Date = web.Date(tx.Now.Time())
		v.FinSecours = tx.Now.Add(facteur.SecoursDuree).Time()
		v.Codes, err = h.Coffre.CreateRecoveryCodes(ctx, tx, facteur.BySelf(a), a.Aidant)
		return err
	})
	if err != nil {
		return orBack(w, r, err)
	}
	return web.Render(w, r, http.StatusOK, codesPage(v))
}

// heureView asks two consecutive codes.
type heureView struct {
	Site   web.Site
	Actor  actor.Actor
	Champs fault.Fields
}

func (h *Handlers) showHeure(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return web.Render(w, r, http.StatusOK, heurePage(heureView{Site: h.Site, Actor: a}))
}

func (h *Handlers) setHeure(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, formMax)
	if err != nil {
		return err
	}
	v := heureView{Site: h.Site, Actor: a, Champs: fault.Fields{}}
	var codes [2]string
	for i, name := range []string{"code1", "code2"} {
		var ok bool
		if codes[i], ok = facteur.NormalizeTOTP(form.Get(name)); !ok {
			v.Champs[name] = "Saisissez les 6 chiffres du code."
		}
	}
	if len(v.Champs) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, heurePage(v))
	}
	var res facteur.Resultat
	var now time.Time
	ctx := r.Context()
	err = h.act(ctx, func(tx *db.Tx) error {
		now = tx.Now.Time()
		res, err = h.Coffre.Resynchronise(ctx, tx, a.Aidant, codes[0], codes[1])
		return err
	})
	if err != nil {
		return err
	}
	if res.Accepte {
		return back(w, r, "heure_reglee")
	}
	v.Champs["code1"] = res.AvisPaire(now)
	return web.Render(w, r, http.StatusUnprocessableEntity, heurePage(v))
}
