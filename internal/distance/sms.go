package distance

import (
	"context"
	"encoding/hex"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/textos"
	"aidantsconnect/internal/web"
)

// begin sends the first SMS of a request: what is proposed, nothing asked yet.
func (h *Handlers) begin(ctx context.Context, tx *db.Tx, d Demande, to string) error {
	return h.Textos.Begin(ctx, tx, textos.Dialogue{
		Demande: d.ID, Dossier: d.Dossier, Organisation: d.Organisation, Aidant: d.Aidant, Usager: d.Attendu, Objet: d.Objet, Limite: d.Limite,
	}, to)
}

// question sends the second SMS, when the aidant asks for it and the provider
// took the first (mandats.md 13.2).
func (h *Handlers) question(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := web.FormID[ident.DossierID](form, "dossier")
	if err != nil {
		return err
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error { return h.putQuestion(ctx, tx, a, id) })
	switch {
	case fault.Is(err, fault.Gone):
		return web.Redirect(w, r, attenteURL(id))
	case fault.ReasonOf(err) == textos.RaisonRecap:
		return h.showAgain(w, r, a, id, "Le premier SMS n’est pas encore parti. Attendez qu’il parte, ou vérifiez le numéro.")
	case fault.Is(err, fault.Unavailable):
		return h.showAgain(w, r, a, id, "Aucun SMS ne peut partir en ce moment. Réessayez plus tard.")
	case err != nil:
		return err
	}
	h.Outbox.Poke()
	return web.Redirect(w, r, attenteURL(id))
}

// putQuestion is the act: gate, window, message.
func (h *Handlers) putQuestion(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.DossierID) error {
	if _, err := signature.Awaiting(ctx, tx, a, id); err != nil {
		return err
	}
	d, n, err := latest(ctx, tx, id)
	if err == nil && (n == 0 || d.Choix.Moyen != consentement.SMS || d.Contact == nil) {
		err = errFinie
	}
	if err != nil {
		return err
	}
	to, err := h.Champs.Open(d.Contact, d.contactContext())
	if err != nil {
		return err
	}
	until := tx.Now.Add(textos.Delai)
	if err := signature.Hold(ctx, tx, id, until); err != nil {
		return err
	}
	if err := questioned(ctx, tx, d.ID, until); err != nil {
		return err
	}
	return h.Textos.Question(ctx, tx, d.ID, string(to))
}

// showAgain shows the aidant's page with what is wrong.
func (h *Handlers) showAgain(w http.ResponseWriter, r *http.Request, a actor.Actor, id ident.DossierID, why string) error {
	v, err := h.waitingView(r, a, id.String())
	if err != nil {
		return err
	}
	v.Champs = fault.Fields{"question": why}
	return h.render(w, r, http.StatusConflict, a, v)
}

// AgreedBySMS writes in a request that its person answered OUI: they are known,
// and their agreement is complete, or they have still to connect with
// FranceConnect, by a link that goes to the same number (M-W13). It is false
// when the request had ended.
func (h *Handlers) AgreedBySMS(ctx context.Context, tx *db.Tx, x textos.Dialogue, seal func(extra any) (consentement.Piece, error)) (bool, error) {
	d, err := byID(ctx, tx, x.Demande)
	if err != nil {
		return false, err
	}
	until := tx.Now.Add(Delai)
	if err := signature.Hold(ctx, tx, d.Dossier, until); err != nil {
		if fault.Is(err, fault.Gone) {
			err = nil
		}
		return false, err
	}
	if d.Identite.IsZero() {
		return h.link(ctx, tx, d, until)
	}
	p, err := seal(map[string]any{"identite_id": d.Identite.String(), "presence": string(d.Choix.Presence), "numero_verifie_par_aidant": true})
	if err != nil {
		return false, err
	}
	if ok, err := agreeFor(ctx, tx, d.ID, p, until); err != nil || !ok {
		return false, err
	}
	d.Limite, d.Contact = until.Time(), nil // the dialogue gives its own receipt
	return true, h.accepted(ctx, tx, d, acceptation{journal.SMS, p})
}

// acceptation is who wrote that a known person agreed, with the proof.
type acceptation struct {
	par   journal.Initiateur
	piece consentement.Piece
}

// accepted tells the aidant and the journal that there is an agreement.
func (h *Handlers) accepted(ctx context.Context, tx *db.Tx, d Demande, x acceptation) error {
	if d.Choix.Moyen != consentement.Courrier { // else the aidant has just typed it
		if err := h.answered(ctx, tx, d, true); err != nil {
			return err
		}
	}
	e := d.line(x.par, fait.AcceptAccord{
		Demarches: d.Objet.Demarches, Jours: mandat.Duree(d.Objet.Duree).Jours(), Moyen: string(d.Choix.Moyen), Demande: d.ID.String(), PreuveEmpreinte: hex.EncodeToString(x.piece.Empreinte),
	})
	return h.Signatures.Greffe.Journal.Append(ctx, tx, e)
}

// link sends the person's page to the number that agreed.
func (h *Handlers) link(ctx context.Context, tx *db.Tx, d Demande, until db.Time) (bool, error) {
	lien, code := secret.NewToken(), newCode()
	ok, err := linkAfter(ctx, tx, d.ID, secrets{lien: h.digest("lien", lien), code: h.digest("code", secret.Text(code))}, until)
	if err != nil || !ok {
		return ok, err
	}
	to, err := h.Champs.Open(d.Contact, d.contactContext())
	if err != nil {
		return false, err
	}
	d.Limite = until.Time()
	return true, h.Outbox.Queue(ctx, tx, h.suite(d, destination{to: string(to), lien: lien, code: code}))
}

// RefusedBySMS writes in a request that its person answered NON, or STOP.
func (h *Handlers) RefusedBySMS(ctx context.Context, tx *db.Tx, x textos.Dialogue) (bool, error) {
	d, err := byID(ctx, tx, x.Demande)
	if err != nil {
		return false, err
	}
	ok, err := declineFor(ctx, tx, d.ID)
	if err != nil || !ok {
		return false, err
	}
	d.Contact = nil // the dialogue gives its own receipt
	if err := h.answered(ctx, tx, d, false); err != nil {
		return false, err
	}
	who := journal.SMS
	if d.Usager.IsZero() { // whoever holds the number
		who = journal.Systeme
	}
	return true, h.Signatures.Greffe.Journal.Append(ctx, tx, d.line(who, fait.RefuseAccord{
		Demarches: d.Objet.Demarches, Jours: mandat.Duree(d.Objet.Duree).Jours(), Moyen: string(d.Choix.Moyen), Demande: d.ID.String(),
	}))
}
