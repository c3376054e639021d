package journal

import (
	"context"
	"encoding/hex"
	"slices"

	"aidantsconnect/internal/db"
)

// insertLignes is on the way of every act: one statement on PostgreSQL, where an
// exchange costs most; on SQLite, where reading JSON costs most, three for each
// four lines, with their values as they are. An act of more lines than any has
// is a loading.
func insertLignes(ctx context.Context, tx *db.Tx, lignes []ligne) error {
	if tx.Dialect() == db.Postgres || len(lignes) > 4*parQuatre {
		return insertLignesJSON(ctx, tx, lignes)
	}
	for lot := range slices.Chunk(lignes, parQuatre) {
		if err := insertQuatre(ctx, tx, lot); err != nil {
			return err
		}
	}
	return nil
}

const parQuatre = 4

// ligneJSON is a line as the statements below read it: what is absent is NULL.
type ligneJSON struct {
	ID           string `json:"id"`
	Version      int    `json:"version"`
	Instant      string `json:"instant"`
	Action       string `json:"action"`
	Initiateur   string `json:"initiateur"`
	Aidant       string `json:"aidant,omitempty"`
	Concerne     string `json:"concerne,omitempty"`
	Usager       string `json:"usager,omitempty"`
	Organisation string `json:"organisation_id,omitempty"`
	Mandat       string `json:"mandat_id,omitempty"`
	Autorisation string `json:"autorisation_id,omitempty"`
	Operation    string `json:"operation_id,omitempty"`
	Session      string `json:"session_empreinte,omitempty"`
	Sel          string `json:"sel"`
	Empreinte    string `json:"contenu_empreinte"`
	Entree       string `json:"entree"`
	ContenuSel   string `json:"contenu_sel"`
	Contenu      string `json:"contenu"`
}

func insertLignesJSON(ctx context.Context, tx *db.Tx, lignes []ligne) error {
	octets := func(b []byte) string { // as PostgreSQL reads a bytea
		if len(b) == 0 {
			return ""
		}
		return `\x` + hex.EncodeToString(b)
	}
	if tx.Dialect() == db.SQLite {
		octets = hex.EncodeToString
	}
	rows := make([]ligneJSON, len(lignes))
	for i := range lignes {
		l := &lignes[i]
		rows[i] = ligneJSON{
			l.ID.String(), versionEntree, l.Instant.String(), l.Action, string(l.Initiateur), l.Aidant, l.Concerne, l.Usager,
			l.Organisation.String(), l.Mandat.String(), l.Autorisation.String(), l.Operation.String(), octets(l.Session),
			octets(l.sel), octets(l.contenuEmpreinte), octets(l.entree), octets(l.contenuSel), string(l.contenu),
		}
	}
	if tx.Dialect() == db.Postgres {
		return execJSON(ctx, tx, ajoutPostgres, rows)
	}
	for _, query := range []string{ligneSQLite, contenuSQLite, attenteSQLite} {
		if err := execJSON(ctx, tx, query, rows); err != nil {
			return err
		}
	}
	return nil
}

