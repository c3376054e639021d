package rapprochement

import (
	"context"
	"strconv"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// structures: what a structure may offer, whether it is open, and the delay it
// gives for a signed copy, as the last line says. That it was recorded is with
// the mandats.
//
// reads: organisation, organisation_demarche, accord_reglage
func structures() *sujet {
	perimetre, etats, delais := newBilan("perimetre_sans_ligne", "ligne_sans_perimetre"), newBilan("structure_etat", ""), newBilan("delai_papier_different", "")
	permis, ligne, etat, delai := map[string][]demarche.Demarche{}, map[string]string{}, dernier{}, dernier{}
	return &sujet{
		actions: []string{"create_organisation", "update_perimetre_organisation", "close_organisation", "set_grace_papier"},
		bilans:  []*bilan{perimetre, etats, delais},
		dire: func(l journal.Ligne) {
			org, id := l.Organisation.String(), l.ID.String()
			switch f := l.Fait.(type) {
			case fait.CreateOrganisation:
				permis[org], ligne[org] = f.Demarches, id
				etat.set(org, "true", id)
			case fait.UpdatePerimetreOrganisation:
				permis[org], ligne[org] = f.Apres, id
			case fait.CloseOrganisation:
				etat.set(org, "false", id)
			case fait.SetGracePapier:
				delai.set(org, strconv.Itoa(f.Jours), id)
			}
		},
		tenir: func(ctx context.Context, tx *db.Tx) error {
			here := map[string]bool{}
			err := each(ctx, tx, `SELECT id, active FROM organisation`, func(s db.Scanner) error {
				var id ident.OrganisationID
				var active bool
				if err := s.Scan(&id, &active); err != nil {
					return err
				}
				org := id.String()
				if here[org] = true; etat[org].exemple != "" {
					etats.tenu(org+"|"+strconv.FormatBool(active), org, 1)
				}
				return nil
			})
			if err != nil {
				return err
			}
			etat.into(etats)
			for org, ds := range permis {
				for _, d := range ds {
					if here[org] {
						perimetre.dit(org+"|"+string(d), ligne[org], 1)
					}
				}
			}
			if err := each(ctx, tx, `SELECT organisation_id, demarche FROM organisation_demarche`, func(s db.Scanner) error {
				var org ident.OrganisationID
				var d string
				err := s.Scan(&org, &d)
				perimetre.tenu(org.String()+"|"+d, org.String(), 1)
				return err
			}); err != nil {
				return err
			}
			delai.into(delais)
			return each(ctx, tx, `SELECT organisation_id, grace_jours FROM accord_reglage`, func(s db.Scanner) error {
				var org ident.OrganisationID
				var days int
				err := s.Scan(&org, &days)
				delais.tenu(org.String()+"|"+strconv.Itoa(days), org.String(), 1)
				return err
			})
		},
	}
}
