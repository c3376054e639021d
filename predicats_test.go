package aidantsconnect_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// etatEnSQL is a condition on what makes the state of a mandat or of one of its
// autorisations: how it ended, whether its date is past. No other table has a
// column fin or fin_motif; the dates of others are read under other letters.
var etatEnSQL = regexp.MustCompile(`\b(?:[a-z]+\.)?fin IS (?:NOT )?NULL\b|\bfin_motif (?:=|<>|IN\b|NOT\b)|\b[amtv]\.date_expiration (?:=|<|>)|date_expiration (?:<|>)=? \S+ AND fin\b`)

// horsPredicats are the only files that may write one, each with its reason.
var horsPredicats = map[string]string{
	"internal/mandat/store_etat.go":           "the predicates themselves",
	"internal/mandat/store_onglet.go":         "the predicates themselves",
	"internal/mandat/store.go":                "the gate that ends an autorisation",
	"internal/conservation/store.go":          "the first cut by an index, before mandat.PerimeSQL",
	"internal/suivi/store_liste.go":           "the end asked of a list, beside mandat.OngletSQL",
	"internal/textos/store.go":                "how long a number is kept, whatever the state",
	"internal/rapprochement/store_mandats.go": "compares the rows themselves with the journal",
}

// A state of a mandat is said once in SQL, beside the rule in Go that a test
// compares it with (mandat.TestPredicatesAgreeOnAnyMandat): no statement has a
// condition of its own.
func TestStatesAreSaidOnce(t *testing.T) {
	used := map[string]bool{}
	err := filepath.WalkDir("internal", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil || !etatEnSQL.MatchString(text) {
				return true
			}
			name := filepath.ToSlash(path)
			used[name] = true
			if horsPredicats[name] == "" {
				t.Errorf("%s: %q: the state of a mandat is one of the expressions of mandat/store_etat.go", fset.Position(lit.Pos()), etatEnSQL.FindString(text))
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, why := range horsPredicats {
		if !used[name] {
			t.Errorf("%s has no such condition any more: take it from the list (%s)", name, why)
		}
	}
}
