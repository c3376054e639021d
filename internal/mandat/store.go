package mandat

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/usager"
)

const mandatColumns = `m.id, m.organisation_id, m.usager_id, m.aidant_id, m.dossier_id, m.date_creation, m.date_expiration, m.duree, m.jours,
	m.a_distance, m.methode_consentement, m.identite_id, m.given_name, m.family_name, m.preferred_username, m.gender, m.birthdate, m.birthplace, m.birthcountry, m.email,
	m.organisation_nom, m.organisation_siret, m.organisation_adresse, m.organisation_code_postal, m.organisation_ville,
	m.issuer, m.simulation, m.texte_empreinte, m.document_empreinte, m.signature, m.signature_kid, m.code_public, ` + PapierSQL + `, m.papier_date, m.successeur_id, m.predecesseur_id`

func scanMandat(r db.Scanner) (Mandat, error) {
	var m Mandat
	var creation, expiration, papier db.Time
	i, s := &m.Identite, &m.Structure
	err := r.Scan(&m.ID, &m.Organisation, &m.Usager, &m.Aidant, &m.Dossier, &creation, &expiration, &m.Duree, &m.Jours,
		&m.ADistance, &m.Methode, &m.IdentiteID, &i.GivenName, &i.FamilyName, &i.PreferredUsername, &i.Gender, &i.Birthdate, &i.Birthplace, &i.Birthcountry, &i.Email,
		&s.Nom, &s.Siret, &s.Adresse, &s.CodePostal, &s.Ville,
		&m.Issuer, &m.Simulation, &m.TexteEmpreinte, &m.DocumentEmpreinte, &m.Signature, &m.SignatureKid, &m.CodePublic, &m.PapierStatut, &papier, &m.Successeur, &m.Predecesseur)
	m.DateCreation, m.DateExpiration, m.PapierDate = creation.Time(), expiration.Time(), papier.Time()
	return m, err
}

const autorisationColumns = `a.id, a.mandat_id, a.organisation_id, a.usager_id, a.demarche, a.date_expiration, a.fin, COALESCE(a.fin_motif, ''), a.fin_connue, a.fin_operation_id,
	COALESCE((SELECT f.entier FROM mandat_fin f WHERE f.mandat_id = a.mandat_id AND f.operation_id = a.fin_operation_id), false)`

func scanAutorisation(r db.Scanner) (Autorisation, error) {
	var a Autorisation
	var expiration, fin, connue db.Time
	err := r.Scan(&a.ID, &a.Mandat, &a.Organisation, &a.Usager, &a.Demarche, &expiration, &fin, &a.FinMotif, &connue, &a.FinOperation, &a.FinEntiere)
	a.DateExpiration, a.Fin, a.FinConnue = expiration.Time(), fin.Time(), connue.Time()
	return a, err
}

// Load reads a mandat of this structure with its autorisations; another
// structure's, an archived and an unknown one are the same fault.NotFound
// (M-W31).
func Load(ctx context.Context, tx *db.Tx, org ident.OrganisationID, id ident.MandatID) (Mandat, error) {
	m, err := loadAny(ctx, tx, org, id)
	if err == nil && m.Archived(tx.Now.Time()) {
		return Mandat{}, fault.New(fault.NotFound, "mandat_introuvable")
	}
	return m, err
}

func loadAny(ctx context.Context, tx *db.Tx, org ident.OrganisationID, id ident.MandatID) (Mandat, error) {
	m, err := scanMandat(tx.QueryRow(ctx, `SELECT `+mandatColumns+` FROM mandat m WHERE m.id = $1 AND m.organisation_id = $2`, id, org))
	if errors.Is(err, sql.ErrNoRows) {
		return m, fault.New(fault.NotFound, "mandat_introuvable")
	}
	if err != nil {
		return m, fmt.Errorf("load mandat: %w", err)
	}
	rows, err := tx.Query(ctx, `SELECT `+autorisationColumns+` FROM autorisation a WHERE a.mandat_id = $1 ORDER BY a.demarche`, id)
	if m.Autorisations, err = db.Collect(rows, err, scanAutorisation); err != nil {
		return m, err
	}
	if m.Accord, err = consentement.Load(ctx, tx, org, id); fault.Is(err, fault.NotFound) {
		return m, nil // no accord: not usable
	}
	return m, err
}

