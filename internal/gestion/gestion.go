// Package gestion is the back-office of the operator's team for accounts and
// messages: search, account page, acts with their reason, requests that two
// persons must agree on, the state of what is sent.
//
// It owns no rule about accounts: each act calls the package that does it
// (compte, facteur, connexion, outbox), in one transaction with its reason. It
// is mounted in the space Gestion (A-W5) and answers 404 to the roles of the
// training bodies. No page shows a secret, nor what a message says. Reading an
// account is a line of the journal (comptes 18).
//
// Tables: acte_gestion, accord_gestion.
// URLs: /gestion/….
// Journal: view_aidant, grant_staff, withdraw_staff, close_session; the acts
// write their own.
package gestion

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
)

// Acte is what the team does on an account or a message.
type Acte string

// The acts. Relance is about a message, the others about an account.
const (
	Desactivation   Acte = "desactivation"
	Reactivation    Acte = "reactivation"
	Rattachement    Acte = "rattachement"
	FinRattachement Acte = "fin_rattachement"
	Designation     Acte = "designation"
	FinReferent     Acte = "fin_referent"
	Habilitation    Acte = "habilitation"
	FinHabilitation Acte = "fin_habilitation"
	Invitation      Acte = "invitation"
	RetraitFacteur  Acte = "retrait_facteur"
	Fermeture       Acte = "fermeture_sessions"
	DonRole         Acte = "don_role"
	RetraitRole     Acte = "retrait_role"
	Relance         Acte = "relance"
	Courriel        Acte = "courriel"
	Carte           Acte = "carte"
	ValidationCarte Acte = "validation_carte"
)

// texte is how an act is told: before, on its button, and once done.
type texte struct{ Titre, Aide, Bouton, Fait string }

var textes = map[Acte]texte{
	Desactivation:   {"Désactiver le compte", "La personne est déconnectée aussitôt. Ses structures, ses mandats et ses moyens de connexion sont gardés. Un courriel la prévient.", "Désactiver", "Le compte est désactivé."},
	Reactivation:    {"Réactiver le compte", "Un compte fermé pour une raison de sécurité ne rouvre qu’avec l’accord d’une seconde personne de l’équipe.", "Réactiver", "Le compte est réactivé."},
	Rattachement:    {"Rattacher à une structure", "La personne peut alors agir aussi pour cette structure. Un courriel la prévient.", "Rattacher", "Le compte est rattaché à la structure."},
	FinRattachement: {"Retirer d’une structure", "Le rôle de référent dans cette structure finit en même temps. La seule structure d’une personne ne se retire pas : désactivez son compte.", "Retirer", "Le compte n’est plus rattaché à la structure."},
	Designation:     {"Désigner référent", "La personne gère alors les comptes de cette structure.", "Désigner", "La personne est référente."},
	FinReferent:     {"Retirer le rôle de référent", "L’équipe peut retirer le dernier référent d’une structure : désignez-en alors un autre.", "Retirer le rôle", "La personne n’est plus référente."},
	Habilitation:    {"Donner le droit de conclure des mandats", "À la suite d’une habilitation seulement.", "Donner le droit", "Le droit de conclure des mandats est donné."},
	FinHabilitation: {"Retirer le droit de conclure des mandats", "Les mandats conclus restent à la structure.", "Retirer le droit", "Le droit de conclure des mandats est retiré."},
	Invitation:      {"Inviter à associer une application", "La personne reçoit un lien par courriel, valable 24 heures ; vous lui donnez de vive voix le code d’activation affiché ensuite, une seule fois.", "Inviter", "L’invitation est envoyée."},
	RetraitFacteur:  {"Retirer un moyen de connexion", "Ses autres connexions sont fermées, un courriel la prévient. Le dernier moyen du seul référent d’une structure ne se retire qu’avec l’accord d’une seconde personne.", "Retirer", "Le moyen de connexion est retiré."},
	Fermeture:       {"Fermer ses connexions", "La personne devra se reconnecter partout.", "Fermer les connexions", "Les connexions de la personne sont fermées."},
	DonRole:         {"Donner un rôle dans l’équipe", "Une seconde personne de l’équipe doit approuver. La personne entre en gestion avec une clé d’accès, et seulement ainsi.", "Demander", "Le rôle est donné."},
	RetraitRole:     {"Retirer le rôle dans l’équipe", "La personne est déconnectée aussitôt.", "Retirer le rôle", "Le rôle est retiré."},
	Courriel:        {"Corriger l’adresse électronique", "Une seconde personne de l’équipe doit approuver. La nouvelle adresse reçoit alors un lien à confirmer sous 24 heures ; l’ancienne, un lien qui annule tout pendant sept jours. Ses connexions se ferment quand le changement prend effet.", "Demander", "La nouvelle adresse attend sa confirmation : un lien lui est envoyé, et l’ancienne est prévenue."},
	Carte:           {"Associer une carte à codes", "Le numéro est imprimé sur la carte. Elle sert une fois validée, par un code qu’elle affiche.", "Associer", "La carte est associée : il reste à la valider."},
	ValidationCarte: {"Valider la carte à codes", "La personne lit le code que la carte affiche. S’il est refusé, attendez le suivant et donnez les deux.", "Valider", "La carte est validée : la personne peut se connecter avec elle."},
	Relance:         {"Renvoyer ce message", "Il repart avec le même texte. Un lien périmé ne se renvoie pas : demandez à la personne d’en faire un nouveau.", "Renvoyer", "Le message est remis en file."},
}

// raison is one line of a list of reasons.
type raison struct{ Cle, Libelle string }

// autre asks the reason in words.
const autre = "autre"

