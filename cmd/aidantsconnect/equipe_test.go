package main

import (
	"regexp"
	"strings"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
)

// How the first person of the team comes in, and what the command line shows
// of the messages.
func TestTeamAndMessages(t *testing.T) {
	for _, words := range []string{"equipe create", "equipe list", "message list", "message file"} {
		if help := must(t, nil, "--help"); !strings.Contains(help, "\n  "+words+" ") {
			t.Errorf("%q is not in the help", words)
		}
	}
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			base := testkit.NewDatabase(t, dialect)
			env := environment(t, base)
			must(t, []string{"AC_BASE=" + base}, "migrate")
			create := []string{"equipe", "create", "--email=Ada.Moreau@exemple.org", "--prenom=Ada", "--nom=Moreau", "--role=admin_technique", "--par=Zoé, astreinte", "--raison=Première personne de l'équipe"}
			if code, _, problems := command(t, env, create...); code == exitDone || !strings.Contains(problems, "--interne") {
				t.Errorf("without a structure of the operator: %d %s", code, problems)
			}
			must(t, env, "organisation", "create", "--nom=Exploitant", "--siret=35600000000048", "--adresse=1 place", "--code-postal=69400", "--ville=Villefranche", "--interne")
			out := must(t, env, create...)
			if !regexp.MustCompile(`vive voix : [0-9]{4} [0-9]{4}\n`).MatchString(out) || !strings.Contains(out, "/gestion/") {
				t.Errorf("created:\n%s", out)
			}
			if code, _, problems := command(t, env, "equipe", "create", "--email=ada.moreau@exemple.org", "--role=chef", "--par=Zoé", "--raison=Essai"); code == exitDone || !strings.Contains(problems, "admin_metier") {
				t.Errorf("an unknown role: %d %s", code, problems)
			}
			if list := must(t, env, "equipe", "list"); !strings.Contains(list, "admin_technique") || !strings.Contains(list, "ada.moreau@exemple.org") {
				t.Errorf("the team:\n%s", list)
			}
			file := must(t, env, "message", "file")
			if !strings.Contains(file, "E-43") || !strings.Contains(file, "E-45") || strings.Contains(file, "ada.moreau") {
				t.Errorf("the queue:\n%s", file)
			}
			if code, _, problems := command(t, env, create[:len(create)-2]...); code == exitDone || !strings.Contains(problems, "pourquoi") || !strings.Contains(problems, "qui tape") {
				t.Errorf("nobody, for no reason: %d %s", code, problems)
			}
			for _, id := range []string{"42", "00000000-0000-7000-8000-000000000000"} {
				if code, _, _ := command(t, env, "message", "relancer", id, "--par=Zoé", "--raison=Serveur de courriel réparé"); code == exitDone {
					t.Errorf("%s is sent again", id)
				}
			}
			if list := must(t, env, "message", "list"); !strings.Contains(list, "E-01") {
				t.Errorf("the catalogue:\n%s", list)
			}
			if text := must(t, env, "message", "show", "e-01"); !strings.Contains(text, "Objet : Lien de connexion") || !strings.Contains(text, "http://localhost:3000/code/") {
				t.Errorf("E-01:\n%s", text)
			}
			if code, _, _ := command(t, env, "message", "show", "E-99"); code == exitDone {
				t.Error("an unknown text is shown")
			}
		})
	}
}