// OfCode reads the mandat of a public code (ParseCode), whatever its
// structure: for the public verification, which shows nobody.
func OfCode(ctx context.Context, tx *db.Tx, code string) (Mandat, error) {
	var id ident.MandatID
	var org ident.OrganisationID
	err := tx.QueryRow(ctx, `SELECT id, organisation_id FROM mandat WHERE code_public = $1`, code).Scan(&id, &org)
	if errors.Is(err, sql.ErrNoRows) {
		return Mandat{}, fault.New(fault.NotFound, "mandat_introuvable")
	}
	if err != nil {
		return Mandat{}, fmt.Errorf("find mandat of code: %w", err)
	}
	return loadAny(ctx, tx, org, id)
}

// OfUsager reads the mandats of this structure with a person, but for the
// archived, the latest first, in two statements.
func OfUsager(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) ([]Mandat, error) {
	rows, err := tx.Query(ctx, `SELECT `+mandatColumns+` FROM mandat m WHERE m.organisation_id = $1 AND m.usager_id = $2 ORDER BY m.date_creation DESC, m.id DESC`, org, u)
	ms, err := db.Collect(rows, err, scanMandat)
	if err != nil || len(ms) == 0 {
		return ms, err
	}
	rows, err = tx.Query(ctx, `SELECT `+autorisationColumns+` FROM autorisation a JOIN mandat m ON m.id = a.mandat_id WHERE m.organisation_id = $1 AND m.usager_id = $2 ORDER BY a.demarche`, org, u)
	as, err := db.Collect(rows, err, scanAutorisation)
	for i := range ms {
		for _, a := range as {
			if a.Mandat == ms[i].ID {
				ms[i].Autorisations = append(ms[i].Autorisations, a)
			}
		}
	}
	if err != nil {
		return ms, err
	}
	ms = slices.DeleteFunc(ms, func(m Mandat) bool { return m.Archived(tx.Now.Time()) })
	return ms, addAccords(ctx, tx, org, u, ms)
}

// OfDossier finds the mandat a dossier of this structure became;
// fault.NotFound if it became none.
func OfDossier(ctx context.Context, tx *db.Tx, org ident.OrganisationID, d ident.DossierID) (ident.MandatID, error) {
	var id ident.MandatID
	err := tx.QueryRow(ctx, `SELECT id FROM mandat WHERE dossier_id = $1 AND organisation_id = $2`, d, org).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return id, fault.New(fault.NotFound, "mandat_introuvable")
	}
	if err != nil {
		return id, fmt.Errorf("find mandat of dossier: %w", err)
	}
	return id, nil
}

// LoadPiece reads what was signed: the document and the record, without the PDF.
func LoadPiece(ctx context.Context, tx *db.Tx, id ident.MandatID) (Piece, error) {
	var p Piece
	if err := tx.QueryRow(ctx, `SELECT contenu, enregistrement, pdf IS NOT NULL FROM mandat_document WHERE mandat_id = $1`, id).Scan(&p.Contenu, &p.Enregistrement, &p.Imprime); err != nil {
		return p, fmt.Errorf("load document: %w", err)
	}
	return p, nil
}

// LoadPDF reads the PDF as it was sealed; fault.NotFound for a mandat that was
// signed before PDFs were made.
func LoadPDF(ctx context.Context, tx *db.Tx, id ident.MandatID) ([]byte, error) {
	var b []byte
	if err := tx.QueryRow(ctx, `SELECT pdf FROM mandat_document WHERE mandat_id = $1`, id).Scan(&b); err != nil {
		return nil, fmt.Errorf("load PDF: %w", err)
	}
	if b == nil {
		return nil, fault.New(fault.NotFound, "pdf_absent")
	}
	return b, nil
}

// Snapshot is the identity a mandat asserts: the one it was signed with,
// whatever is known of the person since (M-W38).
func Snapshot(ctx context.Context, tx *db.Tx, id ident.MandatID) (usager.Identite, error) {
	var i usager.Identite
	err := tx.QueryRow(ctx, `SELECT given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email FROM mandat WHERE id = $1`, id).
		Scan(&i.GivenName, &i.FamilyName, &i.PreferredUsername, &i.Gender, &i.Birthdate, &i.Birthplace, &i.Birthcountry, &i.Email)
	if errors.Is(err, sql.ErrNoRows) {
		return i, fault.New(fault.NotFound, "mandat_introuvable")
	}
	if err != nil {
		return i, fmt.Errorf("load snapshot: %w", err)
	}
	return i, nil
}

