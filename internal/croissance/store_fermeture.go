package croissance

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

// constat is what a closure left.
type constat struct {
	Faits     int // mandats that it says it ended
	Finis     int // mandats of the structure not in force
	Fins      int // ends recorded, one by mandat
	Messages  int // notices to the people
	Personnes int // people told, by the journal
	Avis      int // lines that say that somebody was told
	Terminee  bool
}

func faits(ctx context.Context, d *db.DB, id ident.OperationID) (n int, err error) {
	err = d.View(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT faits FROM cessation WHERE id = $1`, id).Scan(&n)
	})
	return n, err
}

func compter(ctx context.Context, d *db.DB, org ident.OrganisationID, id ident.OperationID) (c constat, err error) {
	err = d.View(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT (SELECT faits FROM cessation WHERE id = $3), (SELECT date_fin IS NOT NULL FROM cessation WHERE id = $3),
				(SELECT count(*) FROM mandat m WHERE m.organisation_id = $1 AND NOT `+mandat.ActifSQL+`),
				(SELECT count(*) FROM mandat_fin f WHERE f.operation_id = $3),
				(SELECT count(*) FROM message WHERE genre = $4),
				(SELECT count(DISTINCT l.usager) FROM journal_ligne l WHERE l.operation_id = $3 AND l.action = 'notify_usager'),
				(SELECT count(*) FROM journal_ligne l WHERE l.operation_id = $3 AND l.action = 'notify_usager')`,
			org, tx.Now, id, fin.Genre).Scan(&c.Faits, &c.Terminee, &c.Finis, &c.Fins, &c.Messages, &c.Personnes, &c.Avis)
	})
	return c, err
}
