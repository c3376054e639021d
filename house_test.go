// Package aidantsconnect_test holds the architecture as a test: who may import
// whom, what each file may touch, and how long things may be. It only reads
// the sources; docs/decisions/0001 tells why each rule exists.
package aidantsconnect_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "aidantsconnect/"

// ranks orders the packages: one imports only packages of a lower rank.
var ranks = map[string]int{
	// Floors: they know no slice.
	"internal/fault": 0, "internal/ident": 0, "internal/demarche": 0, "internal/secret": 0, "internal/outgoing": 0, "internal/machine": 0, "internal/tri": 0, "internal/lieu": 0,
	"internal/horodatage": 0,
	"internal/actor":      1, "internal/db": 1, "internal/oidc": 1, "internal/web/dsfr": 1, "internal/tableur": 1,
	"internal/web": 2, "internal/cle": 2, "internal/simulateur/registre": 2,
	"internal/journal": 3, "internal/journal/fait": 2, "internal/franceconnect": 3, "internal/simulateur/proconnect": 3, "internal/simulateur": 3,
	"internal/limite": 3, "internal/pdf": 3, "internal/garde": 3,
	"internal/transparence": 4, "internal/sceau": 4,
	"internal/tache": 4, "internal/recit": 4,
	"internal/outbox": 5,
	// Slices: each owns its types, rules, routes, pages, SQL and tables.
	"internal/organisation": 6, "internal/usager": 6,
	"internal/aidant":  7,
	"internal/facteur": 8, "internal/consentement": 8,
	"internal/connexion": 9, "internal/enrolement": 9,
	"internal/compte": 10, "internal/mandat": 10,
	"internal/proconnect":  10,
	"internal/fin":         11,
	"internal/attestation": 12, "internal/traduction": 11, "internal/papier": 11, "internal/renouvellement": 11,
	"internal/demande": 12, "internal/notification": 11, "internal/rappel": 12, "internal/signature": 12, "internal/suivi": 12, "internal/textos": 12,
	"internal/cessation": 13, "internal/revocation": 13,
	"internal/distance": 13, "internal/comprendre": 13, "internal/fournisseur": 13, "internal/referent": 13,
	"internal/site": 14, "internal/accueil": 14, "internal/gestion": 14, "internal/traitement": 14, "internal/consultation": 14, "internal/conservation": 14, "internal/importation": 14,
	"internal/histoire": 13, "internal/detection": 13, "internal/acces": 14, "internal/planning": 14,
	"internal/rapprochement": 15, // reads them all
	// The whole.
	"internal/server": 16,
	"internal/demo":   17, "internal/diagnostic": 17,
	"internal/testkit": 18, "internal/figurant": 18,
	"internal/croissance": 19, "internal/parcours": 19, "internal/poids": 19,
	"internal/mesures":   20,
	"cmd/aidantsconnect": 20,
}

// The slices are the packages of these ranks.
const firstSlice, lastSlice = 6, 15

// clockOwners may ask the machine what time it is. Elsewhere the instant is
// the transaction's, or comes from an injected clock, or the tests lie.
// The demo tells how long each of its steps took.
var clockOwners = []string{"internal/db", "internal/server", "internal/demo", "internal/testkit", "internal/mesures", "internal/croissance", "cmd/aidantsconnect"}

// layers lay down or read rows of every slice, for the tests and the measures.
var layers = []string{"testkit", "mesures", "croissance", "poids"}

// Sizes past which the test refuses.
const (
	maxFile, maxFunc, maxPackage = 500, 80, 3000 // lines
	maxParams                    = 4             // besides the context and the transaction
)

// impure are the imports a slice's file of law may not have.
var impure = []string{"net/http", "database/sql", "context", "os", module + "internal/db", module + "internal/web", module + "internal/web/dsfr"}

type source struct {
	path      string // "internal/mandat/store.go"
	file      *ast.File
	lines     int
	generated bool
}

type pack struct {
	dir     string
	rank    int
	sources []source // without tests
	tests   []source
	tables  []string // owned
}

func (p *pack) name() string  { return path.Base(p.dir) }
func (p *pack) isSlice() bool { return p.rank >= firstSlice && p.rank <= lastSlice }

// reporter is a *testing.T, or what stands for one when the rules themselves
// are tested.
type reporter interface {
	Errorf(format string, args ...any)
}

// house is the parsed source of the whole program.
type house struct {
	t        reporter
	fset     *token.FileSet
	packages map[string]*pack
	owners   map[string]*pack // by table
}

