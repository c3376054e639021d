package compte_test

import (
	"testing"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
)

var (
	parReferent  = compte.Auteur{Initiateur: journal.Referent, Aidant: ident.New[ident.AidantID]()}
	parGestion   = compte.Auteur{Initiateur: journal.Admin, Aidant: ident.New[ident.AidantID]()}
	parProgramme = compte.Programme
)

// situation is a member of one structure, with an open account, seen by a
// référent of that structure, where another référent is.
func situation(edit func(*compte.Situation)) compte.Situation {
	s := compte.Situation{Place: aidant.Place{Membre: true, Structures: 1, AutresReferents: 1}, Actif: true, Habilite: true, Autorise: true, Encadre: true}
	if edit != nil {
		edit(&s)
	}
	return s
}

func TestRules(t *testing.T) {
	deactivate := func(m compte.Motif) func(compte.Situation, compte.Auteur) error {
		return func(s compte.Situation, p compte.Auteur) error { return s.CanDeactivate(p, m) }
	}
	leave := func(s compte.Situation, p compte.Auteur) error { return s.CanLeave(p, compte.Depart) }
	remove := func(s compte.Situation, p compte.Auteur) error { return s.CanRemoveReferent(p, compte.Fonctions) }
	reactivate := func(s compte.Situation, p compte.Auteur) error { return s.CanReactivate(p) }
	join := func(s compte.Situation, p compte.Auteur) error { return s.CanJoin(p) }
	designate := func(s compte.Situation, p compte.Auteur) error { return s.CanDesignate(p) }
	again := func(s compte.Situation, _ compte.Auteur) error { return s.CanOpenAgain() }
	self := func(s *compte.Situation) { s.SoiMeme = true }
	closed := func(s *compte.Situation) { s.Actif, s.Motif = false, compte.Depart }
	two := func(s *compte.Situation) { s.Structures = 2 }
	last := func(s *compte.Situation) { s.Referent, s.AutresReferents = true, 0 }
	lastOfTwo := func(s *compte.Situation) { s.Structures, s.Referent, s.AutresReferents = 2, true, 0 }
	referent := func(s *compte.Situation) { s.Referent = true }
	elsewhere := func(s *compte.Situation) { s.Membre = false }
	stranger := func(s *compte.Situation) { s.Membre, s.Encadre = false, false }
	notReferent := func(s *compte.Situation) { s.Autorise = false }
	unsafe := func(s *compte.Situation) { s.Actif, s.Motif = false, compte.Securite }
	asleep := func(s *compte.Situation) { s.Actif, s.Motif = false, compte.Inactivite }
	homeless := func(s *compte.Situation) { s.Actif, s.Membre, s.Structures = false, false, 0 }
	for _, tt := range []struct {
		name string
		can  func(compte.Situation, compte.Auteur) error
		par  compte.Auteur
		edit func(*compte.Situation)
		want string // reason of the refusal; "" for none
	}{
		{"désactiver", deactivate(compte.Depart), parReferent, nil, ""},
		{"désactiver soi-même", deactivate(compte.Depart), parReferent, self, "soi_meme"},
		{"désactiver deux fois", deactivate(compte.Depart), parReferent, closed, "deja_ferme"},
		{"désactiver qui est dans deux structures", deactivate(compte.Depart), parReferent, two, "plusieurs_structures"},
		{"désactiver le dernier référent", deactivate(compte.Depart), parReferent, last, "dernier_referent"},
		{"désactiver un référent", deactivate(compte.Depart), parReferent, referent, ""},
		{"désactiver ailleurs", deactivate(compte.Depart), parReferent, elsewhere, "pas_dans_la_structure"},
		{"désactiver sans être référent", deactivate(compte.Depart), parReferent, notReferent, "pas_dans_la_structure"},
		{"désactiver sans raison", deactivate(""), parReferent, nil, "formulaire"},
		{"désactiver pour une raison du programme", deactivate(compte.Inactivite), parReferent, nil, "formulaire"},
		{"désactiver pour une raison inventée", deactivate("caprice"), parGestion, nil, "formulaire"},
		{"gestion : dernier référent", deactivate(compte.Fermeture), parGestion, last, ""},
		{"gestion : deux structures", deactivate(compte.Autre), parGestion, two, ""},
		{"programme : dernier référent", deactivate(compte.Inactivite), parProgramme, last, ""},
		{"programme : une raison de personne", deactivate(compte.Depart), parProgramme, nil, "formulaire"},

		{"réactiver", reactivate, parReferent, closed, ""},
		{"réactiver un compte ouvert", reactivate, parReferent, nil, "deja_ouvert"},
		{"réactiver après un incident", reactivate, parReferent, unsafe, "motif_securite"},
		{"gestion : réactiver après un incident", reactivate, parGestion, unsafe, ""},
		{"réactiver sans structure", reactivate, parGestion, homeless, "sans_structure"},
		{"réactiver ailleurs", reactivate, parReferent, stranger, "pas_dans_la_structure"},

		{"rattacher", join, parReferent, elsewhere, ""},
		{"rattacher un inconnu", join, parReferent, stranger, "pas_dans_la_structure"},
		{"rattacher deux fois", join, parReferent, nil, "deja_membre"},
		{"gestion : rattacher un inconnu", join, parGestion, stranger, ""},

		{"retirer", leave, parReferent, two, ""},
		{"retirer de la seule structure", leave, parReferent, nil, "derniere_structure"},
		{"retirer le dernier référent", leave, parReferent, lastOfTwo, "dernier_referent"},
		{"se retirer", leave, parReferent, func(s *compte.Situation) { s.Structures, s.SoiMeme = 2, true }, "soi_meme"},
		{"gestion : retirer le dernier référent", leave, parGestion, lastOfTwo, ""},
		{"gestion : retirer qui n'y est pas", leave, parGestion, elsewhere, "pas_membre"},

		{"désigner", designate, parReferent, nil, ""},
		{"désigner un référent", designate, parReferent, referent, "deja_referent"},
		{"désigner un compte fermé", designate, parReferent, closed, "compte_ferme"},
		{"gestion : désigner qui n'y est pas", designate, parGestion, elsewhere, "pas_membre"},

		{"retirer le rôle", remove, parReferent, referent, ""},
		{"retirer le dernier rôle", remove, parReferent, last, "dernier_referent"},
		{"retirer le rôle de qui ne l'a pas", remove, parReferent, nil, "pas_referent"},
		{"retirer son propre rôle", remove, parReferent, func(s *compte.Situation) { s.Referent, s.SoiMeme = true, true }, "soi_meme"},

		{"habilitation : compte endormi", again, parProgramme, asleep, ""},
		{"habilitation : compte fermé autrement", again, parProgramme, closed, "compte_ferme"},
		{"habilitation : compte ouvert", again, parProgramme, nil, ""},
	} {
		if got := fault.ReasonOf(tt.can(situation(tt.edit), tt.par)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestMotifs(t *testing.T) {
	for _, who := range []journal.Initiateur{journal.Referent, journal.Admin, journal.Systeme} {
		for _, m := range compte.Motifs(who) {
			if m.Libelle() == "" {
				t.Errorf("%q has no label", m)
			}
		}
	}
}
