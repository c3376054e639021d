package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"aidantsconnect/internal/accueil"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/distance"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fournisseur"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/importation"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/proconnect"
	"aidantsconnect/internal/tache"
	"aidantsconnect/internal/textos"
	"aidantsconnect/internal/transparence"
)

// schedule is the versioned table of the periodic tasks (comptes 15): a new
// environment runs every one without a set-up (M-W60).
func (s *Server) schedule() []tache.Tache {
	return []tache.Tache{
		{Nom: "journal_numerotation", Chaque: time.Second, Delai: 30 * time.Second, Utile: s.Journal.Waiting, Faire: s.Journal.Sequence},
		{Nom: "journal_retard", Chaque: time.Minute, Delai: 10 * time.Second, Faire: s.checkBacklog},
		{Nom: "journal_temoins", Chaque: 10 * time.Second, Delai: time.Minute, Utile: s.Publie.Waiting, Faire: s.Publie.Submit},
		{Nom: "journal_point_quotidien", Heure: "05:00", Delai: time.Minute, Faire: s.mailPoint},
		{Nom: "journal_horodatage", Heure: "05:05", Delai: time.Minute, Faire: s.Publie.Date},
		{Nom: "messages", Chaque: 10 * time.Second, Delai: 2 * time.Minute, Utile: s.Outbox.Waiting, Faire: s.Outbox.Deliver},
		{Nom: "mandats_expires", Chaque: time.Minute, Delai: time.Minute, Faire: s.Mandats.CloseExpired},
		{Nom: "listes", Chaque: time.Minute, Delai: 5 * time.Minute, Faire: s.Mandats.Relist},
		{Nom: "certificats_fin", Chaque: time.Minute, Delai: 10 * time.Minute, Faire: s.Fins.Actes.Certify},
		{Nom: "cessations", Chaque: time.Minute, Delai: 30 * time.Minute, Utile: s.Cessations.Waiting, Faire: s.Cessations.Run},
		{Nom: "dossiers_signature", Chaque: 5 * time.Minute, Delai: time.Minute, Faire: s.act(s.Signatures.PurgeDossiers)},
		{Nom: "demandes_accord", Chaque: 5 * time.Minute, Delai: time.Minute, Faire: s.act(distance.Purge)},
		{Nom: "dialogues_sms", Chaque: 10 * time.Second, Delai: time.Minute, Utile: s.Textos.Waiting, Faire: s.act(s.Textos.Note)},
		{Nom: "dialogues_sms_clos", Chaque: 5 * time.Minute, Delai: time.Minute, Faire: s.act(textos.Purge)},
		{Nom: "copies_rappels", Heure: "07:30", Delai: 5 * time.Minute, Faire: s.act(s.Papiers.RemindCopies)},
		{Nom: "mandats_rappels", Heure: "07:30", Jours: tache.Ouvres, Delai: 30 * time.Minute, Faire: s.Rappels.Remind},
		{Nom: "detection", Heure: "02:40", Delai: 30 * time.Minute, Faire: s.Detection.Run},
		{Nom: "conservation", Heure: "03:00", Delai: 2 * time.Hour, Faire: s.Conserve.Run},
		{Nom: "dossiers_utilisation", Chaque: 5 * time.Minute, Delai: time.Minute, Faire: s.act(fournisseur.PurgeDossiers)},
		{Nom: "cles_rotation", Chaque: time.Minute, Delai: time.Minute, Faire: s.Cles.Promote},
		{Nom: "sessions", Chaque: 15 * time.Minute, Delai: time.Minute, Faire: s.act(connexion.Purge)},
		{Nom: "facteurs_attente", Chaque: 15 * time.Minute, Delai: time.Minute, Faire: s.act(facteur.Purge)},
		{Nom: "proconnect", Chaque: 15 * time.Minute, Delai: time.Minute, Faire: s.act(proconnect.Purge)},
		{Nom: "limites", Chaque: 15 * time.Minute, Delai: time.Minute, Faire: s.act(limite.Purge)},
		{Nom: "connexions_oubliees", Heure: "03:20", Delai: 10 * time.Minute, Faire: s.act(connexion.PurgeHistory)},
		{Nom: "rattachements", Chaque: time.Minute, Delai: time.Minute, Faire: s.act(s.Demandes.Tell)},
		{Nom: "rattachements_clos", Heure: "06:20", Delai: 10 * time.Minute, Faire: s.act(s.Demandes.CloseOld)},
		{Nom: "brouillons_ajout", Chaque: time.Hour, Delai: time.Minute, Faire: s.act(demande.PurgeBrouillons)},
		{Nom: "notifications", Chaque: time.Minute, Delai: 10 * time.Minute, Faire: s.Notifications.Announce},
		{Nom: "importations", Chaque: 15 * time.Minute, Delai: time.Minute, Faire: s.act(importation.Purge)},
		{Nom: "messages_effaces", Heure: "03:10", Delai: 10 * time.Minute, Faire: s.eraseMessages},
		{Nom: "sms_plafond", Chaque: time.Hour, Delai: time.Minute, Faire: s.Outbox.WatchSMS},
		{Nom: "inactivite_fermeture", Heure: "06:00", Jours: tache.Ouvres, Delai: 10 * time.Minute, Faire: func(ctx context.Context) (int, error) { return s.Comptes.CloseIdle(ctx, s.DB) }},
		{Nom: "inactivite_avertissement", Heure: "06:30", Jours: tache.Ouvres, Delai: 10 * time.Minute, Faire: func(ctx context.Context) (int, error) { return s.Comptes.Warn(ctx, s.DB) }},
		{Nom: "activite_rappel", Heure: "08:00", Jours: []time.Weekday{time.Wednesday}, Delai: 10 * time.Minute, Faire: func(ctx context.Context) (int, error) { return s.Comptes.Remind(ctx, s.DB, accueil.Activities) }},
		{Nom: "adresses_oubliees", Heure: "03:20", Delai: time.Minute, Faire: s.act(compte.PurgeChanges)},
		{Nom: "textes_annonces", Heure: "07:10", Delai: 10 * time.Minute, Faire: func(ctx context.Context) (int, error) { return s.Comptes.AnnounceTexts(ctx, s.DB) }},
		{Nom: "journal_rapprochement", Heure: "04:50", Delai: 30 * time.Minute, Faire: s.Rapproche.Check},
		{Nom: "journal_verification", Heure: "04:30", Delai: time.Hour, Faire: s.verifyJournal},
	}
}

