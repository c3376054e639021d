package acces

import (
	"strings"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/lieu"
	"aidantsconnect/internal/mandat"
)

// mots say in French the words that the tables keep: a copy is read by the
// person it is about.
var mots = map[string]string{
	"female": "féminin", "male": "masculin", "unspecified": "non précisé",
	"creation": "premier mandat", "renouvellement": "renouvellement",
	"ouvert": "commencé", "attente_consentement": "attend l’accord", "chez_franceconnect": "connexion à FranceConnect", "pret": "prêt à signer", "signe": "signé",
	"non_signe": "pas encore signé", "refuse": "refusé", "abandonne": "abandonné", "expire": "arrivé à son terme",
	"present": "avec l’aidant", "telephone": "au téléphone", "absent": "absent",
	"usager_choisi": "personne choisie", "demarche_choisie": "démarche choisie", "code_echange": "demandée par FranceConnect", "servi": "identité transmise", "clos": "finie",
	"openid": "un identifiant", "profile": "l’état civil", "email": "l’adresse électronique", "birth": "la date et le lieu de naissance", "identite_pivot": "l’identité complète",
	"given_name": "les prénoms", "family_name": "le nom de naissance", "preferred_username": "le nom d’usage", "gender": "le sexe", "birthdate": "la date de naissance",
	"birthplace": "la commune de naissance", "birthcountry": "le pays de naissance", "phone": "le téléphone", "address": "l’adresse",
	"deces": "décès", "protection": "mesure de protection",
	"proche": "un proche", "acte": "un acte officiel", "representant": "un représentant", "service": "un service public", "registre": "un registre public",
	"signale": "à vérifier", "etendu": "vérifié : vaut pour toutes les structures", "ecarte": "non confirmé", "annule": "retiré", "non_confirme": "personne ne l’a confirmé",
	"autre_personne": "c’était une autre personne", "erreur": "une erreur", "levee": "la mesure est levée",
	"franceconnect": "connexion à FranceConnect", "sms": "SMS", "courrier": "courrier", "courriel": "courriel", "code": "code reçu par courrier",
	"envoyee": "envoyée", "ouverte": "lue", "identifiee": "identité prouvée", "accordee": "accord donné", "refusee": "refusée", "annulee": "annulée", "expiree": "sans réponse à temps", "conclue": "mandat signé",
	"recapitulatif": "premier message envoyé", "question": "question posée", "accord": "OUI reçu", "refus": "NON reçu", "arret": "STOP reçu",
	"piece": "une pièce d’identité", "lettre": "une lettre", "mandataire": "un représentant",
	"oral": "de vive voix", "espace": "dans son espace en ligne",
	"certification": "certifié par l’aidant", "ecran": "signature à l’écran", "papier": "signature sur papier", "sans_objet": "sans papier",
	"signature_dessinee": "signature dessinée", "signature_saisie": "nom écrit", "copie": "copie du papier signé",
	"erreur_de_mandat": "copie d’un autre mandat", "signature_manquante": "une signature manquait", "copie_illisible": "copie illisible", "autre": "autre raison",
	"image/jpeg": "photo", "image/png": "image", "application/json": "texte", "application/pdf": "document",
	"structure": "la structure", "usager": "vous", "lecture": "page lue", "nom_confirme": "nom vérifié, exact", "nom_non_confirme": "nom vérifié, inexact",
	"EUS_03_20":          "jusqu’à la fin de l’état d’urgence sanitaire",
	mandat.RaisonTermine: "il s’est terminé entre-temps", mandat.RaisonAccord: "la copie signée manquait", mandat.RaisonPerimetre: "une démarche n’est pas permise à l’autre structure",
	mandat.RaisonInactive: "l’autre structure est fermée", mandat.RaisonMemeMandante: "c’était la même structure", mandat.RaisonDeces: "un décès est noté", mandat.RaisonProtection: "une mesure de protection est notée",
}

// inWords says a value of this kind in French; lists keep their order. What is
// not a word of ours stays as it is.
func inWords(v, kind string) string {
	switch kind {
	case "c":
		return named(v)
	case "u":
		if t := fournisseur.Motif(v).Texte(); t != "" {
			return t
		}
		return v
	case "v":
		parts := strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
		for i, p := range parts {
			parts[i] = inWord(p)
		}
		return strings.Join(parts, ", ")
	}
	return v
}

// named says a place by its name, then by the code that is kept.
func named(code string) string {
	nom, ok := lieu.Pays(code)
	if !ok {
		nom, ok = lieu.Commune(code)
	}
	switch {
	case !ok:
		return code
	case strings.Contains(nom, code):
		return nom
	}
	return nom + ", code Insee " + code
}

func inWord(v string) string {
	if d, ok := demarche.Parse(v); ok {
		return d.Titre()
	}
	for _, d := range mandat.Durees() {
		if string(d) == v {
			return d.Choix()
		}
	}
	if t, ok := mots[v]; ok {
		return t
	}
	if t := mandat.Motif(v).Libelle(); t != "" {
		return t
	}
	return v
}
