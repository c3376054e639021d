package signature

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/usager"
)

const dossierColumns = `id, session_id, aidant_id, organisation_id, demarches, duree, texte_empreinte, usager_id, identite_id,
	authentification_empreinte, id_token_chiffre, deconnexion, avis, avis_code, avis_numero, statut, date_creation, date_limite, moyen, presence, predecesseur_id`

func scanDossier(r db.Scanner) (Dossier, error) {
	var d Dossier
	var demarches, avis, code, numero string
	var creation, limite db.Time
	err := r.Scan(&d.ID, &d.Session, &d.Aidant, &d.Organisation, &demarches, &d.Duree, &d.TexteEmpreinte, &d.Usager, &d.IdentiteID,
		&d.Authentification, &d.Jeton, &d.Deconnexion, &avis, &code, &numero, &d.Statut, &creation, &limite, &d.Choix.Moyen, &d.Choix.Presence, &d.Predecesseur)
	d.Demarches = demarche.ParseCSV(demarches)
	d.Avis = UnpackAvis(avis, code, numero)
	d.DateCreation, d.DateLimite = creation.Time(), limite.Time()
	return d, err
}

// loadDossier reads a dossier; an unknown one is the zero Dossier, which no
// guard accepts.
func loadDossier(ctx context.Context, tx *db.Tx, id ident.DossierID) (Dossier, error) {
	d, err := scanDossier(tx.QueryRow(ctx, `SELECT `+dossierColumns+` FROM dossier_signature WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Dossier{}, nil
	}
	if err != nil {
		return d, fmt.Errorf("load dossier: %w", err)
	}
	return d, nil
}

// insertDossier opens a dossier.
func insertDossier(ctx context.Context, tx *db.Tx, d Dossier) error {
	genre := "creation"
	if !d.Predecesseur.IsZero() {
		genre = "renouvellement"
	}
	_, err := tx.Exec(ctx, `INSERT INTO dossier_signature (id, type, session_id, aidant_id, organisation_id, demarches, duree, texte_empreinte,
			a_distance, methode_consentement, telephone, deconnexion, avis, avis_code, avis_numero, statut, date_creation, date_statut, date_limite, moyen, presence,
			predecesseur_id, usager_id, identite_id)
		VALUES ($1,$14,$2,$3,$4,$5,$6,$7,$8,'','','','','','',$9,$10,$10,$11,$12,$13,$15,$16,$17)`,
		d.ID, d.Session, d.Aidant, d.Organisation, demarche.CSV(d.Demarches), string(d.Duree), d.TexteEmpreinte, false, string(d.Statut), tx.Now, db.At(d.DateLimite), string(d.Choix.Moyen), string(d.Choix.Presence),
		genre, d.Predecesseur, d.Usager, d.IdentiteID)
	if err != nil {
		return fmt.Errorf("insert dossier: %w", err)
	}
	return nil
}

// openDossiers gives the live dossiers of a web session, oldest first: the
// aidant is told of them (mandats.md 6.1).
func openDossiers(ctx context.Context, tx *db.Tx, a actor.Actor) ([]Dossier, error) {
	rows, err := tx.Query(ctx, `SELECT `+dossierColumns+` FROM dossier_signature
		WHERE (session_id = $1 OR statut = 'attente_consentement') AND aidant_id = $2 AND organisation_id = $3
			AND statut IN ('ouvert','attente_consentement','chez_franceconnect','pret') AND date_limite > $4
		ORDER BY date_creation, id LIMIT 10`, a.Session, a.Aidant, a.Organisation, tx.Now)
	return db.Collect(rows, err, scanDossier)
}

// abandonDossier ends a dossier its aidant replaced, and erases what is
// personal in it.
func abandonDossier(ctx context.Context, tx *db.Tx, id ident.DossierID, a actor.Actor) error {
	_, err := tx.Exec(ctx, `UPDATE dossier_signature SET statut = 'abandonne', date_statut = $4, usager_id = NULL, identite_id = NULL, telephone = '',
			authentification_empreinte = NULL, state_empreinte = NULL, nonce_empreinte = NULL
		WHERE id = $1 AND aidant_id = $3 AND (statut = 'attente_consentement' OR session_id = $2 AND statut IN ('ouvert','chez_franceconnect','pret'))`, id, a.Session, a.Aidant, tx.Now)
	if err != nil {
		return fmt.Errorf("abandon dossier: %w", err)
	}
	return nil
}

// leg is what one attempt at FranceConnect stores: digests only (FS-03).
type leg struct {
	state, nonce []byte
	limite       db.Time
}

// startLeg sends the dossier to FranceConnect with new one-time values; a
// former attempt, and the identity it brought, are void. No row: it ended
// meanwhile.
func startLeg(ctx context.Context, tx *db.Tx, id ident.DossierID, a actor.Actor, l leg) error {
	n, err := tx.Exec(ctx, `UPDATE dossier_signature SET statut = 'chez_franceconnect', state_empreinte = $5, nonce_empreinte = $6, date_statut = $7, date_limite = $8,
			avis = '', avis_code = '', avis_numero = '', usager_id = NULL, identite_id = NULL, authentification_empreinte = NULL
		WHERE id = $1 AND session_id = $2 AND aidant_id = $3 AND organisation_id = $4
			AND (statut = 'chez_franceconnect' OR (statut IN ('ouvert','pret') AND date_limite > $7))`,
		id, a.Session, a.Aidant, a.Organisation, l.state, l.nonce, tx.Now, l.limite)
	if err != nil {
		return fmt.Errorf("start leg: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Gone, raisonFini)
	}
	return nil
}

// candidate is a dossier waiting for FranceConnect's answer.
type candidate struct {
	id           ident.DossierID
	state, nonce []byte
	limite       db.Time
}

// waiting gives the dossiers of this web session that are at FranceConnect.
func waiting(ctx context.Context, tx *db.Tx, a actor.Actor) ([]candidate, error) {
	rows, err := tx.Query(ctx, `SELECT id, state_empreinte, nonce_empreinte, date_limite FROM dossier_signature
		WHERE session_id = $1 AND aidant_id = $2 AND statut = 'chez_franceconnect'`, a.Session, a.Aidant)
	return db.Collect(rows, err, func(s db.Scanner) (c candidate, err error) {
		return c, s.Scan(&c.id, &c.state, &c.nonce, &c.limite)
	})
}

// consumeState uses the state up: from here on the same callback finds
// nothing (FS-10). The dossier may be resumed whatever happens next.
func consumeState(ctx context.Context, tx *db.Tx, c candidate, limite db.Time) (Dossier, error) {
	d, err := scanDossier(tx.QueryRow(ctx, `UPDATE dossier_signature SET statut = 'ouvert', state_empreinte = NULL, nonce_empreinte = NULL, date_statut = $3, date_limite = $4
		WHERE id = $1 AND state_empreinte = $2 AND statut = 'chez_franceconnect' RETURNING `+dossierColumns, c.id, c.state, tx.Now, limite))
	if errors.Is(err, sql.ErrNoRows) {
		return Dossier{}, fault.New(fault.Gone, raisonPerdu)
	}
	if err != nil {
		return d, fmt.Errorf("consume state: %w", err)
	}
	return d, nil
}

// retour is what a callback leaves in the dossier.
type retour struct {
	usager      usager.Usager // zero after a failure
	jeton       []byte        // the sealed ID token, nil if none came
	jetonSHA    []byte
	deconnexion string
	logout      []byte // digest of the logout's state
	erreur      *franceconnect.Erreur
	limite      db.Time
}

// endLeg writes the outcome of a callback; an attempt that brought no ID token
// keeps what an earlier one left to log out with. No row: the aidant started another
// leg or the dossier ended while FranceConnect answered.
func endLeg(ctx context.Context, tx *db.Tx, id ident.DossierID, r retour) error {
	statut := Pret
	if r.erreur != nil {
		statut = Ouvert
	}
	cle, code, numero := PackAvis(r.erreur)
	var date db.Time
	if r.jeton != nil {
		date = tx.Now
	}
	n, err := tx.Exec(ctx, `UPDATE dossier_signature SET statut = $2, usager_id = $3, identite_id = $4, authentification_empreinte = $5,
			id_token_chiffre = COALESCE($6, id_token_chiffre), id_token_date = COALESCE($7, id_token_date),
			deconnexion = CASE WHEN $8 = '' THEN deconnexion ELSE $8 END, deconnexion_empreinte = COALESCE($9, deconnexion_empreinte),
			avis = $10, avis_code = $11, avis_numero = $12, date_statut = $13, date_limite = $14
		WHERE id = $1 AND statut = 'ouvert'`,
		id, string(statut), r.usager.ID, r.usager.IdentiteID, r.jetonSHA, r.jeton, date, r.deconnexion, r.logout, cle, code, numero, tx.Now, r.limite)
	if err != nil {
		return fmt.Errorf("end leg: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Gone, raisonPerdu)
	}
	return nil
}

// logoutDossier finds the dossier whose logout this web session awaits: by the
// state when it is right, else the latest one, which then is not confirmed (FS-35).
func logoutDossier(ctx context.Context, tx *db.Tx, a actor.Actor, state []byte) (Dossier, bool, error) {
	d, err := scanDossier(tx.QueryRow(ctx, `SELECT `+dossierColumns+` FROM dossier_signature
		WHERE session_id = $1 AND aidant_id = $2 AND deconnexion <> ''
		ORDER BY CASE WHEN deconnexion_empreinte = $3 THEN 0 ELSE 1 END, date_statut DESC LIMIT 1`, a.Session, a.Aidant, state))
	if errors.Is(err, sql.ErrNoRows) {
		return Dossier{}, false, fault.New(fault.Gone, raisonPerdu)
	}
	if err != nil {
		return d, false, fmt.Errorf("find logout: %w", err)
	}
	n, err := tx.Exec(ctx, `UPDATE dossier_signature SET deconnexion = 'confirmee', deconnexion_empreinte = NULL, id_token_chiffre = NULL, id_token_date = NULL
		WHERE id = $1 AND deconnexion_empreinte = $2`, d.ID, state)
	if err != nil {
		return d, false, fmt.Errorf("confirm logout: %w", err)
	}
	if n == 0 {
		_, err = tx.Exec(ctx, `UPDATE dossier_signature SET deconnexion = 'non_confirmee' WHERE id = $1 AND deconnexion = 'demandee'`, d.ID)
	}
	if err != nil {
		return d, false, fmt.Errorf("note logout: %w", err)
	}
	return d, n == 1, nil
}

// retryLogout stores the state of a new attempt to log out.
func retryLogout(ctx context.Context, tx *db.Tx, id ident.DossierID, state []byte) error {
	_, err := tx.Exec(ctx, `UPDATE dossier_signature SET deconnexion = 'demandee', deconnexion_empreinte = $2 WHERE id = $1 AND id_token_chiffre IS NOT NULL`, id, state)
	if err != nil {
		return fmt.Errorf("retry logout: %w", err)
	}
	return nil
}

// sign consumes the dossier: the gate of the conclusion (mandats.md 6.2, 1).
func sign(ctx context.Context, tx *db.Tx, id ident.DossierID) error {
	n, err := tx.Exec(ctx, `UPDATE dossier_signature SET statut = 'signe', date_statut = $2 WHERE id = $1 AND statut = 'pret' AND date_limite > $2`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("sign dossier: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, raisonSigne)
	}
	return nil
}

// sameIdentity tells whether another dossier of this browser received the same
// person since that instant (FS-33). An aidant who signed out and in again is
// still at the same desk: their dossiers count whatever the session.
func sameIdentity(ctx context.Context, tx *db.Tx, d Dossier, since db.Time) (bool, error) {
	var yes bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM dossier_signature WHERE (session_id = $1 OR aidant_id = $5) AND usager_id = $2 AND id <> $3 AND date_statut > $4)`,
		d.Session, d.Usager, d.ID, since, d.Aidant).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("compare identities: %w", err)
	}
	return yes, nil
}

