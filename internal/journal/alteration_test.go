package journal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/testkit"
)

// victime is a journal of seven lines in two batches of three, and one line
// that waits, whose triggers a database administrator has dropped. It escapes
// the invariants of EachDB, which it is made to break.
func victime(t *testing.T, dialect db.Dialect) *monde {
	t.Helper()
	clock := testkit.NewClock(testkit.Start)
	d, err := db.Open(t.Context(), testkit.NewDatabase(t, dialect), db.Options{Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	m := newMonde(t, d)
	for range 2 {
		m.append(t, m.use(), m.entry(fait.ViewMandat{}), m.use())
		m.sequence(t, 3)
	}
	m.append(t, m.use())
	m.verify(t)
	for _, table := range []string{"origine", "ligne", "contenu", "rang", "noeud", "point"} {
		table = "journal_" + table
		if dialect == db.Postgres {
			m.sql(t, `ALTER TABLE `+table+` DISABLE TRIGGER ALL`)
			continue
		}
		m.sql(t, `DROP TRIGGER `+table+`_update`)
		if table != "journal_contenu" {
			m.sql(t, `DROP TRIGGER `+table+`_delete`)
		}
	}
	return m
}

func (m *monde) sql(t testing.TB, statements ...string) {
	t.Helper()
	err := m.d.Update(t.Context(), func(tx *db.Tx) error {
		for _, q := range statements {
			if _, err := tx.Exec(t.Context(), q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

const (
	line3   = `(SELECT ligne_id FROM journal_rang WHERE rang = 3)`
	waiting = `(SELECT ligne_id FROM journal_attente)`
	uuidX   = `'0195d3c2-0000-7000-8000-00000000000f'`
	hash2   = `(SELECT entree FROM journal_rang WHERE rang = 2)`
)

// alterations: what is done to the rows, and the fault that must be told.
var alterations = []struct{ name, fault, sql string }{
	// Every column of a line, one at a time.
	{"version", journal.FauteVersion, `UPDATE journal_ligne SET version = 2 WHERE id = ` + line3},
	{"instant", journal.FauteLigne, `UPDATE journal_ligne SET instant = '2026-03-02T09:00:00.001Z' WHERE id = ` + line3},
	{"action", journal.FauteLigne, `UPDATE journal_ligne SET action = 'create_usager' WHERE id = ` + line3},
	{"initiateur", journal.FauteLigne, `UPDATE journal_ligne SET initiateur = 'referent' WHERE id = ` + line3},
	{"aidant", journal.FauteLigne, `UPDATE journal_ligne SET aidant = usager WHERE id = ` + line3},
	{"concerne", journal.FauteLigne, `UPDATE journal_ligne SET concerne = usager WHERE id = ` + line3},
	{"usager", journal.FauteLigne, `UPDATE journal_ligne SET usager = NULL WHERE id = ` + line3},
	{"organisation", journal.FauteLigne, `UPDATE journal_ligne SET organisation_id = mandat_id WHERE id = ` + line3},
	{"mandat", journal.FauteLigne, `UPDATE journal_ligne SET mandat_id = NULL WHERE id = ` + line3},
	{"autorisation", journal.FauteLigne, `UPDATE journal_ligne SET autorisation_id = mandat_id WHERE id = ` + line3},
	{"operation", journal.FauteLigne, `UPDATE journal_ligne SET operation_id = mandat_id WHERE id = ` + line3},
	{"session", journal.FauteLigne, `UPDATE journal_ligne SET session_empreinte = NULL WHERE id = ` + line3},
	{"salt", journal.FauteLigne, `UPDATE journal_ligne SET sel = entree WHERE id = ` + line3},
	{"content digest", journal.FauteLigne, `UPDATE journal_ligne SET contenu_empreinte = sel WHERE id = ` + line3},
	{"entry", journal.FauteLigne, `UPDATE journal_ligne SET entree = sel WHERE id = ` + line3},
	{"id", journal.FauteManque, `UPDATE journal_ligne SET id = ` + uuidX + ` WHERE id = ` + line3},
	// The facts.
	{"content", journal.FauteContenu, `UPDATE journal_contenu SET contenu = '{"demarche":"argent","presence":"present"}' WHERE ligne_id = ` + line3},
	{"content salt", journal.FauteContenu, `UPDATE journal_contenu SET sel = (SELECT sel FROM journal_ligne WHERE id = ` + line3 + `) WHERE ligne_id = ` + line3},
	{"content moved", journal.FauteOrphelin, `UPDATE journal_contenu SET ligne_id = ` + uuidX + ` WHERE ligne_id = ` + line3},
	// The waiting line.
	{"waiting line", journal.FauteLigne, `UPDATE journal_ligne SET action = 'create_usager' WHERE id = ` + waiting},
	{"waiting content", journal.FauteContenu, `UPDATE journal_contenu SET contenu = '{}' WHERE ligne_id = ` + waiting},
	{"waiting line removed", journal.FauteManque, `DELETE FROM journal_ligne WHERE id = ` + waiting},
	{"waiting mark removed", journal.FauteHors, `DELETE FROM journal_attente`},
	{"waits again", journal.FauteDouble, `INSERT INTO journal_attente (ligne_id) SELECT ligne_id FROM journal_rang WHERE rang = 3`},
	// Lines and ranks.
	{"line removed", journal.FauteManque, `DELETE FROM journal_ligne WHERE id = ` + line3},
	{"rank removed", journal.FauteRang, `DELETE FROM journal_rang WHERE rang = 3`},
	{"rank moved", journal.FauteRang, `UPDATE journal_rang SET rang = 30 WHERE rang = 3`},
	{"rank below zero", journal.FauteRang, `UPDATE journal_rang SET rang = -5 WHERE rang = 3`},
	{"rank far away", journal.FauteRang, `UPDATE journal_rang SET rang = 9223372036854775807 WHERE rang = 3`},
	{"last rank below zero", journal.FauteRang, `UPDATE journal_rang SET rang = -1 WHERE rang = 5`},
	{"bar in a text", journal.FauteLigne, `UPDATE journal_ligne SET initiateur = 'aidant|' WHERE id = ` + line3},
	{"bar between texts", journal.FauteLigne, `UPDATE journal_ligne SET action = action || '|' || initiateur, initiateur = '' WHERE id = ` + line3},
	{"ranked entry", journal.FauteLigne, `UPDATE journal_rang SET entree = ` + hash2 + ` WHERE rang = 3`},
	{"rank of another line", journal.FauteLigne, `UPDATE journal_rang SET ligne_id = ` + waiting + ` WHERE rang = 3; DELETE FROM journal_attente`},
	{"ranks swapped", journal.FauteRacine, `UPDATE journal_rang SET rang = -1 WHERE rang = 3; UPDATE journal_rang SET rang = 3 WHERE rang = 4;
		UPDATE journal_rang SET rang = 4 WHERE rang = -1`},
	{"line inserted", journal.FauteHors, `INSERT INTO journal_ligne (id, version, instant, action, initiateur, sel, contenu_empreinte, entree)
		SELECT ` + uuidX + `, version, instant, action, initiateur, sel, contenu_empreinte, entree FROM journal_ligne WHERE id = ` + line3},
	{"rank added", journal.FauteSansFin, `INSERT INTO journal_rang (rang, ligne_id, entree)
		SELECT 6, l.id, l.entree FROM journal_ligne AS l WHERE l.id = ` + waiting + `; DELETE FROM journal_attente`},
	// Truncations: the last batch disappears, more and more carefully.
	{"ranks cut", journal.FauteTronque, `DELETE FROM journal_rang WHERE rang >= 3`},
	{"ranks and nodes cut", journal.FauteTronque, `DELETE FROM journal_rang WHERE rang >= 3; DELETE FROM journal_noeud WHERE indice >= 4`},
	{"all but the checkpoint cut", journal.FauteTronque, `DELETE FROM journal_contenu WHERE ligne_id IN (SELECT ligne_id FROM journal_rang WHERE rang >= 3);
		DELETE FROM journal_ligne WHERE id IN (SELECT ligne_id FROM journal_rang WHERE rang >= 3);
		DELETE FROM journal_rang WHERE rang >= 3; DELETE FROM journal_noeud WHERE indice >= 4`},
	{"everything but checkpoints cut", journal.FauteTronque, `DELETE FROM journal_contenu; DELETE FROM journal_attente; DELETE FROM journal_ligne;
		DELETE FROM journal_rang; DELETE FROM journal_noeud`},
	// The tree.
	{"leaf node", journal.FauteNoeud, `UPDATE journal_noeud SET empreinte = ` + hash2 + ` WHERE indice = 4`},
	{"inner node", journal.FauteNoeud, `UPDATE journal_noeud SET empreinte = ` + hash2 + ` WHERE indice = 2`},
	{"short node", journal.FauteNoeud, `UPDATE journal_noeud SET empreinte = substr(empreinte, 1, 1) WHERE indice = 2`},
	{"node removed", journal.FauteNoeud, `DELETE FROM journal_noeud WHERE indice = 5`},
	{"node added", journal.FauteNoeud, `INSERT INTO journal_noeud (indice, empreinte) SELECT 100, empreinte FROM journal_noeud WHERE indice = 2`},
	// The checkpoints.
	{"checkpoint size", journal.FautePoint, `UPDATE journal_point SET taille = 4 WHERE taille = 3`},
	{"checkpoint size 0", journal.FautePoint, `UPDATE journal_point SET taille = 0 WHERE taille = 3`},
	{"checkpoint root", journal.FauteRacine, `UPDATE journal_point SET racine = ` + hash2 + ` WHERE taille = 3`},
	{"last checkpoint root", journal.FauteRacine, `UPDATE journal_point SET racine = ` + hash2 + ` WHERE taille = 6`},
	{"checkpoint text", journal.FautePoint, `UPDATE journal_point SET note = replace(note, 'aidants', 'Aidants') WHERE taille = 3`},
	{"checkpoint signature", journal.FautePoint, `UPDATE journal_point SET note = (SELECT note FROM journal_point WHERE taille = 6) WHERE taille = 3`},
	{"last checkpoint removed", journal.FauteSansFin, `DELETE FROM journal_point WHERE taille = 6`},
	{"all checkpoints removed", journal.FauteSansFin, `DELETE FROM journal_point`},
	{"origin", journal.FauteOrigine, `UPDATE journal_origine SET origine = 'autre'`},
	{"origin removed", journal.FauteOrigine, `DELETE FROM journal_origine`},
}

// TestAlterationsAreTold does each of them in a transaction, verifies there,
// and undoes it: the next one starts from the honest journal.
func TestAlterationsAreTold(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		m := victime(t, dialect)
		for _, c := range alterations {
			t.Run(string(dialect)+"/"+c.name, func(t *testing.T) {
				undo := errors.New("undo")
				err := m.d.Update(t.Context(), func(tx *db.Tx) error {
					for q := range strings.SplitSeq(c.sql, ";") {
						if _, err := tx.Exec(t.Context(), q); err != nil {
							return err
						}
					}
					r, err := m.j.VerifyWithin(t.Context(), tx)
					if !errors.Is(err, journal.ErrAltere) {
						return fmt.Errorf("verified: %w", err)
					}
					told(t, r, c.fault)
					return undo
				})
				if !errors.Is(err, undo) {
					t.Error(err)
				}
			})
		}
		m.verify(t)
	}
}

func told(t *testing.T, r journal.Report, fault string) {
	t.Helper()
	if !slices.ContainsFunc(r.Fautes, func(f journal.Faute) bool { return f.Genre == fault }) {
		t.Errorf("no fault %s in %+v", fault, r.Fautes)
	}
	for _, f := range r.Fautes {
		if f.Phrase() == "" || strings.HasSuffix(f.Phrase(), ": ") {
			t.Errorf("no sentence for %s", f.Genre)
		}
	}
}

// TestOneAlteredLineIsOneFault: the report points at it and nowhere else.
func TestOneAlteredLineIsOneFault(t *testing.T) {
	m := victime(t, db.SQLite)
	m.sql(t, `UPDATE journal_ligne SET usager = NULL WHERE id = `+line3)
	r, err := m.j.Verify(t.Context())
	if !errors.Is(err, journal.ErrAltere) || r.NombreFautes != 1 || r.Fautes[0].Rang != 3 {
		t.Errorf("report: %+v, %v", r, err)
	}
	if want := "rang 3 : la ligne a été modifiée (ligne " + r.Fautes[0].Ligne.String() + ")"; r.Fautes[0].Phrase() != want {
		t.Errorf("told as %s", r.Fautes[0].Phrase())
	}
}

// TestForeignSignatureIsTold: a checkpoint of that size and origin, signed by
// a key that is not the journal's.
func TestForeignSignatureIsTold(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			m := victime(t, dialect)
			foreign := victime(t, dialect)
			// The other journal is honest, of the same shape and origin.
			var notes [2]string
			for i, w := range []*monde{m, foreign} {
				w.view(t, func(ctx context.Context, tx *db.Tx) (err error) { notes[i], err = w.j.Checkpoint(ctx, tx); return err })
			}
			m.sql(t, `UPDATE journal_point SET note = '`+notes[1]+`' WHERE taille = 6`)
			r, err := m.j.Verify(t.Context())
			if !errors.Is(err, journal.ErrAltere) {
				t.Error(err)
			}
			told(t, r, journal.FautePoint)
		})
	}
}

// TestDamagedTreeIsNotExtended: the sequencer signs nothing after a cut.
func TestDamagedTreeIsNotExtended(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		for _, q := range []string{
			`DELETE FROM journal_rang WHERE rang >= 3`,
			`DELETE FROM journal_point WHERE taille = 6`,
			`DELETE FROM journal_noeud`,
			`UPDATE journal_noeud SET empreinte = ` + hash2 + ` WHERE indice = 6`,
			`UPDATE journal_point SET racine = ` + hash2 + ` WHERE taille = 6`,
		} {
			t.Run(string(dialect)+"/"+q, func(t *testing.T) {
				m := victime(t, dialect)
				m.sql(t, q)
				points := m.count(t, "journal_point")
				if n, err := m.j.Sequence(t.Context()); n != 0 || !errors.Is(err, journal.ErrAltere) {
					t.Errorf("%d lines, %v", n, err)
				}
				if m.count(t, "journal_point") != points || m.count(t, "journal_attente") != 1 {
					t.Error("something was written")
				}
			})
		}
	}
}
