package rappel

import (
	"context"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// Remind announces what is to be announced, to the structures then to the
// people, and tells how many messages were queued. A run that is stopped goes
// on where it was: each structure and each batch of people is one transaction.
func (h *Handlers) Remind(ctx context.Context) (int, error) {
	total := 0
	var after ident.OrganisationID
	for {
		var orgs []ident.OrganisationID
		err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
			orgs, err = structures(ctx, tx, after)
			return err
		})
		if err != nil {
			return total, fmt.Errorf("list the structures to remind: %w", err)
		}
		if len(orgs) == 0 {
			break
		}
		for _, org := range orgs {
			n, err := h.update(ctx, func(tx *db.Tx) (int, error) { return h.tellStructure(ctx, tx, org) })
			if total += n; err != nil {
				return total, err
			}
			after = org
		}
	}
	for {
		var done int
		n, err := h.update(ctx, func(tx *db.Tx) (n int, err error) {
			n, done, err = h.tellUsagers(ctx, tx)
			return n, err
		})
		if total += n; err != nil || done == 0 {
			return total, err
		}
	}
}

func (h *Handlers) update(ctx context.Context, act func(tx *db.Tx) (int, error)) (n int, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		n, err = act(tx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("remind: %w", err)
	}
	return n, nil
}

// tellStructure writes to each aidant of a structure, once.
func (h *Handlers) tellStructure(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (int, error) {
	es, err := ofStructure(ctx, tx, org)
	if err != nil || len(es) == 0 {
		return 0, err
	}
	to, err := aidants(ctx, tx, org)
	if err != nil || len(to) == 0 {
		return 0, err // told on the day there is somebody
	}
	for _, d := range to {
		if err := h.Outbox.Queue(ctx, tx, ToAidant(d, es, h.Site.Origine)); err != nil {
			return 0, err
		}
	}
	for _, e := range es {
		if err := mark(ctx, tx, e, "structure", len(to)); err != nil {
			return 0, err
		}
	}
	return len(to), nil
}

// tellUsagers writes to a batch of people; those without an address are marked
// too, and left to their structure. done counts the mandats treated.
func (h *Handlers) tellUsagers(ctx context.Context, tx *db.Tx) (sent, done int, err error) {
	es, err := toUsagers(ctx, tx)
	if err != nil {
		return 0, 0, err
	}
	var lines []journal.Entry
	for _, e := range es {
		n, f, err := h.tellUsager(ctx, tx, e)
		if err != nil {
			return 0, 0, err
		}
		if n > 0 {
			lines = append(lines, journal.Entry{Initiateur: journal.Systeme, Usager: e.Usager, Organisation: e.Organisation, Mandat: e.Mandat, Fait: f})
		}
		if err := mark(ctx, tx, e, "usager", n); err != nil {
			return 0, 0, err
		}
		sent += n
	}
	return sent, len(es), h.Journal.Append(ctx, tx, lines...)
}

// tellUsager writes to one person, by mail, else by text message; a text message
// that may not leave (no provider, ceiling) is left to the structure, which was
// told too.
func (h *Handlers) tellUsager(ctx context.Context, tx *db.Tx, e Echeance) (int, fait.NotifyUsager, error) {
	switch {
	case e.Courriel != "":
		return 1, fait.NotifyUsager{Voie: fait.NotificationMail, Genre: GenreUsager}, h.Outbox.Queue(ctx, tx, ToUsager(e, h.Site.Contact))
	case e.Telephone == "" || !h.Outbox.SMSPossible():
		return 0, fait.NotifyUsager{}, nil
	}
	err := h.Outbox.Queue(ctx, tx, SMSToUsager(e))
	if fault.Is(err, fault.Unavailable) {
		return 0, fait.NotifyUsager{}, nil
	}
	return 1, fait.NotifyUsager{Voie: fait.NotificationSMS, Genre: GenreSMS}, err
}
