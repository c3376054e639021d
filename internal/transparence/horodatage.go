package transparence

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/horodatage"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/web"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// What a timestamp authority dates is the checkpoint as we signed it, note and
// signature: whoever stole the key later cannot have signed it then.

// datee is a checkpoint with its certified date.
type datee struct {
	Point
	reponse  []byte
	Instant  db.Time
	Autorite string
}

// Date has the last checkpoint dated by the authority, if there is one and it
// is not done yet; it tells how many were.
func (h *Handlers) Date(ctx context.Context) (n int, err error) {
	if h.Horodatage == nil {
		return 0, nil
	}
	var p Point
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if p, err = lastPoint(ctx, tx, 0, h.until(tx)); err != nil {
			return err
		}
		d, err := lastDate(ctx, tx)
		if d.Taille == p.Taille {
			p = Point{}
		}
		return err
	})
	if err != nil || p.Taille == 0 {
		return 0, err
	}
	reponse, d, err := h.Horodatage.Ask(ctx, sha256.Sum256([]byte(p.Note)))
	if err != nil {
		return 0, fmt.Errorf("have checkpoint %d dated: %w", p.Taille, err)
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		return insertDate(ctx, tx, datee{Point: p, reponse: reponse, Instant: db.At(d.Instant), Autorite: d.Autorite})
	})
	return 1, err
}

// LastDate gives the last certified date; zero when there is none.
func (h *Handlers) LastDate(ctx context.Context) (at db.Time, autorite string, err error) {
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		d, err := lastDate(ctx, tx)
		at, autorite = d.Instant, d.Autorite
		return err
	})
	return at, autorite, err
}

// CheckDates verifies every certified date that the database holds against its
// checkpoint, with nothing but the trusted certificates. It gives how many there
// are, and the sizes of those that do not hold.
func CheckDates(ctx context.Context, d *db.DB, racines *x509.CertPool) (n int, fausses []int64, err error) {
	err = d.View(ctx, func(tx *db.Tx) error {
		n, fausses, err = checkDates(ctx, tx, racines)
		return err
	})
	return n, fausses, err
}

func checkDates(ctx context.Context, tx *db.Tx, racines *x509.CertPool) (n int, fausses []int64, err error) {
	for last := int64(0); ; {
		page, err := datesAfter(ctx, tx, last)
		if err != nil || len(page) == 0 {
			return n, fausses, err
		}
		for _, one := range page {
			n, last = n+1, one.Taille
			if racines == nil {
				continue
			}
			got, err := horodatage.Verify(one.reponse, sha256.Sum256([]byte(one.Note)), racines)
			if err != nil || db.At(got.Instant) != one.Instant || got.Autorite != one.Autorite {
				fausses = append(fausses, one.Taille)
			}
		}
	}
}

// RecuDate is, in a receipt, the proof of the line in a checkpoint that an
// authority dated: the line existed by then.
type RecuDate struct {
	Preuve  string `json:"preuve"`  // C2SP tlog-proof
	Reponse []byte `json:"reponse"` // RFC 3161, on the SHA-256 of the checkpoint in the proof

	Instant  time.Time `json:"-"` // what the answer says, for who reads
	Autorite string    `json:"-"`
}

// receiptDate is the oldest date that holds a rank; nil when none does yet.
func receiptDate(ctx context.Context, tx *db.Tx, rang int64) (*RecuDate, error) {
	d, err := dateAfter(ctx, tx, rang)
	if err != nil || d.Taille == 0 {
		return nil, err
	}
	proof, err := tlog.ProveRecord(d.Taille, rang, journal.Noeuds(ctx, tx))
	if err != nil {
		return nil, fmt.Errorf("prove line: %w", err)
	}
	return &RecuDate{Preuve: formatProof(rang, proof, d.Note), Reponse: d.reponse, Instant: d.Instant.Time(), Autorite: d.Autorite}, nil
}

// CheckDate verifies the certified date of a receipt that CheckReceipt accepted.
func (c Constat) CheckDate(known note.Verifiers, racines *x509.CertPool) (d horodatage.Date, err error) {
	if c.Recu.Horodatage == nil {
		return d, ErrRecu
	}
	rang, proof, msg, err := parseProof(c.Recu.Horodatage.Preuve)
	if err != nil {
		return d, err
	}
	p, err := OpenPoint(msg, known)
	if err != nil {
		return d, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	champs, err := c.Recu.champs()
	if err != nil {
		return d, err
	}
	entry := journal.Entree(champs, c.Recu.Sel, c.Recu.Empreinte)
	if rang != c.Rang || p.Origine != c.Point.Origine || rang >= p.Taille || tlog.CheckRecord(proof, p.Taille, p.Racine, rang, tlog.RecordHash(entry[:])) != nil {
		return d, fmt.Errorf("%w: the dated proof", ErrFaux)
	}
	if d, err = horodatage.Verify(c.Recu.Horodatage.Reponse, sha256.Sum256([]byte(msg)), racines); err != nil {
		return d, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	return d, nil
}

// racines are the certificates that this service trusts for dates; nil: none.
func (h *Handlers) racines() *x509.CertPool {
	if h.Horodatage == nil {
		return nil
	}
	return h.Horodatage.Racines
}

// dateAnswer serves the answer of the authority as it came, and datePoint what
// it dates: any tool that knows RFC 3161 verifies one with the other.
func (h *Handlers) dateAnswer(w http.ResponseWriter, r *http.Request) error {
	d, err := h.dated(r)
	if err != nil {
		return err
	}
	web.Cacheable(w, "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.Header().Set("Content-Disposition", `attachment; filename="journal-`+strconv.FormatInt(d.Taille, 10)+`.tsr"`)
	_, _ = w.Write(d.reponse) // the reader left: nobody to tell
	return nil
}

func (h *Handlers) datePoint(w http.ResponseWriter, r *http.Request) error {
	d, err := h.dated(r)
	if err != nil {
		return err
	}
	web.Cacheable(w, "public, max-age=31536000, immutable")
	return plain(w, d.Note)
}

func (h *Handlers) dated(r *http.Request) (d datee, err error) {
	size, err := strconv.ParseInt(r.PathValue("taille"), 10, 64)
	if err != nil || size < 1 {
		return d, fault.New(fault.NotFound, "date_inconnue")
	}
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) { d, err = dateAfter(ctx, tx, size-1); return err })
	if err == nil && d.Taille != size {
		err = web.NotYet(fault.New(fault.NotFound, "date_inconnue"))
	}
	return d, err
}
