// Package croissance measures how the pages of a structure grow with what the
// service holds: the same pages, on a thousand mandats and on a million. It also
// closes a structure of thousands of mandats, signed through the acts, and kills
// the process in the middle (Fermer).
//
// Nobody signs a million mandats one after the other. A few people, the
// modèles, are helped through the acts themselves: received, signed with,
// renewed, revoked, left to expire. What each of those acts wrote, in every
// table, is then read and written again for as many others as asked, with
// other identifiers, names, structures and dates: a row that an act writes is
// a row that the loader writes, because it is the same one. Two things are not
// true of the copies: the seals (signatures, encrypted texts, journal entries)
// are those of the modèle, so that nothing verifies and the journal says so; and
// bytes longer than 256 are cut, which no list reads.
//
// It owns no table and serves no URL: mesures runs it (make bench-grand).
package croissance

import (
	"fmt"
	"time"

	"aidantsconnect/internal/ident"
)

// Structure is where people are helped, and who helps them.
type Structure struct {
	ID     ident.OrganisationID
	Aidant ident.AidantID
}

// Genre is what became of the mandats of a person.
type Genre string

// The kinds of people.
const (
	Actif     Genre = "actif"
	Bientot   Genre = "bientot" // ends in less than 30 days
	Partiel   Genre = "partiel" // one démarche of two was revoked
	Expire    Genre = "expire"
	Renouvele Genre = "renouvele" // two mandats, the second in place of the first
	Revoque   Genre = "revoque"
	Ancien    Genre = "ancien" // ended for more than a year: in no list
)

// Commun is what a structure at work holds; Vieux is one that has known many
// more people than it helps today.
var (
	Commun = []Genre{Actif, Expire, Actif, Renouvele, Bientot, Actif, Expire, Revoque, Partiel, Ancien}
	Vieux  = []Genre{Ancien}
)

// Mandats is how many mandats a person of this kind has.
func (g Genre) Mandats() int {
	if g == Renouvele {
		return 2
	}
	return 1
}

// Lot is one load: people of these kinds, in turn, in one structure.
type Lot struct {
	Structure Structure
	Genres    []Genre
	Premier   int // number of the first person: two loads share none
	Personnes int
}

// Temps is what a page took.
type Temps struct {
	Page   string  `json:"page"`
	P50    float64 `json:"p50_ms"`
	Min    float64 `json:"min_ms"`
	Max    float64 `json:"max_ms"`
	Octets int     `json:"octets"`
}

// Rapport is how many times longer the last is than the first: of the shortest
// times, which other programs of the machine disturb least.
func Rapport(premier, dernier Temps) string {
	if premier.Min == 0 {
		return ""
	}
	return fmt.Sprintf("× %.1f", dernier.Min/premier.Min)
}

// decalage is the most that the dates of a copy move: no state changes by it.
const decalage = 20 * 24 * time.Hour
