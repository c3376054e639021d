// Package ident holds the typed identifiers that floors and slices share, so
// that a mandat's identifier cannot be passed where an usager's is expected.
//
// An identifier is a UUIDv7 made by the program (RFC 9562 §5.7): time-ordered,
// opaque, safe in a URL. Dossiers use 128 random bits instead (mandats 3.4).
package ident

import (
	"bytes"
	"crypto/rand"
	"database/sql/driver"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
)

// ID is an identifier of the things of kind K.
type ID[K any] struct{ u uuid.UUID }

type (
	kindAidant       struct{}
	kindOrganisation struct{}
	kindUsager       struct{}
	kindIdentite     struct{}
	kindMandat       struct{}
	kindAutorisation struct{}
	kindSession      struct{}
	kindFacteur      struct{}
	kindDossier      struct{}
	kindOperation    struct{}
	kindLigne        struct{}
	kindMessage      struct{}
	kindCarte        struct{}
	kindDefi         struct{}
	kindRattachement struct{}
	kindCoreferent   struct{}
	kindCorrection   struct{}
	kindAppareil     struct{}
	kindPiece        struct{}
	kindDemande      struct{}
)

// The identifiers of the domain. A DossierID is random, not time-ordered.
// An OperationID groups what one act did; it is what the journal and the
// records of use share.
type (
	AidantID       = ID[kindAidant]
	OrganisationID = ID[kindOrganisation]
	UsagerID       = ID[kindUsager]
	IdentiteID     = ID[kindIdentite]
	MandatID       = ID[kindMandat]
	AutorisationID = ID[kindAutorisation]
	SessionID      = ID[kindSession]
	FacteurID      = ID[kindFacteur]
	DossierID      = ID[kindDossier]
	OperationID    = ID[kindOperation]
	LigneID        = ID[kindLigne]
	MessageID      = ID[kindMessage]
	CarteID        = ID[kindCarte] // a card of the stock, not a factor
	DefiID         = ID[kindDefi]  // a WebAuthn challenge; random

	// Requests: never taken for the people they are about (A-W3).
	RattachementID = ID[kindRattachement]
	CoreferentID   = ID[kindCoreferent]
	CorrectionID   = ID[kindCorrection]
	AppareilID     = ID[kindAppareil] // a browser known to an account
	PieceID        = ID[kindPiece]
	DemandeID      = ID[kindDemande]
)

// New makes a time-ordered identifier: ident.New[ident.MandatID]().
func New[T ID[K], K any]() T {
	return T(ID[K]{uuid.Must(uuid.NewV7())})
}

// NewRandom makes an identifier of 128 random bits that tells nothing of when
// it was made (mandats 3.4, M-W11).
func NewRandom[T ID[K], K any]() T {
	var u uuid.UUID
	_, _ = rand.Read(u[:]) // never fails (crypto/rand)
	return T(ID[K]{u})
}

// Parse reads the 36-character form; ok is false for anything else.
func Parse[T ID[K], K any](s string) (id T, ok bool) {
	if len(s) != 36 {
		return id, false
	}
	u, err := uuid.Parse(s)
	if err != nil || u == uuid.Nil {
		return id, false
	}
	return T(ID[K]{u}), true
}

// IsZero tells whether the identifier is absent.
func (i ID[K]) IsZero() bool { return i.u == uuid.Nil }

// String gives the 36-character form, "" for the zero identifier.
func (i ID[K]) String() string {
	if i.IsZero() {
		return ""
	}
	return i.u.String()
}

// AppendText implements encoding.TextAppender: String, without a copy.
func (i ID[K]) AppendText(b []byte) ([]byte, error) {
	if i.IsZero() {
		return b, nil
	}
	u := i.u
	b = hex.AppendEncode(b, u[:4])
	b = hex.AppendEncode(append(b, '-'), u[4:6])
	b = hex.AppendEncode(append(b, '-'), u[6:8])
	b = hex.AppendEncode(append(b, '-'), u[8:10])
	return hex.AppendEncode(append(b, '-'), u[10:]), nil
}

// Compare orders identifiers as their texts: those of New, by time.
func (i ID[K]) Compare(other ID[K]) int { return bytes.Compare(i.u[:], other.u[:]) }

// MarshalText implements encoding.TextMarshaler (JSON).
func (i ID[K]) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; empty text is the zero identifier.
func (i *ID[K]) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		i.u = uuid.Nil
		return nil
	}
	u, err := uuid.ParseBytes(b)
	if err != nil {
		return fmt.Errorf("parse identifier: %w", err)
	}
	i.u = u
	return nil
}

// Value implements driver.Valuer; the zero identifier is NULL.
func (i ID[K]) Value() (driver.Value, error) {
	if i.IsZero() {
		return nil, nil
	}
	return i.u.String(), nil
}

// Scan implements sql.Scanner; NULL is the zero identifier.
func (i *ID[K]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		i.u = uuid.Nil
		return nil
	case string:
		return i.UnmarshalText([]byte(v))
	case []byte:
		if len(v) == 16 {
			copy(i.u[:], v)
			return nil
		}
		return i.UnmarshalText(v)
	case [16]byte:
		i.u = v
		return nil
	}
	return fmt.Errorf("scan identifier: unexpected %T", src)
}
