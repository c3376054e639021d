package rapprochement

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
)

// Passage is one comparison. Sortes is how many kinds of gap it found.
type Passage struct {
	ID         ident.OperationID
	Debut, Fin time.Time
	Sortes     int
	Ecarts     []Ecart
}

// Check is the daily task: it compares, writes the report and, when there is
// any gap, tells the team once a day and fails, so that it is seen wherever
// tasks are.
func (h *Handlers) Check(ctx context.Context) (int, error) {
	p := Passage{ID: ident.New[ident.OperationID](), Debut: h.DB.Now().Time()}
	found, err := Run(ctx, h.DB, h.Journal)
	if err != nil {
		return 0, err
	}
	p.Ecarts, p.Sortes, p.Fin = found, len(found), h.DB.Now().Time()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if err := insert(ctx, tx, p); err != nil || p.Sortes == 0 {
			return err
		}
		return h.tell(ctx, tx, p)
	})
	for _, e := range found {
		err = errors.Join(err, errors.New("gap between the journal and the tables: "+e.Genre))
		h.Log.ErrorContext(ctx, "the journal and the tables differ", slog.String("genre", e.Genre), slog.Int("nombre", e.Nombre), slog.String("exemple", e.Exemple))
	}
	return p.Sortes, err
}

// Last gives the last comparison; false before the first.
func (h *Handlers) Last(ctx context.Context) (p Passage, ok bool, err error) {
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		all, err := latest(ctx, tx, 1)
		if len(all) > 0 {
			p, ok = all[0], true
		}
		return err
	})
	return p, ok, err
}

// genre is the mail that tells of gaps.
const genre = "journal_ecarts"

// tell writes to the whole team, once a day.
func (h *Handlers) tell(ctx context.Context, tx *db.Tx, p Passage) error {
	team, err := aidant.Equipe(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range team {
		if !m.Actif || m.Role != actor.AdminTechnique && m.Role != actor.AdminMetier {
			continue
		}
		msg := h.message(p)
		msg.Cle = genre + "/" + p.Debut.Format(time.DateOnly) + "/" + m.ID.String()
		msg.Destinataire = m.Email
		if err := h.Outbox.Queue(ctx, tx, msg); err != nil {
			return err
		}
	}
	return nil
}

func (h *Handlers) message(p Passage) outbox.Message {
	var c outbox.Corps
	c.P("Bonjour,")
	c.P("Chaque jour, le service compare son journal avec ses tables : chaque acte doit avoir sa ligne, et chaque ligne son acte. Cette fois, ils ne disent pas la même chose.")
	list := make([]string, 0, len(p.Ecarts))
	for _, e := range p.Ecarts {
		list = append(list, e.Phrase())
	}
	c.Liste(list...)
	c.P("Quelqu’un a peut-être écrit dans la base sans passer par le service, ou le service se trompe. Ne corrigez rien dans la base avant de l’avoir compris : ce serait effacer des traces.")
	c.Lien("Voir ce qu’il faut faire", h.Site.Origine+Chemin)
	return outbox.Message{Genre: genre, Sujet: "Alerte : le journal et les tables ne disent pas la même chose", Texte: c.String()}
}

// Modeles shows the mail.
func (h *Handlers) Modeles() []outbox.Modele {
	m := h.message(Passage{Ecarts: []Ecart{{Genre: "mandat_sans_ligne", Nombre: 2, Exemple: "0195d3c2-0000-7000-8000-000000000001"}}})
	m.Cle, m.Destinataire = genre+"/exemple", "equipe@example.org"
	return []outbox.Modele{{Genre: genre, Quand: "chaque jour où le journal et les tables diffèrent", Vers: "chaque personne de l’équipe du service", Exemples: []outbox.Message{m}}}
}

// sortes says a number of kinds.
func sortes(n int) string {
	switch n {
	case 0:
		return "aucun écart"
	case 1:
		return "une sorte d’écart"
	}
	return strconv.Itoa(n) + " sortes d’écart"
}
