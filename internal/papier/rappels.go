package papier

import (
	"context"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
)

// aRappeler is a mandat on paper whose copy is missing, due for a reminder.
type aRappeler struct {
	mandat       ident.MandatID
	aidant       ident.AidantID
	organisation ident.OrganisationID
	courriel     string
	rappels      int
	limite       db.Time
}

// RemindCopies reminds aidants of the copies that are missing: one message per
// person and day, whatever the number of mandats, naming nobody. A
// reminder that is due is counted in the same transaction: none leaves twice.
func (h *Handlers) RemindCopies(ctx context.Context, tx *db.Tx) (int, error) {
	sent := 0
	for n, after := range rappelsApres {
		due, err := dueCopies(ctx, tx, n, tx.Now.Add(-after))
		if err != nil {
			return sent, err
		}
		k, err := h.remind(ctx, tx, due)
		if err != nil {
			return sent, err
		}
		sent += k
	}
	return sent, nil
}

func (h *Handlers) remind(ctx context.Context, tx *db.Tx, due []aRappeler) (int, error) {
	type key struct {
		a ident.AidantID
		o ident.OrganisationID
	}
	groups := map[key][]aRappeler{}
	var order []key
	for _, r := range due {
		k := key{r.aidant, r.organisation}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], r)
	}
	for _, k := range order {
		if err := h.Greffe.Outbox.Queue(ctx, tx, h.copiesMessage(groups[k], tx.Now.Time())); err != nil {
			return 0, err
		}
	}
	return len(order), nil
}

func (h *Handlers) copiesMessage(rs []aRappeler, now time.Time) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour,")
	what := "La copie signée d'un mandat sur papier manque"
	if len(rs) > 1 {
		what = fmt.Sprintf("Les copies signées de %d mandats sur papier manquent", len(rs))
	}
	c.P("%s.", what)
	next := time.Time{}
	for _, r := range rs {
		if l := r.limite.Time(); l.After(now) && (next.IsZero() || l.Before(next)) {
			next = l
		}
	}
	if next.IsZero() {
		c.P("Sans elle, le mandat ne peut pas servir.")
	} else {
		c.P("Sans elle, le premier de ces mandats sera suspendu le %s.", mandat.DateHeure(next))
	}
	c.P("Joignez une photo du papier signé, ou certifiez que vous avez les deux signatures.")
	c.Lien("Voir les copies à joindre", h.Site.Origine+cheminSuivi)
	first := rs[0]
	return outbox.Message{
		Cle:   fmt.Sprintf("%s/%s/%s/%d", GenreCopie, first.aidant, first.mandat, first.rappels),
		Genre: GenreCopie, Destinataire: first.courriel, Sujet: what, Texte: c.String(),
	}
}

// Modeles are the texts of this package.
func (h *Handlers) Modeles(now db.Time) []outbox.Modele {
	one := aRappeler{courriel: "camille.exemple@example.org", limite: now.Add(24 * time.Hour)}
	return []outbox.Modele{{
		Genre: GenreCopie, Quand: "la copie signée d’un mandat sur papier manque depuis 1, 3, puis 6 jours", Vers: "l’aidant qui l’a conclu",
		Exemples: []outbox.Message{h.copiesMessage([]aRappeler{one}, now.Time()), h.copiesMessage([]aRappeler{one, one}, now.Time())},
	}}
}
