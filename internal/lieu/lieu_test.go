package lieu

import (
	"slices"
	"strings"
	"testing"
)

// A few lines as tools/lieux.mjs writes them.
const extrait = "01\tAin\n25\tDoubs\n2A\tCorse-du-Sud\n42\tLoire\n75\tParis\n974\tLa Réunion\n\n" +
	"01015Arbignieu\n01018>01033\n01033Valserhône\n20004=2A004\n25527Saint-Vit\n2A004Ajaccio\n39012Antorpe\t25\n42218Saint-Étienne\n75056Paris\n75113Paris 13e arrondissement\n97411Saint-Denis\n"

func TestCommunes(t *testing.T) {
	x := lire(extrait)
	for code, want := range map[string]string{
		"42218": "Saint-Étienne (Loire)", "01015": "Arbignieu (Ain)", "97411": "Saint-Denis (La Réunion)", "2A004": "Ajaccio (Corse-du-Sud)",
		"20004": "Ajaccio (Corse-du-Sud)", "39012": "Antorpe (Doubs)", "75056": "Paris", "75113": "Paris 13e arrondissement",
		"01018": "ancienne commune de code Insee 01018, aujourd’hui dans Valserhône (Ain)",
	} {
		if got, ok := x.nommee(code); !ok || got != want {
			t.Errorf("commune %s = %q, %v", code, got, ok)
		}
	}
	for _, code := range []string{"", "0", "00000", "01016", "99999", "012345", "01033V", "\n0103", "2a004"} {
		if got, ok := x.nommee(code); ok {
			t.Errorf("commune %q = %q", code, got)
		}
	}
	if got, ok := (index{}).nommee("42218"); ok {
		t.Errorf("without the names, 42218 = %q", got)
	}
}

// What was embedded by « make assets »: every code is found, and no line leads
// nowhere.
func TestEveryCommuneIsNamed(t *testing.T) {
	x := lesCommunes()
	lines := strings.Split(strings.TrimSuffix(x.communes, "\n"), "\n")
	if len(lines) < 39000 || !slices.IsSorted(lines) {
		t.Fatalf("%d communes: run make assets", len(lines))
	}
	for _, l := range lines {
		if nom, ok := x.nommee(l[:longueurCode]); !ok || strings.ContainsAny(nom, "=>\t\n") {
			t.Errorf("commune %q = %q, %v", l, nom, ok)
		}
	}
	for code, want := range map[string]string{
		"80021": "Amiens (Somme)", "75051": "Neuilly-sur-Seine (Hauts-de-Seine)", "20033": "Bastia (Haute-Corse)", "69387": "Lyon 7e arrondissement (Rhône)",
		"98735": "Papeete (Polynésie française)", "97701": "Saint-Barthélemy", "38001": "Les Abrets (Isère)", "75120": "Paris 20e arrondissement",
	} {
		if got, _ := x.nommee(code); got != want {
			t.Errorf("commune %s = %q", code, got)
		}
	}
}

func TestNaissance(t *testing.T) {
	for _, c := range []struct{ pays, commune, want string }{
		{"99100", "42218", "Saint-Étienne (Loire)"},
		{"", "42218", "Saint-Étienne (Loire)"},
		{"99100", "42999", "France, commune de code Insee 42999"},
		{"99100", "", "France, commune non transmise"},
		{"99350", "", "Maroc"},
		{"99350", "42218", "Maroc"},
		{"99115", "", "Tchécoslovaquie"},
		{"", "99352", "Algérie"},
		{"99999", "", "à l’étranger, pays de code Insee 99999"},
		{"12345", "", "à l’étranger, pays de code Insee 12345"},
		{"", "", "non transmis"},
	} {
		if got := Naissance(c.pays, c.commune); got != c.want {
			t.Errorf("born in %q, %q: %q", c.pays, c.commune, got)
		}
	}
}

func TestPays(t *testing.T) {
	if len(pays) < 230 {
		t.Errorf("%d countries", len(pays))
	}
	for code, nom := range pays {
		if len(code) != 3 || strings.Trim(code, "0123456789") != "" || nom == "" || nom != strings.TrimSpace(nom) {
			t.Errorf("country %q = %q", code, nom)
		}
	}
	for _, code := range []string{"99100", "99109", "99351", "99404", "99513"} {
		if nom, ok := Pays(code); !ok || nom == "" {
			t.Errorf("no name for %s", code)
		}
	}
	for _, code := range []string{"", "99", "99000", "00350", "350"} {
		if nom, ok := Pays(code); ok {
			t.Errorf("country %q = %q", code, nom)
		}
	}
}
