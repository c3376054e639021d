package transparence

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Lecteur reads a log published elsewhere, and verifies all it reads.
type Lecteur struct {
	prefix string // https://aidants.exemple.fr/journal
	http   *http.Client
}

// NewLecteur reads the log below that address.
func NewLecteur(prefix string, c *http.Client) Lecteur {
	return Lecteur{prefix: strings.TrimSuffix(prefix, "/"), http: c}
}

func read(c *http.Client, r *http.Request) (status int, body []byte, err error) {
	res, err := c.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

func (l Lecteur) get(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.prefix+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	status, body, err := read(l.http, r)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("read %s: status %d", path, status)
	}
	return body, nil
}

// Keys gives the keys that the log shows. Whoever follows a log keeps those it
// saw first: a log that could name new ones at will could show two histories.
func (l Lecteur) Keys(ctx context.Context) ([]string, error) {
	b, err := l.get(ctx, "/cles")
	return strings.Fields(string(b)), err
}

// Point reads the checkpoint.
func (l Lecteur) Point(ctx context.Context, known note.Verifiers) (Point, error) {
	b, err := l.get(ctx, "/checkpoint")
	if err != nil {
		return Point{}, err
	}
	return OpenPoint(string(b), known)
}

// Growth verifies that the tree of recent extends that of old, by reading only
// the tiles that show it.
func (l Lecteur) Growth(ctx context.Context, old, recent Point) error {
	if old.Taille < 1 || recent.Taille <= old.Taille {
		return checkGrowth(old, recent, nil)
	}
	hashes := tlog.TileHashReader(tlog.Tree{N: recent.Taille, Hash: recent.Racine}, tileReader{ctx, l})
	proof, err := tlog.ProveTree(recent.Taille, old.Taille, hashes)
	if err != nil {
		return fmt.Errorf("read the tiles of the log: %w", err)
	}
	return checkGrowth(old, recent, proof)
}

// tileReader is what tlog reads hashes through: it checks them against the root.
type tileReader struct {
	ctx context.Context
	l   Lecteur
}

// Height implements tlog.TileReader.
func (tileReader) Height() int { return hauteur }

// SaveTiles implements tlog.TileReader: nothing is kept, a proof needs few.
func (tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles implements tlog.TileReader.
func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		b, err := r.l.get(r.ctx, "/tile/"+tuileOf(t).path())
		if err != nil {
			return nil, err
		}
		if len(b) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("tile of %d bytes instead of %d", len(b), t.W*tlog.HashSize)
		}
		out[i] = b
	}
	return out, nil
}
