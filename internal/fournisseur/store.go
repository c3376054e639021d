package fournisseur

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/suivi"
)

// maxTenues is how many requests one web session holds (FI-15): the sixth
// drops the oldest. hold writes it too.
const maxTenues = 5

// Tenue is a validated request, held while the aidant signs in and chooses.
type Tenue struct {
	ID      ident.DossierID  `json:"id"`
	Arrivee db.Time          `json:"arrivee"`
	Requete oidc.AuthRequest `json:"requete"`
}

// hold stores a request for this web session and drops the oldest beyond five;
// two at the same instant may leave a sixth until the next one.
func hold(ctx context.Context, tx *db.Tx, session ident.SessionID, t Tenue, life time.Duration) error {
	params, err := json.Marshal(t.Requete)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO requete_tenue (id, session_id, parametres, date_creation, date_limite) VALUES ($1,$2,$3,$4,$5) ON CONFLICT (id) DO NOTHING`,
		t.ID, session, string(params), t.Arrivee, t.Arrivee.Add(life))
	if err != nil {
		return fmt.Errorf("hold request: %w", err)
	}
	_, err = tx.Exec(ctx, `DELETE FROM requete_tenue WHERE session_id = $1 AND id <> $2 AND id NOT IN (
			SELECT r.id FROM requete_tenue r WHERE r.session_id = $1 AND r.id <> $2 ORDER BY r.date_creation DESC, r.id DESC LIMIT 4)`,
		session, t.ID)
	if err != nil {
		return fmt.Errorf("drop oldest requests: %w", err)
	}
	return nil
}

// held reads a request of this web session; fault.Gone when there is none:
// unknown, late, already answered or another session's, all the same.
func held(ctx context.Context, tx *db.Tx, session ident.SessionID, id ident.DossierID) (Tenue, error) {
	t := Tenue{ID: id}
	var params string
	err := tx.QueryRow(ctx, `SELECT parametres, date_creation FROM requete_tenue WHERE id = $1 AND session_id = $2 AND date_limite > $3`, id, session, tx.Now).
		Scan(&params, &t.Arrivee)
	return readTenue(t, params, err)
}

// release takes the request out: it is answered once.
func release(ctx context.Context, tx *db.Tx, session ident.SessionID, id ident.DossierID) (Tenue, error) {
	t := Tenue{ID: id}
	var params string
	err := tx.QueryRow(ctx, `DELETE FROM requete_tenue WHERE id = $1 AND session_id = $2 AND date_limite > $3 RETURNING parametres, date_creation`, id, session, tx.Now).
		Scan(&params, &t.Arrivee)
	return readTenue(t, params, err)
}

func readTenue(t Tenue, params string, err error) (Tenue, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return t, fault.New(fault.Gone, "demande_perdue")
	}
	if err != nil {
		return t, fmt.Errorf("read held request: %w", err)
	}
	if err := json.Unmarshal([]byte(params), &t.Requete); err != nil {
		return t, fmt.Errorf("decode held request: %w", err)
	}
	return t, nil
}

// dossier is one use, from the choice of the person to its end.
type dossier struct {
	ID           ident.DossierID
	Session      ident.SessionID
	Aidant       ident.AidantID
	Organisation ident.OrganisationID
	Usager       ident.UsagerID
	Operation    ident.OperationID
	ClientID     string
	Scope        []string
	RepScope     oidc.RepScope
	Nonce        string
	Autorisation ident.AutorisationID
	Mandat       ident.MandatID
	Demarche     demarche.Demarche
	Presence     suivi.Presence
	DateOTP      db.Time
	Moyen        string // of the aidant's web session
	Statut       Statut
}

const dossierColumns = `id, session_id, aidant_id, organisation_id, usager_id, operation_id, client_id, scope, rep_scope, nonce,
	autorisation_id, mandat_id, coalesce(demarche, ''), coalesce(presence, ''), date_otp, moyen, statut`

func scanDossier(r db.Scanner) (dossier, error) {
	var d dossier
	var scope, rep string
	err := r.Scan(&d.ID, &d.Session, &d.Aidant, &d.Organisation, &d.Usager, &d.Operation, &d.ClientID, &scope, &rep, &d.Nonce,
		&d.Autorisation, &d.Mandat, &d.Demarche, &d.Presence, &d.DateOTP, &d.Moyen, &d.Statut)
	d.Scope, d.RepScope = strings.Fields(scope), oidc.ParseRepScopeCSV(rep)
	return d, err
}

// insertDossier is the first insertion of a use (M-W51): the person was
// chosen. Choosing somebody else for the same request replaces the choice, as
// long as no démarche was accepted.
func insertDossier(ctx context.Context, tx *db.Tx, a actor.Actor, t Tenue, u ident.UsagerID, limite db.Time) error {
	r := t.Requete
	n, err := tx.Exec(ctx, `INSERT INTO dossier_utilisation (id, session_id, aidant_id, organisation_id, usager_id, operation_id, client_id, redirect_uri, scope, rep_scope, nonce, code_challenge, statut, motif, date_creation, date_statut, date_limite)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,'usager_choisi','',$13,$13,$14)
		ON CONFLICT (id) DO UPDATE SET usager_id = excluded.usager_id, date_statut = excluded.date_statut
			WHERE dossier_utilisation.statut = 'usager_choisi' AND dossier_utilisation.session_id = excluded.session_id
				AND dossier_utilisation.aidant_id = excluded.aidant_id AND dossier_utilisation.organisation_id = excluded.organisation_id`,
		t.ID, a.Session, a.Aidant, a.Organisation, u, ident.New[ident.OperationID](), r.ClientID, r.RedirectURI, strings.Join(r.Scope, " "),
		r.RepScope.CSV(), r.Nonce, r.CodeChallenge, tx.Now, limite)
	if err != nil {
		return fmt.Errorf("open use: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Gone, "demande_perdue")
	}
	return nil
}

// openDossier reads a use whose person is chosen: only for its aidant, in its
// web session, for its structure (FI-27).
func openDossier(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.DossierID) (dossier, error) {
	d, err := scanDossier(tx.QueryRow(ctx, `SELECT `+dossierColumns+` FROM dossier_utilisation
		WHERE id = $1 AND session_id = $2 AND aidant_id = $3 AND organisation_id = $4 AND statut = 'usager_choisi' AND date_limite > $5`,
		id, a.Session, a.Aidant, a.Organisation, tx.Now))
	if errors.Is(err, sql.ErrNoRows) {
		return d, fault.New(fault.Gone, "demande_perdue")
	}
	if err != nil {
		return d, fmt.Errorf("read use: %w", err)
	}
	return d, nil
}

// choix is what the aidant decided on the démarche page, with the code's
// digest and its end.
type choix struct {
	Droits   Droits
	Presence suivi.Presence
	Code     []byte
	Limite   db.Time
}

// accept consumes the choice: the démarche is accepted and the code issued, if
// the person is still the one whose rights were read.
//
// reads: session_web
func accept(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.DossierID, c choix) error {
	n, err := tx.Exec(ctx, `UPDATE dossier_utilisation SET statut = 'demarche_choisie', autorisation_id = $5, mandat_id = $6, demarche = $7, presence = $8,
			date_otp = $9, code_empreinte = $10, date_statut = $11, date_limite = $12, moyen = coalesce((SELECT s.moyen FROM session_web s WHERE s.id = $2), moyen)
		WHERE id = $1 AND session_id = $2 AND aidant_id = $3 AND organisation_id = $4 AND usager_id = $13 AND statut = 'usager_choisi' AND date_limite > $11`,
		id, a.Session, a.Aidant, a.Organisation, c.Droits.Autorisation, c.Droits.Mandat, string(c.Droits.Demarche), string(c.Presence),
		db.At(a.DateOTP), c.Code, tx.Now, c.Limite, c.Droits.Usager)
	if err != nil {
		return fmt.Errorf("accept démarche: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Gone, "demande_perdue")
	}
	return nil
}

// giveUp ends a use whose démarche was not accepted yet.
func giveUp(ctx context.Context, tx *db.Tx, session ident.SessionID, id ident.DossierID) error {
	_, err := tx.Exec(ctx, `UPDATE dossier_utilisation SET statut = 'refuse', motif = 'abandon', nonce = '', code_challenge = '', date_statut = $3
		WHERE id = $1 AND session_id = $2 AND statut = 'usager_choisi'`, id, session, tx.Now)
	if err != nil {
		return fmt.Errorf("give up use: %w", err)
	}
	return nil
}
