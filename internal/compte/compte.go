// Package compte is the life of an account (comptes 6 and 7): who opens it,
// what changes its rights and its places, what closes it and opens it again.
//
// Each act is one function of Actes that takes the transaction of who calls it:
// the référent's space, the back-office, the tasks. It checks its rules again
// from the rows, writes them through aidant, closes or moves the open sessions,
// queues the mails and appends the journal. A caller keeps the gate of its
// space, and the fresh code (A-W75).
//
// Tables: changement_courriel, premier_pas.
// URLs: /espace-aidant/profil…, /changement-adresse/{cle}/, /annuler-adresse/{cle}/.
// Journal: create_aidant, deactivate_aidant, reactivate_aidant, add_membership,
// end_membership, designate_referent, end_referent, grant_mandat,
// withdraw_mandat, update_email_aidant, update_phone_aidant, export.
//
// It does not decide who is habilitated, and no mandat ends with an account:
// mandats belong to the structure (comptes 7.4).
package compte

import (
	"slices"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
)

// Auteur is who does an act on an account.
type Auteur struct {
	Initiateur journal.Initiateur // Referent, Admin (the operator's team), Systeme, or Aidant for oneself
	Aidant     ident.AidantID     // zero for the program itself
	Session    ident.SessionID
}

// Par makes the author of an act from who is signed in, in the quality of the
// space where they act.
func Par(a actor.Actor, qualite journal.Initiateur) Auteur {
	return Auteur{Initiateur: qualite, Aidant: a.Aidant, Session: a.Session}
}

// Programme is the author of what the tasks do.
var Programme = Auteur{Initiateur: journal.Systeme}

// Motif is why an account closes, a membership or a role ends (A-W79).
type Motif string

// The reasons: a closed list, also written as a CHECK and in the journal.
const (
	Depart     Motif = "depart"
	Fonctions  Motif = "fonctions"
	Absence    Motif = "absence"
	Demande    Motif = "demande"
	Securite   Motif = "securite"
	Erreur     Motif = "erreur"
	Inactivite Motif = "inactivite" // the program only
	Fermeture  Motif = "fermeture"  // the operator's team only
	Autre      Motif = "autre"
)

var libelles = map[Motif]string{
	Depart:     "La personne a quitté la structure",
	Fonctions:  "La personne n’accompagne plus d’usagers",
	Absence:    "Longue absence",
	Demande:    "À la demande de la personne",
	Securite:   "Compte ou moyen de connexion compromis",
	Erreur:     "Compte ouvert ou rattaché par erreur",
	Inactivite: "Sans connexion depuis six mois",
	Fermeture:  "La structure ferme",
	Autre:      "Autre raison",
}

// Libelle is the reason as pages and mails write it.
func (m Motif) Libelle() string { return libelles[m] }

// Motifs lists the reasons that this kind of author may choose, in the order of
// the form.
func Motifs(qualite journal.Initiateur) []Motif {
	switch qualite {
	case journal.Systeme:
		return []Motif{Inactivite}
	case journal.Admin:
		return []Motif{Depart, Fonctions, Absence, Demande, Securite, Erreur, Fermeture, Autre}
	}
	return []Motif{Depart, Fonctions, Absence, Demande, Securite, Erreur, Autre}
}

// Situation is what the rules need to know of an account in one structure, read
// in the transaction of the act.
type Situation struct {
	aidant.Place
	Actif    bool
	Habilite bool
	Motif    Motif // why it is closed
	SoiMeme  bool  // the author is the person
	Autorise bool  // a référent who acts still is one of this structure
	Encadre  bool  // the person belongs to a structure of which the author is référent
}

func conflict(reason, message string) error {
	e := fault.New(fault.Conflict, reason)
	e.Fields = fault.Fields{"": message}
	return e
}

// checkAuteur holds a référent to their own structure (A-W1) and never to
// themselves (A-W72); it holds the reason to the list.
func (s Situation) checkAuteur(par Auteur, m Motif, wantsMotif bool) error {
	if wantsMotif && !slices.Contains(Motifs(par.Initiateur), m) {
		return fault.Form(fault.Fields{"motif": "Choisissez une raison dans la liste."})
	}
	if par.Initiateur != journal.Referent {
		return nil
	}
	if !s.Autorise || !s.Membre {
		return fault.New(fault.NotFound, "pas_dans_la_structure")
	}
	if s.SoiMeme {
		return conflict("soi_meme", "Vous ne pouvez pas faire cela pour votre propre compte : demandez à un autre référent.")
	}
	return nil
}

