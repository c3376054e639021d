package textos

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// corpsMax bounds a call of the provider.
const corpsMax = 16 << 10

// alive answers who looks whether the address exists.
func (h *Handlers) alive(w http.ResponseWriter, _ *http.Request) error { return answer(w) }

// answer is the only answer to an authentic call: who calls learns nothing.
func answer(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := io.WriteString(w, "Status=0")
	return err
}

// callback receives an answer or a delivery report (mandats.md 13.5). What is
// not authentic is refused before anything of it is read; what is authentic and
// not understood is answered like the rest; only our own failure is one, and the
// provider tries again.
func (h *Handlers) callback(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	body, err := io.ReadAll(io.LimitReader(r.Body, corpsMax+1))
	if err != nil || len(body) > corpsMax || !h.Retour.authentic(r, body, h.now()) {
		h.count("refuse")
		h.Log.WarnContext(ctx, "sms callback refused", slog.String("requete", web.RequestID(ctx)))
		return fault.New(fault.Unauthenticated, "sms_non_authentifie")
	}
	e := parse(body, r.Header.Get("Content-Type"))
	issue := ""
	err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		issue, err = h.receive(ctx, tx, e)
		return err
	})
	if errors.Is(err, errRejoue) { // rolled back: the first one did it all
		issue, err = "rejoue", nil
	}
	if err != nil {
		return err
	}
	h.count(issue)
	h.Log.InfoContext(ctx, "sms callback", slog.String("requete", web.RequestID(ctx)), slog.String("issue", issue))
	h.Outbox.Poke()
	return answer(w)
}

// entree is what a call says, in the provider's words.
type entree struct{ de, message, lien, id, erreur, remise, arret string }

// champs are the provider's names of what is read.
func (e *entree) champs() map[string]*string {
	return map[string]*string{
		"originatorAddress": &e.de, "message": &e.message, "smsMTCorrelationId": &e.lien, "messageId": &e.id,
		"correlationId": &e.remise, "errorCode": &e.erreur, "optOut": &e.arret,
	}
}

// parse reads JSON or a form; what cannot be read is empty.
func parse(body []byte, contentType string) (e entree) {
	kind, _, _ := mime.ParseMediaType(contentType)
	if kind == "application/x-www-form-urlencoded" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return e
		}
		for name, to := range e.champs() {
			*to = form.Get(name)
		}
		return e
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil {
		return e
	}
	for name, to := range e.champs() {
		raw, ok := all[name]
		if !ok || string(raw) == "null" {
			continue
		}
		if json.Unmarshal(raw, to) != nil { // a number, a boolean
			*to = strings.TrimSpace(string(raw))
		}
	}
	return e
}

// receive is the act of one call, and gives the word of its figure.
func (h *Handlers) receive(ctx context.Context, tx *db.Tx, e entree) (string, error) {
	if e.de == "" {
		return h.delivered(ctx, tx, e)
	}
	stop := e.arret == "true" || e.arret == "1"
	to, ok := number(e.de)
	if !ok || (e.lien == "" || e.message == "") && !stop {
		return "illisible", nil
	}
	d, ok, err := h.about(ctx, tx, e.lien, h.numero(to))
	if err != nil || !ok {
		return "inconnu", err
	}
	m := Read(e.message, h.mot())
	if stop {
		m = MotArret
	}
	name := e.id
	if name == "" { // a provider without names: the same words twice are once
		name = "sans\x00" + to + "\x00" + e.lien + "\x00" + e.message + "\x00" + e.arret
	}
	return h.answered(ctx, tx, reponse{dialogue: d, mot: m, numero: to, texte: e.message, cle: "recu/" + hex.EncodeToString(h.Empreintes.Digest("textos.recu", name)), reference: e.id, muet: stop})
}

// delivered records a delivery report.
func (h *Handlers) delivered(ctx context.Context, tx *db.Tx, e entree) (string, error) {
	if e.remise == "" || e.erreur == "" {
		return "illisible", nil
	}
	l, issue := outbox.NonRemis, "echec"
	if e.erreur == "0" {
		l, issue = outbox.Remis, "distribue"
	}
	ok, err := h.Outbox.Delivered(ctx, tx, e.remise, l)
	if err == nil && !ok {
		issue = "inconnu"
	}
	return issue, err
}

// number normalises what the provider calls who wrote: "+" may be missing.
func number(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if to, ok := outbox.Telephone("+" + strings.TrimPrefix(s, "+")); ok {
		return to, true
	}
	return outbox.Telephone(s)
}

// about finds the dialogue that a message answers: the pair of the number and
// of the message it was answered to (M-W22). A provider that says STOP for the
// number alone is believed of the last one.
func (h *Handlers) about(ctx context.Context, tx *db.Tx, lien string, numero []byte) (Dialogue, bool, error) {
	if lien == "" {
		return byNumber(ctx, tx, numero)
	}
	key, ok, err := h.Outbox.Key(ctx, tx, lien)
	if err != nil || !ok {
		return Dialogue{}, false, err
	}
	rest, ok := strings.CutPrefix(key, "texto/")
	raw, _, _ := strings.Cut(rest, "/")
	id, valid := ident.Parse[ident.DemandeID](raw)
	if !ok || !valid {
		return Dialogue{}, false, nil
	}
	d, ok, err := load(ctx, tx, id)
	return d, ok && sameNumber(d.Numero, numero), err
}
