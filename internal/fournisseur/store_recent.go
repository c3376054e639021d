package fournisseur

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// RecentUse tells whether this aidant, or this web session, used a mandat of
// this person since an instant: their identity may still be open at FranceConnect, and the one
// that comes back may be the one we asserted ourselves (FS-33).
func RecentUse(ctx context.Context, tx *db.Tx, a actor.Actor, u ident.UsagerID, since db.Time) (yes bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM dossier_utilisation WHERE (session_id = $1 OR aidant_id = $4) AND usager_id = $2 AND date_creation > $3)`, a.Session, u, since, a.Aidant).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look for a recent use: %w", err)
	}
	return yes, nil
}

// Pending gives the latest request of FranceConnect that this web session has
// still to answer; ok is false when there is none. Whoever went to sign a
// mandat meanwhile finds the way back by it.
func Pending(ctx context.Context, tx *db.Tx, s ident.SessionID) (a Attente, ok bool, err error) {
	var t Tenue
	var params string
	var limite db.Time
	err = tx.QueryRow(ctx, `SELECT id, parametres, date_limite FROM requete_tenue WHERE session_id = $1 AND date_limite > $2 ORDER BY date_creation DESC, id DESC LIMIT 1`, s, tx.Now).
		Scan(&t.ID, &params, &limite)
	if errors.Is(err, sql.ErrNoRows) {
		return a, false, nil
	}
	if err != nil {
		return a, false, fmt.Errorf("look for a request to answer: %w", err)
	}
	if err := json.Unmarshal([]byte(params), &t.Requete); err != nil {
		return a, false, fmt.Errorf("decode held request: %w", err)
	}
	return Attente{URL: withDemande(cheminUsager, t.ID), Jusque: limite.Time(), Demarches: t.Requete.RepScope.Demarches}, true, nil
}
