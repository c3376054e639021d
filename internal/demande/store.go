package demande

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// A request that is no longer live, or is another structure's, is not found:
// nobody learns which.
func gone(n int64, err error) error {
	if err != nil {
		return fmt.Errorf("close request: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "demande_close")
	}
	return nil
}

const correctionColonnes = `c.id, c.organisation_id, o.nom, c.referent_id, c.nom, c.adresse, c.code_postal, c.ville, c.etat, c.reponse, c.date_creation, c.date_fin
	FROM correction_structure c JOIN organisation o ON o.id = c.organisation_id`

func scanCorrection(s db.Scanner) (c Correction, err error) {
	var creation, fin db.Time
	err = s.Scan(&c.ID, &c.Organisation, &c.Structure, &c.Referent, &c.Nom, &c.Adresse, &c.CodePostal, &c.Ville, &c.Etat, &c.Reponse, &creation, &fin)
	c.DateCreation, c.DateFin = creation.Time(), fin.Time()
	return c, err
}

// Corrections gives the last proposals of a structure, newest first.
//
// reads: organisation
func Corrections(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]Correction, error) {
	rows, err := tx.Query(ctx, `SELECT `+correctionColonnes+` WHERE c.organisation_id = $1 ORDER BY c.date_creation DESC, c.id DESC LIMIT 5`, org)
	return db.Collect(rows, err, scanCorrection)
}

// insertCorrection records a proposal; one waits at a time.
func insertCorrection(ctx context.Context, tx *db.Tx, a actor.Actor, c Correction) error {
	n, err := tx.Exec(ctx, `INSERT INTO correction_structure (id, organisation_id, referent_id, nom, adresse, code_postal, ville, etat, reponse, date_creation)
		VALUES ($1,$2,$3,$4,$5,$6,$7,'demandee','',$8) ON CONFLICT DO NOTHING`,
		c.ID, a.Organisation, a.Aidant, c.Nom, c.Adresse, c.CodePostal, c.Ville, tx.Now)
	if err != nil {
		return fmt.Errorf("propose correction: %w", err)
	}
	if n == 0 {
		return fault.Form(fault.Fields{"nom": "Une proposition attend déjà une réponse. Annulez-la d’abord depuis la page de la structure."})
	}
	return nil
}

func cancelCorrection(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.CorrectionID) error {
	return gone(tx.Exec(ctx, `UPDATE correction_structure SET etat = 'annulee', date_fin = $3 WHERE id = $1 AND organisation_id = $2 AND etat = 'demandee'`, id, a.Organisation, tx.Now))
}

const coreferentColonnes = `c.id, c.organisation_id, o.nom, c.referent_id, c.prenom, c.nom, c.profession, c.email, c.telephone, c.etat, c.reponse, c.date_creation, c.date_fin
	FROM coreferent c JOIN organisation o ON o.id = c.organisation_id`

func scanCoreferent(s db.Scanner) (c Coreferent, err error) {
	var creation, fin db.Time
	err = s.Scan(&c.ID, &c.Organisation, &c.Structure, &c.Referent, &c.Prenom, &c.Nom, &c.Profession, &c.Email, &c.Telephone, &c.Etat, &c.Reponse, &creation, &fin)
	c.DateCreation, c.DateFin = creation.Time(), fin.Time()
	return c, err
}

// What the lists of a structure show at most.
const CoreferentsMax, RattachementsMax = 20, 100

// Coreferents gives the requests of a structure, newest first.
//
// reads: organisation
func Coreferents(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]Coreferent, error) {
	rows, err := tx.Query(ctx, `SELECT `+coreferentColonnes+` WHERE c.organisation_id = $1 ORDER BY c.date_creation DESC, c.id DESC LIMIT $2`, org, CoreferentsMax)
	return db.Collect(rows, err, scanCoreferent)
}

// insertCoreferent records a request; one per address waits at a time. A
// refused or cancelled one never blocks another (A-W37).
func insertCoreferent(ctx context.Context, tx *db.Tx, c Coreferent) error {
	n, err := tx.Exec(ctx, `INSERT INTO coreferent (id, organisation_id, referent_id, prenom, nom, profession, email, telephone, etat, reponse, date_creation)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,'demandee','',$9) ON CONFLICT DO NOTHING`,
		c.ID, c.Organisation, c.Referent, c.Prenom, c.Nom, c.Profession, c.Email, c.Telephone, tx.Now)
	if err != nil {
		return fmt.Errorf("ask co-référent: %w", err)
	}
	if n == 0 {
		return fault.Form(fault.Fields{"email": "Une demande est déjà en cours pour cette adresse."})
	}
	return nil
}

func cancelCoreferent(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.CoreferentID) error {
	return gone(tx.Exec(ctx, `UPDATE coreferent SET etat = 'annulee', date_fin = $3 WHERE id = $1 AND organisation_id = $2 AND etat = 'demandee'`, id, a.Organisation, tx.Now))
}

