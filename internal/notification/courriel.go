package notification

import (
	"context"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

const genreNouveaute = "E-04"

// Announce writes E-04 to those who accept news, batch after batch, each in a
// transaction of its own that notes how far it went: nobody is written to twice,
// whatever stops it.
func (h *Handlers) Announce(ctx context.Context) (done int, err error) {
	for more := true; more && err == nil; {
		n := 0
		err = h.DB.Update(ctx, func(tx *db.Tx) (err error) {
			n, more, err = h.announceSome(ctx, tx)
			return err
		})
		done += n
	}
	return done, err
}

func (h *Handlers) announceSome(ctx context.Context, tx *db.Tx) (n int, more bool, err error) {
	x, apres, found, err := toMail(ctx, tx)
	if err != nil || !found {
		return 0, false, err
	}
	people, err := readers(ctx, tx, x.Public, apres)
	if err != nil {
		return 0, false, err
	}
	for _, p := range people {
		if err := h.Outbox.Queue(ctx, tx, message(h.Site, p, x)); err != nil {
			return 0, false, err
		}
		apres = p.ID
	}
	return len(people), true, advance(ctx, tx, x.ID, apres, len(people) < lot)
}

// message is E-04: the title, the beginning, and the link to read the rest.
func message(site web.Site, to aidant.Aidant, n Notification) outbox.Message {
	m := outbox.Message{
		Cle: genreNouveaute + "/" + n.ID.String() + "/" + to.ID.String(), Genre: genreNouveaute, Destinataire: to.Email,
		Sujet: "De nouvelles fonctionnalités vous attendent dans votre espace !",
	}
	var c outbox.Corps
	if site.Simulation {
		m.Sujet = "SIMULATION : " + m.Sujet
		c.P("SIMULATION : ce message ne concerne aucune personne réelle.")
	}
	if to.Prenom == "" {
		c.P("Bonjour,")
	} else {
		c.P("Bonjour %s,", to.Prenom)
	}
	c.P("Voici ce qui change dans %s : %s", site.Nom, n.Titre)
	c.Lien("Lire la suite dans mon espace", site.Origine+Chemin+n.ID.String()+"/")
	c.P("Vous préférez ne plus recevoir les nouvelles du service ? Décochez-les dans votre profil : %s", site.Origine+web.CheminProfil+"#preferences")
	m.Texte = c.String()
	return m
}

// Modeles are the texts of this package.
func (h *Handlers) Modeles() []outbox.Modele {
	to := aidant.Aidant{ID: ident.New[ident.AidantID](), Prenom: "Camille", Email: "camille.exemple@example.org"}
	return []outbox.Modele{{
		Genre: genreNouveaute, Quand: "l’équipe du service publie une nouveauté", Vers: "les personnes concernées qui acceptent les nouvelles du service",
		Exemples: []outbox.Message{message(h.Site, to, Notification{ID: ident.New[ident.OperationID](), Titre: "le calendrier des mandats qui se terminent"})},
	}}
}
