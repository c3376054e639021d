package textos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
)

const columns = `demande_id, dossier_id, organisation_id, aidant_id, usager_id, texte_empreinte, demarches, duree, jours, numero_empreinte, statut, relances, contredit, mandat_id, date_statut, date_limite`

func scan(s db.Scanner) (d Dialogue, err error) {
	var ds string
	var statue, limite db.Time
	err = s.Scan(&d.Demande, &d.Dossier, &d.Organisation, &d.Aidant, &d.Usager, &d.Objet.Texte, &ds, &d.Objet.Duree, &d.Jours, &d.Numero, &d.Statut, &d.Relances, &d.Contredit, &d.Mandat, &statue, &limite)
	d.Objet.Demarches = demarche.ParseCSV(ds)
	d.Statue, d.Limite = statue.Time(), limite.Time()
	return d, err
}

// one reads one dialogue; ok is false when there is none.
func one(r db.Scanner) (d Dialogue, ok bool, err error) {
	d, err = scan(r)
	if errors.Is(err, sql.ErrNoRows) {
		return Dialogue{}, false, nil
	}
	if err != nil {
		return d, false, fmt.Errorf("load dialogue: %w", err)
	}
	return d, true, nil
}

func load(ctx context.Context, tx *db.Tx, id ident.DemandeID) (Dialogue, bool, error) {
	return one(tx.QueryRow(ctx, `SELECT `+columns+` FROM dialogue_sms WHERE demande_id = $1`, id))
}

// byNumber gives the last dialogue with a number, for a provider that says STOP
// without saying to which message.
func byNumber(ctx context.Context, tx *db.Tx, numero []byte) (Dialogue, bool, error) {
	return one(tx.QueryRow(ctx, `SELECT `+columns+` FROM dialogue_sms WHERE numero_empreinte = $1 ORDER BY date_creation DESC, demande_id DESC LIMIT 1`, numero))
}

func insert(ctx context.Context, tx *db.Tx, d Dialogue) error {
	_, err := tx.Exec(ctx, `INSERT INTO dialogue_sms (demande_id, dossier_id, organisation_id, aidant_id, usager_id, texte_empreinte, demarches, duree, jours, numero_empreinte, statut, contredit, date_creation, date_statut, date_limite)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$13,$14)`,
		d.Demande, d.Dossier, d.Organisation, d.Aidant, d.Usager, d.Objet.Texte, demarche.CSV(d.Objet.Demarches), d.Objet.Duree, d.Jours, d.Numero, string(d.Statut), false, tx.Now, db.At(d.Limite))
	if err != nil {
		return fmt.Errorf("insert dialogue: %w", err)
	}
	return nil
}

// ask leaves the first stage for the second, once.
func ask(ctx context.Context, tx *db.Tx, id ident.DemandeID, limite db.Time) (Dialogue, bool, error) {
	return one(tx.QueryRow(ctx, `UPDATE dialogue_sms SET statut = 'question', date_statut = $2, date_limite = $3
		WHERE demande_id = $1 AND statut = 'recapitulatif' AND date_limite > $2 RETURNING `+columns, id, tx.Now, limite))
}

// decide is the gate of an answer: one of two that come together finds the
// dialogue as it was read.
func decide(ctx context.Context, tx *db.Tx, d Dialogue, to Statut) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE dialogue_sms SET statut = $3, date_statut = $4 WHERE demande_id = $1 AND statut = $2`, d.Demande, string(d.Statut), string(to), tx.Now)
	if err != nil {
		return false, fmt.Errorf("decide dialogue: %w", err)
	}
	return n == 1, nil
}

// told counts a message sent for an answer that decides nothing.
func told(ctx context.Context, tx *db.Tx, d Dialogue, contredit bool) error {
	_, err := tx.Exec(ctx, `UPDATE dialogue_sms SET relances = relances + 1, contredit = $2 WHERE demande_id = $1`, d.Demande, d.Contredit || contredit)
	if err != nil {
		return fmt.Errorf("count answer: %w", err)
	}
	return nil
}

// closeOf ends what waits for a dossier: cancelled, or asked again.
func closeOf(ctx context.Context, tx *db.Tx, id ident.DossierID) error {
	_, err := tx.Exec(ctx, `UPDATE dialogue_sms SET statut = 'clos', date_statut = $2 WHERE dossier_id = $1 AND statut IN ('recapitulatif','question','accord') AND mandat_id IS NULL`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("close dialogue: %w", err)
	}
	return nil
}

// stopped tells whether this number said STOP about this dossier.
func stopped(ctx context.Context, tx *db.Tx, id ident.DossierID, numero []byte) (yes bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM dialogue_sms WHERE dossier_id = $1 AND numero_empreinte = $2 AND statut = 'arret')`, id, numero).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look for a stop: %w", err)
	}
	return yes, nil
}

// texto is one row: a message sent or received.
type texto struct {
	id                            ident.PieceID
	demande                       ident.DemandeID
	cle, sens, role, lecture      string
	effet                         Effet
	piece                         consentement.Piece
	reference                     string
	creation, accepte             db.Time
	situation, fournie, livraison string // of the message in the queue
	issue                         db.Time
}

