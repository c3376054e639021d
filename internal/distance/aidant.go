package distance

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/textos"
	"aidantsconnect/internal/web"
)

// attenteView is the aidant's page: the request to send, then its answer.
type attenteView struct {
	Dossier   signature.Dossier
	Demande   Demande
	Statut    Statut // of the last request; "" before the first
	Envois    int
	Livraison string // what is known of the message
	Nom       string // whom it is for, when that is known
	Refus     []string
	Fini      bool // the dossier is over
	SMS       bool // text messages can leave
	Direct    bool // the page reads itself again, without script
	Dialogue  textos.Vue
	Mot       string // the word that agrees, by SMS
	Form      envoi
	Rendu     rendu // the code of a letter, as typed
	Champs    fault.Fields
}

// envoi is the form of a request.
type envoi struct {
	Voie, Courriel, Telephone string
	Verifie                   bool
}

// readEnvoi reads the form: one contact, which the aidant checked. Who answers
// by SMS is asked by SMS.
func (h *Handlers) readEnvoi(form url.Values, m consentement.Moyen) (f envoi, to string, wrong fault.Fields) {
	f = envoi{Voie: form.Get("voie"), Courriel: form.Get("courriel"), Telephone: form.Get("telephone"), Verifie: form.Get("verifie") != ""}
	if m == consentement.SMS {
		f.Voie = string(ParSMS)
	}
	wrong = fault.Fields{}
	var ok bool
	switch Voie(f.Voie) {
	case ParCourriel:
		if to, ok = aidant.NormalizeEmail(f.Courriel); !ok || !oidc.ValidEmail(to) {
			wrong["courriel"] = "Saisissez l’adresse électronique de la personne. Format attendu : nom@exemple.fr."
		}
	case ParSMS:
		if to, ok = outbox.Telephone(f.Telephone); !ok || !outbox.Mobile(to) {
			wrong["telephone"] = "Saisissez un numéro de téléphone mobile français. Exemple : 06 12 34 56 78."
		}
		if !h.Outbox.SMSPossible() {
			wrong["voie"] = "Aucun SMS ne peut partir en ce moment. Choisissez le courriel."
		}
	default:
		wrong["voie"] = "Choisissez comment la personne reçoit la demande."
	}
	if !f.Verifie {
		wrong["verifie"] = "Vérifiez avec la personne que cette adresse ou ce numéro est bien le sien, puis cochez la case."
	}
	return f, to, wrong
}

// waitingView reads what the page shows.
func (h *Handlers) waitingView(r *http.Request, a actor.Actor, raw string) (v attenteView, err error) {
	id, _ := ident.Parse[ident.DossierID](raw)
	err = h.view(r, func(ctx context.Context, tx *db.Tx) error {
		now := tx.Now.Time()
		v = attenteView{SMS: h.Outbox.SMSPossible(), Mot: h.Textos.Word(), Direct: r.URL.Query().Get("direct") != ""}
		if v.Dossier, err = signature.Awaiting(ctx, tx, a, id); err != nil {
			return err
		}
		if v.Demande, v.Envois, err = latest(ctx, tx, id); err != nil {
			return err
		}
		if v.Envois > 0 {
			v.Statut = v.Demande.At(now)
			if err := h.progress(ctx, tx, &v); err != nil {
				return err
			}
		}
		v.Fini = v.Dossier.Ended(now)
		return h.about(ctx, tx, a, &v)
	})
	return v, err
}

// progress adds what is known of the messages.
func (h *Handlers) progress(ctx context.Context, tx *db.Tx, v *attenteView) (err error) {
	if v.byLetter() {
		return nil
	}
	if v.bySMS() {
		v.Dialogue, _, err = h.Textos.Read(ctx, tx, v.Demande.ID)
		v.Livraison = v.onTheWay()
		return err
	}
	e, ok, err := h.Outbox.Of(ctx, tx, cleMessage(v.Demande))
	if ok {
		v.Livraison = livraison(e)
	}
	return err
}

// about adds whom it is for and what they refused.
func (h *Handlers) about(ctx context.Context, tx *db.Tx, a actor.Actor, v *attenteView) error {
	u := v.Dossier.Usager
	if u.IsZero() {
		return nil
	}
	ms, err := mandat.OfUsager(ctx, tx, a.Organisation, u)
	if err != nil {
		return err
	}
	if len(ms) > 0 {
		v.Nom = ms[0].Identite.NomAffiche()
	}
	v.Refus, err = h.Refusals(ctx, tx, a.Organisation, u)
	return err
}