const (
	ajoutPostgres = `WITH v AS (SELECT id, version, instant, action, initiateur, aidant, concerne, usager, organisation_id, mandat_id, autorisation_id, operation_id,
			session_empreinte, sel, contenu_empreinte, entree, contenu_sel, contenu
		FROM json_to_recordset(CAST($1 AS json)) AS t (id uuid, version bigint, instant timestamptz, action text, initiateur text, aidant text, concerne text, usager text,
			organisation_id uuid, mandat_id uuid, autorisation_id uuid, operation_id uuid, session_empreinte bytea, sel bytea, contenu_empreinte bytea, entree bytea,
			contenu_sel bytea, contenu text)),
		l AS (INSERT INTO journal_ligne (id, version, instant, action, initiateur, aidant, concerne, usager,
				organisation_id, mandat_id, autorisation_id, operation_id, session_empreinte, sel, contenu_empreinte, entree)
			SELECT id, version, instant, action, initiateur, aidant, concerne, usager,
				organisation_id, mandat_id, autorisation_id, operation_id, session_empreinte, sel, contenu_empreinte, entree FROM v),
		c AS (INSERT INTO journal_contenu (ligne_id, sel, contenu) SELECT id, contenu_sel, contenu FROM v)
		INSERT INTO journal_attente (ligne_id) SELECT id FROM v`

	ligneSQLite = `INSERT INTO journal_ligne (id, version, instant, action, initiateur, aidant, concerne, usager,
			organisation_id, mandat_id, autorisation_id, operation_id, session_empreinte, sel, contenu_empreinte, entree)
		SELECT value ->> 'id', value ->> 'version', value ->> 'instant', value ->> 'action', value ->> 'initiateur', value ->> 'aidant', value ->> 'concerne', value ->> 'usager',
			value ->> 'organisation_id', value ->> 'mandat_id', value ->> 'autorisation_id', value ->> 'operation_id', unhex(value ->> 'session_empreinte'),
			unhex(value ->> 'sel'), unhex(value ->> 'contenu_empreinte'), unhex(value ->> 'entree')
		FROM json_each($1)`
	contenuSQLite = `INSERT INTO journal_contenu (ligne_id, sel, contenu)
		SELECT value ->> 'id', unhex(value ->> 'contenu_sel'), value ->> 'contenu' FROM json_each($1)`
	attenteSQLite = `INSERT INTO journal_attente (ligne_id) SELECT value ->> 'id' FROM json_each($1)`
)

// insertQuatre inserts one line, or up to four: rows without a line are not
// inserted.
func insertQuatre(ctx context.Context, tx *db.Tx, lot []ligne) error {
	lignes := make([]any, 0, 16*parQuatre)
	contenus := make([]any, 0, 3*parQuatre)
	ids := make([]any, 0, parQuatre)
	for i := range lot {
		l := &lot[i]
		id := l.ID.String()
		ids = append(ids, id)
		contenus = append(contenus, id, l.contenuSel, string(l.contenu))
		lignes = append(lignes,
			id, versionEntree, l.Instant, l.Action, string(l.Initiateur), orNull(l.Aidant), orNull(l.Concerne), orNull(l.Usager),
			l.Organisation, l.Mandat, l.Autorisation, l.Operation, l.Session, l.sel, l.contenuEmpreinte, l.entree)
	}
	for _, s := range []struct {
		one, four string
		width     int
		args      []any
	}{{uneLigne, quatreLignes, 16, lignes}, {unContenu, quatreContenus, 3, contenus}, {uneAttente, quatreAttentes, 1, ids}} {
		query := s.one
		if len(lot) > 1 {
			query, s.args = s.four, append(s.args, make([]any, s.width*(parQuatre-len(lot)))...)
		}
		n, err := tx.Exec(ctx, query, s.args...)
		if err != nil {
			return err
		}
		if n != int64(len(lot)) {
			return errCourse
		}
	}
	return nil
}

const (
	insereLigne = `INSERT INTO journal_ligne (id, version, instant, action, initiateur, aidant, concerne, usager,
			organisation_id, mandat_id, autorisation_id, operation_id, session_empreinte, sel, contenu_empreinte, entree) `
	seize        = `(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`
	uneLigne     = insereLigne + `VALUES ` + seize
	quatreLignes = insereLigne + `SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11, column12, column13, column14, column15, column16
		FROM (VALUES ` + seize + `,` + seize + `,` + seize + `,` + seize + `) WHERE column1 IS NOT NULL`

	unContenu      = `INSERT INTO journal_contenu (ligne_id, sel, contenu) VALUES (?,?,?)`
	quatreContenus = `INSERT INTO journal_contenu (ligne_id, sel, contenu) SELECT column1, column2, column3
		FROM (VALUES (?,?,?),(?,?,?),(?,?,?),(?,?,?)) WHERE column1 IS NOT NULL`

	uneAttente     = `INSERT INTO journal_attente (ligne_id) VALUES (?)`
	quatreAttentes = `INSERT INTO journal_attente (ligne_id) SELECT column1 FROM (VALUES (?),(?),(?),(?)) WHERE column1 IS NOT NULL`
)
