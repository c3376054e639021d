package connexion

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

const (
	cookieSession    = "ac_session"
	cookieNavigateur = "ac_navigateur"
)

// formulaire is what the sign-in page shows again: never the code.
type formulaire struct {
	Email, Suite string
	Erreur       string // the neutral sentence
	Champs       fault.Fields
}

func (h *Handlers) oldSignIn(w http.ResponseWriter, r *http.Request) error {
	return web.Redirect(w, r, "/accounts/login/")
}

func (h *Handlers) showSignIn(w http.ResponseWriter, r *http.Request) error {
	suite, err := next(r.URL.Query().Get("next"))
	if err != nil {
		return err
	}
	web.AllowFormAction(w) // the way may lead back to FranceConnect
	if _, err := h.Authenticate(r); err == nil {
		return web.Redirect(w, r, landing(suite))
	}
	return web.Render(w, r, http.StatusOK, signInPage(h.Site, formulaire{Suite: suite}))
}

// signIn checks the code first; only then is a link mailed (comptes 2.1). The
// answer to anything wrong is one sentence, with one commit in each case and on
// the beat, so that neither text nor time tells whether an account exists (A-W73).
func (h *Handlers) signIn(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	suite, err := next(form.Get("next"))
	if err != nil {
		return err
	}
	f := formulaire{Email: form.Get("email"), Suite: suite, Champs: fault.Fields{}}
	email, okEmail := aidant.NormalizeEmail(f.Email)
	if !okEmail {
		f.Champs["email"] = "Saisissez une adresse électronique. Format attendu : prenom-nom@exemple.fr."
	}
	code, okCode := facteur.NormalizeCode(form.Get("otp_token"))
	if !okCode {
		f.Champs["otp_token"] = "Saisissez les 6 chiffres du code."
	}
	if len(f.Champs) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, signInPage(h.Site, f))
	}
	beat := time.NewTicker(Battement)
	defer beat.Stop()
	cle, navigateur := secret.NewToken(), secret.NewToken()
	accepted, err := h.proveFactor(r.Context(), demande{email, code, suite, cle, navigateur})
	if err != nil {
		return err
	}
	if !accepted {
		await(r.Context(), beat)
		f.Erreur = Neutral
		return web.Render(w, r, http.StatusUnprocessableEntity, signInPage(h.Site, f))
	}
	h.Outbox.Poke()
	web.SetCookie(w, cookieNavigateur, navigateur.Reveal(), h.Durees.Lien)
	return web.Redirect(w, r, "/email-envoye/"+nextQuery(suite))
}

// await waits for the next beat. One that passed during the work is not it.
func await(ctx context.Context, beat *time.Ticker) {
	select {
	case <-beat.C:
	default:
	}
	select {
	case <-beat.C:
	case <-ctx.Done(): // nobody waits for the answer any more
	}
}

type demande struct {
	email, code, suite string
	cle, navigateur    secret.Text
}

// proveFactor is one act: the code is consumed and the link stored and queued
// together, or only the failure is counted.
func (h *Handlers) proveFactor(ctx context.Context, d demande) (accepted bool, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		accepted = false
		a, err := aidant.LoadByEmail(ctx, tx, d.email)
		if fault.Is(err, fault.NotFound) || err == nil && !a.Actif {
			return noteRefused(ctx, tx, h.Empreintes.Digest("connexion.adresse", d.email))
		}
		if err != nil {
			return err
		}
		res, err := h.Facteurs.Verify(ctx, tx, a.ID, d.code)
		if err != nil {
			return err
		}
		if !res.Judged() { // repeated at will: it must not fill the journal
			return noteRefused(ctx, tx, h.Empreintes.Digest("connexion.adresse", d.email))
		}
		if !res.Accepte {
			return h.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Aidant, Aidant: a.ID, Fait: journal.LoginFailed{Motif: res.Motif}})
		}
		accepted = true
		err = replaceLink(ctx, tx, a.ID, lienNouveau{
			cle:        h.Empreintes.Digest("connexion.lien", d.cle.Reveal()),
			navigateur: h.Empreintes.Digest("connexion.navigateur", d.navigateur.Reveal()),
			suite:      d.suite, duree: h.Durees.Lien,
		})
		if err != nil {
			return err
		}
		mail := h.linkMail(a, d.cle)
		mail.Peremption = tx.Now.Add(h.Durees.Lien) // rather nothing than a dead link
		return h.Outbox.Queue(ctx, tx, mail)
	})
	return accepted, err
}

// linkMail is message E-01.
func (h *Handlers) linkMail(a aidant.Aidant, cle secret.Text) outbox.Message {
	return outbox.Message{
		Cle: "E-01/" + ident.New[ident.MessageID]().String(), Genre: "E-01", Destinataire: a.Email,
		Sujet: "Lien de connexion",
		Texte: "Bonjour " + a.Prenom + ",\n\n" +
			"Voici le lien pour terminer votre connexion. Ouvrez-le dans le navigateur où vous avez saisi votre code :\n\n" +
			h.Site.Origine + "/code/" + url.PathEscape(cle.Reveal()) + "/\n\n" +
			"Il est valable " + minutes(h.Durees.Lien) + " et ne sert qu'une fois.\n\n" +
			"Si vous n'avez pas demandé cette connexion, n'ouvrez pas le lien et prévenez votre référent : quelqu'un connaît peut-être un de vos codes.\n",
	}
}

func (h *Handlers) showSent(w http.ResponseWriter, r *http.Request) error {
	suite, err := next(r.URL.Query().Get("next"))
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, sentPage(h.Site, suite, minutes(h.Durees.Lien)))
}

// next checks where to go after sign-in: a path of this site or nothing, else
// 404 (A-W17).
func next(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	p, ok := web.NextPath(s)
	if !ok {
		return "", fault.New(fault.NotFound, "suite_refusee")
	}
	return p, nil
}

func nextQuery(suite string) string {
	if suite == "" {
		return ""
	}
	return "?next=" + url.QueryEscape(suite)
}

func landing(suite string) string {
	if suite == "" {
		return "/espace-aidant/"
	}
	return suite
}
