package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/testkit"
)

// command runs the program and gives what it wrote.
func command(t *testing.T, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	code = run(t.Context(), args, environ, &out, &problems)
	return code, out.String(), problems.String()
}

// must runs a command that has to succeed and gives its output.
func must(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	code, out, problems := command(t, environ, args...)
	if code != exitDone {
		t.Fatalf("%v: exit %d\n%s%s", args, code, out, problems)
	}
	return out
}

// environment is enough to run every command on a database.
func environment(t *testing.T, base string) []string {
	t.Helper()
	return append(server.NewCles().Variables(), "AC_BASE="+base, "AC_ORIGINE=http://localhost:3000", "AC_SIMULATION=true",
		"AC_COURRIEL=dossier:"+t.TempDir(), "AC_COURRIEL_EXPEDITEUR=connexion@exemple.fr",
		"AC_FC_EMETTEUR=http://fc.localhost:3000/api/v2", "AC_FC_CLIENT_ID=ac", "AC_FC_CLIENT_SECRET="+strings.Repeat("s3cr3t-", 6))
}

func TestHelpIsFrenchAndComplete(t *testing.T) {
	help := must(t, nil, "--help")
	if got := must(t, nil); got != help {
		t.Error("without a word, the help is another one")
	}
	english := regexp.MustCompile(`(?i)\b(usage:|flags|run|show|the|for more)\b`)
	for _, words := range []string{"serve", "demo", "migrate", "config", "diagnostic", "cles generate", "cles list", "cles rotate", "journal verify", "journal receipt", "journal follow", "attestation verify", "organisation create", "organisation list", "aidant create", "aidant list", "carte import"} {
		if !strings.Contains(help, "\n  "+words+" ") {
			t.Errorf("%q is not in the help", words)
		}
		one := must(t, nil, append(strings.Fields(words), "--help")...)
		if !strings.HasPrefix(one, "Usage : aidantsconnect "+words+" [options]\n") || english.MatchString(one) {
			t.Errorf("help of %s:\n%s", words, one)
		}
	}
	if one := must(t, nil, "journal", "--help"); !strings.Contains(one, "journal verify") {
		t.Errorf("help of journal:\n%s", one)
	}
	serve := must(t, nil, "serve", "--help")
	for _, v := range []string{"--origine=URL  AC_ORIGINE\n", "\n  AC_CLE_SUB\n", "Par défaut : 127.0.0.1:3000."} {
		if !strings.Contains(serve, v) {
			t.Errorf("%q is not in the help of serve", v)
		}
	}
	if strings.Contains(serve, "--cle-sub") {
		t.Error("a secret is shown as an option")
	}
}

func TestWrongCommandLines(t *testing.T) {
	for args, want := range map[string]string{
		"serv":                   "mot inattendu serv, vouliez-vous dire \"serve\"",
		"serve --origin=x":       "option inconnue --origin, vouliez-vous dire",
		"journal":                "il manque une commande, parmi \"verify\"",
		"aidant":                 "il manque une commande, parmi \"create\"",
		"demo --port=x":          "--port: un nombre est attendu, et non \"x\"",
		"demo --port":            "--port: il manque un nombre",
		"serve --simulation=bof": "true ou false est attendu, et non \"bof\"",
	} {
		code, out, problems := command(t, nil, strings.Fields(args)...)
		if code != exitUsage || out != "" || !strings.Contains(problems, want) {
			t.Errorf("%s: exit %d, %q", args, code, problems)
		}
	}
}

func TestConfig(t *testing.T) {
	env := environment(t, "sqlite:x.db")
	out := must(t, env, "config", "--reprise=20m")
	if !strings.Contains(out, "\nAC_REPRISE=20m0s\n") || strings.Contains(out, "s3cr3t") {
		t.Error(out)
	}
	// It is printed even when it is wrong, with every mistake.
	code, out, problems := command(t, append(env, "AC_ECOUTE=x", "AC_TRUC=x"), "config")
	if code != exitUsage || !strings.Contains(out, "AC_ECOUTE=x") || !strings.Contains(problems, "- AC_ECOUTE : ") || !strings.Contains(problems, "- AC_TRUC : ") {
		t.Errorf("exit %d\n%s", code, problems)
	}
	for _, words := range []string{"serve", "organisation list", "aidant list", "organisation create", "aidant create"} {
		if code, _, problems := command(t, nil, strings.Fields(words)...); code != exitUsage || !strings.Contains(problems, "AC_CLE_SUB : clé absente") {
			t.Errorf("%s without configuration: exit %d, %s", words, code, problems)
		}
	}
	code, _, problems = command(t, env, "config", "--cle-sub=abcd")
	if code != exitUsage {
		t.Errorf("a secret on the command line: exit %d, %s", code, problems)
	}
}

