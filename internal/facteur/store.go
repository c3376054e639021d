package facteur

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/secret"
)

// Coffre opens the sealed seeds. Nobody but the owner ever sees one (A-W11).
type Coffre struct {
	Champs  *secret.Box
	Journal *journal.Journal
}

type facteur struct {
	id           ident.FacteurID
	graine       []byte
	pas          int64
	dernier      int64
	derive       int64
	confirmation db.Time
}

// EnrolApplication gives the account a confirmed TOTP application from its
// secret. Bootstrap and demo only: an aidant enrols alone, in another issue.
func (c *Coffre) EnrolApplication(ctx context.Context, tx *db.Tx, aidant ident.AidantID, graine []byte) error {
	id := ident.New[ident.FacteurID]()
	sealed, err := c.Champs.Seal(graine, "facteur/"+id.String())
	if err != nil {
		return fmt.Errorf("seal seed: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO facteur (id, aidant_id, genre, graine, pas_secondes, dernier_pas, derive, date_creation, date_confirmation)
		VALUES ($1,$2,'application',$3,30,0,0,$4,$4)`, id, aidant, sealed, tx.Now)
	if err != nil {
		return fmt.Errorf("insert factor: %w", err)
	}
	return c.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Admin, Concerne: aidant, Fait: journal.ConfirmFacteur{Genre: "application"},
	})
}

// Verify judges one code against every confirmed factor of the account; it
// counts one attempt whatever their number (A-W8). A refusal writes the count
// of failures: the caller commits it and does nothing else. An acceptance
// consumes the code in the caller's transaction, so that a code serves once
// even in parallel, and is given back if the act fails.
func (c *Coffre) Verify(ctx context.Context, tx *db.Tx, aidant ident.AidantID, code string) (Resultat, error) {
	var echecs int64
	var prochain db.Time
	err := tx.QueryRow(ctx, `SELECT echecs, prochain FROM facteur_essai WHERE aidant_id = $1`, aidant).Scan(&echecs, &prochain)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Resultat{}, fmt.Errorf("read attempts: %w", err)
	}
	if tx.Now.Before(prochain) {
		return Resultat{Motif: "delai", Prochain: prochain.Time()}, nil
	}
	rows, err := tx.Query(ctx, `SELECT id, graine, pas_secondes, dernier_pas, derive, date_confirmation FROM facteur WHERE aidant_id = $1 AND date_confirmation IS NOT NULL ORDER BY id`, aidant)
	fs, err := db.Collect(rows, err, scan)
	if err != nil {
		return Resultat{}, fmt.Errorf("load factors: %w", err)
	}
	res, err := c.try(ctx, tx, fs, code)
	if err != nil {
		return Resultat{}, err
	}
	if res.Accepte {
		if echecs > 0 {
			_, err = tx.Exec(ctx, `DELETE FROM facteur_essai WHERE aidant_id = $1`, aidant)
		}
		return res, err
	}
	return fail(ctx, tx, aidant, echecs+1, res)
}

func scan(s db.Scanner) (facteur, error) {
	var f facteur
	err := s.Scan(&f.id, &f.graine, &f.pas, &f.dernier, &f.derive, &f.confirmation)
	return f, err
}

func (c *Coffre) try(ctx context.Context, tx *db.Tx, fs []facteur, code string) (Resultat, error) {
	if len(fs) == 0 {
		return Resultat{Motif: "aucun_facteur"}, nil
	}
	res := Resultat{Motif: "code_faux"}
	for _, f := range fs {
		graine, err := c.Champs.Open(f.graine, "facteur/"+f.id.String())
		if err != nil {
			return Resultat{}, fmt.Errorf("open seed: %w", err)
		}
		now := Pas(tx.Now.Time(), f.pas)
		pas, found, fresh := match(graine, code, now+f.derive, f.dernier)
		if !found {
			continue
		}
		if fresh {
			n, err := tx.Exec(ctx, `UPDATE facteur SET dernier_pas = $2, derive = $3 WHERE id = $1 AND dernier_pas < $2`, f.id, pas, learn(pas-now, f.pas))
			if err != nil {
				return Resultat{}, fmt.Errorf("consume code: %w", err)
			}
			if n == 1 {
				return Resultat{Accepte: true}, nil
			}
		}
		res = Resultat{Motif: "code_deja_servi", Prochain: time.Unix((pas-f.derive+1)*f.pas, 0)}
	}
	return res, nil
}

func fail(ctx context.Context, tx *db.Tx, aidant ident.AidantID, echecs int64, res Resultat) (Resultat, error) {
	prochain := tx.Now.Add(Delay(echecs))
	_, err := tx.Exec(ctx, `INSERT INTO facteur_essai (aidant_id, echecs, prochain) VALUES ($1,$2,$3)
		ON CONFLICT (aidant_id) DO UPDATE SET echecs = facteur_essai.echecs + 1, prochain = excluded.prochain`, aidant, echecs, prochain)
	if err != nil {
		return Resultat{}, fmt.Errorf("count failure: %w", err)
	}
	if res.Prochain.Before(prochain.Time()) {
		res.Prochain = prochain.Time()
	}
	return res, nil
}
