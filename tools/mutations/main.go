// Command mutations removes each check of the verification code, one at a time,
// and makes sure that a test fails without it. The sources are not touched: the
// compiler is given another text for one file. The list says, for each file,
// what is taken out; a check that the list cannot find any more is a mistake of
// the list. Run it from the root of the project, sometimes: it is long.
//
//	tools/avec-grappe.sh go run tools/mutations/main.go [part of a file's name]
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const liste = "tools/mutations/liste.txt"

// mutation is one check taken out.
type mutation struct {
	file, pack, run string // run: the tests that must notice
	from, to        string
	why             string // nobody can notice: another check refuses the same
	line            int    // of the list
}

func main() {
	log.SetFlags(0)
	all, err := read()
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "mutations")
	if err != nil {
		log.Fatal(err)
	}
	killed, survived, twins := 0, 0, 0
	whole := map[string]bool{}
	for _, m := range all {
		if len(os.Args) > 1 && !strings.Contains(m.file, os.Args[1]) {
			continue
		}
		// Tests that fail anyway would seem to notice everything.
		if tests := m.pack + " " + m.run; !whole[tests] {
			if verdict, err := run(m, ""); err != nil || verdict != "PAS VU" {
				log.Fatalf("%s: the tests fail before anything is taken out (%s): %v", m.file, tests, err)
			}
			whole[tests] = true
		}
		start := time.Now()
		verdict, err := try(m, dir)
		if err != nil {
			log.Printf("%s:%d: %v", liste, m.line, err)
			verdict = "ERREUR"
		}
		switch {
		case m.why == "" && verdict == "vu":
			killed++
		case m.why != "" && verdict == "PAS VU":
			twins++
			verdict = "doublé"
		default:
			survived++
		}
		fmt.Printf("%-9s %4.0fs %s:%d %s\n", verdict, time.Since(start).Seconds(), liste, m.line, strings.TrimSpace(m.from))
	}
	if err := os.RemoveAll(dir); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d contrôles retirés, %d vus par un essai, %d doublés par un autre contrôle, %d à revoir\n", killed+twins+survived, killed, twins, survived)
	if survived > 0 {
		os.Exit(1)
	}
}

// read parses the list: "@ file package [tests]", then pairs of "- old" and
// "+ new", each perhaps followed by "= why" no test can tell the difference.
func read() (out []mutation, err error) {
	text, err := os.ReadFile(liste)
	if err != nil {
		return nil, err
	}
	var at mutation
	for i, l := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(l, "@ "):
			f := strings.Fields(l)
			at = mutation{file: f[1], pack: f[2]}
			if len(f) > 3 {
				at.run = f[3]
			}
		case strings.HasPrefix(l, "- "):
			m := at
			m.from, m.line = l[2:], i+1
			out = append(out, m)
		case l == "+" || strings.HasPrefix(l, "+ "):
			out[len(out)-1].to = strings.TrimPrefix(l[1:], " ")
		case strings.HasPrefix(l, "= "):
			out[len(out)-1].why = l[2:]
		case l != "" && !strings.HasPrefix(l, "#"):
			return nil, fmt.Errorf("%s:%d: not understood", liste, i+1)
		}
	}
	return out, nil
}

// try says whether a test failed without the check.
func try(m mutation, dir string) (string, error) {
	text, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.from); n != 1 {
		return "", fmt.Errorf("found %d times in %s: %s", n, m.file, m.from)
	}
	mutant := filepath.Join(dir, "mutant.go")
	if err := os.WriteFile(mutant, []byte(strings.Replace(string(text), m.from, m.to, 1)), 0o600); err != nil {
		return "", err
	}
	path, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutant}})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(name, overlay, 0o600); err != nil {
		return "", err
	}
	return run(m, name)
}

// run runs the tests that must notice, the sources replaced by an overlay.
func run(m mutation, overlay string) (string, error) {
	args := []string{"test", "-buildvcs=false", "-count=1", "-failfast", "-vet=off", "-overlay", overlay}
	if m.run != "" {
		args = append(args, "-run", m.run)
	}
	out, err := exec.Command("go", append(args, m.pack)...).CombinedOutput()
	switch {
	case strings.Contains(string(out), "[build failed]"), strings.Contains(string(out), "[setup failed]"):
		return "", fmt.Errorf("does not compile:\n%s", out)
	case strings.Contains(string(out), "no tests to run"):
		return "", fmt.Errorf("no test is named so: %s", m.run)
	case err == nil:
		return "PAS VU", nil
	}
	return "vu", nil
}
