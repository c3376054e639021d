package rappel_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/rappel"
	"aidantsconnect/internal/testkit"
)

// messages gives the kinds queued since the beginning, by number.
func messages(t *testing.T, m *testkit.Monde) map[string]int {
	t.Helper()
	out := map[string]int{}
	err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT genre FROM message WHERE genre IN ('E-11', 'E-54', 'S-06')`)
		all, err := db.Collect(rows, err, func(s db.Scanner) (g string, err error) { return g, s.Scan(&g) })
		for _, g := range all {
			out[g]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func conclure(t *testing.T, m *testkit.Monde, p *demo.Parcours, personne, duree string) {
	t.Helper()
	if _, err := p.Conclure(demo.Projet{Personne: personne, Demarches: []demarche.Demarche{demarche.Papiers, demarche.Argent}, Duree: duree}); err != nil {
		t.Fatal(err)
	}
}

// One message per aidant of the structure, one to each person, thirty days
// ahead, never again, whatever the mandats of others and their length
// (M-W24); at the day before, the day, the day after.
func TestReminders(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		conclure(t, m, p, "ordinaire", "SEMESTER")
		conclure(t, m, p, "sans_email", "SEMESTER")
		conclure(t, m, p, "nom_usage", "MONTH") // short: no reminder
		signed := m.Horloge.Now()
		remind := func(days int, after time.Duration) map[string]int {
			t.Helper()
			m.Horloge.Fixer(signed.Add(time.Duration(182-days)*24*time.Hour + after))
			if _, err := m.Server.Rappels.Remind(t.Context()); err != nil {
				t.Fatal(err)
			}
			return messages(t, m)
		}
		for _, c := range []struct {
			days  int
			after time.Duration
			want  map[string]int
		}{
			{31, 0, map[string]int{}},
			{30, -time.Hour, map[string]int{}}, // still thirty days and more
			{30, time.Second, map[string]int{"E-11": 2, "E-54": 1}},
			{30, time.Minute, map[string]int{"E-11": 2, "E-54": 1}},
			{29, 0, map[string]int{"E-11": 2, "E-54": 1}},
			{0, time.Hour, map[string]int{"E-11": 2, "E-54": 1}}, // ended: nothing to say
		} {
			if diff := cmp.Diff(c.want, remind(c.days, c.after)); diff != "" {
				t.Errorf("%d days before, %v: %s", c.days, c.after, diff)
			}
		}
	})
}

// Every statement of a structure's reminder fails in turn: nothing is left.
func TestRemindersAreAllOrNothing(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	conclure(t, m, p, "ordinaire", "SEMESTER")
	m.Horloge.Avancer(160 * 24 * time.Hour)
	before := messages(t, m)
	for n := 1; ; n++ {
		m.Server.DB.FailAt(n)
		_, err := m.Server.Rappels.Remind(t.Context())
		ran := m.Server.DB.Statements()
		m.Server.DB.FailAt(0)
		if err == nil && ran < n {
			break
		}
		after := messages(t, m)
		if after["E-11"] != before["E-11"] && after["E-11"] != 2 || after["E-54"] > 1 || after["E-11"] > 2 {
			t.Fatalf("statement %d failed: %v", n, after)
		}
	}
	if diff := cmp.Diff(map[string]int{"E-11": 2, "E-54": 1}, messages(t, m)); diff != "" {
		t.Error(diff)
	}
}

// Who gave a phone and no address is told by text message, once, without a
// démarche nor a name; the journal says which way.
func TestReminderByText(t *testing.T) { testkit.EachMonde(t, remindByText) }

func remindByText(t *testing.T, m *testkit.Monde) {
	p := m.Connecte(t, "nadia")
	conclure(t, m, p, "sans_email", "SEMESTER")
	if err := m.Server.DB.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO usager_contact (organisation_id, usager_id, email, telephone, date_modification)
			SELECT organisation_id, usager_id, '', '+33612345678', date_creation FROM mandat WHERE true ON CONFLICT (organisation_id, usager_id) DO UPDATE SET telephone = excluded.telephone`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	m.Horloge.Avancer(160 * 24 * time.Hour)
	for range 2 {
		if _, err := m.Server.Rappels.Remind(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int{"E-11": 2, "S-06": 1}, messages(t, m)); diff != "" {
			t.Error(diff)
		}
	}
	x := rappel.SMSToUsager(rappel.Echeance{Mandat: ident.New[ident.MandatID](), Fin: m.Horloge.Now(), Structure: "Mairie", Telephone: "+33612345678"})
	if err := x.Check(); err != nil || strings.Contains(x.Texte, "Papiers") || !strings.Contains(x.Texte, "Mairie") {
		t.Errorf("%q %v", x.Texte, err)
	}
}

// The calendar shows this structure what ends within ninety days.
func TestCalendar(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	conclure(t, m, p, "ordinaire", "MONTH")
	see := func(cle string) *demo.Parcours {
		t.Helper()
		q := m.Connecte(t, cle)
		if err := q.Ouvrir(q.Adresses.App + rappel.Chemin); err != nil || q.Statut != http.StatusOK {
			t.Fatal(q.Statut, err)
		}
		return q
	}
	if q := see("hugo"); !q.Contient("VASSELIN") || !q.Contient("Renouveler") {
		t.Error("the calendar lacks what ends")
	}
	if q := see("claire"); q.Contient("VASSELIN") || !q.Contient("Rien ne se termine") {
		t.Error("the calendar shows another structure's people")
	}
}

// No name, no address of anybody in what an aidant receives; twenty lines at
// most, all counted.
func TestMessageToAidant(t *testing.T) {
	var es []rappel.Echeance
	for range 23 {
		es = append(es, rappel.Echeance{Mandat: ident.New[ident.MandatID](), Fin: time.Date(2026, 12, 1, 23, 30, 0, 0, time.UTC), Demarches: 2, Structure: "Mairie", Courriel: "odile@exemple.test"})
	}
	x := rappel.ToAidant(rappel.Destinataire{Aidant: ident.New[ident.AidantID](), Courriel: "a@exemple.test"}, es, "https://x.example")
	for _, w := range []string{"23 mandats", "et 3 autres", "le 02/12/2026 : 2 démarches", "https://x.example/espace-aidant/echeances/", "deux exemplaires"} {
		if !strings.Contains(x.Texte, w) {
			t.Errorf("lacks %q: %s", w, x.Texte)
		}
	}
	if strings.Contains(fmt.Sprint(x), "odile") || x.Sujet != "Ces mandats vont bientôt expirer" || x.Check() != nil {
		t.Errorf("%+v %v", x, x.Check())
	}
}
