package referent

import (
	"net/http"

	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web/dsfr"
)

// What a page tells after an act that leads back to it. The address carries
// the word; what is not in the list says nothing.
const (
	avisDesactive  = "desactive"
	avisRetire     = "retire"
	avisReactive   = "reactive"
	avisDesigne    = "designe"
	avisDemis      = "demis"
	avisStructures = "structures"
	avisFacteur    = "facteur_retire"
	avisCarte      = "carte_liee"
	avisValidee    = "carte_validee"
	avisDemarches  = "demarches"
	avisLot        = "departs"
)

var avis = map[string]dsfr.Alerte{
	avisDesactive:          {Ton: dsfr.Succes, Texte: "Le compte est désactivé. La personne est prévenue par courriel."},
	avisRetire:             {Ton: dsfr.Succes, Texte: "La personne ne fait plus partie de la structure. Elle est prévenue par courriel."},
	avisReactive:           {Ton: dsfr.Succes, Texte: "Le compte est réactivé. La personne est prévenue par courriel."},
	avisDesigne:            {Ton: dsfr.Succes, Texte: "C’est fait : la personne est référente de la structure, et prévenue par courriel."},
	avisDemis:              {Ton: dsfr.Succes, Texte: "La personne n’est plus référente de la structure. Elle est prévenue par courriel."},
	avisStructures:         {Ton: dsfr.Succes, Texte: "Les structures de la personne sont changées. Elle est prévenue par courriel."},
	avisFacteur:            {Ton: dsfr.Succes, Texte: "Le moyen de connexion est retiré. La personne est prévenue par courriel."},
	avisCarte:              {Ton: dsfr.Succes, Texte: "La carte est liée. Il reste à la valider avec un code qu’elle affiche."},
	avisValidee:            {Ton: dsfr.Succes, Texte: "La carte est validée : la personne peut se connecter avec elle."},
	avisDemarches:          {Ton: dsfr.Succes, Texte: "Les démarches sont enregistrées. Elles valent tout de suite."},
	avisLot:                {Ton: dsfr.Succes, Texte: "C’est fait : ces personnes ne font plus partie de la structure, ou leur compte est désactivé. Elles sont prévenues par courriel."},
	demande.AvisCorrection: {Ton: dsfr.Succes, Texte: "Votre proposition est envoyée à l’équipe du service."},
	demande.AvisCoreferent: {Ton: dsfr.Succes, Texte: "Votre demande est envoyée à l’équipe du service."},
	demande.AvisAjout:      {Ton: dsfr.Succes, Texte: "C’est enregistré. Les demandes sont transmises aux adresses qui sont celles d’un aidant habilité."},
	demande.AvisAnnulee:    {Ton: dsfr.Succes, Texte: "La demande est annulée."},
}

// avisOf gives the message of the address's word.
func avisOf(r *http.Request) dsfr.Alerte {
	a := avis[r.URL.Query().Get("avis")]
	a.Role = "status"
	return a
}

// backTo leads to the page of a person with a message.
func backTo(id ident.AidantID, word string) string { return CheminFiche(id) + "?avis=" + word }