// idle names the tasks of the schedule that this node does not run: those that
// the operator disabled and, when only is not nil, all that it does not name.
func idle(schedule []tache.Tache, disabled, only []string) []string {
	out := slices.Clone(disabled)
	for _, t := range schedule {
		if only != nil && !slices.Contains(only, t.Nom) {
			out = append(out, t.Nom)
		}
	}
	return out
}

// eraseMessages destroys the texts of what was sent long enough ago (T-24).
func (s *Server) eraseMessages(ctx context.Context) (int, error) {
	return s.Outbox.Erase(ctx, db.At(garde.Message.Avant(s.DB.Now().Time())))
}

// verifyJournal checks the whole log each night, its certified dates included;
// its failure is a failed task, told in the log.
func (s *Server) verifyJournal(ctx context.Context) (int, error) {
	r, err := s.Journal.Verify(ctx)
	if s.Publie.Horodatage != nil {
		_, fausses, failure := transparence.CheckDates(ctx, s.DB, s.Publie.Horodatage.Racines)
		if len(fausses) > 0 {
			failure = fmt.Errorf("%w: the certified dates of %v", journal.ErrAltere, fausses)
		}
		err = errors.Join(err, failure)
	}
	return int(r.Taille), err
}

// act runs a function of a slice in one transaction.
func (s *Server) act(f func(context.Context, *db.Tx) (int, error)) func(context.Context) (int, error) {
	return func(ctx context.Context) (n int, err error) {
		err = s.DB.Update(ctx, func(tx *db.Tx) error {
			n, err = f(ctx, tx)
			return err
		})
		return n, err
	}
}

func unavailable(what string, err error) error { return fault.Wrap(fault.Unavailable, what, err) }
