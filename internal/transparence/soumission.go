package transparence

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/outgoing"

	"golang.org/x/mod/sumdb/tlog"
)

// Temoin is a witness that countersigns our journal.
type Temoin struct {
	url  string // prefix of its add-checkpoint
	cle  cosignataire
	http *http.Client
}

// NewTemoin reads "URL vkey".
func NewTemoin(s string, c *http.Client) (Temoin, error) {
	address, vkey, _ := strings.Cut(strings.TrimSpace(s), " ")
	u, err := url.Parse(address)
	if err != nil || !outgoing.SecureURL(u) {
		return Temoin{}, errors.New("address of a witness: https is due")
	}
	k, err := parseCosignataire(strings.TrimSpace(vkey))
	if err != nil {
		return Temoin{}, err
	}
	return Temoin{url: strings.TrimSuffix(address, "/"), cle: k, http: c}, nil
}

// Nom is the name of its key.
func (t Temoin) Nom() string { return t.cle.name }

// The kinds of failure of a witness.
const (
	EchecInjoignable = "injoignable"
	EchecRefus       = "refus"      // it does not know us, or not our key
	EchecDivergence  = "divergence" // it saw another journal of ours: to be looked at now
	EchecSignature   = "signature"  // what it answered is not its countersignature
)

// Waiting tells whether the last checkpoint waits for a witness.
func (h *Handlers) Waiting(ctx context.Context) (yes bool, err error) {
	if len(h.Temoins) == 0 {
		return false, nil
	}
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		p, err := lastPoint(ctx, tx, 0, h.until(tx))
		if err != nil {
			return err
		}
		for _, t := range h.Temoins {
			e, err := readTemoin(ctx, tx, t.Nom())
			if err != nil {
				return err
			}
			yes = yes || e.Taille != p.Taille || e.Echec != ""
		}
		return nil
	})
	return yes, err
}

// Submit has every witness countersign the last checkpoint; it gives how many
// did. A witness that fails does not stop the others; a divergence is an error,
// so that the task fails and the operator is told.
func (h *Handlers) Submit(ctx context.Context) (n int, err error) {
	for _, t := range h.Temoins {
		kind, e := h.submit(ctx, t)
		switch {
		case e != nil:
			err = errors.Join(err, e)
		case kind == "":
			n++
		case kind == EchecDivergence:
			err = errors.Join(err, fmt.Errorf("witness %s: %w", t.Nom(), ErrIncoherent))
		}
	}
	return n, err
}

// submit asks one witness, twice at most: the first answer may tell us what it
// saw last.
func (h *Handlers) submit(ctx context.Context, t Temoin) (kind string, err error) {
	var e etatTemoin
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) { e, err = readTemoin(ctx, tx, t.Nom()); return err })
	if err != nil {
		return "", err
	}
	seen, line, size := e.Taille, "", int64(0)
	for range 2 {
		var p Point
		var proof tlog.TreeProof
		p, proof, err = h.growthSince(ctx, seen)
		if err != nil || p.Taille == 0 {
			return "", err
		}
		if size = p.Taille; seen > size {
			kind = EchecDivergence // it countersigned more than we have: our database went back
			break
		}
		before := seen
		if line, seen, kind = t.ask(ctx, p, seen, proof); kind != "" || line != "" {
			break
		}
		if seen == before { // it answered a conflict with the very size we told
			kind = EchecDivergence
			break
		}
	}
	if kind == "" && line == "" {
		kind = EchecRefus
	}
	return kind, h.DB.Update(ctx, func(tx *db.Tx) error {
		if kind != "" {
			return noteEchec(ctx, tx, t.Nom(), max(seen, 0), kind)
		}
		return noteCosignature(ctx, tx, t.Nom(), size, line)
	})
}

// growthSince gives the last checkpoint and the proof that it extends a size.
func (h *Handlers) growthSince(ctx context.Context, size int64) (p Point, proof tlog.TreeProof, err error) {
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		if p, err = lastPoint(ctx, tx, 0, h.until(tx)); err != nil || size < 1 || size >= p.Taille {
			return err
		}
		proof, err = tlog.ProveTree(p.Taille, size, journal.Noeuds(ctx, tx))
		return err
	})
	return p, proof, err
}

// ask posts one request. line is the countersignature; without one, and without
// a failure, seen is the size the witness saw last.
func (t Temoin) ask(ctx context.Context, p Point, old int64, proof tlog.TreeProof) (line string, seen int64, kind string) {
	var b strings.Builder
	fmt.Fprintf(&b, "old %d\n", old)
	for _, x := range proof {
		b.WriteString(base64.StdEncoding.EncodeToString(x[:]) + "\n")
	}
	b.WriteString("\n" + p.Note)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url+"/add-checkpoint", strings.NewReader(b.String()))
	if err != nil {
		return "", old, EchecInjoignable
	}
	status, body, err := read(t.http, r)
	switch {
	case err != nil || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		return "", old, EchecInjoignable
	case status == http.StatusConflict:
		seen, err := strconv.ParseInt(strings.TrimSpace(string(body)), 10, 64)
		if err != nil || seen < 0 {
			return "", old, EchecRefus
		}
		return "", seen, ""
	case status == http.StatusUnprocessableEntity:
		return "", old, EchecDivergence
	case status != http.StatusOK:
		return "", old, EchecRefus
	}
	text, _, _ := strings.Cut(p.Note, "\n\n")
	if line, err = checkCosignature(t.cle, text+"\n", string(body)); err != nil {
		return "", old, EchecSignature
	}
	return line, p.Taille, ""
}
