// Package traitement is where the operator's team answers what the référents
// ask: the list of the requests that wait, oldest first, the page of one of
// them with all that deciding needs, the answer.
//
// It owns no rule about the requests: demande.Decisions judges and acts, in one
// transaction with the mails and the journal. An answer asks a fresh code and a
// reason; nobody answers a request that they made or that is about them, so
// each change has two persons behind it. Reading one that shows an account is a
// line of the journal.
//
// It owns no table.
// URLs: /gestion/demandes/….
// Journal: view_aidant; the decisions write their own.
package traitement

import (
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/ident"
)

// liste is what the list is asked to show.
type liste struct {
	Genre    demande.Genre // "" for all
	Decidees bool          // what was answered, rather than what waits
	Cherche  string        // what is looked for, sealed
	Apres    string        // where the page begins, as its address writes it
}

// repere writes after which line a page begins.
func repere(l demande.Ligne) string {
	return strconv.FormatInt(l.Date.UnixMilli(), 10) + "." + l.ID.String()
}

// parseRepere reads it back; what is not one begins at the beginning.
func parseRepere(s string) (at time.Time, id ident.OperationID) {
	ms, rest, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(ms, 10, 64)
	id, ok := ident.Parse[ident.OperationID](rest)
	if err != nil || !ok || n <= 0 || n > 1<<50 {
		return time.Time{}, ident.OperationID{}
	}
	return time.UnixMilli(n), id
}

// ilYA says how long something has waited, to the day.
func ilYA(d time.Duration) string {
	switch days := int(d.Hours() / 24); {
	case days < 1:
		return "aujourd’hui"
	case days == 1:
		return "1 jour"
	default:
		return strconv.Itoa(days) + " jours"
	}
}

// retard is past how long a request is late.
const retard = 7 * 24 * time.Hour
