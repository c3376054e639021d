// Package limite counts what strangers and people may ask, in rows that every
// node shares (comptes 5). It slows down and never bans: each rule gives a
// burst of N, refilled one by one over its window, so that whoever comes too
// often waits for the next one, minutes at most in practice, and a town hall
// behind one address is never shut out (A-W7).
//
// The subject of a rule (an account, an address) is stored as a keyed digest.
// An IPv6 client is its /64.
//
// Two ways to count. Allow commits on its own, before the act it guards: what
// is asked counts even when the act then fails or is rolled back. AllowTx counts
// within the act: what an act that fails would have sent is not counted. A
// request refused by one rule uses nothing of the others.
//
// Tables: limite.
// It serves no URL and appends nothing to the journal: a 429 goes to the log.
package limite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Regle allows N acts at once, then one each Fenetre/N. Nom tells it from the
// others: two rules with one name share their counters.
type Regle struct {
	Nom     string
	N       int
	Fenetre time.Duration
}

// Essai is one use of a rule by somebody.
type Essai struct {
	Regle Regle
	Sujet string
}

// By makes the use of a rule by a subject: the identifier of an account, of an
// organisation, the digest of an e-mail.
func (r Regle) By(sujet string) Essai { return Essai{r, sujet} }

// From makes the use of a rule by the network a request comes from.
func (r Regle) From(q *http.Request) Essai { return Essai{r, web.Network(q).String()} }

// Compteurs keeps the counters.
type Compteurs struct {
	DB         *db.DB
	Empreintes secret.Key
}

// Allow uses one of each rule, in a transaction of its own. wait is zero when
// all allow it; else none is used and the caller answers with Refuse.
func (c *Compteurs) Allow(ctx context.Context, essais ...Essai) (wait time.Duration, err error) {
	err = c.DB.UpdateReadCommitted(ctx, func(tx *db.Tx) error {
		wait, err = c.AllowTx(ctx, tx, essais...)
		if err == nil && wait > 0 {
			return errRefused
		}
		return err
	})
	if errors.Is(err, errRefused) {
		return wait, nil
	}
	return wait, err
}

// errRefused gives back what the other rules of a refused request used.
var errRefused = fault.New(fault.TooMany, "limite")

// AllowTx is Allow within the caller's act. When wait is not zero the caller
// sends nothing; if it rolls back, the other rules are given back.
func (c *Compteurs) AllowTx(ctx context.Context, tx *db.Tx, essais ...Essai) (wait time.Duration, err error) {
	for _, e := range essais {
		w, err := use(ctx, tx, c.digest(e), e.Regle)
		if err != nil {
			return 0, fmt.Errorf("count %s: %w", e.Regle.Nom, err)
		}
		wait = max(wait, w)
	}
	return wait, nil
}

func (c *Compteurs) digest(e Essai) []byte {
	return c.Empreintes.Digest("limite."+e.Regle.Nom, e.Sujet)
}

// Limit guards a public route by the address it is asked from.
func (c *Compteurs) Limit(next web.Handler, rules ...Regle) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		essais := make([]Essai, len(rules))
		for i, rule := range rules {
			essais[i] = rule.From(r)
		}
		wait, err := c.Allow(r.Context(), essais...)
		if err != nil {
			return err
		}
		if wait > 0 {
			return Refuse(w, wait)
		}
		return next(w, r)
	}
}

// Refuse is the answer to who must wait: 429, Retry-After, a French page.
func Refuse(w http.ResponseWriter, wait time.Duration) error {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return web.WithPage(fault.New(fault.TooMany, "limite"), web.ErrorPage{
		Titre: "Trop de demandes en peu de temps",
		Texte: []string{
			"Pour protéger les comptes, le nombre de demandes est limité. Rien n’a été fait.",
			"Réessayez dans " + Duree(wait) + ". Si vous êtes plusieurs derrière le même réseau, il suffit d’attendre un peu : personne n’est bloqué.",
		},
	})
}

// Duree says a wait in words: "12 secondes", "3 minutes", "2 heures".
func Duree(d time.Duration) string {
	n, unit := int(math.Ceil(d.Seconds())), "seconde"
	if n > 90 {
		n, unit = int(math.Ceil(d.Minutes())), "minute"
	}
	if n > 90 && unit == "minute" {
		n, unit = int(math.Ceil(d.Hours())), "heure"
	}
	if n > 1 {
		unit += "s"
	}
	return strconv.Itoa(n) + " " + unit
}
