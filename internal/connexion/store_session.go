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

// ouverture is a session to open: the digest of its token, its browser, its life.
type ouverture struct {
	jeton      []byte
	appareil   ident.AppareilID
	navigateur string
	duree      time.Duration
}

// jamais is the last code of a session that was opened without any: every act
// that wants a fresh one asks it.
var jamais = db.At(time.Unix(0, 0))

// openSession opens a web session for the first structure of the account.
func openSession(ctx context.Context, tx *db.Tx, e entree, o ouverture) error {
	orgs, err := aidant.Structures(ctx, tx, e.aidant)
	if err != nil {
		return err
	}
	if len(orgs) == 0 {
		return fault.New(fault.Forbidden, "sans_structure")
	}
	moyen, otp := e.moyen, e.dateOTP
	if moyen == moyenPremiere {
		moyen, otp = moyenCode, jamais
	}
	_, err = tx.Exec(ctx, `INSERT INTO session_web (id, jeton_empreinte, aidant_id, organisation_id, moyen, appareil_id, navigateur, date_creation, date_expiration, date_otp, date_activite, echecs)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$8,0)`,
		ident.New[ident.SessionID](), o.jeton, e.aidant, orgs[0], moyen, o.appareil, o.navigateur, tx.Now, tx.Now.Add(o.duree), otp)
	if err != nil {
		return fmt.Errorf("open session: %w", err)
	}
	return nil
}

