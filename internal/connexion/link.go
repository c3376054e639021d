package connexion

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// showLink shows one button and changes nothing: a mail scanner that opens
// every link burns nothing (comptes 2.1).
func (h *Handlers) showLink(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	web.AllowFormAction(w)
	ctx := r.Context()
	var live, mine bool
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		live, mine, err = linkFrom(ctx, tx, h.linkDigest(r), h.browserDigest(r))
		return err
	})
	switch {
	case err != nil:
		return err
	case !live:
		return web.Render(w, r, http.StatusGone, lostLinkPage(h.Site))
	case !mine:
		return web.Render(w, r, http.StatusOK, otherBrowserPage(h.Site))
	}
	return web.Render(w, r, http.StatusOK, linkPage(h.Site, r.URL.Path))
}

// useLink consumes the link and opens the web session.
func (h *Handlers) useLink(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	jeton := secret.NewToken()
	l, err := h.open(r.Context(), h.linkDigest(r), h.browserDigest(r), jeton)
	if fault.ReasonOf(err) == "lien_perdu" {
		return web.Render(w, r, http.StatusGone, lostLinkPage(h.Site))
	}
	if fault.ReasonOf(err) == "sans_structure" {
		return web.Render(w, r, http.StatusForbidden, noStructurePage(h.Site))
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, cookieSession, jeton.Reveal(), h.Durees.Session)
	web.ClearCookie(w, cookieNavigateur)
	return web.Redirect(w, r, landing(l.suite))
}

func (h *Handlers) open(ctx context.Context, cle, navigateur []byte, jeton secret.Text) (l lien, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		l, err = consumeLink(ctx, tx, cle, navigateur)
		if err != nil {
			return err
		}
		session, org, err := openSession(ctx, tx, l, h.jetonDigest(jeton.Reveal()), h.Durees.Session)
		if err != nil {
			return err
		}
		if err := aidant.NoteSignIn(ctx, tx, l.aidant); err != nil {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Aidant, Aidant: l.aidant, Organisation: org, Session: session, Fait: journal.ConnectAidant{},
		})
	})
	return l, err
}

func (h *Handlers) linkDigest(r *http.Request) []byte {
	return h.Empreintes.Digest("connexion.lien", r.PathValue("cle"))
}

func (h *Handlers) browserDigest(r *http.Request) []byte {
	return h.Empreintes.Digest("connexion.navigateur", web.Cookie(r, cookieNavigateur))
}

func (h *Handlers) jetonDigest(jeton string) []byte {
	return h.Empreintes.Digest("connexion.session", jeton)
}

func minutes(d time.Duration) string {
	n := int(d.Round(time.Minute).Minutes())
	if n <= 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}
