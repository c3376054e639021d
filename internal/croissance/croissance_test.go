package croissance

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/figurant"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/testkit"
)

var (
	genres  = []Genre{Actif, Bientot, Partiel, Expire, Renouvele, Revoque, Ancien}
	hexForm = regexp.MustCompile(`[0-9a-f]{64}`)
)

// A copy holds what an act writes: for every kind of story, the same rows in
// the same tables, with the same words and the same columns left empty.
func TestLoaderWritesWhatActsWrite(t *testing.T) {
	for _, d := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(d), func(t *testing.T) {
			ctx := t.Context()
			// Not a Monde: its journal tells, as it should, that nobody signed the copies.
			m, err := demo.Start(ctx, demo.Options{Database: testkit.NewDatabase(t, d), Sans: true, Taches: []string{}}, testkit.Log(t), io.Discard)
			check(t, err)
			defer func() { check(t, m.Close()) }()
			m.Horloge.Fixer(testkit.Start)
			var l Lieu
			err = m.Server.DB.Update(ctx, func(tx *db.Tx) (err error) {
				if l.Organisation, err = organisation.Create(ctx, tx, m.Server.Journal, figurant.Organisation(7777)); err != nil {
					return err
				}
				in := figurant.Aidant(1)
				in.Organisation = l.Organisation.ID
				a, err := aidant.Create(ctx, tx, m.Server.Journal, in)
				l.Structure = Structure{l.Organisation.ID, a.ID}
				return err
			})
			check(t, err)
			a := &Atelier{Serveur: m.Server, Adresse: m.Config.Base, Horloge: m.Horloge, Sub: "modele"}
			now := m.Horloge.Now()
			check(t, a.Modeles(ctx, l))
			m.Horloge.Fixer(now)
			r, err := open(ctx, a.Adresse)
			check(t, err)
			defer r.close(ctx)
			for n, g := range genres {
				before, err := r.snapshot(ctx)
				check(t, err)
				check(t, a.play(ctx, l, g, 100+n, now))
				acted, err := r.snapshot(ctx)
				check(t, err)
				check(t, a.Charger(ctx, Lot{Structure: l.Structure, Genres: []Genre{g}, Premier: 200 + n, Personnes: 1}))
				loaded, err := r.snapshot(ctx)
				check(t, err)
				if diff := cmp.Diff(shape(before.added(acted)), shape(acted.added(loaded))); diff != "" {
					t.Errorf("%s: a copy is not what the acts write (-acts +copy):\n%s", g, diff)
				}
			}
			before, err := r.indexes(ctx)
			check(t, err)
			check(t, a.Charger(ctx, Lot{Structure: l.Structure, Genres: Commun, Premier: 1000, Personnes: 2 * lotMax / 100}))
			after, err := r.indexes(ctx)
			check(t, err)
			if diff := cmp.Diff(before, after, cmp.AllowUnexported(index{})); diff != "" {
				t.Errorf("a load changes the indexes (-before +after):\n%s", diff)
			}
			left, err := a.Reste(ctx)
			check(t, err)
			if len(left) > 0 {
				t.Errorf("copies refer to nothing: %v", left)
			}
		})
	}
}

// shape is what was written, without who, when, and what is drawn at random.
func shape(r releve) (out []string) {
	for name, t := range r {
		for _, row := range t.lignes {
			var words []string
			for i, v := range row {
				c := t.colonnes[i]
				words = append(words, c.nom+"="+word(name, c, v))
			}
			out = append(out, name+" "+strings.Join(words, " "))
		}
	}
	slices.Sort(out)
	return out
}

func word(name string, c colonne, v any) string {
	switch x := v.(type) {
	case nil:
		return "rien"
	case []byte:
		return "octets"
	case string:
		if noms[c.nom] != nil || c.temps || slices.Contains(personnelles, name+"."+c.nom) {
			return "texte"
		}
		return hexForm.ReplaceAllString(uuidForm.ReplaceAllString(x, "identifiant"), "empreinte")
	case time.Time:
		return "texte"
	}
	return fmt.Sprint(v)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
