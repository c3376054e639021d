package mandat

import (
	"net/url"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web/dsfr"
)

// CheminUsagers is the list of the people helped; CheminFiche leads to one.
const CheminUsagers = "/espace-aidant/usagers/"

// CheminFiche is the address of a person's page.
func CheminFiche(u ident.UsagerID) string { return CheminUsagers + u.String() + "/" }

// CheminRenouveler is where the mandat of a person is renewed; signature serves it.
func CheminRenouveler(u ident.UsagerID) string {
	return "/espace-aidant/renew_mandat/" + u.String()
}

// What the page of a person tells after an act that leads back to it. The
// address carries the word; what is not in the list says nothing.
const (
	avisMandatTermine        = "mandat_termine"
	avisMandatExpire         = "mandat_expire"
	avisMandatActif          = "mandat_actif"
	avisAutorisationTerminee = "autorisation_terminee"
	avisAutorisationExpiree  = "autorisation_expiree"
	avisAutorisationActive   = "autorisation_active"
	avisPapier               = "papier_signe"
	avisPapierDeja           = "papier_deja_signe"
	avisNonRenouvelable      = "non_renouvelable"
)

var avis = map[string]dsfr.Alerte{
	avisMandatTermine:        {Ton: dsfr.Info, Texte: "Ce mandat est déjà terminé. Rien n’a été fait de nouveau."},
	avisMandatExpire:         {Ton: dsfr.Info, Texte: "Ce mandat est arrivé à son terme : il n’y a plus rien à arrêter."},
	avisMandatActif:          {Ton: dsfr.Erreur, Texte: "Erreur : ce mandat est toujours actif."},
	avisAutorisationTerminee: {Ton: dsfr.Info, Texte: "Cette démarche est déjà terminée. Rien n’a été fait de nouveau."},
	avisAutorisationExpiree:  {Ton: dsfr.Info, Texte: "Cette démarche est arrivée à son terme avec le mandat : il n’y a plus rien à arrêter."},
	avisAutorisationActive:   {Ton: dsfr.Erreur, Texte: "Erreur : cette autorisation est encore active."},
	avisPapier:               {Ton: dsfr.Succes, Texte: "C’est noté : les deux signatures sont recueillies."},
	avisNonRenouvelable:      {Ton: dsfr.Erreur, Texte: "Erreur : cet usager n’a aucun mandat renouvelable."},
	avisPapierDeja:           {Ton: dsfr.Info, Texte: "Les deux signatures de ce mandat étaient déjà notées."},
}

// Avis gives the message of an address's word.
func Avis(word string) (dsfr.Alerte, bool) {
	a, ok := avis[word]
	a.Role = "status"
	return a, ok
}

// NonRenouvelable leads to a person's page and says that nothing can be renewed.
func NonRenouvelable(u ident.UsagerID) string { return backTo(u, avisNonRenouvelable) }

// backTo leads to a person's page with a message.
func backTo(u ident.UsagerID, word string) string {
	return CheminFiche(u) + "?avis=" + url.QueryEscape(word)
}
