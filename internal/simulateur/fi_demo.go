package simulateur

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"golang.org/x/text/unicode/norm"

	"aidantsconnect/internal/simulateur/registre"
)

// routesFI is the URL table of the test FI: no password, the visitor picks a
// fictional person or types one (SIM-05).
func (s *Simulateur) routesFI() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /connexion", s.page(s.choisirPersonne))
	mux.Handle("POST /connexion", s.formulaire(s.personneChoisie))
	mux.Handle("POST /connexion/saisie", s.formulaire(s.personneSaisie))
	mux.Handle("POST /connexion/annulation", s.formulaire(s.personneAnnulee))
	return mux
}

func (s *Simulateur) choisirPersonne(w http.ResponseWriter, r *http.Request) error {
	return s.montrerPersonnes(w, r, vuePersonnes{State: r.URL.Query().Get("state"), Choisie: "ordinaire"})
}

func (s *Simulateur) montrerPersonnes(w http.ResponseWriter, r *http.Request, v vuePersonnes) error {
	now := s.cfg.Clock()
	par := map[string][]registre.Personne{}
	for _, p := range registre.Personnes() {
		par[p.Groupe] = append(par[p.Groupe], p.Au(now))
	}
	v.Groupes = []groupePersonnes{
		{"Personnes", par["personne"]},
		{"Personnes que le registre d'état civil refuse", par["registre"]},
		{"Identités mal formées, que FranceConnect refuse", par["format"]},
	}
	page, statut := s.vue(r, "Choisir une personne fictive"), http.StatusOK
	if v.Erreur != "" {
		page.Titre, statut = "Erreur : "+page.Titre, http.StatusBadRequest
	}
	return s.rendre(w, r, statut, pagePersonnes(page, v))
}

func (s *Simulateur) personneChoisie(w http.ResponseWriter, r *http.Request) error {
	p, ok := registre.Trouver(r.PostFormValue("personne"))
	if !ok {
		return s.montrerPersonnes(w, r, vuePersonnes{State: r.PostFormValue("state"), Choisie: "ordinaire", Erreur: "Choisissez une personne de la liste."})
	}
	return s.rendreIdentite(w, r, p.Au(s.cfg.Clock()))
}

// personneSaisie takes an identity typed by hand; the simulated registry learns
// it, so that it is known when it later comes through our FI.
func (s *Simulateur) personneSaisie(w http.ResponseWriter, r *http.Request) error {
	champ := func(nom string) string { return norm.NFC.String(strings.TrimSpace(r.PostFormValue(nom))) }
	i := registre.Personne{
		FamilyName: champ("family_name"), GivenName: champ("given_name"), Gender: champ("gender"), Birthdate: champ("birthdate"),
		Birthplace: registre.Optionnel{Valeur: strings.ToUpper(champ("birthplace"))}, Birthcountry: champ("birthcountry"), Email: champ("email"), PreferredUsername: registre.Optionnel{Valeur: champ("preferred_username")},
	}
	i.Birthplace.Present, i.PreferredUsername.Present = i.Birthplace.Valeur != "", i.PreferredUsername.Valeur != ""
	if ref, ok := errors.AsType[*registre.Refus](i.Verifier(false)); ok {
		return s.montrerPersonnes(w, r, vuePersonnes{State: r.PostFormValue("state"), Choisie: "ordinaire", Saisie: i, Erreur: "Identité refusée : " + ref.Detail + "."})
	}
	if _, err := s.registre.Chercher(i, s.cfg.Clock()); err != nil {
		s.registre.Inscrire(i)
	}
	return s.rendreIdentite(w, r, i)
}

func (s *Simulateur) rendreIdentite(w http.ResponseWriter, r *http.Request, i registre.Personne) error {
	return suivre(w, ajouter(s.retourFIURI(), "code", s.choixFI.add(i), "state", r.PostFormValue("state"), "iss", s.cfg.FI))
}

func (s *Simulateur) personneAnnulee(w http.ResponseWriter, r *http.Request) error {
	return suivre(w, ajouter(s.retourFIURI(), "error", refusAcces, "state", r.PostFormValue("state"), "iss", s.cfg.FI))
}

// recevoirDemo takes back, at FC's callback, the identity chosen here: the test
// FI and FC are the same program, no call is needed.
func (s *Simulateur) recevoirDemo(_ context.Context, code string, i interaction) (connexion, error) {
	c := connexion{fi: i.fi, acr: i.acr}
	var ok bool
	if c.identite, ok = s.choixFI.take(code); !ok {
		return c, refuse("Y020026", "code du fournisseur de démonstration inconnu ou expiré")
	}
	return c, refusRegistre(c.identite.Verifier(false))
}
