package rapprochement

import (
	"context"
	"strconv"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// comptes: an account was opened by somebody, is open or closed, may make
// mandats or not, and has a place in the team or none, as the last line that
// says so; an erased one was erased by the retention.
func comptes(m *monde) *sujet {
	ouverts, effaces := newBilan("compte_sans_ligne", "ligne_sans_compte"), newBilan("compte_efface_sans_ligne", "ligne_sans_effacement_compte")
	etats, droits, roles := newBilan("compte_etat", ""), newBilan("compte_droit", ""), newBilan("compte_role", "")
	opened, gone := map[string]string{}, map[string]bool{}
	actif, habilite, role := dernier{}, dernier{}, dernier{}
	return &sujet{
		actions: []string{"create_aidant", "deactivate_aidant", "reactivate_aidant", "grant_mandat", "withdraw_mandat", "grant_staff", "withdraw_staff", "erase_aidant"},
		bilans:  []*bilan{ouverts, effaces, etats, droits, roles},
		dire: func(l journal.Ligne) {
			who, id := l.Concerne, l.ID.String()
			switch f := l.Fait.(type) {
			case fait.CreateAidant:
				opened[who] = id
				actif.set(who, "true", id)
				habilite.set(who, strconv.FormatBool(f.Habilite), id)
			case fait.DeactivateAidant:
				actif.set(who, "false", id)
			case fait.ReactivateAidant:
				actif.set(who, "true", id)
			case fait.GrantMandat:
				habilite.set(who, "true", id)
			case fait.WithdrawMandat:
				habilite.set(who, "false", id)
			case fait.GrantStaff:
				role.set(who, f.Role, id)
			case fait.WithdrawStaff:
				role.set(who, "", id)
			case fait.EraseAidant:
				gone[who] = true
				effaces.dit("", id, 1)
			}
		},
		tenir: func(context.Context, *db.Tx) error {
			for who, id := range opened {
				if !gone[who] {
					ouverts.dit(who, id, 1)
				}
			}
			actif.into(etats)
			habilite.into(droits)
			role.into(roles)
			for _, c := range m.comptes {
				id := c.id.String()
				if !c.efface.IsZero() {
					effaces.tenu("", id, 1)
					continue
				}
				ouverts.tenu(c.nom, id, 1)
				if opened[c.nom] == "" { // said once
					continue
				}
				etats.tenu(c.nom+"|"+strconv.FormatBool(c.actif), id, 1)
				droits.tenu(c.nom+"|"+strconv.FormatBool(c.habilite), id, 1)
				if c.role != "" || role[c.nom].mot != "" {
					roles.tenu(c.nom+"|"+c.role, id, 1)
				}
			}
			return nil
		},
	}
}

// textes: what an account signed.
//
// reads: acceptation
func textes(m *monde) *sujet {
	b := newBilan("texte_sans_ligne", "ligne_sans_texte")
	return &sujet{
		actions: []string{"accept_cgu"},
		bilans:  []*bilan{b},
		dire: func(l journal.Ligne) {
			if f, ok := l.Fait.(fait.AcceptCGU); ok && m.known(l.Aidant) {
				b.dit(l.Aidant+"|"+f.Document+"|"+f.Version+"|"+f.Empreinte, l.ID.String(), 1)
			}
		},
		tenir: func(ctx context.Context, tx *db.Tx) error {
			return each(ctx, tx, `SELECT aidant_id, document, version, empreinte FROM acceptation`, func(s db.Scanner) error {
				var id ident.AidantID
				var document, version, empreinte string
				err := s.Scan(&id, &document, &version, &empreinte)
				if who := m.nom[id]; who != "" {
					b.tenu(who+"|"+document+"|"+version+"|"+empreinte, id.String(), 1)
				}
				return err
			})
		},
	}
}