func (h *Handlers) showWaiting(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.waitingView(r, a, r.URL.Query().Get("dossier"))
	if err != nil {
		return err
	}
	return h.render(w, r, http.StatusOK, a, v)
}

func (h *Handlers) render(w http.ResponseWriter, r *http.Request, status int, a actor.Actor, v attenteView) error {
	if v.Dossier.Statut == signature.Signe {
		return web.Redirect(w, r, signature.RecapURL(v.Dossier.ID)) // which shows the mandat
	}
	if v.Direct && v.waits() {
		w.Header().Set("Refresh", "10") // asked for by a link, left by another (WCAG 2.2.1)
	}
	return web.Render(w, r, status, attentePage(h.Site, a, v))
}

// state is what the page polls: no activity, no name.
func (h *Handlers) state(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.waitingView(r, a, r.URL.Query().Get("dossier"))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]any{
		"statut": v.Statut, "texte": v.libelle(), "livraison": v.Livraison, "fini": !v.waits(), "suite": v.questionable(),
	})
}

// ask sends a request. Asked again, it replaces the former one.
func (h *Handlers) ask(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v, err := h.waitingView(r, a, form.Get("dossier"))
	if err != nil {
		return err
	}
	if n := form.Get("envois"); n != "" && n != strconv.Itoa(v.Envois) { // the form was sent already, or in another tab
		return web.Redirect(w, r, attenteURL(v.Dossier.ID))
	}
	if v.byLetter() {
		return fault.New(fault.Invalid, "moyen_courrier")
	}
	f, to, wrong := h.readEnvoi(form, v.Dossier.Choix.Moyen)
	v.Form, v.Champs = f, wrong
	if v.Envois >= envoisMax {
		v.Champs["voie"] = "Cinq demandes ont déjà été faites pour ce mandat. Préparez-le de nouveau avec la personne."
	}
	if len(v.Champs) > 0 {
		return h.render(w, r, http.StatusUnprocessableEntity, a, v)
	}
	d := Demande{
		Dossier: v.Dossier.ID, Organisation: a.Organisation, Aidant: a.Aidant, Attendu: v.Dossier.Usager, Identite: v.Dossier.IdentiteID, Choix: v.Dossier.Choix, Voie: Voie(f.Voie), Statut: Envoyee, Rang: v.Envois,
		Objet: consentement.Objet{Texte: v.Dossier.TexteEmpreinte, Demarches: v.Dossier.Demarches, Duree: string(v.Dossier.Duree)},
	}
	var wait time.Duration
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		wait, err = h.send(ctx, tx, d, to)
		return err
	})
	if wait > 0 {
		return limite.Refuse(w, wait)
	}
	if fault.Is(err, fault.Gone) {
		return web.Redirect(w, r, attenteURL(v.Dossier.ID))
	}
	if fault.ReasonOf(err) == textos.RaisonArret {
		v.Champs = fault.Fields{"telephone": "Ce numéro a répondu STOP à propos de ce mandat : aucun SMS ne lui sera plus envoyé à ce sujet."}
		return h.render(w, r, http.StatusConflict, a, v)
	}
	if fault.Is(err, fault.Unavailable) { // no provider any more, or the ceiling
		v.Champs = fault.Fields{"voie": "Aucun SMS ne peut partir en ce moment. Choisissez le courriel, ou réessayez plus tard."}
		return h.render(w, r, http.StatusServiceUnavailable, a, v)
	}
	if err != nil {
		return err
	}
	h.Outbox.Poke()
	return web.Redirect(w, r, attenteURL(v.Dossier.ID))
}

