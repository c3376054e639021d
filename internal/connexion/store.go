package connexion

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// lien is a sign-in link that was just consumed.
type lien struct {
	aidant  ident.AidantID
	suite   string
	dateOTP db.Time
}

// lienNouveau is a sign-in link to store: two digests, never the secrets.
type lienNouveau struct {
	cle, navigateur []byte
	suite           string
	duree           time.Duration
}

// replaceLink stores the only live link of an account; a former one is void
// (comptes 2.1).
func replaceLink(ctx context.Context, tx *db.Tx, id ident.AidantID, l lienNouveau) error {
	_, err := tx.Exec(ctx, `INSERT INTO lien_connexion (id, aidant_id, cle_empreinte, navigateur_empreinte, suite, date_otp, date_expiration)
		VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (aidant_id) DO UPDATE SET id = excluded.id, cle_empreinte = excluded.cle_empreinte, navigateur_empreinte = excluded.navigateur_empreinte,
			suite = excluded.suite, date_otp = excluded.date_otp, date_expiration = excluded.date_expiration`,
		ident.New[ident.OperationID](), id, l.cle, l.navigateur, l.suite, tx.Now, tx.Now.Add(l.duree))
	if err != nil {
		return fmt.Errorf("store sign-in link: %w", err)
	}
	return nil
}

// consumeLink takes the link out if it is live, was asked by this browser, and
// its account is open; one statement, so it serves once.
func consumeLink(ctx context.Context, tx *db.Tx, cle, navigateur []byte) (lien, error) {
	var l lien
	err := tx.QueryRow(ctx, `DELETE FROM lien_connexion WHERE cle_empreinte = $1 AND navigateur_empreinte = $2 AND date_expiration > $3
		AND EXISTS (SELECT 1 FROM aidant a WHERE a.id = lien_connexion.aidant_id AND a.actif)
		RETURNING aidant_id, suite, date_otp`, cle, navigateur, tx.Now).Scan(&l.aidant, &l.suite, &l.dateOTP)
	if errors.Is(err, sql.ErrNoRows) {
		return l, fault.New(fault.Gone, "lien_perdu")
	}
	if err != nil {
		return l, fmt.Errorf("consume sign-in link: %w", err)
	}
	return l, nil
}

// linkFrom tells whether a live link exists and whether this browser asked it.
func linkFrom(ctx context.Context, tx *db.Tx, cle, navigateur []byte) (live, mine bool, err error) {
	err = tx.QueryRow(ctx, `SELECT navigateur_empreinte = $2 FROM lien_connexion WHERE cle_empreinte = $1 AND date_expiration > $3`, cle, navigateur, tx.Now).Scan(&mine)
	if errors.Is(err, sql.ErrNoRows) {
		return false, false, nil
	}
	return err == nil, mine, err
}

// openSession opens a web session for the first structure of the account.
func openSession(ctx context.Context, tx *db.Tx, l lien, jeton []byte, life time.Duration) (ident.SessionID, ident.OrganisationID, error) {
	orgs, err := aidant.Structures(ctx, tx, l.aidant)
	if err != nil {
		return ident.SessionID{}, ident.OrganisationID{}, err
	}
	if len(orgs) == 0 {
		return ident.SessionID{}, ident.OrganisationID{}, fault.New(fault.Forbidden, "sans_structure")
	}
	id := ident.New[ident.SessionID]()
	_, err = tx.Exec(ctx, `INSERT INTO session_web (id, jeton_empreinte, aidant_id, organisation_id, date_creation, date_expiration, date_otp, date_activite, echecs)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$5,0)`, id, jeton, l.aidant, orgs[0], tx.Now, tx.Now.Add(life), l.dateOTP)
	if err != nil {
		return id, orgs[0], fmt.Errorf("open session: %w", err)
	}
	return id, orgs[0], nil
}

// readActor reads, in one statement, everything that decides access now: the
// session, the account, the structure, the roles, the terms (A-W76).
//
// reads: aidant, organisation, organisation_demarche, appartenance, referent, acceptation
func readActor(ctx context.Context, tx *db.Tx, textes aidant.Recueil, jeton []byte) (actor.Actor, error) {
	var a actor.Actor
	var otp, activity db.Time
	var perimetre, signed sql.NullString
	var structures int
	err := tx.QueryRow(ctx, `SELECT s.id, s.aidant_id, s.organisation_id, s.date_otp, s.date_activite,
			a.prenom, a.nom, a.habilite, a.referent_non_aidant, a.role_gestion, s.moyen = 'cle', o.nom, o.active,
			(SELECT string_agg(d.demarche, ',') FROM organisation_demarche d WHERE d.organisation_id = o.id),
			EXISTS (SELECT 1 FROM appartenance p WHERE p.aidant_id = a.id AND p.organisation_id = o.id AND p.date_fin IS NULL),
			EXISTS (SELECT 1 FROM referent r WHERE r.aidant_id = a.id AND r.organisation_id = o.id AND r.date_fin IS NULL),
			(SELECT string_agg(c.document || ':' || c.version, ',') FROM acceptation c WHERE c.aidant_id = a.id),
			(SELECT count(*) FROM appartenance p WHERE p.aidant_id = a.id AND p.date_fin IS NULL)
		FROM session_web s JOIN aidant a ON a.id = s.aidant_id JOIN organisation o ON o.id = s.organisation_id
		WHERE s.jeton_empreinte = $1 AND s.date_expiration > $2 AND a.actif`, jeton, tx.Now).
		Scan(&a.Session, &a.Aidant, &a.Organisation, &otp, &activity, &a.Prenom, &a.Nom, &a.CanCreateMandats, &a.ReferentNonAidant, &a.Role, &a.CleForte,
			&a.OrganisationNom, &a.OrganisationActive, &perimetre, &a.MembreActif, &a.Referent, &signed, &structures)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.Unauthenticated, "sans_session")
	}
	if err != nil {
		return a, fmt.Errorf("read session: %w", err)
	}
	a.Perimetre = demarche.Sorted(demarche.ParseCSV(perimetre.String))
	a.PlusieursStructures = structures > 1
	a.DateOTP, a.DateActivite = otp.Time(), activity.Time()
	textes.Apply(&a, aidant.ParseSigned(signed.String), tx.Now.Time())
	return a, nil
}

