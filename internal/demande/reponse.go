package demande

import (
	"context"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// genreReponse is the mail that answers a request of a référent.
const genreReponse = "E-59"

// tell answers those who wait: the référent who asked, or the référents of the
// structure when that one has left; and, when it is refused, the person who had
// agreed. The effect of an acceptance writes to the person itself (E-03, E-14).
func (s *Decisions) tell(ctx context.Context, tx *db.Tx, x Dossier, d Decision) error {
	to := []aidant.Aidant{x.Demandeur}
	if !x.Responsable {
		all, err := aidant.Referents(ctx, tx, x.Structure.ID)
		if err != nil {
			return err
		}
		to = to[:0]
		for _, r := range all {
			if r.ID != x.Compte.ID { // become référent just now: E-14 says it
				to = append(to, r)
			}
		}
	}
	for _, r := range to {
		if err := s.Outbox.Queue(ctx, tx, s.mailAnswer(r, x, d)); err != nil {
			return err
		}
	}
	if d.Accepte || x.Genre != DeRattachement || !x.Compte.Actif {
		return nil
	}
	return s.Outbox.Queue(ctx, tx, s.mailNotAttached(x, d))
}

// mailAnswer is E-59 to a référent: the answer, without the address of anybody.
func (s *Decisions) mailAnswer(to aidant.Aidant, x Dossier, d Decision) outbox.Message {
	m := outbox.Message{Cle: genreReponse + "/" + x.ID.String() + "/" + to.ID.String(), Genre: genreReponse, Destinataire: to.Email}
	var c outbox.Corps
	c.P("Bonjour %s,", to.Prenom)
	subject, path := "", CheminStructure
	switch x.Genre {
	case DeRattachement:
		subject, path = "rattacher "+x.Compte.NomComplet(), CheminAidants
	case DeCoreferent:
		subject, path = "ouvrir un compte de référent à "+x.Coreferent.Prenom+" "+x.Coreferent.Nom, CheminReferents
	default:
		subject = "corriger la fiche de la structure"
	}
	m.Sujet = "Votre demande est acceptée"
	if d.Accepte {
		c.P("L’équipe du service a accepté votre demande du %s pour « %s » : %s. C’est fait.", date(x), x.Structure.Nom, subject)
	} else {
		m.Sujet = "Votre demande n’est pas acceptée"
		c.P("L’équipe du service n’a pas accepté votre demande du %s pour « %s » : %s.", date(x), x.Structure.Nom, subject)
		c.P("Ce qu’elle vous répond :")
		c.P("%s", d.Reponse)
		c.P("Vous pouvez refaire une demande.")
	}
	c.Lien("Ouvrir l’espace référent", s.Site.Origine+path)
	s.sign(&c)
	m.Texte = c.String()
	return m
}

// mailNotAttached is E-59 to the person who had agreed.
func (s *Decisions) mailNotAttached(x Dossier, d Decision) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour %s,", x.Compte.Prenom)
	c.P("Vous aviez accepté d’être rattaché à « %s ». L’équipe du service n’a pas validé cette demande : rien ne change pour votre compte.", x.Structure.Nom)
	c.P("Ce qu’elle répond :")
	c.P("%s", d.Reponse)
	s.sign(&c)
	return outbox.Message{
		Cle: genreReponse + "/" + x.ID.String() + "/" + x.Compte.ID.String(), Genre: genreReponse, Destinataire: x.Compte.Email,
		Sujet: "Votre rattachement n’est pas validé", Texte: c.String(),
	}
}

func (s *Decisions) sign(c *outbox.Corps) {
	if s.Site.Contact != "" {
		c.P("Une question ? Écrivez à %s.", s.Site.Contact)
	}
}

func date(x Dossier) string { return web.Date(x.DateCreation) }
