// Package rapprochement checks each day that the journal and the tables tell
// the same story. Every act that leaves a row has its line, and every such line
// its row: the mandats with their démarches, ends, uses, papers and transfers;
// the accounts, open or closed, erased, what they may do; their places in the
// structures; their factors and the stock of cards; the texts they signed; the
// structures and what they may offer; the people and what is noted of them;
// what the retention destroyed; the requests; what the team publishes and
// does. The two are written in one transaction, so a gap means that somebody
// wrote behind the program, or that it is wrong.
//
// One file for each subject: what its lines say, replayed, and what its tables
// hold, in one snapshot. It corrects nothing and appends nothing: what it finds
// is for people to explain (docs/exploitation.md). The team is told by mail and
// reads it on its page.
//
// Tables: rapprochement, rapprochement_ecart. URLs: /gestion/journal/controle/.
package rapprochement

import (
	"fmt"
	"maps"
	"slices"
)

// Ecart is one kind of gap. Exemple is an identifier to begin with.
type Ecart struct {
	Genre   string
	Nombre  int
	Exemple string
}

// phrases say the gaps in French.
var phrases = map[string]string{
	// mandats
	"mandat_sans_ligne":        "Mandats dont la signature n’est pas au journal",
	"mandat_deux_lignes":       "Mandats signés deux fois au journal",
	"ligne_sans_mandat":        "Signatures au journal sans mandat",
	"autorisation_sans_ligne":  "Démarches d’un mandat qui ne sont pas au journal",
	"ligne_sans_autorisation":  "Démarches au journal qui n’existent pas",
	"fin_sans_ligne":           "Démarches arrêtées sans que le journal le dise",
	"ligne_sans_fin":           "Démarches arrêtées au journal et toujours ouvertes",
	"fin_mandat_sans_ligne":    "Fins de mandat sans que le journal le dise",
	"ligne_sans_fin_mandat":    "Fins de mandat au journal qui n’ont pas eu lieu",
	"ecrite_sans_ligne":        "Révocations écrites à l’équipe que le journal ne dit pas d’elle",
	"ligne_sans_ecrite":        "Révocations enregistrées par l’équipe sans la demande écrite",
	"usage_sans_ligne":         "Utilisations qui ne sont pas au journal",
	"ligne_sans_usage":         "Utilisations au journal sans leur relevé",
	"usage_deux_lignes":        "Utilisations écrites deux fois au journal",
	"copie_sans_ligne":         "Mandats dont une copie signée n’est pas au journal",
	"copie_annulee_sans_ligne": "Mandats dont une preuve a été annulée sans que le journal le dise",
	"transfert_sans_ligne":     "Mandats transférés sans que le journal le dise",
	"ligne_sans_transfert":     "Transferts au journal qui n’ont pas eu lieu",
	// structures
	"structure_sans_ligne":   "Structures dont l’enregistrement n’est pas au journal",
	"ligne_sans_structure":   "Structures au journal qui n’existent pas",
	"perimetre_sans_ligne":   "Démarches permises à une structure sans que le journal le dise",
	"ligne_sans_perimetre":   "Démarches permises au journal que la structure n’a pas",
	"structure_etat":         "Structures ouvertes ou fermées sans que le journal le dise",
	"delai_papier_different": "Délais pour la copie signée qui ne sont pas ceux du journal",
	// accounts
	"compte_sans_ligne":            "Comptes dont l’ouverture n’est pas au journal",
	"ligne_sans_compte":            "Comptes au journal qui n’existent pas",
	"compte_efface_sans_ligne":     "Comptes effacés sans que le journal le dise",
	"ligne_sans_effacement_compte": "Effacements de compte au journal qui n’ont pas eu lieu",
	"compte_etat":                  "Comptes ouverts ou fermés autrement que le journal le dit",
	"compte_droit":                 "Comptes qui peuvent ou non faire des mandats, autrement que le journal le dit",
	"compte_role":                  "Rôles de gestion qui ne sont pas ceux du journal",
	"texte_sans_ligne":             "Textes signés sans que le journal le dise",
	"ligne_sans_texte":             "Signatures de textes au journal qui n’existent pas",
	// places
	"place_sans_ligne":        "Rattachements à une structure qui ne sont pas au journal",
	"ligne_sans_place":        "Rattachements au journal qui n’existent pas",
	"depart_sans_ligne":       "Départs d’une structure qui ne sont pas au journal",
	"ligne_sans_depart":       "Départs au journal qui n’ont pas eu lieu",
	"referent_sans_ligne":     "Rôles de référent qui ne sont pas au journal",
	"ligne_sans_referent":     "Rôles de référent au journal qui n’existent pas",
	"fin_referent_sans_ligne": "Fins du rôle de référent qui ne sont pas au journal",
	"ligne_sans_fin_referent": "Fins du rôle de référent au journal qui n’ont pas eu lieu",
	// factors
	"facteur_sans_ligne":       "Seconds facteurs qui ne sont pas au journal",
	"ligne_sans_facteur":       "Seconds facteurs au journal qui n’existent pas",
	"carte_sans_ligne":         "Cartes associées à un compte sans que le journal le dise",
	"ligne_sans_carte":         "Cartes associées au journal qui ne le sont pas",
	"carte_validee_sans_ligne": "Cartes validées sans que le journal le dise",
	"ligne_sans_validation":    "Cartes validées au journal qui ne le sont pas",
	"stock_sans_ligne":         "Cartes en stock dont l’import n’est pas au journal",
	"ligne_sans_stock":         "Cartes importées au journal qui ne sont pas en stock",
	"proconnect_sans_ligne":    "Comptes reliés à ProConnect sans que le journal le dise",
	"ligne_sans_proconnect":    "Liens avec ProConnect au journal qui n’existent pas",
	"secours_sans_ligne":       "Codes de secours de plus que le journal n’en dit",
	// people
	"personne_sans_ligne":  "Personnes dont la première identification n’est pas au journal",
	"ligne_sans_personne":  "Personnes au journal qui ont disparu sans effacement",
	"identite_sans_ligne":  "Versions d’une identité que le journal ne connaît pas",
	"evenement_sans_ligne": "Décès ou mesures de protection autrement que le journal le dit",
	"ligne_sans_evenement": "Décès ou mesures de protection au journal qui n’existent pas",
	"gel_sans_ligne":       "Gels de données qui ne sont pas au journal",
	"ligne_sans_gel":       "Gels de données au journal qui n’existent pas",
	"acces_sans_ligne":     "Demandes d’accès qui ne sont pas au journal",
	"ligne_sans_acces":     "Demandes d’accès au journal qui n’existent pas",
	// retention
	"purge_sans_ligne":   "Mandats anciens effacés sans que le journal le dise",
	"ligne_sans_purge":   "Mandats effacés au journal et toujours là",
	"passage_sans_ligne": "Effacements dont le compte rendu dit plus que le journal",
	"ligne_sans_passage": "Effacements au journal que le compte rendu ne dit pas",
	// requests
	"demande_sans_ligne": "Demandes de référents dont l’état n’est pas celui du journal",
	"ligne_sans_demande": "Demandes de référents au journal qui n’existent pas",
	"accord_sans_ligne":  "Demandes d’accord à distance qui ne sont pas au journal",
	"accord_etat":        "Accords ou refus à distance que le journal ne dit pas",
	// the team
	"notification_sans_ligne": "Notifications autrement que le journal le dit",
	"ligne_sans_notification": "Notifications au journal qui n’existent pas",
	"relecture_sans_ligne":    "Relectures de traductions autrement que le journal le dit",
	"ligne_sans_relecture":    "Relectures de traductions au journal qui n’existent pas",
	"signalement_sans_ligne":  "Signalements vus sans que le journal le dise",
	"relance_sans_ligne":      "Tâches relancées sans que le journal le dise",
	"ligne_sans_relance":      "Relances de tâches au journal qui n’ont pas eu lieu",
	"import_sans_ligne":       "Imports de personnes qui ne sont pas au journal",
	"ligne_sans_import":       "Imports de personnes au journal qui n’existent pas",
}

// Genres are the kinds of gap, sorted.
func Genres() []string { return slices.Sorted(maps.Keys(phrases)) }

// Phrase says the gap.
func (e Ecart) Phrase() string {
	return fmt.Sprintf("%s : %d, par exemple %s", phrases[e.Genre], e.Nombre, e.Exemple)
}

// conservation is how far back lines must have their rows, in years: past it a
// mandat may have been erased, and its lines stay (mandats.md 16).
const conservation = 5

// archive is how long a closed account keeps its factors, in years: past it
// they are destroyed with the rest of what only served to sign in.
const archive = 3
