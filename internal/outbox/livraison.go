package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// Config is what the outbox needs from outside.
type Config struct {
	DB         *db.DB
	Box        *secret.Box // the fields key
	Expediteur Expediteur
	De         string // "Aidants Connect <connexion@exemple.fr>"
	Hote       string // right side of Message-ID: the host of the public origin
	// SMS sends the text messages; nil when there is no provider.
	SMS        ExpediteurSMS
	PlafondSMS int // text messages per 24 hours
	Log        *slog.Logger
	// Mesure is told how each try ended: the channel, and one of Issues. May be nil.
	Mesure func(canal, issue string)
}

// Outbox queues messages and delivers them.
type Outbox struct {
	Config
	poke chan struct{}
}

// New checks the configuration.
func New(c Config) (*Outbox, error) {
	if c.Expediteur == nil || c.Box == nil || c.Hote == "" {
		return nil, errors.New("outbox: no sender, no key or no host")
	}
	if c.SMS != nil && c.PlafondSMS < 1 {
		return nil, errors.New("outbox: text messages without a ceiling")
	}
	if _, err := mail.ParseAddress(c.De); err != nil {
		return nil, fmt.Errorf("outbox: sender's address: %w", err)
	}
	c.Hote, _, _ = strings.Cut(c.Hote, ":")
	return &Outbox{Config: c, poke: make(chan struct{}, 1)}, nil
}

// Queue writes a message in the transaction of the act. A key that is already
// there changes nothing: acts are re-runnable.
func (o *Outbox) Queue(ctx context.Context, tx *db.Tx, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	id := ident.New[ident.MessageID]()
	s := sealed{ID: id, Genre: m.Genre, Canal: canalCourriel, Peremption: m.Peremption}
	if m.sms() {
		s.Canal = canalSMS
		if err := o.admitSMS(ctx, tx); err != nil {
			return err
		}
	}
	for column, to := range map[string]*[]byte{"destinataire": &s.Destinataire, "sujet": &s.Sujet, "texte": &s.Texte} {
		plain := map[string]string{"destinataire": m.Destinataire, "sujet": m.Sujet, "texte": m.Texte}[column]
		var err error
		if *to, err = o.Box.Seal([]byte(plain), place(id, column)); err != nil {
			return fmt.Errorf("seal message: %w", err)
		}
	}
	return insert(ctx, tx, m.Cle, s)
}

// place is the context under which a field is sealed: a value copied to
// another row or column no longer opens.
func place(id ident.MessageID, column string) string { return "message/" + id.String() + "/" + column }

// Poke asks Run to deliver now. Call it after the commit of an act that queued
// something a person waits for; it never blocks.
func (o *Outbox) Poke() {
	select {
	case o.poke <- struct{}{}:
	default: // one is already asked for
	}
}

// Run delivers each time it is poked, until ctx ends. What is left, and what
// other nodes left, is for the task that calls Deliver every ten seconds.
func (o *Outbox) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.poke:
			if _, err := o.Deliver(ctx); err != nil && ctx.Err() == nil {
				o.Log.ErrorContext(ctx, "deliver messages", "error", err)
			}
		}
	}
}

// Deliver sends everything that is due and counts what left. A message that
// fails is recorded, not returned: the error is the database's.
func (o *Outbox) Deliver(ctx context.Context) (int, error) {
	total := 0
	for ctx.Err() == nil {
		porteur := secret.NewToken().Reveal()
		var batch []sealed
		var now db.Time
		err := o.DB.UpdateReadCommitted(ctx, func(tx *db.Tx) (err error) {
			now = tx.Now
			batch, err = claim(ctx, tx, porteur, tx.Now.Add(bail), lot)
			return err
		})
		if err != nil || len(batch) == 0 {
			return total, err
		}
		n, err := o.sendBatch(ctx, porteur, now, batch)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// sendBatch sends side by side, so that one slow server delays only itself.
// What is claimed is finished even when the program is asked to stop.
func (o *Outbox) sendBatch(ctx context.Context, porteur string, now db.Time, batch []sealed) (int, error) {
	ctx = context.WithoutCancel(ctx)
	var wg sync.WaitGroup
	var sent atomic.Int64
	errs := make([]error, len(batch))
	for i, m := range batch {
		wg.Go(func() {
			reference, failure := o.sendOne(ctx, now, m)
			if failure == nil {
				sent.Add(1)
			}
			errs[i] = o.record(ctx, porteur, m, outcome{reference, failure})
		})
	}
	wg.Wait()
	return int(sent.Load()), errors.Join(errs...)
}

// sendOne opens a message and hands it to the sender.
func (o *Outbox) sendOne(ctx context.Context, now db.Time, m sealed) (reference string, failure *Echec) {
	if !m.Peremption.IsZero() && !now.Before(m.Peremption) {
		return "", &Echec{Nature: erreurPerime, Definitif: true}
	}
	c, err := o.open(m)
	if err != nil {
		return "", &Echec{Nature: erreurIllisible, Definitif: true}
	}
	reference, err = o.hand(ctx, m, c)
	if err == nil {
		return reference, nil
	}
	if e, ok := errors.AsType[*Echec](err); ok {
		return "", e
	}
	return "", &Echec{Nature: "interne"}
}

// hand gives a message to the sender of its channel.
func (o *Outbox) hand(ctx context.Context, m sealed, c Courriel) (reference string, err error) {
	ctx, cancel := context.WithTimeout(ctx, delaiEnvoi)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			o.Log.ErrorContext(ctx, "sender panicked", "message", m.ID.String(), "stack", string(debug.Stack()))
			err = &Echec{Nature: "interne", Incertain: true}
		}
	}()
	switch {
	case m.Canal != canalSMS:
		return "", o.Expediteur.Envoyer(ctx, c)
	case o.SMS == nil:
		return "", &Echec{Nature: erreurSansSMS}
	default:
		return o.SMS.EnvoyerSMS(ctx, SMS{ID: m.ID.String(), A: c.A, Texte: c.Texte, Date: c.Date})
	}
}

