package aidant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/tri"
)

const columns = `a.id, a.prenom, a.nom, a.email, a.profession, a.telephone, a.actif, a.habilite, a.referent_non_aidant, a.relances, a.nouveautes,
	a.date_creation, a.date_connexion, a.date_etat, a.motif_etat, a.date_avertissement, a.date_rappel`

func scan(s db.Scanner) (Aidant, error) {
	var a Aidant
	var creation, connexion, etat, avertissement, rappel db.Time
	err := s.Scan(&a.ID, &a.Prenom, &a.Nom, &a.Email, &a.Profession, &a.Telephone, &a.Actif, &a.Habilite, &a.ReferentNonAidant, &a.Relances, &a.Nouveautes,
		&creation, &connexion, &etat, &a.MotifEtat, &avertissement, &rappel)
	a.DateCreation, a.DateConnexion, a.DateEtat = creation.Time(), connexion.Time(), etat.Time()
	a.DateAvertissement, a.DateRappel = avertissement.Time(), rappel.Time()
	return a, err
}

func one(r *db.Row) (Aidant, error) {
	a, err := scan(r)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.NotFound, "aidant_inconnu")
	}
	if err != nil {
		return a, fmt.Errorf("load aidant: %w", err)
	}
	return a, nil
}

// Create opens an account at the command line, before anybody can: compte.Create
// is the act (comptes 7.2).
func Create(ctx context.Context, tx *db.Tx, j *journal.Journal, n Nouveau) (Aidant, error) {
	a, err := Open(ctx, tx, n)
	if err != nil {
		return a, err
	}
	return a, j.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Admin, Concerne: a.ID, Organisation: n.Organisation,
		Fait: fait.CreateAidant{Habilite: a.Habilite, Referent: n.Referent},
	})
}

// Open writes an account with its first membership and role. The act that
// calls it writes the journal.
func Open(ctx context.Context, tx *db.Tx, n Nouveau) (Aidant, error) {
	n, err := n.Check()
	if err != nil {
		return Aidant{}, err
	}
	a := Aidant{
		ID: ident.New[ident.AidantID](), Prenom: n.Prenom, Nom: n.Nom, Email: n.Email, Profession: n.Profession, Telephone: n.Telephone,
		Actif: true, Habilite: !n.NonAidant, ReferentNonAidant: n.NonAidant, Relances: true, Nouveautes: true, DateCreation: tx.Now.Time(),
	}
	added, err := tx.Exec(ctx, `INSERT INTO aidant (id, prenom, nom, nom_tri, email, profession, telephone, actif, habilite, referent_non_aidant, date_creation)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) ON CONFLICT (email) DO NOTHING`,
		a.ID, a.Prenom, a.Nom, tri.Key(a.Nom+" "+a.Prenom), a.Email, a.Profession, a.Telephone, a.Actif, a.Habilite, a.ReferentNonAidant, tx.Now)
	if err != nil {
		return Aidant{}, fmt.Errorf("insert aidant: %w", err)
	}
	if added == 0 {
		return Aidant{}, fault.Form(fault.Fields{"email": "Un compte avec cette adresse existe déjà."})
	}
	if err := Join(ctx, tx, a.ID, n.Organisation); err != nil {
		return a, err
	}
	if n.Referent {
		return a, StartReferent(ctx, tx, a.ID, n.Organisation)
	}
	return a, nil
}

// Join makes the person a member of a structure from now on.
func Join(ctx context.Context, tx *db.Tx, id ident.AidantID, org ident.OrganisationID) error {
	_, err := tx.Exec(ctx, `INSERT INTO appartenance (id, aidant_id, organisation_id, date_debut) VALUES ($1,$2,$3,$4)`,
		ident.New[ident.OperationID](), id, org, tx.Now)
	if db.IsForeignKey(err) {
		return fault.Form(fault.Fields{"organisation": "Cette structure n'existe pas."})
	}
	if err != nil {
		return fmt.Errorf("insert membership: %w", err)
	}
	return nil
}

// Leave ends the membership of a structure, and the référent role there with
// it (A-W71).
func Leave(ctx context.Context, tx *db.Tx, id ident.AidantID, org ident.OrganisationID) error {
	if _, err := EndReferent(ctx, tx, id, org); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE appartenance SET date_fin = $3 WHERE aidant_id = $1 AND organisation_id = $2 AND date_fin IS NULL`, id, org, tx.Now); err != nil {
		return fmt.Errorf("end membership: %w", err)
	}
	return nil
}

// Load reads one account.
func Load(ctx context.Context, tx *db.Tx, id ident.AidantID) (Aidant, error) {
	return one(tx.QueryRow(ctx, `SELECT `+columns+` FROM aidant a WHERE a.id = $1`, id))
}

// LoadByEmail reads the account of a normalised address.
func LoadByEmail(ctx context.Context, tx *db.Tx, email string) (Aidant, error) {
	return one(tx.QueryRow(ctx, `SELECT `+columns+` FROM aidant a WHERE a.email = $1`, email))
}

// List gives every account, by name.
func List(ctx context.Context, tx *db.Tx) ([]Aidant, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM aidant a ORDER BY a.nom_tri, a.id`)
	return db.Collect(rows, err, scan)
}

// Structures gives the structures the person belongs to now, oldest
// membership first.
func Structures(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]ident.OrganisationID, error) {
	rows, err := tx.Query(ctx, `SELECT organisation_id FROM appartenance WHERE aidant_id = $1 AND date_fin IS NULL ORDER BY date_debut, id`, id)
	return db.Collect(rows, err, func(s db.Scanner) (o ident.OrganisationID, err error) { return o, s.Scan(&o) })
}

// NoteSignIn records the instant of a sign-in, and forgets that the account was
// to be closed for inactivity (comptes 2.2).
func NoteSignIn(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	if _, err := tx.Exec(ctx, `UPDATE aidant SET date_connexion = $2, date_avertissement = NULL WHERE id = $1`, id, tx.Now); err != nil {
		return fmt.Errorf("note sign-in: %w", err)
	}
	return nil
}

// Accept records the acceptance of a text; accepting twice changes nothing. The
// act that calls it writes the journal; the seeds and the measures do not.
func Accept(ctx context.Context, tx *db.Tx, id ident.AidantID, t Texte) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO acceptation (aidant_id, document, version, empreinte, date) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING`,
		id, t.Document, t.Version, t.Empreinte(), tx.Now)
	if err != nil {
		return false, fmt.Errorf("record acceptance: %w", err)
	}
	return n == 1, nil
}

// CountActive counts the open accounts of a structure that may conclude
// mandats.
func CountActive(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM appartenance p JOIN aidant a ON a.id = p.aidant_id
		WHERE p.organisation_id = $1 AND p.date_fin IS NULL AND a.actif AND a.habilite`, org).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count aidants: %w", err)
	}
	return n, nil
}
