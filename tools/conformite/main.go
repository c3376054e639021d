// Command conformite runs the tests that re-express the modules of the OpenID
// certification suite and writes what they gave into docs/conformite.md, between
// its marks; the text around them is written by hand. docs/conformite.csv lists
// the modules, docs/regles.md the rules; docs/comptes.csv the rules about
// accounts, whose tests go to docs/comptes.md. It is run by make generate, from the
// root of the project; "go run tools/conformite/main.go regles" writes the table
// of the rules alone, at once.
package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	liste = "docs/conformite.csv"
	page  = "docs/conformite.md"

	listeComptes = "docs/comptes.csv"
	pageComptes  = "docs/comptes.md"
)

func main() {
	log.SetFlags(0)
	rules, err := os.ReadFile("docs/regles.md")
	if err != nil {
		log.Fatal(err)
	}
	if err := write(page, "regles", tableOfRules(string(rules))); err != nil {
		log.Fatal(err)
	}
	accounts, err := tableOfAccounts(string(rules))
	if err == nil {
		err = write(pageComptes, "regles", accounts)
	}
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) > 1 && os.Args[1] == "regles" {
		return
	}
	modules, err := readModules()
	if err != nil {
		log.Fatal(err)
	}
	dirs, err := findTests()
	if err != nil {
		log.Fatal(err)
	}
	results, err := run(slices.Compact(slices.Sorted(maps.Values(dirs))))
	if err != nil {
		log.Fatal(err)
	}
	if err := write(page, "modules", tableOfModules(modules, dirs, results)); err != nil {
		log.Fatal(err)
	}
	for _, m := range modules {
		if r := results[m.test()]; r != "pass" {
			log.Fatalf("%s : %s", m.id, mots[r])
		}
	}
}

// module is a line of the list.
type module struct{ role, id, attendu string }

// test is the name of its test.
func (m module) test() string { return "TestOidcc_" + strings.ReplaceAll(m.id, "-", "_") }

// readCSV gives the rows of a list, without its header.
func readCSV(name string) ([][]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	return rows[1:], nil
}

func readModules() ([]module, error) {
	rows, err := readCSV(liste)
	if err != nil {
		return nil, err
	}
	var out []module
	for _, r := range rows {
		out = append(out, module{r[0], r[1], r[2]})
	}
	return out, nil
}

var testFunc = regexp.MustCompile(`(?m)^func (TestOidcc_\w+)\(`)

// findTests gives the package folder of each test.
func findTests() (map[string]string, error) {
	dirs := map[string]string{}
	err := filepath.WalkDir("internal", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range testFunc.FindAllStringSubmatch(string(text), -1) {
			dirs[m[1]] = path.Dir(filepath.ToSlash(name))
		}
		return nil
	})
	return dirs, err
}

// run runs the tests and gives how each ended: pass, fail or skip.
func run(dirs []string) (map[string]string, error) {
	args := []string{"test", "-json", "-buildvcs=false", "-count=1", "-run", "^TestOidcc_"}
	for _, d := range dirs {
		args = append(args, "./"+d)
	}
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output() // a failed test is a result
	if len(out) == 0 && err != nil {
		return nil, fmt.Errorf("go test: %w", err)
	}
	results := map[string]string{}
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		var e struct{ Action, Test string }
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			continue // what a test printed
		}
		if e.Test != "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
			results[e.Test] = e.Action
		}
	}
	return results, nil
}

var (
	mots  = map[string]string{"pass": "réussi", "fail": "ÉCHEC", "skip": "NON PASSÉ", "": "SANS ESSAI"}
	roles = []struct{ role, titre string }{
		{"fi-base", "Nous sommes fournisseur d'identité : profil de base"},
		{"fi-decouverte", "Fournisseur d'identité : découverte"},
		{"fi-fin", "Fournisseur d'identité : fin de connexion"},
		{"fs-base", "Nous sommes client de FranceConnect : profil de base"},
		{"fs-configuration", "Client : découverte et clés"},
		{"fs-fin", "Client : déconnexion"},
	}
)

