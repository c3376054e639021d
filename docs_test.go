package aidantsconnect_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A document that says what the program no longer does is worse than none:
// what can be compared with the sources is compared here.

// documents are the pages of the project, by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("docs", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(name, ".md") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, name := range names {
		all[filepath.ToSlash(name)] = readText(t, name)
	}
	return all
}

func readText(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sourceFiles gives the files under these folders whose name ends so.
func sourceFiles(t *testing.T, suffixes []string, roots ...string) (all []string) {
	t.Helper()
	for _, root := range roots {
		err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() && slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) }) {
				all = append(all, filepath.ToSlash(name))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

var (
	testFunc  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)
	testNamed = regexp.MustCompile("`(?:([a-z]+)\\.)?((?:Test|Fuzz)[A-Z]\\w*)`")
)

// TestDocsNameTests: a test that a document names exists. It is written
// `package.TestName`, or `TestName` when it is at the root.
func TestDocsNameTests(t *testing.T) {
	tests := map[string]bool{}
	for _, name := range append(sourceFiles(t, []string{"_test.go"}, "internal", "cmd"), "house_test.go", "house_rules_test.go", "docs_test.go", "conformite_test.go") {
		pack := path.Base(path.Dir(name))
		for _, m := range testFunc.FindAllStringSubmatch(readText(t, name), -1) {
			tests[pack+"."+m[1]] = true
		}
	}
	docs := documents(t)
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		for _, m := range testNamed.FindAllStringSubmatch(docs[name], -1) {
			pack := m[1]
			if pack == "" {
				pack = "." // path.Dir of a file of the root
			}
			if !tests[pack+"."+m[2]] {
				t.Errorf("%s names %s, which does not exist", name, m[0])
			}
		}
	}
}

var packageRow = regexp.MustCompile("(?m)^\\| `((?:internal|cmd)/[a-z/]+)` \\| (\\d+) \\|")

// TestDocsListPackages: docs/maison.md has a line per package, with its rank.
func TestDocsListPackages(t *testing.T) {
	told := map[string]string{}
	for _, m := range packageRow.FindAllStringSubmatch(readText(t, "docs/maison.md"), -1) {
		told[m[1]] = m[2]
		if rank, ok := ranks[m[1]]; !ok || fmt.Sprint(rank) != m[2] {
			t.Errorf("docs/maison.md gives %s the rank %s; house_test.go: %d", m[1], m[2], rank)
		}
	}
	for _, name := range sourceFiles(t, []string{".go"}, "internal", "cmd") {
		if dir := path.Dir(name); told[dir] == "" && !strings.Contains(dir, "testdata") {
			told[dir] = "once"
			t.Errorf("docs/maison.md has no line for %s", dir)
		}
	}
}

var (
	configTag   = regexp.MustCompile("(?m)`variable:\"(AC_\\w+)\"(.*)`$")
	defaultTag  = regexp.MustCompile(`\bdefault:"([^"]*)"`)
	acVariable  = regexp.MustCompile(`\bAC_[A-Z0-9_]+`)
	variableRow = regexp.MustCompile("(?m)^\\| `(AC_\\w+)` \\| ([^|]*) \\|")
	taskName    = regexp.MustCompile(`\bNom: "(\w+)"`)
)

