package mandat

import "aidantsconnect/internal/db"

// What a list of another package asks of a mandat m, with $2 now and $3
// SeuilVisible(now). One expression per state: see store_etat.go.
const (
	// OngletSQL is the tab of a mandat, as Mandat.Onglet gives it; '' when no
	// list shows it any more.
	OngletSQL = `(CASE WHEN ` + sqlRevoque + ` THEN
			CASE WHEN EXISTS (SELECT 1 FROM autorisation a WHERE a.mandat_id = m.id AND a.fin >= $3) THEN 'revoques' ELSE '' END
		WHEN m.date_expiration >= $2 THEN 'actifs' WHEN m.date_expiration >= $3 THEN 'expires' ELSE '' END)`
	// RemplaceSQL tells a mandat fully replaced, as Mandat.Replaced does.
	RemplaceSQL = sqlRemplace
)

// SeuilVisible is the instant before which an ended mandat is not shown any
// more. A mandat that expires before it is in no tab.
func SeuilVisible(now db.Time) db.Time { return now.Add(-visible) }

// SeuilBientot is the instant before which an active mandat expires soon.
func SeuilBientot(now db.Time) db.Time { return now.Add(bientot) }
