package histoire

import (
	"context"
	"fmt"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/recit"
)

// names gives, by pseudonym, the people who are or were of a structure.
//
// reads: aidant, appartenance
func (h *Handlers) names(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (map[string]string, error) {
	type membre struct {
		id  ident.AidantID
		nom string
	}
	rows, err := tx.Query(ctx, `SELECT a.id, a.prenom || ' ' || a.nom FROM aidant a
		WHERE EXISTS (SELECT 1 FROM appartenance p WHERE p.aidant_id = a.id AND p.organisation_id = $1) ORDER BY a.id`, org)
	list, err := db.Collect(rows, err, func(s db.Scanner) (m membre, err error) { return m, s.Scan(&m.id, &m.nom) })
	if err != nil {
		return nil, fmt.Errorf("list people of the structure: %w", err)
	}
	out := make(map[string]string, len(list))
	for _, m := range list {
		p, err := h.Journal.PseudonymeAidant(ctx, tx, m.id)
		if err != nil {
			return nil, err
		}
		if p != "" {
			out[p] = m.nom
		}
	}
	return out, nil
}

// person reads the mandats that give the right to read a story; a person whom
// the structure has none with any more is not there, like one of another
// structure (M-W31).
func person(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.UsagerID) ([]mandat.Mandat, error) {
	ms, err := mandat.OfUsager(ctx, tx, a.Organisation, id)
	if err != nil {
		return nil, err
	}
	if ms = shown(ms, tx.Now.Time()); len(ms) == 0 {
		return nil, fault.New(fault.NotFound, "usager_introuvable")
	}
	return ms, nil
}

// demande is what of a story is read.
type demande struct {
	usager ident.UsagerID
	groupe recit.Groupe
	avant  ident.LigneID
	limite int
}

const (
	lot     = 500 // lines read at once
	lotsMax = 40  // and how many times, whatever is filtered out
)

// story gives the acts of a demand, the latest first, one more than its limit
// when there are others.
func (h *Handlers) story(ctx context.Context, tx *db.Tx, a actor.Actor, d demande) (out []Etape, err error) {
	ms, err := person(ctx, tx, a, d.usager)
	if err != nil {
		return nil, err
	}
	seen := make(map[ident.MandatID]bool, len(ms))
	for _, m := range ms {
		seen[m.ID] = true
	}
	names, err := h.names(ctx, tx, a.Organisation)
	if err != nil {
		return nil, err
	}
	for range lotsMax {
		lines, err := h.Journal.List(ctx, tx, journal.Filtre{Usager: d.usager, Organisation: a.Organisation, Avant: d.avant, Limite: lot})
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			d.avant = l.ID
			g := recit.GroupeOf(l.Action)
			if redite(l.Action) || (d.groupe != recit.Tout && g != d.groupe) || (!l.Mandat.IsZero() && !seen[l.Mandat]) {
				continue
			}
			out = append(out, Etape{ID: l.ID, Date: l.Instant.Time(), Groupe: g, Phrase: recit.Phrase(l.Action, l.Fait), Par: author(l, names), Mandat: l.Mandat})
			if len(out) > d.limite {
				return out, nil
			}
		}
		if len(lines) < lot {
			break
		}
	}
	return out, nil
}

var initiateurs = map[journal.Initiateur]string{
	journal.Usager: "la personne elle-même", journal.Systeme: "le service, de lui-même", journal.Franceconnect: "FranceConnect",
	journal.SMS: "la personne, par SMS", journal.Admin: "l’équipe du service", journal.Aidant: "un professionnel", journal.Referent: "un référent",
}

func author(l journal.Ligne, names map[string]string) string {
	if n := names[l.Aidant]; n != "" {
		return n
	}
	return initiateurs[l.Initiateur]
}
