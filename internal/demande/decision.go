package demande

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
)

// Motif is how the team checked what it accepts, or why it refuses: a closed
// list, also written as a CHECK.
type Motif string

// The reasons: the first four accept, the others refuse.
const (
	Appel     Motif = "appel"
	Courriel  Motif = "courriel"
	Registre  Motif = "registre"
	Connue    Motif = "connue"
	Identite  Motif = "identite"
	Inexact   Motif = "inexact"
	Doublon   Motif = "doublon"
	HorsRegle Motif = "hors_regle"
	Autre     Motif = "autre"
)

var motifs = map[Motif]string{
	Appel:     "Vérifiée par téléphone avec la structure",
	Courriel:  "Vérifiée par courriel avec la structure",
	Registre:  "Vérifiée dans un registre ou un annuaire public",
	Connue:    "Structure et personne déjà connues de l’équipe",
	Identite:  "La structure ne confirme pas",
	Inexact:   "Renseignements inexacts ou incomplets",
	Doublon:   "Demande en double, ou déjà faite",
	HorsRegle: "N’entre pas dans les règles du service",
	Autre:     "Autre raison",
}

// Libelle is the reason as pages write it.
func (m Motif) Libelle() string { return motifs[m] }

// Motifs lists those of an answer, in the order of the form.
func Motifs(accepte bool) []Motif {
	if accepte {
		return []Motif{Appel, Courriel, Registre, Connue}
	}
	return []Motif{Identite, Inexact, Doublon, HorsRegle, Autre}
}

// Decision is what somebody of the team answers. Reponse is what the référent
// reads when it is refused.
type Decision struct {
	Par     ident.AidantID
	Accepte bool
	Motif   Motif
	Reponse string
}

const reponseMax = 500 // characters

// Check gives the decision in order, or one message per field.
func (d Decision) Check() (Decision, error) {
	d.Reponse = strings.TrimSpace(strings.ReplaceAll(d.Reponse, "\r\n", "\n"))
	f := fault.Fields{}
	if !slices.Contains(Motifs(d.Accepte), d.Motif) {
		f["motif"] = "Choisissez une raison dans la liste."
		if d.Accepte {
			f["motif"] = "Choisissez comment la demande a été vérifiée."
		}
	}
	switch {
	case d.Accepte:
		d.Reponse = ""
	case d.Reponse == "":
		f["reponse"] = "Dites pourquoi : le référent le lira."
	case utf8.RuneCountInString(d.Reponse) > reponseMax:
		f["reponse"] = "Écrivez 500 caractères au plus."
	}
	if len(f) > 0 {
		return d, fault.Form(f)
	}
	return d, nil
}

// etat is what the request becomes.
func (d Decision) etat() Etat {
	if d.Accepte {
		return Validee
	}
	return Refusee
}

// Candidat is what the rules need to know of the account that a request would
// change, today.
type Candidat struct {
	Existe          bool
	Actif, Habilite bool
	Rouvrable       bool // closed for inactivity only: accepting opens it again
	Membre          bool // of the structure, already
	Referent        bool // of the structure, already
	Equipe          bool // of the operator's team
	StructureFermee bool
}

// Obstacle tells why a request cannot be accepted now, "" when it can. The act
// applies it again.
func (c Candidat) Obstacle(g Genre) string {
	switch {
	case c.StructureFermee:
		return "La structure n’est plus active."
	case g == DeRattachement && !c.Actif:
		return "Le compte de la personne est désactivé : rouvrez-le d’abord, s’il doit l’être."
	case g == DeRattachement && !c.Habilite:
		return "La personne n’est pas, ou plus, habilitée à conclure des mandats."
	case g == DeCoreferent && c.Existe && c.Equipe:
		return "Cette adresse est celle d’un compte de l’équipe du service."
	case g == DeCoreferent && c.Existe && !c.Actif && !c.Rouvrable:
		return "Un compte désactivé existe avec cette adresse : décidez d’abord s’il doit rouvrir."
	case g == DeCoreferent && c.Referent && c.Actif:
		return "Cette personne est déjà référente de la structure."
	}
	return ""
}

// Effet says in words what accepting will do.
func (c Candidat) Effet(g Genre) string {
	switch {
	case g == DeCorrection:
		return "La fiche de la structure prend ces coordonnées. Les mandats déjà conclus gardent celles de leur jour."
	case g == DeRattachement && c.Membre:
		return "La personne est déjà membre de la structure : seuls ses départs s’appliquent."
	case g == DeRattachement:
		return "La personne peut agir aussi pour cette structure. Un courriel la prévient, et le référent aussi."
	case !c.Existe:
		return "Un compte de référent s’ouvre, sans droit de conclure des mandats. La personne reçoit un courriel ; elle se connecte la première fois avec un code reçu sur le mobile indiqué."
	case !c.Actif:
		return "Le compte qui existe avec cette adresse, en sommeil, rouvre ; la personne devient référente de la structure."
	}
	return "Un compte existe déjà avec cette adresse : il rejoint la structure et en devient référent. Les nom, profession et mobile indiqués ici ne le changent pas."
}

// Conserve says until when a request is kept: from its answer.
func Conserve(fin time.Time) string {
	if fin.IsZero() {
		return garde.Demande.EnCours("tant qu’elle attend")
	}
	return garde.Demande.Phrase(fin)
}
