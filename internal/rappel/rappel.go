// Package rappel tells, once, that a long mandat ends within thirty days: to
// the aidants of the structure, and to the person helped. It shows the
// structure the calendar of what ends (mandats.md 14, M-W24).
//
// An aidant gets one message per structure and day, whatever the number of
// mandats: dates, counts and a link, never anybody's name. The person gets
// theirs at the address the structure holds, if there is one. A mandat is
// announced once to each side: the row is written with the message.
//
// Tables: rappel_echeance.
// URLs: /espace-aidant/echeances/.
// Journal: notify_usager.
//
// It decides nothing: what ends soon is mandat's predicate, and no right
// depends on a reminder.
package rappel

import (
	"fmt"
	"time"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
)

// The kinds of message.
const (
	GenreAidant = "E-11"
	GenreUsager = "E-54"
	GenreSMS    = "S-06"
)

// lignesMax bounds the dates written in one message.
const lignesMax = 20

// Echeance is a mandat that ends soon.
type Echeance struct {
	Mandat       ident.MandatID
	Organisation ident.OrganisationID
	Usager       ident.UsagerID
	Fin          time.Time
	Demarches    int // live
	Structure    string
	Courriel     string // of the person, "" if none
	Telephone    string // of the person, E.164, "" if none
	Simulation   bool
}

// Destinataire is an aidant who is told.
type Destinataire struct {
	Aidant   ident.AidantID
	Courriel string
}

func plural(n int, one, many string) string {
	if n > 1 {
		return fmt.Sprintf("%d %s", n, many)
	}
	return fmt.Sprintf("%d %s", n, one)
}

// ToAidant is the message about these mandats of one structure, the first to
// end first: no name, no birth date, nothing of the people.
func ToAidant(d Destinataire, es []Echeance, origine string) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour,")
	c.P("%s de votre structure (%s) %s dans moins de 30 jours :", plural(len(es), "mandat", "mandats"), es[0].Structure, verb(len(es)))
	var lines []string
	for _, e := range es[:min(len(es), lignesMax)] {
		lines = append(lines, "le "+mandat.Date(e.Fin)+" : "+plural(e.Demarches, "démarche", "démarches"))
	}
	c.Liste(lines...)
	if more := len(es) - lignesMax; more > 0 {
		c.P("et %s.", plural(more, "autre", "autres"))
	}
	c.Lien("Voir ce qui se termine", origine+Chemin)
	c.P("Pour continuer à aider la personne, il faut un nouveau mandat, qu'elle signe avec vous : à l'écran, ou sur papier en deux exemplaires. Si elle n'en a plus besoin, il n'y a rien à faire.")
	first := es[0]
	return outbox.Message{
		Cle:   fmt.Sprintf("%s/%s/%s/%s", GenreAidant, d.Aidant, first.Organisation, first.Mandat),
		Genre: GenreAidant, Destinataire: d.Courriel, Sujet: "Ces mandats vont bientôt expirer", Texte: c.String(),
	}
}

func verb(n int) string {
	if n > 1 {
		return "se terminent"
	}
	return "se termine"
}

// ToUsager is the message to the person helped, about one mandat.
func ToUsager(e Echeance, contact string) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour,")
	c.P("Vous avez donné un mandat à une structure qui vous aide dans vos démarches. Il se termine bientôt.")
	c.Liste("Structure : "+e.Structure, "Fin : "+mandat.DateHeure(e.Fin))
	c.P("Vous voulez continuer à être aidé ? Prenez rendez-vous avec cette structure avant cette date : un nouveau mandat se signe en quelques minutes.")
	write := ""
	if contact != "" {
		write = ", ou écrivez à " + contact
	}
	c.P("Vous n'en avez plus besoin ? Vous n'avez rien à faire. Vous pouvez aussi y mettre fin plus tôt : dites-le à la structure%s.", write)
	subject := "Votre mandat se termine bientôt"
	if e.Simulation {
		subject = "SIMULATION : " + subject
		c.P("SIMULATION : ce message vient d'une démonstration, il n'a aucune valeur.")
	}
	return outbox.Message{Cle: GenreUsager + "/" + e.Mandat.String(), Genre: GenreUsager, Destinataire: e.Courriel, Sujet: subject, Texte: c.String()}
}
