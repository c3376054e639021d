package fournisseur

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/web"
)

// userinfo delivers the identity: the moment a mandat is used (FI-50).
func (h *Handlers) userinfo(w http.ResponseWriter, r *http.Request) error {
	var body url.Values
	switch r.Method {
	case http.MethodGet:
	case http.MethodPost:
		if form, err := web.Form(r, maxParametres); err == nil {
			body = form // no form: the token is in the header, or nowhere
		}
	default:
		return notAllowed(w, "GET, POST")
	}
	jeton, refused := oidc.BearerToken(r.Header.Values("Authorization"), body)
	if refused != nil {
		refused.Write(w)
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), abandon)
	defer cancel()
	digest := h.jetonDigest(jeton)
	keys, err := h.keysFor(ctx, digest)
	if err != nil {
		return err
	}
	out, err := h.deliver(ctx, digest)
	if err != nil {
		return err
	}
	client, known := h.Clients.Find(out.dossier.ClientID)
	if !out.ok || !known {
		h.measure(IssueRefuseeJeton, out)
		oidc.InvalidToken().Write(w)
		return nil
	}
	answer, contentType, err := client.Userinfo(out.droits.Identite, out.dossier.Scope,
		oidc.Assertion{Issuer: h.Issuer, Date: out.now.Time(), Keys: h.keys(), Client: keys})
	if err != nil {
		return err
	}
	h.measure(IssueServie, out)
	w.Header().Set("Content-Type", contentType) // exactly (FI-52)
	w.Header().Set("Pragma", "no-cache")
	_, _ = w.Write(answer) // the client left: nobody to tell
	return nil
}

// keysFor has the keys of the token's client ready before the identity counts
// as delivered. A token we do not know reads nothing from outside. When no
// client wants encrypted answers, it costs nothing.
func (h *Handlers) keysFor(ctx context.Context, jeton []byte) (oidc.ClientKeys, error) {
	if !slices.ContainsFunc(h.Clients, func(r oidc.Registration) bool { return r.UserinfoEncAlg != "" }) {
		return oidc.ClientKeys{}, nil
	}
	var id string
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) { id, err = clientOf(ctx, tx, jeton); return err })
	if err != nil {
		return oidc.ClientKeys{}, err
	}
	client, ok := h.Clients.Find(id)
	if !ok || client.UserinfoEncAlg == "" {
		return oidc.ClientKeys{}, nil
	}
	return h.ClesClients.For(ctx, client)
}

// deliver takes the token's first call: the use, its record, its notice and its
// line are one transaction (FI-80). Repeated while the token lives, it gives the
// same answer, after the same checks, and writes nothing.
func (h *Handlers) deliver(ctx context.Context, jeton []byte) (out suite, err error) {
	err = h.DB.UpdateGated(ctx, func(tx *db.Tx) error {
		out = suite{now: tx.Now}
		d, first, err := serve(ctx, tx, jeton, h.Durees.Connexion)
		if err != nil {
			return err
		}
		if !first {
			var again bool
			if d, again, err = served(ctx, tx, jeton); err != nil || !again {
				return err
			}
		}
		out.dossier, out.first = d, first
		out.droits, out.ok, err = h.recheck(ctx, tx, d, func(m Motif) fait.Fait {
			return fait.RefuseUserinfo{Motif: string(m), Demarche: d.Demarche}
		})
		if err != nil || !out.ok || !first {
			return err
		}
		return h.record(ctx, tx, d, out.droits)
	})
	if err == nil && out.ok {
		h.Outbox.Poke()
	}
	return out, err
}

// record writes what a use leaves: the account rendered to the usager (Code
// civil, art. 1993), the notice, the journal.
func (h *Handlers) record(ctx context.Context, tx *db.Tx, d dossier, r Droits) error {
	err := suivi.Record(ctx, tx, suivi.Usage{
		Operation: d.Operation, Organisation: d.Organisation, Aidant: d.Aidant, Usager: d.Usager,
		Mandat: d.Mandat, Autorisation: d.Autorisation, Demarche: d.Demarche, Presence: d.Presence,
	})
	if err != nil {
		return err
	}
	use := d.line(fait.UseAutorisation{
		Demarche: d.Demarche, Presence: string(d.Presence),
		RepScopeDemande: demarche.Sorted(d.RepScope.Demarches), RepScopeRendu: []demarche.Demarche{d.Demarche},
	})
	use.Initiateur = journal.Aidant
	lines := []journal.Entry{use}
	if to := h.noticeAddress(r); to != "" {
		if err := h.Outbox.Queue(ctx, tx, h.notice(d, r, to, tx.Now)); err != nil {
			return err
		}
		told := d.line(fait.NotifyUsager{Voie: fait.NotificationMail, Genre: genreAvis})
		told.Initiateur = journal.Systeme
		lines = append(lines, told)
	}
	return h.Journal.Append(ctx, tx, lines...)
}
