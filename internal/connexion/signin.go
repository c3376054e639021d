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
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

const (
	cookieSession    = "ac_session"
	cookieNavigateur = "ac_navigateur"
	cookieAppareil   = "ac_appareil"
)

// formulaire is what the sign-in page shows again: never the code.
type formulaire struct {
	Email, Suite string
	Erreur       string // the neutral sentence
	Champs       fault.Fields
	ProConnect   bool // its button is shown
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
	return web.Render(w, r, http.StatusOK, signInPage(h.Site, formulaire{Suite: suite, ProConnect: h.ProConnect}))
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
	web.AllowFormAction(w) // the button of ProConnect is on the page shown again
	f := formulaire{Email: form.Get("email"), Suite: suite, Champs: fault.Fields{}, ProConnect: h.ProConnect}
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
	connu, err := h.knownBrowser(r, email)
	if err != nil {
		return err
	}
	wait, err := h.slowDown(r, connu)
	if err != nil {
		return err
	}
	if wait > 0 {
		return limite.Refuse(w, wait)
	}
	d := demande{email: email, code: code, suite: suite, connu: connu, secrets: newSecrets(), r: r}
	accepted, wait, err := h.proveFactor(r.Context(), d)
	if wait > 0 {
		return limite.Refuse(w, wait)
	}
	if err != nil {
		return err
	}
	if !accepted {
		await(r.Context(), beat)
		f.Erreur = Neutral
		return web.Render(w, r, http.StatusUnprocessableEntity, signInPage(h.Site, f))
	}
	h.Outbox.Poke()
	web.SetCookie(w, cookieNavigateur, d.navigateur.Reveal(), vieLien)
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

// secrets are what a sign-in mail is made of, and the cookie it is bound to.
type secrets struct{ cle, code, navigateur secret.Text }

func newSecrets() secrets {
	return secrets{secret.NewToken(), secret.Text(shortCode(secret.Random)), secret.NewToken()}
}

type demande struct {
	email, code, suite string
	connu              ident.AppareilID
	secrets
	r *http.Request // for its address only
}

// proveFactor is one act: the code is consumed and the link stored and queued
// together, or only the failure is counted. With too many mails nothing is done.
func (h *Handlers) proveFactor(ctx context.Context, d demande) (accepted bool, wait time.Duration, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		accepted, wait = false, 0
		a, err := aidant.LoadByEmail(ctx, tx, d.email)
		if fault.Is(err, fault.NotFound) || err == nil && !a.Actif {
			return noteRefused(ctx, tx, h.Empreintes.Digest("connexion.adresse", d.email))
		}
		if err != nil {
			return err
		}
		res, err := h.verify(ctx, tx, a.ID, d.connu, d.code)
		if err != nil {
			return err
		}
		if !res.Judged() { // repeated at will: it must not fill the journal
			return noteRefused(ctx, tx, h.Empreintes.Digest("connexion.adresse", d.email))
		}
		if !res.Accepte {
			return h.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Aidant, Aidant: a.ID, Fait: fait.LoginFailed{Motif: res.Motif, Echecs: int(res.Echecs)}})
		}
		if wait, err = h.mail(ctx, tx, mails(d.r, a.ID, d.connu)); err != nil {
			return err
		}
		accepted = true
		l := h.linkOf(d.secrets, d.suite)
		if res.Genre == facteur.Secours {
			l.moyen = moyenSecours
		}
		if err := replaceLink(ctx, tx, a.ID, l); err != nil {
			return err
		}
		return h.Outbox.Queue(ctx, tx, h.linkMail(a, d.secrets, tx.Now.Add(h.Durees.Lien)))
	})
	return accepted, wait, err
}

// linkOf is the row of a link: digests only.
func (h *Handlers) linkOf(s secrets, suite string) lienNouveau {
	return lienNouveau{
		cle: h.Empreintes.Digest("connexion.lien", s.cle.Reveal()), code: h.codeDigest(s.code.Reveal()),
		navigateur: h.Empreintes.Digest("connexion.navigateur", s.navigateur.Reveal()), suite: suite, moyen: moyenCode, duree: h.Durees.Lien,
	}
}

func (h *Handlers) codeDigest(code string) []byte {
	return h.Empreintes.Digest("connexion.code_court", code)
}

// linkMail is message E-01; it is not sent after the end of its link.
func (h *Handlers) linkMail(a aidant.Aidant, s secrets, fin db.Time) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour %s,", a.Prenom)
	c.P("Voici le lien pour terminer votre connexion. Ouvrez-le dans le navigateur où vous avez saisi votre code :")
	c.Lien("Terminer ma connexion", h.Site.Origine+"/code/"+url.PathEscape(s.cle.Reveal())+"/")
	c.P("Vous lisez ce message sur un autre appareil ? Recopiez ce code dans la page restée ouverte : %s", s.code.Reveal())
	c.P("Le lien et le code sont valables %s et ne servent qu’une fois.", minutes(h.Durees.Lien))
	c.P("Si vous n’avez pas demandé cette connexion, n’ouvrez pas le lien, ne donnez ce code à personne et prévenez votre référent : quelqu’un connaît peut-être un de vos codes.")
	return outbox.Message{
		Cle: "E-01/" + ident.New[ident.MessageID]().String(), Genre: "E-01", Destinataire: a.Email,
		Sujet: "Lien de connexion", Texte: c.String(), Peremption: fin, // rather nothing than a dead link
	}
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
