package facteur

import (
	"context"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// resyncMax is how many resynchronisations an account may try in an hour
// (comptes 5).
const resyncMax = 5

// Resynchronise resets the drift of the factor that showed these two
// consecutive codes, looked for over Recherche steps: the only way to a drift
// larger than the window (A-W9). It opens nothing by itself. Refusals are as
// those of Verify, and "trop_de_resync": the caller commits them, and answers
// them all alike before sign-in (A-W73).
func (c *Coffre) Resynchronise(ctx context.Context, tx *db.Tx, aidant ident.AidantID, code1, code2 string) (Resultat, error) {
	e, err := loadEssai(ctx, tx, aidant)
	if err != nil {
		return Resultat{}, err
	}
	if tx.Now.Before(e.prochain) {
		return Resultat{Motif: "delai", Prochain: e.prochain.Time()}, nil
	}
	fin := e.resyncDebut.Add(time.Hour)
	if e.resyncDebut.IsZero() || !tx.Now.Before(fin) {
		e.resyncDebut, e.resyncNombre = tx.Now, 0
	}
	if e.resyncNombre >= resyncMax {
		return Resultat{Motif: "trop_de_resync", Prochain: fin.Time()}, nil
	}
	res, err := c.tryPair(ctx, tx, aidant, code1, code2)
	if err != nil {
		return Resultat{}, err
	}
	if res, err = c.count(ctx, tx, aidant, e, res); err != nil {
		return Resultat{}, err
	}
	if !res.Accepte {
		return res, countResync(ctx, tx, aidant, e)
	}
	return res, c.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Aidant, Aidant: aidant, Fait: fait.ResynchroniseFacteur{Genre: string(res.Genre)},
	})
}

// tryPair looks for the factor that showed both codes and sets its clock.
func (c *Coffre) tryPair(ctx context.Context, tx *db.Tx, aidant ident.AidantID, code1, code2 string) (Resultat, error) {
	fs, err := loadTOTP(ctx, tx, aidant)
	if err != nil || len(fs) == 0 {
		return Resultat{Motif: "aucun_facteur"}, err
	}
	for _, f := range fs {
		done, err := c.setClock(ctx, tx, f, code1, code2)
		if err != nil {
			return Resultat{}, err
		}
		if done {
			return Resultat{Accepte: true, Facteur: f.id, Genre: f.genre}, nil
		}
	}
	return Resultat{Motif: "code_faux"}, nil
}

// setClock resets the drift of a factor by two consecutive codes, and consumes
// them.
func (c *Coffre) setClock(ctx context.Context, tx *db.Tx, f totp, code1, code2 string) (bool, error) {
	graine, err := c.open(f)
	if err != nil {
		return false, err
	}
	now := Pas(tx.Now.Time(), f.pas)
	pas, found := matchPair(graine, [2]string{code1, code2}, now+f.derive, f.dernier)
	if !found {
		return false, nil
	}
	if err := setCalage(ctx, tx, f.id, pas-now); err != nil {
		return false, err
	}
	return consume(ctx, tx, f, pas, pas-now)
}
