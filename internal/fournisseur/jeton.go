package fournisseur

import (
	"context"
	"net/http"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// abandon bounds a back-channel answer: FranceConnect gives up at 6 s and never
// retries (FI-46).
const abandon = 5 * time.Second

// token exchanges a code (RFC 6749 §4.1.3). The code is consumed in the
// transaction; the client's keys are had before it, so that one we could not
// answer costs no code, and the ID token is signed and encrypted after it.
func (h *Handlers) token(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		return notAllowed(w, "POST")
	}
	form, err := web.Form(r, maxParametres)
	if err != nil {
		return err
	}
	req, refused := oidc.ParseTokenRequest(form, r.Header.Get("Authorization"), h.Clients)
	if refused != nil {
		refused.Write(w)
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), abandon)
	defer cancel()
	client, err := h.ClesClients.For(ctx, req.Client)
	if err != nil {
		return err
	}
	jeton := secret.NewToken()
	out, err := h.exchange(ctx, req, jeton)
	if err != nil {
		return err
	}
	if !out.ok {
		h.measure(IssueRefuseeCode, out)
		oidc.InvalidGrant().Write(w)
		return nil
	}
	id, err := req.Client.MakeIDToken(oidc.IDToken{
		Issuer: h.Issuer, Sub: out.droits.Identite.Sub, Nonce: out.dossier.Nonce, Date: out.now.Time(),
		AuthTime: out.dossier.DateOTP.Time(), AMR: amr(out.dossier.Moyen), AccessToken: jeton, Demarche: out.dossier.Demarche,
	}, h.keys(), client)
	if err != nil {
		return err
	}
	oidc.WriteJSON(w, http.StatusOK, oidc.TokenAnswer{
		AccessToken: jeton.Reveal(), TokenType: "Bearer", ExpiresIn: int(h.Durees.Jeton / time.Second), IDToken: id.Reveal(),
	})
	return nil
}

// suite is what a back-channel call found in the database.
type suite struct {
	ok      bool
	first   bool // the identity is delivered for the first time
	motif   Motif
	now     db.Time
	dossier dossier
	droits  Droits
}

// measure counts what a back-channel call ended with. A code or a token that
// matches nothing is nobody's use: it has no reason.
func (h *Handlers) measure(i Issue, s suite) {
	if h.Mesure == nil || i == IssueServie && !s.first {
		return
	}
	if i != IssueServie && s.motif == SansMotif && !s.dossier.Usager.IsZero() {
		s.motif = s.droits.Refus(s.dossier.RepScope)
	}
	h.Mesure(i, s.motif)
}

// exchange consumes the code and checks the rights again (§10). A refusal is
// written too: the code is spent, and the journal and the home page tell why.
func (h *Handlers) exchange(ctx context.Context, req oidc.TokenRequest, jeton secret.Text) (out suite, err error) {
	e := echange{
		code: h.Empreintes.Digest("fournisseur.code", req.Code.Reveal()), clientID: req.Client.ClientID, redirectURI: req.RedirectURI,
		challenge: oidc.ChallengeOf(req.CodeVerifier), jeton: h.jetonDigest(jeton), atHash: oidc.AtHash(jeton),
	}
	err = h.DB.UpdateGated(ctx, func(tx *db.Tx) error {
		out = suite{now: tx.Now}
		d, ok, err := redeem(ctx, tx, e, h.Durees.Jeton)
		if err != nil {
			return err
		}
		if !ok {
			replayed, err := h.noteReplay(ctx, tx, e.code)
			if replayed {
				out.motif = CodeRejoue
			}
			return err
		}
		out.dossier = d
		out.droits, out.ok, err = h.recheck(ctx, tx, d, func(m Motif) fait.Fait {
			return fait.RefuseToken{Motif: string(m), Demarche: d.Demarche}
		})
		return err
	})
	return out, err
}

func (h *Handlers) jetonDigest(jeton secret.Text) []byte {
	return h.Empreintes.Digest("fournisseur.jeton", jeton.Reveal())
}

// noteReplay revokes what a code presented again had given (FI-44). A code
// that never existed changes nothing and is not journaled.
func (h *Handlers) noteReplay(ctx context.Context, tx *db.Tx, code []byte) (bool, error) {
	d, replayed, err := revokeReplayed(ctx, tx, code)
	if err != nil || !replayed {
		return false, err
	}
	return true, h.Journal.Append(ctx, tx, d.line(fait.ReplayCode{Motif: string(CodeRejoue), Demarche: d.Demarche}))
}

// recheck applies the re-checks of §10 to a use in progress; a refusal ends it
// and is journaled.
func (h *Handlers) recheck(ctx context.Context, tx *db.Tx, d dossier, fait func(Motif) fait.Fait) (Droits, bool, error) {
	r, err := droitsFor(ctx, tx, d)
	if err != nil {
		return r, false, err
	}
	r = r.WithEmail(h.Courriel)
	m := r.Refus(d.RepScope)
	if m == SansMotif {
		return r, true, nil
	}
	if err := refuse(ctx, tx, d.ID, m); err != nil {
		return r, false, err
	}
	return r, false, h.Journal.Append(ctx, tx, d.line(fait(m)))
}

// line is the frame of a journal line about a use: what FranceConnect's call
// does, under this aidant's act (FI-83: it is not the aidant's activity).
func (d dossier) line(f fait.Fait) journal.Entry {
	return journal.Entry{
		Initiateur: journal.Franceconnect, Aidant: d.Aidant, Usager: d.Usager, Organisation: d.Organisation, Session: d.Session,
		Mandat: d.Mandat, Autorisation: d.Autorisation, Operation: d.Operation, Fait: f,
	}
}

// notAllowed answers a wrong method in JSON (§9).
func notAllowed(w http.ResponseWriter, allow string) error {
	w.Header().Set("Allow", allow)
	oidc.WriteJSON(w, http.StatusMethodNotAllowed, map[string]string{"error": "invalid_request"})
	return nil
}
