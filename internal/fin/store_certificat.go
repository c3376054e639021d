package fin

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

const certificatColumns = `code_public, mandat_id, autorisation_id, date_creation, contenu, enregistrement, signature, signature_kid, pdf`

func scanCertificat(s db.Scanner) (c Certificat, err error) {
	var at db.Time
	err = s.Scan(&c.Code, &c.Mandat, &c.Autorisation, &at, &c.Contenu, &c.Enregistrement, &c.Signature, &c.Kid, &c.PDF)
	c.Creation = at.Time()
	if errors.Is(err, sql.ErrNoRows) {
		return c, fault.New(fault.NotFound, "certificat_introuvable")
	}
	if err != nil {
		return c, fmt.Errorf("load certificate: %w", err)
	}
	return c, nil
}

// certificatOf reads the certificate of the end of a mandat, or of one of its
// démarches; fault.NotFound before it is made.
func certificatOf(ctx context.Context, tx *db.Tx, m ident.MandatID, une ident.AutorisationID) (Certificat, error) {
	if une.IsZero() {
		return scanCertificat(tx.QueryRow(ctx, `SELECT `+certificatColumns+` FROM certificat_fin WHERE mandat_id = $1 AND autorisation_id IS NULL`, m))
	}
	return scanCertificat(tx.QueryRow(ctx, `SELECT `+certificatColumns+` FROM certificat_fin WHERE mandat_id = $1 AND autorisation_id = $2`, m, une))
}

// CertificatOfCode reads the certificate of a public code, whatever its
// structure: for the public verification, which shows nobody.
func CertificatOfCode(ctx context.Context, tx *db.Tx, code string) (Certificat, error) {
	return scanCertificat(tx.QueryRow(ctx, `SELECT `+certificatColumns+` FROM certificat_fin WHERE code_public = $1`, code))
}

func insertCertificat(ctx context.Context, tx *db.Tx, c Certificat) error {
	_, err := tx.Exec(ctx, `INSERT INTO certificat_fin (`+certificatColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		c.Code, c.Mandat, c.Autorisation, db.At(c.Creation), c.Contenu, c.Enregistrement, c.Signature, c.Kid, c.PDF)
	if err != nil {
		return fmt.Errorf("insert certificate: %w", err)
	}
	return nil
}

// recul is how far back the task looks: what is older was made, or is made when
// it is asked for.
const recul = 7 * 24 * time.Hour

// extremite names an end that has no certificate: of a mandat, or of one of its
// démarches.
type extremite struct {
	organisation ident.OrganisationID
	mandat       ident.MandatID
	une          ident.AutorisationID
}

// uncertified names the latest ends that have no certificate, the oldest first.
// They are not bounded by the few that cannot be certified.
//
// reads: mandat_fin, autorisation, mandat
func uncertified(ctx context.Context, tx *db.Tx) ([]extremite, error) {
	rows, err := tx.Query(ctx, `SELECT m.organisation_id, f.mandat_id, a.id FROM mandat_fin f JOIN mandat m ON m.id = f.mandat_id
			LEFT JOIN autorisation a ON NOT f.entier AND a.mandat_id = f.mandat_id AND a.fin_operation_id = f.operation_id
		WHERE f.date_connue >= $1 AND f.motif IN ('revoque_usager', 'renonciation', 'demarches_accomplies', 'deces', 'protection')
			AND NOT EXISTS (SELECT 1 FROM certificat_fin c WHERE c.mandat_id = f.mandat_id AND (f.entier AND c.autorisation_id IS NULL OR c.autorisation_id = a.id))
			AND (f.entier OR a.id IS NOT NULL)
		ORDER BY f.date_connue, f.mandat_id, a.id`, tx.Now.Add(-recul))
	out, err := db.Collect(rows, err, func(s db.Scanner) (x extremite, err error) {
		return x, s.Scan(&x.organisation, &x.mandat, &x.une)
	})
	if err != nil {
		return nil, fmt.Errorf("list ends without certificate: %w", err)
	}
	return out, nil
}

// EraseMandat destroys the certificates of a mandat, and what was written to
// the team of its end, at the end of its retention.
func EraseMandat(ctx context.Context, tx *db.Tx, id ident.MandatID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM certificat_fin WHERE mandat_id = $1`, id); err != nil {
		return fmt.Errorf("erase certificates: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM revocation_ecrite WHERE mandat_id = $1`, id); err != nil {
		return fmt.Errorf("erase written revocations: %w", err)
	}
	return nil
}