// TestDocsListOptions: docs/exploitation.md has a row per variable, with its
// default, a row per task, and names no variable that does not exist.
func TestDocsListOptions(t *testing.T) {
	const page = "docs/exploitation.md"
	text := readText(t, page)
	rows := map[string]string{}
	for _, m := range variableRow.FindAllStringSubmatch(text, -1) {
		rows[m[1]] = m[2]
	}
	known := map[string]bool{}
	for _, m := range configTag.FindAllStringSubmatch(readText(t, "internal/server/config.go"), -1) {
		known[m[1]] = true
		row, ok := rows[m[1]]
		if !ok {
			t.Errorf("%s has no row for %s", page, m[1])
			continue
		}
		if d := defaultTag.FindStringSubmatch(m[2]); d != nil && !strings.Contains(row, "`"+d[1]+"`") {
			t.Errorf("%s: the default of %s is %s, not %s", page, m[1], d[1], row)
		}
	}
	if len(known) == 0 {
		t.Fatal("no variable was read in internal/server/config.go")
	}
	docs := documents(t)
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		for _, v := range acVariable.FindAllString(docs[name], -1) {
			// AC_CLE_… names the family of the keys; AC_TEST_… is for the tests.
			v = strings.TrimSuffix(strings.TrimRight(v, "_"), "_FILE")
			if !known[v] && !strings.HasPrefix(v, "AC_TEST") && v != "AC_CLE" {
				t.Errorf("%s names the variable %s, which does not exist", name, v)
			}
		}
	}
	for _, m := range taskName.FindAllStringSubmatch(readText(t, "internal/server/taches.go"), -1) {
		if !strings.Contains(text, "| `"+m[1]+"` |") {
			t.Errorf("%s has no row for the task %s", page, m[1])
		}
	}
}

var (
	ruleCited = regexp.MustCompile(`\b(?:(?:M-W|A-W|FI-|FS-|FC-|SIM-|REP-|PC-|L-|T-)\d+|R11\.1)\b`)
	ruleRow   = regexp.MustCompile(`(?m)^\| ((?:[A-Z]+-W?\d+|R11\.1)) \|(.*)\|$`)
	fileNamed = regexp.MustCompile("`([\\w./-]+\\.(?:go|templ|sql|html|css|mjs|sh|csv|json|md))`")
)

// TestDocsExplainRules: every rule that the sources cite by an identifier is
// told in docs/regles.md, once, with the file that obeys it.
func TestDocsExplainRules(t *testing.T) {
	const page = "docs/regles.md"
	held, later, _ := strings.Cut(readText(t, page), "## Pas encore tenues")
	rows := map[string]string{}
	for _, m := range ruleRow.FindAllStringSubmatch(held, -1) {
		if rows[m[1]] != "" {
			t.Errorf("%s tells %s twice", page, m[1])
		}
		rows[m[1]] = m[2]
		files := fileNamed.FindAllStringSubmatch(m[2], -1)
		if len(files) == 0 {
			t.Errorf("%s: no file obeys %s", page, m[1])
		}
		for _, f := range files {
			if !exists("internal/"+f[1]) && !exists(f[1]) {
				t.Errorf("%s: %s names %s, which does not exist", page, m[1], f[1])
			}
		}
		if !testNamed.MatchString(m[2]) && !strings.Contains(m[2], "sans essai") {
			t.Errorf("%s: no test holds %s; say « sans essai » if that is so", page, m[1])
		}
	}
	for _, m := range ruleRow.FindAllStringSubmatch(later, -1) {
		if rows[m[1]] != "" {
			t.Errorf("%s tells %s as held and as not yet", page, m[1])
		}
	}
	cited := map[string]string{}
	for _, name := range sourceFiles(t, []string{".go", ".templ", ".sql"}, "internal", "cmd") {
		for _, id := range ruleCited.FindAllString(readText(t, name), -1) {
			cited[id] = name
		}
	}
	for _, id := range slices.Sorted(maps.Keys(cited)) {
		if rows[id] == "" {
			t.Errorf("%s cites %s, which %s does not tell", cited[id], id, page)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^()\s]+)\)`)

// TestDocsLinks: a relative link of a document leads to a file of the project.
func TestDocsLinks(t *testing.T) {
	docs := documents(t)
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		for _, m := range link.FindAllStringSubmatch(docs[name], -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to == "" || strings.Contains(to, ":") {
				continue
			}
			if !exists(path.Join(path.Dir(name), to)) {
				t.Errorf("%s links to %s, which does not exist", name, m[1])
			}
		}
	}
}

func exists(name string) bool {
	_, err := os.Stat(filepath.FromSlash(name))
	return err == nil
}
