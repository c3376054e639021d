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
	"mandat_sans_ligne":        "mandats dont la signature n’est pas au journal",
	"mandat_deux_lignes":       "mandats signés deux fois au journal",
	"ligne_sans_mandat":        "signatures au journal sans mandat",
	"autorisation_sans_ligne":  "démarches d’un mandat qui ne sont pas au journal",
	"ligne_sans_autorisation":  "démarches au journal qui n’existent pas",
	"fin_sans_ligne":           "démarches arrêtées sans que le journal le dise",
	"ligne_sans_fin":           "démarches arrêtées au journal et toujours ouvertes",
	"fin_mandat_sans_ligne":    "fins de mandat sans que le journal le dise",
	"ligne_sans_fin_mandat":    "fins de mandat au journal qui n’ont pas eu lieu",
	"usage_sans_ligne":         "utilisations qui ne sont pas au journal",
	"ligne_sans_usage":         "utilisations au journal sans leur relevé",
	"usage_deux_lignes":        "utilisations écrites deux fois au journal",
	"copie_sans_ligne":         "mandats dont une copie signée n’est pas au journal",
	"copie_annulee_sans_ligne": "mandats dont une preuve a été annulée sans que le journal le dise",
	"transfert_sans_ligne":     "mandats transférés sans que le journal le dise",
	"ligne_sans_transfert":     "transferts au journal qui n’ont pas eu lieu",
	// structures
	"structure_sans_ligne":   "structures dont l’enregistrement n’est pas au journal",
	"ligne_sans_structure":   "structures au journal qui n’existent pas",
	"perimetre_sans_ligne":   "démarches permises à une structure sans que le journal le dise",
	"ligne_sans_perimetre":   "démarches permises au journal que la structure n’a pas",
	"structure_etat":         "structures ouvertes ou fermées sans que le journal le dise",
	"delai_papier_different": "délais pour la copie signée qui ne sont pas ceux du journal",
	// accounts
	"compte_sans_ligne":            "comptes dont l’ouverture n’est pas au journal",
	"ligne_sans_compte":            "comptes au journal qui n’existent pas",
	"compte_efface_sans_ligne":     "comptes effacés sans que le journal le dise",
	"ligne_sans_effacement_compte": "effacements de compte au journal qui n’ont pas eu lieu",
	"compte_etat":                  "comptes ouverts ou fermés autrement que le journal le dit",
	"compte_droit":                 "comptes qui peuvent ou non faire des mandats, autrement que le journal le dit",
	"compte_role":                  "rôles de gestion qui ne sont pas ceux du journal",
	"texte_sans_ligne":             "textes signés sans que le journal le dise",
	"ligne_sans_texte":             "signatures de textes au journal qui n’existent pas",
	// places
	"place_sans_ligne":        "rattachements à une structure qui ne sont pas au journal",
	"ligne_sans_place":        "rattachements au journal qui n’existent pas",
	"depart_sans_ligne":       "départs d’une structure qui ne sont pas au journal",
	"ligne_sans_depart":       "départs au journal qui n’ont pas eu lieu",
	"referent_sans_ligne":     "rôles de référent qui ne sont pas au journal",
	"ligne_sans_referent":     "rôles de référent au journal qui n’existent pas",
	"fin_referent_sans_ligne": "fins du rôle de référent qui ne sont pas au journal",
	"ligne_sans_fin_referent": "fins du rôle de référent au journal qui n’ont pas eu lieu",
	// factors
	"facteur_sans_ligne":       "seconds facteurs qui ne sont pas au journal",
	"ligne_sans_facteur":       "seconds facteurs au journal qui n’existent pas",
	"carte_sans_ligne":         "cartes associées à un compte sans que le journal le dise",
	"ligne_sans_carte":         "cartes associées au journal qui ne le sont pas",
	"carte_validee_sans_ligne": "cartes validées sans que le journal le dise",
	"ligne_sans_validation":    "cartes validées au journal qui ne le sont pas",
	"stock_sans_ligne":         "cartes en stock dont l’import n’est pas au journal",
	"ligne_sans_stock":         "cartes importées au journal qui ne sont pas en stock",
	"proconnect_sans_ligne":    "comptes reliés à ProConnect sans que le journal le dise",
	"ligne_sans_proconnect":    "liens avec ProConnect au journal qui n’existent pas",
	"secours_sans_ligne":       "codes de secours de plus que le journal n’en dit",
	// people
	"personne_sans_ligne":  "personnes dont la première identification n’est pas au journal",
	"ligne_sans_personne":  "personnes au journal qui ont disparu sans effacement",
	"identite_sans_ligne":  "versions d’une identité que le journal ne connaît pas",
	"evenement_sans_ligne": "décès ou mesures de protection autrement que le journal le dit",
	"ligne_sans_evenement": "décès ou mesures de protection au journal qui n’existent pas",
	"gel_sans_ligne":       "gels de données qui ne sont pas au journal",
	"ligne_sans_gel":       "gels de données au journal qui n’existent pas",
	"acces_sans_ligne":     "demandes d’accès qui ne sont pas au journal",
	"ligne_sans_acces":     "demandes d’accès au journal qui n’existent pas",
	// retention
	"purge_sans_ligne":   "mandats anciens effacés sans que le journal le dise",
	"ligne_sans_purge":   "mandats effacés au journal et toujours là",
	"passage_sans_ligne": "effacements dont le compte rendu dit plus que le journal",
	"ligne_sans_passage": "effacements au journal que le compte rendu ne dit pas",
	// requests
	"demande_sans_ligne": "demandes de référents dont l’état n’est pas celui du journal",
	"ligne_sans_demande": "demandes de référents au journal qui n’existent pas",
	"accord_sans_ligne":  "demandes d’accord à distance qui ne sont pas au journal",
	"accord_etat":        "accords ou refus à distance que le journal ne dit pas",
	// the team
	"notification_sans_ligne": "notifications autrement que le journal le dit",
	"ligne_sans_notification": "notifications au journal qui n’existent pas",
	"relecture_sans_ligne":    "relectures de traductions autrement que le journal le dit",
	"ligne_sans_relecture":    "relectures de traductions au journal qui n’existent pas",
	"signalement_sans_ligne":  "signalements vus sans que le journal le dise",
	"relance_sans_ligne":      "tâches relancées sans que le journal le dise",
	"ligne_sans_relance":      "relances de tâches au journal qui n’ont pas eu lieu",
	"import_sans_ligne":       "imports de personnes qui ne sont pas au journal",
	"ligne_sans_import":       "imports de personnes au journal qui n’existent pas",
}

// Genres are the kinds of gap, sorted.
func Genres() []string { return slices.Sorted(maps.Keys(phrases)) }

// Phrase says the gap.
func (e Ecart) Phrase() string {
	return fmt.Sprintf("%d %s (par exemple %s)", e.Nombre, phrases[e.Genre], e.Exemple)
}

// conservation is how far back lines must have their rows, in years: past it a
// mandat may have been erased, and its lines stay (mandats.md 16).
const conservation = 5

// archive is how long a closed account keeps its factors, in years: past it
// they are destroyed with the rest of what only served to sign in.
const archive = 3
