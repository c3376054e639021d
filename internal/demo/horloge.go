package demo

import (
	"sync"
	"time"
)

// Horloge is the demo's clock: it may be set in the past while the seeds are
// laid, then follows the machine's. The whole program reads it, so that what
// the seeds conclude is dated as it would have been.
type Horloge struct {
	machine func() time.Time
	mu      sync.Mutex
	fixe    time.Time // zero: the machine's time
}

// NewHorloge follows the machine's clock.
func NewHorloge(machine func() time.Time) *Horloge { return &Horloge{machine: machine} }

// Now gives the time of the demo.
func (h *Horloge) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fixe.IsZero() {
		return h.machine()
	}
	return h.fixe
}

// Fixer stops the clock at an instant.
func (h *Horloge) Fixer(t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fixe = t
}

// Avancer moves a stopped clock forward.
func (h *Horloge) Avancer(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fixe = h.fixe.Add(d)
}

// Rendre gives the clock back to the machine.
func (h *Horloge) Rendre() { h.Fixer(time.Time{}) }
