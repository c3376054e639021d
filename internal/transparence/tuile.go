package transparence

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// hauteur is the height of a tile: 256 hashes wide (C2SP tlog-tiles).
const hauteur = 8

const largeur = 1 << hauteur

// tuile is a tile of hashes, or with Entrees a bundle of entries.
type tuile struct {
	Entrees bool
	Niveau  int   // L: of tiles, not of the tree
	Numero  int64 // N
	Large   int   // 1 to 256
}

// parseTuile reads what follows "tile/": L/N, or entries/N, with .p/W when the
// tile is not full. N is written by groups of three digits, all but the last
// preceded by x. Any other way to write the same tile is refused, so that each
// has one address.
func parseTuile(path string) (t tuile, ok bool) {
	level, rest, found := strings.Cut(path, "/")
	if !found {
		return t, false
	}
	if t.Entrees = level == "entries"; !t.Entrees {
		n, err := strconv.Atoi(level)
		if err != nil || n < 0 || n > 63/hauteur {
			return t, false
		}
		t.Niveau = n
	}
	t.Large = largeur
	if full, width, partial := strings.Cut(rest, ".p/"); partial {
		n, err := strconv.Atoi(width)
		if err != nil || n < 1 || n >= largeur {
			return t, false
		}
		rest, t.Large = full, n
	}
	for i, group := range strings.Split(rest, "/") {
		group = strings.TrimPrefix(group, "x")
		n, err := strconv.ParseUint(group, 10, 16)
		if err != nil || len(group) != 3 || i > 5 {
			return t, false
		}
		t.Numero = t.Numero*1000 + int64(n)
	}
	return t, t.path() == path
}

// path writes the address of the tile, below "tile/".
func (t tuile) path() string {
	n := t.Numero
	number := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		number = fmt.Sprintf("x%03d/%s", n%1000, number)
	}
	level := strconv.Itoa(t.Niveau)
	if t.Entrees {
		level = "entries"
	}
	path := level + "/" + number
	if t.Large < largeur {
		path += ".p/" + strconv.Itoa(t.Large)
	}
	return path
}

// within tells whether a log of that size has the whole tile.
func (t tuile) within(size int64) bool {
	return t.Numero*largeur+int64(t.Large) <= size>>(hauteur*t.Niveau)
}

// indices are where the hashes of the tile are stored.
func (t tuile) indices() []int64 {
	out := make([]int64, t.Large)
	for i := range out {
		out[i] = tlog.StoredHashIndex(hauteur*t.Niveau, t.Numero*largeur+int64(i))
	}
	return out
}

// tuileOf is the tile as tlog knows it.
func tuileOf(t tlog.Tile) tuile { return tuile{Niveau: t.L, Numero: t.N, Large: t.W} }
