package aidantsconnect_test

import (
	"fmt"
	"strings"
	"testing"
)

type told []string

func (t *told) Errorf(format string, args ...any) { *t = append(*t, fmt.Sprintf(format, args...)) }

const usagerSource = "// Package usager is a floor for this test.\n//\n// Tables: usager, identite.\npackage usager\n"

// TestHouseSees breaks each rule in turn: a rule that sees nothing holds
// nothing. The text goes to a file of internal/mandat, a slice that owns the
// table mandat; internal/usager, of a lower rank, owns usager and identite.
func TestHouseSees(t *testing.T) {
	const contract = "// Package mandat is a slice.\n//\n// Tables: mandat.\npackage mandat\n"
	read := "// reads: usager\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"nothing":            {"store.go", "package mandat\n" + read + "var q = `SELECT m.id FROM mandat AS m JOIN usager AS u ON u.id = m.usager_id`", ""},
		"higher import":      {"x.go", "package mandat\nimport _ \"aidantsconnect/internal/suivi\"", "only lower ranks"},
		"impure":             {"mandat.go", contract + "import _ \"net/http\"", "types and rules only"},
		"no contract":        {"mandat.go", "package mandat", "package comment"},
		"long function":      {"x.go", "package mandat\nfunc f() {" + strings.Repeat("\n", 90) + "}", "91 lines, more than 80"},
		"long file":          {"x.go", "package mandat" + strings.Repeat("\n", 510), "lines, more than 500"},
		"parameters":         {"x.go", "package mandat\nfunc f(ctx context.Context, tx *db.Tx, a, b, c, d, e int) {}", "5 parameters"},
		"init":               {"x.go", "package mandat\nfunc init() {}", "no init"},
		"clock":              {"x.go", "package mandat\nimport \"time\"\nvar t = time.Now()", "time.Now"},
		"todo":               {"x.go", "package mandat\n// TODO: later\n", "TODO(#12)"},
		"sql elsewhere":      {"x.go", "package mandat\nvar q = `SELECT id FROM mandat`", "store.go"},
		"small letters":      {"store.go", "package mandat\nvar q = `select id from mandat`", "capitals"},
		"foreign insert":     {"store.go", "package mandat\nvar q = `INSERT INTO usager (id) VALUES ($1)`", "not its own"},
		"foreign update":     {"store.go", "package mandat\nvar q = `UPDATE usager SET id = $1`", "not its own"},
		"foreign delete":     {"store.go", "package mandat\nvar q = `DELETE FROM usager`", "not its own"},
		"foreign in a with":  {"store.go", "package mandat\nvar q = `WITH x AS (SELECT 1) UPDATE usager SET id = 1`", "not its own"},
		"undeclared read":    {"store.go", "package mandat\nvar q = `SELECT 1 FROM mandat WHERE EXISTS (SELECT 1 FROM usager)`", "// reads: usager"},
		"undeclared in list": {"store.go", "package mandat\nvar q = `SELECT 1 FROM mandat AS m, identite AS i`", "// reads: identite"},
		"joined text":        {"store.go", "package mandat\nconst c = `id`\nvar q = `SELECT ` + c + ` FROM identite`", "// reads: identite"},
		"vain declaration":   {"store.go", "package mandat\n" + read, "and does not"},
		"higher table":       {"store.go", "package mandat\n// reads: suivi\nvar q = `SELECT id FROM suivi`", "not of a lower rank"},
		"unknown table":      {"store.go", "package mandat\nvar q = `SELECT id FROM licorne`", "unknown table licorne"},
		"upsert":             {"store.go", "package mandat\nvar q = `INSERT INTO mandat (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET id = $1`", ""},
		"name of a with":     {"store.go", "package mandat\nvar q = `WITH x AS MATERIALIZED (SELECT id FROM mandat) SELECT id FROM x`", ""},
		"distinct from":      {"store.go", "package mandat\nvar q = `SELECT id FROM mandat WHERE id IS DISTINCT FROM autre`", ""},
		"text by dialect":    {"store.go", "package mandat\nfunc f(tx T) { tx.Exec(nil, byDialect(tx, `SELECT 1`, `SELECT 2`)) }", ""},
		"computed text":      {"store.go", "package mandat\nimport \"fmt\"\nfunc f(tx T) { tx.Exec(nil, fmt.Sprint(1)) }", "literal"},
	} {
		t.Run(name, func(t *testing.T) {
			var got told
			h := newHouse(&got)
			sources := map[string]string{
				"internal/usager/usager.go": usagerSource,
				"internal/suivi/suivi.go":   "// Package suivi is a higher slice.\n//\n// Tables: suivi.\npackage suivi\n",
				"internal/db/db.go":         "// Package db is a floor.\n//\n// Tables: goose_db_version, goose_lock.\npackage db\n",
				"internal/mandat/mandat.go": contract,
			}
			sources["internal/mandat/"+c.file] = c.text
			for name, text := range sources {
				if err := h.add(name, []byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			h.readOwners("CREATE TABLE mandat (\nCREATE TABLE usager (\nCREATE TABLE identite (\nCREATE TABLE suivi (\n")
			if c.text != "package mandat" && len(got) > 0 {
				t.Fatal(got)
			}
			h.check(h.packages["internal/mandat"])
			if all := strings.Join(got, "\n"); (c.want == "") != (all == "") || !strings.Contains(all, c.want) {
				t.Errorf("got %q, want %q", all, c.want)
			}
		})
	}
}

func TestHouseSeesOwners(t *testing.T) {
	var got told
	h := newHouse(&got)
	for name, text := range map[string]string{
		"internal/usager/usager.go": usagerSource,
		"internal/mandat/mandat.go": "// Package mandat is a slice.\n//\n// Tables: mandat, usager.\npackage mandat\n",
	} {
		if err := h.add(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	h.readOwners("CREATE TABLE mandat (\nCREATE TABLE usager (\nCREATE TABLE orpheline (\n")
	all := strings.Join(got, "\n")
	for _, want := range []string{"usager is owned by", "identite, which no migration creates", "orpheline has no owner"} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q:\n%s", want, all)
		}
	}
}