// Issuers gives the FranceConnect issuers that the mandats of this database
// were signed through, at most two: a simulation refuses to start on real
// mandats, and the reverse (SIM-04).
func Issuers(ctx context.Context, tx *db.Tx) ([]string, error) {
	var first, last sql.NullString
	if err := tx.QueryRow(ctx, `SELECT min(issuer), max(issuer) FROM mandat`).Scan(&first, &last); err != nil {
		return nil, fmt.Errorf("read issuers: %w", err)
	}
	switch {
	case !first.Valid:
		return nil, nil
	case first.String == last.String:
		return []string{first.String}, nil
	}
	return []string{first.String, last.String}, nil
}

// StoreTexte keeps the text a dossier is opened with; the same text is kept once.
func StoreTexte(ctx context.Context, tx *db.Tx, t Texte) error {
	_, err := tx.Exec(ctx, `INSERT INTO mandat_texte (empreinte, version, corps, date_creation) VALUES ($1,$2,$3,$4) ON CONFLICT (empreinte) DO NOTHING`,
		t.Empreinte, t.Version, t.Corps, tx.Now)
	if err != nil {
		return fmt.Errorf("store text: %w", err)
	}
	return nil
}

// lockRelation puts two signatures of the same person with the same structure
// in line (mandats.md 3.6), and keeps the keys of the lists.
func lockRelation(ctx context.Context, tx *db.Tx, m Mandat) error {
	_, err := tx.Exec(ctx, `INSERT INTO mandat_relation (organisation_id, usager_id, nom_tri, recherche_tri, signatures, date_maj) VALUES ($1,$2,$3,$4,1,$5)
		ON CONFLICT (organisation_id, usager_id) DO UPDATE SET nom_tri = excluded.nom_tri, recherche_tri = excluded.recherche_tri,
			signatures = mandat_relation.signatures + 1, date_maj = excluded.date_maj`,
		m.Organisation, m.Usager, m.Identite.NomTri(), m.Identite.RechercheTri(), tx.Now)
	if err != nil {
		return fmt.Errorf("lock relation: %w", err)
	}
	return nil
}

