package planning

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// ligne is a row of tache_relance.
type ligne struct {
	id        ident.OperationID
	tache     string
	motif     Motif
	auteur    ident.AidantID
	operateur []byte
}

func insert(ctx context.Context, tx *db.Tx, l ligne) error {
	var auteur any
	if !l.auteur.IsZero() {
		auteur = l.auteur
	}
	_, err := tx.Exec(ctx, `INSERT INTO tache_relance (id, nom, motif, auteur_id, operateur_chiffre, date) VALUES ($1,$2,$3,$4,$5,$6)`,
		l.id, l.tache, string(l.motif), auteur, l.operateur, tx.Now)
	if err != nil {
		return fmt.Errorf("record replay: %w", err)
	}
	return nil
}

// replays gives the latest tasks run again by hand, with who did it.
//
// reads: aidant
func (h *Handlers) replays(ctx context.Context, tx *db.Tx) ([]Relance, error) {
	rows, err := tx.Query(ctx, `SELECT t.id, t.nom, t.motif, COALESCE(a.prenom || ' ' || a.nom, ''), t.operateur_chiffre, t.date
		FROM tache_relance t LEFT JOIN aidant a ON a.id = t.auteur_id ORDER BY t.date DESC, t.id DESC LIMIT $1`, relancesMax)
	return db.Collect(rows, err, func(s db.Scanner) (r Relance, err error) {
		var id ident.OperationID
		var sealed []byte
		var date db.Time
		if err := s.Scan(&id, &r.Tache, &r.Motif, &r.Par, &sealed, &date); err != nil {
			return r, err
		}
		r.Date = date.Time()
		if len(sealed) > 0 {
			who, err := h.Champs.Open(sealed, contexte(id))
			if err != nil {
				return r, fmt.Errorf("open who typed a command: %w", err)
			}
			r.Par = string(who) + ", en ligne de commande"
		}
		return r, nil
	})
}
