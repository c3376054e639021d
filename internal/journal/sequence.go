package journal

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	lotMax       = 1000 // lines numbered in one transaction
	bailNom      = "journal"
	bailDuree    = 30 * time.Second
	essaisCourse = 3
)

// ErrAltere says that what the database holds is not what was signed: nothing
// is added to such a journal. Verify tells where.
var ErrAltere = errors.New("the journal has been altered")

// errCourse says that another sequencer numbered the same rank or line.
var errCourse = errors.New("another sequencer was first")

// Sequence numbers the committed lines that wait, extends the tree and stores
// one signed checkpoint per batch. It tells how many lines it numbered: none
// when none waits, or when another process holds the lease.
//
// It runs READ COMMITTED: serializable, its reading of the queue would make
// PostgreSQL refuse acts that append to it. What isolation does not give, the
// keys give: every insert must insert all its rows, else the batch is undone.
// So the lease only saves work; two sequencers cannot number twice.
func (j *Journal) Sequence(ctx context.Context) (n int, err error) {
	waiting, err := j.Waiting(ctx)
	if err != nil || !waiting {
		return 0, err
	}
	mine, err := j.db.Lease(ctx, bailNom, j.porteur, bailDuree)
	if err != nil || !mine {
		return 0, err
	}
	defer func() {
		// Given back even when the work was cancelled, so that the next does not wait.
		err = errors.Join(err, j.db.Release(context.WithoutCancel(ctx), bailNom, j.porteur))
	}()
	for {
		k, err := j.sequenceLot(ctx)
		n += k
		if err != nil || k < lotMax {
			return n, err
		}
		if mine, err := j.db.Lease(ctx, bailNom, j.porteur, bailDuree); err != nil || !mine {
			return n, err
		}
	}
}

// sequenceLot numbers one batch, again if another sequencer was first.
func (j *Journal) sequenceLot(ctx context.Context) (n int, err error) {
	for range essaisCourse {
		n, err = j.tryLot(ctx)
		if !errors.Is(err, errCourse) {
			break
		}
	}
	if errors.Is(err, errCourse) {
		return 0, nil // the other one does the work
	}
	return n, err
}

func (j *Journal) tryLot(ctx context.Context) (n int, err error) {
	keys, err := j.signers()
	if err != nil {
		return 0, err
	}
	err = j.db.UpdateReadCommitted(ctx, func(tx *db.Tx) error {
		n = 0
		a, err := loadArbre(ctx, tx)
		if err != nil {
			return err
		}
		lot, err := selectAttente(ctx, tx, lotMax)
		if err != nil || len(lot) == 0 {
			return err
		}
		if err := j.extend(ctx, tx, a, lot, keys); err != nil {
			return err
		}
		n = len(lot)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sequence journal: %w", err)
	}
	return n, nil
}

// transition is how long a key that was replaced signs beside the new one, so
// that whoever follows the journal and knows the former key learns the new one
// from it, and need not believe a list.
const transition = 30 * 24 * time.Hour

// signers are the key of the journal and those it replaced lately.
func (j *Journal) signers() ([]crypto.Signer, error) {
	key, err := j.cles.Current(cle.Journal)
	if err != nil {
		return nil, err
	}
	out := []crypto.Signer{key.Signer}
	for _, k := range j.cles.All() {
		if k.Usage == cle.Journal && k.Etat == cle.Retiree && j.db.Now().Time().Before(k.DateRetrait.Add(transition)) {
			out = append(out, k.Signer)
		}
	}
	return out, nil
}

// attente is one waiting line.
type attente struct {
	id     ident.LigneID
	entree []byte
}

// extend inserts the ranks, the nodes and the checkpoint of one batch.
func (j *Journal) extend(ctx context.Context, tx *db.Tx, a *arbre, lot []attente, keys []crypto.Signer) error {
	rang, indice := a.taille, tlog.StoredHashCount(a.taille)
	var noeuds []tlog.Hash
	for _, l := range lot {
		noeuds = append(noeuds, a.add(l.entree)...)
	}
	if err := insertRangs(ctx, tx, rang, lot); err != nil {
		return err
	}
	if err := insertNoeuds(ctx, tx, indice, noeuds); err != nil {
		return err
	}
	racine := a.racine()
	msg, err := signPoint(textePoint(j.origine, a.taille, racine), j.origine, keys)
	if err != nil {
		return err
	}
	if err := insertPoint(ctx, tx, a.taille, racine, msg); err != nil {
		return err
	}
	return deleteAttente(ctx, tx, lot)
}

// loadArbre reads the right edge of the tree and checks that it is what the
// last checkpoint signed: a tree cut, or lengthened by another hand, is not
// extended.
func loadArbre(ctx context.Context, tx *db.Tx) (*arbre, error) {
	taille, racine, next, err := readTete(ctx, tx)
	if err != nil {
		return nil, err
	}
	if next != taille {
		return nil, fmt.Errorf("%w: %d ranks, and a last checkpoint of %d", ErrAltere, next, taille)
	}
	a := &arbre{taille: taille}
	if taille == 0 {
		return a, nil
	}
	if a.pics, err = readNoeuds(ctx, tx, indicesPics(taille)); err != nil {
		return nil, err
	}
	if a.racine() != racine {
		return nil, fmt.Errorf("%w: the stored tree of %d leaves is not the one signed", ErrAltere, taille)
	}
	return a, nil
}

// Noeuds reads the stored hashes of the tree, to make proofs with tlog.
func Noeuds(ctx context.Context, tx *db.Tx) tlog.HashReader {
	return tlog.HashReaderFunc(func(indices []int64) ([]tlog.Hash, error) { return readNoeuds(ctx, tx, indices) })
}

// Waiting tells cheaply whether a line waits for its rank.
func (j *Journal) Waiting(ctx context.Context) (yes bool, err error) {
	err = j.db.View(ctx, func(tx *db.Tx) error {
		yes, err = hasAttente(ctx, tx)
		return err
	})
	return yes, err
}
