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
	if err := v.run(ctx, tx); err != nil {
		return Report{}, err
	}
	return v.conclude()
}
