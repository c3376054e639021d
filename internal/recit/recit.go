// Package recit tells the lines of the journal to the people they are about,
// or who help them: one plain French sentence each, and the group in which
// their story is filtered (issue 5: the file of a person tells their story in
// order). The facts hold no name, so a sentence names nobody; who acted is
// added by who may show it.
//
// It owns no table, serves no URL and reads no base: it is words.
package recit

import (
	"fmt"
	"slices"
	"strings"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/journal/fait"
)

// Groupe is a part of the story.
type Groupe string

// The groups, in the order of the page.
const (
	Tout          Groupe = ""
	Mandats       Groupe = "mandats"       // signed, renewed, proved
	Utilisations  Groupe = "utilisations"  // done in the person's name
	Fins          Groupe = "fins"          // stopped, ended, replaced
	Messages      Groupe = "messages"      // sent to the person
	Consultations Groupe = "consultations" // read, printed, given
	Identite      Groupe = "identite"      // identity and contacts
)

// Groupes gives them with their French.
func Groupes() []struct {
	Groupe  Groupe
	Libelle string
} {
	return []struct {
		Groupe  Groupe
		Libelle string
	}{
		{Tout, "Tout"},
		{Mandats, "Mandats"},
		{Utilisations, "Démarches faites"},
		{Fins, "Fins"},
		{Messages, "Messages"},
		{Consultations, "Consultations"},
		{Identite, "Identité"},
	}
}

// ParseGroupe reads a group of an address; what is unknown is everything.
func ParseGroupe(s string) Groupe {
	for _, g := range Groupes() {
		if string(g.Groupe) == s {
			return g.Groupe
		}
	}
	return Tout
}

var groupes = map[Groupe][]string{
	Mandats: {
		"init_renew_mandat", "create_attestation", "create_autorisation", "sign_papier", "cancel_papier", "transfer_mandat",
		"remote_sms_recap_sent", "remote_sms_consent_sent", "remote_sms_consent_received", "remote_sms_denial_received",
	},
	Utilisations:  {"use_autorisation", "refuse_authorize", "refuse_token", "refuse_userinfo", "replay_code", "incident_mandat"},
	Fins:          {"cancel_autorisation", "cancel_mandat", "end_mandat", "supersede_mandat", "evenement_usager", "seal_fin", "hold_usager", "release_usager", "erase_usager"},
	Messages:      {"notify_usager"},
	Consultations: {"view_usager", "view_mandat", "view_archive", "view_traduction", "print_attestation", "print_revocation", "print_releve", "export", "export_usager"},
	Identite:      {"create_usager", "franceconnect_usager", "update_identite_usager", "update_email_usager", "update_phone_usager", "admin_update_usager"},
}

// GroupeOf is the group of an action. One that came later than this list is a
// part of the mandats: nothing of a person's story is left out.
func GroupeOf(action string) Groupe {
	for g, actions := range groupes {
		if slices.Contains(actions, action) {
			return g
		}
	}
	return Mandats
}

// Phrase says an act in French. The facts of a line may have been erased: what
// it was is still said.
func Phrase(action string, f fait.Fait) string {
	name := simples[action]
	d := detail(f)
	if name == "" {
		if name = actes[action]; name == "" {
			name = fait.Libelle(action)
		}
		d = precisions(f)
	}
	if d != "" {
		return name + " : " + d
	}
	return name
}

