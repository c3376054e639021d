package cessation

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
)

// The notices to the people of the structures. Those to the usagers are fin's
// and mandat's.
const (
	GenreFermeture = "E-70" // to the structure that closes
	GenreDepart    = "E-71" // to the structure whose mandats another continues
	GenreArrivee   = "E-72" // to the structure that continues them
)

// avertir tells the people of the structures what was approved, in the words of
// the act: why, from when, and what they may still do.
func (h *Handlers) avertir(ctx context.Context, tx *db.Tx, o Operation) error {
	from, err := organisation.Load(ctx, tx, o.Organisation)
	if err != nil {
		return err
	}
	if o.Genre == Fermeture {
		return fin.Avertir(ctx, tx, h.Fins.Outbox, from.ID, func(fin.Membre) outbox.Message { return h.closed(o, from) })
	}
	to, err := organisation.Load(ctx, tx, o.Cible)
	if err != nil {
		return err
	}
	n, err := figures(ctx, tx, o)
	if err != nil {
		return err
	}
	err = fin.Avertir(ctx, tx, h.Fins.Outbox, from.ID, func(fin.Membre) outbox.Message { return h.leaving(o, from, to) })
	if err != nil {
		return err
	}
	return fin.Avertir(ctx, tx, h.Fins.Outbox, to.ID, func(m fin.Membre) outbox.Message { return h.arriving(o, arrivee{from, to, n.Mandats, m.Referent}) })
}

// begin opens a notice.
func (h *Handlers) begin(c *outbox.Corps, subject string) string {
	if h.Site.Simulation {
		subject = "SIMULATION : " + subject
		c.P("SIMULATION : ce message vient d'une démonstration, il n'a aucune valeur.")
	}
	c.P("Bonjour,")
	return subject
}

func (h *Handlers) contest(c *outbox.Corps) {
	if h.Site.Contact != "" {
		c.P("Une question, ou une erreur ? Écrivez à %s.", h.Site.Contact)
	}
}

func (o Operation) why() string {
	m, _ := o.Genre.find(o.Motif)
	return m.imprime
}

func (h *Handlers) closed(o Operation, from organisation.Organisation) outbox.Message {
	var c outbox.Corps
	subject := h.begin(&c, "Votre structure est fermée dans le service")
	c.P("La structure « %s » est fermée dans le service : %s. Deux personnes de l'équipe du service l'ont décidé.", from.Nom, o.why())
	c.Liste("Depuis le "+mandat.DateHeure(o.DateIssue), "Ses mandats prennent fin à cette date (Code civil, article 2003)", "Chaque personne aidée qui a donné une adresse en est prévenue")
	c.P("Ce que vous ne pouvez plus faire pour elle : signer, renouveler ou utiliser un mandat, ni lire ses listes et ses fiches. Ne finissez aucune démarche commencée au nom d'une personne.")
	c.P("Ce que vous pouvez encore faire : vous connecter pour vos autres structures, lire votre profil et vos chiffres. Rendez compte à chaque personne de ce que vous avez fait pour elle et rendez-lui ses papiers (Code civil, article 1993). Gardez les mandats signés sur papier six ans après leur fin. Si la loi vous demande un jour la preuve d'un mandat que vous n'avez plus, écrivez à l'équipe du service.")
	h.contest(&c)
	return outbox.Message{Cle: GenreFermeture + "/" + o.ID.String(), Genre: GenreFermeture, Sujet: subject, Texte: c.String()}
}

func (h *Handlers) leaving(o Operation, from, to organisation.Organisation) outbox.Message {
	var c outbox.Corps
	subject := h.begin(&c, "Une autre structure continue vos mandats")
	c.P("La structure « %s » continue des mandats de « %s » : %s. Deux personnes de l'équipe du service l'ont décidé, le %s.", to.Nom, from.Nom, o.why(), mandat.DateHeure(o.DateIssue))
	c.P("Vous ne pouvez plus agir avec les mandats continués. Ils restent lisibles sur la page de chaque personne, tels qu'ils ont été signés, avec le nom de l'autre structure. Ceux qu'elle ne peut pas reprendre restent à vous.")
	c.P("Rendez compte à chaque personne de ce que vous avez fait pour elle (Code civil, article 1993), et gardez vos papiers signés six ans après la fin du mandat.")
	h.contest(&c)
	return outbox.Message{Cle: GenreDepart + "/" + o.ID.String(), Genre: GenreDepart, Sujet: subject, Texte: c.String()}
}

// arrivee is what a structure takes over.
type arrivee struct {
	from, to organisation.Organisation
	mandats  int
	referent bool
}

func (h *Handlers) arriving(o Operation, a arrivee) outbox.Message {
	var c outbox.Corps
	subject := h.begin(&c, "Votre structure continue les mandats d'une autre")
	what := "un mandat"
	if a.mandats > 1 {
		what = fmt.Sprintf("jusqu'à %d mandats", a.mandats)
	}
	c.P("Votre structure « %s » continue %s de « %s » : %s. Deux personnes de l'équipe du service l'ont décidé, le %s.", a.to.Nom, what, a.from.Nom, o.why(), mandat.DateHeure(o.DateIssue))
	c.P("Mêmes personnes, mêmes démarches, même date de fin : rien n'est ajouté. Chaque personne qui a donné une adresse est prévenue et peut mettre fin à son mandat sans donner de raison. Avant d'agir pour elle la première fois, présentez-vous et demandez-lui si elle est d'accord.")
	if a.referent {
		c.P("Vous êtes référent : dites à vos collègues qui s'occupe de ces personnes. L'équipe du service garde la liste des mandats qui n'ont pas pu être repris.")
	}
	c.Lien("Voir les personnes", h.Site.Origine+mandat.CheminUsagers)
	h.contest(&c)
	return outbox.Message{Cle: GenreArrivee + "/" + o.ID.String(), Genre: GenreArrivee, Sujet: subject, Texte: c.String()}
}

// Modeles are the texts of this package, for structures made up.
func (h *Handlers) Modeles(at db.Time) []outbox.Modele {
	from, to := organisation.Organisation{Nom: "Mairie d’Exemple"}, organisation.Organisation{Nom: "Communauté de communes d’Exemple"}
	o := Operation{Genre: Fermeture, Motif: "cessation", DateIssue: at.Time()}
	t := Operation{Genre: Transfert, Motif: "fusion", DateIssue: at.Time()}
	with := func(m outbox.Message) []outbox.Message {
		m.Destinataire = "camille.exemple@example.org"
		return []outbox.Message{m}
	}
	const people = "les aidants et les référents de la structure"
	return []outbox.Modele{
		{Genre: GenreFermeture, Quand: "la fermeture d’une structure est approuvée", Vers: people, Exemples: with(h.closed(o, from))},
		{Genre: GenreDepart, Quand: "une autre structure continue ses mandats", Vers: people, Exemples: with(h.leaving(t, from, to))},
		{Genre: GenreArrivee, Quand: "elle continue les mandats d’une autre", Vers: people, Exemples: with(h.arriving(t, arrivee{from, to, 12, true}))},
	}
}
