package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

// createTable makes a table of the test's own, after the migrations.
func createTable(t *testing.T, d *db.DB, text string) {
	t.Helper()
	update(t, d, text)
}

func update(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB, query string, args ...any) (n int) {
	t.Helper()
	err := d.View(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(t.Context(), query, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

type sample struct {
	ID      ident.MandatID
	Autre   ident.MandatID
	Texte   string
	Octets  []byte
	Vrai    bool
	Nombre  int64
	Instant db.Time
	Absent  db.Time
}

func scanSample(s db.Scanner) (v sample, err error) {
	err = s.Scan(&v.ID, &v.Autre, &v.Texte, &v.Octets, &v.Vrai, &v.Nombre, &v.Instant, &v.Absent)
	return v, err
}

func TestRoundTrip(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		createTable(t, d, `CREATE TABLE essai (id uuid NOT NULL PRIMARY KEY, autre uuid, texte text NOT NULL,
			octets bytea NOT NULL, vrai boolean NOT NULL, nombre bigint NOT NULL, instant timestamptz, absent timestamptz)`)
		paris := time.FixedZone("Paris", 3600)
		want := sample{
			ID: ident.New[ident.MandatID](), Texte: "Ÿsée; '$1' -- œ \"", Octets: []byte{0, 255, 39, 92}, Vrai: true,
			Nombre: -1 << 62, Instant: db.At(time.Date(2026, 3, 29, 2, 30, 0, 123_456_789, paris)),
		}
		var got sample
		err := d.Update(ctx, func(tx *db.Tx) (err error) {
			// The order of the parameters is not that of the columns, and one
			// serves twice: both databases number them alike.
			got, err = scanSample(tx.QueryRow(ctx, `INSERT INTO essai (id, autre, texte, octets, vrai, nombre, instant, absent)
				VALUES ($8, $2, $3, $4, $5, $6, $7, $1) RETURNING id, autre, texte, octets, vrai, nombre, instant, absent`,
				want.Absent, want.Autre, want.Texte, want.Octets, want.Vrai, want.Nombre, want.Instant, want.ID))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		equal := cmp.Comparer(func(a, b sample) bool {
			return a.ID == b.ID && a.Autre == b.Autre && a.Texte == b.Texte && bytes.Equal(a.Octets, b.Octets) &&
				a.Vrai == b.Vrai && a.Nombre == b.Nombre && a.Instant == b.Instant && a.Absent == b.Absent
		})
		if !cmp.Equal(want, got, equal) {
			t.Errorf("RETURNING: got %+v, want %+v", got, want)
		}
		var all []sample
		err = d.View(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT id, autre, texte, octets, vrai, nombre, instant, absent FROM essai
				WHERE id = $1 AND vrai AND instant = $2 AND instant < $3 AND octets = $4 AND absent IS NULL`,
				want.ID, want.Instant, want.Instant.Add(time.Millisecond), want.Octets)
			all, err = db.Collect(rows, err, scanSample)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 1 || !cmp.Equal(want, all[0], equal) {
			t.Errorf("SELECT: got %+v, want %+v", all, want)
		}
		if got.Instant.String() != "2026-03-29T01:30:00.123Z" {
			t.Errorf("instant %s: not UTC to the millisecond", got.Instant)
		}
	})
}

func TestTextsSortByBytes(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		createTable(t, d, `CREATE TABLE essai (mot text NOT NULL)`)
		want := []string{"B", "a b", "a-c", "ab", "É"}
		for _, w := range []string{"ab", "É", "a-c", "B", "a b"} {
			update(t, d, `INSERT INTO essai (mot) VALUES ($1)`, w)
		}
		var got []string
		err := d.View(t.Context(), func(tx *db.Tx) error {
			rows, err := tx.Query(t.Context(), `SELECT mot FROM essai ORDER BY mot`)
			got, err = db.Collect(rows, err, func(s db.Scanner) (w string, err error) { return w, s.Scan(&w) })
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRefusedParameters(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		now := time.Now()
		for name, arg := range map[string]any{
			"time":        now,
			"pointer":     &now,
			"null time":   sql.NullTime{Time: now, Valid: true},
			"sql null":    sql.Null[time.Time]{V: now, Valid: true},
			"string list": []string{"a"},
			"map":         map[string]int{},
		} {
			t.Run(name, func(t *testing.T) {
				for call, run := range map[string]func(*db.Tx) error{
					"Exec":     func(tx *db.Tx) error { _, err := tx.Exec(ctx, `SELECT $1`, arg); return err },
					"QueryRow": func(tx *db.Tx) error { var s string; return tx.QueryRow(ctx, `SELECT $1`, arg).Scan(&s) },
					"Query": func(tx *db.Tx) error {
						rows, err := tx.Query(ctx, `SELECT $1`, arg)
						if err == nil {
							err = rows.Close()
						}
						return err
					},
				} {
					if err := d.View(ctx, run); err == nil {
						t.Errorf("%s accepted a %T", call, arg)
					}
				}
			})
		}
	})
}

func TestUpdatesAreNotLost(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		createTable(t, d, `CREATE TABLE essai (id bigint NOT NULL PRIMARY KEY, nombre bigint NOT NULL)`)
		update(t, d, `INSERT INTO essai (id, nombre) VALUES (1, 0)`)
		// Read, then write what was read plus one: without serializable
		// transactions and their retries some would be lost.
		increment := func() error {
			return d.Update(ctx, func(tx *db.Tx) error {
				var n int
				if err := tx.QueryRow(ctx, `SELECT nombre FROM essai WHERE id = 1`).Scan(&n); err != nil {
					return err
				}
				_, err := tx.Exec(ctx, `UPDATE essai SET nombre = $1 WHERE id = 1`, n+1)
				return err
			})
		}
		const each = 20
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for done := 0; done < each; {
					err := increment()
					switch {
					case err == nil:
						done++
					case !fault.Is(err, fault.Unavailable): // five collisions in a row may happen
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if n := count(t, d, `SELECT nombre FROM essai`); n != 2*each {
			t.Errorf("%d increments of %d", n, 2*each)
		}
	})
}

// TestEndlessContention: another node, which does not wait for our turns.
func TestEndlessContention(t *testing.T) {
	address := testkit.NewDatabase(t, db.Postgres)
	d, other := open(t, address), open(t, address)
	ctx := t.Context()
	createTable(t, d, `CREATE TABLE essai (id bigint NOT NULL PRIMARY KEY, nombre bigint NOT NULL)`)
	update(t, d, `INSERT INTO essai (id, nombre) VALUES (1, 0)`)
	runs := 0
	err := d.Update(ctx, func(tx *db.Tx) error {
		runs++
		if _, err := tx.Exec(ctx, `SELECT nombre FROM essai`); err != nil {
			return err
		}
		// Somebody else always comes between.
		update(t, other, `UPDATE essai SET nombre = nombre + 1`)
		_, err := tx.Exec(ctx, `UPDATE essai SET nombre = 0`)
		return errors.Join(errors.New("hidden under another error"), err)
	})
	if !fault.Is(err, fault.Unavailable) || runs != 5 {
		t.Errorf("after %d runs: %v", runs, err)
	}
}

// TestCrossingActs: acts that read and write the same pages, all at once. The
// first refusal makes one run alone: none is refused for good.
func TestCrossingActs(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		createTable(t, d, `CREATE TABLE essai (id bigint NOT NULL PRIMARY KEY, nombre bigint NOT NULL)`)
		const clients, each = 8, 10
		for i := range clients {
			update(t, d, `INSERT INTO essai (id, nombre) VALUES ($1, 0)`, i)
		}
		var wg sync.WaitGroup
		for i := range clients {
			wg.Go(func() {
				for range each {
					err := d.Update(ctx, func(tx *db.Tx) error {
						var most int
						if err := tx.QueryRow(ctx, `SELECT max(nombre) FROM essai`).Scan(&most); err != nil {
							return err
						}
						_, err := tx.Exec(ctx, `UPDATE essai SET nombre = $2 WHERE id = $1`, i, most+1)
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if n := d.Commits() - clients - 1; n != clients*each {
			t.Errorf("%d acts of %d", n, clients*each)
		}
	})
}

func TestRollback(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		createTable(t, d, `CREATE TABLE essai (nombre bigint NOT NULL PRIMARY KEY)`)
		insert := func(tx *db.Tx, n int) error {
			_, err := tx.Exec(ctx, `INSERT INTO essai (nombre) VALUES ($1)`, n)
			return err
		}
		var kept *db.Tx
		refusal := fault.New(fault.Conflict, "essai")
		err := d.Update(ctx, func(tx *db.Tx) error {
			kept = tx
			if err := insert(tx, 1); err != nil {
				return err
			}
			return refusal
		})
		if err != error(refusal) {
			t.Errorf("got %v, want the error as it is", err)
		}
		if err := insert(kept, 2); err == nil {
			t.Error("a transaction served after its end")
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was lost")
				}
			}()
			_ = d.Update(ctx, func(tx *db.Tx) error {
				_ = insert(tx, 3)
				panic("essai")
			})
		}()
		err = d.Update(ctx, func(tx *db.Tx) error {
			if err := insert(tx, 4); err != nil {
				return err
			}
			if err := insert(tx, 4); !db.IsUnique(err) {
				t.Errorf("a second row with the same key: %v", err)
			}
			if err := insert(tx, 5); err == nil {
				t.Error("a statement ran in a failed transaction")
			}
			return nil
		})
		if !db.IsUnique(err) {
			t.Errorf("a failed transaction was committed: %v", err)
		}
		cancelled, cancel := context.WithCancel(ctx)
		err = d.Update(cancelled, func(tx *db.Tx) error {
			err := insert(tx, 6)
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled act: %v", err)
		}
		if n := count(t, d, `SELECT count(*) FROM essai`); n != 0 {
			t.Errorf("%d rows left behind", n)
		}
	})
}

func TestFailAt(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		createTable(t, d, `CREATE TABLE essai (nombre bigint NOT NULL)`)
		act := func() error {
			return d.Update(ctx, func(tx *db.Tx) error {
				for i := range 3 {
					if _, err := tx.Exec(ctx, `INSERT INTO essai (nombre) VALUES ($1)`, i); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := act(); err != nil {
			t.Fatal(err)
		}
		n := d.Statements()
		if n != 4 {
			t.Fatalf("%d statements, want 3 and the COMMIT", n)
		}
		for i := range n {
			d.FailAt(i + 1)
			if err := act(); !errors.Is(err, db.ErrInjected) {
				t.Errorf("statement %d: %v", i+1, err)
			}
			if d.Statements() != i+1 {
				t.Errorf("statement %d was number %d", i+1, d.Statements())
			}
		}
		d.FailAt(0)
		if rows := count(t, d, `SELECT count(*) FROM essai`); rows != 3 {
			t.Errorf("%d rows, want those of the act that succeeded", rows)
		}
	})
}

func TestViewCannotWrite(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		err := d.View(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO bail (nom, porteur, echeance) VALUES ('a', 'b', $1)`, tx.Now)
			return err
		})
		if err == nil {
			t.Error("a View wrote")
		}
		if n := count(t, d, `SELECT count(*) FROM bail`); n != 0 {
			t.Errorf("%d rows written by a View", n)
		}
	})
}

// TestViewOne: one statement, which reads.
func TestViewOne(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		createTable(t, d, `CREATE TABLE essai (n bigint NOT NULL PRIMARY KEY)`)
		update(t, d, `INSERT INTO essai (n) VALUES ($1)`, 7)
		ctx := t.Context()
		var n int
		one := func(tx *db.Tx) error { return tx.QueryRow(ctx, `SELECT n FROM essai WHERE n = $1`, 7).Scan(&n) }
		if err := d.ViewOne(ctx, one); err != nil || n != 7 {
			t.Fatalf("got %d, %v", n, err)
		}
		err := d.ViewOne(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, `SELECT n FROM essai WHERE n = $1`, 8).Scan(&n) })
		if !errors.Is(err, sql.ErrNoRows) {
			t.Fatalf("no row: %v", err)
		}
		for name, fn := range map[string]func(*db.Tx) error{
			"two reads": func(tx *db.Tx) error { return errors.Join(one(tx), one(tx)) },
			"a write": func(tx *db.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO essai (n) VALUES ($1)`, 8)
				return err
			},
			"a write that answers": func(tx *db.Tx) error {
				return tx.QueryRow(ctx, `INSERT INTO essai (n) VALUES ($1) RETURNING n`, 9).Scan(&n)
			},
		} {
			if err := d.ViewOne(ctx, fn); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
		if n := count(t, d, `SELECT count(*) FROM essai`); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestViewIsOneSnapshot(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		createTable(t, d, `CREATE TABLE essai (nombre bigint NOT NULL)`)
		err := d.View(ctx, func(tx *db.Tx) error {
			read := func() (n int) {
				if err := tx.QueryRow(ctx, `SELECT count(*) FROM essai`).Scan(&n); err != nil {
					t.Error(err)
				}
				return n
			}
			before := read()
			update(t, d, `INSERT INTO essai (nombre) VALUES (1)`)
			if after := read(); after != before {
				t.Errorf("the view saw a row that came after it began")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A statement that runs again while its own rows are being read must not
// disturb them: the SQLite statements are kept prepared.
func TestSameStatementWithinItself(t *testing.T) {
	d := testkit.OpenDB(t, db.SQLite, testkit.NewClock(testkit.Start))
	ctx := t.Context()
	createTable(t, d, `CREATE TABLE essai (nombre bigint NOT NULL)`)
	update(t, d, `INSERT INTO essai (nombre) VALUES (1), (2), (3)`)
	const query = `SELECT nombre FROM essai WHERE nombre >= $1 ORDER BY nombre`
	one := func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }
	err := d.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, query, 1)
		outer, err := db.Collect(rows, err, func(s db.Scanner) (int, error) {
			rows, err := tx.Query(ctx, query, 3)
			if _, err := db.Collect(rows, err, one); err != nil {
				return 0, err
			}
			var n int
			return n, s.Scan(&n)
		})
		if len(outer) != 3 {
			t.Errorf("%d rows of 3", len(outer))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestForeignKeys(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		createTable(t, d, `CREATE TABLE parent (id bigint NOT NULL PRIMARY KEY)`)
		createTable(t, d, `CREATE TABLE enfant (parent_id bigint NOT NULL REFERENCES parent (id))`)
		err := d.Update(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO enfant (parent_id) VALUES (1)`)
			return err
		})
		if !db.IsForeignKey(err) || db.IsUnique(err) {
			t.Errorf("got %v, want a foreign key violation", err)
		}
	})
}

func TestNowIsOneInstant(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		err := d.View(t.Context(), func(tx *db.Tx) error {
			before := tx.Now
			clock.Advance(time.Hour)
			if tx.Now != before || before != db.At(testkit.Start) {
				t.Error("the transaction's instant moved with the clock")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
