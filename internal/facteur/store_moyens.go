package facteur

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// Load reads what an account has to prove itself: nothing secret.
func Load(ctx context.Context, tx *db.Tx, aidant ident.AidantID) (m Moyens, err error) {
	rows, err := tx.Query(ctx, `SELECT f.id, f.genre, f.nom, c.numero_serie, f.date_confirmation IS NOT NULL, false, f.date_creation, f.date_usage
			FROM facteur f LEFT JOIN carte c ON c.id = f.carte_id WHERE f.aidant_id = $1
		UNION ALL SELECT k.id, 'passkey', k.nom, NULL, true, k.sauvegardee, k.date_creation, k.date_usage FROM facteur_cle k WHERE k.aidant_id = $1
		ORDER BY 7, 1`, aidant)
	if m.Facteurs, err = db.Collect(rows, err, scanMoyen); err != nil {
		return m, fmt.Errorf("load factors: %w", err)
	}
	var fin db.Time
	err = tx.QueryRow(ctx, `SELECT count(*), max(date_expiration) FROM facteur_secours WHERE aidant_id = $1 AND date_expiration > $2`, aidant, tx.Now).Scan(&m.Secours, &fin)
	if err != nil {
		return m, fmt.Errorf("count recovery codes: %w", err)
	}
	var invitation db.Time
	err = tx.QueryRow(ctx, `SELECT date_expiration FROM facteur_invitation WHERE aidant_id = $1 AND date_expiration > $2`, aidant, tx.Now).Scan(&invitation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return m, fmt.Errorf("read invitation: %w", err)
	}
	m.FinSecours, m.Invitation = fin.Time(), invitation.Time()
	return m, nil
}

func scanMoyen(s db.Scanner) (f Facteur, err error) {
	var serie sql.NullString
	var creation, usage db.Time
	err = s.Scan(&f.ID, &f.Genre, &f.Nom, &serie, &f.Confirme, &f.Synchronise, &creation, &usage)
	f.NumeroSerie, f.DateCreation, f.DateUsage = serie.String, creation.Time(), usage.Time()
	return f, err
}
