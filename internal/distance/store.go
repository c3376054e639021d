package distance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/signature"
)

const columns = `id, dossier_id, organisation_id, aidant_id, attendu_id, usager_id, identite_id, moyen, presence, texte_empreinte, demarches, duree, voie, contact_chiffre,
	navigateur_empreinte, authentification_empreinte, deconnexion, avis, avis_code, avis_numero, statut, essais, date_creation, date_lecture, date_statut, date_limite`

func scan(s db.Scanner) (Demande, error) {
	var d Demande
	var ds, avis, code, numero string
	var creation, lecture, statut, limite db.Time
	err := s.Scan(&d.ID, &d.Dossier, &d.Organisation, &d.Aidant, &d.Attendu, &d.Usager, &d.Identite, &d.Choix.Moyen, &d.Choix.Presence, &d.Objet.Texte, &ds, &d.Objet.Duree, &d.Voie, &d.Contact,
		&d.Navigateur, &d.Authentification, &d.Deconnexion, &avis, &code, &numero, &d.Statut, &d.Essais, &creation, &lecture, &statut, &limite)
	d.Objet.Demarches = demarche.ParseCSV(ds)
	d.Avis = signature.UnpackAvis(avis, code, numero)
	d.Creation, d.Lecture, d.DateStatut, d.Limite = creation.Time(), lecture.Time(), statut.Time(), limite.Time()
	return d, err
}

// one reads one row; none is the given refusal.
func one(r db.Scanner, none error) (Demande, error) {
	d, err := scan(r)
	if errors.Is(err, sql.ErrNoRows) {
		return Demande{}, none
	}
	if err != nil {
		return d, fmt.Errorf("load request: %w", err)
	}
	return d, nil
}

var errFinie = fault.New(fault.Gone, raisonFinie)

// secrets are what finds a request from outside: digests only.
type secrets struct{ contact, lien, code []byte }

// insert sends a request; those that waited for the same dossier are void.
func insert(ctx context.Context, tx *db.Tx, d Demande, s secrets) error {
	if err := cancelOf(ctx, tx, d.Dossier); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO demande_accord (id, dossier_id, organisation_id, aidant_id, attendu_id, usager_id, identite_id, moyen, presence, texte_empreinte, demarches, duree, voie,
			contact_chiffre, contact_empreinte, lien_empreinte, code_empreinte, statut, date_creation, date_statut, date_limite)
		VALUES ($1,$2,$3,$4,$5,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$18,$19)`,
		d.ID, d.Dossier, d.Organisation, d.Aidant, d.Attendu, d.Identite, string(d.Choix.Moyen), string(d.Choix.Presence), d.Objet.Texte, demarche.CSV(d.Objet.Demarches), d.Objet.Duree, string(d.Voie),
		d.Contact, s.contact, s.lien, s.code, string(d.Statut), tx.Now, db.At(d.Limite))
	if err != nil {
		return fmt.Errorf("insert request: %w", err)
	}
	return nil
}

// cancelOf voids what waits for the person of a dossier.
func cancelOf(ctx context.Context, tx *db.Tx, id ident.DossierID) error {
	_, err := tx.Exec(ctx, `UPDATE demande_accord SET statut = 'annulee', date_statut = $2, contact_chiffre = NULL, contact_empreinte = NULL, lien_empreinte = NULL, code_empreinte = NULL,
			state_empreinte = NULL, nonce_empreinte = NULL, piece_chiffre = NULL
		WHERE dossier_id = $1 AND statut IN ('envoyee','ouverte','identifiee','accordee')`, id, tx.Now)
	if err != nil {
		return fmt.Errorf("cancel request: %w", err)
	}
	return nil
}

// latest gives the last request of a dossier, and how many there were.
func latest(ctx context.Context, tx *db.Tx, id ident.DossierID) (d Demande, n int, err error) {
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM demande_accord WHERE dossier_id = $1`, id).Scan(&n); err != nil {
		return d, 0, fmt.Errorf("count requests: %w", err)
	}
	if n == 0 {
		return d, 0, nil
	}
	d, err = one(tx.QueryRow(ctx, `SELECT `+columns+` FROM demande_accord WHERE dossier_id = $1 ORDER BY date_creation DESC, id DESC LIMIT 1`, id), errFinie)
	return d, n, err
}

// byLink finds a request by its link.
func byLink(ctx context.Context, tx *db.Tx, lien []byte) (Demande, error) {
	return one(tx.QueryRow(ctx, `SELECT `+columns+` FROM demande_accord WHERE lien_empreinte = $1`, lien), errFinie)
}

// byBrowser finds the request that this browser opened.
func byBrowser(ctx context.Context, tx *db.Tx, navigateur []byte) (Demande, error) {
	return one(tx.QueryRow(ctx, `SELECT `+columns+` FROM demande_accord WHERE navigateur_empreinte = $1`, navigateur), errFinie)
}

