package journal

import (
	"context"
	"crypto"
	"errors"
	"fmt"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// Journal appends to the journal and keeps it. It is safe for concurrent use.
type Journal struct {
	db      *db.DB
	cles    *cle.Trousseau
	origine string
	key     secret.Key  // digests of people and sessions
	box     *secret.Box // seals the pseudonym keys
	porteur string      // who we are, for the sequencer's lease
	connus  connus
}

// ErrOrigine says that the database holds the journal of another origin. A log
// that changed its name would be another log for all who follow it.
var ErrOrigine = errors.New("the journal of this database has another origin")

// Open opens the journal of that origin ("aidants.exemple.fr/journal"), which
// is fixed for ever at the first start. pseudonyms is the key of that purpose
// alone: losing it makes every line unattributable.
func Open(ctx context.Context, d *db.DB, pseudonyms secret.Key, t *cle.Trousseau, origine string) (*Journal, error) {
	if err := checkOrigine(origine); err != nil {
		return nil, err
	}
	if pseudonyms.IsZero() {
		return nil, fmt.Errorf("journal pseudonyms: %w", secret.ErrWeakKey)
	}
	// The sealing key is derived, so that no key both seals and digests.
	sealing, err := secret.NewKey(pseudonyms.Digest("journal.boite", ""))
	if err != nil {
		return nil, fmt.Errorf("derive the sealing key: %w", err)
	}
	box, err := secret.NewBox(sealing)
	if err != nil {
		return nil, err
	}
	j := &Journal{
		db: d, cles: t, origine: origine, key: pseudonyms, box: box,
		porteur: ident.New[ident.OperationID]().String(),
	}
	var known string
	err = d.View(ctx, func(tx *db.Tx) (err error) { known, err = readOrigine(ctx, tx); return err })
	if err == nil && known == "" {
		err = d.Update(ctx, func(tx *db.Tx) (err error) { known, err = fixOrigine(ctx, tx, origine); return err })
	}
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	if known != origine {
		return nil, fmt.Errorf("%w: %q, and not %q", ErrOrigine, known, origine)
	}
	return j, nil
}

// Origine is the name of the log.
func (j *Journal) Origine() string { return j.origine }

// publicKeys are those that signed, or sign, checkpoints.
func (j *Journal) publicKeys() []crypto.PublicKey {
	var out []crypto.PublicKey
	for _, k := range j.cles.Published(cle.Journal) {
		out = append(out, k.Public)
	}
	return out
}
