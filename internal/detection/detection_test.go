package detection

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/ident"
)

var (
	paris = func() *time.Location {
		l, err := time.LoadLocation("Europe/Paris")
		if err != nil {
			panic(err)
		}
		return l
	}()
	lea, tom = ident.New[ident.AidantID](), ident.New[ident.AidantID]()
	org      = ident.New[ident.OrganisationID]()
	autre    = ident.New[ident.OrganisationID]()
)

// acts are so many acts of an aidant, each for somebody else, one every step.
func acts(from string, n int, step time.Duration, mandat bool) (out []Acte) {
	t, err := time.ParseInLocation("2006-01-02 15:04", from, paris)
	if err != nil {
		panic(err)
	}
	for i := range n {
		out = append(out, Acte{Aidant: lea, Organisation: org, Usager: ident.New[ident.UsagerID](), Date: t.Add(time.Duration(i) * step), Mandat: mandat})
	}
	return out
}

// samePerson makes every act about one person.
func samePerson(as []Acte) []Acte {
	for i := range as {
		as[i].Usager = as[0].Usager
	}
	return as
}

func TestOfDay(t *testing.T) {
	split := acts("2026-03-12 10:00", 4, time.Minute, true)
	split[3].Aidant = tom
	places := acts("2026-03-12 10:00", 4, time.Minute, true)
	places[3].Organisation = autre
	for _, c := range []struct {
		why   string
		actes []Acte
		want  map[Regle]int
	}{
		{"nothing", nil, nil},
		{"three mandats", acts("2026-03-12 10:00", 3, time.Minute, true), nil},
		{"four in half an hour, both ends in", acts("2026-03-12 10:00", 4, 10*time.Minute, true), map[Regle]int{RafaleMandats: 4}},
		{"four in a little more", acts("2026-03-12 10:00", 4, 10*time.Minute+time.Second, true), nil},
		{"the best window of a long day", append(acts("2026-03-12 08:00", 3, time.Hour, true), acts("2026-03-12 15:00", 5, time.Minute, true)...), map[Regle]int{RafaleMandats: 5}},
		{"four, by two aidants", split, nil},
		{"four, for two structures", places, nil},
		{"uses for five people", acts("2026-03-12 10:00", 5, time.Minute, false), map[Regle]int{RafaleUsages: 5}},
		{"many uses for one", samePerson(acts("2026-03-12 10:00", 12, time.Minute, false)), nil},
		{"mandats and uses do not add up", append(acts("2026-03-12 10:00", 3, time.Minute, true), acts("2026-03-12 10:05", 4, time.Minute, false)...), nil},
		{"an evening that goes on", samePerson(acts("2026-03-12 21:00", 2, time.Minute, false)), nil},
		{"a night", samePerson(acts("2026-03-12 23:00", 3, 10*time.Minute, false)), map[Regle]int{HorsHoraires: 3}},
		{"until nine", samePerson(acts("2026-03-12 20:50", 3, 3*time.Minute, false)), nil},
		{"from seven", samePerson(acts("2026-03-12 07:00", 3, time.Minute, false)), nil},
		{"before seven", samePerson(acts("2026-03-12 06:55", 3, time.Minute, false)), map[Regle]int{HorsHoraires: 3}},
		{"a Sunday", samePerson(acts("2026-03-15 11:00", 3, time.Minute, false)), map[Regle]int{HorsHoraires: 3}},
		{"summer time: seven in Paris is five in UTC", samePerson(acts("2026-07-16 07:01", 3, time.Minute, false)), nil},
		{"the night of the change of hour is a Sunday", samePerson(acts("2026-10-25 02:30", 3, 30*time.Minute, false)), map[Regle]int{HorsHoraires: 3}},
	} {
		got := map[Regle]int{}
		day := time.Date(2026, 3, 12, 12, 0, 0, 0, paris)
		for _, s := range OfDay(day, c.actes, paris) {
			got[s.Regle] = s.Valeur
			if s.Aidant != lea || s.Organisation != org || s.Periode != "2026-03-12" || s.Reference == 0 {
				t.Errorf("%s: %+v", c.why, s)
			}
		}
		if c.want == nil {
			c.want = map[Regle]int{}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.why, d)
		}
	}
}

func TestShared(t *testing.T) {
	got := Shared("2026-03", []Partage{{org, 4}, {autre, 5}, {autre, 9}})
	if len(got) != 1 || got[0].Organisation != autre || got[0].Valeur != 9 || !got[0].Aidant.IsZero() || got[0].Regle != Contact {
		t.Errorf("%+v", got)
	}
}

func TestFar(t *testing.T) {
	for _, c := range []struct {
		why    string
		counts []int // the first is lea's
		want   bool
	}{
		{"alone", []int{500}, false},
		{"far above", []int{100, 20, 20, 3}, true},
		{"under the floor", []int{99, 2, 2, 2}, false},
		{"not five times", []int{120, 30, 25, 40}, false},
		{"nobody", nil, false},
	} {
		var vs []Volume
		for i, n := range c.counts {
			v := Volume{ident.New[ident.AidantID](), org, n}
			if i == 0 {
				v.Aidant = lea
			}
			vs = append(vs, v)
		}
		got := Far("2026-03", vs)
		if (len(got) == 1 && got[0].Aidant == lea) != c.want || len(got) > 1 {
			t.Errorf("%s: %+v", c.why, got)
		}
	}
}

// Every rule is explained, and says what it saw without a name.
func TestTextes(t *testing.T) {
	for _, r := range Regles() {
		x := textes[r]
		s := Signalement{Regle: r, Valeur: 12, Reference: 3}
		if x.Titre == "" || x.Pourquoi == "" || x.Explique == "" || !strings.Contains(s.Phrase(), "12") || !strings.Contains(s.Phrase(), "3") {
			t.Errorf("%s: %+v %q", r, x, s.Phrase())
		}
	}
	if len(textes) != len(Regles()) {
		t.Error("a rule is not in the list")
	}
}

// Each territory has its clock: eight in the morning there is no night, eleven
// at night is one, whatever the hour in Paris.
func TestHoursOfTheTerritory(t *testing.T) {
	for code, zone := range map[string]string{
		"97110": "America/Guadeloupe", "97200": "America/Martinique", "97300": "America/Cayenne", "97400": "Indian/Reunion", "97500": "America/Miquelon", "97600": "Indian/Mayotte",
		"97700": "America/St_Barthelemy", "97800": "America/Marigot", "98600": "Pacific/Wallis", "98700": "Pacific/Tahiti", "98800": "Pacific/Noumea",
		"80000": "Europe/Paris", "20000": "Europe/Paris", "": "Europe/Paris",
	} {
		l := Zone(code, paris)
		if l.String() != zone {
			t.Errorf("%q: %s, want %s", code, l, zone)
		}
		for hour, want := range map[int]int{8: 0, 23: 1} {
			day := time.Date(2026, 3, 12, hour, 0, 0, 0, l) // a Thursday
			var as []Acte
			for i := range actesLaNuit {
				as = append(as, Acte{Date: day.Add(time.Duration(i) * time.Minute), CodePostal: code})
			}
			found := slices.DeleteFunc(OfDay(day, as, paris), func(s Signalement) bool { return s.Regle != HorsHoraires })
			if len(found) != want {
				t.Errorf("%s at %d h: %d found, want %d", zone, hour, len(found), want)
			}
		}
	}
}
