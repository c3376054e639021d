package gestion

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/tri"
)

// trouvesMax is how many accounts a search shows; past it one refines.
const trouvesMax = 50

// Trouve is an account in the answer of a search.
type Trouve struct {
	ID          ident.AidantID
	Prenom, Nom string
	Actif       bool
	Role        actor.Role
	Structures  string
}

const maxMots = 5

// find gives the accounts whose name, address or structure holds every word.
// The keys hold letters, digits and spaces only: no word is a pattern.
//
// reads: aidant, appartenance, organisation
func find(ctx context.Context, tx *db.Tx, text string) ([]Trouve, error) {
	var w [maxMots]string
	copy(w[:], tri.Words(text, maxMots))
	rows, err := tx.Query(ctx, `SELECT a.id, a.prenom, a.nom, a.actif, a.role_gestion, COALESCE(t.structures, '')
		FROM aidant a LEFT JOIN (
			SELECT p.aidant_id, string_agg(o.nom, ', ') AS structures, string_agg(o.nom_tri, ' ') AS cles
			FROM appartenance p JOIN organisation o ON o.id = p.organisation_id WHERE p.date_fin IS NULL GROUP BY p.aidant_id) t ON t.aidant_id = a.id
		WHERE a.nom_tri || ' ' || a.email || ' ' || COALESCE(t.cles, '') LIKE '%' || $1 || '%'
			AND a.nom_tri || ' ' || a.email || ' ' || COALESCE(t.cles, '') LIKE '%' || $2 || '%'
			AND a.nom_tri || ' ' || a.email || ' ' || COALESCE(t.cles, '') LIKE '%' || $3 || '%'
			AND a.nom_tri || ' ' || a.email || ' ' || COALESCE(t.cles, '') LIKE '%' || $4 || '%'
			AND a.nom_tri || ' ' || a.email || ' ' || COALESCE(t.cles, '') LIKE '%' || $5 || '%'
		ORDER BY a.nom_tri, a.id LIMIT $6`, w[0], w[1], w[2], w[3], w[4], trouvesMax+1)
	list, err := db.Collect(rows, err, func(s db.Scanner) (x Trouve, err error) {
		return x, s.Scan(&x.ID, &x.Prenom, &x.Nom, &x.Actif, &x.Role, &x.Structures)
	})
	if err != nil {
		return nil, fmt.Errorf("search accounts: %w", err)
	}
	return list, nil
}

// Place is a membership of an account, or a référent role, past ones included.
type Place struct {
	Organisation ident.OrganisationID
	Nom          string
	Active       bool // the structure
	Debut, Fin   time.Time
	Referent     bool // this row is the role, not the membership
}

// places reads the dated memberships and roles of an account (A-W60).
//
// reads: appartenance, referent, organisation
func places(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]Place, error) {
	rows, err := tx.Query(ctx, `SELECT o.id, o.nom, o.active, p.date_debut, p.date_fin, p.role FROM (
			SELECT organisation_id, date_debut, date_fin, 0 AS role FROM appartenance WHERE aidant_id = $1
			UNION ALL SELECT organisation_id, date_debut, date_fin, 1 FROM referent WHERE aidant_id = $1) p
		JOIN organisation o ON o.id = p.organisation_id ORDER BY o.nom_tri, o.id, p.role, p.date_debut`, id)
	list, err := db.Collect(rows, err, func(s db.Scanner) (p Place, err error) {
		var debut, fin db.Time
		var role int
		err = s.Scan(&p.Organisation, &p.Nom, &p.Active, &debut, &fin, &role)
		p.Debut, p.Fin, p.Referent = debut.Time(), fin.Time(), role == 1
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("load places: %w", err)
	}
	return list, nil
}

// Session is an open web session of an account.
type Session struct {
	Moyen              string
	Creation, Activite time.Time
}

// sessions reads those that are open.
//
// reads: session_web
func sessions(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]Session, error) {
	rows, err := tx.Query(ctx, `SELECT moyen, date_creation, date_activite FROM session_web WHERE aidant_id = $1 AND date_expiration > $2 ORDER BY date_creation DESC`, id, tx.Now)
	list, err := db.Collect(rows, err, func(s db.Scanner) (x Session, err error) {
		var creation, activite db.Time
		err = s.Scan(&x.Moyen, &creation, &activite)
		x.Creation, x.Activite = creation.Time(), activite.Time()
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("load sessions: %w", err)
	}
	return list, nil
}

// Acceptation is a text that the person accepted.
type Acceptation struct {
	Document, Version string
	Date              time.Time
}

// acceptations reads them, latest first.
//
// reads: acceptation
func acceptations(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]Acceptation, error) {
	rows, err := tx.Query(ctx, `SELECT document, version, date FROM acceptation WHERE aidant_id = $1 ORDER BY date DESC, document`, id)
	list, err := db.Collect(rows, err, func(s db.Scanner) (x Acceptation, err error) {
		var date db.Time
		err = s.Scan(&x.Document, &x.Version, &date)
		x.Date = date.Time()
		return x, err
	})
	if err != nil {
		return nil, fmt.Errorf("load acceptances: %w", err)
	}
	return list, nil
}

// compteEquipe is what of an account concerns the team only.
type compteEquipe struct {
	Role      actor.Role
	Motif     compte.Motif // why it is closed
	Connexion time.Time    // last sign-in; zero: never
	Isole     bool         // the only active référent of a structure
}

// readEquipe reads it.
//
// reads: aidant, referent
func readEquipe(ctx context.Context, tx *db.Tx, id ident.AidantID) (c compteEquipe, err error) {
	var connexion db.Time
	err = tx.QueryRow(ctx, `SELECT a.role_gestion, a.motif_etat, a.date_connexion,
			EXISTS (SELECT 1 FROM referent r WHERE r.aidant_id = a.id AND r.date_fin IS NULL AND NOT EXISTS (
				SELECT 1 FROM referent s JOIN aidant b ON b.id = s.aidant_id
				WHERE s.organisation_id = r.organisation_id AND s.date_fin IS NULL AND s.aidant_id <> a.id AND b.actif))
		FROM aidant a WHERE a.id = $1`, id).Scan(&c.Role, &c.Motif, &connexion, &c.Isole)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fault.New(fault.NotFound, "aidant_inconnu")
	}
	if err != nil {
		return c, fmt.Errorf("load team's view of account: %w", err)
	}
	c.Connexion = connexion.Time()
	return c, nil
}

// structuresMax bounds the list of a form.
const structuresMax = 2000

// structures lists the structures for the forms.
//
// reads: organisation
func structures(ctx context.Context, tx *db.Tx) ([]Place, error) {
	rows, err := tx.Query(ctx, `SELECT id, nom, active FROM organisation WHERE active ORDER BY nom_tri, id LIMIT $1`, structuresMax)
	list, err := db.Collect(rows, err, func(s db.Scanner) (p Place, err error) { return p, s.Scan(&p.Organisation, &p.Nom, &p.Active) })
	if err != nil {
		return nil, fmt.Errorf("list structures: %w", err)
	}
	return list, nil
}
