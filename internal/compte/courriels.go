package compte

import (
	"strings"
	"unicode/utf8"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// The kinds of message of this package (comptes 14).
const (
	genrePlaces   = "E-03"
	genreOuvertR  = "E-05"
	genreOuvert   = "E-06"
	genreFerme    = "E-09"
	genreReferent = "E-14"
	genreRole     = "E-45"
)

// Addresses that mails lead to.
const (
	cheminEspace    = "/espace-aidant/"
	cheminReferent  = "/espace-referent/"
	cheminConnexion = web.CheminConnexion
)

// write begins a message to somebody. Its key is new: the act that queues it
// is done once.
func (s *Actes) write(genre string, to aidant.Aidant, sujet string, body func(c *outbox.Corps)) outbox.Message {
	var c outbox.Corps
	if s.Site.Simulation {
		sujet = "SIMULATION : " + sujet
		c.P("SIMULATION : ce message ne concerne aucune personne réelle.")
	}
	if to.Prenom == "" {
		c.P("Bonjour,")
	} else {
		c.P("Bonjour %s,", to.Prenom)
	}
	body(&c)
	if s.Site.Contact != "" {
		c.P("Une question ? Écrivez à %s.", s.Site.Contact)
	}
	return outbox.Message{
		Cle: genre + "/" + ident.New[ident.OperationID]().String() + "/" + to.ID.String(), Genre: genre,
		Destinataire: to.Email, Sujet: sujet, Texte: c.String(),
	}
}

func (s *Actes) url(path string) string { return s.Site.Origine + path }

// mailPlaces is E-03: memberships changed.
func (s *Actes) mailPlaces(a aidant.Aidant, added, removed []string) outbox.Message {
	return s.write(genrePlaces, a, "La liste des organisations dont vous faites partie a changé", func(c *outbox.Corps) {
		if len(added) > 0 {
			c.P("Votre compte Aidants Connect est maintenant rattaché à :")
			c.Liste(added...)
			c.P("Vous choisissez la structure pour laquelle vous agissez en haut de chaque page.")
		}
		if len(removed) > 0 {
			c.P("Votre compte Aidants Connect n’est plus rattaché à :")
			c.Liste(removed...)
			c.P("Les mandats que vous y avez conclus restent à cette structure : ses autres aidants les suivent.")
		}
		c.P("Si cela vous surprend, parlez-en à votre référent.")
	})
}

// mailsOpened are E-06 to the person (or E-14 to a référent) and E-05 to each
// référent of the structure.
func (s *Actes) mailsOpened(a aidant.Aidant, o organisation.Organisation, referents []aidant.Aidant, isReferent bool) []outbox.Message {
	var out []outbox.Message
	if a.Habilite {
		out = append(out, s.mailWelcome(a, o, referents))
	}
	if isReferent {
		out = append(out, s.mailReferent(a, o))
	}
	if !a.Habilite {
		return out
	}
	for _, r := range referents {
		out = append(out, s.write(genreOuvertR, r, "Aidants Connect — Le compte de "+a.NomComplet()+" vient d’être activé !", func(c *outbox.Corps) {
			c.P("Le compte de %s est ouvert pour %s.", a.NomComplet(), o.Nom)
			c.P("Il lui manque un moyen de connexion. Ouvrez sa fiche dans votre espace et envoyez-lui une invitation : " +
				"cette personne installe elle-même son application, vous n’avez aucun secret à lui transmettre.")
			c.Lien("Ouvrir l’espace référent", s.url(cheminReferent))
		}))
	}
	return out
}

func (s *Actes) mailWelcome(a aidant.Aidant, o organisation.Organisation, referents []aidant.Aidant) outbox.Message {
	return s.write(genreOuvert, a, "Bienvenue parmi nos aidants habilités !", func(c *outbox.Corps) {
		c.P("Votre compte Aidants Connect est ouvert pour %s. Votre adresse, %s, est votre identifiant.", o.Nom, a.Email)
		c.P("La suite tient en un quart d’heure : un moyen de connexion, la charte, un premier mandat. " +
			"Votre page d’accueil vous guide pas à pas.")
		if names := namesOf(referents); names != "" {
			c.P("Pour recevoir votre moyen de connexion, adressez-vous à : %s.", names)
		}
		c.Lien("Découvrir mon espace", s.url(cheminEspace))
	})
}

func namesOf(list []aidant.Aidant) string {
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = a.NomComplet()
	}
	return strings.Join(names, ", ")
}

