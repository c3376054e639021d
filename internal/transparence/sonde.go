package transparence

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"aidantsconnect/internal/db"
)

// Probe asks a witness about a checkpoint that nobody signed: one that knows our
// log refuses the signature, one that does not says so (C2SP tlog-witness).
// Nothing is countersigned. It gives the kind of failure, "" when all is well.
func (t Temoin) Probe(ctx context.Context, origine string) (kind string) {
	zero := make([]byte, 4+64) // a key hash and a signature of nothing
	body := fmt.Sprintf("old 0\n\n%s\n1\n%s\n\n— %s %s\n", origine, base64.StdEncoding.EncodeToString(zero[:32]), origine, base64.StdEncoding.EncodeToString(zero))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url+"/add-checkpoint", strings.NewReader(body))
	if err != nil {
		return EchecInjoignable
	}
	switch status, _, err := read(t.http, r); {
	case err != nil || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		return EchecInjoignable
	case status != http.StatusForbidden:
		return EchecRefus
	}
	return ""
}

// EtatTemoin is where a witness of ours is.
type EtatTemoin struct {
	Nom    string
	Taille int64     // of the last checkpoint that it countersigned
	Date   time.Time // zero: never
	Echec  string    // the kind of its failure since, "" when there is none
	Retard bool      // a newer checkpoint has waited for it for longer than patience
}

// States tells where each witness is.
func (h *Handlers) States(ctx context.Context) (out []EtatTemoin, err error) {
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		out = nil
		p, err := lastPoint(ctx, tx, 0, h.until(tx))
		if err != nil {
			return err
		}
		for _, t := range h.Temoins {
			e, err := readTemoin(ctx, tx, t.Nom())
			if err != nil {
				return err
			}
			late := e.Taille < p.Taille && tx.Now.Time().Sub(e.Date.Time()) > patience
			out = append(out, EtatTemoin{e.Nom, e.Taille, e.Date.Time(), e.Echec, late})
		}
		return nil
	})
	return out, err
}

// Witnessed gives what we countersigned last of each log that we witness.
func (h *Handlers) Witnessed(ctx context.Context) (out []Point, err error) {
	if h.Temoin == nil {
		return nil, nil
	}
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		out = nil
		for _, origine := range slices.Sorted(maps.Keys(h.Temoin.journaux)) {
			p, err := readVu(ctx, tx, origine)
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	return out, err
}
