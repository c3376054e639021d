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
	AvisMandatTermine        = "mandat_termine"
	AvisMandatExpire         = "mandat_expire"
	AvisMandatActif          = "mandat_actif"
	AvisAutorisationTerminee = "autorisation_terminee"
	AvisAutorisationExpiree  = "autorisation_expiree"
	AvisAutorisationActive   = "autorisation_active"
	AvisPapier               = "papier_signe"
	AvisEvenement            = "evenement"
	AvisEvenementRetire      = "evenement_retire"
	AvisPapierDeja           = "papier_deja_signe"
	avisNonRenouvelable      = "non_renouvelable"
)

var avis = map[string]dsfr.Alerte{
	AvisMandatTermine:        {Ton: dsfr.Info, Texte: "Ce mandat est déjà terminé. Rien n’a été fait de nouveau."},
	AvisMandatExpire:         {Ton: dsfr.Info, Texte: "Ce mandat est arrivé à son terme : il n’y a plus rien à arrêter."},
	AvisMandatActif:          {Ton: dsfr.Erreur, Texte: "Erreur : ce mandat est toujours actif."},
	AvisAutorisationTerminee: {Ton: dsfr.Info, Texte: "Cette démarche est déjà terminée. Rien n’a été fait de nouveau."},
	AvisAutorisationExpiree:  {Ton: dsfr.Info, Texte: "Cette démarche est arrivée à son terme avec le mandat : il n’y a plus rien à arrêter."},
	AvisAutorisationActive:   {Ton: dsfr.Erreur, Texte: "Erreur : cette autorisation est encore active."},
	AvisPapier:               {Ton: dsfr.Succes, Texte: "C’est noté : les deux signatures sont recueillies."},
	avisNonRenouvelable:      {Ton: dsfr.Erreur, Texte: "Erreur : cet usager n’a aucun mandat renouvelable."},
	AvisEvenement:            {Ton: dsfr.Succes, Texte: "C’est noté : les mandats de votre structure avec cette personne sont terminés. Imprimez l’attestation de fin de chacun."},
	AvisEvenementRetire:      {Ton: dsfr.Succes, Texte: "C’est retiré. Les mandats arrêtés le restent ; vous pouvez en signer de nouveaux avec la personne."},
	AvisPapierDeja:           {Ton: dsfr.Info, Texte: "Les deux signatures de ce mandat étaient déjà notées."},
}

// Avis gives the message of an address's word.
func Avis(word string) (dsfr.Alerte, bool) {
	a, ok := avis[word]
	a.Role = "status"
	return a, ok
}

// NonRenouvelable leads to a person's page and says that nothing can be renewed.
func NonRenouvelable(u ident.UsagerID) string { return BackTo(u, avisNonRenouvelable) }

// BackTo leads to a person's page with a message.
func BackTo(u ident.UsagerID, word string) string {
	return CheminFiche(u) + "?avis=" + url.QueryEscape(word)
}

// CheminFin is the page that asks how an autorisation ends.
func (a Autorisation) CheminFin() string { return a.Chemin("cancel_confirm") }

// CheminAttestationFin is the attestation of the end of an autorisation.
func (a Autorisation) CheminAttestationFin() string { return a.Chemin("cancel_attestation") }

// Chemin is where the pages of one démarche are: cancel_confirm,
// cancel_success, cancel_attestation.
func (a Autorisation) Chemin(page string) string {
	return CheminFiche(a.Usager) + "autorisations/" + a.ID.String() + "/" + page
}

// Chemin is where the pages of a mandat are: visualisation, cancel_confirm,
// attestation_de_revocation, papier.
func (m Mandat) Chemin(page string) string { return CheminMandats + m.ID.String() + "/" + page }