// mailReferent is E-14.
func (s *Actes) mailReferent(a aidant.Aidant, o organisation.Organisation) outbox.Message {
	return s.write(genreReferent, a, "Vous êtes référent de "+o.Nom, func(c *outbox.Corps) {
		c.P("Vous êtes maintenant référent Aidants Connect de %s.", o.Nom)
		c.P("Vous ouvrez l’espace référent : les comptes des aidants de la structure, leurs moyens de connexion, les démarches permises.")
		c.P("La charte du référent vous sera présentée à votre première visite.")
		c.Lien("Ouvrir l’espace référent", s.url(cheminReferent))
	})
}

// mailNoLongerReferent is E-45: a role was taken.
func (s *Actes) mailNoLongerReferent(a aidant.Aidant, o organisation.Organisation) outbox.Message {
	return s.write(genreRole, a, "Vous n’êtes plus référent de "+o.Nom, func(c *outbox.Corps) {
		c.P("Votre rôle de référent Aidants Connect pour %s a pris fin.", o.Nom)
		if a.Habilite {
			c.P("Vous restez aidant : vos mandats ne changent pas. Il suffit de vous reconnecter.")
		}
		c.P("Si cela vous surprend, parlez-en à un autre référent de la structure.")
	})
}

// mailHabilite is E-45: the right to conclude mandats was given or taken.
func (s *Actes) mailHabilite(a aidant.Aidant, given bool) outbox.Message {
	if given {
		return s.write(genreRole, a, "Vous pouvez maintenant conclure des mandats", func(c *outbox.Corps) {
			c.P("Votre compte Aidants Connect vous permet maintenant de conclure des mandats avec les personnes que vous aidez, et de les utiliser.")
			c.P("La charte de l’aidant vous sera présentée à votre première visite.")
			c.Lien("Ouvrir mon espace", s.url(cheminEspace))
		})
	}
	return s.write(genreRole, a, "Vous ne pouvez plus conclure de mandats", func(c *outbox.Corps) {
		c.P("Votre compte Aidants Connect ne permet plus de conclure ni d’utiliser de mandats.")
		c.P("Les mandats déjà conclus restent à votre structure : ses autres aidants les suivent.")
		c.P("Si cela vous surprend, parlez-en à votre référent.")
	})
}

// mailReopened is E-45: the account opened again.
func (s *Actes) mailReopened(a aidant.Aidant) outbox.Message {
	return s.write(genreRole, a, "Votre compte Aidants Connect est de nouveau actif", func(c *outbox.Corps) {
		c.P("Votre compte est rouvert. Vous retrouvez vos structures et vos moyens de connexion comme avant.")
		c.Lien("Me connecter", s.url(web.CheminConnexion))
	})
}

// mailClosed is E-09.
func (s *Actes) mailClosed(a aidant.Aidant, m Motif) outbox.Message {
	return s.write(genreFerme, a, "Aidants Connect — Votre compte a été désactivé", func(c *outbox.Corps) {
		if m == Inactivite {
			c.P("Vous ne vous êtes pas connecté depuis six mois. Par sécurité, votre compte est mis en sommeil : rien n’est perdu, et ce n’est pas une sanction.")
			c.P("Vous voulez reprendre ? Demandez à votre référent de réactiver votre compte : une minute suffit.")
			return
		}
		c.P("Votre compte Aidants Connect a été désactivé. Raison indiquée : %s.", lowerFirst(m.Libelle()))
		c.P("Vos mandats restent à votre structure, et votre habilitation n’est pas effacée : votre référent peut réactiver votre compte.")
		c.P("Si cela vous surprend, parlez-en à votre référent.")
	})
}

// lowerFirst makes a label the end of a sentence; labels begin with a plain
// letter or « À ».
func lowerFirst(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToLower(s[:n]) + s[n:]
}