// cle finds a request by its link or by its short code.
type cle struct{ lien, code []byte }

// open binds a request that waits to a browser. Opened again elsewhere, it
// begins again there: what the other browser had proved is void.
func open(ctx context.Context, tx *db.Tx, k cle, navigateur []byte) (Demande, error) {
	return one(tx.QueryRow(ctx, `UPDATE demande_accord SET statut = 'ouverte', navigateur_empreinte = $3, date_statut = $4, usager_id = attendu_id, identite_id = NULL, authentification_empreinte = NULL,
			date_lecture = NULL, state_empreinte = NULL, nonce_empreinte = NULL, deconnexion = '', deconnexion_empreinte = NULL, avis = '', avis_code = '', avis_numero = ''
		WHERE (lien_empreinte = $1 OR code_empreinte = $2) AND moyen IN ('franceconnect','sms') AND statut IN ('envoyee','ouverte','identifiee') AND date_limite > $4 RETURNING `+columns,
		k.lien, k.code, navigateur, tx.Now), errFinie)
}

// leg is an attempt at FranceConnect.
type leg struct {
	state, nonce []byte
	limite       db.Time
}

// startLeg sends a reader to FranceConnect; a former attempt is void.
func startLeg(ctx context.Context, tx *db.Tx, navigateur []byte, l leg) (Demande, error) {
	return one(tx.QueryRow(ctx, `UPDATE demande_accord SET statut = 'ouverte', state_empreinte = $2, nonce_empreinte = $3, state_limite = $4, usager_id = attendu_id, identite_id = NULL, authentification_empreinte = NULL,
			date_lecture = $5, date_statut = $5, avis = '', avis_code = '', avis_numero = '', deconnexion = '', deconnexion_empreinte = NULL
		WHERE navigateur_empreinte = $1 AND statut IN ('ouverte','identifiee') AND date_limite > $5 RETURNING `+columns, navigateur, l.state, l.nonce, l.limite, tx.Now), errFinie)
}

// takeState consumes the state of this browser's request. late: it came after
// its time.
func takeState(ctx context.Context, tx *db.Tx, navigateur []byte, l leg) (d Demande, late bool, err error) {
	var limite db.Time
	err = tx.QueryRow(ctx, `SELECT state_limite FROM demande_accord WHERE navigateur_empreinte = $1 AND state_empreinte = $2 AND nonce_empreinte = $3`, navigateur, l.state, l.nonce).Scan(&limite)
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, errFinie
	}
	if err != nil {
		return d, false, fmt.Errorf("find state: %w", err)
	}
	d, err = one(tx.QueryRow(ctx, `UPDATE demande_accord SET state_empreinte = NULL, nonce_empreinte = NULL
		WHERE navigateur_empreinte = $1 AND state_empreinte = $2 RETURNING `+columns, navigateur, l.state), errFinie)
	return d, !tx.Now.Before(limite), err
}

// retour is what a callback leaves.
type retour struct {
	usager           ident.UsagerID
	identite         ident.IdentiteID
	authentification []byte
	erreur           *franceconnect.Erreur
	deconnexion      string
	logout           []byte
}

// endLeg writes the outcome of a callback in the request that this browser
// still holds. No row: it ended, or another browser took it.
func endLeg(ctx context.Context, tx *db.Tx, d Demande, r retour) error {
	statut := Identifiee
	if r.erreur != nil {
		statut = Ouverte
	}
	cle, code, numero := signature.PackAvis(r.erreur)
	n, err := tx.Exec(ctx, `UPDATE demande_accord SET statut = $3, usager_id = COALESCE($4, usager_id), identite_id = $5, authentification_empreinte = $6, avis = $7, avis_code = $8, avis_numero = $9,
			deconnexion = $10, deconnexion_empreinte = $11, date_statut = $12
		WHERE id = $1 AND navigateur_empreinte = $2 AND statut = 'ouverte' AND date_limite > $12`,
		d.ID, d.Navigateur, string(statut), r.usager, r.identite, r.authentification, cle, code, numero, r.deconnexion, r.logout, tx.Now)
	if err != nil {
		return fmt.Errorf("end leg: %w", err)
	}
	if n == 0 {
		return errFinie
	}
	return nil
}

