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
	cheminPremiere     = "/accounts/manager_first_login/"
	cheminPremiereCode = "/accounts/manager_first_login_with_code/"
)

// viePremiere is how long the link and the code of a first connection serve.
const viePremiere = 30 * time.Minute

// formPremiere is what the page of the first connection shows again.
type formPremiere struct {
	Email, Telephone string
	Champs           fault.Fields
}

func (h *Handlers) showFirst(w http.ResponseWriter, r *http.Request) error {
	return h.firstOpen(w, r, func() error { return web.Render(w, r, http.StatusOK, premierePage(h.Site, formPremiere{})) })
}

// firstOpen says to everybody alike when no SMS can leave.
func (h *Handlers) firstOpen(w http.ResponseWriter, r *http.Request, open func() error) error {
	f, err := h.Outbox.Status(r.Context())
	if err != nil {
		return err
	}
	if !h.Outbox.SMSPossible() || f.SMS >= f.PlafondSMS {
		return web.Render(w, r, http.StatusServiceUnavailable, premiereFermeePage(h.Site))
	}
	return open()
}

// askFirst sends a code by SMS and a link by e-mail to a référent who has no
// factor yet. The page is the same whatever is wrong, on the beat (A-W6, A-W73).
func (h *Handlers) askFirst(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	f := formPremiere{Email: form.Get("email"), Telephone: form.Get("telephone"), Champs: fault.Fields{}}
	email, okEmail := aidant.NormalizeEmail(f.Email)
	if !okEmail {
		f.Champs["email"] = "Saisissez une adresse électronique. Format attendu : prenom-nom@exemple.fr."
	}
	phone, okPhone := aidant.NormalizePhone(f.Telephone)
	if !okPhone || phone == "" {
		f.Champs["telephone"] = "Saisissez un numéro de téléphone mobile. Format attendu : 10 chiffres."
	}
	if len(f.Champs) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, premierePage(h.Site, f))
	}
	return h.firstOpen(w, r, func() error { return h.sendFirst(w, r, email, phone) })
}

func (h *Handlers) sendFirst(w http.ResponseWriter, r *http.Request, email, phone string) error {
	beat := time.NewTicker(Battement)
	defer beat.Stop()
	sujet := string(h.Empreintes.Digest("connexion.premiere", email)) // counted whether the account exists or not
	wait, err := h.Limites.Allow(r.Context(), firstPerHour.By(sujet), firstPerDay.By(sujet), firstPerAddress.From(r))
	if err != nil {
		return err
	}
	if wait > 0 {
		return limite.Refuse(w, wait)
	}
	if err := h.queueFirst(r.Context(), email, phone); err != nil {
		return err
	}
	await(r.Context(), beat)
	h.Outbox.Poke()
	return web.Render(w, r, http.StatusOK, premiereEnvoyeePage(h.Site))
}

