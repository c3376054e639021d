package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"aidantsconnect/internal/croissance"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/figurant"
	"aidantsconnect/internal/organisation"
)

// motListes is the value of -seulement that measures how the lists grow alone.
const motListes = "listes"

// motFermeture closes a structure.
const motFermeture = "fermeture"

func (b *banc) fermeture(ctx context.Context) (croissance.Fermeture, error) {
	if err := b.start(ctx, motFermeture); err != nil {
		return croissance.Fermeture{}, err
	}
	step(b.dialecte, fmt.Sprintf("fermeture d’une structure de %d mandats", b.mandatsMax))
	return croissance.Fermer(ctx, b.s, b.env, b.mandatsMax)
}

// listes measures the pages of structures on a service that grows.
func (b *banc) listes(ctx context.Context) ([]croissance.Palier, error) {
	if err := b.start(ctx, motListes); err != nil {
		return nil, err
	}
	who := map[string]navigateur{}
	a := &croissance.Atelier{Serveur: b.s, Adresse: b.cfg.Base, Horloge: b.horloge}
	return a.Mesurer(ctx, croissance.Hote{
		Dire: func(what string) { step(b.dialecte, what) },
		Reposer: func(ctx context.Context) error {
			if err := b.settle(ctx); err != nil {
				return err
			}
			return b.s.DB.Update(ctx, func(tx *db.Tx) error { return giveCodes(ctx, tx) })
		},
		Nouveau: func(ctx context.Context, n int) (l croissance.Lieu, err error) {
			err = b.s.DB.Update(ctx, func(tx *db.Tx) error {
				if l.Organisation, err = organisation.Create(ctx, tx, b.s.Journal, figurant.Organisation(n)); err != nil {
					return err
				}
				c, err := b.addAidant(ctx, tx, n, l.Organisation.ID)
				if err != nil {
					return err
				}
				s, err := b.insertSession(ctx, tx, c)
				l.Structure, l.Cookie = croissance.Structure{ID: c.organisation, Aidant: c.id}, s.jeton.Reveal()
				who[l.Cookie] = b.navigateur(b.direct(), s)
				return err
			})
			return l, err
		},
		Lire: func(ctx context.Context, l croissance.Lieu, path string) (int, error) {
			w, err := who[l.Cookie].get(ctx, path, http.StatusOK)
			if err != nil {
				return 0, err
			}
			return len(w.corps), nil
		},
		Mener: func(ctx context.Context, l croissance.Lieu, mots string) (string, error) {
			if mots == "" {
				demande, err := b.authorize(ctx, who[l.Cookie])
				return "/select_usager/?demande=" + demande, err
			}
			w, err := who[l.Cookie].post(ctx, "/espace-aidant/usagers/", url.Values{"recherche": {mots}}, http.StatusSeeOther)
			if err != nil {
				return "", err
			}
			return w.entete.Get("Location"), nil
		},
	}, b.mandatsMax)
}