// insertTexto is false for a message that is there already: the provider gave
// it twice.
func insertTexto(ctx context.Context, tx *db.Tx, t texto) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO texto (id, demande_id, cle, sens, role, lecture, effet, contenu_chiffre, empreinte, reference, date_creation) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
		ON CONFLICT (cle) DO NOTHING`,
		t.piece.ID, t.demande, t.cle, t.sens, t.role, t.lecture, string(t.effet), t.piece.Scelle, t.piece.Empreinte, t.reference, tx.Now)
	if err != nil {
		return false, fmt.Errorf("insert message: %w", err)
	}
	return n == 1, nil
}

// textosOf reads the messages of a dialogue, with what the queue knows of them.
//
// reads: message
func textosOf(ctx context.Context, tx *db.Tx, id ident.DemandeID) ([]texto, error) {
	rows, err := tx.Query(ctx, `SELECT t.id, t.demande_id, t.cle, t.sens, t.role, t.lecture, t.effet, t.contenu_chiffre, t.empreinte, t.reference, t.date_creation, t.date_accepte,
			COALESCE(m.statut, ''), COALESCE(m.reference, ''), COALESCE(m.livraison, ''), m.date_issue
		FROM texto t LEFT JOIN message m ON m.cle = t.cle WHERE t.demande_id = $1 ORDER BY t.date_creation, t.id`, id)
	return db.Collect(rows, err, func(s db.Scanner) (t texto, err error) {
		err = s.Scan(&t.id, &t.demande, &t.cle, &t.sens, &t.role, &t.lecture, &t.effet, &t.piece.Scelle, &t.piece.Empreinte, &t.reference, &t.creation, &t.accepte,
			&t.situation, &t.fournie, &t.livraison, &t.issue)
		t.piece.ID = t.id
		return t, err
	})
}

// unnoted gives the dialogues with a message that the provider took and that
// nobody noted yet.
//
// reads: message
func unnoted(ctx context.Context, tx *db.Tx, n int) ([]ident.DemandeID, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT t.demande_id FROM texto t JOIN message m ON m.cle = t.cle
		WHERE t.sens = 'envoye' AND t.date_accepte IS NULL AND m.statut = 'envoye' LIMIT $1`, n)
	return db.Collect(rows, err, func(s db.Scanner) (id ident.DemandeID, err error) { return id, s.Scan(&id) })
}

// note writes that the provider took a message.
func note(ctx context.Context, tx *db.Tx, t texto) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE texto SET date_accepte = $2, reference = $3 WHERE id = $1 AND date_accepte IS NULL`, t.id, t.issue, t.fournie)
	if err != nil {
		return false, fmt.Errorf("note message: %w", err)
	}
	return n == 1, nil
}

// conclude ties a dialogue to its mandat, whose proof holds the texts from here on.
func conclude(ctx context.Context, tx *db.Tx, id ident.DemandeID, m ident.MandatID, u ident.UsagerID) error {
	if _, err := tx.Exec(ctx, `UPDATE dialogue_sms SET mandat_id = $2, usager_id = $3 WHERE demande_id = $1`, id, m, u); err != nil {
		return fmt.Errorf("conclude dialogue: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE texto SET contenu_chiffre = NULL WHERE demande_id = $1`, id); err != nil {
		return fmt.Errorf("let texts go: %w", err)
	}
	return nil
}

// Purge ends the dialogues that nobody answered in time and forgets, a week
// later, the number and the texts of those that led to no mandat; a mandat
// that ended takes its number with it.
//
// reads: mandat
func Purge(ctx context.Context, tx *db.Tx) (int, error) {
	n, err := tx.Exec(ctx, `UPDATE dialogue_sms SET statut = 'clos', date_statut = $1 WHERE statut IN ('recapitulatif','question') AND date_limite <= $1`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("end dialogues: %w", err)
	}
	if _, err := tx.Exec(ctx, `UPDATE texto SET contenu_chiffre = NULL WHERE contenu_chiffre IS NOT NULL
			AND demande_id IN (SELECT d.demande_id FROM dialogue_sms d WHERE d.mandat_id IS NULL AND d.date_limite <= $1 AND d.numero_empreinte IS NOT NULL)`, tx.Now.Add(-oubli)); err != nil {
		return 0, fmt.Errorf("forget texts: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE dialogue_sms SET numero_empreinte = NULL, statut = CASE WHEN statut IN ('recapitulatif','question') THEN 'clos' ELSE statut END
		WHERE numero_empreinte IS NOT NULL AND (mandat_id IS NULL AND date_limite <= $1
			OR mandat_id IS NOT NULL AND EXISTS (SELECT 1 FROM mandat m WHERE m.id = dialogue_sms.mandat_id AND m.date_expiration <= $1))`, tx.Now.Add(-oubli))
	if err != nil {
		return 0, fmt.Errorf("forget numbers: %w", err)
	}
	return int(n), nil
}

// Erase destroys the dialogue of a request, with it.
func Erase(ctx context.Context, tx *db.Tx, id ident.DemandeID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM texto WHERE demande_id = $1`, id); err != nil {
		return fmt.Errorf("erase messages: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM dialogue_sms WHERE demande_id = $1`, id); err != nil {
		return fmt.Errorf("erase dialogue: %w", err)
	}
	return nil
}