func tableOfModules(modules []module, dirs, results map[string]string) string {
	var b strings.Builder
	ended := map[string]int{}
	for _, m := range modules {
		ended[mots[results[m.test()]]]++
	}
	fmt.Fprintf(&b, "%d modules", len(modules))
	for _, w := range slices.Sorted(maps.Keys(ended)) {
		fmt.Fprintf(&b, ", %d %s", ended[w], plural(w, ended[w]))
	}
	b.WriteString(".\n")
	for _, r := range roles {
		fmt.Fprintf(&b, "\n### %s\n\n| module | attendu de nous | essai | résultat |\n|---|---|---|---|\n", r.titre)
		for _, m := range modules {
			if m.role == r.role {
				fmt.Fprintf(&b, "| %s | %s | `%s.%s` | %s |\n", m.id, m.attendu, path.Base(dirs[m.test()]), m.test(), mots[results[m.test()]])
			}
		}
	}
	return b.String()
}

func plural(w string, n int) string {
	if w == "réussi" && n > 1 {
		return "réussis"
	}
	return w
}

var (
	ruleRow  = regexp.MustCompile(`(?m)^\| ((?:FC|FI|FS|SIM|REP|M-W)-?\d+) \| (.*) \|$`)
	testName = regexp.MustCompile("`(?:[a-z]+\\.)?(?:Test|Fuzz)\\w+`")
)

// tableOfRules gives the tests of each rule about FranceConnect.
func tableOfRules(text string) string {
	held, _, _ := strings.Cut(text, "## Pas encore tenues")
	var b strings.Builder
	b.WriteString("| règle | essais |\n|---|---|\n")
	for _, m := range ruleRow.FindAllStringSubmatch(held, -1) {
		fmt.Fprintf(&b, "| %s | %s |\n", m[1], strings.Join(testName.FindAllString(m[2], -1), ", "))
	}
	return b.String()
}

var accountRow = regexp.MustCompile(`(?m)^\| (A-W\d+) \| (.*?) \| (.*) \|$`)

// tableOfAccounts gives what each rule about accounts says and the tests that
// hold it; or the work that will bring it.
func tableOfAccounts(text string) (string, error) {
	rows, err := readCSV(listeComptes)
	if err != nil {
		return "", err
	}
	held, _, _ := strings.Cut(text, "## Pas encore tenues")
	rules := map[string][]string{}
	for _, m := range accountRow.FindAllStringSubmatch(held, -1) {
		rules[m[1]] = m[2:]
	}
	var b, later strings.Builder
	n := 0
	for _, r := range rows {
		if r[1] != "" {
			fmt.Fprintf(&later, "| %s | %s | %s |\n", r[0], r[2], r[1])
			continue
		}
		rule := rules[r[0]]
		if rule == nil {
			return "", fmt.Errorf("docs/regles.md does not tell %s", r[0])
		}
		tests := testName.FindAllString(rule[1], -1)
		if len(tests) == 0 {
			return "", fmt.Errorf("no test holds %s", r[0])
		}
		n++
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r[0], rule[0], strings.Join(tests, ", "))
	}
	return fmt.Sprintf("%d règles tenues par un essai.\n\n| règle | en une ligne | essais |\n|---|---|---|\n%s\n## Autre lot\n\n"+
		"Ces règles viennent avec un autre travail que les comptes ; elles ne sont pas tenues, ou ne le sont pas en entier.\n\n"+
		"| règle | en une ligne | lot |\n|---|---|---|\n%s", n, b.String(), later.String()), nil
}

// write puts content between the two marks of the page.
func write(page, mark, content string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	from, to := "<!-- début : "+mark+" -->\n", "<!-- fin : "+mark+" -->"
	before, rest, ok := strings.Cut(string(text), from)
	_, after, closed := strings.Cut(rest, to)
	if !ok || !closed {
		return fmt.Errorf("%s has no marks for %s", page, mark)
	}
	return os.WriteFile(page, []byte(before+from+"\n"+content+"\n"+to+after), 0o644)
}
