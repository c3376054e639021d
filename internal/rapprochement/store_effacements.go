package rapprochement

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// effacements: what the retention destroyed. Mandats so old that their row may
// be gone are as many as the lines say were destroyed; the report of a run says
// as much as the lines of that run, one cut short included: each batch adds to
// the report in the transaction of its line.
//
// reads: journal_ligne, mandat, conservation_passage
func effacements(m *monde) *sujet {
	purges, passages := newBilan("purge_sans_ligne", "ligne_sans_purge"), newBilan("passage_sans_ligne", "ligne_sans_passage")
	return &sujet{
		actions: []string{"purge_retention", "erase_usager", "erase_aidant"},
		bilans:  []*bilan{purges, passages},
		dire: func(l journal.Ligne) {
			op, id := l.Operation.String(), l.ID.String()
			switch f := l.Fait.(type) {
			case fait.PurgeRetention:
				if f.Donnees == "mandat" {
					purges.dit("", id, f.Lignes)
					passages.dit(op+"|mandats", id, f.Lignes)
				}
			case fait.EraseUsager:
				passages.dit(op+"|usagers", id, 1)
			case fait.EraseAidant:
				passages.dit(op+"|comptes", id, 1)
			}
		},
		tenir: func(ctx context.Context, tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT l.id FROM journal_ligne l WHERE l.action = 'create_attestation' AND l.instant <= $1
				AND NOT EXISTS (SELECT 1 FROM mandat x WHERE x.id = l.mandat_id)`, m.since)
			old, err := db.Collect(rows, err, func(s db.Scanner) (id ident.LigneID, err error) { return id, s.Scan(&id) })
			if err != nil {
				return err
			}
			for _, id := range old {
				purges.tenu("", id.String(), 1)
			}
			return each(ctx, tx, `SELECT id, mandats, usagers, comptes FROM conservation_passage`, func(s db.Scanner) error {
				var id ident.OperationID
				var n [3]int
				if err := s.Scan(&id, &n[0], &n[1], &n[2]); err != nil {
					return err
				}
				for i, word := range []string{"mandats", "usagers", "comptes"} {
					passages.tenu(id.String()+"|"+word, id.String(), n[i])
				}
				return nil
			})
		},
	}
}
