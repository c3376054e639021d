package testkit

import (
	"context"
	"testing"
	"time"

	"aidantsconnect/internal/db"
)

// graceMax is what a structure may give itself (mandats: seven days), and the
// hour that a change of clock may add.
const graceMax = 7*24*time.Hour + time.Hour

// usableHasItsProof looks at every mandat that a test made, whatever acts led
// there: one that may be used has its proof, of the kind of its way of agreeing,
// neither set aside nor another mandat's, on the very text, démarches and
// duration of the mandat; or is on paper within a grace of seven days at most;
// or continues, after a transfer, a mandat that had it. One agreed to at a
// distance used up one request, its own.
func usableHasItsProof(ctx context.Context, t testing.TB, d *db.DB) {
	t.Helper()
	err := d.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT c.moyen || ' ' || CASE
				WHEN c.texte_empreinte <> m.texte_empreinte OR c.duree <> m.duree OR c.organisation_id <> m.organisation_id OR c.usager_id <> m.usager_id THEN 'agrees to something else'
				WHEN EXISTS (SELECT 1 FROM autorisation a WHERE a.mandat_id = m.id AND ',' || c.demarches || ',' NOT LIKE '%,' || a.demarche || ',%') THEN 'agrees to other démarches'
				WHEN c.moyen = 'certification' THEN 'follows no mandat'
				WHEN c.moyen IN ('sms','franceconnect','courrier') AND c.piece_id IS NOT NULL AND p.id IS NOT NULL AND p.date_annulation IS NULL THEN 'has no request of its own'
				ELSE 'has no proof' END
			FROM accord c JOIN mandat m ON m.id = c.mandat_id LEFT JOIN accord_piece p ON p.mandat_id = c.mandat_id AND p.id = c.piece_id
			WHERE c.limite IS NOT NULL AND (c.texte_empreinte <> m.texte_empreinte OR c.duree <> m.duree OR c.organisation_id <> m.organisation_id OR c.usager_id <> m.usager_id
				OR EXISTS (SELECT 1 FROM autorisation a WHERE a.mandat_id = m.id AND ',' || c.demarches || ',' NOT LIKE '%,' || a.demarche || ',%')
				OR NOT (CASE
					WHEN c.moyen = 'certification' THEN m.dossier_id IS NULL
					WHEN c.piece_id IS NULL THEN c.moyen = 'papier' AND c.limite = c.date_grace
					WHEN p.id IS NULL OR p.date_annulation IS NOT NULL THEN FALSE
					WHEN c.moyen = 'papier' THEN p.genre IN ('copie','certification')
					WHEN c.moyen = 'ecran' THEN p.genre IN ('signature_dessinee','signature_saisie')
					ELSE p.genre = CASE c.moyen WHEN 'sms' THEN 'sms' WHEN 'franceconnect' THEN 'franceconnect' ELSE 'code' END
						AND (m.dossier_id IS NULL OR 1 = (SELECT count(*) FROM demande_accord x WHERE x.mandat_id = m.id AND x.statut = 'conclue'))
				END))`)
		wrong, err := db.Collect(rows, err, func(s db.Scanner) (why string, err error) { return why, s.Scan(&why) })
		for _, w := range wrong {
			t.Errorf("a mandat that may be used: %s", w)
		}
		if err != nil {
			return err
		}
		graces, err := tx.Query(ctx, `SELECT c.date_creation, c.date_grace FROM accord c WHERE c.date_grace IS NOT NULL`)
		long, err := db.Collect(graces, err, func(s db.Scanner) (bool, error) {
			var from, to db.Time
			err := s.Scan(&from, &to)
			return to.Time().Sub(from.Time()) > graceMax, err
		})
		for _, l := range long {
			if l {
				t.Error("a grace of more than seven days")
			}
		}
		return err
	})
	if err != nil {
		t.Errorf("check the proofs: %v", err)
	}
}
