package compte

import (
	"context"
	"slices"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// genreTexte is the mail that tells of a new version of a text (comptes 14).
const genreTexte = "E-49"

// lot is how many accounts a task does in one transaction.
const lot = 100

// AnnounceTexts writes once to each open account that signed a former version
// of a text whose version in force is another (E-49).
func (s *Actes) AnnounceTexts(ctx context.Context, d *db.DB) (int, error) {
	total := 0
	for _, doc := range []aidant.Document{aidant.DocumentCGU, aidant.DocumentCharteAidant, aidant.DocumentCharteReferent} {
		all := s.Textes.Versions(doc, d.Now().Time())
		if len(all) < 2 {
			continue // nobody signed a former one
		}
		n, err := s.announce(ctx, d, all[0])
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (s *Actes) announce(ctx context.Context, d *db.DB, t aidant.Texte) (int, error) {
	var people []aidant.Aidant
	err := d.View(ctx, func(tx *db.Tx) (err error) {
		people, err = aidant.ToAnnounce(ctx, tx, t)
		return err
	})
	for some := range slices.Chunk(people, lot) {
		if err != nil {
			break
		}
		err = d.Update(ctx, func(tx *db.Tx) error {
			for _, a := range some {
				if err := s.Outbox.Queue(ctx, tx, s.mailText(a, t)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return len(people), err
}

// mailText is E-49. Its key names the version, so that it is written once.
func (s *Actes) mailText(a aidant.Aidant, t aidant.Texte) outbox.Message {
	m := s.write(genreTexte, a, "Un texte que vous avez signé a changé : "+t.Document.Titre(), func(c *outbox.Corps) {
		c.P("Une nouvelle version (%s) de ce texte est publiée : %s.", t.Version, t.Document.Titre())
		if t.Blocage.IsZero() {
			c.P("Elle vous sera présentée à votre prochaine connexion, avant de continuer.")
		} else {
			c.P("Vous avez jusqu’au %s pour la lire et l’accepter. Après cette date, elle vous sera demandée avant de continuer.", web.DateLongue(t.Blocage))
		}
		c.P("Cinq minutes suffisent, et vos mandats ne changent pas.")
		c.Lien("Lire la nouvelle version", s.url(t.Document.Chemin()))
	})
	m.Cle = genreTexte + "/" + string(t.Document) + "/" + t.Version + "/" + a.ID.String()
	return m
}
