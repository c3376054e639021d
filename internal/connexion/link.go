package connexion

import (
	"fmt"
	"net/http"
	"time"

	"aidantsconnect/internal/db"
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
		if _, err := h.Authenticate(r); err == nil { // the other tab was faster
			return web.Render(w, r, http.StatusOK, alreadyInPage(h.Site))
		}
		return web.Render(w, r, http.StatusGone, lostLinkPage(h.Site))
	case !mine:
		return web.Render(w, r, http.StatusOK, otherBrowserPage(h.Site))
	}
	return web.Render(w, r, http.StatusOK, linkPage(h.Site, r.URL.Path))
}

// useLink consumes the link and opens the web session.
func (h *Handlers) useLink(w http.ResponseWriter, r *http.Request) error {
	web.NoReferrer(w)
	v := h.visitor(r)
	ctx := r.Context()
	var l lien
	err := h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if l, err = consumeLink(ctx, tx, h.linkDigest(r), h.browserDigest(r)); err != nil {
			return err
		}
		_, err = h.enter(ctx, tx, l.entree, v)
		return err
	})
	return h.answerEntry(w, r, entered{v, l.suite}, err)
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