const rattachementColonnes = `d.id, d.organisation_id, o.nom, d.referent_id, r.prenom || ' ' || r.nom, d.email, d.nouvel_email, d.aidant_id, d.etat, d.reponse, d.explication, d.date_creation, d.date_fin
	FROM rattachement d JOIN organisation o ON o.id = d.organisation_id JOIN aidant r ON r.id = d.referent_id`

func scanRattachement(s db.Scanner) (d Rattachement, err error) {
	var creation, fin db.Time
	err = s.Scan(&d.ID, &d.Organisation, &d.Structure, &d.Referent, &d.Demandeur, &d.Email, &d.NouvelEmail, &d.Aidant, &d.Etat, &d.Reponse, &d.Explication, &creation, &fin)
	d.DateCreation, d.DateFin = creation.Time(), fin.Time()
	return d, err
}

func oneRattachement(r *db.Row) (Rattachement, error) {
	d, err := scanRattachement(r)
	if errors.Is(err, sql.ErrNoRows) {
		return d, fault.New(fault.NotFound, "demande_inconnue")
	}
	if err != nil {
		return d, fmt.Errorf("load request: %w", err)
	}
	return d, nil
}

// Rattachements gives the requests of a structure: those that wait first, then
// the others, newest first.
//
// reads: organisation, aidant
func Rattachements(ctx context.Context, tx *db.Tx, org ident.OrganisationID) ([]Rattachement, error) {
	rows, err := tx.Query(ctx, `SELECT `+rattachementColonnes+` WHERE d.organisation_id = $1
		ORDER BY CASE WHEN d.etat IN ('demandee','confirmee') THEN 0 ELSE 1 END, d.date_creation DESC, d.id DESC LIMIT $2`, org, RattachementsMax)
	return db.Collect(rows, err, scanRattachement)
}

