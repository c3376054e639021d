package connexion

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
)

// appareilNouveau is a browser about to be known: digests and words.
type appareilNouveau struct {
	temoin, alerte []byte
	navigateur     string
}

// appareilConnu is the row of a browser, and whether this sign-in made it.
type appareilConnu struct {
	id      ident.AppareilID
	nouveau bool
}

// noteAppareil knows the browser from now on, for this account alone.
func noteAppareil(ctx context.Context, tx *db.Tx, compte ident.AidantID, n appareilNouveau) (a appareilConnu, err error) {
	fresh := ident.New[ident.AppareilID]()
	err = tx.QueryRow(ctx, `INSERT INTO appareil (id, aidant_id, temoin_empreinte, navigateur, alerte_empreinte, date_creation, date_connexion, date_expiration)
		VALUES ($1,$2,$3,$4,$5,$6,$6,$7)
		ON CONFLICT (aidant_id, temoin_empreinte) DO UPDATE SET navigateur = excluded.navigateur, date_connexion = excluded.date_connexion, date_expiration = excluded.date_expiration
		RETURNING id`, fresh, compte, n.temoin, n.navigateur, n.alerte, tx.Now, tx.Now.Add(vieAppareil)).Scan(&a.id)
	if err != nil {
		return a, fmt.Errorf("note browser: %w", err)
	}
	a.nouveau = a.id == fresh
	return a, nil
}

// appareilOf finds the known browser of an address, the zero identifier if it
// is not one of its account.
//
// reads: aidant
func appareilOf(ctx context.Context, tx *db.Tx, email string, temoin []byte) (id ident.AppareilID, err error) {
	err = tx.QueryRow(ctx, `SELECT p.id FROM appareil p JOIN aidant a ON a.id = p.aidant_id
		WHERE a.email = $1 AND p.temoin_empreinte = $2 AND p.date_expiration > $3`, email, temoin, tx.Now).Scan(&id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return id, fmt.Errorf("find browser: %w", err)
	}
	return id, nil
}

// counter gives the wrong codes of a browser known to the account; known is
// false for any other.
func counter(ctx context.Context, tx *db.Tx, compte ident.AidantID, id ident.AppareilID) (k facteur.Compteur, known bool, err error) {
	if id.IsZero() {
		return k, false, nil
	}
	err = tx.QueryRow(ctx, `SELECT echecs, prochain, date_avis FROM appareil WHERE id = $1 AND aidant_id = $2`, id, compte).Scan(&k.Echecs, &k.Prochain, &k.Avis)
	if errors.Is(err, sql.ErrNoRows) {
		return k, false, nil
	}
	if err != nil {
		return k, false, fmt.Errorf("read attempts of the browser: %w", err)
	}
	return k, true, nil
}

func saveCounter(ctx context.Context, tx *db.Tx, id ident.AppareilID, k facteur.Compteur) error {
	if _, err := tx.Exec(ctx, `UPDATE appareil SET echecs = $2, prochain = $3, date_avis = $4 WHERE id = $1`, id, k.Echecs, k.Prochain, k.Avis); err != nil {
		return fmt.Errorf("count attempt of the browser: %w", err)
	}
	return nil
}

// Appareil is a known browser as its owner sees it.
type Appareil struct {
	ID                          ident.AppareilID
	Navigateur                  string
	DateCreation, DateConnexion db.Time
}

func appareils(ctx context.Context, tx *db.Tx, compte ident.AidantID) ([]Appareil, error) {
	rows, err := tx.Query(ctx, `SELECT id, navigateur, date_creation, date_connexion FROM appareil
		WHERE aidant_id = $1 AND date_expiration > $2 ORDER BY date_connexion DESC, id DESC`, compte, tx.Now)
	return db.Collect(rows, err, func(s db.Scanner) (a Appareil, err error) {
		return a, s.Scan(&a.ID, &a.Navigateur, &a.DateCreation, &a.DateConnexion)
	})
}

// forgetAppareil forgets a browser of the account and closes its sessions; the
// next sign-in there is one from a new browser.
func forgetAppareil(ctx context.Context, tx *db.Tx, compte ident.AidantID, id ident.AppareilID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM session_web WHERE appareil_id = $1 AND aidant_id = $2`, id, compte); err != nil {
		return fmt.Errorf("close sessions of the browser: %w", err)
	}
	n, err := tx.Exec(ctx, `DELETE FROM appareil WHERE id = $1 AND aidant_id = $2`, id, compte)
	if err != nil {
		return fmt.Errorf("forget browser: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "appareil_inconnu")
	}
	return nil
}

// alerteOwner tells whose browser the link of E-41 denounces; fault.Gone once
// it served.
func alerteOwner(ctx context.Context, tx *db.Tx, alerte []byte) (id ident.AppareilID, compte ident.AidantID, err error) {
	err = tx.QueryRow(ctx, `SELECT id, aidant_id FROM appareil WHERE alerte_empreinte = $1 AND date_creation > $2`, alerte, tx.Now.AddDate(0, 0, -vieAlerte)).Scan(&id, &compte)
	if errors.Is(err, sql.ErrNoRows) {
		return id, compte, fault.New(fault.Gone, "alerte_perdue")
	}
	if err != nil {
		return id, compte, fmt.Errorf("read alert: %w", err)
	}
	return id, compte, nil
}

// Passage is one past sign-in as its owner sees it.
type Passage struct {
	Date       db.Time
	Moyen      string
	Navigateur string
	Nouveau    bool
}

func noteHistory(ctx context.Context, tx *db.Tx, e entree, v visiteur, nouveau bool) error {
	_, err := tx.Exec(ctx, `INSERT INTO empreinte_connexion (id, aidant_id, date, moyen, navigateur, reseau_empreinte, nouveau) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		ident.New[ident.OperationID](), e.aidant, tx.Now, e.moyen, v.navigateur, v.reseau, nouveau)
	if err != nil {
		return fmt.Errorf("note sign-in: %w", err)
	}
	return nil
}

func history(ctx context.Context, tx *db.Tx, compte ident.AidantID) ([]Passage, error) {
	rows, err := tx.Query(ctx, `SELECT date, moyen, navigateur, nouveau FROM empreinte_connexion WHERE aidant_id = $1 ORDER BY date DESC, id DESC LIMIT 10`, compte)
	return db.Collect(rows, err, func(s db.Scanner) (p Passage, err error) {
		return p, s.Scan(&p.Date, &p.Moyen, &p.Navigateur, &p.Nouveau)
	})
}

// PurgeHistory deletes the sign-ins older than twelve months, and the browsers
// not seen for a year.
func PurgeHistory(ctx context.Context, tx *db.Tx) (int, error) {
	n, err := tx.Exec(ctx, `DELETE FROM empreinte_connexion WHERE date <= $1`, db.At(garde.Connexion.Avant(tx.Now.Time())))
	if err != nil {
		return 0, fmt.Errorf("purge history: %w", err)
	}
	m, err := tx.Exec(ctx, `DELETE FROM appareil WHERE date_expiration <= $1
		AND NOT EXISTS (SELECT 1 FROM session_web s WHERE s.appareil_id = appareil.id)`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("purge browsers: %w", err)
	}
	return int(n + m), nil
}
