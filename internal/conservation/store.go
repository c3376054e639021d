package conservation

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
	"aidantsconnect/internal/mandat"
)

const (
	// echu: ended before $3. It is mandat's own predicate, with another instant.
	echu = mandat.PerimeSQL
	// gele: the person is held.
	gele = `EXISTS (SELECT 1 FROM conservation_gel g WHERE g.usager_id = m.usager_id AND g.date_fin IS NULL)`
	zero = "00000000-0000-0000-0000-000000000000"
)

// archive puts in archive at most 500 mandats that ended long enough ago.
//
// reads: mandat
func archive(ctx context.Context, tx *db.Tx) (int, error) {
	n, err := tx.Exec(ctx, `INSERT INTO conservation_archive (mandat_id, date)
		SELECT m.id, $2 FROM mandat m WHERE m.date_expiration < $1 AND `+echu+` AND NOT EXISTS (SELECT 1 FROM conservation_archive c WHERE c.mandat_id = m.id) LIMIT 500`,
		tx.Now.AddDate(-garde.AnneesActives+1, 0, 1), tx.Now, tx.Now.AddDate(-garde.AnneesActives, 0, 0))
	if err != nil {
		return 0, fmt.Errorf("archive mandats: %w", err)
	}
	return int(n), nil
}

// dueMandats gives, after one of them, mandats to destroy that nothing holds.
//
// reads: mandat
func dueMandats(ctx context.Context, tx *db.Tx, after string) ([]ident.MandatID, error) {
	rows, err := tx.Query(ctx, `SELECT m.id FROM mandat m WHERE m.date_expiration < $1 AND m.id > $2 AND `+echu+` AND NOT `+gele+` ORDER BY m.id LIMIT 50`,
		tx.Now.AddDate(-garde.AnneesTotales+1, 0, 1), after, tx.Now.AddDate(-garde.AnneesTotales, 0, 0))
	return db.Collect(rows, err, func(s db.Scanner) (id ident.MandatID, err error) { return id, s.Scan(&id) })
}

// stillDue asks again, within the transaction that destroys.
//
// reads: mandat
func stillDue(ctx context.Context, tx *db.Tx, id ident.MandatID) (yes bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM mandat m WHERE m.id = $1 AND m.date_expiration < $2 AND `+echu+` AND NOT `+gele+`)`,
		id, tx.Now, tx.Now.AddDate(-garde.AnneesTotales, 0, 0)).Scan(&yes)
	return yes, err
}

// countHeld counts the mandats that are due and held.
//
// reads: mandat
func countHeld(ctx context.Context, tx *db.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM mandat m WHERE m.date_expiration < $1 AND m.date_creation < $2 AND `+echu+` AND `+gele,
		tx.Now.AddDate(-garde.AnneesTotales+1, 0, 1), tx.Now, tx.Now.AddDate(-garde.AnneesTotales, 0, 0)).Scan(&n)
	return n, err
}

// personneSeule: no mandat, no identity received lately, no dossier in
// progress, no hold.
const personneSeule = `u.date_creation < $1 AND NOT EXISTS (SELECT 1 FROM mandat m WHERE m.usager_id = u.id)
	AND NOT EXISTS (SELECT 1 FROM identite i WHERE i.usager_id = u.id AND i.date_creation >= $1)
	AND NOT EXISTS (SELECT 1 FROM dossier_signature d WHERE d.usager_id = u.id AND d.statut IN ('ouvert', 'attente_consentement', 'chez_franceconnect', 'pret'))
	AND NOT EXISTS (SELECT 1 FROM conservation_gel g WHERE g.usager_id = u.id AND g.date_fin IS NULL)`

// dueUsagers gives, after one of them, people of whom nothing is to be kept.
//
// reads: usager, mandat, identite, dossier_signature
func dueUsagers(ctx context.Context, tx *db.Tx, after string) ([]ident.UsagerID, error) {
	rows, err := tx.Query(ctx, `SELECT u.id FROM usager u WHERE u.id > $2 AND `+personneSeule+` ORDER BY u.id LIMIT 50`, db.At(garde.SansMandat.Avant(tx.Now.Time())), after)
	return db.Collect(rows, err, func(s db.Scanner) (id ident.UsagerID, err error) { return id, s.Scan(&id) })
}

