package db

import (
	"context"

	"aidantsconnect/internal/fault"
)

// tour lets the serializable acts of this process run side by side, and one
// that was refused run again alone. PostgreSQL refuses acts that read and wrote
// the same pages of an index, even about people who have nothing in common: in
// a small table, side by side, they could refuse each other five times in a
// row. Acts of other nodes still cross it: hence the tries.
type tour struct {
	porte  chan struct{} // held while entering, and by the one who is alone
	places chan struct{} // one for each act that runs, all for the one alone
}

func newTour(n int) *tour { return &tour{make(chan struct{}, 1), make(chan struct{}, n)} }

// enter waits for its turn, for as long as for a connection; leave gives it back.
func (t *tour) enter(ctx context.Context, alone bool) (leave func(), err error) {
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	taken := 0
	free := func() {
		for range taken {
			<-t.places
		}
	}
	need := 1
	if alone {
		need = cap(t.places)
	}
	if !take(wait, t.porte) {
		return nil, late(ctx)
	}
	for taken < need {
		if !take(wait, t.places) {
			free()
			<-t.porte
			return nil, late(ctx)
		}
		taken++
	}
	if alone {
		return func() { free(); <-t.porte }, nil
	}
	<-t.porte
	return free, nil
}

func take(ctx context.Context, c chan struct{}) bool {
	select {
	case c <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// late is the caller's own end, or too long a queue.
func late(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return fault.New(fault.Unavailable, "base_occupee")
}
