package demande

import (
	"strings"
	"testing"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// The whole domain: whatever lies beyond the référent's reach gives one answer
// (A-W74).
func TestSuivre(t *testing.T) {
	both := []bool{false, true}
	for _, ici := range both {
		for _, ferme := range both {
			for _, encadre := range both {
				for _, habilite := range both {
					for _, ouvert := range both {
						for _, enCours := range both {
							c := Connu{Ici: ici, IciFerme: ferme, Encadre: encadre, Habilite: habilite, Ouvert: ouvert, EnCours: enCours}
							suite, faute := c.Suivre()
							if (suite == "") != (faute != "") {
								t.Fatalf("%+v: %q and %q", c, suite, faute)
							}
							if !ici && !ferme && !encadre && !enCours && suite != Neutre {
								t.Errorf("%+v is told apart: %q", c, faute)
							}
							if suite == Immediat && (!encadre || !habilite || !ouvert || ici || ferme || enCours) {
								t.Errorf("%+v joins at once", c)
							}
						}
					}
				}
			}
		}
	}
}

func TestParseAdresses(t *testing.T) {
	for _, tt := range []struct {
		text   string
		n      int
		fautes []string
	}{
		{"", 0, []string{"au moins une"}},
		{" Ana@Exemple.fr \r\n\r\n bob@exemple.fr", 2, nil},
		{"ana@exemple.fr\nANA@exemple.fr", 2, []string{"Ligne 2", "déjà dans la liste"}},
		{"ana\n\nbob@", 2, []string{"Ligne 1", "Ligne 3"}},
		{strings.Repeat("a@exemple.fr\n", 21), 21, []string{"20 adresses au plus"}},
	} {
		all, fautes := parseAdresses(tt.text)
		if len(all) != tt.n || (len(fautes) > 0) != (len(tt.fautes) > 0) {
			t.Errorf("%q: %v %v", tt.text, all, fautes)
		}
		for _, w := range tt.fautes {
			if !strings.Contains(strings.Join(fautes, " "), w) {
				t.Errorf("%q: %v lacks %q", tt.text, fautes, w)
			}
		}
	}
}

func TestCoreferentCheck(t *testing.T) {
	good := Coreferent{Organisation: ident.New[ident.OrganisationID](), Prenom: "Ana", Nom: "Belmonte", Profession: "directrice", Email: "Ana.Belmonte@exemple.fr", Telephone: "06 12 34 56 78"}
	c, err := good.Check()
	if err != nil || c.Email != "ana.belmonte@exemple.fr" || c.Telephone != "+33612345678" {
		t.Fatalf("%+v %v", c, err)
	}
	for field, edit := range map[string]func(*Coreferent){
		"prenom": func(c *Coreferent) { c.Prenom = " " }, "nom": func(c *Coreferent) { c.Nom = strings.Repeat("x", 200) },
		"profession": func(c *Coreferent) { c.Profession = "" }, "email": func(c *Coreferent) { c.Email = "mairie@exemple.fr" },
		"telephone": func(c *Coreferent) { c.Telephone = "" },
	} {
		c := good
		edit(&c)
		if _, err := c.Check(); fault.FieldsOf(err)[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// The whole domain of what an account may be: a rattachement never opens an
// account nor gives a right, a co-référent is never of the team.
func TestObstacle(t *testing.T) {
	both := []bool{false, true}
	for _, actif := range both {
		for _, habilite := range both {
			for _, equipe := range both {
				for _, rouvrable := range both {
					for _, fermee := range both {
						c := Candidat{Existe: true, Actif: actif, Habilite: habilite, Equipe: equipe, Rouvrable: rouvrable, StructureFermee: fermee}
						if got, want := c.Obstacle(DeRattachement) == "", actif && habilite && !fermee; got != want {
							t.Errorf("%+v attached: %t", c, got)
						}
						if got, want := c.Obstacle(DeCoreferent) == "", (actif || rouvrable) && !equipe && !fermee; got != want {
							t.Errorf("%+v made référent: %t", c, got)
						}
						if got := c.Obstacle(DeCorrection) == ""; got == fermee {
							t.Errorf("%+v corrected: %t", c, got)
						}
					}
				}
			}
		}
	}
	if (Candidat{}).Obstacle(DeCoreferent) != "" {
		t.Error("nobody has the address: the account opens")
	}
}

func TestDecisionCheck(t *testing.T) {
	for _, accepte := range []bool{false, true} {
		for m := range motifs {
			d, err := Decision{Accepte: accepte, Motif: m, Reponse: " Non. "}.Check()
			want := ""
			if !accepte {
				want = "Non."
			}
			if known := strings.Contains(strings.Join(labels(Motifs(accepte)), "|"), m.Libelle()); known != (err == nil) || d.Reponse != want {
				t.Errorf("%t %s: %v %q", accepte, m, err, d.Reponse)
			}
		}
	}
	if len(Motifs(true))+len(Motifs(false)) != len(motifs) {
		t.Error("a reason is in no list")
	}
}

func labels(all []Motif) (out []string) {
	for _, m := range all {
		out = append(out, m.Libelle())
	}
	return out
}