// lastReferent tells whether the structure would be left without a référent,
// which only the operator's team and the program may do (A-W72).
func (s Situation) lastReferent(par Auteur) error {
	if par.Initiateur == journal.Referent && s.Referent && s.Actif && s.AutresReferents == 0 {
		return conflict("dernier_referent", "C’est le dernier référent de la structure : désignez-en d’abord un autre.")
	}
	return nil
}

// CanDeactivate tells why an account may not be closed.
func (s Situation) CanDeactivate(par Auteur, m Motif) error {
	if err := s.checkAuteur(par, m, true); err != nil {
		return err
	}
	if !s.Actif {
		return conflict("deja_ferme", "Ce compte est déjà désactivé.")
	}
	if par.Initiateur == journal.Referent && s.Structures > 1 {
		return conflict("plusieurs_structures", "Cette personne appartient à plusieurs structures : retirez-la de la vôtre.")
	}
	return s.lastReferent(par)
}

// CanReactivate tells why an account may not open again.
func (s Situation) CanReactivate(par Auteur) error {
	if err := s.checkAuteur(par, "", false); err != nil {
		return err
	}
	switch {
	case s.Actif:
		return conflict("deja_ouvert", "Ce compte est déjà actif.")
	case s.Structures == 0:
		return conflict("sans_structure", "Ce compte n’appartient plus à aucune structure : rattachez-le d’abord.")
	case par.Initiateur == journal.Referent && s.Motif == Securite:
		return conflict("motif_securite", "Ce compte a été désactivé pour une raison de sécurité : adressez-vous à l’équipe du service.")
	}
	return nil
}

// CanJoin tells why an account may not be attached to the structure. A référent
// attaches only who is already in another structure of theirs (A-W13).
func (s Situation) CanJoin(par Auteur) error {
	if par.Initiateur == journal.Referent && (!s.Autorise || !s.Encadre) {
		return fault.New(fault.NotFound, "pas_dans_la_structure")
	}
	switch {
	case s.Membre:
		return conflict("deja_membre", "Cette personne appartient déjà à la structure.")
	case !s.Actif && par.Initiateur == journal.Referent:
		return conflict("compte_ferme", "Ce compte est désactivé : réactivez-le d’abord.")
	}
	return nil
}

// CanLeave tells why a membership may not end.
func (s Situation) CanLeave(par Auteur, m Motif) error {
	if err := s.checkAuteur(par, m, true); err != nil {
		return err
	}
	switch {
	case !s.Membre:
		return conflict("pas_membre", "Cette personne n’appartient pas, ou plus, à la structure.")
	case s.Structures == 1:
		return conflict("derniere_structure", "C’est la seule structure de cette personne : désactivez son compte.")
	}
	return s.lastReferent(par)
}

// CanDesignate tells why somebody may not become référent of the structure.
func (s Situation) CanDesignate(par Auteur) error {
	if err := s.checkAuteur(par, "", false); err != nil {
		return err
	}
	switch {
	case !s.Membre:
		return conflict("pas_membre", "Cette personne n’appartient pas, ou plus, à la structure.")
	case !s.Actif:
		return conflict("compte_ferme", "Ce compte est désactivé : réactivez-le d’abord.")
	case s.Referent:
		return conflict("deja_referent", "Cette personne est déjà référente de la structure.")
	}
	return nil
}

// CanRemoveReferent tells why the role may not end.
func (s Situation) CanRemoveReferent(par Auteur, m Motif) error {
	if err := s.checkAuteur(par, m, true); err != nil {
		return err
	}
	if !s.Referent {
		return conflict("pas_referent", "Cette personne n’est pas, ou plus, référente de la structure.")
	}
	return s.lastReferent(par)
}

// CanOpenAgain tells what a new habilitation does to an account that exists
// (A-W38): one closed for inactivity opens again, one closed for another reason
// goes to the operator's team.
func (s Situation) CanOpenAgain() error {
	if s.Actif || s.Motif == Inactivite {
		return nil
	}
	return conflict("compte_ferme", "Un compte désactivé existe avec cette adresse : l’équipe du service doit le rouvrir.")
}
