package transparence

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/web"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// patience is how old a countersigned checkpoint may be before the last one is
// published without waiting for the witnesses.
const patience = 10 * time.Minute

// until is the instant of the last publication, zero when each checkpoint is
// published as it is signed. Between two publications nobody outside, witnesses
// included, sees how many lines were numbered.
func (h *Handlers) until(tx *db.Tx) db.Time {
	if h.Rythme <= 0 {
		return db.Time{}
	}
	return db.At(tx.Now.Time().Truncate(h.Rythme))
}

// published is the checkpoint that everybody is shown.
func (h *Handlers) published(ctx context.Context, tx *db.Tx) (Point, error) {
	p, err := lastPoint(ctx, tx, 0, h.until(tx))
	if err != nil || len(h.Temoins) == 0 || p.Taille == 0 {
		return p, err
	}
	seen, err := lastPoint(ctx, tx, len(h.Temoins), h.until(tx))
	if err != nil {
		return p, err
	}
	for _, t := range h.Temoins {
		e, err := readTemoin(ctx, tx, t.Nom())
		if err != nil {
			return p, err
		}
		if tx.Now.Time().Sub(e.Date.Time()) > patience {
			seen = p
		}
	}
	if seen.Taille > 0 {
		p = seen
	}
	lines, err := cosignatures(ctx, tx, p.Taille)
	p.Note += strings.Join(lines, "")
	return p, err
}

// checkpoint shows the tree head (C2SP tlog-tiles).
func (h *Handlers) checkpoint(w http.ResponseWriter, r *http.Request) error {
	var p Point
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) { p, err = h.published(ctx, tx); return err })
	if err != nil {
		return err
	}
	if p.Note == "" {
		return web.NotYet(fault.New(fault.NotFound, "journal_vide"))
	}
	web.Cacheable(w, "public, max-age=1")
	return plain(w, p.Note)
}

// keys lists the public keys that sign, or signed, our checkpoints, and the one
// with which we countersign, one a line.
func (h *Handlers) keys(w http.ResponseWriter, _ *http.Request) error {
	vkeys, err := h.Journal.VerifierKeys()
	if err != nil {
		return err
	}
	if h.Temoin != nil {
		vkeys = append(vkeys, h.Temoin.Vkey())
	}
	web.Cacheable(w, "public, max-age=300")
	return plain(w, strings.Join(vkeys, "\n")+"\n")
}

func plain(w http.ResponseWriter, s string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(s)) // the reader left: nobody to tell
	return nil
}

