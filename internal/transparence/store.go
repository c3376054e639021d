package transparence

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"

	"golang.org/x/mod/sumdb/tlog"
)

// lastPoint gives the latest checkpoint signed until then (zero: now), that at
// least quorum witnesses countersigned; the zero Point when there is none.
//
// reads: journal_point
func lastPoint(ctx context.Context, tx *db.Tx, quorum int, until db.Time) (Point, error) {
	return scanPoint(tx.QueryRow(ctx, `SELECT p.taille, p.racine, p.note FROM journal_point p
		WHERE (SELECT count(*) FROM journal_cosignature c WHERE c.taille = p.taille) >= $1 AND (p.instant <= $2 OR $2 IS NULL) ORDER BY p.taille DESC LIMIT 1`, quorum, until))
}

// pointAt gives the checkpoint of that size, the zero Point when none was
// signed at it.
//
// reads: journal_point
func pointAt(ctx context.Context, tx *db.Tx, size int64) (Point, error) {
	return scanPoint(tx.QueryRow(ctx, `SELECT p.taille, p.racine, p.note FROM journal_point p WHERE p.taille = $1`, size))
}

func scanPoint(row db.Scanner) (p Point, err error) {
	var root []byte
	err = row.Scan(&p.Taille, &root, &p.Note)
	if errors.Is(err, sql.ErrNoRows) {
		return Point{}, nil
	}
	if err != nil {
		return Point{}, fmt.Errorf("read checkpoint: %w", err)
	}
	if len(root) != tlog.HashSize {
		return Point{}, fmt.Errorf("checkpoint of %d: %w", p.Taille, journal.ErrAltere)
	}
	copy(p.Racine[:], root)
	return p, nil
}

// cosignatures gives the lines that witnesses added to a checkpoint.
func cosignatures(ctx context.Context, tx *db.Tx, size int64) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT ligne FROM journal_cosignature WHERE taille = $1 ORDER BY nom`, size)
	lines, err := db.Collect(rows, err, func(s db.Scanner) (line string, err error) {
		err = s.Scan(&line)
		return line, err
	})
	if err != nil {
		return nil, fmt.Errorf("read countersignatures: %w", err)
	}
	return lines, nil
}

// entries gives the entries of the ranks from first, n at most.
//
// reads: journal_rang
func entries(ctx context.Context, tx *db.Tx, first int64, n int) ([][]byte, error) {
	rows, err := tx.Query(ctx, `SELECT entree FROM journal_rang WHERE rang >= $1 AND rang < $2 ORDER BY rang`, first, first+int64(n))
	list, err := db.Collect(rows, err, func(s db.Scanner) (b []byte, err error) {
		err = s.Scan(&b)
		return b, err
	})
	if err != nil {
		return nil, fmt.Errorf("read entries: %w", err)
	}
	return list, nil
}

// ligne is a line with its salts, as a receipt needs it.
type ligne struct {
	journal.Champs
	rang       int64 // -1 while it waits
	sel        []byte
	empreinte  []byte // of the content
	contenuSel []byte // nil once the content was erased
	contenu    []byte
}

// readLigne reads one line; fault.NotFound when there is none.
//
// reads: journal_ligne, journal_contenu, journal_rang
func readLigne(ctx context.Context, tx *db.Tx, id ident.LigneID) (l ligne, err error) {
	var aidant, concerne, usager, contenu sql.NullString
	var rang sql.NullInt64
	l.ID = id
	err = tx.QueryRow(ctx, `SELECT l.instant, l.action, l.initiateur, l.aidant, l.concerne, l.usager, l.organisation_id, l.mandat_id,
			l.autorisation_id, l.operation_id, l.session_empreinte, l.sel, l.contenu_empreinte, r.rang, c.sel, c.contenu
		FROM journal_ligne l LEFT JOIN journal_rang r ON r.ligne_id = l.id LEFT JOIN journal_contenu c ON c.ligne_id = l.id WHERE l.id = $1`, id).
		Scan(&l.Instant, &l.Action, &l.Initiateur, &aidant, &concerne, &usager, &l.Organisation, &l.Mandat,
			&l.Autorisation, &l.Operation, &l.Session, &l.sel, &l.empreinte, &rang, &l.contenuSel, &contenu)
	if errors.Is(err, sql.ErrNoRows) {
		return l, fault.New(fault.NotFound, "ligne_inconnue")
	}
	if err != nil {
		return l, fmt.Errorf("read line: %w", err)
	}
	l.Aidant, l.Concerne, l.Usager, l.rang = aidant.String, concerne.String, usager.String, -1
	if rang.Valid {
		l.rang = rang.Int64
	}
	if contenu.Valid {
		l.contenu = []byte(contenu.String)
	}
	return l, nil
}

// readCode gives the printed code of a line, Numero 0 while it waits.
//
// reads: journal_rang
func readCode(ctx context.Context, tx *db.Tx, id ident.LigneID) (Code, error) {
	return scanCode(tx.QueryRow(ctx, `SELECT rang, entree FROM journal_rang WHERE ligne_id = $1`, id))
}

// readCodeMandat gives that of the line that says that a mandat was signed.
//
// reads: journal_ligne, journal_rang
func readCodeMandat(ctx context.Context, tx *db.Tx, id ident.MandatID) (Code, error) {
	return scanCode(tx.QueryRow(ctx, `SELECT r.rang, r.entree FROM journal_ligne l JOIN journal_rang r ON r.ligne_id = l.id
		WHERE l.mandat_id = $1 AND l.action = 'create_attestation' ORDER BY r.rang LIMIT 1`, id))
}

func scanCode(row db.Scanner) (c Code, err error) {
	var b []byte
	err = row.Scan(&c.Numero, &b)
	if errors.Is(err, sql.ErrNoRows) {
		return Code{}, nil
	}
	if err == nil && len(b) != tlog.HashSize {
		err = journal.ErrAltere
	}
	if err != nil {
		return Code{}, fmt.Errorf("read the code of a line: %w", err)
	}
	c.Numero++
	copy(c.Entree[:], b)
	return c, nil
}

// etatTemoin is what a witness of ours saw last.
type etatTemoin struct {
	Nom       string
	Taille    int64
	Date      db.Time
	Echec     string
	DateEchec db.Time
}

func readTemoin(ctx context.Context, tx *db.Tx, nom string) (e etatTemoin, err error) {
	e.Nom = nom
	err = tx.QueryRow(ctx, `SELECT taille, date, echec, date_echec FROM journal_temoin WHERE nom = $1`, nom).Scan(&e.Taille, &e.Date, &e.Echec, &e.DateEchec)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return e, fmt.Errorf("read witness: %w", err)
	}
	return e, nil
}

// noteCosignature keeps a countersignature and how far the witness is.
func noteCosignature(ctx context.Context, tx *db.Tx, nom string, size int64, line string) error {
	_, err := tx.Exec(ctx, `INSERT INTO journal_cosignature (taille, nom, ligne, date) VALUES ($1,$2,$3,$4) ON CONFLICT (taille, nom) DO NOTHING`, size, nom, line, tx.Now)
	if err != nil {
		return fmt.Errorf("store countersignature: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO journal_temoin (nom, taille, date, echec, date_echec) VALUES ($1,$2,$3,'',NULL)
		ON CONFLICT (nom) DO UPDATE SET taille = excluded.taille, date = excluded.date, echec = '', date_echec = NULL`, nom, size, tx.Now)
	if err != nil {
		return fmt.Errorf("note witness: %w", err)
	}
	return nil
}

