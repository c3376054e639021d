// Package garde is the one table of what is kept: of each kind of object, how
// long, from when, and why. The tasks that erase read their limits here, and
// the pages say « conservé jusqu’au … parce que … » from the same rows, so that
// what is shown is what is done (mandats.md 16, L-66).
//
// A hold (conservation) makes any of them last longer; it is not shown to the
// structures, because an inquiry may be behind it.
//
// It owns no table and erases nothing.
package garde

import (
	"strings"
	"time"

	"aidantsconnect/internal/web"
)

// Years after the end of a mandat, or the last contact of an account: in the
// structure, then in all. Six is the limitation period of offences.
const (
	AnneesActives = 3
	AnneesTotales = 6
)

// Regle is one row. Its length is one of Ans, Mois, Temps.
type Regle struct {
	Quoi   string // French, plural: the row's title
	Accord string // how « conservé » agrees with the object, in the singular
	Ans    int
	Mois   int
	Temps  time.Duration
	Depuis string // « la fin du mandat »
	Raison string // what follows « parce que »
	Suite  string // a second sentence, or ""
}

// The rows.
var (
	Mandat = Regle{
		Quoi: "Mandats, leurs démarches, leurs documents", Accord: "Conservé", Ans: AnneesTotales, Depuis: "la fin du mandat",
		Raison: "la loi laisse six ans pour demander des comptes après la fin d’un mandat", Suite: "Puis effacé, avec ses preuves.",
	}
	Identite = Regle{
		Quoi: "Identité, adresse et téléphone d’une personne aidée", Accord: "Identité conservée", Ans: AnneesTotales, Depuis: "la fin de son dernier mandat",
		Raison: "elle sert à lire les mandats, gardés six ans après leur fin",
	}
	Usage = Regle{
		Quoi: "Utilisations d’un mandat", Accord: "Conservées", Ans: AnneesTotales, Depuis: "la fin du mandat",
		Raison: "la personne peut demander ce qui a été fait en son nom aussi longtemps que le mandat est gardé",
	}
	Preuve = Regle{
		Quoi: "Preuves de l’accord : signature, copie, réponse par SMS ou par lettre", Accord: "Conservée", Ans: AnneesTotales, Depuis: "la fin du mandat",
		Raison: "elle prouve l’accord de la personne aussi longtemps que le mandat est gardé",
	}
	Certificat = Regle{
		Quoi: "Certificats de fin", Accord: "Conservé", Ans: AnneesTotales, Depuis: "la fin du mandat",
		Raison: "il prouve la fin du mandat aussi longtemps que le mandat est gardé",
	}
	Evenement = Regle{
		Quoi: "Décès et mesures de protection notés", Accord: "Conservé", Ans: AnneesTotales, Depuis: "la fin du dernier mandat",
		Raison: "c’est la raison de la fin des mandats de la personne",
	}
	Acces = Regle{
		Quoi: "Demandes d’accès d’une personne aidée", Accord: "Conservée", Ans: AnneesTotales, Depuis: "la fin de son dernier mandat",
		Raison: "il faut pouvoir montrer que la personne a eu sa réponse",
	}
	Ligne = Regle{
		Quoi: "Lignes du journal", Accord: "Cette ligne dit de qui elle parle", Ans: AnneesTotales, Depuis: "la fin du dernier mandat de la personne, ou le dernier contact du compte",
		Raison: "elle prouve un acte", Suite: "La ligne reste ensuite, sans qu’on puisse savoir de qui elle parle.",
	}
	Compte = Regle{
		Quoi: "Comptes fermés, et ce que l’équipe y a fait", Accord: "Conservé", Ans: AnneesTotales, Depuis: "le dernier contact",
		Raison: "la loi laisse six ans pour demander des comptes de ce qui a été fait avec lui", Suite: "Au bout de trois ans, il quitte les listes de sa structure, sans moyen de connexion.",
	}
	Moyen = Regle{
		Quoi: "Moyens de connexion", Accord: "Conservés", Ans: AnneesActives, Depuis: "le dernier contact",
		Raison: "il faut pouvoir prouver qui s’est connecté",
	}
	Gel = Regle{
		Quoi: "Gels levés", Accord: "Un gel levé est conservé", Ans: AnneesTotales, Depuis: "la fin du dernier mandat de la personne",
		Raison: "il explique pourquoi ses données ont été gardées plus longtemps",
	}
	Demande = Regle{
		Quoi: "Demandes des référents", Accord: "Conservée", Ans: AnneesTotales, Depuis: "la réponse",
		Raison: "il faut pouvoir montrer qui a demandé et qui a répondu",
	}
	Connexion = Regle{
		Quoi: "Historique des connexions", Accord: "Conservée", Mois: 12, Depuis: "la connexion",
		Raison: "elle sert à voir une connexion inhabituelle",
	}
	Appareil = Regle{
		Quoi: "Navigateurs déjà utilisés", Accord: "Conservé", Temps: 365 * jour, Depuis: "la dernière connexion",
		Raison: "il sert à ne pas vous alerter à chaque connexion",
	}
	Signalement = Regle{
		Quoi: "Signalements", Accord: "Conservé", Temps: 365 * jour, Depuis: "le signalement",
		Raison: "il sert à demander une explication, pas à juger plus tard",
	}
	Message = Regle{
		Quoi: "Textes des messages envoyés", Accord: "Texte et adresse conservés", Temps: 90 * jour, Depuis: "l’envoi",
		Raison: "un message perdu se renvoie, et son envoi se prouve", Suite: "Restent ensuite la sorte du message et ses dates.",
	}
	Importation = Regle{
		Quoi: "Comptes rendus d’import", Accord: "Conservé", Temps: 30 * jour, Depuis: "l’import",
		Raison: "il dit ce qui a été fait, le temps de le vérifier",
	}
	Brouillon = Regle{
		Quoi: "Adresses en cours de saisie", Accord: "Conservées", Temps: jour, Depuis: "la dernière modification",
		Raison: "la saisie se reprend dans la journée",
	}
	SansMandat = Regle{
		Quoi: "Identité reçue pour un mandat jamais signé", Accord: "Conservée", Temps: 30 * jour, Depuis: "sa réception",
		Raison: "le mandat peut encore être préparé de nouveau",
	}
	Utilisation = Regle{
		Quoi: "Connexions en cours à un service public", Accord: "Conservée", Temps: 7 * jour, Depuis: "sa fin",
		Raison: "une erreur se cherche dans la semaine",
	}
	Changement = Regle{
		Quoi: "Changements d’adresse", Accord: "Conservé", Temps: 7 * jour, Depuis: "la demande",
		Raison: "il peut être annulé pendant sept jours depuis l’ancienne adresse",
	}
)

