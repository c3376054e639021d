package facteur

import (
	"context"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Compteur is the wrong codes in a row of one browser that the account knows,
// kept by who knows it: the delays of an account's unknown browsers, which
// strangers can make run, are not its own.
type Compteur struct {
	Echecs   int64
	Prochain db.Time // before it, every code is refused
	Avis     db.Time // last E-42 sent for it
}

// VerifyFrom is Verify with the failures of a known browser instead of the
// account's. The caller writes k back in the same transaction.
func (c *Coffre) VerifyFrom(ctx context.Context, tx *db.Tx, aidant ident.AidantID, k *Compteur, code string) (Resultat, error) {
	if tx.Now.Before(k.Prochain) {
		return Resultat{Motif: "delai", Prochain: k.Prochain.Time()}, nil
	}
	res, err := c.judge(ctx, tx, aidant, code)
	if err != nil {
		return Resultat{}, err
	}
	if res.Accepte {
		k.Echecs, k.Prochain = 0, db.Time{}
		return res, nil
	}
	k.Echecs++
	k.Prochain = tx.Now.Add(Delay(k.Echecs))
	if k.Echecs >= echecsAvis && (k.Avis.IsZero() || !tx.Now.Before(k.Avis.Add(24*time.Hour))) {
		if err := c.warnFailures(ctx, tx, aidant, k.Echecs); err != nil {
			return Resultat{}, err
		}
		k.Avis = tx.Now
	}
	res.Echecs = k.Echecs
	if res.Prochain.Before(k.Prochain.Time()) {
		res.Prochain = k.Prochain.Time()
	}
	return res, nil
}

// judge looks at a code, and consumes it when it is right.
func (c *Coffre) judge(ctx context.Context, tx *db.Tx, aidant ident.AidantID, code string) (Resultat, error) {
	if len(code) == secoursTaille {
		return c.trySecours(ctx, tx, aidant, code)
	}
	return c.tryTOTP(ctx, tx, aidant, code)
}
