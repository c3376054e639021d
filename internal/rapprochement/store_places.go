package rapprochement

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// places: every membership and every role of référent began by a line, and
// those that ended did by another.
//
// reads: appartenance, referent
func places(m *monde) *sujet {
	membre, depart := newBilan("place_sans_ligne", "ligne_sans_place"), newBilan("depart_sans_ligne", "ligne_sans_depart")
	referent, fin := newBilan("referent_sans_ligne", "ligne_sans_referent"), newBilan("fin_referent_sans_ligne", "ligne_sans_fin_referent")
	read := func(ctx context.Context, tx *db.Tx, query string, debut, fin *bilan) error {
		return each(ctx, tx, query, func(s db.Scanner) error {
			var row ident.OperationID
			var who ident.AidantID
			var org ident.OrganisationID
			var end db.Time
			if err := s.Scan(&row, &who, &org, &end); err != nil {
				return err
			}
			key := m.nom[who] + "|" + org.String()
			debut.tenu(key, row.String(), 1)
			if !end.IsZero() {
				fin.tenu(key, row.String(), 1)
			}
			return nil
		})
	}
	return &sujet{
		actions: []string{"create_aidant", "add_membership", "end_membership", "designate_referent", "end_referent"},
		bilans:  []*bilan{membre, depart, referent, fin},
		dire: func(l journal.Ligne) {
			if !m.known(l.Concerne) {
				return
			}
			key, id := l.Concerne+"|"+l.Organisation.String(), l.ID.String()
			switch f := l.Fait.(type) {
			case fait.CreateAidant:
				membre.dit(key, id, 1)
				if f.Referent {
					referent.dit(key, id, 1)
				}
			case fait.AddMembership:
				membre.dit(key, id, 1)
			case fait.EndMembership:
				depart.dit(key, id, 1)
			case fait.DesignateReferent:
				referent.dit(key, id, 1)
			case fait.EndReferent:
				fin.dit(key, id, 1)
			}
		},
		tenir: func(ctx context.Context, tx *db.Tx) error {
			if err := read(ctx, tx, `SELECT id, aidant_id, organisation_id, date_fin FROM appartenance`, membre, depart); err != nil {
				return err
			}
			return read(ctx, tx, `SELECT id, aidant_id, organisation_id, date_fin FROM referent`, referent, fin)
		},
	}
}