// known reads what the référent's own reach tells of an address, in one query.
//
// reads: referent, organisation, appartenance, aidant
func known(ctx context.Context, tx *db.Tx, a actor.Actor, email string) (c Connu, id ident.AidantID, err error) {
	var ici, encadre, ouvert, habilite int
	err = tx.QueryRow(ctx, `SELECT x.id,
			(SELECT count(*) FROM appartenance p WHERE p.aidant_id = x.id AND p.organisation_id = $2 AND p.date_fin IS NULL),
			(SELECT count(*) FROM referent r JOIN organisation o ON o.id = r.organisation_id AND o.active
				JOIN appartenance p ON p.organisation_id = r.organisation_id AND p.aidant_id = x.id AND p.date_fin IS NULL
				WHERE r.aidant_id = $1 AND r.date_fin IS NULL AND r.organisation_id <> $2),
			CASE WHEN x.actif THEN 1 ELSE 0 END, CASE WHEN x.habilite THEN 1 ELSE 0 END
		FROM aidant x WHERE x.email = $3 AND x.role_gestion = ''`, a.Aidant, a.Organisation, email).Scan(&id, &ici, &encadre, &ouvert, &habilite)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, id, fmt.Errorf("read address: %w", err)
	}
	if ici > 0 {
		c.Ici, c.IciFerme = ouvert == 1, ouvert == 0
	}
	c.Encadre, c.Ouvert, c.Habilite = encadre > 0, encadre > 0 && ouvert == 1, encadre > 0 && habilite == 1
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM rattachement WHERE organisation_id = $1 AND email = $2 AND etat IN ('demandee','confirmee'))`, a.Organisation, email).Scan(&c.EnCours)
	if err != nil {
		return c, id, fmt.Errorf("read live request: %w", err)
	}
	return c, id, nil
}

func insertRattachement(ctx context.Context, tx *db.Tx, d Rattachement) error {
	_, err := tx.Exec(ctx, `INSERT INTO rattachement (id, organisation_id, referent_id, email, nouvel_email, etat, reponse, motif, date_creation)
		VALUES ($1,$2,$3,$4,$5,'demandee','','',$6)`, d.ID, d.Organisation, d.Referent, d.Email, d.NouvelEmail, tx.Now)
	if err != nil {
		return fmt.Errorf("ask attachment: %w", err)
	}
	return nil
}

// cancelRattachement withdraws a request that still shows as waiting.
func cancelRattachement(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.RattachementID) error {
	return gone(tx.Exec(ctx, `UPDATE rattachement SET etat = 'annulee', date_fin = $3 WHERE id = $1 AND organisation_id = $2 AND etat = 'demandee'`, id, a.Organisation, tx.Now))
}

// toTell gives the requests whose address now is that of an open account of an
// aidant, who has not been told.
//
// reads: organisation, aidant
func toTell(ctx context.Context, tx *db.Tx) ([]Rattachement, error) {
	rows, err := tx.Query(ctx, `SELECT `+rattachementColonnes+` JOIN aidant x ON x.email = d.email AND x.actif AND x.habilite AND x.role_gestion = ''
		WHERE d.etat = 'demandee' AND d.aidant_id IS NULL AND o.active ORDER BY d.date_creation, d.id LIMIT 100`)
	return db.Collect(rows, err, scanRattachement)
}

// match ties a request to the account of its address.
//
// reads: aidant
func match(ctx context.Context, tx *db.Tx, id ident.RattachementID) (ok bool, err error) {
	n, err := tx.Exec(ctx, `UPDATE rattachement SET aidant_id = (SELECT x.id FROM aidant x WHERE x.email = rattachement.email)
		WHERE id = $1 AND etat = 'demandee' AND aidant_id IS NULL`, id)
	return n == 1, err
}

// closeOld closes the requests that nobody agreed to in time, whoever they were
// for: known, unknown and refused end alike (A-W74).
func closeOld(ctx context.Context, tx *db.Tx) ([]Rattachement, error) {
	rows, err := tx.Query(ctx, `UPDATE rattachement SET etat = 'refusee', motif = 'sans_suite', date_fin = $2 WHERE etat = 'demandee' AND date_creation <= $1 RETURNING id, organisation_id`,
		tx.Now.Add(-DelaiRattachement), tx.Now)
	return db.Collect(rows, err, func(s db.Scanner) (d Rattachement, err error) { return d, s.Scan(&d.ID, &d.Organisation) })
}

// forMe reads a request addressed to the one who is signed in.
//
// reads: organisation, aidant
func forMe(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.RattachementID) (Rattachement, error) {
	return oneRattachement(tx.QueryRow(ctx, `SELECT `+rattachementColonnes+` WHERE d.id = $1 AND d.aidant_id = $2 AND d.etat IN ('demandee','confirmee')`, id, a.Aidant))
}

// answer records what the person says, once. A no keeps the request waiting to
// the référent's eyes: it ends with its delay.
func answer(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.RattachementID, yes bool) error {
	etat, reponse := Demandee, "non"
	if yes {
		etat, reponse = Confirmee, "oui"
	}
	return gone(tx.Exec(ctx, `UPDATE rattachement SET etat = $3, reponse = $4, date_reponse = $5 WHERE id = $1 AND aidant_id = $2 AND etat = 'demandee' AND reponse = ''`,
		id, a.Aidant, string(etat), reponse, tx.Now))
}

func leaveLater(ctx context.Context, tx *db.Tx, id ident.RattachementID, org ident.OrganisationID) error {
	if _, err := tx.Exec(ctx, `INSERT INTO rattachement_depart (rattachement_id, organisation_id) VALUES ($1,$2)`, id, org); err != nil {
		return fmt.Errorf("note departure: %w", err)
	}
	return nil
}

// myPlaces gives the structures of the one who is signed in, by name.
//
// reads: appartenance, organisation
func myPlaces(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]place, error) {
	rows, err := tx.Query(ctx, `SELECT o.id, o.nom FROM appartenance p JOIN organisation o ON o.id = p.organisation_id WHERE p.aidant_id = $1 AND p.date_fin IS NULL ORDER BY o.nom_tri, o.id`, id)
	return db.Collect(rows, err, func(s db.Scanner) (st place, err error) {
		return st, s.Scan(&st.ID, &st.Nom)
	})
}

// Answered counts the requests of a structure decided since an instant.
func Answered(ctx context.Context, tx *db.Tx, org ident.OrganisationID, since db.Time) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM rattachement WHERE organisation_id = $1 AND etat IN ('validee','refusee') AND date_fin >= $2)
		+ (SELECT count(*) FROM coreferent WHERE organisation_id = $1 AND etat IN ('validee','refusee') AND date_fin >= $2)
		+ (SELECT count(*) FROM correction_structure WHERE organisation_id = $1 AND etat IN ('validee','refusee') AND date_fin >= $2)`, org, since).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count answered requests: %w", err)
	}
	return n, nil
}

// StillReferent refuses an act whose author is no longer référent of the
// structure of their session (A-W76).
//
// reads: referent, aidant, organisation
func StillReferent(ctx context.Context, tx *db.Tx, a actor.Actor) error {
	var yes bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM referent r JOIN aidant x ON x.id = r.aidant_id AND x.actif
		JOIN organisation o ON o.id = r.organisation_id AND o.active
		WHERE r.aidant_id = $1 AND r.organisation_id = $2 AND r.date_fin IS NULL)`, a.Aidant, a.Organisation).Scan(&yes)
	if err != nil {
		return fmt.Errorf("read référent role: %w", err)
	}
	if !yes {
		return fault.New(fault.NotFound, "plus_referent")
	}
	return nil
}
