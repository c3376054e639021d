package outbox

import (
	"context"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// The channels of the column canal.
const (
	canalCourriel = "courriel"
	canalSMS      = "sms"
)

// erreurSansSMS is the failure of a text message on a node without a provider.
const erreurSansSMS = "sms_non_configure"

// fenetreTextes is the window of the ceiling.
const fenetreTextes = 24 * time.Hour

// Livraison is what the provider reports of a text message it accepted.
type Livraison string

// The reports.
const (
	Remis    Livraison = "remis"     // the phone has it
	NonRemis Livraison = "non_remis" // it will not arrive
)

// SMSPossible tells whether there is a provider of text messages, for pages
// that offer one.
func (o *Outbox) SMSPossible() bool { return o.SMS != nil }

// admitSMS refuses a text message that could not leave: the act that queues it
// fails, and the person is told.
func (o *Outbox) admitSMS(ctx context.Context, tx *db.Tx) error {
	if o.SMS == nil {
		return fault.New(fault.Unavailable, erreurSansSMS)
	}
	n, err := countSMS(ctx, tx, tx.Now.Add(-fenetreTextes))
	if err == nil && n >= o.PlafondSMS {
		return fault.New(fault.Unavailable, "sms_plafond")
	}
	return err
}

// NearCeiling tells whether text messages have reached 80 % of what 24 hours
// may hold.
func (f File) NearCeiling() bool { return f.PlafondSMS > 0 && f.SMS*10 >= f.PlafondSMS*8 }

// WatchSMS warns in the log when the ceiling is near; it is a task. It gives
// the number of text messages of the last 24 hours.
func (o *Outbox) WatchSMS(ctx context.Context) (int, error) {
	f, err := o.Status(ctx)
	if err == nil && f.NearCeiling() {
		o.Log.ErrorContext(ctx, "text messages near their ceiling", "sms", f.SMS, "plafond", f.PlafondSMS)
	}
	return f.SMS, err
}

// Delivered records a provider's report about one text message, named by our
// identifier or by the provider's reference. It is false for one that we do
// not know; the same report twice changes nothing.
func (o *Outbox) Delivered(ctx context.Context, tx *db.Tx, id string, l Livraison) (bool, error) {
	if l != Remis && l != NonRemis {
		return false, fault.New(fault.Invalid, "livraison_inconnue")
	}
	if id == "" || len(id) > referenceMax {
		return false, nil
	}
	ours, ok := ident.Parse[ident.MessageID](id)
	if ok {
		return report(ctx, tx, ours, id, l)
	}
	return report(ctx, tx, ident.MessageID{}, id, l)
}

// Key gives the key of a text message that the provider names, by our
// identifier or by its own: what an answer is about. It is false for one that we
// do not know.
func (o *Outbox) Key(ctx context.Context, tx *db.Tx, id string) (cle string, ok bool, err error) {
	if id == "" || len(id) > referenceMax {
		return "", false, nil
	}
	ours, _ := ident.Parse[ident.MessageID](id)
	return keyOf(ctx, tx, ours, id)
}
