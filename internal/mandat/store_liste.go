package mandat

import (
	"context"
	"fmt"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// What the lists walk. A tab of a structure is read by key, in the order of the
// names, without reading those that it does not show: mandat_relation keeps how
// many mandats of a person each tab shows, and until when that is true. Nothing
// relies on it alone: past that instant, and for rows that were never counted,
// the lists read the mandats with the predicates of store_etat.go.
//
// r is the relation, $1 the structure, $2 now. The date stands in a CASE so that
// the index of the tab is walked, not that of the dates.
const (
	// ListeActifsSQL, ListeExpiresSQL and ListeRevoquesSQL tell who has such
	// mandats, of those whose counts are true; ARevoirSQL tells the others.
	ListeActifsSQL   = `r.organisation_id = $1 AND r.actifs > 0 AND CASE WHEN r.revoir >= $2 THEN true ELSE false END`
	ListeExpiresSQL  = `r.organisation_id = $1 AND r.expires > 0 AND CASE WHEN r.revoir >= $2 THEN true ELSE false END`
	ListeRevoquesSQL = `r.organisation_id = $1 AND r.revoques > 0 AND CASE WHEN r.revoir >= $2 THEN true ELSE false END`
	ARevoirSQL       = `r.organisation_id = $1 AND r.revoir < $2`
)

// jamais is an instant after every other: no tab changes by time any more.
var jamais = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// situation is what a tab needs of a mandat.
type situation struct {
	expiration time.Time
	revoque    bool
	fin        time.Time // the latest end of a revoked one
}

// onglet gives the tab at now and the last instant at which it is that one.
func (s situation) onglet(now time.Time) (Onglet, time.Time) {
	switch {
	case s.revoque && now.Sub(s.fin) <= visible:
		return Revoques, s.fin.Add(visible)
	case s.revoque:
		return Aucun, jamais
	case !now.After(s.expiration):
		return Actifs, s.expiration
	case now.Sub(s.expiration) <= visible:
		return Expires, s.expiration.Add(visible)
	}
	return Aucun, jamais
}

// relist counts again what the tabs of a structure show of a person: at the end
// of every act that signs with them or ends something.
func relist(ctx context.Context, tx *db.Tx, org ident.OrganisationID, u ident.UsagerID) error {
	rows, err := tx.Query(ctx, `SELECT m.date_expiration, `+sqlRevoque+`, (SELECT max(a.fin) FROM autorisation a WHERE a.mandat_id = m.id)
		FROM mandat m WHERE m.organisation_id = $1 AND m.usager_id = $2`, org, u)
	all, err := db.Collect(rows, err, func(s db.Scanner) (x situation, err error) {
		var expiration, fin db.Time
		err = s.Scan(&expiration, &x.revoque, &fin)
		x.expiration, x.fin = expiration.Time(), fin.Time()
		return x, err
	})
	if err != nil {
		return fmt.Errorf("count for the lists: %w", err)
	}
	n, until := map[Onglet]int{}, jamais
	for _, x := range all {
		o, last := x.onglet(tx.Now.Time())
		if n[o]++; last.Before(until) {
			until = last
		}
	}
	_, err = tx.Exec(ctx, `UPDATE mandat_relation SET actifs = $3, expires = $4, revoques = $5, revoir = $6 WHERE organisation_id = $1 AND usager_id = $2`,
		org, u, n[Actifs], n[Expires], n[Revoques], db.At(until))
	if err != nil {
		return fmt.Errorf("write the counts of the lists: %w", err)
	}
	return nil
}

// relation is a person of a structure.
type relation struct {
	organisation ident.OrganisationID
	usager       ident.UsagerID
}

// lotListes is how many people one transaction counts again.
const lotListes = 200

// Relist is the task: it counts again, by batches, for those whose mandats
// changed tab because time passed, and tells how many people.
func (h *Handlers) Relist(ctx context.Context) (total int, err error) {
	for {
		n := 0
		err := h.DB.Update(ctx, func(tx *db.Tx) error {
			rows, err := tx.Query(ctx, `SELECT r.organisation_id, r.usager_id FROM mandat_relation r WHERE r.revoir < $1 ORDER BY r.revoir LIMIT $2`, tx.Now, lotListes)
			all, err := db.Collect(rows, err, func(s db.Scanner) (r relation, err error) { return r, s.Scan(&r.organisation, &r.usager) })
			n = len(all)
			for _, r := range all {
				if err != nil {
					break
				}
				err = relist(ctx, tx, r.organisation, r.usager)
			}
			return err
		})
		if err != nil {
			return total, fmt.Errorf("count again for the lists: %w", err)
		}
		if n == 0 {
			return total, nil
		}
		total += n
	}
}
