package db

import (
	"context"
	"time"
)

// Lease takes or extends the lease of that name for the holder, and tells
// whether the holder has it until now + duree. A lease that is not extended
// falls to the first who asks after its end. The nodes' clocks are those that
// count: a lease must last much longer than they differ. One that would last
// more than twice as long as it may was taken before the clocks were moved back:
// it is nobody's, else a node that died then would keep everybody out.
func (d *DB) Lease(ctx context.Context, nom, porteur string, duree time.Duration) (bool, error) {
	var n int64
	err := d.UpdateReadCommitted(ctx, func(tx *Tx) (err error) {
		n, err = tx.Exec(ctx, `INSERT INTO bail (nom, porteur, echeance) VALUES ($1, $2, $3)
			ON CONFLICT (nom) DO UPDATE SET porteur = excluded.porteur, echeance = excluded.echeance
			WHERE bail.porteur = excluded.porteur OR bail.echeance <= $4 OR bail.echeance > $5`,
			nom, porteur, tx.Now.Add(duree), tx.Now, tx.Now.Add(2*duree))
		return err
	})
	return n == 1, err
}

// Release gives a lease back before its end. Nothing happens when the holder
// has it no more.
func (d *DB) Release(ctx context.Context, nom, porteur string) error {
	return d.UpdateReadCommitted(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM bail WHERE nom = $1 AND porteur = $2`, nom, porteur)
		return err
	})
}
