// Package transparence lets anybody check the journal without trusting whoever
// keeps it: it publishes the tree, proves that a line is in it, follows another
// log, and has witnesses countersign (C2SP tlog-tiles, tlog-checkpoint,
// tlog-cosignature, tlog-witness and tlog-proof).
//
// What is published is the checkpoint, the hashes of the tree and the entries:
// 32 bytes each, which are salted digests. Nobody guesses from them a person, a
// structure, an action or a content; what they do show, the number of acts and
// when they were numbered, is analysed in docs/menaces.md.
//
// A code, printed on paper, is a line's number and entry; the page of its
// address says whether the journal still holds it.
//
// A receipt is a line with its salts and its proof: whoever holds it can show,
// offline, that this line was in the journal at that size.
//
// A timestamp authority (RFC 3161), when one is configured, dates a checkpoint
// each day; a receipt shows the first that holds its line.
//
// Tables: journal_temoin, journal_cosignature, journal_horodatage,
// temoin_journal. URLs: /journal/… (tiles, proofs, certified dates, the page
// that explains), /temoin/add-checkpoint. It appends
// nothing to the journal and decides nothing of the service.
package transparence

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Point is a checkpoint: a log, its size and its root.
type Point struct {
	Origine string
	Taille  int64
	Racine  tlog.Hash
	Note    string // as signed, countersignatures included; "" when only read
}

// ErrPoint says that a text is not a checkpoint.
var ErrPoint = errors.New("not a checkpoint")

// parsePoint reads the body of a checkpoint (C2SP tlog-checkpoint): origin, size
// in decimal without zeros before it, root. Lines after are extensions, which we
// never write and accept of others.
func parsePoint(text string) (p Point, err error) {
	lines := strings.SplitN(text, "\n", 4)
	if len(lines) < 4 || lines[0] == "" {
		return p, fmt.Errorf("%w: three lines are due", ErrPoint)
	}
	p.Origine = lines[0]
	if p.Taille, err = strconv.ParseInt(lines[1], 10, 64); err != nil || p.Taille < 0 || strconv.FormatInt(p.Taille, 10) != lines[1] {
		return p, fmt.Errorf("%w: size %.20q", ErrPoint, lines[1])
	}
	root, ok := parseHash(lines[2])
	if !ok {
		return p, fmt.Errorf("%w: root %.60q", ErrPoint, lines[2])
	}
	p.Racine = root
	return p, nil
}

// parseHash reads 32 bytes in base64. The length is checked because the decoder
// passes over ends of lines.
func parseHash(s string) (h tlog.Hash, ok bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != tlog.HashSize || len(s) != base64.StdEncoding.EncodedLen(tlog.HashSize) {
		return h, false
	}
	return tlog.Hash(b), true
}

// OpenPoint reads a checkpoint that one of the known keys signed.
func OpenPoint(msg string, known note.Verifiers) (Point, error) {
	n, err := note.Open([]byte(msg), known)
	if err != nil {
		return Point{}, fmt.Errorf("open checkpoint: %w", err)
	}
	p, err := parsePoint(n.Text)
	p.Note = msg
	return p, err
}

// ErrIncoherent says that one checkpoint does not extend the other: the log
// showed two histories.
var ErrIncoherent = errors.New("the log is not the continuation of what it was")

// checkGrowth verifies that the tree of new extends that of old. A log that
// shrinks, or says another root for the same size, is caught without a proof.
func checkGrowth(old, recent Point, proof tlog.TreeProof) error {
	switch {
	case old.Origine != recent.Origine:
		return fmt.Errorf("%w: it was called %q, and is now %q", ErrIncoherent, old.Origine, recent.Origine)
	case recent.Taille < old.Taille:
		return fmt.Errorf("%w: %d lines, after %d", ErrIncoherent, recent.Taille, old.Taille)
	case recent.Taille == old.Taille:
		if recent.Racine != old.Racine {
			return fmt.Errorf("%w: two roots for %d lines", ErrIncoherent, old.Taille)
		}
		return nil
	case old.Taille == 0:
		return nil
	}
	if err := tlog.CheckTree(proof, recent.Taille, recent.Racine, old.Taille, old.Racine); err != nil {
		return fmt.Errorf("%w: %w", ErrIncoherent, err)
	}
	return nil
}