// readActor reads, in one statement, everything that decides access now: the
// session, the account, the structure, the roles, the terms (A-W76).
//
// reads: aidant, organisation, organisation_demarche, appartenance, referent, acceptation, facteur, facteur_cle
func readActor(ctx context.Context, tx *db.Tx, textes aidant.Recueil, jeton []byte) (actor.Actor, error) {
	var a actor.Actor
	var otp, activity db.Time
	var perimetre, signed sql.NullString
	var structures int
	var droits string
	err := tx.QueryRow(ctx, `SELECT s.id, s.aidant_id, s.organisation_id, s.date_otp, s.date_activite,
			a.prenom, a.nom, a.habilite, a.referent_non_aidant, a.role_gestion, s.moyen = 'cle', s.appareil_id, s.droits, s.tunnel_remis,
			NOT EXISTS (SELECT 1 FROM facteur f WHERE f.aidant_id = a.id AND f.date_confirmation IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM facteur_cle k WHERE k.aidant_id = a.id),
			o.nom, o.active,
			(SELECT string_agg(d.demarche, ',') FROM organisation_demarche d WHERE d.organisation_id = o.id),
			EXISTS (SELECT 1 FROM appartenance p WHERE p.aidant_id = a.id AND p.organisation_id = o.id AND p.date_fin IS NULL),
			EXISTS (SELECT 1 FROM referent r WHERE r.aidant_id = a.id AND r.organisation_id = o.id AND r.date_fin IS NULL),
			(SELECT string_agg(c.document || ':' || c.version, ',') FROM acceptation c WHERE c.aidant_id = a.id),
			(SELECT count(*) FROM appartenance p WHERE p.aidant_id = a.id AND p.date_fin IS NULL)
		FROM session_web s JOIN aidant a ON a.id = s.aidant_id JOIN organisation o ON o.id = s.organisation_id
		WHERE s.jeton_empreinte = $1 AND s.date_expiration > $2 AND a.actif`, jeton, tx.Now).
		Scan(&a.Session, &a.Aidant, &a.Organisation, &otp, &activity, &a.Prenom, &a.Nom, &a.CanCreateMandats, &a.ReferentNonAidant, &a.Role, &a.CleForte, &a.Appareil, &droits, &a.TunnelRemis, &a.SansFacteur,
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
	a.DroitsChanges = droits != rights(a)
	return a, nil
}

func touch(ctx context.Context, tx *db.Tx, id ident.SessionID) error {
	if _, err := tx.Exec(ctx, `UPDATE session_web SET date_activite = $2 WHERE id = $1`, id, tx.Now); err != nil {
		return fmt.Errorf("note activity: %w", err)
	}
	return nil
}

// noteDroits keeps the rights the session knows.
func noteDroits(ctx context.Context, tx *db.Tx, a actor.Actor) error {
	if _, err := tx.Exec(ctx, `UPDATE session_web SET droits = $2 WHERE id = $1`, a.Session, rights(a)); err != nil {
		return fmt.Errorf("note rights: %w", err)
	}
	return nil
}

// renewForRights gives the session a new token because its rights changed; done
// is false when another request did it first.
func renewForRights(ctx context.Context, tx *db.Tx, a actor.Actor, avant, apres []byte) (done bool, err error) {
	n, err := tx.Exec(ctx, `UPDATE session_web SET jeton_empreinte = $3, droits = $4 WHERE id = $1 AND jeton_empreinte = $2`, a.Session, avant, apres, rights(a))
	if err != nil {
		return false, fmt.Errorf("renew session: %w", err)
	}
	return n == 1, nil
}

// raise notes that a key was proved in this session: it resists phishing.
func raise(ctx context.Context, tx *db.Tx, id ident.SessionID) error {
	if _, err := tx.Exec(ctx, `UPDATE session_web SET moyen = 'cle' WHERE id = $1`, id); err != nil {
		return fmt.Errorf("note the key: %w", err)
	}
	return nil
}

// postpone remembers « Faire plus tard » for this session.
func postpone(ctx context.Context, tx *db.Tx, id ident.SessionID) error {
	if _, err := tx.Exec(ctx, `UPDATE session_web SET tunnel_remis = $2 WHERE id = $1`, id, true); err != nil {
		return fmt.Errorf("postpone the first factor: %w", err)
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

// countFailure adds a wrong code to the session and closes it at the last one;
// it gives how many in a row, 0 when the session is already closed.
func countFailure(ctx context.Context, tx *db.Tx, id ident.SessionID) (n int, err error) {
	err = tx.QueryRow(ctx, `UPDATE session_web SET echecs = echecs + 1 WHERE id = $1 RETURNING echecs`, id).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("count failure: %w", err)
	}
	if n < MaxEchecs {
		return n, nil
	}
	return n, closeSession(ctx, tx, id)
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
	if err := voidLink(ctx, tx, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM session_web WHERE aidant_id = $1 AND id <> $2`, id, keptID(keep)); err != nil {
		return fmt.Errorf("close sessions: %w", err)
	}
	return nil
}

// voidLink voids the sign-in link an account may have asked.
func voidLink(ctx context.Context, tx *db.Tx, id ident.AidantID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM lien_connexion WHERE aidant_id = $1`, id); err != nil {
		return fmt.Errorf("void sign-in link: %w", err)
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

// Ouverte is an open session as its owner sees it.
type Ouverte struct {
	ID                         ident.SessionID
	Navigateur                 string
	DateCreation, DateActivite db.Time
}

func openSessions(ctx context.Context, tx *db.Tx, compte ident.AidantID) ([]Ouverte, error) {
	rows, err := tx.Query(ctx, `SELECT id, navigateur, date_creation, date_activite FROM session_web
		WHERE aidant_id = $1 AND date_expiration > $2 ORDER BY date_activite DESC, id DESC`, compte, tx.Now)
	return db.Collect(rows, err, func(s db.Scanner) (o Ouverte, err error) {
		return o, s.Scan(&o.ID, &o.Navigateur, &o.DateCreation, &o.DateActivite)
	})
}

// closeOne closes a session of the account; one of somebody else is not found.
func closeOne(ctx context.Context, tx *db.Tx, compte ident.AidantID, id ident.SessionID) error {
	n, err := tx.Exec(ctx, `DELETE FROM session_web WHERE id = $1 AND aidant_id = $2`, id, compte)
	if err != nil {
		return fmt.Errorf("close session: %w", err)
	}
	if n == 0 {
		return fault.New(fault.NotFound, "session_inconnue")
	}
	return nil
}