func newHouse(t reporter) *house {
	return &house{t: t, fset: token.NewFileSet(), packages: map[string]*pack{}, owners: map[string]*pack{}}
}

func TestHouse(t *testing.T) {
	h := newHouse(t)
	for _, root := range []string{"internal", "cmd"} {
		err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(name, ".go") || strings.Contains(name, "testdata") {
				return err
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			return h.add(filepath.ToSlash(name), text)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob("internal/db/migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var migrations strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		migrations.Write(text)
	}
	h.readOwners(migrations.String())
	for _, dir := range slices.Sorted(maps.Keys(h.packages)) {
		t.Run(dir, func(t *testing.T) {
			h := &house{t, h.fset, h.packages, h.owners}
			h.check(h.packages[dir])
		})
	}
}

func (h *house) add(name string, text []byte) error {
	f, err := parser.ParseFile(h.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	dir := path.Dir(name)
	p := h.packages[dir]
	if p == nil {
		p = &pack{dir: dir, rank: -1}
		h.packages[dir] = p
	}
	s := source{name, f, h.fset.File(f.Pos()).LineCount(), ast.IsGenerated(f) || strings.HasSuffix(name, "_templ.go")}
	if strings.HasSuffix(name, "_test.go") {
		p.tests = append(p.tests, s)
	} else {
		p.sources = append(p.sources, s)
	}
	return nil
}

func (h *house) check(p *pack) {
	h.checkRank(p)
	h.checkComment(p)
	h.checkPurity(p)
	h.checkSizes(p)
	h.checkHabits(p)
	h.checkSQL(p)
	h.checkLiterals(p)
}

// checkRank holds the direction of the imports.
func (h *house) checkRank(p *pack) {
	rank, ok := ranks[p.dir]
	if !ok {
		h.t.Errorf("%s has no rank: give it one in house_test.go", p.dir)
		return
	}
	for _, s := range p.sources {
		for _, imp := range s.imports() {
			dir, ours := strings.CutPrefix(imp, module)
			if !ours {
				continue
			}
			if other, ok := ranks[dir]; !ok || other >= rank {
				h.t.Errorf("%s (rank %d) imports %s (rank %d): only lower ranks may be imported", s.path, rank, dir, other)
			}
		}
	}
}

func (s source) imports() (all []string) {
	for _, spec := range s.file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			all = append(all, name)
		}
	}
	return all
}

// packageComment is the contract of a package, "" when there is none.
func (p *pack) packageComment() string {
	for _, s := range p.sources {
		if s.file.Doc != nil && !s.generated {
			return s.file.Doc.Text()
		}
	}
	return ""
}

func (h *house) checkComment(p *pack) {
	if len(p.sources) == 0 {
		return
	}
	want := "Package " + p.name() + " "
	if strings.HasPrefix(p.dir, "cmd/") {
		want = "Command " + p.name() + " "
	}
	if !strings.HasPrefix(p.packageComment(), want) {
		h.t.Errorf("%s: its package comment, which is its contract, must begin with %q", p.dir, want)
	}
	for _, banned := range []string{"pkg", "models", "handlers", "utils", "util", "common", "helpers"} {
		if p.name() == banned {
			h.t.Errorf("%s: a package is named for what it is about", p.dir)
		}
	}
}

// checkPurity holds the file named like a slice to types and rules.
func (h *house) checkPurity(p *pack) {
	if !p.isSlice() {
		return
	}
	pure := p.dir + "/" + p.name() + ".go"
	i := slices.IndexFunc(p.sources, func(s source) bool { return s.path == pure })
	if i < 0 {
		h.t.Errorf("%s is missing: the rules of the slice are read there", pure)
		return
	}
	for _, imp := range p.sources[i].imports() {
		if slices.Contains(impure, imp) {
			h.t.Errorf("%s imports %s: the file named like its slice holds types and rules only", pure, imp)
		}
	}
}

func (h *house) checkSizes(p *pack) {
	total := 0
	for _, s := range p.sources {
		if s.generated {
			continue
		}
		total += s.lines
		if s.lines > maxFile {
			h.t.Errorf("%s has %d lines, more than %d", s.path, s.lines, maxFile)
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				h.checkFunc(s, f)
			}
		}
	}
	if total > maxPackage {
		h.t.Errorf("%s has %d lines, more than %d", p.dir, total, maxPackage)
	}
}