func touch(ctx context.Context, tx *db.Tx, id ident.SessionID) error {
	if _, err := tx.Exec(ctx, `UPDATE session_web SET date_activite = $2 WHERE id = $1`, id, tx.Now); err != nil {
		return fmt.Errorf("note activity: %w", err)
	}
	return nil
}

// renew gives the session a new token after an accepted code.
func renew(ctx context.Context, tx *db.Tx, id ident.SessionID, jeton []byte) error {
	n, err := tx.Exec(ctx, `UPDATE session_web SET jeton_empreinte = $2, date_otp = $3, date_activite = $3, echecs = 0 WHERE id = $1`, id, jeton, tx.Now)
	if err != nil {
		return fmt.Errorf("renew session: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Unauthenticated, "session_fermee")
	}
	return nil
}

// countFailure adds a wrong code to the session and closes it at the last one.
func countFailure(ctx context.Context, tx *db.Tx, id ident.SessionID) (closed bool, err error) {
	var n int64
	if err := tx.QueryRow(ctx, `UPDATE session_web SET echecs = echecs + 1 WHERE id = $1 RETURNING echecs`, id).Scan(&n); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return true, nil
		}
		return false, fmt.Errorf("count failure: %w", err)
	}
	if n < MaxEchecs {
		return false, nil
	}
	return true, closeSession(ctx, tx, id)
}

func closeSession(ctx context.Context, tx *db.Tx, id ident.SessionID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM session_web WHERE id = $1`, id); err != nil {
		return fmt.Errorf("close session: %w", err)
	}
	return nil
}

// CloseAll closes every web session of an account, and voids the link it may
// have asked: when the account is deactivated, or its e-mail changes (comptes
// 4.1). The caller's act journals why.
func CloseAll(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	return CloseOthers(ctx, tx, id, ident.SessionID{})
}

// CloseOthers closes them but one, that of who acts: when a factor is removed,
// a role or a membership taken away (comptes 4.1).
func CloseOthers(ctx context.Context, tx *db.Tx, id ident.AidantID, keep ident.SessionID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM lien_connexion WHERE aidant_id = $1`, id); err != nil {
		return fmt.Errorf("void sign-in link: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM session_web WHERE aidant_id = $1 AND id <> $2`, id, keptID(keep)); err != nil {
		return fmt.Errorf("close sessions: %w", err)
	}
	return nil
}

// keptID is an identifier that SQL compares: the zero one would be NULL, and
// nothing differs from NULL.
func keptID(id ident.SessionID) string {
	if id.IsZero() {
		return "00000000-0000-0000-0000-000000000000"
	}
	return id.String()
}

// Purge deletes links and sessions past their end; it gives how many.
func Purge(ctx context.Context, tx *db.Tx) (int, error) {
	a, err := tx.Exec(ctx, `DELETE FROM lien_connexion WHERE date_expiration <= $1`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("purge links: %w", err)
	}
	b, err := tx.Exec(ctx, `DELETE FROM session_web WHERE date_expiration <= $1`, tx.Now)
	if err != nil {
		return 0, fmt.Errorf("purge sessions: %w", err)
	}
	c, err := tx.Exec(ctx, `DELETE FROM connexion_refusee WHERE date <= $1`, tx.Now.Add(-24*time.Hour))
	if err != nil {
		return 0, fmt.Errorf("purge unknown addresses: %w", err)
	}
	return int(a + b + c), nil
}

// noteRefused counts a sign-in attempt for which no code was judged: the address
// has no open account, or its account's delay runs. It costs a write, as a
// wrong code does (A-W73).
func noteRefused(ctx context.Context, tx *db.Tx, adresse []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO connexion_refusee (adresse_empreinte, nombre, date) VALUES ($1,1,$2)
		ON CONFLICT (adresse_empreinte) DO UPDATE SET nombre = connexion_refusee.nombre + 1, date = excluded.date`, adresse, tx.Now)
	if err != nil {
		return fmt.Errorf("count refused address: %w", err)
	}
	return nil
}
