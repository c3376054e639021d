package tache

import (
	"context"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// register creates the row of a task, due at first. A row that the program of
// yesterday pushed further than the schedule of today allows is brought back.
func register(ctx context.Context, tx *db.Tx, nom string, first, latest db.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO tache (nom, prochaine) VALUES ($1, $2) ON CONFLICT (nom) DO NOTHING`, nom, first)
	if err != nil {
		return fmt.Errorf("register task: %w", err)
	}
	return bringBack(ctx, tx, nom, latest, latest)
}

// bringBack makes a task due at an instant when it is dated after another.
func bringBack(ctx context.Context, tx *db.Tx, nom string, due, latest db.Time) error {
	_, err := tx.Exec(ctx, `UPDATE tache SET prochaine = $2 WHERE nom = $1 AND prochaine > $3`, nom, due, latest)
	if err != nil {
		return fmt.Errorf("bring task back: %w", err)
	}
	return nil
}

// claim takes an execution that is due and that nobody holds. The condition
// and the mark are one statement: of several nodes, one changes the row. It is
// nobody's either when it would be held for longer than it may: the holder's
// clock was wrong, and it may be dead.
func claim(ctx context.Context, tx *db.Tx, t Tache, porteur string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE tache SET porteur = $2, bail_fin = $3, debut = $4
		WHERE nom = $1 AND prochaine <= $4 AND (bail_fin IS NULL OR bail_fin <= $4 OR bail_fin > $5)`,
		t.Nom, porteur, tx.Now.Add(t.Delai+margeBail), tx.Now, tx.Now.Add(t.tenue()))
	if err != nil {
		return false, fmt.Errorf("claim task: %w", err)
	}
	return n == 1, nil
}

// succeed records an execution that ended well, if it is still ours.
func succeed(ctx context.Context, tx *db.Tx, nom, porteur string, n int, next db.Time) error {
	_, err := tx.Exec(ctx, `UPDATE tache SET porteur = NULL, bail_fin = NULL, fin = $3, prochaine = $4,
		resultat = $5, executions = executions + 1, echecs = 0, erreur = NULL
		WHERE nom = $1 AND porteur = $2`, nom, porteur, tx.Now, next, n)
	if err != nil {
		return fmt.Errorf("record task: %w", err)
	}
	return nil
}

// vieEchecs is how long a failed execution is kept.
const vieEchecs = 90 * 24 * time.Hour

// fail records an execution that failed, if it is still ours.
func fail(ctx context.Context, tx *db.Tx, nom, porteur, cause string, next db.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO tache_echec (id, nom, debut, fin, erreur) SELECT $1, nom, debut, $2, $3 FROM tache WHERE nom = $4 AND porteur = $5`,
		ident.New[ident.OperationID](), tx.Now, cause, nom, porteur)
	if err != nil {
		return fmt.Errorf("keep failed task: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM tache_echec WHERE fin < $1`, tx.Now.Add(-vieEchecs)); err != nil {
		return fmt.Errorf("forget failed tasks: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE tache SET porteur = NULL, bail_fin = NULL, fin = $3, prochaine = $4,
		echecs = echecs + 1, erreur = $5
		WHERE nom = $1 AND porteur = $2`, nom, porteur, tx.Now, next, cause)
	if err != nil {
		return fmt.Errorf("record failed task: %w", err)
	}
	return nil
}

// release gives back an execution that a shutdown interrupted: it stays due.
func release(ctx context.Context, tx *db.Tx, nom, porteur string) error {
	_, err := tx.Exec(ctx, `UPDATE tache SET porteur = NULL, bail_fin = NULL WHERE nom = $1 AND porteur = $2`, nom, porteur)
	if err != nil {
		return fmt.Errorf("release task: %w", err)
	}
	return nil
}

// row is what the table says of a task.
type row struct {
	Nom                  string
	Prochaine, BailFin   db.Time
	Debut, Fin           db.Time
	Resultat, Executions int
	Echecs               int
	Erreur               string
}

const columns = `nom, prochaine, bail_fin, debut, fin, resultat, executions, echecs, COALESCE(erreur, '')`

func scan(s db.Scanner) (r row, err error) {
	err = s.Scan(&r.Nom, &r.Prochaine, &r.BailFin, &r.Debut, &r.Fin, &r.Resultat, &r.Executions, &r.Echecs, &r.Erreur)
	return r, err
}

// load reads one task.
func load(ctx context.Context, tx *db.Tx, nom string) (row, error) {
	r, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM tache WHERE nom = $1`, nom))
	if err != nil {
		return row{}, fmt.Errorf("load task: %w", err)
	}
	return r, nil
}

// list reads every task ever run here, those of other versions included.
func list(ctx context.Context, tx *db.Tx) ([]row, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM tache ORDER BY nom`)
	return db.Collect(rows, err, scan)
}

// makeDue brings a task to now, unless somebody is at it.
func makeDue(ctx context.Context, tx *db.Tx, nom string) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE tache SET prochaine = $2 WHERE nom = $1 AND (bail_fin IS NULL OR bail_fin <= $2)`, nom, tx.Now)
	if err != nil {
		return false, fmt.Errorf("make task due: %w", err)
	}
	return n == 1, nil
}

func failures(ctx context.Context, tx *db.Tx, limit int) ([]Echec, error) {
	rows, err := tx.Query(ctx, `SELECT nom, debut, fin, erreur FROM tache_echec ORDER BY fin DESC, id DESC LIMIT $1`, limit)
	return db.Collect(rows, err, func(s db.Scanner) (e Echec, err error) {
		var debut, fin db.Time
		err = s.Scan(&e.Tache, &debut, &fin, &e.Erreur)
		e.Debut, e.Fin = debut.Time(), fin.Time()
		return e, err
	})
}
