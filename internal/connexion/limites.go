package connexion

import (
	"context"
	"net/http"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/web"
)

// What may be asked (comptes 5). An address slows down and shuts nobody out: a
// browser already known to the account is counted by itself, so that a town
// hall behind one address signs in however busy its neighbours are.
var (
	signInPerMinute  = limite.Regle{Nom: "connexion.minute", N: 30, Fenetre: time.Minute}
	signInPerHour    = limite.Regle{Nom: "connexion.heure", N: 300, Fenetre: time.Hour}
	signInPerBrowser = limite.Regle{Nom: "connexion.appareil", N: 30, Fenetre: time.Minute}

	mailsPerAccount = limite.Regle{Nom: "lien.compte", N: 5, Fenetre: 15 * time.Minute}
	mailsPerAddress = limite.Regle{Nom: "lien.adresse", N: 60, Fenetre: time.Hour}

	firstPerHour    = limite.Regle{Nom: "premiere.heure", N: 3, Fenetre: time.Hour}
	firstPerDay     = limite.Regle{Nom: "premiere.jour", N: 6, Fenetre: 24 * time.Hour}
	firstPerAddress = limite.Regle{Nom: "premiere.adresse", N: 10, Fenetre: time.Hour}
	firstCodes      = limite.Regle{Nom: "premiere_code.adresse", N: 30, Fenetre: time.Hour}

	resyncPerAccount = limite.Regle{Nom: "resync.compte", N: 5, Fenetre: time.Hour}
	resyncPerAddress = limite.Regle{Nom: "resync.adresse", N: 30, Fenetre: time.Hour}

	keysPerAddress   = limite.Regle{Nom: "cle.adresse", N: 60, Fenetre: time.Minute}
	codesPerAddress  = limite.Regle{Nom: "code_court.adresse", N: 60, Fenetre: time.Minute}
	alertsPerAddress = limite.Regle{Nom: "alerte.adresse", N: 30, Fenetre: time.Minute}
)

// knownBrowser finds the browser of a request among those of the account it
// speaks of. A request without the cookie asks nothing of the database: that
// depends on who asks, never on whether the account exists.
func (h *Handlers) knownBrowser(r *http.Request, email string) (id ident.AppareilID, err error) {
	temoin := web.Cookie(r, cookieAppareil)
	if len(temoin) != 43 {
		return id, nil
	}
	err = h.DB.ViewOne(r.Context(), func(tx *db.Tx) error {
		id, err = appareilOf(r.Context(), tx, email, h.appareilDigest(temoin))
		return err
	})
	return id, err
}

// slowDown counts a sign-in attempt, before anything is looked at.
func (h *Handlers) slowDown(r *http.Request, connu ident.AppareilID) (wait time.Duration, err error) {
	if !connu.IsZero() {
		return h.Limites.Allow(r.Context(), signInPerBrowser.By(connu.String()))
	}
	return h.Limites.Allow(r.Context(), signInPerMinute.From(r), signInPerHour.From(r))
}

// mail counts a sign-in mail within the act that queues it; the act is rolled
// back when there are too many, so that the code is given back.
func (h *Handlers) mail(ctx context.Context, tx *db.Tx, essais []limite.Essai) (wait time.Duration, err error) {
	wait, err = h.Limites.AllowTx(ctx, tx, essais...)
	if err == nil && wait > 0 {
		err = errTooManyMails
	}
	return wait, err
}

var errTooManyMails = fault.New(fault.TooMany, "trop_de_liens")

// mails are the rules of a sign-in mail.
func mails(r *http.Request, compte ident.AidantID, connu ident.AppareilID) []limite.Essai {
	if connu.IsZero() {
		return []limite.Essai{mailsPerAccount.By(compte.String()), mailsPerAddress.From(r)}
	}
	return []limite.Essai{mailsPerAccount.By(compte.String())}
}
