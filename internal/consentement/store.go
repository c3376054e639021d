package consentement

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

const accordColumns = `c.mandat_id, c.organisation_id, c.usager_id, c.moyen, c.presence, c.texte_empreinte, c.demarches, c.duree,
	c.date_creation, c.date_expiration, c.date_grace, c.piece_id, c.limite, c.rappels`

func scanAccord(r db.Scanner) (Accord, error) {
	var a Accord
	var ds string
	var creation, expiration, grace, limite db.Time
	err := r.Scan(&a.Mandat, &a.Organisation, &a.Usager, &a.Moyen, &a.Presence, &a.Objet.Texte, &ds, &a.Objet.Duree,
		&creation, &expiration, &grace, &a.Preuve, &limite, &a.Rappels)
	a.Objet.Demarches = demarche.ParseCSV(ds)
	a.Creation, a.Expiration, a.Grace, a.Limite = creation.Time(), expiration.Time(), grace.Time(), limite.Time()
	return a, err
}

const pieceColumns = `p.id, p.mandat_id, p.genre, p.rang, p.type_contenu, p.taille, p.contenu_chiffre, p.empreinte, p.aidant_id, p.date_creation, p.date_effacement, p.date_annulation`

func scanPiece(r db.Scanner) (Piece, error) {
	var p Piece
	var creation, efface, annule db.Time
	err := r.Scan(&p.ID, &p.Mandat, &p.Genre, &p.Rang, &p.Type, &p.Taille, &p.Scelle, &p.Empreinte, &p.Aidant, &creation, &efface, &annule)
	p.Date, p.Efface, p.Annule = creation.Time(), efface.Time(), annule.Time()
	return p, err
}

// Insert writes the accord of a mandat being signed with the proofs there are,
// settled by the policy. A way whose proof comes first is refused without it.
func Insert(ctx context.Context, tx *db.Tx, a Accord, ps []Piece) (Accord, error) {
	a = a.Settle(ps)
	if a.Moyen.Immediate() && !a.Complete() {
		return a, fault.New(fault.Conflict, "accord_manquant")
	}
	for _, p := range ps {
		if err := insertPiece(ctx, tx, a.Mandat, p); err != nil {
			return a, err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO accord (mandat_id, organisation_id, usager_id, moyen, presence, texte_empreinte, demarches, duree, date_creation, date_expiration, date_grace, piece_id, limite)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13)`,
		a.Mandat, a.Organisation, a.Usager, string(a.Moyen), string(a.Presence), a.Objet.Texte, demarche.CSV(a.Objet.Demarches), a.Objet.Duree,
		db.At(a.Creation), db.At(a.Expiration), db.At(a.Grace), a.Preuve, db.At(a.Limite))
	if err != nil {
		return a, fmt.Errorf("insert accord: %w", err)
	}
	return a, nil
}

func insertPiece(ctx context.Context, tx *db.Tx, m ident.MandatID, p Piece) error {
	_, err := tx.Exec(ctx, `INSERT INTO accord_piece (id, mandat_id, genre, rang, type_contenu, taille, contenu_chiffre, empreinte, aidant_id, date_creation, annulation_motif)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,'')`,
		p.ID, m, string(p.Genre), p.Rang, p.Type, p.Taille, p.Scelle, p.Empreinte, p.Aidant, tx.Now)
	if err != nil {
		return fmt.Errorf("insert proof: %w", err)
	}
	return nil
}

// Load reads the accord of a mandat of this structure; another structure's and
// an unknown one are the same fault.NotFound.
func Load(ctx context.Context, tx *db.Tx, org ident.OrganisationID, m ident.MandatID) (Accord, error) {
	a, err := scanAccord(tx.QueryRow(ctx, `SELECT `+accordColumns+` FROM accord c WHERE c.mandat_id = $1 AND c.organisation_id = $2`, m, org))
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.New(fault.NotFound, "mandat_introuvable")
	}
	if err != nil {
		return a, fmt.Errorf("load accord: %w", err)
	}
	return a, nil
}

// OfUsager reads the accords of a person with this structure, by mandat.
func OfUsager(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) (map[ident.MandatID]Accord, error) {
	rows, err := tx.Query(ctx, `SELECT `+accordColumns+` FROM accord c WHERE c.usager_id = $1 AND c.organisation_id = $2`, u, org)
	as, err := db.Collect(rows, err, scanAccord)
	out := make(map[ident.MandatID]Accord, len(as))
	for _, a := range as {
		out[a.Mandat] = a
	}
	return out, err
}

// Pieces reads the proofs of a mandat, in the order they came.
func Pieces(ctx context.Context, tx *db.Tx, m ident.MandatID) ([]Piece, error) {
	rows, err := tx.Query(ctx, `SELECT `+pieceColumns+` FROM accord_piece p WHERE p.mandat_id = $1 ORDER BY p.date_creation, p.rang, p.id`, m)
	return db.Collect(rows, err, scanPiece)
}
