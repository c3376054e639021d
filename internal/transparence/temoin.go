package transparence

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Cosignataire is us as a witness: it countersigns a checkpoint only if it
// extends the last one it countersigned of that log (C2SP tlog-witness).
type Cosignataire struct {
	cle      crypto.Signer
	public   cosignataire
	journaux map[string][]note.Verifier // by origin
}

// NewCosignataire makes a witness of that name, for the logs of those keys.
func NewCosignataire(name string, key crypto.Signer, journaux []string) (*Cosignataire, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("a witness signs with Ed25519, not with a %T", key.Public())
	}
	c := &Cosignataire{cle: key, public: newCosignataire(name, pub), journaux: map[string][]note.Verifier{}}
	for _, k := range journaux {
		v, err := note.NewVerifier(k)
		if err != nil {
			return nil, fmt.Errorf("key of a witnessed log: %w", err)
		}
		c.journaux[v.Name()] = append(c.journaux[v.Name()], v)
	}
	return c, nil
}

// Vkey is the public key of the witness.
func (c *Cosignataire) Vkey() string { return c.public.vkey() }

// ajout is a request to countersign.
type ajout struct {
	ancienne int64 // size that the log believes we saw last
	preuve   tlog.TreeProof
	note     string
}

const maxAjout = 64 << 10

// parseAjout reads "old N", at most 63 hashes, an empty line, a checkpoint.
func parseAjout(s string) (a ajout, err error) {
	head, msg, found := strings.Cut(s, "\n\n")
	lines := strings.Split(head, "\n")
	old, isOld := strings.CutPrefix(lines[0], "old ")
	a.note = msg
	a.ancienne, err = strconv.ParseInt(old, 10, 64)
	if !found || !isOld || err != nil || a.ancienne < 0 || strconv.FormatInt(a.ancienne, 10) != old || len(lines) > 64 {
		return a, errors.New("not a request to countersign")
	}
	for _, line := range lines[1:] {
		x, ok := parseHash(line)
		if !ok {
			return a, errors.New("not a hash")
		}
		a.preuve = append(a.preuve, x)
	}
	return a, nil
}

// addCheckpoint is the witness's only act. The statuses are those of C2SP:
// 404 a log we do not know, 403 not signed by it, 400 ill-formed, 409 we saw
// another size last (and say which), 422 the proof does not hold.
func (h *Handlers) addCheckpoint(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAjout+1))
	if err != nil || len(body) > maxAjout {
		return answer(w, http.StatusBadRequest, "")
	}
	a, err := parseAjout(string(body))
	if err != nil {
		return answer(w, http.StatusBadRequest, "")
	}
	origin, _, _ := strings.Cut(a.note, "\n")
	known := h.Temoin.journaux[origin]
	if len(known) == 0 {
		return answer(w, http.StatusNotFound, "")
	}
	p, err := OpenPoint(a.note, note.VerifierList(known...))
	switch {
	case errors.Is(err, ErrPoint):
		return answer(w, http.StatusBadRequest, "")
	case err != nil:
		return answer(w, http.StatusForbidden, "")
	case a.ancienne > p.Taille:
		return answer(w, http.StatusBadRequest, "")
	}
	status, seen, err := h.witness(r.Context(), a, p)
	if err != nil {
		return err
	}
	if status == http.StatusConflict {
		w.Header().Set("Content-Type", "text/x.tlog.size")
		return answer(w, status, strconv.FormatInt(seen, 10)+"\n")
	}
	if status != http.StatusOK {
		return answer(w, status, "")
	}
	text, _, _ := strings.Cut(a.note, "\n\n")
	line, err := cosign(h.Temoin.public, h.Temoin.cle, text+"\n", h.Clock())
	if err != nil {
		return err
	}
	return answer(w, status, line)
}

// witness records the checkpoint, before anything is signed: a countersignature
// that left cannot be taken back. It gives the size seen before.
func (h *Handlers) witness(ctx context.Context, a ajout, p Point) (status int, size int64, err error) {
	err = h.DB.UpdateGated(ctx, func(tx *db.Tx) error {
		old, err := readVu(ctx, tx, p.Origine)
		if err != nil {
			return err
		}
		size = old.Taille
		if a.ancienne != old.Taille {
			status = http.StatusConflict
			return nil
		}
		if old.Taille == p.Taille && old.Taille > 0 && old.Racine != p.Racine {
			status = http.StatusConflict
			return nil
		}
		if (old.Taille == 0 || old.Taille == p.Taille) && len(a.preuve) > 0 || checkGrowth(old, p, a.preuve) != nil {
			status = http.StatusUnprocessableEntity
			return nil
		}
		ok, err := advanceVu(ctx, tx, old, p)
		if err == nil && !ok {
			err = fault.New(fault.Unavailable, "journal_avance") // by another request: it asks again
		}
		status = http.StatusOK
		return err
	})
	return status, size, err
}

func answer(w http.ResponseWriter, status int, body string) error {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
	return nil
}
