package transparence

import (
	"context"

	"aidantsconnect/internal/db"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// What the tests look at from outside.
const (
	CheminRecu   = cheminRecu
	CheminTemoin = cheminTemoin
	MaxAjout     = maxAjout
	Patience     = patience
)

var (
	Read             = read
	ReadTemoin       = readTemoin
	CheckDatesWithin = checkDates
)

// Preuve is a proof as it is published.
type Preuve = preuve

// Head is the checkpoint shown; Last the last one, countersigned or not.
func (h *Handlers) Head(ctx context.Context, tx *db.Tx) (Point, error) { return h.published(ctx, tx) }

func (h *Handlers) Last(ctx context.Context, tx *db.Tx) (Point, error) {
	return lastPoint(ctx, tx, 0, db.Time{})
}

func (h *Handlers) GrowthSince(ctx context.Context, size int64) (Point, tlog.TreeProof, error) {
	return h.growthSince(ctx, size)
}

// Ed25519Key writes a witness's key as the plain key it is.
func Ed25519Key(vkey string) (string, error) {
	c, err := parseCosignataire(vkey)
	if err != nil {
		return "", err
	}
	return note.NewEd25519VerifierKey(c.name, c.pub)
}

// Vkey is the key of a witness of ours.
func (t Temoin) Vkey() string { return t.cle.vkey() }

// Seen and SetSeen read and change what a monitor saw last.
func (s Suivi) Seen() (string, error) { v, err := s.load(); return v.Point, err }

func (s Suivi) SetSeen(point string) error {
	v, err := s.load()
	if err != nil {
		return err
	}
	v.Point = point
	return s.save(v)
}
