package textos

import (
	"strconv"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
)

// Modeles are the texts of this package.
func (h *Handlers) Modeles() []outbox.Modele {
	p := Propos{Service: h.service(), Structure: "Maison exemple", Duree: mandat.Mois.Libelle(), Demarches: []demarche.Demarche{"argent", "papiers"}, Accord: h.mot()}
	long := p
	long.Structure, long.Demarches = "Centre communal d’action sociale de Saint-Exemple-sur-Rivière et des communes d’alentour", demarche.Keys()
	sms := func(genre, texte string, n int) outbox.Message {
		return outbox.Message{Cle: "texto/exemple/" + genre + strconv.Itoa(n), Genre: genre, Destinataire: "+33639980102", Texte: texte}
	}
	var answers []outbox.Message
	for i, t := range []string{texteAccord, texteRefus, texteContredit, texteTard, texteRevoque} {
		answers = append(answers, sms(GenreReponse, p.Service+t, i))
	}
	answers = append(answers, sms(GenreReponse, p.relance(), len(answers)))
	return []outbox.Modele{
		{Genre: GenreRecapitulatif, Quand: "un aidant demande un accord par SMS : ce qui est proposé", Vers: "la personne aidée", Exemples: []outbox.Message{sms(GenreRecapitulatif, p.recapitulatif(), 0), sms(GenreRecapitulatif, long.recapitulatif(), 1)}},
		{Genre: GenreQuestion, Quand: "l’aidant pose la question par SMS", Vers: "la personne aidée", Exemples: []outbox.Message{sms(GenreQuestion, p.question(), 0)}},
		{Genre: GenreReponse, Quand: "la personne a répondu par SMS", Vers: "la personne aidée", Exemples: answers},
		{Genre: GenreArret, Quand: "une personne a répondu STOP après la signature", Vers: "l’aidant qui avait demandé l’accord", Exemples: []outbox.Message{h.arret(mandat.Mandat{ID: ident.New[ident.MandatID]()}, "nadia.exemple@example.org")}},
	}
}