// tile serves the hashes and the entries. What it serves never changes.
func (h *Handlers) tile(w http.ResponseWriter, r *http.Request) error {
	t, ok := parseTuile(r.PathValue("tuile"))
	if !ok {
		return fault.New(fault.NotFound, "tuile_inconnue")
	}
	var data []byte
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		p, err := lastPoint(ctx, tx, 0, h.until(tx))
		if err != nil {
			return err
		}
		if !t.within(p.Taille) {
			return web.NotYet(fault.New(fault.NotFound, "tuile_inconnue"))
		}
		if t.Entrees {
			data, err = bundle(ctx, tx, t)
			return err
		}
		hashes, err := journal.Noeuds(ctx, tx).ReadHashes(t.indices())
		if err != nil {
			return err
		}
		data = make([]byte, 0, len(hashes)*tlog.HashSize)
		for _, x := range hashes {
			data = append(data, x[:]...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	web.Cacheable(w, "public, max-age=31536000, immutable")
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(data)
	return nil
}

// bundle writes entries as C2SP does: each after its length on two bytes.
func bundle(ctx context.Context, tx *db.Tx, t tuile) ([]byte, error) {
	list, err := entries(ctx, tx, t.Numero*largeur, t.Large)
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, len(list)*(2+tlog.HashSize))
	for _, e := range list {
		data = binary.BigEndian.AppendUint16(data, uint16(len(e)))
		data = append(data, e...)
	}
	return data, nil
}

// preuve is a proof as a program reads it. Hashes are in base64, in the order of
// RFC 6962.
type preuve struct {
	Rang      *int64   `json:"rang,omitempty"`
	De        *int64   `json:"de,omitempty"`
	Taille    int64    `json:"taille"`
	Racine    string   `json:"racine"`
	Preuve    []string `json:"preuve"`
	Signature string   `json:"point,omitempty"` // the checkpoint of that size, if one was signed
}

func newPreuve(p Point, hashes []tlog.Hash) preuve {
	out := preuve{Taille: p.Taille, Racine: base64.StdEncoding.EncodeToString(p.Racine[:]), Preuve: []string{}, Signature: p.Note}
	for _, x := range hashes {
		out.Preuve = append(out.Preuve, base64.StdEncoding.EncodeToString(x[:]))
	}
	return out
}

// inclusion proves that the entry of a rank is in the tree: ?rang=R, and
// ?taille=S for another tree than the one published.
func (h *Handlers) inclusion(w http.ResponseWriter, r *http.Request) error {
	return h.prove(w, r, "rang", func(n int64, p Point, hashes tlog.HashReader) (preuve, error) {
		if n >= p.Taille {
			return preuve{}, web.NotYet(fault.New(fault.NotFound, "rang_inconnu"))
		}
		proof, err := tlog.ProveRecord(p.Taille, n, hashes)
		out := newPreuve(p, proof)
		out.Rang = &n
		return out, err
	})
}

// consistency proves that a tree extends a smaller one: ?de=A, and ?taille=B.
func (h *Handlers) consistency(w http.ResponseWriter, r *http.Request) error {
	return h.prove(w, r, "de", func(n int64, p Point, hashes tlog.HashReader) (preuve, error) {
		if n < 1 || n > p.Taille {
			return preuve{}, web.NotYet(fault.New(fault.NotFound, "taille_inconnue"))
		}
		proof, err := tlog.ProveTree(p.Taille, n, hashes)
		out := newPreuve(p, proof)
		out.De = &n
		return out, err
	})
}

func (h *Handlers) prove(w http.ResponseWriter, r *http.Request, name string, fn func(int64, Point, tlog.HashReader) (preuve, error)) error {
	q := r.URL.Query()
	n, err := strconv.ParseInt(q.Get(name), 10, 64)
	if err != nil || n < 0 {
		return fault.New(fault.NotFound, "preuve_inconnue")
	}
	size := int64(-1)
	if s := q.Get("taille"); s != "" {
		if size, err = strconv.ParseInt(s, 10, 64); err != nil || size < 1 {
			return fault.New(fault.NotFound, "taille_inconnue")
		}
	}
	var out preuve
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		p, err := h.published(ctx, tx)
		if err != nil {
			return err
		}
		if size > p.Taille || p.Taille == 0 {
			return web.NotYet(fault.New(fault.NotFound, "taille_inconnue"))
		}
		hashes := journal.Noeuds(ctx, tx)
		if size > 0 && size != p.Taille {
			if p, err = pointAt(ctx, tx, size); err != nil {
				return err
			}
			p.Taille = size
			if p.Racine, err = tlog.TreeHash(size, hashes); err != nil {
				return err
			}
		}
		out, err = fn(n, p, hashes)
		return err
	})
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, out)
}

// Backlog gives how many lines wait for their number, and how old the oldest is.
func (h *Handlers) Backlog(ctx context.Context) (n int, age time.Duration, err error) {
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		var oldest db.Time
		n, oldest, err = backlog(ctx, tx)
		if n > 0 {
			age = tx.Now.Time().Sub(oldest.Time())
		}
		return err
	})
	return n, age, err
}

// Continues tells whether the journal of this database continues a checkpoint
// kept elsewhere: after a backup was put back, only that tells what was lost.
// ErrIncoherent says that it does not, and how.
func (h *Handlers) Continues(ctx context.Context, tx *db.Tx, kept Point) error {
	now, err := lastPoint(ctx, tx, 0, db.Time{})
	if err != nil {
		return err
	}
	now.Origine = h.Journal.Origine()
	if kept.Taille > now.Taille || kept.Taille < 1 {
		return checkGrowth(kept, now, nil)
	}
	root, err := tlog.TreeHash(kept.Taille, journal.Noeuds(ctx, tx))
	if err != nil {
		return err
	}
	return checkGrowth(kept, Point{Origine: now.Origine, Taille: kept.Taille, Racine: root}, nil)
}

// FindPoint finds a checkpoint of that log in a text that holds it, such as the
// mail of the day.
func FindPoint(text, origine string, known note.Verifiers) (Point, error) {
	text = strings.ReplaceAll("\n"+text, "\r\n", "\n")
	_, rest, found := strings.Cut(text, "\n"+origine+"\n")
	body, sigs, cut := strings.Cut(rest, "\n\n")
	if !found || !cut {
		return Point{}, ErrPoint
	}
	msg := origine + "\n" + body + "\n\n"
	for line := range strings.SplitSeq(sigs, "\n") {
		if !strings.HasPrefix(line, "— ") {
			break
		}
		msg += line + "\n"
	}
	return OpenPoint(msg, known)
}
