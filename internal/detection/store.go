package detection

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// actesOf gives the signatures and the uses between two instants; the
// operator's own structures and the simulation of a demonstration are acts like
// the others.
//
// reads: mandat, usage_mandat, organisation
func actesOf(ctx context.Context, tx *db.Tx, from, to time.Time) ([]Acte, error) {
	rows, err := tx.Query(ctx, `SELECT m.aidant_id, m.organisation_id, m.usager_id, m.date_creation, 1, o.code_postal FROM mandat m JOIN organisation o ON o.id = m.organisation_id WHERE m.date_creation >= $1 AND m.date_creation < $2
		UNION ALL SELECT u.aidant_id, u.organisation_id, u.usager_id, u.date, 0, o.code_postal FROM usage_mandat u JOIN organisation o ON o.id = u.organisation_id WHERE u.date >= $1 AND u.date < $2`, db.At(from), db.At(to))
	return db.Collect(rows, err, func(s db.Scanner) (a Acte, err error) {
		var date db.Time
		var mandat int
		err = s.Scan(&a.Aidant, &a.Organisation, &a.Usager, &date, &mandat, &a.CodePostal)
		a.Date, a.Mandat = date.Time(), mandat == 1
		return a, err
	})
}

// partages counts the people of a structure who share an address or a phone:
// the contact itself is not read out of the base.
//
// reads: usager_contact
func partages(ctx context.Context, tx *db.Tx) ([]Partage, error) {
	rows, err := tx.Query(ctx, `SELECT c.organisation_id, count(*) FROM usager_contact c WHERE c.email <> '' GROUP BY c.organisation_id, c.email HAVING count(*) >= $1
		UNION ALL SELECT c.organisation_id, count(*) FROM usager_contact c WHERE c.telephone <> '' GROUP BY c.organisation_id, c.telephone HAVING count(*) >= $1`, gensContact)
	return db.Collect(rows, err, func(s db.Scanner) (p Partage, err error) { return p, s.Scan(&p.Organisation, &p.Personnes) })
}

// volumes counts what each aidant did for each structure since an instant.
//
// reads: mandat, usage_mandat
func volumes(ctx context.Context, tx *db.Tx, since db.Time) ([]Volume, error) {
	rows, err := tx.Query(ctx, `SELECT x.aidant_id, x.organisation_id, count(*) FROM (
			SELECT aidant_id, organisation_id FROM mandat WHERE date_creation >= $1
			UNION ALL SELECT aidant_id, organisation_id FROM usage_mandat WHERE date >= $1) x
		GROUP BY x.aidant_id, x.organisation_id`, since)
	return db.Collect(rows, err, func(s db.Scanner) (v Volume, err error) {
		return v, s.Scan(&v.Aidant, &v.Organisation, &v.Actes)
	})
}

// insert writes what a rule found, once for its kind, subject and period.
func insert(ctx context.Context, tx *db.Tx, s Signalement) (bool, error) {
	var aidant any
	if !s.Aidant.IsZero() {
		aidant = s.Aidant
	}
	n, err := tx.Exec(ctx, `INSERT INTO detection_signalement (id, regle, organisation_id, aidant_id, sujet, periode, valeur, reference, date_creation)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT (regle, organisation_id, sujet, periode) DO NOTHING`,
		s.ID, string(s.Regle), s.Organisation, aidant, s.Aidant.String(), s.Periode, s.Valeur, s.Reference, tx.Now)
	if err != nil {
		return false, fmt.Errorf("record what was detected: %w", err)
	}
	return n == 1, nil
}

func forget(ctx context.Context, tx *db.Tx, before db.Time) error {
	_, err := tx.Exec(ctx, `DELETE FROM detection_signalement WHERE date_creation < $1`, before)
	return err
}

// EraseAidant destroys what is about an account.
func EraseAidant(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM detection_signalement WHERE aidant_id = $1`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE detection_signalement SET vu_referent = NULL WHERE vu_referent = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE detection_signalement SET vu_gestion = NULL WHERE vu_gestion = $1`, id)
	return err
}

