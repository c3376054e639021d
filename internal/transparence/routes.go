package transparence

import (
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/horodatage"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/web"
)

// Addresses of the package.
const (
	CheminJournal = "/journal/"
	cheminRecu    = "/journal/recu/"
	cheminLigne   = "/journal/ligne/"
	cheminTemoin  = "/temoin/add-checkpoint"
)

// Handlers publishes the journal.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Site    web.Site
	// Temoins countersign our journal. With some, what is published is the last
	// checkpoint that they all countersigned, or, when that is older than
	// patience, the last one: the journal does not stop because a witness did.
	Temoins []Temoin
	// Rythme is the time between two publications; zero: as lines are numbered.
	Rythme time.Duration
	// Temoin countersigns the journals of others; nil: we are nobody's witness.
	Temoin *Cosignataire
	Clock  func() time.Time
	// Horodatage is who dates our checkpoints; nil: nobody.
	Horodatage *horodatage.Autorite
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Visiteur("GET "+CheminJournal, h.page)
	m.Visiteur("GET "+cheminRecu, h.receiptPage)
	m.Visiteur("GET "+cheminLigne+"{numero}/{entree}", h.codePage)
	m.Public("POST "+cheminRecu, web.Limit(h.checkReceipt, 60))
	m.Public("GET /journal/checkpoint", h.checkpoint)
	m.Public("GET /journal/cles", h.keys)
	m.Public("GET /journal/tile/{tuile...}", h.tile)
	m.Public("GET /journal/preuve/inclusion", web.Limit(h.inclusion, 600))
	m.Public("GET /journal/preuve/coherence", web.Limit(h.consistency, 600))
	m.Public("GET /journal/horodatage/{taille}/reponse.tsr", h.dateAnswer)
	m.Public("GET /journal/horodatage/{taille}/point.txt", h.datePoint)
	if h.Temoin != nil {
		m.Machine("POST "+cheminTemoin, web.Limit(h.addCheckpoint, 600))
	}
}
