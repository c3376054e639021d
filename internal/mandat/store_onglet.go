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
	// ActifSQL tells an active mandat, as Mandat.Active does.
	ActifSQL = sqlActif
	// RevoqueSQL tells a mandat fully revoked, as Mandat.FullyRevoked does.
	RevoqueSQL = sqlRevoque
	// ExpireSQL tells a mandat past its end that was not fully revoked.
	ExpireSQL = sqlExpire
	// PerimeSQL tells what no list shows any more, as Mandat.Outdated does.
	PerimeSQL = sqlPerime
	// RenouvelableSQL tells what the structure $1 may renew, as Mandat.Renewable does.
	RenouvelableSQL = sqlRenouvelable
	// BientotSQL tells an active mandat that ends soon, as Mandat.ExpiresSoon
	// does; the caller ends it with the parameter that holds SeuilBientot(now):
	// BientotSQL + `$4)`.
	BientotSQL = `(` + sqlActif + ` AND m.date_expiration < `
	// RemplaceSQL tells a mandat fully replaced, as Mandat.Replaced does.
	RemplaceSQL = sqlRemplace
)

// SeuilVisible is the instant before which an ended mandat is not shown any
// more. A mandat that expires before it is in no tab.
func SeuilVisible(now db.Time) db.Time { return now.Add(-visible) }

// SeuilBientot is the instant before which an active mandat expires soon.
func SeuilBientot(now db.Time) db.Time { return now.Add(bientot) }
