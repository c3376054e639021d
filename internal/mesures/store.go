package main

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/usager"
)

// These rows are those that a person makes by hand, one after the other: they
// are laid down as the pages would, for thousands at once.

// insertSession opens a web session as the sign-in does, and gives its cookie.
func (b *banc) insertSession(ctx context.Context, tx *db.Tx, a compte) (secretSession, error) {
	s := secretSession{compte: a, session: ident.New[ident.SessionID](), jeton: secret.NewToken()}
	_, err := tx.Exec(ctx, `INSERT INTO session_web (id, jeton_empreinte, aidant_id, organisation_id, date_creation, date_expiration, date_otp, date_activite, echecs, droits)
		VALUES ($1,$2,$3,$4,$5,$6,$5,$5,0,$7)`,
		s.session, b.cfg.Cles.Empreintes.Digest("connexion.session", s.jeton.Reveal()), a.id, a.organisation, tx.Now, tx.Now.AddDate(0, 0, 1),
		"v1:"+a.organisation.String()+"::hmo") // an aidant's rights, else the cookie would change at the first page
	if err != nil {
		return s, fmt.Errorf("insert session: %w", err)
	}
	return s, nil
}

// touchSessions notes an activity of everybody, now.
func touchSessions(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE session_web SET date_activite = $1`, tx.Now)
	return err
}

// giveCodes has everybody give a code, now: a load may last longer than one.
func giveCodes(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE session_web SET date_activite = $1, date_otp = $1`, tx.Now)
	return err
}

// insertDossier is a dossier back from FranceConnect: only its récapitulatif
// is left to sign.
func insertDossier(ctx context.Context, tx *db.Tx, s secretSession, u usager.Usager) (ident.DossierID, error) {
	id := ident.NewRandom[ident.DossierID]()
	_, err := tx.Exec(ctx, `INSERT INTO dossier_signature (id, type, session_id, aidant_id, organisation_id, demarches, duree, texte_empreinte,
			a_distance, methode_consentement, telephone, usager_id, identite_id, authentification_empreinte, deconnexion, avis, avis_code, avis_numero,
			statut, date_creation, date_statut, date_limite)
		VALUES ($1,'creation',$2,$3,$4,'famille,papiers,social','LONG',$5,$6,'','',$7,$8,$9,'confirmee','','','','pret',$10,$10,$11)`,
		id, s.session, s.id, s.organisation, mandat.TexteCourant().Empreinte, false, u.ID, u.IdentiteID, secret.Random(32), tx.Now, tx.Now.AddDate(0, 0, 1))
	if err != nil {
		return id, fmt.Errorf("insert dossier: %w", err)
	}
	return id, nil
}

// createTable makes the table of the commits of one row.
func createTable(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `CREATE TABLE mesure (id uuid NOT NULL PRIMARY KEY, texte text NOT NULL)`)
	return err
}

func insertOne(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO mesure (id, texte) VALUES ($1, $2)`, ident.New[ident.OperationID](), "une ligne de taille ordinaire, pour un commit durable")
	return err
}