// stillAlone asks again, within the transaction that destroys.
//
// reads: usager, mandat, identite, dossier_signature
func stillAlone(ctx context.Context, tx *db.Tx, id ident.UsagerID) (yes bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM usager u WHERE u.id = $2 AND `+personneSeule+`)`, db.At(garde.SansMandat.Avant(tx.Now.Time())), id).Scan(&yes)
	return yes, err
}

func forgetArchive(ctx context.Context, tx *db.Tx, id ident.MandatID) error {
	_, err := tx.Exec(ctx, `DELETE FROM conservation_archive WHERE mandat_id = $1`, id)
	return err
}

func forgetHolds(ctx context.Context, tx *db.Tx, id ident.UsagerID) error {
	_, err := tx.Exec(ctx, `DELETE FROM conservation_gel WHERE usager_id = $1 AND date_fin IS NOT NULL`, id)
	return err
}

// openPassage writes the report before anything is done: each batch adds what it
// did in its own transaction, so that a run cut short has told all of it.
func openPassage(ctx context.Context, tx *db.Tx, p Passage) error {
	_, err := tx.Exec(ctx, `INSERT INTO conservation_passage (id, debut, fin, archives, mandats, usagers, comptes, geles, echecs, empreinte, termine) VALUES ($1,$2,$2,0,0,0,0,0,0,'',$3)`,
		p.ID, db.At(p.Debut), false)
	if err != nil {
		return fmt.Errorf("open report: %w", err)
	}
	return nil
}

// addPassage adds to the report what this transaction does.
func addPassage(ctx context.Context, tx *db.Tx, id ident.OperationID, done Passage) error {
	n, err := tx.Exec(ctx, `UPDATE conservation_passage SET fin = $2, archives = archives + $3, mandats = mandats + $4, usagers = usagers + $5, comptes = comptes + $6 WHERE id = $1 AND NOT termine`,
		id, tx.Now, done.Archives, done.Mandats, done.Usagers, done.Comptes)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "passage_termine")
	}
	if err != nil {
		return fmt.Errorf("add to report: %w", err)
	}
	return nil
}

// closePassage says that the run went to its end.
func closePassage(ctx context.Context, tx *db.Tx, p Passage) error {
	_, err := tx.Exec(ctx, `UPDATE conservation_passage SET fin = $2, geles = $3, echecs = $4, empreinte = $5, termine = $6 WHERE id = $1`, p.ID, tx.Now, p.Geles, p.Echecs, p.Empreinte, true)
	if err != nil {
		return fmt.Errorf("close report: %w", err)
	}
	return nil
}

// Passages gives the latest reports.
func Passages(ctx context.Context, tx *db.Tx, n int) ([]Passage, error) {
	rows, err := tx.Query(ctx, `SELECT id, debut, fin, archives, mandats, usagers, comptes, geles, echecs, empreinte, termine FROM conservation_passage ORDER BY debut DESC, id DESC LIMIT $1`, n)
	return db.Collect(rows, err, func(s db.Scanner) (p Passage, err error) {
		var debut, fin db.Time
		err = s.Scan(&p.ID, &debut, &fin, &p.Archives, &p.Mandats, &p.Usagers, &p.Comptes, &p.Geles, &p.Echecs, &p.Empreinte, &p.Termine)
		p.Debut, p.Fin = debut.Time(), fin.Time()
		return p, err
	})
}

// personOf finds whose mandat bears this code.
//
// reads: mandat
func personOf(ctx context.Context, tx *db.Tx, code string) (u ident.UsagerID, m ident.MandatID, err error) {
	err = tx.QueryRow(ctx, `SELECT usager_id, id FROM mandat WHERE code_public = $1`, code).Scan(&u, &m)
	if errors.Is(err, sql.ErrNoRows) {
		return u, m, fault.Form(fault.Fields{"code": "Aucun mandat conservé ne porte ce code."})
	}
	return u, m, err
}

// hold sets a hold; a person already held is a field message.
func hold(ctx context.Context, tx *db.Tx, g Gel, by ident.AidantID) error {
	n, err := tx.Exec(ctx, `INSERT INTO conservation_gel (id, usager_id, motif, pose_par, date_debut) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING`, g.ID, g.Usager, string(g.Motif), by, tx.Now)
	if err != nil {
		return fmt.Errorf("set hold: %w", err)
	}
	if n == 0 {
		return fault.Form(fault.Fields{"code": "Les données de cette personne sont déjà gelées."})
	}
	return nil
}

// release lifts a hold and tells whose it was; one lifted already is a Conflict.
func release(ctx context.Context, tx *db.Tx, id ident.OperationID, by ident.AidantID) (u ident.UsagerID, err error) {
	err = tx.QueryRow(ctx, `UPDATE conservation_gel SET date_fin = $2, leve_par = $3 WHERE id = $1 AND date_fin IS NULL RETURNING usager_id`, id, tx.Now, by).Scan(&u)
	if errors.Is(err, sql.ErrNoRows) {
		return u, fault.New(fault.Conflict, "gel_leve")
	}
	return u, err
}

// What the page shows at most.
const gelsMax, passagesMax = 200, 30

// Gels gives the holds in force, the oldest first: no name of the people held.
//
// reads: aidant, mandat
func Gels(ctx context.Context, tx *db.Tx) ([]Gel, error) {
	rows, err := tx.Query(ctx, `SELECT g.id, g.usager_id, g.motif, g.date_debut, a.prenom || ' ' || a.nom, (SELECT count(*) FROM mandat m WHERE m.usager_id = g.usager_id)
		FROM conservation_gel g JOIN aidant a ON a.id = g.pose_par WHERE g.date_fin IS NULL ORDER BY g.date_debut, g.id LIMIT $1`, gelsMax)
	return db.Collect(rows, err, func(s db.Scanner) (g Gel, err error) {
		var debut db.Time
		err = s.Scan(&g.ID, &g.Usager, &g.Motif, &debut, &g.Par, &g.Codes)
		g.Debut = debut.Time()
		return g, err
	})
}

// Tenue is what the retention holds of a person.
type Tenue struct {
	Motif      Motif // of a hold; "" for a mandat put in archive
	Debut, Fin time.Time
}

// OfUsager gives the holds of a person and their mandats put in archive, for
// the copy they may ask for.
//
// reads: mandat
func OfUsager(ctx context.Context, tx *db.Tx, id ident.UsagerID) ([]Tenue, error) {
	rows, err := tx.Query(ctx, `SELECT motif, date_debut, date_fin FROM conservation_gel WHERE usager_id = $1
		UNION ALL SELECT '', c.date, NULL FROM conservation_archive c JOIN mandat m ON m.id = c.mandat_id WHERE m.usager_id = $1 ORDER BY 2`, id)
	return db.Collect(rows, err, func(s db.Scanner) (t Tenue, err error) {
		var debut, fin db.Time
		err = s.Scan(&t.Motif, &debut, &fin)
		t.Debut, t.Fin = debut.Time(), fin.Time()
		return t, err
	})
}
