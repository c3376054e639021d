package rappel

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

const (
	// annonce: long, active, about to end, of an active structure.
	annonce = `m.duree IN ('LONG', 'SEMESTER') AND ` + mandat.BientotSQL + `$3) AND EXISTS (SELECT 1 FROM organisation o WHERE o.id = m.organisation_id AND o.active)`
	bientot = mandat.BientotSQL
	ouverte = mandat.OuverteSQL
	// enCours counts the live démarches of a mandat m.
	enCours = `(SELECT count(*) FROM autorisation t WHERE t.mandat_id = m.id AND ` + ouverte + `)`
	// recue names a person who may conclude mandats in a structure m.
	recue = `a.actif AND a.habilite AND EXISTS (SELECT 1 FROM appartenance p WHERE p.aidant_id = a.id AND p.organisation_id = m.organisation_id AND p.date_fin IS NULL)`
)

// structures gives the structures that have something to announce to somebody, after one of them.
//
// reads: mandat, autorisation, organisation, aidant, appartenance
func structures(ctx context.Context, tx *db.Tx, after ident.OrganisationID) ([]ident.OrganisationID, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT m.organisation_id FROM mandat m WHERE m.organisation_id > $1 AND `+annonce+`
			AND NOT EXISTS (SELECT 1 FROM rappel_echeance r WHERE r.mandat_id = m.id AND r.cible = 'structure')
			AND EXISTS (SELECT 1 FROM aidant a WHERE `+recue+`)
		ORDER BY m.organisation_id LIMIT 50`, orFirst(after), tx.Now, mandat.SeuilBientot(tx.Now))
	return db.Collect(rows, err, func(s db.Scanner) (id ident.OrganisationID, err error) { return id, s.Scan(&id) })
}

func orFirst[T interface {
	IsZero() bool
	String() string
}](id T) string {
	if id.IsZero() {
		return "00000000-0000-0000-0000-000000000000"
	}
	return id.String()
}

const colonnes = `m.id, m.organisation_id, m.usager_id, m.date_expiration, ` + enCours + `, m.organisation_nom, m.email, m.simulation`

func scan(s db.Scanner) (e Echeance, err error) {
	var fin db.Time
	err = s.Scan(&e.Mandat, &e.Organisation, &e.Usager, &fin, &e.Demarches, &e.Structure, &e.Courriel, &e.Simulation)
	e.Fin = fin.Time()
	return e, err
}

// ofStructure gives what a structure is still to be told, the first to end first.
//
// reads: mandat, autorisation, organisation
func ofStructure(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]Echeance, error) {
	rows, err := tx.Query(ctx, `SELECT `+colonnes+` FROM mandat m WHERE m.organisation_id = $1 AND `+annonce+`
			AND NOT EXISTS (SELECT 1 FROM rappel_echeance r WHERE r.mandat_id = m.id AND r.cible = 'structure')
		ORDER BY m.date_expiration, m.id`, org, tx.Now, mandat.SeuilBientot(tx.Now))
	return db.Collect(rows, err, scan)
}

// aidants gives who is told in a structure.
//
// reads: aidant, appartenance, organisation
func aidants(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]Destinataire, error) {
	rows, err := tx.Query(ctx, `SELECT a.id, a.email FROM aidant a, (SELECT o.id AS organisation_id FROM organisation o WHERE o.id = $1) m WHERE `+recue+` ORDER BY a.id`, org)
	return db.Collect(rows, err, func(s db.Scanner) (d Destinataire, err error) { return d, s.Scan(&d.Aidant, &d.Courriel) })
}

// toUsagers gives mandats whose person is still to be told, with the address
// the structure holds for them now.
//
// reads: mandat, autorisation, organisation, usager_contact
func toUsagers(ctx context.Context, tx *db.Tx) ([]Echeance, error) {
	rows, err := tx.Query(ctx, `SELECT m.id, m.organisation_id, m.usager_id, m.date_expiration, `+enCours+`, m.organisation_nom,
			COALESCE((SELECT NULLIF(c.email, '') FROM usager_contact c WHERE c.organisation_id = m.organisation_id AND c.usager_id = m.usager_id), m.email), m.simulation,
			COALESCE((SELECT NULLIF(c.telephone, '') FROM usager_contact c WHERE c.organisation_id = m.organisation_id AND c.usager_id = m.usager_id), m.telephone)
		FROM mandat m WHERE `+annonce+` AND NOT EXISTS (SELECT 1 FROM rappel_echeance r WHERE r.mandat_id = m.id AND r.cible = $1)
		ORDER BY m.date_expiration, m.id LIMIT 100`, "usager", tx.Now, mandat.SeuilBientot(tx.Now))
	return db.Collect(rows, err, func(s db.Scanner) (e Echeance, err error) {
		var fin db.Time
		err = s.Scan(&e.Mandat, &e.Organisation, &e.Usager, &fin, &e.Demarches, &e.Structure, &e.Courriel, &e.Simulation, &e.Telephone)
		e.Fin = fin.Time()
		return e, err
	})
}

// mark writes that a mandat was announced. Whoever comes second finds the row:
// its transaction is undone, message included.
func mark(ctx context.Context, tx *db.Tx, e Echeance, cible string, messages int) error {
	_, err := tx.Exec(ctx, `INSERT INTO rappel_echeance (mandat_id, cible, date_expiration, messages, date) VALUES ($1,$2,$3,$4,$5)`, e.Mandat, cible, db.At(e.Fin), messages, tx.Now)
	if err != nil {
		return fmt.Errorf("mark reminder: %w", err)
	}
	return nil
}

// calendrierMax is how many mandats the calendar shows.
const calendrierMax = 200

// Prochaine is a mandat of the calendar, with its person.
type Prochaine struct {
	Echeance
	Nom       string
	Demarches string // keys, separated by commas
	Annonce   bool   // the structure was told by mail
}

// calendrier gives the active mandats of a structure that end before an
// instant, the first first.
//
// reads: mandat, autorisation
func calendrier(ctx context.Context, tx *db.Tx, org ident.OrganisationID, before db.Time) ([]Prochaine, error) {
	rows, err := tx.Query(ctx, `SELECT m.id, m.usager_id, m.date_expiration, CASE WHEN m.preferred_username = '' THEN m.family_name ELSE m.preferred_username END || ' ' || m.given_name,
			(SELECT string_agg(t.demarche, ',') FROM autorisation t WHERE t.mandat_id = m.id AND `+ouverte+`),
			EXISTS (SELECT 1 FROM rappel_echeance r WHERE r.mandat_id = m.id AND r.cible = 'structure')
		FROM mandat m WHERE m.organisation_id = $1 AND `+bientot+`$3) ORDER BY m.date_expiration, m.id LIMIT $4`, org, tx.Now, before, calendrierMax+1)
	return db.Collect(rows, err, func(s db.Scanner) (p Prochaine, err error) {
		var fin db.Time
		err = s.Scan(&p.Mandat, &p.Usager, &fin, &p.Nom, &p.Demarches, &p.Annonce)
		p.Fin, p.Organisation = fin.Time(), org
		return p, err
	})
}

// EraseMandat destroys the reminders of a mandat, at the end of its retention.
func EraseMandat(ctx context.Context, tx *db.Tx, id ident.MandatID) error {
	_, err := tx.Exec(ctx, `DELETE FROM rappel_echeance WHERE mandat_id = $1`, id)
	return err
}