const jour = 24 * time.Hour

// Toutes gives the rows, in the order of the page.
func Toutes() []Regle {
	return []Regle{
		Mandat, Identite, Usage, Preuve, Certificat, Evenement, Acces, Ligne, Gel, Compte, Moyen, Demande,
		Connexion, Appareil, Signalement, Message, Importation, SansMandat, Utilisation, Changement, Brouillon,
	}
}

// Jusqua is when an object is erased, from the instant its time runs.
func (r Regle) Jusqua(depuis time.Time) time.Time {
	return depuis.AddDate(r.Ans, r.Mois, 0).Add(r.Temps)
}

// Avant is the limit now: what ran from before it is erased.
func (r Regle) Avant(now time.Time) time.Time {
	return now.AddDate(-r.Ans, -r.Mois, 0).Add(-r.Temps)
}

// Phrase says it of one object, in French: until when, and why.
func (r Regle) Phrase(depuis time.Time) string {
	until := r.Jusqua(depuis)
	s := r.Accord + " jusqu’au " + web.Date(until)
	if r.Temps > 0 && r.Temps <= 2*jour {
		s = r.Accord + " jusqu’au " + web.DateHeure(until)
	}
	return r.since(s)
}

// EnCours says it of an object whose time does not run yet, such as an open
// account: tant is what comes first, « tant que le compte est ouvert ».
func (r Regle) EnCours(tant string) string {
	return r.since(r.Accord + " " + tant + ", puis pendant " + r.Duree())
}

func (r Regle) since(s string) string {
	s += ", " + because(r.Raison) + "."
	if r.Suite != "" {
		s += " " + r.Suite
	}
	return s
}

// Limite says it of what lives until an instant of its own: a draft, a request.
func Limite(accord string, jusque time.Time, raison string) string {
	return accord + " jusqu’au " + web.DateHeure(jusque) + ", " + because(raison) + "."
}

// because writes the word as French wants it before a vowel.
func because(raison string) string {
	if strings.ContainsRune("aeiouéèêhAEIOU", []rune(raison)[0]) {
		return "parce qu’" + raison
	}
	return "parce que " + raison
}
