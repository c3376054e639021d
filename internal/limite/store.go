package limite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
)

// use takes one from a counter, or tells how long until one is there.
//
// A counter is one number, the instant at which it is full again: each use
// moves it by Fenetre/N, and may not move it past one Fenetre from now. That is
// a leaky bucket in one conditional upsert, the same on both databases, and it
// needs no count of the past. The instants are milliseconds, because both
// databases add integers alike.
func use(ctx context.Context, tx *db.Tx, cle []byte, r Regle) (wait time.Duration, err error) {
	now, step := tx.Now.Time().UnixMilli(), r.Fenetre.Milliseconds()/int64(r.N)
	most := now + r.Fenetre.Milliseconds() - step
	var full int64
	err = tx.QueryRow(ctx, `INSERT INTO limite (cle, pleine) VALUES ($1,$2)
		ON CONFLICT (cle) DO UPDATE SET pleine = CASE WHEN limite.pleine > $3 THEN limite.pleine + $4 ELSE excluded.pleine END
			WHERE limite.pleine <= $5
		RETURNING pleine`, cle, now+step, now, step, most).Scan(&full)
	if err == nil {
		return 0, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if err := tx.QueryRow(ctx, `SELECT pleine FROM limite WHERE cle = $1`, cle).Scan(&full); err != nil {
		return 0, err
	}
	return max(time.Duration(full-most)*time.Millisecond, time.Second), nil
}

// Purge deletes the counters that are full again: they say nothing any more.
func Purge(ctx context.Context, tx *db.Tx) (int, error) {
	n, err := tx.Exec(ctx, `DELETE FROM limite WHERE pleine <= $1`, tx.Now.Time().UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("purge counters: %w", err)
	}
	return int(n), nil
}