// insertMandat writes a sealed mandat, its document and its record.
func insertMandat(ctx context.Context, tx *db.Tx, m Mandat, p Piece) error {
	i, s := m.Identite, m.Structure
	_, err := tx.Exec(ctx, `INSERT INTO mandat (id, organisation_id, usager_id, aidant_id, dossier_id, date_creation, date_expiration, duree, jours,
			a_distance, methode_consentement, telephone, preuve, identite_id, given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email,
			organisation_nom, organisation_siret, organisation_adresse, organisation_code_postal, organisation_ville,
			issuer, simulation, texte_empreinte, document_empreinte, signature, signature_kid, code_public, papier_statut, predecesseur_id, demande_consentement_id)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,'','certification',$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33,$34,$35)`,
		m.ID, m.Organisation, m.Usager, m.Aidant, m.Dossier, db.At(m.DateCreation), db.At(m.DateExpiration), string(m.Duree), m.Jours,
		m.ADistance, string(m.Methode), m.IdentiteID, i.GivenName, i.FamilyName, i.PreferredUsername, i.Gender, i.Birthdate, i.Birthplace, i.Birthcountry, i.Email,
		s.Nom, s.Siret, s.Adresse, s.CodePostal, s.Ville,
		m.Issuer, m.Simulation, m.TexteEmpreinte, m.DocumentEmpreinte, m.Signature, m.SignatureKid, m.CodePublic, m.PapierStatut, m.Predecesseur, m.Demande)
	if err != nil {
		return fmt.Errorf("insert mandat: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO mandat_document (mandat_id, contenu, enregistrement, pdf) VALUES ($1,$2,$3,$4)`, m.ID, p.Contenu, p.Enregistrement, p.PDF); err != nil {
		return fmt.Errorf("insert document: %w", err)
	}
	return nil
}

func insertAutorisation(ctx context.Context, tx *db.Tx, a Autorisation) error {
	_, err := tx.Exec(ctx, `INSERT INTO autorisation (id, mandat_id, organisation_id, usager_id, demarche, date_expiration) VALUES ($1,$2,$3,$4,$5,$6)`,
		a.ID, a.Mandat, a.Organisation, a.Usager, string(a.Demarche), db.At(a.DateExpiration))
	if err != nil {
		return fmt.Errorf("insert autorisation: %w", err)
	}
	return nil
}

// ouverte is an autorisation not ended, with the days of its mandat.
type ouverte struct {
	Autorisation
	jours int
}

// openAutorisations gives every autorisation not yet ended of a person with a
// structure, even past its expiry, by mandat then démarche.
func openAutorisations(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) ([]ouverte, error) {
	rows, err := tx.Query(ctx, `SELECT t.id, t.mandat_id, t.demarche, t.date_expiration, m.jours FROM autorisation t JOIN mandat m ON m.id = t.mandat_id
		WHERE t.organisation_id = $1 AND t.usager_id = $2 AND `+OuverteSQL+` ORDER BY t.mandat_id, t.demarche`, org, u)
	return db.Collect(rows, err, func(s db.Scanner) (o ouverte, err error) {
		var expiration db.Time
		err = s.Scan(&o.ID, &o.Mandat, &o.Demarche, &expiration, &o.jours)
		o.Organisation, o.Usager, o.DateExpiration = org, u, expiration.Time()
		return o, err
	})
}

// Elsewhere gives the démarches, among these, that a live mandat of another
// structure covers. Which structure is never told (art. 2006).
func Elsewhere(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID, ds []demarche.Demarche) ([]demarche.Demarche, error) {
	rows, err := tx.Query(ctx, `SELECT DISTINCT t.demarche FROM autorisation t WHERE t.usager_id = $1 AND t.organisation_id <> $2 AND `+VivanteSQL+`$3) ORDER BY t.demarche`, u, org, tx.Now)
	all, err := db.Collect(rows, err, func(s db.Scanner) (d demarche.Demarche, err error) { return d, s.Scan(&d) })
	return demarche.Intersect(ds, all), err
}

// Fin is one act that ends a mandat, whole or in part.
type Fin struct {
	Mandat    ident.MandatID
	Operation ident.OperationID
	Motif     Motif
	Entier    bool           // the act is about the whole mandat
	Canal     string         // "", oral, lettre, courriel, sms, espace
	Aidant    ident.AidantID // who recorded it; zero for the system
	Effet     db.Time        // when it takes effect
	Connue    db.Time        // when it was known here; read back, never given
}

// InsertFin records the act; its autorisations are closed next.
func InsertFin(ctx context.Context, tx *db.Tx, f Fin) error {
	_, err := tx.Exec(ctx, `INSERT INTO mandat_fin (mandat_id, operation_id, motif, entier, canal, aidant_id, date_effet, date_connue) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		f.Mandat, f.Operation, string(f.Motif), f.Entier, f.Canal, f.Aidant, f.Effet, tx.Now)
	if err != nil {
		return fmt.Errorf("insert end: %w", err)
	}
	return nil
}

// Close ends one open autorisation. Zero rows is a conflict: somebody ended it
// first.
func Close(ctx context.Context, tx *db.Tx, id ident.AutorisationID, f Fin) error {
	var r relation
	err := tx.QueryRow(ctx, `UPDATE autorisation SET fin = $2, fin_motif = $3, fin_connue = $4, fin_operation_id = $5 WHERE id = $1 AND fin IS NULL RETURNING organisation_id, usager_id`,
		id, f.Effet, string(f.Motif), tx.Now, f.Operation).Scan(&r.organisation, &r.usager)
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.Conflict, "autorisation_close")
	}
	if err != nil {
		return fmt.Errorf("end autorisation: %w", err)
	}
	return relist(ctx, tx, r.organisation, r.usager)
}

// setSuccesseur links a mandat left without autorisation to the one that
// replaced it.
func setSuccesseur(ctx context.Context, tx *db.Tx, old, next ident.MandatID) error {
	if _, err := tx.Exec(ctx, `UPDATE mandat SET successeur_id = $2 WHERE id = $1 AND successeur_id IS NULL`, old, next); err != nil {
		return fmt.Errorf("link successor: %w", err)
	}
	return nil
}