// raisons of the acts that have no list of their own.
var raisons = []raison{
	{"demande", "À la demande de la personne"},
	{"referent", "À la demande d’un référent de la structure"},
	{"habilitation", "Suite d’une habilitation, ou de sa fin"},
	{"securite", "Compte ou moyen de connexion compromis"},
	{"erreur", "Correction d’une erreur"},
	{autre, "Autre raison"},
}

// Raisons lists the reasons of an act, in the order of its form (A-W79).
func (x Acte) Raisons() (out []raison) {
	switch x {
	case Desactivation, FinRattachement, FinReferent:
		for _, m := range compte.Motifs(journal.Admin) {
			out = append(out, raison{string(m), m.Libelle()})
		}
	case RetraitFacteur:
		for _, m := range facteur.Motifs {
			out = append(out, raison{string(m), m.Libelle()})
		}
	default:
		out = raisons
	}
	return out
}

// Roles are those that the back-office gives.
var Roles = []actor.Role{actor.AdminMetier, actor.AdminTechnique}

// LibelleRole names a role of the team.
func LibelleRole(r actor.Role) string {
	switch r {
	case actor.AdminTechnique:
		return "Administration technique"
	case actor.AdminMetier:
		return "Administration métier"
	case actor.AdminOF:
		return "Organisme de formation, administration"
	case actor.UtilisateurOF:
		return "Organisme de formation"
	}
	return "Aucun"
}

// Demande is an act as it was asked.
type Demande struct {
	Acte         Acte
	Aidant       ident.AidantID
	Message      ident.MessageID
	Organisation ident.OrganisationID
	Facteur      ident.FacteurID
	Adresse      string    // the new one, of Courriel
	NumeroSerie  string    // of Carte
	Codes        [2]string // of ValidationCarte; the second may be empty
	Role         actor.Role
	Motif        string
	Operateur    string // who typed the command, when the act comes from the command line
	Precision    string // what « autre » is; kept sealed, never in the journal
}

const precisionMax = 500 // characters

// wantsOrganisation tells whether the act is about one structure.
func (x Acte) wantsOrganisation() bool {
	return x == Rattachement || x == FinRattachement || x == Designation || x == FinReferent
}

// Check gives the request in order, or one message per field.
func (d Demande) Check() (Demande, error) {
	d.Precision = strings.TrimSpace(d.Precision)
	f := fault.Fields{}
	if _, known := textes[d.Acte]; !known {
		return d, fault.New(fault.NotFound, "acte_inconnu")
	}
	switch {
	case !slices.ContainsFunc(d.Acte.Raisons(), func(r raison) bool { return r.Cle == d.Motif }):
		f["motif"] = "Choisissez une raison dans la liste."
	case d.Motif != autre:
		d.Precision = ""
	case d.Precision == "":
		f["precision"] = "Dites en quelques mots quelle est cette raison."
	case utf8.RuneCountInString(d.Precision) > precisionMax:
		f["precision"] = "Dites-le en 500 caractères au plus."
	}
	if d.Acte.wantsOrganisation() && d.Organisation.IsZero() {
		f["organisation"] = "Choisissez la structure."
	}
	if d.Acte == RetraitFacteur && d.Facteur.IsZero() {
		f["facteur"] = "Choisissez le moyen de connexion."
	}
	switch d.Acte {
	case Courriel:
		email, why := aidant.CheckEmail(d.Adresse)
		if d.Adresse = email; why != "" {
			f["adresse"] = why
		}
	case ValidationCarte:
		d.Codes = checkCodes(d.Codes, f)
	}
	if d.Acte == DonRole && !slices.Contains(Roles, d.Role) {
		f["role"] = "Choisissez le rôle."
	}
	if len(f) > 0 {
		return d, fault.Form(f)
	}
	return d, nil
}

// checkCodes gives the digits of one or two codes.
func checkCodes(typed [2]string, f fault.Fields) (out [2]string) {
	var ok bool
	if out[0], ok = facteur.NormalizeCode(typed[0]); !ok {
		f["code"] = "Saisissez les 6 chiffres affichés par la carte."
	}
	if typed[1] == "" {
		return out
	}
	if out[1], ok = facteur.NormalizeCode(typed[1]); !ok {
		f["code_suivant"] = "Saisissez les 6 chiffres du code suivant, ou laissez vide."
	}
	return out
}

// AccordDuree is how long a request waits for its second person.
const AccordDuree = 72 * time.Hour

// Etat is what the rule of the two persons needs to know of an account.
type Etat struct {
	FermePour       compte.Motif // why it is closed; "" when it is open
	DernierFacteur  bool         // the factor asked is the last confirmed one
	ReferentIsole   bool         // the only active référent of a structure
	MoiMeme         bool         // the person is who acts
	PeutDonnerRoles bool         // who acts is admin_technique
}

// Grave tells whether a second person must agree (issue: staff role given,
// reactivation of an account closed for cause, last factor of a lone référent).
func (d Demande) Grave(e Etat) bool {
	switch d.Acte {
	case DonRole, Courriel:
		return true
	case Reactivation:
		return e.FermePour == compte.Securite
	case RetraitFacteur:
		return e.DernierFacteur && e.ReferentIsole
	}
	return false
}

// Refus tells why the person who asks may not; nil when they may.
func (d Demande) Refus(e Etat) error {
	if e.MoiMeme {
		return refus("soi_meme", "Vous ne pouvez pas faire cela pour votre propre compte : demandez à une autre personne de l’équipe.")
	}
	if (d.Acte == DonRole || d.Acte == RetraitRole) && !e.PeutDonnerRoles {
		return refus("role_reserve", "Seule l’administration technique donne ou retire un rôle dans l’équipe.")
	}
	return nil
}

func refus(reason, message string) error {
	e := fault.New(fault.Conflict, reason)
	e.Fields = fault.Fields{"": message}
	return e
}
