package recit

import (
	"reflect"
	"strconv"
	"strings"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/journal/fait"
)

// Acte says a line in a full sentence, to who reads the journal of a structure
// or of the service. Who acted is told beside. The facts of a line may have been
// erased: what it was is still said.
func Acte(action string, f fait.Fait) string {
	s := actes[action]
	if s == "" {
		s = fait.Libelle(action)
	}
	if d := precisions(f); d != "" {
		return s + " : " + d + "."
	}
	return s + "."
}

// actes are a sentence for every action.
var actes = map[string]string{
	"connect_aidant":                "Connexion au service",
	"activity_check_aidant":         "Le code a été redemandé, et il était juste",
	"login_failed":                  "Une connexion a été refusée",
	"first_connection":              "Première connexion au service",
	"close_session":                 "Une session a été fermée par quelqu’un d’autre",
	"invite_factor":                 "Une personne a été invitée à ajouter un second facteur",
	"confirm_factor":                "Un second facteur a été ajouté",
	"remove_factor":                 "Un second facteur a été retiré",
	"resynchronise_factor":          "Un second facteur a été remis à l’heure",
	"link_proconnect":               "Le compte a été relié à ProConnect",
	"unlink_proconnect":             "Le compte n’est plus relié à ProConnect",
	"create_recovery_codes":         "Des codes de secours ont été créés",
	"use_recovery_code":             "Un code de secours a servi",
	"card_association":              "Une carte à codes a été donnée à une personne",
	"card_validation":               "La carte à codes d’une personne a été vérifiée",
	"card_dissociation":             "La carte à codes d’une personne lui a été retirée",
	"import_totp_cards":             "Des cartes à codes sont entrées en stock",
	"import_card":                   "Une carte à codes est entrée en stock, ou y a changé",
	"import_aidants":                "Une liste de personnes a été importée",
	"update_email_aidant":           "L’adresse de connexion du compte a changé",
	"update_phone_aidant":           "Le téléphone du compte a changé",
	"create_aidant":                 "Un compte a été ouvert",
	"deactivate_aidant":             "Un compte a été désactivé",
	"reactivate_aidant":             "Un compte a été réactivé",
	"erase_aidant":                  "Un compte ancien a été effacé",
	"add_membership":                "Une personne a rejoint la structure",
	"end_membership":                "Une personne a quitté la structure",
	"designate_referent":            "Une personne est devenue référente de la structure",
	"end_referent":                  "Une personne n’est plus référente de la structure",
	"grant_staff":                   "Un rôle dans l’équipe du service a été donné",
	"withdraw_staff":                "Un rôle dans l’équipe du service a été retiré",
	"grant_mandat":                  "Une personne peut désormais faire des mandats",
	"withdraw_mandat":               "Une personne ne peut plus faire de mandats",
	"switch_organisation":           "Passage d’une structure à une autre",
	"create_organisation":           "La structure a été enregistrée",
	"update_organisation":           "Les coordonnées de la structure ont changé",
	"update_perimetre_organisation": "Les démarches que la structure peut proposer ont changé",
	"close_organisation":            "La structure a fermé",
	"change_structure":              "Demande pour rattacher un aidant à la structure",
	"change_coreferent":             "Demande d’un co-référent",
	"change_correction":             "Correction proposée des coordonnées de la structure",
	"accept_cgu":                    "Un texte a été accepté et signé",
	"view_aidant":                   "L’équipe du service a ouvert la fiche d’un compte",
	"export":                        "Des données ont été emportées dans un fichier",
	"replay_tache":                  "Une tâche du service a été relancée à la main",
	"ack_signalement":               "Un signalement a été marqué comme vu",
	"publish_notification":          "Une notification a été publiée",
	"withdraw_notification":         "Une notification a été retirée",
	"create_api_token":              "Une clé d’accès pour un autre logiciel a été créée",
	"revoke_api_token":              "Une clé d’accès pour un autre logiciel a été retirée",
	"set_grace_papier":              "Le délai pour joindre la copie signée d’un mandat a changé",
	"franceconnect_usager":          "La personne s’est identifiée avec FranceConnect",
	"create_usager":                 "Une personne est connue du service pour la première fois",
	"update_identite_usager":        "L’identité de la personne a été mise à jour par FranceConnect",
	"update_email_usager":           "L’adresse électronique de la personne a changé",
	"update_phone_usager":           "Le téléphone de la personne a changé",
	"admin_update_usager":           "L’équipe du service a corrigé ce qui est enregistré de la personne",
	"init_renew_mandat":             "Le renouvellement d’un mandat a commencé",
	"create_attestation":            "Un mandat a été signé",
	"create_autorisation":           "Une démarche a été confiée par ce mandat",
	"use_autorisation":              "Une démarche a été faite au nom de la personne",
	"cancel_autorisation":           "Une démarche du mandat a été arrêtée",
	"cancel_mandat":                 "Le mandat a été arrêté",
	"supersede_mandat":              "Le mandat a été remplacé par un plus récent",
	"end_mandat":                    "Le mandat a pris fin",
	"sign_papier":                   "Les signatures sur papier ont été recueillies",
	"cancel_papier":                 "Une preuve sur papier a été annulée",
	"transfer_mandat":               "Le mandat continue avec une autre structure",
	"ask_accord":                    "Une demande d’accord a été envoyée à la personne",
	"accept_accord":                 "La personne a donné son accord à distance",
	"refuse_accord":                 "La personne a refusé à distance",
	"remote_sms_recap_sent":         "Le récapitulatif a été envoyé par SMS à la personne",
	"remote_sms_consent_sent":       "L’accord a été demandé par SMS à la personne",
	"remote_sms_consent_received":   "La personne a donné son accord par SMS",
	"remote_sms_denial_received":    "La personne a refusé par SMS",
	"view_usager":                   "La fiche de la personne a été ouverte",
	"view_mandat":                   "Le mandat a été ouvert",
	"print_attestation":             "Le mandat a été ouvert pour être imprimé",
	"seal_fin":                      "Le certificat de la fin d’un mandat a été scellé",
	"print_revocation":              "L’attestation de fin a été ouverte pour être imprimée",
	"print_releve":                  "Le relevé de ce qui a été fait a été ouvert, pour être remis à la personne",
	"view_archive":                  "L’équipe du service a ouvert un mandat archivé",
	"export_usager":                 "Copie de ses données, à la demande de la personne",
	"view_traduction":               "Une traduction du mandat a été montrée",
	"refuse_authorize":              "Une démarche au nom de la personne a été refusée, avant de commencer",
	"refuse_token":                  "Une démarche au nom de la personne a été refusée, pendant la connexion",
	"refuse_userinfo":               "Une démarche au nom de la personne a été refusée, au moment de donner son identité",
	"replay_code":                   "Un code a été présenté une seconde fois : ce qu’il ouvrait a été coupé",
	"notify_usager":                 "Un message a été préparé pour la personne",
	"incident_mandat":               "Un incident a été noté sur le mandat",
	"evenement_usager":              "Décès ou mesure de protection de la personne",
	"hold_usager":                   "Les données de la personne ne seront pas effacées pour l’instant",
	"release_usager":                "Les données de la personne peuvent de nouveau être effacées à leur terme",
	"erase_usager":                  "Les données d’une personne ont été effacées",
	"purge_retention":               "Des données arrivées à leur terme ont été effacées",
	"review_traduction":             "La relecture d’une traduction du mandat a été notée",
	"withdraw_traduction":           "La relecture d’une traduction du mandat a été retirée",
}

