package textos

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Handlers keeps the dialogues and serves the provider's callback.
type Handlers struct {
	DB         *db.DB
	Site       web.Site
	Outbox     *outbox.Outbox
	Journal    *journal.Journal
	Fins       *fin.Actes  // STOP after the signature revokes
	Champs     *secret.Box // seals numbers and texts
	Empreintes secret.Key  // digests of numbers and of the provider's names
	Retour     Retour      // how the provider's calls are authenticated
	Mot        string      // the word that agrees; "" is OUI
	Log        *slog.Logger
	Mesure     func(issue string) // told what each call of the provider was; may be nil

	// Accorder and Refuser, lent by distance, write in the request what its
	// dialogue decided: false when it had ended. The first is given what makes
	// the sealed proof of the dialogue.
	Accorder func(ctx context.Context, tx *db.Tx, d Dialogue, seal func(extra any) (consentement.Piece, error)) (bool, error)
	Refuser  func(ctx context.Context, tx *db.Tx, d Dialogue) (bool, error)
}

// CheminRetour is where the provider calls.
const CheminRetour = "/sms/callback"

// debit bounds what one network may call in a minute, before anything is read.
const debit = 600

// Mount puts the callback in its space, which serves it with and without the
// final slash: providers misconfigure it.
func (h *Handlers) Mount(m *web.Mux) {
	m.Machine("GET "+CheminRetour, h.alive)
	m.Machine("POST "+CheminRetour, web.Limit(h.callback, debit))
}

// Possible tells whether an agreement by SMS can be asked: messages can leave,
// and answers can come back authenticated (M-W23).
func (h *Handlers) Possible() bool { return h != nil && h.Outbox.SMSPossible() && h.Retour.Possible() }

func (h *Handlers) mot() string {
	if h.Mot == "" {
		return "Oui"
	}
	return h.Mot
}

// Word is the word that agrees, as people are told it.
func (h *Handlers) Word() string { return strings.ToUpper(h.mot()) }

func (h *Handlers) numero(to string) []byte {
	return h.Empreintes.Digest("textos.numero", to)
}

func (h *Handlers) count(issue string) {
	if h.Mesure != nil {
		h.Mesure(issue)
	}
}

// Issues are the words by which Mesure is told.
var Issues = []string{"oui", "non", "stop", "autre", "distribue", "echec", "rejoue", "inconnu", "illisible", "refuse"}

// now is the instant outside any transaction.
func (h *Handlers) now() time.Time { return h.DB.Now().Time() }
