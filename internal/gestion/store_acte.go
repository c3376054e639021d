package gestion

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// acteNouveau is what an act is recorded with, besides the request.
type acteNouveau struct {
	id     ident.OperationID
	auteur ident.AidantID // zero: the command line
	sceaux
}

// accordNouveau is a request to record.
type accordNouveau struct {
	id     ident.OperationID
	auteur ident.AidantID
	sceaux
}

// insertActe keeps what was done and why.
func insertActe(ctx context.Context, tx *db.Tx, n acteNouveau, d Demande) error {
	_, err := tx.Exec(ctx, `INSERT INTO acte_gestion (id, acte, aidant_id, message_id, auteur_id, motif, precision_chiffree, operateur_chiffre, date) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
		n.id, string(d.Acte), d.Aidant, d.Message, n.auteur, d.Motif, n.precision, n.operateur, tx.Now)
	if err != nil {
		return fmt.Errorf("record act of the team: %w", err)
	}
	return nil
}

// Fait is an act of the team, as the account page tells it.
type Fait struct {
	Acte   Acte
	Auteur string // name of who did it
	Motif  string
	Date   time.Time
	sceaux
	id  ident.OperationID
	Dit string // what « autre » is
}

// faitsMax is how many acts and journal lines the page shows.
const faitsMax = 50

// faits reads the acts of the team on an account, or on a message, latest first.
//
// reads: aidant
func faits(ctx context.Context, tx *db.Tx, id ident.AidantID, message ident.MessageID) ([]Fait, error) {
	rows, err := tx.Query(ctx, `SELECT g.id, g.acte, COALESCE(a.prenom || ' ' || a.nom, ''), g.motif, g.precision_chiffree, g.operateur_chiffre, g.date
		FROM acte_gestion g LEFT JOIN aidant a ON a.id = g.auteur_id WHERE g.aidant_id = $1 OR g.message_id = $2 ORDER BY g.date DESC, g.id DESC LIMIT $3`, id, message, faitsMax)
	list, err := db.Collect(rows, err, func(s db.Scanner) (f Fait, err error) {
		var date db.Time
		err = s.Scan(&f.id, &f.Acte, &f.Auteur, &f.Motif, &f.precision, &f.operateur, &date)
		f.Date = date.Time()
		return f, err
	})
	if err != nil {
		return nil, fmt.Errorf("load acts of the team: %w", err)
	}
	return list, nil
}

// Accord is a grave act that waits for its second person.
type Accord struct {
	ID         ident.OperationID
	Demande    Demande
	Demandeur  ident.AidantID
	Par        string // name of who asks
	Compte     string // name of the account
	Creation   time.Time
	Expiration time.Time
	adresse    []byte // sealed
}

// insertAccord records a request. The one before it, if nobody answered in
// time, ends here; one that still waits is a Conflict.
func insertAccord(ctx context.Context, tx *db.Tx, n accordNouveau, d Demande) error {
	if _, err := tx.Exec(ctx, `UPDATE accord_gestion SET issue = 'expire', date_issue = $3 WHERE acte = $1 AND aidant_id = $2 AND issue = '' AND date_expiration <= $3`,
		string(d.Acte), d.Aidant, tx.Now); err != nil {
		return fmt.Errorf("expire request: %w", err)
	}
	rows, err := tx.Exec(ctx, `INSERT INTO accord_gestion (id, acte, aidant_id, facteur_id, role, motif, precision_chiffree, demandeur_id, date_creation, date_expiration, adresse_chiffree)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) ON CONFLICT (acte, aidant_id) WHERE issue = '' DO NOTHING`,
		n.id, string(d.Acte), d.Aidant, d.Facteur, string(d.Role), d.Motif, n.precision, n.auteur, tx.Now, tx.Now.Add(AccordDuree), n.adresse)
	if err != nil {
		return fmt.Errorf("record request: %w", err)
	}
	if rows == 0 {
		return refus("deja_demande", "Cette demande attend déjà l’accord d’une autre personne de l’équipe.")
	}
	return nil
}

const accordColumns = `c.id, c.acte, c.aidant_id, c.facteur_id, c.role, c.motif, c.demandeur_id, c.date_creation, c.date_expiration, c.adresse_chiffree,
	p.prenom || ' ' || p.nom, q.prenom || ' ' || q.nom`

func scanAccord(s db.Scanner) (x Accord, err error) {
	var creation, expiration db.Time
	err = s.Scan(&x.ID, &x.Demande.Acte, &x.Demande.Aidant, &x.Demande.Facteur, &x.Demande.Role, &x.Demande.Motif, &x.Demandeur, &creation, &expiration, &x.adresse, &x.Par, &x.Compte)
	x.Creation, x.Expiration = creation.Time(), expiration.Time()
	return x, err
}

// accords lists the requests that wait; of one account when id is set.
//
// reads: aidant
func accords(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]Accord, error) {
	rows, err := tx.Query(ctx, `SELECT `+accordColumns+` FROM accord_gestion c JOIN aidant p ON p.id = c.demandeur_id JOIN aidant q ON q.id = c.aidant_id
		WHERE c.issue = '' AND c.date_expiration > $1 AND (c.aidant_id = $2 OR $2 IS NULL) ORDER BY c.date_creation, c.id`, tx.Now, id)
	list, err := db.Collect(rows, err, scanAccord)
	if err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return list, nil
}

// conclusion is what the request held besides the act.
type conclusion struct {
	demandeur ident.AidantID
	sceaux
}

// decideAccord is the gate: it takes a request that waits, asked by somebody
// else about somebody else, once.
func decideAccord(ctx context.Context, tx *db.Tx, id ident.OperationID, par ident.AidantID, issue string) (d Demande, c conclusion, err error) {
	err = tx.QueryRow(ctx, `UPDATE accord_gestion SET issue = $3, decideur_id = $2, date_issue = $4
		WHERE id = $1 AND issue = '' AND date_expiration > $4 AND demandeur_id <> $2 AND aidant_id <> $2
		RETURNING acte, aidant_id, facteur_id, role, motif, demandeur_id, precision_chiffree, adresse_chiffree`, id, par, issue, tx.Now).
		Scan(&d.Acte, &d.Aidant, &d.Facteur, &d.Role, &d.Motif, &c.demandeur, &c.precision, &c.adresse)
	if errors.Is(err, sql.ErrNoRows) {
		return d, c, refus("accord_perdu", "Cette demande n’attend plus, ou c’est à une autre personne d’y répondre.")
	}
	if err != nil {
		return d, c, fmt.Errorf("decide request: %w", err)
	}
	return d, c, nil
}

// isEquipe tells whether an account is still of the team: who asked may have
// lost the role since.
//
// reads: aidant
func isEquipe(ctx context.Context, tx *db.Tx, id ident.AidantID) (bool, error) {
	var role actor.Role
	err := tx.QueryRow(ctx, `SELECT role_gestion FROM aidant WHERE id = $1 AND actif`, id).Scan(&role)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return role == actor.AdminTechnique || role == actor.AdminMetier, err
}

// emailsMax bounds a pasted list.
const emailsMax = 500

// accountOf finds the account of an address.
//
// reads: aidant
func accountOf(ctx context.Context, tx *db.Tx, email string) (id ident.AidantID, err error) {
	err = tx.QueryRow(ctx, `SELECT id FROM aidant WHERE email = $1`, email).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return id, fault.New(fault.NotFound, "aidant_inconnu")
	}
	return id, err
}