func (h *Handlers) queueFirst(ctx context.Context, email, phone string) error {
	cle, code := secret.NewToken(), digitCode(secret.Random)
	return h.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := aidant.LoadByEmail(ctx, tx, email)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		mine := secret.Equal(h.Empreintes.Digest("connexion.telephone", phone), h.Empreintes.Digest("connexion.telephone", a.Telephone))
		allowed, err := h.mayFirst(ctx, tx, a)
		if err != nil {
			return err
		}
		if !mine || !allowed {
			return noteRefused(ctx, tx, h.Empreintes.Digest("connexion.adresse", email))
		}
		if err := replaceFirst(ctx, tx, a.ID, h.firstDigest(cle.Reveal()), h.firstCodeDigest(cle.Reveal(), code)); err != nil {
			return err
		}
		fin := tx.Now.Add(viePremiere)
		for _, m := range []outbox.Message{h.firstSMS(a, code, fin), h.firstMail(a, cle, fin)} {
			if err := h.Outbox.Queue(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// mayFirst tells whether the account is that of a référent without a factor.
func (h *Handlers) mayFirst(ctx context.Context, tx *db.Tx, a aidant.Aidant) (bool, error) {
	if a.ID.IsZero() {
		return false, nil
	}
	referent, err := isReferent(ctx, tx, a.ID)
	if err != nil {
		return false, err
	}
	m, err := facteur.Load(ctx, tx, a.ID)
	return a.Actif && referent && !m.Confirmed(), err
}

func (h *Handlers) firstDigest(cle string) []byte {
	return h.Empreintes.Digest("connexion.premiere_lien", cle)
}

// firstCodeDigest binds the code of the SMS to its link.
func (h *Handlers) firstCodeDigest(cle, code string) []byte {
	return h.Empreintes.Digest("connexion.premiere_code", cle+"/"+code)
}

// firstSMS is message S-01.
func (h *Handlers) firstSMS(a aidant.Aidant, code string, fin db.Time) outbox.Message {
	return outbox.Message{
		Cle: "S-01/" + ident.New[ident.MessageID]().String(), Genre: "S-01", Destinataire: a.Telephone, Peremption: fin,
		Texte: "Aidants Connect : votre code de première connexion est " + code + ". Valable 30 minutes. Ne le communiquez à personne.",
	}
}

// firstMail is message E-02.
func (h *Handlers) firstMail(a aidant.Aidant, cle secret.Text, fin db.Time) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour %s,", a.Prenom)
	c.P("Vous avez demandé à vous connecter pour la première fois. Un code vient de vous être envoyé par SMS. Ouvrez ce lien, puis saisissez-le :")
	c.Lien("Saisir le code reçu par SMS", h.Site.Origine+cheminPremiereCode+url.PathEscape(cle.Reveal())+"/")
	c.P("Le lien et le code servent une fois, pendant 30 minutes.")
	c.P("Si vous n’avez rien demandé, ne faites rien : personne ne peut entrer sans le SMS et ce message.")
	return outbox.Message{
		Cle: "E-02/" + ident.New[ident.MessageID]().String(), Genre: "E-02", Destinataire: a.Email, Peremption: fin,
		Sujet: "Lien pour le code de première connexion", Texte: c.String(),
	}
}

func (h *Handlers) showFirstCode(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	var live bool
	err := h.DB.ViewOne(r.Context(), func(tx *db.Tx) (err error) {
		live, err = firstLives(r.Context(), tx, h.firstDigest(r.PathValue("cle")))
		return err
	})
	if err != nil {
		return err
	}
	if !live {
		return web.Render(w, r, http.StatusGone, premierePerduePage(h.Site))
	}
	return web.Render(w, r, http.StatusOK, premiereCodePage(h.Site, r.URL.Path, ""))
}

// useFirstCode opens the session of the référent, who then adds a factor. Only
// the code of this SMS is accepted.
func (h *Handlers) useFirstCode(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	code, ok := facteur.NormalizeTOTP(form.Get("code_sms"))
	if !ok {
		return web.Render(w, r, http.StatusUnprocessableEntity, premiereCodePage(h.Site, r.URL.Path, "Saisissez les 6 chiffres du code reçu par SMS."))
	}
	v := h.visitor(r)
	opened, lost, err := h.openFirst(r, code, v)
	switch {
	case err != nil:
		return h.answerEntry(w, r, entered{v, ""}, err)
	case lost:
		return web.Render(w, r, http.StatusGone, premierePerduePage(h.Site))
	case !opened:
		return web.Render(w, r, http.StatusUnprocessableEntity, premiereCodePage(h.Site, r.URL.Path, "Ce code n’est pas celui du SMS. Vérifiez que c’est le dernier reçu."))
	}
	return h.answerEntry(w, r, entered{v, "/espace-referent/"}, nil)
}

func (h *Handlers) openFirst(r *http.Request, code string, v visiteur) (opened, lost bool, err error) {
	ctx, cle := r.Context(), r.PathValue("cle")
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		opened, lost = false, false
		compte, ok, err := consumeFirst(ctx, tx, h.firstDigest(cle), h.firstCodeDigest(cle, code))
		if err != nil {
			return err
		}
		if !ok {
			lost, err = countFirst(ctx, tx, h.firstDigest(cle))
			return err
		}
		a, err := aidant.Load(ctx, tx, compte)
		if err != nil {
			return err
		}
		allowed, err := h.mayFirst(ctx, tx, a)
		if err != nil || !allowed { // closed, or given a factor, since
			lost = true
			return err
		}
		opened = true
		actor, err := h.enter(ctx, tx, entree{aidant: compte, moyen: moyenPremiere}, v)
		if err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Aidant, Aidant: compte, Organisation: actor.Organisation, Session: actor.Session, Fait: fait.FirstConnection{},
		})
	})
	return opened, lost, err
}
