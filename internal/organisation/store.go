package organisation

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/tri"
)

const columns = `o.id, o.nom, o.siret, o.adresse, o.code_postal, o.ville, o.active, o.interne, o.date_creation, o.numero_habilitation,
	(SELECT string_agg(d.demarche, ',') FROM organisation_demarche d WHERE d.organisation_id = o.id)`

func scan(s db.Scanner) (Organisation, error) {
	var o Organisation
	var creation db.Time
	var perimetre sql.NullString
	err := s.Scan(&o.ID, &o.Nom, &o.Siret, &o.Adresse, &o.CodePostal, &o.Ville, &o.Active, &o.Interne, &creation, &o.NumeroHabilitation, &perimetre)
	o.DateCreation = creation.Time()
	o.Perimetre = demarche.Sorted(demarche.ParseCSV(perimetre.String))
	return o, err
}

// Create records a structure. A SIRET already known is a field message.
func Create(ctx context.Context, tx *db.Tx, j *journal.Journal, n Nouvelle) (Organisation, error) {
	n, err := n.Check()
	if err != nil {
		return Organisation{}, err
	}
	o := Organisation{
		ID: ident.New[ident.OrganisationID](), Nom: n.Nom, Siret: n.Siret, Adresse: n.Adresse,
		CodePostal: n.CodePostal, Ville: n.Ville, Active: true, Interne: n.Interne,
		Perimetre: demarche.Sorted(n.Perimetre), DateCreation: tx.Now.Time(),
	}
	added, err := tx.Exec(ctx, `INSERT INTO organisation (id, nom, nom_tri, siret, adresse, code_postal, ville, active, interne, date_creation)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) ON CONFLICT (siret) DO NOTHING`,
		o.ID, o.Nom, tri.Key(o.Nom), o.Siret, o.Adresse, o.CodePostal, o.Ville, o.Active, o.Interne, tx.Now)
	if err != nil {
		return Organisation{}, fmt.Errorf("insert organisation: %w", err)
	}
	if added == 0 {
		return Organisation{}, fault.Form(fault.Fields{"siret": "Une structure avec ce SIRET existe déjà."})
	}
	for _, d := range o.Perimetre {
		if _, err := tx.Exec(ctx, `INSERT INTO organisation_demarche (organisation_id, demarche) VALUES ($1,$2)`, o.ID, string(d)); err != nil {
			return Organisation{}, fmt.Errorf("insert périmètre: %w", err)
		}
	}
	err = j.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Admin, Organisation: o.ID,
		Fait: fait.CreateOrganisation{Demarches: o.Perimetre},
	})
	return o, err
}

// Load reads one structure; fault.NotFound if there is none.
func Load(ctx context.Context, tx *db.Tx, id ident.OrganisationID) (Organisation, error) {
	o, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM organisation o WHERE o.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return o, fault.New(fault.NotFound, "organisation_inconnue")
	}
	if err != nil {
		return o, fmt.Errorf("load organisation: %w", err)
	}
	return o, nil
}

// List gives every structure, by name.
func List(ctx context.Context, tx *db.Tx) ([]Organisation, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM organisation o ORDER BY o.nom_tri, o.id`)
	return db.Collect(rows, err, scan)
}

// SetPerimetre replaces the démarches a structure may offer and use: at once,
// for the uses under way too, which read it at each step. par says who acts and
// for which structure. The same démarches again change nothing.
func SetPerimetre(ctx context.Context, tx *db.Tx, j *journal.Journal, par journal.Entry, ds []demarche.Demarche) error {
	id := par.Organisation
	o, err := Load(ctx, tx, id)
	if err != nil {
		return err
	}
	if len(ds) == 0 {
		return fault.Form(fault.Fields{"demarche": "Vous devez sélectionner au moins une démarche."})
	}
	if slices.Equal(o.Perimetre, demarche.Sorted(ds)) {
		return nil
	}
	if _, err := tx.Exec(ctx, `DELETE FROM organisation_demarche WHERE organisation_id = $1`, id); err != nil {
		return fmt.Errorf("clear périmètre: %w", err)
	}
	for _, d := range demarche.Sorted(ds) {
		if _, err := tx.Exec(ctx, `INSERT INTO organisation_demarche (organisation_id, demarche) VALUES ($1,$2)`, id, string(d)); err != nil {
			return fmt.Errorf("insert périmètre: %w", err)
		}
	}
	par.Fait = fait.UpdatePerimetreOrganisation{Avant: o.Perimetre, Apres: demarche.Sorted(ds)}
	return j.Append(ctx, tx, par)
}

// SetCoordonnees corrects the name and the address of a structure. Mandats
// already signed keep their own. par says who acts and for which structure.
func SetCoordonnees(ctx context.Context, tx *db.Tx, j *journal.Journal, par journal.Entry, c Coordonnees) error {
	o, err := Load(ctx, tx, par.Organisation)
	if err != nil {
		return err
	}
	if c, err = c.Check(); err != nil {
		return err
	}
	fields := c.differences(o.Coordonnees())
	if len(fields) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE organisation SET nom = $2, nom_tri = $3, adresse = $4, code_postal = $5, ville = $6 WHERE id = $1`,
		par.Organisation, c.Nom, tri.Key(c.Nom), c.Adresse, c.CodePostal, c.Ville); err != nil {
		return fmt.Errorf("correct organisation: %w", err)
	}
	par.Fait = fait.UpdateOrganisation{Champs: fields}
	return j.Append(ctx, tx, par)
}

// SetActive opens or closes a structure to every act.
func SetActive(ctx context.Context, tx *db.Tx, id ident.OrganisationID, active bool) error {
	if _, err := tx.Exec(ctx, `UPDATE organisation SET active = $2 WHERE id = $1`, id, active); err != nil {
		return fmt.Errorf("set organisation active: %w", err)
	}
	return nil
}

// LoadBySiret reads one structure by its SIRET; fault.NotFound if there is none.
func LoadBySiret(ctx context.Context, tx *db.Tx, siret string) (Organisation, error) {
	o, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM organisation o WHERE o.siret = $1`, siret))
	if errors.Is(err, sql.ErrNoRows) {
		return o, fault.New(fault.NotFound, "organisation_inconnue")
	}
	if err != nil {
		return o, fmt.Errorf("load organisation: %w", err)
	}
	return o, nil
}
