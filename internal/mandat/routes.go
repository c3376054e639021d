package mandat

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
)

// Handlers serves the pages of signed mandats.
type Handlers struct {
	DB     *db.DB
	Site   web.Site
	Greffe *Greffe

	// Consultations, lent by attestation, tells how often the verification page
	// of a mandat was read; nil: nothing is told.
	Consultations func(ctx context.Context, tx *db.Tx, id ident.MandatID) ([]Consultation, error)

	// Preuve, lent by transparence, draws the proof that the signature is in the
	// journal; nil: none is printed.
	Preuve func(ctx context.Context, tx *db.Tx, id ident.MandatID) (templ.Component, error)
}

// ConsultationsMax is how many of them the page shows.
const ConsultationsMax = 50

// Consultation is how often the verification page of a mandat was read within
// one minute, and what was asked there.
type Consultation struct {
	Date   time.Time
	Objet  string // "Page lue"
	Nombre int
}

// CheminFinal leads to a mandat just signed, CheminMandats to the others.
const (
	CheminFinal   = "/espace-aidant/creation_mandat/visualisation/final/"
	CheminMandats = "/espace-aidant/mandats/"
	// CheminVerifier is the public page where anybody checks a mandat by its
	// code; attestation serves it, and it is printed on every mandat.
	CheminVerifier = "/verifier/"
)

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Aidant("GET "+CheminFinal+"{mandat}", h.showFinal)
	m.Aidant("GET "+CheminMandats+"{mandat}/visualisation", h.showMandat)
}