// PurgeDossiers ends the dossiers past their deadline (a leg at FranceConnect
// that took too long may still be started again for a while), erasing what is
// personal and keeping the outcome, and drops the ID tokens kept too long
// (FS-18). It gives how many dossiers ended.
func (h *Handlers) PurgeDossiers(ctx context.Context, tx *db.Tx) (int, error) {
	delais := h.Delais.WithDefaults()
	n, err := tx.Exec(ctx, `UPDATE dossier_signature SET statut = 'expire', date_statut = $1, usager_id = NULL, identite_id = NULL, telephone = '',
			authentification_empreinte = NULL, state_empreinte = NULL, nonce_empreinte = NULL, id_token_chiffre = NULL, id_token_date = NULL, deconnexion_empreinte = NULL
		WHERE (statut IN ('ouvert','attente_consentement','pret') AND date_limite <= $1) OR (statut = 'chez_franceconnect' AND date_limite <= $2)`,
		tx.Now, tx.Now.Add(-delais.Ouvert))
	if err != nil {
		return 0, fmt.Errorf("purge dossiers: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE dossier_signature SET id_token_chiffre = NULL, id_token_date = NULL WHERE id_token_chiffre IS NOT NULL AND id_token_date <= $1`,
		tx.Now.Add(-delais.Jeton)); err != nil {
		return 0, fmt.Errorf("purge ID tokens: %w", err)
	}
	return int(n), nil
}

// EraseUsager destroys the dossiers of a person, at the end of their retention.
func EraseUsager(ctx context.Context, tx *db.Tx, u ident.UsagerID) error {
	_, err := tx.Exec(ctx, `DELETE FROM dossier_signature WHERE usager_id = $1`, u)
	return err
}

// EraseMandat lets go, in the dossiers, of a mandat that is erased.
func EraseMandat(ctx context.Context, tx *db.Tx, m ident.MandatID) error {
	_, err := tx.Exec(ctx, `UPDATE dossier_signature SET predecesseur_id = NULL WHERE predecesseur_id = $1`, m)
	return err
}
