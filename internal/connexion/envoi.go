package connexion

import (
	"net/http"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// attente is the page « Vérifiez votre messagerie ».
type attente struct {
	Suite, Validite string
	Erreur          string
	Renvoye         bool
}

func (h *Handlers) showSent(w http.ResponseWriter, r *http.Request) error {
	suite, err := next(r.URL.Query().Get("next"))
	if err != nil {
		return err
	}
	web.AllowFormAction(w)
	return web.Render(w, r, http.StatusOK, sentPage(h.Site, attente{Suite: suite, Validite: minutes(h.Durees.Lien), Renvoye: web.TakeMessage(w, r) == "lien_renvoye"}))
}

// useCode ends the sign-in with the short code of the mail, typed in the browser
// that asked for it (comptes 2.1, point 7).
func (h *Handlers) useCode(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	suite, err := next(form.Get("next"))
	if err != nil {
		return err
	}
	web.AllowFormAction(w)
	a := attente{Suite: suite, Validite: minutes(h.Durees.Lien)}
	code, ok := normalizeShortCode(form.Get("code_court"))
	if !ok {
		a.Erreur = "Recopiez les huit lettres du code, par exemple KTRB-WMSD."
		return web.Render(w, r, http.StatusUnprocessableEntity, sentPage(h.Site, a))
	}
	v := h.visitor(r)
	l, wrong, err := h.openByCode(r, code, v)
	if wrong {
		a.Erreur = "Ce code n’est pas celui du dernier message reçu. Recopiez-le tel qu’il est écrit."
		return web.Render(w, r, http.StatusUnprocessableEntity, sentPage(h.Site, a))
	}
	return h.answerEntry(w, r, entered{v, l.suite}, err)
}

func (h *Handlers) openByCode(r *http.Request, code string, v visiteur) (l lien, wrong bool, err error) {
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		wrong = false
		l, err = consumeLinkByCode(ctx, tx, h.codeDigest(code), h.browserDigest(r))
		if err == nil {
			_, err = h.enter(ctx, tx, l.entree, v)
			return err
		}
		if !fault.Is(err, fault.Gone) {
			return err
		}
		lost, err := countCode(ctx, tx, h.browserDigest(r))
		wrong = !lost
		return err
	})
	if err == nil && !wrong && l.aidant.IsZero() {
		err = fault.New(fault.Gone, "lien_perdu")
	}
	return l, wrong, err
}

// resend mails the link of this browser again, with new secrets: for a message
// that was lost. The answer is the same when there is no link.
func (h *Handlers) resend(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	suite, err := next(form.Get("next"))
	if err != nil {
		return err
	}
	wait, err := h.mailAgain(r)
	switch {
	case wait > 0:
		return limite.Refuse(w, wait)
	case fault.Is(err, fault.Gone):
		return web.Render(w, r, http.StatusGone, lostLinkPage(h.Site))
	case err != nil:
		return err
	}
	h.Outbox.Poke()
	web.SetMessage(w, "lien_renvoye")
	return web.Redirect(w, r, "/email-envoye/"+nextQuery(suite))
}

func (h *Handlers) mailAgain(r *http.Request) (wait time.Duration, err error) {
	ctx, s := r.Context(), newSecrets()
	s.navigateur = secret.Text(web.Cookie(r, cookieNavigateur))
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		compte, fin, err := renewLink(ctx, tx, h.linkOf(s, ""))
		if err != nil {
			return err
		}
		if wait, err = h.mail(ctx, tx, []limite.Essai{mailsPerAccount.By(compte.String())}); err != nil {
			return err
		}
		a, err := aidant.Load(ctx, tx, compte)
		if err != nil {
			return err
		}
		if !a.Actif {
			return fault.New(fault.Gone, "lien_perdu")
		}
		return h.Outbox.Queue(ctx, tx, h.linkMail(a, s, fin))
	})
	return wait, err
}

// entered is who just signed in, and where they go.
type entered struct {
	visiteur
	suite string
}

// answerEntry answers the end of a sign-in by link or by code.
func (h *Handlers) answerEntry(w http.ResponseWriter, r *http.Request, e entered, err error) error {
	switch fault.ReasonOf(err) {
	case "lien_perdu":
		return web.Render(w, r, http.StatusGone, lostLinkPage(h.Site))
	case "sans_structure":
		return web.Render(w, r, http.StatusForbidden, noStructurePage(h.Site))
	}
	if err != nil {
		return err
	}
	return h.welcome(w, r, e.visiteur, e.suite)
}