// open makes the e-mail of a row.
func (o *Outbox) open(m sealed) (c Courriel, err error) {
	plain := map[string]string{}
	for column, b := range map[string][]byte{"destinataire": m.Destinataire, "sujet": m.Sujet, "texte": m.Texte} {
		p, err := o.Box.Open(b, place(m.ID, column))
		if err != nil {
			return c, err
		}
		plain[column] = string(p)
	}
	return Courriel{
		ID: m.ID.String() + "@" + o.Hote, De: o.De, A: plain["destinataire"],
		Sujet: plain["sujet"], Texte: plain["texte"], HTML: twin(plain["sujet"], plain["texte"]),
		Date: m.DateCreation.Time(),
	}, nil
}

// Canaux and Issues are the words by which Mesure is told: sent, put back to
// try again, given up.
var (
	Canaux = []string{canalCourriel, canalSMS}
	Issues = []string{"envoye", "en_file", "echec"}
)

// outcome is how one try ended.
type outcome struct {
	reference string
	failure   *Echec
}

// record writes how a try ended and logs what did not leave.
func (o *Outbox) record(ctx context.Context, porteur string, m sealed, out outcome) error {
	failure := out.failure
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	statut := "envoye"
	err := o.DB.UpdateReadCommitted(ctx, func(tx *db.Tx) error {
		switch {
		case failure == nil:
			return finish(ctx, tx, m.ID, porteur, issue{statut: "envoye", reference: out.reference})
		case failure.Definitif || m.Essais >= essaisMax:
			statut = "echec"
			return finish(ctx, tx, m.ID, porteur, issue{statut: "echec", erreur: failure.Nature})
		default:
			statut = "en_file"
			return postpone(ctx, tx, m.ID, porteur, failure, tx.Now.Add(backoff(m.Essais)))
		}
	})
	if err == nil && o.Mesure != nil {
		o.Mesure(m.Canal, statut)
	}
	if failure != nil {
		o.Log.WarnContext(ctx, "message not sent", "message", m.ID.String(), "genre", m.Genre,
			"nature", failure.Nature, "code", failure.Code, "essai", m.Essais, "statut", statut)
	}
	return err
}

// Replay puts a message that was given up back in the queue.
func (o *Outbox) Replay(ctx context.Context, tx *db.Tx, id ident.MessageID) error {
	ok, err := replay(ctx, tx, id)
	if err == nil && !ok {
		return fault.New(fault.Conflict, "message_non_rejouable")
	}
	return err
}

// Erase forgets the content of messages that ended before a time, 90 days ago
// in the retention task (comptes.md T-24), and counts them.
func (o *Outbox) Erase(ctx context.Context, before db.Time) (n int, err error) {
	err = o.DB.UpdateReadCommitted(ctx, func(tx *db.Tx) (err error) {
		n, err = erase(ctx, tx, before)
		return err
	})
	return n, err
}

// Status reads the state of the queue.
func (o *Outbox) Status(ctx context.Context) (f File, err error) {
	err = o.DB.View(ctx, func(tx *db.Tx) (err error) {
		f, err = o.Count(ctx, tx)
		return err
	})
	return f, err
}

// Count is Status within a transaction.
func (o *Outbox) Count(ctx context.Context, tx *db.Tx) (File, error) {
	f, err := readQueue(ctx, tx)
	if err != nil {
		return f, err
	}
	f.PlafondSMS = o.PlafondSMS
	f.SMS, err = countSMS(ctx, tx, tx.Now.Add(-fenetreTextes))
	return f, err
}

// Waiting tells whether anything is due, for the schedule's Utile.
func (o *Outbox) Waiting(ctx context.Context) (bool, error) {
	var n int
	err := o.DB.View(ctx, func(tx *db.Tx) (err error) {
		n, err = countDue(ctx, tx)
		return err
	})
	return n > 0, err
}