// noteEchec keeps why a witness did not countersign; size is what it says it
// has seen.
func noteEchec(ctx context.Context, tx *db.Tx, nom string, size int64, kind string) error {
	_, err := tx.Exec(ctx, `INSERT INTO journal_temoin (nom, taille, echec, date_echec) VALUES ($1,$2,$3,$4)
		ON CONFLICT (nom) DO UPDATE SET taille = excluded.taille, echec = excluded.echec, date_echec = excluded.date_echec`, nom, size, kind, tx.Now)
	if err != nil {
		return fmt.Errorf("note failure of a witness: %w", err)
	}
	return nil
}

// readVu gives the last checkpoint that we countersigned of another log; size 0
// before the first.
func readVu(ctx context.Context, tx *db.Tx, origine string) (p Point, err error) {
	var root []byte
	p.Origine, p.Racine = origine, sha256.Sum256(nil) // the root of the empty tree
	err = tx.QueryRow(ctx, `SELECT taille, racine, note FROM temoin_journal WHERE origine = $1`, origine).Scan(&p.Taille, &root, &p.Note)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err == nil && len(root) != tlog.HashSize {
		err = errors.New("the stored root has not 32 bytes")
	}
	if err != nil {
		return p, fmt.Errorf("read witnessed log: %w", err)
	}
	copy(p.Racine[:], root)
	return p, nil
}

// advanceVu moves the witnessed log from old to recent; false when another
// request moved it meanwhile.
func advanceVu(ctx context.Context, tx *db.Tx, old, recent Point) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO temoin_journal (origine, taille, racine, note, date) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (origine) DO UPDATE SET taille = excluded.taille, racine = excluded.racine, note = excluded.note, date = excluded.date
			WHERE temoin_journal.taille = $6`, recent.Origine, recent.Taille, recent.Racine[:], recent.Note, tx.Now, old.Taille)
	if err != nil {
		return false, fmt.Errorf("note witnessed log: %w", err)
	}
	return n == 1, nil
}

// backlog gives how many lines wait for their number, and since when the oldest.
//
// reads: journal_attente, journal_ligne
func backlog(ctx context.Context, tx *db.Tx) (n int, oldest db.Time, err error) {
	err = tx.QueryRow(ctx, `SELECT (SELECT count(*) FROM journal_attente), (SELECT l.instant FROM journal_ligne l
		WHERE l.id = (SELECT a.ligne_id FROM journal_attente a ORDER BY a.ligne_id LIMIT 1))`).Scan(&n, &oldest)
	if err != nil {
		return 0, oldest, fmt.Errorf("measure the journal's backlog: %w", err)
	}
	return n, oldest, nil
}
