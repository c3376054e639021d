package rapprochement

import (
	"context"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// equipeLue are the comparisons about what the team does.
type equipeLue struct {
	*monde
	notifications, relectures, signalements, relances, imports *bilan
	annonce, relue                                             dernier
}

// equipe: what the team told everybody, the translations it had reviewed, the
// findings it saw, the tasks it ran again, the people it brought in by a file.
func equipe(m *monde) *sujet {
	q := &equipeLue{
		monde: m, annonce: dernier{}, relue: dernier{},
		notifications: newBilan("notification_sans_ligne", "ligne_sans_notification"), relectures: newBilan("relecture_sans_ligne", "ligne_sans_relecture"),
		signalements: newBilan("signalement_sans_ligne", ""), relances: newBilan("relance_sans_ligne", "ligne_sans_relance"),
		imports: newBilan("import_sans_ligne", "ligne_sans_import"),
	}
	return &sujet{
		actions: []string{
			"publish_notification", "withdraw_notification", "review_traduction", "withdraw_traduction", "ack_signalement", "replay_tache", "import_aidants",
		},
		bilans: []*bilan{q.notifications, q.relectures, q.signalements, q.relances, q.imports},
		dire:   q.dire,
		tenir:  q.tenir,
	}
}

func (q *equipeLue) dire(l journal.Ligne) {
	id := l.ID.String()
	switch f := l.Fait.(type) {
	case fait.PublishNotification:
		q.annonce.set(f.Notification, enPlace, id)
	case fait.WithdrawNotification:
		q.annonce.set(f.Notification, retiree, id)
	case fait.ReviewTraduction:
		q.relue.set(l.Operation.String(), enPlace, id)
	case fait.WithdrawTraduction:
		q.relue.set(l.Operation.String(), retiree, id)
	case fait.AckSignalement:
		q.signalements.dit(f.Signalement, id, 1)
	case fait.ReplayTache:
		q.relances.dit(l.Operation.String(), id, 1)
	case fait.ImportAidants:
		q.imports.dit("", id, 1)
	}
}

const (
	enPlace = "en place"
	retiree = "retirée"
)

// reads: notification, traduction_relecture, detection_signalement, tache_relance, importation
func (q *equipeLue) tenir(ctx context.Context, tx *db.Tx) error {
	q.annonce.into(q.notifications)
	q.relue.into(q.relectures)
	for _, x := range []struct {
		query string
		b     *bilan
	}{
		{`SELECT id, CASE WHEN date_retrait IS NULL THEN 'en place' ELSE 'retirée' END, 1 FROM notification`, q.notifications},
		{`SELECT id, CASE WHEN date_retrait IS NULL THEN 'en place' ELSE 'retirée' END, 1 FROM traduction_relecture`, q.relectures},
		{`SELECT id, '', CASE WHEN date_gestion IS NULL THEN 0 ELSE 1 END + CASE WHEN date_referent IS NULL THEN 0 ELSE 1 END FROM detection_signalement`, q.signalements},
		{`SELECT id, '', 1 FROM tache_relance`, q.relances},
	} {
		if err := each(ctx, tx, x.query, func(s db.Scanner) error {
			var id ident.OperationID
			var word string
			var n int
			err := s.Scan(&id, &word, &n)
			key := id.String()
			if word != "" {
				key += "|" + word
			}
			x.b.tenu(key, id.String(), n)
			return err
		}); err != nil {
			return err
		}
	}
	return each(ctx, tx, `SELECT id FROM importation WHERE etat = 'faite' AND genre = 'personnes'`, func(s db.Scanner) error {
		var id ident.OperationID
		err := s.Scan(&id)
		q.imports.tenu("", id.String(), 1)
		return err
	})
}