// What an operator does on a new machine, on both databases.
func TestOperator(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			base := testkit.NewDatabase(t, dialect)
			env := environment(t, base)
			must(t, []string{"AC_BASE=" + base}, "migrate")
			id := strings.TrimSpace(must(t, env, "organisation", "create", "--nom=Maison de Villefranche", "--siret=35600000000048",
				"--adresse=1 place de la Mairie", "--code-postal=69400", "--ville=Villefranche", "--perimetre=logement,famille"))
			if _, ok := ident.Parse[ident.OrganisationID](id); !ok {
				t.Fatalf("%q is no identifier", id)
			}
			if list := must(t, env, "organisation", "list"); !strings.Contains(list, "35600000000048") || !strings.Contains(list, "Maison de Villefranche") {
				t.Error(list)
			}
			account := []string{"aidant", "create", "--prenom=Camille", "--nom=Exemple", "--email=camille.exemple@exemple.fr", "--profession=Médiatrice"}
			lines := strings.Fields(must(t, env, append(account, "--organisation=35600000000048", "--referent")...))
			if len(lines) != 2 {
				t.Fatalf("%q", lines)
			}
			if _, err := facteur.ParseGraine(lines[1]); err != nil {
				t.Error("no usable code secret was printed")
			}
			if list := must(t, env, "aidant", "list"); !strings.Contains(list, "camille.exemple@exemple.fr") || !strings.Contains(list, id) {
				t.Error(list)
			}
			cartes := filepath.Join(t.TempDir(), "cartes.csv")
			for _, step := range []struct {
				file, option, want string
				code               int
			}{
				{"GADT0001;0a0b0c0d0e0f0a0b0c0d0e0f\nGADT0002;zz\n", "--essai", "Ligne 2 : Le secret n’est pas lisible", exitFailed},
				{"GADT0001;0a0b0c0d0e0f0a0b0c0d0e0f\n", "--essai", "Essai, rien n'est changé : 1 ajoutées", exitDone},
				{"GADT0001;0a0b0c0d0e0f0a0b0c0d0e0f\n", "", "Importé : 1 ajoutées", exitDone},
				{"GADT0001;0a0b0c0d0e0f0a0b0c0d0e0f\n", "--essai", "1 déjà là", exitDone},
			} {
				if err := os.WriteFile(cartes, []byte(step.file), 0o600); err != nil {
					t.Fatal(err)
				}
				args := []string{"carte", "import", cartes}
				if step.option == "--essai" {
					args = append(args, step.option)
				}
				if code, out, problems := command(t, env, args...); code != step.code || !strings.Contains(out, step.want) || strings.Contains(out+problems, "0a0b") {
					t.Errorf("%v: exit %d, %q %q", args, code, out, problems)
				}
			}
			if code, _, problems := command(t, env, "carte", "import", cartes+".absent"); code != exitUsage || !strings.Contains(problems, "ne s'ouvre pas") {
				t.Errorf("a missing file: exit %d, %q", code, problems)
			}
			own := must(t, env, "aidant", "create", "--prenom=Dominique", "--nom=Exemple", "--email=dominique.exemple@exemple.fr", "--profession=Agent",
				"--organisation="+id, "--totp-secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
			if strings.Contains(own, "JBSW") {
				t.Error("a secret that was given is printed back")
			}
			for why, args := range map[string][]string{
				"--email : Un compte avec cette adresse": append(account, "--organisation="+id),
				"--organisation : Aucune structure":      append(account, "--organisation=00000000000000"),
				"--organisation : Indiquez":              account,
				"--totp-secret : Secret illisible":       append(account, "--organisation="+id, "--totp-secret=abc"),
				"--siret : Indiquez":                     {"organisation", "create", "--nom=X"},
				"--perimetre : « voile »":                {"organisation", "create", "--nom=X", "--perimetre=voile"},
				"--usage : Les usages sont":              {"cles", "rotate", "--usage=autre"},
				"--usage : Aucune clé":                   {"cles", "rotate", "--usage=fi_rs256"},
			} {
				code, out, problems := command(t, env, args...)
				if code != exitUsage || out != "" || !strings.Contains(problems, why) {
					t.Errorf("%s: exit %d, %q", why, code, problems)
				}
			}
			// A signing key is replaced by an order, given once.
			kid := regexp.MustCompile(`[\w-]{43}`)
			first := must(t, env, "cles", "rotate", "--usage=fi_es256")
			if again := must(t, env, "cles", "rotate", "--usage=fi_es256"); !strings.HasPrefix(first, "Nouvelle clé de fi_es256 : ") ||
				!strings.Contains(again, "attend déjà") || kid.FindString(first) != kid.FindString(again) {
				t.Errorf("%s\n%s", first, again)
			}
			if list := must(t, env, "cles", "list"); !regexp.MustCompile(`fi_es256 +ES256 +suivante .* dès .*`+kid.FindString(first)).MatchString(list) ||
				strings.Count(list, "\n") != 5 || !strings.Contains(list, "journal ") {
				t.Error(list)
			}
			for _, e := range [][]string{env, {"AC_BASE=" + base}} {
				if report := must(t, e, "journal", "verify"); !strings.Contains(report, "Journal localhost:3000 : intact.") {
					t.Error(report)
				}
			}
			if code, _, problems := command(t, append(env, "AC_ORIGINE=http://autre.localhost"), "journal", "verify"); code != exitFailed {
				t.Errorf("another origin: exit %d, %s", code, problems)
			}
		})
	}
}

// A base that is not migrated is refused with what to do.
func TestNotMigrated(t *testing.T) {
	code, _, problems := command(t, environment(t, "sqlite:"+t.TempDir()+"/neuve.db"), "organisation", "list")
	if code != exitFailed || !strings.Contains(problems, "aidantsconnect migrate") {
		t.Errorf("exit %d, %s", code, problems)
	}
}
