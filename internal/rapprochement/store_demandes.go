package rapprochement

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// demandes: what référents ask of the team is where its last line says. The
// retention destroys old ones, and lines do not follow.
//
// reads: rattachement, coreferent, correction_structure
func demandes(m *monde) *sujet {
	b := newBilan("demande_sans_ligne", "ligne_sans_demande")
	etape, quand := dernier{}, map[string]db.Time{}
	say := func(l journal.Ligne, id, step string) {
		etape.set(id, step, l.ID.String())
		if quand[id].IsZero() { // when it was made, as its row has it
			quand[id] = l.Instant
		}
	}
	return &sujet{
		actions: []string{"change_structure", "change_coreferent", "change_correction"},
		bilans:  []*bilan{b},
		dire: func(l journal.Ligne) {
			switch f := l.Fait.(type) {
			case fait.ChangeStructure:
				// The person's no stays between them and the program until the delay.
				if l.Initiateur != journal.Aidant || f.Etape != fait.EtapeRefusee {
					say(l, f.Demande, f.Etape)
				}
			case fait.ChangeCoreferent:
				say(l, f.Demande, f.Etape)
			case fait.ChangeCorrection:
				say(l, f.Demande, f.Etape)
			}
		},
		tenir: func(ctx context.Context, tx *db.Tx) error {
			for id := range etape {
				if quand[id].Before(m.since) {
					delete(etape, id)
				}
			}
			etape.into(b)
			return each(ctx, tx, `SELECT id, etat, date_creation FROM rattachement UNION ALL SELECT id, etat, date_creation FROM coreferent
				UNION ALL SELECT id, etat, date_creation FROM correction_structure`, func(s db.Scanner) error {
				var id ident.OperationID
				var etat string
				var at db.Time
				err := s.Scan(&id, &etat, &at)
				if !at.Before(m.since) {
					b.tenu(id.String()+"|"+etat, id.String(), 1)
				}
				return err
			})
		},
	}
}

// accords: an agreement at a distance was asked by a line, and what the person
// answered is another. Rows go with the person or the mandat, so only they are
// looked for.
//
// reads: demande_accord
func accords() *sujet {
	demandes, reponses := newBilan("accord_sans_ligne", ""), newBilan("accord_etat", "")
	return &sujet{
		actions: []string{"ask_accord", "accept_accord", "refuse_accord"},
		bilans:  []*bilan{demandes, reponses},
		dire: func(l journal.Ligne) {
			switch f := l.Fait.(type) {
			case fait.AskAccord:
				demandes.dit(f.Demande, l.ID.String(), 1)
			case fait.AcceptAccord:
				reponses.dit(f.Demande+"|oui", l.ID.String(), 1)
			case fait.RefuseAccord:
				reponses.dit(f.Demande+"|non", l.ID.String(), 1)
			}
		},
		tenir: func(ctx context.Context, tx *db.Tx) error {
			return each(ctx, tx, `SELECT id, statut FROM demande_accord`, func(s db.Scanner) error {
				var id ident.OperationID
				var statut string
				err := s.Scan(&id, &statut)
				demandes.tenu(id.String(), id.String(), 1)
				switch statut {
				case "accordee", "conclue":
					reponses.tenu(id.String()+"|oui", id.String(), 1)
				case "refusee":
					reponses.tenu(id.String()+"|non", id.String(), 1)
				}
				return err
			})
		},
	}
}