func (h *house) checkFunc(s source, f *ast.FuncDecl) {
	if n := h.fset.Position(f.End()).Line - h.fset.Position(f.Pos()).Line + 1; n > maxFunc {
		h.t.Errorf("%s: %s has %d lines, more than %d", s.path, f.Name.Name, n, maxFunc)
	}
	n := 0
	for _, field := range f.Type.Params.List {
		if isContextOrTx(field.Type) {
			continue
		}
		n += max(1, len(field.Names))
	}
	if n > maxParams {
		h.t.Errorf("%s: %s has %d parameters, more than %d besides the context and the transaction", s.path, f.Name.Name, n, maxParams)
	}
	if f.Recv == nil && f.Name.Name == "init" {
		h.t.Errorf("%s: no init function: what happens at start is written in server", s.path)
	}
}

// isContextOrTx recognises what is not counted among the parameters: the
// context, which in a handler is the request, and the transaction.
func isContextOrTx(e ast.Expr) bool {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name == "Tx"
	case *ast.SelectorExpr:
		return slices.Contains([]string{"Context", "Request", "Tx"}, e.Sel.Name)
	}
	return false
}

var todo = regexp.MustCompile(`TODO\b(\(#\d+\):)?`)

// checkHabits holds what a reader should never have to wonder about: the time
// comes from a clock, a thing to do has a number.
func (h *house) checkHabits(p *pack) {
	for _, s := range slices.Concat(p.sources, p.tests) {
		for _, group := range s.file.Comments {
			for _, c := range group.List {
				if m := todo.FindStringSubmatch(c.Text); m != nil && m[1] == "" {
					h.t.Errorf("%s: write TODO(#12): …, the number being the issue's", h.fset.Position(c.Pos()))
				}
			}
		}
	}
	if slices.Contains(clockOwners, p.dir) {
		return
	}
	for _, s := range p.sources {
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
				h.t.Errorf("%s: time.%s: use tx.Now or an injected clock", h.fset.Position(n.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

var (
	tablesLine  = regexp.MustCompile(`(?m)^Tables?: ([^.]+)\.`)
	createTable = regexp.MustCompile(`(?m)^CREATE TABLE (?:IF NOT EXISTS )?(\w+)`)
)

// readOwners reads who owns each table: the line "Tables: a, b." of a package
// comment. Every table of the migrations has one owner, and only real tables
// are owned.
func (h *house) readOwners(migrations string) {
	created := map[string]bool{"goose_db_version": true, "goose_lock": true}
	for _, m := range createTable.FindAllStringSubmatch(migrations, -1) {
		created[m[1]] = true
	}
	for dir, p := range h.packages {
		if rank, ok := ranks[dir]; ok {
			p.rank = rank
		}
		m := tablesLine.FindStringSubmatch(p.packageComment())
		if m == nil {
			continue
		}
		for _, table := range strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
			if other := h.owners[table]; other != nil {
				h.t.Errorf("the table %s is owned by %s and by %s", table, other.dir, dir)
			}
			if !created[table] {
				h.t.Errorf("%s owns the table %s, which no migration creates", dir, table)
			}
			h.owners[table] = p
			p.tables = append(p.tables, table)
		}
	}
	for table := range created {
		if h.owners[table] == nil {
			h.t.Errorf(`the table %s has no owner: write "Tables: %s." in a package comment`, table, table)
		}
	}
}

var (
	statement = regexp.MustCompile(`(?is)^\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\w+\s+(as\s+\w+\s+)?set\s|delete\s+from\s|with\s+\w+\s*(\([\w ,]+\)\s*)?as\s)`)
	upperCase = regexp.MustCompile(`^\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s`)
	// SQL keywords are written in capitals and names are not.
	written  = regexp.MustCompile(`\b(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE)\s+([a-z_][a-z0-9_]*)`)
	read     = regexp.MustCompile(`\b(DISTINCT\s+)?(?:FROM|JOIN)\s+([a-z_][a-z0-9_]*(?:(?:\s+AS)?\s+[a-z_]+)?(?:\s*,\s*[a-z_][a-z0-9_]*(?:(?:\s+AS)?\s+[a-z_]+)?)*)([.(]?)`)
	cte      = regexp.MustCompile(`\b([a-z_][a-z0-9_]*)\s*(?:\([a-z_0-9 ,]+\)\s*)?AS\s+(?:NOT\s+)?(?:MATERIALIZED\s*)?\(`)
	readLine = regexp.MustCompile(`^//\s*reads:\s*(.+?)\.?$`)
)

// checkSQL holds the tables to their owners: only the owner writes, in its
// store files, and whoever else reads says so.
func (h *house) checkSQL(p *pack) {
	if slices.Contains(layers, p.name()) {
		return
	}
	for _, s := range p.sources {
		declared := s.declaredReads()
		used := map[string]bool{}
		texts := s.sqlTexts()
		ctes := map[string]bool{}
		for _, t := range texts {
			for _, m := range cte.FindAllStringSubmatch(t.text, -1) {
				ctes[m[1]] = true
			}
		}
		for _, t := range texts {
			at := h.fset.Position(t.pos)
			isStatement := statement.MatchString(t.text)
			if isStatement && p.name() != "db" && !strings.HasPrefix(path.Base(s.path), "store") {
				h.t.Errorf("%s: SQL belongs in store.go", at)
			}
			if isStatement && !upperCase.MatchString(t.text) {
				h.t.Errorf("%s: SQL keywords are written in capitals", at)
			}
			for _, m := range written.FindAllStringSubmatch(t.text, -1) {
				if h.owners[m[1]] != p {
					h.t.Errorf("%s: %s writes the table %s, which is not its own", at, p.dir, m[1])
				}
			}
			for _, table := range tablesRead(t.text) {
				if ctes[table] || h.owners[table] == p {
					continue
				}
				h.checkRead(p, at, table, declared)
				used[table] = true
			}
		}
		for table := range declared {
			if !used[table] {
				h.t.Errorf("%s declares that it reads %s, and does not", s.path, table)
			}
		}
	}
}

// checkLiterals refuses a statement whose text is computed: what is sent to the
// database can be read in the source, and holds no value.
func (h *house) checkLiterals(p *pack) {
	if slices.Contains(layers, p.name()) {
		return
	}
	for _, s := range p.sources {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Exec", "Query", "QueryRow"}, sel.Sel.Name) {
				return true
			}
			if !isLiteral(call.Args[1]) {
				h.t.Errorf("%s: the text of a statement is a literal", h.fset.Position(call.Pos()))
			}
			return true
		})
	}
}

