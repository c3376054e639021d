package connexion

import (
	"context"
	"net/http"
	"net/url"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// What a session was proved by: session_web.moyen.
const (
	moyenCode     = "code"
	moyenSecours  = "secours"
	moyenCle      = "cle"
	moyenPremiere = "premiere" // first connection: by SMS, no factor yet; kept as "code" in session_web
)

// vieAppareil is how long a browser is known after its last sign-in.
var vieAppareil = garde.Appareil.Temps

// entree is what was proved, and by whom.
type entree struct {
	aidant  ident.AidantID
	moyen   string
	dateOTP db.Time // zero: no second factor was given
}

// visiteur is the browser that signs in, and the cookies it will keep.
type visiteur struct {
	session    secret.Text
	appareil   secret.Text // known browsers already have it
	alerte     secret.Text // secret of the link of E-41
	navigateur string
	reseau     []byte
}

// visitor reads the browser of a request. The cookie of a known browser is kept
// as it is, so that several accounts may share a browser.
func (h *Handlers) visitor(r *http.Request) visiteur {
	v := visiteur{
		session: secret.NewToken(), appareil: secret.NewToken(), alerte: secret.NewToken(),
		navigateur: describeBrowser(r.UserAgent()), reseau: h.Empreintes.Digest("connexion.reseau", web.Network(r).String()),
	}
	if known := web.Cookie(r, cookieAppareil); len(known) == 43 {
		v.appareil = secret.Text(known)
	}
	return v
}

// enter opens the session: what every way of signing in ends with. The row of
// the history is written with it: an act that cannot write it cannot commit
// either.
func (h *Handlers) enter(ctx context.Context, tx *db.Tx, e entree, v visiteur) (actor.Actor, error) {
	known, err := noteAppareil(ctx, tx, e.aidant, h.appareilNouveau(v))
	if err != nil {
		return actor.Actor{}, err
	}
	jeton := h.jetonDigest(v.session.Reveal())
	if err := openSession(ctx, tx, e, ouverture{jeton, known.id, v.navigateur, h.Durees.Session}); err != nil {
		return actor.Actor{}, err
	}
	a, err := readActor(ctx, tx, h.Textes, jeton)
	if err != nil {
		return actor.Actor{}, err
	}
	if err := noteDroits(ctx, tx, a); err != nil {
		return actor.Actor{}, err
	}
	if err := noteHistory(ctx, tx, e, v, known.nouveau); err != nil {
		return actor.Actor{}, err
	}
	if err := aidant.NoteSignIn(ctx, tx, e.aidant); err != nil {
		return actor.Actor{}, err
	}
	if known.nouveau {
		if err := h.warnNewBrowser(ctx, tx, a, v); err != nil {
			return actor.Actor{}, err
		}
	}
	return a, h.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session, Fait: fait.ConnectAidant{},
	})
}

func (h *Handlers) appareilNouveau(v visiteur) appareilNouveau {
	return appareilNouveau{
		temoin: h.appareilDigest(v.appareil.Reveal()), alerte: h.Empreintes.Digest("connexion.alerte", v.alerte.Reveal()), navigateur: v.navigateur,
	}
}

func (h *Handlers) appareilDigest(temoin string) []byte {
	return h.Empreintes.Digest("connexion.appareil", temoin)
}

// welcome sends the cookies after the commit and leads where the person wanted.
func (h *Handlers) welcome(w http.ResponseWriter, r *http.Request, v visiteur, suite string) error {
	web.SetCookie(w, cookieSession, v.session.Reveal(), h.Durees.Session)
	web.SetCookie(w, cookieAppareil, v.appareil.Reveal(), vieAppareil)
	web.ClearCookie(w, cookieNavigateur)
	h.Outbox.Poke()
	return web.Redirect(w, r, landing(suite))
}

// warnNewBrowser queues message E-41.
func (h *Handlers) warnNewBrowser(ctx context.Context, tx *db.Tx, a actor.Actor, v visiteur) error {
	compte, err := aidant.Load(ctx, tx, a.Aidant)
	if err != nil {
		return err
	}
	m := h.newBrowserMail(compte, v, tx.Now)
	m.Cle = "E-41/" + a.Session.String()
	return h.Outbox.Queue(ctx, tx, m)
}

// newBrowserMail is message E-41.
func (h *Handlers) newBrowserMail(compte aidant.Aidant, v visiteur, now db.Time) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour %s,", compte.Prenom)
	c.P("Une session vient d’être ouverte avec votre compte dans un navigateur que nous ne connaissions pas : %s, le %s.", v.navigateur, web.DateHeure(now.Time()))
	c.P("Si c’est vous, il n’y a rien à faire : nous le reconnaîtrons la prochaine fois.")
	c.P("Si ce n’est pas vous, fermez tout de suite toutes vos sessions :")
	c.Lien("Ce n’est pas moi", h.Site.Origine+cheminAlerte+url.PathEscape(v.alerte.Reveal())+"/")
	c.P("Puis prévenez votre référent : quelqu’un a peut-être accès à votre messagerie et à vos codes.")
	return outbox.Message{Genre: "E-41", Destinataire: compte.Email, Sujet: "Nouvelle connexion à votre compte Aidants Connect", Texte: c.String()}
}