// Vu is a signalement as it is shown.
type Vu struct {
	Signalement
	Date      time.Time
	Structure string
	Nom       string // of the aidant; "" when it is about a structure
	VuPar     string // by the side that looks
	VuLe      time.Time
}

const (
	parPage = 100
	zero    = "00000000-0000-0000-0000-000000000000"
)

// listReferent gives those of a structure, the unseen first.
//
// reads: organisation, aidant
func listReferent(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]Vu, error) {
	rows, err := tx.Query(ctx, `SELECT d.id, d.regle, d.organisation_id, d.aidant_id, d.periode, d.valeur, d.reference, d.date_creation, o.nom, COALESCE(a.prenom || ' ' || a.nom, ''), COALESCE(v.prenom || ' ' || v.nom, ''), d.date_referent
		FROM detection_signalement d JOIN organisation o ON o.id = d.organisation_id LEFT JOIN aidant a ON a.id = d.aidant_id LEFT JOIN aidant v ON v.id = d.vu_referent
		WHERE d.organisation_id = $1 ORDER BY CASE WHEN d.date_referent IS NULL THEN 0 ELSE 1 END, d.date_creation DESC, d.id DESC LIMIT $2`, org, parPage)
	return db.Collect(rows, err, scanVu)
}

// listGestion gives those of every structure, the unseen first.
//
// reads: organisation, aidant
func listGestion(ctx context.Context, tx *db.Tx) ([]Vu, error) {
	rows, err := tx.Query(ctx, `SELECT d.id, d.regle, d.organisation_id, d.aidant_id, d.periode, d.valeur, d.reference, d.date_creation, o.nom, COALESCE(a.prenom || ' ' || a.nom, ''), COALESCE(v.prenom || ' ' || v.nom, ''), d.date_gestion
		FROM detection_signalement d JOIN organisation o ON o.id = d.organisation_id LEFT JOIN aidant a ON a.id = d.aidant_id LEFT JOIN aidant v ON v.id = d.vu_gestion
		ORDER BY CASE WHEN d.date_gestion IS NULL THEN 0 ELSE 1 END, d.date_creation DESC, d.id DESC LIMIT $1`, parPage)
	return db.Collect(rows, err, scanVu)
}

func scanVu(s db.Scanner) (v Vu, err error) {
	var date, seen db.Time
	err = s.Scan(&v.ID, &v.Regle, &v.Organisation, &v.Aidant, &v.Periode, &v.Valeur, &v.Reference, &date, &v.Structure, &v.Nom, &v.VuPar, &seen)
	v.Date, v.VuLe = date.Time(), seen.Time()
	return v, err
}

// CountUnseen counts what the team has not seen yet.
func CountUnseen(ctx context.Context, tx *db.Tx) (n int, err error) {
	return n, tx.QueryRow(ctx, `SELECT count(*) FROM detection_signalement WHERE date_gestion IS NULL`).Scan(&n)
}

// ack marks a signalement as seen by one side, once, and never by who it is
// about. One of another structure, about oneself or seen already is not there.
func ack(ctx context.Context, tx *db.Tx, id ident.OperationID, org ident.OrganisationID, by ident.AidantID) (r Regle, concerned ident.AidantID, of ident.OrganisationID, err error) {
	if org.IsZero() {
		err = tx.QueryRow(ctx, `UPDATE detection_signalement SET vu_gestion = $2, date_gestion = $3 WHERE id = $1 AND date_gestion IS NULL AND COALESCE(aidant_id, '`+zero+`') <> $2
			RETURNING regle, aidant_id, organisation_id`, id, by, tx.Now).Scan(&r, &concerned, &of)
	} else {
		err = tx.QueryRow(ctx, `UPDATE detection_signalement SET vu_referent = $2, date_referent = $3 WHERE id = $1 AND organisation_id = $4 AND date_referent IS NULL AND COALESCE(aidant_id, '`+zero+`') <> $2
			RETURNING regle, aidant_id, organisation_id`, id, by, tx.Now, org).Scan(&r, &concerned, &of)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return r, concerned, of, fault.New(fault.NotFound, "signalement_introuvable")
	}
	return r, concerned, of, err
}