// simples are the acts in the words of the person, where the journal's label
// is the service's.
var simples = map[string]string{
	"create_attestation":     "Mandat signé",
	"create_autorisation":    "Démarche confiée",
	"init_renew_mandat":      "Renouvellement commencé",
	"sign_papier":            "Signatures sur papier recueillies",
	"cancel_papier":          "Preuve sur papier annulée",
	"transfer_mandat":        "Mandat transféré à une autre structure",
	"use_autorisation":       "Démarche faite au nom de la personne",
	"refuse_authorize":       "Utilisation refusée",
	"refuse_token":           "Utilisation refusée",
	"refuse_userinfo":        "Utilisation refusée",
	"replay_code":            "Utilisation coupée : un code avait déjà servi",
	"cancel_autorisation":    "Démarche arrêtée",
	"cancel_mandat":          "Mandat arrêté",
	"end_mandat":             "Mandat fini",
	"evenement_usager":       "Décès ou mesure de protection",
	"supersede_mandat":       "Mandat remplacé par un plus récent",
	"notify_usager":          "Message envoyé à la personne",
	"view_usager":            "Fiche de la personne consultée",
	"view_mandat":            "Mandat consulté",
	"print_attestation":      "Mandat imprimé",
	"print_revocation":       "Attestation de fin imprimée",
	"seal_fin":               "Certificat de fin établi",
	"create_usager":          "Première identification avec FranceConnect",
	"franceconnect_usager":   "Identification avec FranceConnect",
	"update_identite_usager": "Identité mise à jour",
	"update_email_usager":    "Adresse électronique changée",
	"update_phone_usager":    "Téléphone changé",
	"export":                 "Copie de l’histoire emportée",
}

var presences = map[string]string{
	fait.Present: "en présence de la personne", fait.Telephone: "au téléphone avec elle", fait.Absent: "en son absence",
}

var motifs = map[string]string{
	"revoque_usager": "la personne l’a voulu", "renonciation": "la structure y a renoncé", "revoque_organisation": "la structure l’a arrêté",
	"demarches_accomplies": "les démarches sont faites", "expire": "la durée est écoulée", "remplace": "un mandat plus récent le remplace",
	"deces": "décès", "protection": "une mesure de protection a commencé", "transfere": "transféré à une autre structure", "fermeture": "la structure a fermé",
}

var canaux = map[string]string{
	"oral": "dit de vive voix", "lettre": "par lettre", "courriel": "par courriel", "sms": "par SMS", "espace": "en ligne", "telephone": "par téléphone",
}

var etapes = map[string]string{
	fait.EtapeDemandee: "noté", fait.EtapeValidee: "vérifié par l’équipe du service", fait.EtapeRefusee: "non confirmé", fait.EtapeAnnulee: "retiré",
}

var voies = map[string]string{
	fait.NotificationMail: "par courriel", fait.NotificationSMS: "par SMS", fait.NotificationPlis: "par la poste",
}

// avis are the kinds of message that a person receives.
var avis = map[string]string{
	"E-50": "mandat signé", "E-51": "fin d’un mandat ou d’une démarche", "E-52": "démarche faite en son nom", "E-53": "mandat renouvelé", "E-54": "fin prochaine d’un mandat", "E-56": "mandat continué par une autre structure", "S-06": "fin prochaine d’un mandat",
}

func detail(f fait.Fait) string {
	switch f := f.(type) {
	case fait.UseAutorisation:
		return join(quoted(f.Demarche), presences[f.Presence])
	case fait.CreateAttestation:
		return join(listed(f.Demarches), days(f.Jours))
	case fait.CreateAutorisation:
		return join(quoted(f.Demarche), days(f.Jours))
	case fait.InitRenewMandat:
		return join(listed(f.Demarches), days(f.Jours))
	case fait.CancelAutorisation:
		return join(quoted(f.Demarche), motifs[f.Motif], canaux[f.Canal])
	case fait.CancelMandat:
		return join(motifs[f.Motif], canaux[f.Canal])
	case fait.EndMandat:
		return join(motifs[f.Motif], canaux[f.Canal])
	case fait.EvenementUsager:
		return join(motifs[f.Motif], etapes[f.Etape])
	case fait.NotifyUsager:
		return join(avis[f.Genre], voies[f.Voie])
	}
	return ""
}

func join(parts ...string) string {
	kept := slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	return strings.Join(kept, ", ")
}

func quoted(d demarche.Demarche) string { return "« " + d.Fiche().TitreCourt + " »" }

func listed(ds []demarche.Demarche) string {
	out := make([]string, 0, len(ds))
	for _, d := range ds {
		out = append(out, d.Fiche().TitreCourt)
	}
	return strings.Join(out, ", ")
}

func days(n int) string {
	if n == 1 {
		return "pour un jour"
	}
	return fmt.Sprintf("pour %d jours", n)
}
