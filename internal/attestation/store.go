package attestation

import (
	"context"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

// count adds one consultation to the current minute of a mandat.
func count(ctx context.Context, tx *db.Tx, id ident.MandatID, objet string) error {
	_, err := tx.Exec(ctx, `INSERT INTO verification_consultation (mandat_id, minute, objet, nombre) VALUES ($1,$2,$3,1)
		ON CONFLICT (mandat_id, minute, objet) DO UPDATE SET nombre = verification_consultation.nombre + 1`,
		id, db.At(tx.Now.Time().Truncate(time.Minute)), objet)
	if err != nil {
		return fmt.Errorf("count consultation: %w", err)
	}
	return nil
}

// Consultations lists the latest consultations of a mandat: for its structure,
// and for the person.
func Consultations(ctx context.Context, tx *db.Tx, id ident.MandatID) ([]mandat.Consultation, error) {
	rows, err := tx.Query(ctx, `SELECT minute, objet, nombre FROM verification_consultation WHERE mandat_id = $1 ORDER BY minute DESC, objet LIMIT $2`, id, mandat.ConsultationsMax)
	return db.Collect(rows, err, func(s db.Scanner) (c mandat.Consultation, err error) {
		var minute db.Time
		err = s.Scan(&minute, &c.Objet, &c.Nombre)
		c.Date, c.Objet = minute.Time(), objets[c.Objet]
		return c, err
	})
}
