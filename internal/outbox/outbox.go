// Package outbox sends what the program has to say to people. A message is a
// row of the table message, written in the transaction of the act that causes
// it: the act and its message exist together or not at all. It is sent after
// the commit, outside any transaction, by whichever node claims it.
//
// Sending twice is worse than sending late, and losing is worse than both. A
// message is claimed before it leaves; when the outcome is not known (the node
// died, the connection broke after the last byte) it is tried again under the
// same Message-ID, which lets mail servers recognise it, and the row counts it
// in "doublons".
//
// A message whose kind begins with "S-" is a text message: its recipient is a
// phone number in E.164 form. Without a provider, or past the ceiling of the
// last 24 hours, it is refused when it is queued, so that the person is told:
// nothing ever pretends to have been sent.
//
// Address, subject and text are personal and may hold a secret link: they are
// stored encrypted, each for its row and column, and erased after a time. They
// reach neither the log, nor an error, nor the journal. Texts belong to the
// slice that writes to people; the HTML twin is made here from the one text.
//
// It serves no URL and appends nothing to the journal.
//
// Tables: message.
package outbox

import (
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"aidantsconnect/internal/db"
)

// Message is what an act queues: one recipient, one text.
type Message struct {
	// Cle makes the message unique: the same key queued again changes nothing.
	// It names the event and the person by identifiers, never by an address:
	// "E-01/<link id>".
	Cle string
	// Genre is the number of the text in the catalogue (comptes.md §14): "E-01".
	Genre string
	// Destinataire is a bare e-mail address; for a text message, whose Genre
	// begins with "S-", a number as Telephone gives it.
	Destinataire string
	// Sujet and Texte are French plain text; see Corps for the few forms that
	// the HTML twin knows. A text message has no subject.
	Sujet, Texte string
	// Peremption, when set, is the instant from which the message is useless
	// (a sign-in link): it is given up rather than sent.
	Peremption db.Time
}

const (
	// bail is how long a claimed message is kept from the others. It is longer
	// than any sender may take.
	bail = 2 * time.Minute
	// delaiEnvoi bounds one call to a sender.
	delaiEnvoi = 45 * time.Second
	// essaisMax spreads over about 20 hours; after them the failure is shown to
	// people, who may replay it.
	essaisMax = 12
	// texteSMS bounds a text message, in characters: five parts of 153.
	texteSMS = 765
	// lot is how many messages one claim takes, sent side by side.
	lot = 8
)

// Kinds of failure that are ours, beside those of the senders.
const (
	erreurPerime    = "perime"
	erreurIllisible = "contenu_illisible"
)

// backoff is the wait after so many tries: 30 s, 1 min, 2 min… 6 h at most.
func backoff(essais int) time.Duration {
	d := 30 * time.Second
	for i := 1; i < essais && d < 6*time.Hour; i++ {
		d *= 2
	}
	return min(d, 6*time.Hour)
}

// check refuses what could not be sent or what would write its own headers.
func (m Message) check() error {
	switch {
	case m.Cle == "" || m.Genre == "":
		return fmt.Errorf("message %q without a key or a kind", m.Genre)
	case strings.Contains(m.Cle, "@"):
		return fmt.Errorf("message %s: the key holds an address", m.Genre)
	case strings.TrimSpace(m.Sujet) == "" && !m.sms() || strings.TrimSpace(m.Texte) == "":
		return fmt.Errorf("message %s: empty subject or text", m.Genre)
	case m.sms() && m.Sujet != "":
		return fmt.Errorf("message %s: a text message has no subject", m.Genre)
	case m.sms() && utf8.RuneCountInString(m.Texte) > texteSMS:
		return fmt.Errorf("message %s: longer than %d characters", m.Genre, texteSMS)
	case strings.ContainsFunc(m.Sujet, isControl):
		return fmt.Errorf("message %s: the subject holds a control character", m.Genre)
	case strings.ContainsFunc(m.Texte, func(r rune) bool { return isControl(r) && r != '\n' && r != '\t' }):
		return fmt.Errorf("message %s: the text holds a control character", m.Genre)
	case m.sms() && !reE164.MatchString(m.Destinataire):
		return fmt.Errorf("message %s: the recipient is not a number in E.164 form", m.Genre)
	case !m.sms() && !bareAddress(m.Destinataire):
		return fmt.Errorf("message %s: the recipient is not one bare address", m.Genre)
	}
	return nil
}

// sms tells whether the message is a text message.
func (m Message) sms() bool { return strings.HasPrefix(m.Genre, "S-") }

func isControl(r rune) bool { return r < 0x20 || r == 0x7f || r == 0x2028 || r == 0x2029 }

// bareAddress tells whether s is local@domain and nothing else: no name, no
// list, no comment, nothing that could add a recipient or a header.
func bareAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && !strings.ContainsFunc(s, isControl) && !strings.ContainsAny(s, " <>,;\"")
}

// domain is what follows the @, in lower case.
func domain(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
