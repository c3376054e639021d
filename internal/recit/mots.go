package recit

import (
	"strings"

	"aidantsconnect/internal/journal/fait"
)

// mots are the words of the closed lists, by field. A word that is not there
// says nothing to a reader, and is not shown.
var mots = map[string]map[string]string{
	"presence": {fait.Present: "en présence de la personne", fait.Telephone: "la personne au téléphone", fait.Absent: "en l’absence de la personne"},
	"canal":    canaux,
	"voie":     voies,
	"etape": {
		fait.EtapeDemandee: "demandé", fait.EtapeConfirmee: "la personne est d’accord", fait.EtapeValidee: "accepté par l’équipe du service", fait.EtapeRefusee: "refusé", fait.EtapeAnnulee: "retiré",
		fait.EtapeProduit: "demande enregistrée", fait.EtapeTelecharge: "fichier téléchargé", fait.EtapeOuverte: "ouvert", fait.EtapeClose: "clos",
	},
	"genre": {
		fait.FacteurApplication: "application sur téléphone", fait.FacteurPasskey: "clé d’accès",
		"information": "information", "nouveaute": "nouveauté", "alerte": "alerte",
	},
	"public":               {"tous": "à tous", "aidants": "aux aidants", "referents": "aux référents"},
	"methode_consentement": {"LEGACY": "accord recueilli à l’ancienne", "SMS": "accord par SMS", "FRANCECONNECT": "accord par FranceConnect", "COURRIER": "accord par courrier"},
	"moyen":                {"franceconnect": "par FranceConnect", "sms": "par SMS", "courrier": "par courrier"},
	"preuve": {
		"certification": "signatures certifiées par la structure", "signature": "signé à l’écran", "papier": "signé sur papier", "sms": "accord par SMS",
		"franceconnect": "accord par FranceConnect", "import": "repris d’un autre service", "succession": "repris d’une autre structure",
	},
	"verification": {"piece": "pièce d’identité vue", "lettre": "demande par lettre", "mandataire": "demande par mandataire"},
	"document":     {"cgu": "conditions d’utilisation", "charte_aidant": "charte des aidants", "charte_referent": "charte des référents"},
	"qualite":      {"assermente": "par un traducteur assermenté", "locuteur": "par une personne qui parle la langue", "personnes_concernees": "par des personnes concernées"},
	"langue":       {"simple": "version simple", "ar": "arabe", "pus": "pachto", "ps": "pachto", "fa": "persan", "prs": "dari", "en": "anglais", "es": "espagnol", "pt": "portugais", "uk": "ukrainien", "ru": "russe", "tr": "turc", "zh": "chinois", "so": "somali", "ti": "tigrigna", "bn": "bengali"},
	"donnees": {
		"journal_structure": "le journal de la structure", "histoire_usager": "l’histoire d’une personne", "chiffres_structure": "les chiffres de la structure", "compte": "ses propres données",
		"mandat": "des mandats et leurs preuves", "demande": "des demandes",
	},
	"motif": motifsActe,
	"cause": motifsActe,
}

// motifsActe are the reasons, of ends, of accounts, of refusals.
var motifsActe = with(motifs, map[string]string{
	"perte": "carte perdue", "casse": "carte cassée", "dysfonctionnement": "carte en panne", "depart": "départ de la structure", "erreur": "erreur", "autre": "autre raison",
	"referent": "par un référent", "gestion": "par l’équipe du service", "inactivite": "pas de connexion depuis six mois", "fonctions": "changement de fonctions",
	"absence": "absence longue", "demande": "à sa demande", "securite": "pour la sécurité", "conservation": "fin du temps de conservation",
	"code_faux": "code faux", "code_deja_servi": "code qui a déjà servi", "delai": "à cause du délai", "aucun_facteur": "aucun second facteur",
	"trop_de_resync": "trop d’essais de remise à l’heure", "pas_moi": "la personne a dit que ce n’était pas elle",
	"autorisation_terminee": "la démarche était arrêtée", "accord_manquant": "l’accord de la personne manque", "hors_perimetre": "la structure ne peut plus proposer cette démarche",
	"organisation_inactive": "la structure a fermé", "aidant_inactif": "le compte de l’aidant était désactivé", "aidant_non_membre": "l’aidant n’était plus de la structure",
	"aidant_non_habilite": "l’aidant ne peut pas faire de mandats", "identite_incomplete": "l’identité de la personne est incomplète", "sans_courriel": "la personne n’a pas d’adresse électronique",
	"hors_demande": "le service demandait une autre démarche", "non_propose": "ce choix n’était pas proposé", "autre_personne": "c’était une autre personne",
	"code_rejoue": "le code avait déjà servi", "abandon": "l’aidant a abandonné",
	"cause_reparee": "la cause de l’échec est réparée", "essai": "pour vérifier", "sans_attendre": "sans attendre son heure",
	"enquete": "enquête", "contentieux": "procès", "controle_cnil": "contrôle de la CNIL", "demande_personne": "à la demande de la personne",
	"cessation": "la structure cesse", "retrait": "habilitation retirée", "fusion": "fusion de structures", "siret": "changement de SIRET", "reprise": "reprise par une autre structure",
	"erreur_de_mandat": "ce n’était pas le bon mandat", "signature_manquante": "une signature manque", "copie_illisible": "copie illisible",
})

func with(a, b map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range []map[string]string{a, b} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// word says a text field. What has no word is not shown.
func word(name, value string) string {
	if name == "numero_serie" {
		return "carte " + value
	}
	if name == "genre" && avis[value] != "" {
		return avis[value]
	}
	return mots[name][value]
}

// champs are the columns that a line may name, in words.
var champs = map[string]string{
	"given_name": "prénoms", "family_name": "nom de naissance", "preferred_username": "nom d’usage", "gender": "sexe", "birthdate": "date de naissance",
	"birthplace": "lieu de naissance", "birthcountry": "pays de naissance", "email": "adresse électronique", "telephone": "téléphone",
	"nom": "nom", "adresse": "adresse", "code_postal": "code postal", "ville": "ville",
}

func fields(names []string) string {
	var out []string
	for _, n := range names {
		if w := champs[n]; w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, ", ")
}
