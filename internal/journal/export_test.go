package journal

import (
	"context"
	"errors"

	"aidantsconnect/internal/db"
)

// SequenceWithoutLease is what a sequencer does that believes it holds the
// lease: tests race two of them.
func (j *Journal) SequenceWithoutLease(ctx context.Context) (n int, lost bool, err error) {
	n, err = j.tryLot(ctx)
	if errors.Is(err, errCourse) {
		return 0, true, nil
	}
	return n, false, err
}

// VerifyWithin is Verify in the caller's transaction, which tests undo.
func (j *Journal) VerifyWithin(ctx context.Context, tx *db.Tx) (Report, error) {
	v, err := newVerification(j.origine, j.publicKeys(), nil)
	if err != nil {
		return Report{}, err
	}
	if err := v.run(ctx, tx, nil); err != nil {
		return Report{}, err
	}
	return v.conclude()
}

// PagePacked reads ranks in the two ways that a verification has. packed is
// false when the quick one gave up.
func PagePacked(ctx context.Context, tx *db.Tx, premier, dernier int64) (quick, slow any, packed bool, err error) {
	page, packed, err := selectRangsSerres(ctx, tx, nil, premier, dernier)
	if err == nil && packed {
		packed, err = fillLignes(ctx, tx, page, mots{})
	}
	if err != nil {
		return nil, nil, false, err
	}
	columns, err := selectRangsEpars(ctx, tx, premier, dernier)
	return page, columns, packed, err
}
