package comprendre

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// peremption: the person is in the room, or on the phone; later it is useless.
const peremption = 2 * time.Hour

// vue is the page: the form, and what was just done.
type vue struct {
	SMS       bool // text messages can leave
	Envoyee   bool
	Adresse   string // of the sheet, to say or to write
	Jeton     string // one form sends once
	Telephone string
	Accord    bool
	Champs    fault.Fields
}

func (h *Handlers) view() vue {
	return vue{SMS: h.Outbox.SMSPossible(), Adresse: h.Site.Origine + signature.FicheURL(), Jeton: secret.NewToken().Reveal(), Champs: fault.Fields{}}
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v := h.view()
	v.Envoyee = r.URL.Query().Get("envoyee") != ""
	return web.Render(w, r, http.StatusOK, envoiPage(h.Site, a, v))
}

// send has one SMS leave. The same form posted again sends nothing more.
func (h *Handlers) send(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v := h.view()
	v.Telephone, v.Accord = form.Get("telephone"), form.Get("accord") != ""
	to, ok := outbox.Telephone(v.Telephone)
	if !ok || !outbox.Mobile(to) {
		v.Champs["telephone"] = "Saisissez un numéro de téléphone mobile français. Exemple : 06 12 34 56 78."
	}
	if !v.Accord {
		v.Champs["accord"] = "Demandez à la personne si elle veut recevoir ce SMS à ce numéro, puis cochez la case."
	}
	if len(v.Champs) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, envoiPage(h.Site, a, v))
	}
	var wait time.Duration
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		wait, err = h.queue(ctx, tx, a, envoi{to, form.Get("jeton")})
		return err
	})
	switch {
	case wait > 0:
		return limite.Refuse(w, wait)
	case fault.Is(err, fault.Unavailable): // no provider, or the ceiling
		v.Champs["telephone"] = "Aucun SMS ne peut partir en ce moment. Donnez l’adresse de la fiche à la personne, ou imprimez la fiche."
		return web.Render(w, r, http.StatusServiceUnavailable, envoiPage(h.Site, a, v))
	case err != nil:
		return err
	}
	h.Outbox.Poke()
	return web.Redirect(w, r, signature.CheminFicheSMS+"?envoyee=1")
}

// envoi is one SMS asked for: where to, and the form it comes from.
type envoi struct{ numero, jeton string }

// queue is the act: limits, then the message.
func (h *Handlers) queue(ctx context.Context, tx *db.Tx, a actor.Actor, e envoi) (wait time.Duration, err error) {
	numero := h.Empreintes.Digest("comprendre.numero", e.numero)
	wait, err = h.Limites.AllowTx(ctx, tx, regleNumero.By(string(numero)), regleAidant.By(a.Aidant.String()), regleStructure.By(a.Organisation.String()))
	if err == nil && wait > 0 {
		err = fault.New(fault.TooMany, "limite") // what the other rules counted is given back
	}
	if err != nil {
		return wait, err
	}
	o, err := organisation.Load(ctx, tx, a.Organisation)
	if err != nil {
		return 0, err
	}
	return 0, h.Outbox.Queue(ctx, tx, outbox.Message{
		Cle: GenreFiche + "/" + a.Aidant.String() + "/" + hex.EncodeToString(h.Empreintes.Digest("comprendre.envoi", e.jeton)), Genre: GenreFiche, Destinataire: e.numero, Peremption: tx.Now.Add(peremption),
		Texte: texte(o.Nom, h.Service, h.Site.Origine+signature.FicheURL()),
	})
}

func (v vue) faults() []dsfr.Faute {
	var out []dsfr.Faute
	for _, name := range []string{"telephone", "accord"} {
		if v.Champs[name] != "" {
			out = append(out, dsfr.Faute{ID: name, Texte: v.Champs[name]})
		}
	}
	return out
}