// loggedOut confirms FranceConnect's logout of this browser.
func loggedOut(ctx context.Context, tx *db.Tx, navigateur, state []byte) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE demande_accord SET deconnexion = 'confirmee', deconnexion_empreinte = NULL WHERE navigateur_empreinte = $1 AND deconnexion_empreinte = $2`, navigateur, state)
	if err != nil {
		return false, fmt.Errorf("confirm logout: %w", err)
	}
	return n == 1, nil
}

// agree is the gate of an agreement, and keeps its proof: the person who
// connected, in the browser that holds the request, once.
func agree(ctx context.Context, tx *db.Tx, d Demande, p consentement.Piece, limite db.Time) error {
	n, err := tx.Exec(ctx, `UPDATE demande_accord SET statut = 'accordee', date_statut = $4, date_limite = $5, piece_id = $6, piece_genre = $7, piece_type = $8, piece_taille = $9, piece_chiffre = $10, piece_empreinte = $11
		WHERE id = $1 AND navigateur_empreinte = $2 AND identite_id = $3 AND statut = 'identifiee' AND date_limite > $4`,
		d.ID, d.Navigateur, d.Identite, tx.Now, limite, p.ID, string(p.Genre), p.Type, p.Taille, p.Scelle, p.Empreinte)
	if err != nil {
		return fmt.Errorf("agree: %w", err)
	}
	if n == 0 {
		return errFinie
	}
	return nil
}

// decline records a refusal, before any answer or after an agreement that
// nobody used yet: the person is free until the signature.
func decline(ctx context.Context, tx *db.Tx, navigateur []byte) (Demande, error) {
	return one(tx.QueryRow(ctx, `UPDATE demande_accord SET statut = 'refusee', date_statut = $2, piece_chiffre = NULL, state_empreinte = NULL, nonce_empreinte = NULL
		WHERE navigateur_empreinte = $1 AND statut IN ('ouverte','identifiee','accordee') AND date_limite > $2 RETURNING `+columns, navigateur, tx.Now), errFinie)
}

// proof reads the sealed agreement of a dossier; none is no row.
func proof(ctx context.Context, tx *db.Tx, id ident.DossierID) (d Demande, p consentement.Piece, err error) {
	d, err = one(tx.QueryRow(ctx, `SELECT `+columns+` FROM demande_accord WHERE dossier_id = $1 AND statut = 'accordee' AND date_limite > $2`, id, tx.Now), errFinie)
	if err != nil {
		return d, p, err
	}
	err = tx.QueryRow(ctx, `SELECT piece_id, piece_genre, piece_type, piece_taille, piece_chiffre, piece_empreinte FROM demande_accord WHERE id = $1`, d.ID).
		Scan(&p.ID, &p.Genre, &p.Type, &p.Taille, &p.Scelle, &p.Empreinte)
	p.Rang = 1
	if err != nil {
		return d, p, fmt.Errorf("load proof: %w", err)
	}
	return d, p, nil
}

// conclude uses an agreement up: the mandat keeps the proof from here on.
func conclude(ctx context.Context, tx *db.Tx, id ident.DossierID, m ident.MandatID) error {
	n, err := tx.Exec(ctx, `UPDATE demande_accord SET statut = 'conclue', mandat_id = $2, date_statut = $3, piece_chiffre = NULL, contact_chiffre = NULL, contact_empreinte = NULL, lien_empreinte = NULL, code_empreinte = NULL
		WHERE dossier_id = $1 AND statut = 'accordee' AND date_limite > $3`, id, m, tx.Now)
	if err != nil {
		return fmt.Errorf("use agreement: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "accord_manquant")
	}
	return nil
}

// refusalsMax bounds what a page says of the past.
const refusalsMax = 5

// refusals gives what a person refused to this structure, newest first.
func refusals(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) ([]Demande, error) {
	rows, err := tx.Query(ctx, `SELECT `+columns+` FROM demande_accord WHERE organisation_id = $1 AND usager_id = $2 AND statut = 'refusee' ORDER BY date_statut DESC, id DESC LIMIT $3`, org, u, refusalsMax)
	return db.Collect(rows, err, scan)
}

// Purge ends the requests that nobody answered in time, and erases what finds
// their person: contact, link, browser, proof that served nothing.
func Purge(ctx context.Context, tx *db.Tx) (int, error) {
	n, err := tx.Exec(ctx, `UPDATE demande_accord SET statut = 'expiree', date_statut = $1, contact_chiffre = NULL, contact_empreinte = NULL, lien_empreinte = NULL, code_empreinte = NULL,
			navigateur_empreinte = NULL, state_empreinte = NULL, nonce_empreinte = NULL, deconnexion_empreinte = NULL, piece_chiffre = NULL
		WHERE statut IN ('envoyee','ouverte','identifiee','accordee') AND date_limite <= $1`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("purge requests: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE demande_accord SET contact_chiffre = NULL, contact_empreinte = NULL, lien_empreinte = NULL, code_empreinte = NULL, navigateur_empreinte = NULL, deconnexion_empreinte = NULL
		WHERE statut IN ('refusee','annulee','conclue') AND date_limite <= $1 AND (contact_chiffre IS NOT NULL OR navigateur_empreinte IS NOT NULL OR lien_empreinte IS NOT NULL)`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("forget requests: %w", err)
	}
	return int(n), nil
}
