package rapprochement

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// personnes: somebody helped came by a first identification, and goes only by
// an erasure, which is the last thing said of them; each version of their
// identity came with an identification.
//
// reads: identite
func personnes(m *monde) *sujet {
	gens, identites := newBilan("personne_sans_ligne", "ligne_sans_personne"), newBilan("identite_sans_ligne", "")
	seen, gone := map[string]string{}, map[string]bool{}
	return &sujet{
		actions: []string{"create_usager", "franceconnect_usager", "erase_usager"},
		bilans:  []*bilan{gens, identites},
		dire: func(l journal.Ligne) {
			switch l.Fait.(type) {
			case fait.CreateUsager:
				seen[l.Usager] = l.ID.String()
			case fait.FranceconnectUsager:
				identites.dit(l.Usager, l.ID.String(), 1)
			case fait.EraseUsager:
				gone[l.Usager] = true
			}
		},
		tenir: func(ctx context.Context, tx *db.Tx) error {
			for who, id := range seen {
				if !gone[who] {
					gens.dit(who, id, 1)
				}
			}
			for id, who := range m.usagers {
				gens.tenu(who, id.String(), 1)
			}
			return each(ctx, tx, `SELECT usager_id FROM identite`, func(s db.Scanner) error {
				var u ident.UsagerID
				err := s.Scan(&u)
				if who := m.usagers[u]; seen[who] != "" { // else said once, above
					identites.tenu(who, u.String(), 1)
				}
				return err
			})
		},
	}
}

// etapesEvenement are the steps of an event, as its row has them.
var etapesEvenement = map[string]string{
	fait.EtapeDemandee: "signale", fait.EtapeValidee: "etendu", fait.EtapeRefusee: "ecarte", fait.EtapeAnnulee: "annule",
}

// evenements: what is noted of a person. A death or a measure is where its last
// line says; a hold is set and lifted by a line each; so is a demand of access
// recorded. The lines of those erased have lost their rows.
//
// reads: evenement_usager, conservation_gel, acces_demande
func evenements(m *monde) *sujet {
	deces, gels, acces := newBilan("evenement_sans_ligne", "ligne_sans_evenement"), newBilan("gel_sans_ligne", "ligne_sans_gel"), newBilan("acces_sans_ligne", "ligne_sans_acces")
	etape := dernier{}
	return &sujet{
		actions: []string{"evenement_usager", "hold_usager", "release_usager", "export_usager"},
		bilans:  []*bilan{deces, gels, acces},
		dire: func(l journal.Ligne) {
			if _, here := m.usager[l.Usager]; !here {
				return
			}
			op, id := l.Operation.String(), l.ID.String()
			switch f := l.Fait.(type) {
			case fait.EvenementUsager:
				etape.set(op, etapesEvenement[f.Etape], id)
			case fait.HoldUsager:
				gels.dit(l.Usager, id, 1)
			case fait.ReleaseUsager:
				gels.dit(l.Usager, id, -1)
			case fait.ExportUsager:
				if f.Etape == fait.EtapeProduit {
					acces.dit(op, id, 1)
				}
			}
		},
		tenir: func(ctx context.Context, tx *db.Tx) error {
			etape.into(deces)
			if err := each(ctx, tx, `SELECT id, statut FROM evenement_usager`, func(s db.Scanner) error {
				var id ident.OperationID
				var statut string
				err := s.Scan(&id, &statut)
				deces.tenu(id.String()+"|"+statut, id.String(), 1)
				return err
			}); err != nil {
				return err
			}
			if err := each(ctx, tx, `SELECT id, usager_id FROM conservation_gel WHERE date_fin IS NULL`, func(s db.Scanner) error {
				var id ident.OperationID
				var u ident.UsagerID
				err := s.Scan(&id, &u)
				gels.tenu(m.usagers[u], id.String(), 1)
				return err
			}); err != nil {
				return err
			}
			return each(ctx, tx, `SELECT id FROM acces_demande`, func(s db.Scanner) error {
				var id ident.OperationID
				err := s.Scan(&id)
				acces.tenu(id.String(), id.String(), 1)
				return err
			})
		},
	}
}
