package referent

import (
	"testing"
	"time"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

func facteurs(specs ...string) (out []Facteur) {
	for _, s := range specs {
		out = append(out, Facteur{ID: ident.New[ident.FacteurID](), Genre: s[:len(s)-1], Confirme: s[len(s)-1] == '1'})
	}
	return out
}

// Where somebody is, in the order of the way (R1).
func TestEtape(t *testing.T) {
	came := time.Unix(1, 0)
	for _, tt := range []struct {
		nom string
		m   Membre
		e   Etape
	}{
		{"nothing", Membre{Habilite: true}, SansFacteur},
		{"invited", Membre{Habilite: true, Invite: true}, Invitee},
		{"a card without a code", Membre{Habilite: true, Facteurs: facteurs("carte0")}, Carte},
		{"an application not confirmed", Membre{Facteurs: facteurs("application0")}, SansFacteur},
		{"never came", Membre{Facteurs: facteurs("application1")}, Connexion},
		{"a card to validate beside an application", Membre{Facteurs: facteurs("application1", "carte0")}, Connexion},
		{"terms", Membre{Facteurs: facteurs("application1"), DateConnexion: came}, Conditions},
		{"no mandat", Membre{Habilite: true, Facteurs: facteurs("carte1"), DateConnexion: came, CGU: true}, PremierPas},
		{"helps nobody", Membre{Facteurs: facteurs("carte1"), DateConnexion: came, CGU: true}, Faite},
		{"done", Membre{Habilite: true, Facteurs: facteurs("carte1"), DateConnexion: came, CGU: true, AMandat: true}, Faite},
	} {
		if got := tt.m.Etape(); got != tt.e {
			t.Errorf("%s: %s, want %s", tt.nom, got, tt.e)
		}
		if tt.e != Faite && (tt.e.Conseil() == "" || tt.e.Libelle() == Faite.Libelle()) {
			t.Errorf("%s: nothing to say", tt.e)
		}
	}
}

// The whole domain of the acts: whoever looks, whatever the state.
func TestPermet(t *testing.T) {
	all := []Geste{Inviter, Lier, Valider, Retirer, Designer, Demettre, Desactiver, Reactiver, Rattacher}
	both := []bool{false, true}
	for _, actif := range both {
		for _, moi := range both {
			for _, ref := range both {
				for _, equipe := range both {
					for _, autres := range []int{0, 1} {
						m := Membre{Actif: actif, Moi: moi, Referent: ref, Equipe: equipe, Habilite: true, Facteurs: facteurs("application1")}
						for _, g := range all {
							ok := m.Permet(g, autres)
							switch {
							case equipe && ok:
								t.Errorf("%s touches the operator's team", g)
							case !actif && ok && g != Reactiver && g != Retirer && g != Demettre:
								t.Errorf("%s on a closed account", g)
							case moi && ok && (g == Desactiver || g == Rattacher || g == Retirer || g == Demettre || g == Inviter):
								t.Errorf("%s on oneself", g)
							case ref && autres == 0 && ok && (g == Desactiver || g == Demettre):
								t.Errorf("%s of the last référent", g)
							case g == Reactiver && !equipe && ok == actif:
								t.Errorf("reactivate: %v while active is %v", ok, actif)
							}
						}
					}
				}
			}
		}
	}
}

// The months of a period, in Paris, across a year and a change of hour.
func TestBornesMois(t *testing.T) {
	b := bornesMois(time.Date(2027, 2, 28, 23, 30, 0, 0, time.UTC), 12)
	if len(b) != 13 || b[0].Format(time.RFC3339) != "2026-04-01T00:00:00+02:00" || b[12].Format(time.RFC3339) != "2027-04-01T00:00:00+02:00" {
		t.Errorf("%v", b)
	}
	if one := bornesMois(time.Date(2026, 1, 31, 22, 0, 0, 0, time.UTC), 1); len(one) != 2 || one[0].Month() != 1 || one[1].Month() != 2 {
		t.Errorf("%v", one)
	}
}

// Only what the référent manages may be ticked, and one structure stays.
func TestParsePlaces(t *testing.T) {
	a, b := ident.New[ident.OrganisationID](), ident.New[ident.OrganisationID]()
	all := []structure{{ID: a, Membre: true}, {ID: b}}
	for _, tt := range []struct {
		nom    string
		ticked []string
		n      int
		kind   fault.Kind
		r, q   int
	}{
		{"nothing changes", []string{a.String()}, 1, 0, 0, 0},
		{"one more", []string{a.String(), b.String()}, 1, 0, 1, 0},
		{"another instead", []string{b.String()}, 1, 0, 1, 1},
		{"none here, one elsewhere", nil, 2, 0, 0, 1},
		{"none at all", nil, 1, fault.Invalid, 0, 0},
		{"not managed", []string{a.String(), ident.New[ident.OrganisationID]().String()}, 1, fault.NotFound, 0, 0},
		{"twice", []string{a.String(), a.String()}, 1, fault.NotFound, 0, 0},
	} {
		ch, err := parsePlaces(tt.ticked, all, tt.n)
		if tt.kind != 0 && !fault.Is(err, tt.kind) || tt.kind == 0 && (err != nil || len(ch.rejoint) != tt.r || len(ch.quitte) != tt.q) {
			t.Errorf("%s: %+v %v", tt.nom, ch, err)
		}
	}
}
