package distance

import (
	"strconv"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/textos"
	"aidantsconnect/internal/web/dsfr"
)

func dossier(v attenteView) []dsfr.Cache {
	return []dsfr.Cache{{Nom: "dossier", Valeur: v.Dossier.ID.String()}, {Nom: "envois", Valeur: strconv.Itoa(v.Envois)}}
}

func (v attenteView) modules() []string {
	if v.waits() && v.Statut != Accordee && !v.Direct {
		return []string{"attente.js"}
	}
	return nil
}

// sonde is the address that the page polls; none once there is an answer.
func (v attenteView) sonde() string {
	if v.modules() == nil {
		return ""
	}
	return cheminEtat + "?dossier=" + v.Dossier.ID.String()
}

func (v attenteView) ton() dsfr.Ton {
	switch v.Statut {
	case Accordee, Conclue:
		return dsfr.Succes
	case Refusee, Expiree, Annulee:
		return dsfr.Alarme
	}
	return dsfr.Info
}

func (v attenteView) faits() []dsfr.Fait {
	var fs []dsfr.Fait
	if v.Nom != "" {
		fs = append(fs, dsfr.Fait{Nom: "Personne", Valeur: v.Nom})
	}
	if v.Statut != "" && !v.Fini {
		fs = append(fs, dsfr.Fait{Nom: "Conservation", Valeur: garde.Limite("Adresse ou téléphone, et réponse attendue, conservés", v.Demande.Limite, "la personne peut répondre jusque-là")})
	}
	return append(
		fs,
		dsfr.Fait{Nom: "Démarches", Valeur: v.titres()}, dsfr.Fait{Nom: "Durée", Valeur: v.Dossier.Duree.Choix()},
		dsfr.Fait{Nom: "Accord", Valeur: v.Dossier.Choix.Moyen.Libelle()}, dsfr.Fait{Nom: "Vous êtes", Valeur: v.Dossier.Choix.Presence.Libelle()},
	)
}

func (v attenteView) voies() dsfr.Choix {
	c := dsfr.Choix{Nom: "voie", Legende: "Comment la personne reçoit-elle la demande ?", Valeur: v.Form.Voie, Erreur: v.Champs["voie"], Options: []dsfr.Option{{Valeur: string(ParCourriel), Libelle: "Par courriel"}}}
	if v.SMS {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(ParSMS), Libelle: "Par SMS"})
	} else if c.Valeur == "" {
		c.Valeur = string(ParCourriel)
	}
	return c
}

// bySMS tells whether the person answers by SMS.
func (v attenteView) bySMS() bool { return v.Dossier.Choix.Moyen == consentement.SMS }

// libelle says the stage in French, to the aidant.
func (v attenteView) libelle() string {
	if v.byLetter() && v.Statut == Envoyee {
		return "La lettre est imprimée. Le code n’est pas encore revenu."
	}
	if v.byLetter() && v.Statut == Annulee {
		return "Cette lettre ne peut plus servir : trop de codes faux, ou une autre l’a remplacée."
	}
	if !v.bySMS() || v.Statut == "" {
		return v.Statut.Libelle()
	}
	switch x := v.Dialogue.Statut; {
	case v.Statut == Envoyee && x == textos.Recapitulatif:
		return "Premier SMS : ce qui est proposé. La question n’est pas encore posée."
	case v.Statut == Envoyee && x == textos.Question && v.Dialogue.Incompris:
		return "La personne a répondu autre chose que " + v.Mot + " ou NON. La question lui a été posée de nouveau."
	case v.Statut == Envoyee && x == textos.Question:
		return "La question est posée par SMS. La personne n’a pas encore répondu."
	case v.Statut == Envoyee && x == textos.Accord:
		return "La personne a répondu " + v.Mot + ". Elle doit encore se connecter avec FranceConnect, par le lien reçu à l’instant par SMS."
	case v.Statut == Refusee && x == textos.Arret:
		return "La personne a répondu STOP : elle refuse, et ne veut plus de SMS à ce sujet. Rien n’est signé."
	case v.Statut == Accordee && v.Dialogue.Contredit:
		return "La personne a accepté, puis a répondu NON. Parlez-lui avant de signer."
	}
	return v.Statut.Libelle()
}

// onTheWay says where the last SMS is.
func (v attenteView) onTheWay() string {
	if v.Statut != Envoyee { // there is an answer, or nothing to wait for
		return ""
	}
	if v.Dialogue.Question != "" {
		return v.Dialogue.Question.Libelle()
	}
	return v.Dialogue.Recapitulatif.Libelle()
}

// questionable tells whether the question can be asked now: the provider took
// the first message.
func (v attenteView) questionable() bool {
	e := v.Dialogue.Recapitulatif
	return v.bySMS() && v.Statut == Envoyee && v.Dialogue.Statut == textos.Recapitulatif && (e == textos.Envoye || e == textos.Distribue)
}

// pending tells whether the first message is still on its way.
func (v attenteView) pending() bool {
	return v.bySMS() && v.Statut == Envoyee && v.Dialogue.Statut == textos.Recapitulatif && v.Dialogue.Recapitulatif == textos.EnFile
}

// attendre says how long to wait, and how the answer is learnt.
func (v attenteView) attendre() string {
	jusque := "La personne a jusqu’au " + mandat.DateHeure(v.Demande.Limite) + ". Vous pouvez quitter cette page : "
	if v.byLetter() {
		return jusque + "retrouvez-la dans « Créer un mandat » quand la personne vous donnera le code."
	}
	return jusque + "vous recevrez un courriel quand elle aura répondu, et la demande se retrouve dans « Créer un mandat »."
}

// verifie is what the aidant checks before a message leaves.
func (v attenteView) verifie() string {
	quoi := "cette adresse ou ce numéro"
	if v.bySMS() {
		quoi = "ce numéro"
	}
	return "J’ai vérifié avec la personne que " + quoi + " est le sien, et qu’elle seule lit ses messages."
}

// rang keeps one main action: while an answer is awaited, asking again is not it.
func (v attenteView) rang() dsfr.Rang {
	if v.waits() {
		return dsfr.Secondaire
	}
	return ""
}

// consigne says what the person is going to receive.
func (v attenteView) consigne() string {
	if v.bySMS() {
		return "La personne reçoit un premier SMS qui dit ce qui est proposé, puis un second qui lui demande si elle accepte. Elle répond " + v.Mot + ", NON ou STOP. Vous ne voyez pas ses messages. Lisez-lui d’abord le mandat au téléphone : un SMS ne le contient pas en entier."
	}
	return "La personne reçoit un lien et un code. Elle lit tout le mandat sur son propre appareil, s’y connecte elle-même avec FranceConnect, puis accepte ou refuse. Vous ne voyez ni ce lien ni ce code : ne les lui demandez pas."
}

func (v attenteView) envoyer() string {
	if v.bySMS() {
		return "Envoyer le premier SMS"
	}
	return "Envoyer la demande"
}

// byLetter tells whether the person gives back the code of a letter.
func (v attenteView) byLetter() bool { return v.Dossier.Choix.Moyen == consentement.Courrier }