// muets are the fields that no sentence says: identifiers, digests, and words
// of the program that mean nothing to a reader.
var muets = map[string]bool{
	"document_empreinte": true, "texte_empreinte": true, "consentement_empreinte": true, "preuve_empreinte": true, "empreinte": true, "enregistrement_empreinte": true,
	"demande_consentement_id": true, "predecesseur_id": true, "successeur_id": true, "demande_id": true, "signalement_id": true, "notification_id": true, "jeton_id": true,
	"rep_scope_demande": true, "rep_scope_rendu": true, "version": true, "date_effet": true, "date_connue": true, "tache": true, "regle": true, "role": true,
}

// precisions says the fields of a fact, in their order.
func precisions(f fait.Fait) string {
	if f == nil {
		return ""
	}
	v := reflect.ValueOf(f)
	var parts []string
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("json")
		if v.Field(i).IsZero() || muets[name] {
			continue
		}
		parts = append(parts, precision(f, name, v.Field(i).Interface()))
	}
	return join(parts...)
}

// precision says one field.
func precision(f fait.Fait, name string, value any) string {
	switch x := value.(type) {
	case demarche.Demarche:
		return quoted(x)
	case []demarche.Demarche:
		if name == "avant" {
			return "avant, " + listed(x)
		}
		if name == "apres" {
			return "désormais, " + listed(x)
		}
		return listed(x)
	case int:
		return count(f, name, x)
	case bool:
		return vrais[name]
	case string:
		return word(name, x)
	case []string:
		return fields(x)
	}
	if name == "date_signature" {
		return "" // the line's own date is beside
	}
	return ""
}

// vrais are the fields that are said when they are true.
var vrais = map[string]string{
	"a_distance": "à distance", "habilite": "peut faire des mandats", "referent": "référent de la structure", "modification": "déjà en stock", "aucun": "aucun délai",
}

// nombres are the counts: one, several.
var nombres = map[string][2]string{
	"echecs": {"%d essai", "%d essais"}, "nombre": {"%d code", "%d codes"}, "restants": {"il en reste %d", "il en reste %d"},
	"ajouts": {"%d ajoutée", "%d ajoutées"}, "modifications": {"%d changée", "%d changées"}, "refusees": {"%d refusée", "%d refusées"},
	"mandats_termines": {"%d mandat terminé", "%d mandats terminés"}, "mandats_transferes": {"%d mandat transféré", "%d mandats transférés"},
	"lignes": {"%d ligne", "%d lignes"}, "utilisations": {"%d démarche", "%d démarches"}, "mandats": {"%d mandat", "%d mandats"},
}

func count(f fait.Fait, name string, n int) string {
	if name == "jours" {
		if _, papier := f.(fait.SetGracePapier); papier && n > 1 {
			return strconv.Itoa(n) + " jours"
		}
		return days(n)
	}
	form := nombres[name][1]
	if n == 1 {
		form = nombres[name][0]
	}
	return strings.Replace(form, "%d", strconv.Itoa(n), 1)
}