// isLiteral accepts a text, a name, their sum, and a function that chooses
// among them, as between the texts of two dialects.
func isLiteral(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit, *ast.Ident:
		return true
	case *ast.BinaryExpr:
		return isLiteral(e.X) && isLiteral(e.Y)
	case *ast.CallExpr:
		_, local := e.Fun.(*ast.Ident)
		return local && !slices.ContainsFunc(e.Args, func(a ast.Expr) bool { return !isLiteral(a) })
	}
	return false
}

func (h *house) checkRead(p *pack, at token.Position, table string, declared map[string]bool) {
	owner := h.owners[table]
	switch {
	case p.name() == "db" && owner == nil:
		// the databases' own catalogues
	case owner == nil:
		h.t.Errorf("%s: unknown table %s", at, table)
	case owner.rank >= p.rank:
		h.t.Errorf("%s: %s reads %s, a table of %s, which is not of a lower rank", at, p.dir, table, owner.dir)
	case !declared[table]:
		h.t.Errorf("%s: reads %s, a table of %s: declare it by a line // reads: %s", at, table, owner.dir, table)
	}
}

// tablesRead lists the names after FROM and JOIN.
func tablesRead(text string) (tables []string) {
	for _, m := range read.FindAllStringSubmatch(text, -1) {
		if m[1] != "" || m[3] != "" { // IS DISTINCT FROM x, FROM f(x), FROM alias.column
			continue
		}
		for item := range strings.SplitSeq(m[2], ",") {
			if words := strings.Fields(item); len(words) > 0 {
				tables = append(tables, words[0])
			}
		}
	}
	return tables
}

func (s source) declaredReads() map[string]bool {
	declared := map[string]bool{}
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			m := readLine.FindStringSubmatch(c.Text)
			if m == nil {
				continue
			}
			for table := range strings.SplitSeq(m[1], ",") {
				declared[strings.TrimSpace(table)] = true
			}
		}
	}
	return declared
}

type sqlText struct {
	text string
	pos  token.Pos
}

// sqlTexts are the texts of a file, those joined by + together.
func (s source) sqlTexts() (all []sqlText) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.ADD {
				if text, any := joined(n); any {
					all = append(all, sqlText{text, n.Pos()})
					return false
				}
			}
		case *ast.BasicLit:
			if text, ok := joined(n); ok {
				all = append(all, sqlText{text, n.Pos()})
			}
		}
		return true
	})
	return all
}

// joined is the text of an expression, its names of constants left as spaces.
func joined(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, okLeft := joined(e.X)
		right, okRight := joined(e.Y)
		return left + " " + right, okLeft || okRight
	}
	return "", false
}