// send is the act: gate, rows, message, journal.
func (h *Handlers) send(ctx context.Context, tx *db.Tx, d Demande, to string) (wait time.Duration, err error) {
	contact := h.digest("contact", secret.Text(to))
	if _, n, err := latest(ctx, tx, d.Dossier); err != nil || n != d.Rang {
		if err == nil {
			err = errFinie // another press of the same button was first
		}
		return 0, err
	}
	wait, err = h.Limites.AllowTx(ctx, tx, regleContact.By(string(contact)), regleAidant.By(d.Aidant.String()), regleStructure.By(d.Organisation.String()))
	if err == nil && wait > 0 {
		err = fault.New(fault.TooMany, "limite") // what the other rules counted is given back
	}
	if err != nil {
		return wait, err
	}
	d.ID, d.Limite = ident.New[ident.DemandeID](), tx.Now.Add(Delai).Time()
	if err := signature.Hold(ctx, tx, d.Dossier, tx.Now.Add(Delai)); err != nil {
		return 0, err
	}
	if d.Contact, err = h.Champs.Seal([]byte(to), d.contactContext()); err != nil {
		return 0, err
	}
	if d.Choix.Moyen == consentement.SMS {
		if err = insert(ctx, tx, d, secrets{contact: contact}); err == nil {
			err = h.begin(ctx, tx, d, to)
		}
	} else {
		err = h.sendLink(ctx, tx, d, to, contact)
	}
	if err != nil {
		return 0, err
	}
	e := d.line(journal.Aidant, fait.AskAccord{
		Demarches: demarche.Sorted(d.Objet.Demarches), Jours: mandat.Duree(d.Objet.Duree).Jours(), Moyen: string(d.Choix.Moyen), Presence: string(d.Choix.Presence),
		Voie: string(d.Voie), Demande: d.ID.String(), TexteEmpreinte: hexa(d.Objet.Texte),
	})
	e.Usager = d.Attendu
	return 0, h.Signatures.Greffe.Journal.Append(ctx, tx, e)
}

// sendLink sends the person their page.
func (h *Handlers) sendLink(ctx context.Context, tx *db.Tx, d Demande, to string, contact []byte) error {
	o, err := organisation.Load(ctx, tx, d.Organisation)
	if err != nil {
		return err
	}
	lien, code := secret.NewToken(), newCode()
	if err := insert(ctx, tx, d, secrets{contact: contact, lien: h.digest("lien", lien), code: h.digest("code", secret.Text(code))}); err != nil {
		return err
	}
	return h.Outbox.Queue(ctx, tx, h.message(d, destination{to, o.Nom, lien, code}))
}

func (d Demande) contactContext() string { return "demande_accord/" + d.ID.String() + "/contact" }

func attenteURL(id ident.DossierID) string { return cheminAttente + "?dossier=" + id.String() }

// goOn leads to the récapitulatif: the dossier takes the identity of who
// agreed, in this web session.
func (h *Handlers) goOn(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := web.FormID[ident.DossierID](form, "dossier")
	if err != nil {
		return err
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := signature.Awaiting(ctx, tx, a, id); err != nil {
			return err
		}
		d, _, err := proof(ctx, tx, id)
		if err != nil {
			return err
		}
		return signature.Resume(ctx, tx, a, signature.Reprise{Dossier: id, Usager: d.Usager, Identite: d.Identite, Authentification: d.Authentification, Limite: db.At(d.Limite)})
	})
	if fault.Is(err, fault.Gone) {
		return web.Redirect(w, r, attenteURL(id))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, signature.RecapURL(id))
}

// cancel gives a request and its dossier up.
func (h *Handlers) cancel(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := web.FormID[ident.DossierID](form, "dossier")
	if err != nil {
		return err
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		d, err := signature.Awaiting(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if !d.Waits() {
			return errFinie
		}
		if err := cancelOf(ctx, tx, id); err != nil {
			return err
		}
		if err := h.Textos.Close(ctx, tx, id); err != nil {
			return err
		}
		return signature.Abandon(ctx, tx, id, a)
	})
	if err != nil && !fault.Is(err, fault.Gone) {
		return err
	}
	return web.Redirect(w, r, signature.ModifyURL(id))
}

// waits tells whether the page may still change by itself.
func (v attenteView) waits() bool {
	return !v.Fini && (v.Statut == Envoyee || v.Statut == Ouverte || v.Statut == Identifiee || v.Statut == Accordee)
}

// askable tells whether a request may leave from this page.
func (v attenteView) askable() bool { return !v.Fini && v.Dossier.Waits() && v.Statut != Accordee }

func (v attenteView) titres() string {
	var out []string
	for _, d := range demarche.Displayed(v.Dossier.Demarches) {
		out = append(out, d.Fiche().TitreCourt)
	}
	return strings.Join(out, ", ")
}

// livraison says what is known of the message, in French.
func livraison(e outbox.Etat) string {
	switch {
	case e.Livraison == outbox.Remis:
		return "Le téléphone a reçu le message."
	case e.Livraison == outbox.NonRemis:
		return "Le message n’est pas arrivé : vérifiez le numéro avec la personne."
	case e.Situation == outbox.Envoye:
		return "Le message est parti."
	case e.Situation == outbox.Mort:
		return "Le message n’a pas pu partir : vérifiez l’adresse ou le numéro avec la personne."
	case e.Situation == outbox.EnEchec:
		return "Le message n’est pas encore parti : un nouvel essai va être fait."
	}
	return "Le message part."
}
