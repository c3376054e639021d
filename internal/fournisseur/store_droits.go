package fournisseur

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/usager"
)

// vivante: the autorisation is live at the instant $3; accordee: the person
// agreed to its mandat, with proof.
const (
	vivante  = mandat.VivanteSQL + `$3)`
	accordee = mandat.UtilisableSQL + `$3)`
)

// droitsSelect gathers in one statement everything the re-checks of §10 look
// at, for the autorisations of a structure and the aidant $2, at the instant $3.
//
// reads: autorisation, mandat, organisation, organisation_demarche, aidant, appartenance, usager, usager_contact
const droitsSelect = `SELECT t.id, t.mandat_id, t.organisation_id, t.usager_id, t.demarche,
	` + vivante + `, ` + accordee + `,
	EXISTS (SELECT 1 FROM organisation_demarche p WHERE p.organisation_id = t.organisation_id AND p.demarche = t.demarche),
	o.active, a.actif, a.habilite,
	EXISTS (SELECT 1 FROM appartenance g WHERE g.aidant_id = a.id AND g.organisation_id = t.organisation_id AND g.date_fin IS NULL),
	u.sub, m.given_name, m.family_name, m.preferred_username, m.gender, m.birthdate, m.birthplace, m.birthcountry, m.email,
	coalesce((SELECT c.email FROM usager_contact c WHERE c.organisation_id = t.organisation_id AND c.usager_id = t.usager_id), ''), o.nom
	FROM autorisation t JOIN mandat m ON m.id = t.mandat_id JOIN organisation o ON o.id = t.organisation_id
	JOIN usager u ON u.id = t.usager_id JOIN aidant a ON a.id = $2
	WHERE t.organisation_id = $1`

func scanDroits(r db.Scanner) (Droits, error) {
	var d Droits
	i := &d.Identite
	err := r.Scan(&d.Autorisation, &d.Mandat, &d.Organisation, &d.Usager, &d.Demarche, &d.Vivante, &d.Accordee, &d.Permise,
		&d.StructureActive, &d.CompteActif, &d.Habilite, &d.Membre,
		&i.Sub, &i.GivenName, &i.FamilyName, &i.PreferredUsername, &i.Gender, &i.Birthdate, &i.Birthplace, &i.Birthcountry, &i.Email,
		&d.Contact, &d.Structure)
	return d, err
}

// droitsOf reads the live autorisations of a person with this structure.
func droitsOf(ctx context.Context, tx *db.Tx, org ident.OrganisationID, a ident.AidantID, u ident.UsagerID) ([]Droits, error) {
	rows, err := tx.Query(ctx, droitsSelect+` AND t.usager_id = $4 AND `+vivante, org, a, tx.Now, u)
	ds, err := db.Collect(rows, err, scanDroits)
	if err != nil {
		return nil, fmt.Errorf("read rights: %w", err)
	}
	return ds, nil
}

// droitsFor reads the autorisation of a use, even ended: why it is refused
// matters. One that the structure no longer holds counts as ended.
func droitsFor(ctx context.Context, tx *db.Tx, d dossier) (Droits, error) {
	r, err := scanDroits(tx.QueryRow(ctx, droitsSelect+` AND t.id = $4`, d.Organisation, d.Aidant, tx.Now, d.Autorisation))
	if errors.Is(err, sql.ErrNoRows) {
		return Droits{CompteActif: true, StructureActive: true, Membre: true, Habilite: true}, nil
	}
	if err != nil {
		return r, fmt.Errorf("read rights: %w", err)
	}
	return r, nil
}

// lastDroits reads the latest autorisation of a person for a démarche, ended
// or not; the zero Droits when there never was one.
func lastDroits(ctx context.Context, tx *db.Tx, d dossier, k demarche.Demarche) (Droits, error) {
	r, err := scanDroits(tx.QueryRow(ctx, droitsSelect+` AND t.usager_id = $4 AND t.demarche = $5 ORDER BY m.date_creation DESC, t.id DESC LIMIT 1`,
		d.Organisation, d.Aidant, tx.Now, d.Usager, string(k)))
	if errors.Is(err, sql.ErrNoRows) {
		return Droits{}, nil
	}
	if err != nil {
		return r, fmt.Errorf("read last rights: %w", err)
	}
	return r, nil
}

// offered tells whether the structure has a live autorisation for this person:
// unknown, another structure's and ended are all no (M-W31).
//
// reads: autorisation
func offered(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) (bool, error) {
	var yes bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM autorisation t WHERE t.organisation_id = $1 AND t.usager_id = $2 AND `+vivante+` AND `+accordee+`)`,
		org, u, tx.Now).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("look for a live autorisation: %w", err)
	}
	return yes, nil
}

// LastFailure gives why the last use of this aidant did not go on, within a
// day; ok is false when it went on, was given up, or there was none. The home
// page says « La dernière connexion n'a pas abouti : … » (§10).
func LastFailure(ctx context.Context, tx *db.Tx, a ident.AidantID) (e Echec, ok bool, err error) {
	var statut Statut
	var limite, date db.Time
	err = tx.QueryRow(ctx, `SELECT statut, motif, date_statut, date_limite FROM dossier_utilisation
		WHERE aidant_id = $1 AND date_creation > $2 ORDER BY date_creation DESC, id DESC LIMIT 1`, a, tx.Now.AddDate(0, 0, -1)).
		Scan(&statut, &e.Motif, &date, &limite)
	if errors.Is(err, sql.ErrNoRows) {
		return e, false, nil
	}
	if err != nil {
		return e, false, fmt.Errorf("read last use: %w", err)
	}
	e.Date = date.Time()
	switch statut {
	case Refuse:
		return e, e.Motif != Abandon, nil
	case DemarcheChoisie, CodeEchange: // not purged yet
		e.Motif = Delai
		return e, !limite.After(tx.Now), nil
	case Expire:
		return e, e.Motif == Delai, nil
	}
	return e, false, nil
}

// EnCours gives the use that this web session may still have open at
// FranceConnect (FI-84): delivered, not ended by a logout, less than 30 min ago.
//
// reads: mandat
func EnCours(ctx context.Context, tx *db.Tx, s ident.SessionID) (c Connexion, ok bool, err error) {
	var date, limite db.Time
	var i usager.Identite
	err = tx.QueryRow(ctx, `SELECT d.usager_id, d.demarche, d.date_statut, d.date_limite, m.given_name, m.family_name, m.preferred_username
		FROM dossier_utilisation d JOIN mandat m ON m.id = d.mandat_id
		WHERE d.session_id = $1 AND d.statut = 'servi' AND d.date_limite > $2 ORDER BY d.date_statut DESC, d.id DESC LIMIT 1`, s, tx.Now).
		Scan(&c.Usager, &c.Demarche, &date, &limite, &i.GivenName, &i.FamilyName, &i.PreferredUsername)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("read open use: %w", err)
	}
	c.Nom, c.Depuis, c.Jusque = i.NomAffiche(), date.Time(), limite.Time()
	return c, true, nil
}
