package accueil

import (
	"context"
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
)

// avancement reads the first steps of somebody: what they told, what the rows
// prove.
//
// reads: mandat, usage_mandat
func avancement(ctx context.Context, tx *db.Tx, a actor.Actor) (v Avancement, err error) {
	told, err := compte.StepsTold(ctx, tx, a.Aidant)
	if err != nil {
		return v, err
	}
	m, err := facteur.Load(ctx, tx, a.Aidant)
	if err != nil {
		return v, err
	}
	v = Avancement{Facteur: m.Confirmed(), Signe: a.Engage(), Entrainement: told[compte.PasEntrainement], Masque: told[compte.PasMasque]}
	var first db.Time
	err = tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM (SELECT 1 FROM mandat m WHERE m.aidant_id = $1 LIMIT 10) x), (SELECT min(u.date) FROM usage_mandat u WHERE u.aidant_id = $1)`, a.Aidant).
		Scan(&v.Mandats, &first)
	if err != nil {
		return v, fmt.Errorf("read first steps: %w", err)
	}
	v.PremierUsage = first.Time()
	return v, nil
}
