package importation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
)

// Importation is an import as its row tells it.
type Importation struct {
	ID                                          ident.OperationID
	Genre                                       Genre
	Etat                                        Etat
	Auteur                                      ident.AidantID
	Par                                         string // name of who imports
	Ajouts, Modifications, Inchangees, Refusees int
	Motif                                       string
	DateCreation, DateFin                       time.Time
	contenu, rapport, precision                 []byte // sealed
}

const columns = `i.id, i.genre, i.etat, i.auteur_id, a.prenom || ' ' || a.nom, i.ajouts, i.modifications, i.inchangees, i.refusees, i.motif,
	i.date_creation, i.date_fin, i.contenu_chiffre, i.rapport_chiffre, i.precision_chiffree FROM importation i JOIN aidant a ON a.id = i.auteur_id`

func scan(s db.Scanner) (x Importation, err error) {
	var creation, fin db.Time
	err = s.Scan(&x.ID, &x.Genre, &x.Etat, &x.Auteur, &x.Par, &x.Ajouts, &x.Modifications, &x.Inchangees, &x.Refusees, &x.Motif,
		&creation, &fin, &x.contenu, &x.rapport, &x.precision)
	x.DateCreation, x.DateFin = creation.Time(), fin.Time()
	return x, err
}

// load reads one import; fault.NotFound when there is none.
//
// reads: aidant
func load(ctx context.Context, tx *db.Tx, id ident.OperationID) (Importation, error) {
	x, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` WHERE i.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return x, fault.New(fault.NotFound, "importation_inconnue")
	}
	if err != nil {
		return x, fmt.Errorf("load import: %w", err)
	}
	return x, nil
}

// derniers is how many imports the list shows.
const derniers = 50

// list gives the last imports, latest first.
//
// reads: aidant
func list(ctx context.Context, tx *db.Tx) ([]Importation, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` ORDER BY i.date_creation DESC, i.id DESC LIMIT $1`, derniers)
	all, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, fmt.Errorf("list imports: %w", err)
	}
	return all, nil
}

// insert keeps a trial.
func insert(ctx context.Context, tx *db.Tx, x Importation) error {
	_, err := tx.Exec(ctx, `INSERT INTO importation (id, genre, etat, auteur_id, contenu_chiffre, rapport_chiffre, ajouts, modifications, inchangees, refusees, date_creation)
		VALUES ($1,$2,'essai',$3,$4,$5,$6,$7,$8,$9,$10)`,
		x.ID, string(x.Genre), x.Auteur, x.contenu, x.rapport, x.Ajouts, x.Modifications, x.Inchangees, x.Refusees, tx.Now)
	if err != nil {
		return fmt.Errorf("keep trial: %w", err)
	}
	return nil
}

// renew keeps the report of a new trial of the same file.
func renew(ctx context.Context, tx *db.Tx, x Importation) error {
	_, err := tx.Exec(ctx, `UPDATE importation SET rapport_chiffre = $2, ajouts = $3, modifications = $4, inchangees = $5, refusees = $6 WHERE id = $1 AND etat = 'essai'`,
		x.ID, x.rapport, x.Ajouts, x.Modifications, x.Inchangees, x.Refusees)
	if err != nil {
		return fmt.Errorf("renew trial: %w", err)
	}
	return nil
}

func perdue() error {
	e := fault.New(fault.Conflict, "essai_fini")
	e.Fields = fault.Fields{"": "Cet essai n’attend plus : il est déjà importé, abandonné, ou vieux de plus d’une heure. Rien de plus n’a été fait."}
	return e
}

// take is the gate of the import: a trial that waits, of who confirms it, once.
func take(ctx context.Context, tx *db.Tx, x Importation, r Raison) error {
	n, err := tx.Exec(ctx, `UPDATE importation SET etat = 'faite', motif = $3, precision_chiffree = $4, contenu_chiffre = NULL, date_fin = $5
		WHERE id = $1 AND auteur_id = $2 AND etat = 'essai' AND date_creation > $6`, x.ID, x.Auteur, r.Motif, x.precision, tx.Now, tx.Now.Add(-delaiEssai))
	if err != nil {
		return fmt.Errorf("take trial: %w", err)
	}
	if n == 0 {
		return perdue()
	}
	return nil
}

// drop forgets a trial of its author; one that is over stays as it is.
func drop(ctx context.Context, tx *db.Tx, id ident.OperationID, auteur ident.AidantID) error {
	n, err := tx.Exec(ctx, `UPDATE importation SET etat = 'abandonnee', contenu_chiffre = NULL, rapport_chiffre = NULL, date_fin = $3
		WHERE id = $1 AND auteur_id = $2 AND etat = 'essai'`, id, auteur, tx.Now)
	if err != nil {
		return fmt.Errorf("drop trial: %w", err)
	}
	if n == 0 {
		return perdue()
	}
	return nil
}

// Purge erases the files of the trials that nobody confirmed, and the reports
// of a month ago.
func Purge(ctx context.Context, tx *db.Tx) (int, error) {
	n, err := tx.Exec(ctx, `UPDATE importation SET etat = 'abandonnee', contenu_chiffre = NULL, rapport_chiffre = NULL, date_fin = $1 WHERE etat = 'essai' AND date_creation <= $2`,
		tx.Now, tx.Now.Add(-delaiEssai))
	if err != nil {
		return 0, fmt.Errorf("purge trials: %w", err)
	}
	m, err := tx.Exec(ctx, `UPDATE importation SET rapport_chiffre = NULL WHERE rapport_chiffre IS NOT NULL AND date_fin <= $1`, db.At(garde.Importation.Avant(tx.Now.Time())))
	if err != nil {
		return 0, fmt.Errorf("purge reports: %w", err)
	}
	return int(n + m), nil
}

// inTeam tells whether an account is of the operator's team.
//
// reads: aidant
func inTeam(ctx context.Context, tx *db.Tx, id ident.AidantID) (yes bool, err error) {
	if err = tx.QueryRow(ctx, `SELECT a.role_gestion <> '' FROM aidant a WHERE a.id = $1`, id).Scan(&yes); err != nil {
		return false, fmt.Errorf("read role: %w", err)
	}
	return yes, nil
}
