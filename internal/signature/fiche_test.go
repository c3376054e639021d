package signature

import (
	"strings"
	"testing"
)

// A sheet that has served is never edited: a change is a new version. What a
// valid consent rests on is in the usager's (CNIL; L-54).
func TestSheetsAreFrozen(t *testing.T) {
	for _, f := range []struct {
		fiche
		want string
	}{
		{ficheUsager, "b388dc323f2b837beadb5a730e98b9a5251c734040d844c28c41a8a4eda70427"},
		{ficheAidant, "4cdd3edfbfed2addc529b95dad564c46229ede83898e7a917c2f4d856851c23d"},
	} {
		if f.Empreinte != f.want {
			t.Errorf("%s %s has changed: %s", f.Cle, f.Version, f.Empreinte)
		}
	}
	for _, w := range []string{"FranceConnect", "l’aidant peut faire", "ne peut pas faire", "Vous répondez", "arrêter quand vous voulez", "six ans", "pour la même raison", "faire effacer"} {
		if !strings.Contains(ficheUsager.Corps, w) {
			t.Errorf("the usager's sheet lacks %q", w)
		}
	}
}
