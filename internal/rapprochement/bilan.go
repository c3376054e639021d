package rapprochement

import (
	"maps"
	"strings"
)

// bilan compares, key by key, what the journal says with what the tables hold.
type bilan struct {
	sansLigne string // the kind of gap of what only the tables hold; "": none
	ligneSans string // of what only the journal says
	dits      map[string]compte
	tenus     map[string]compte
}

// compte is how many of one key, and one of them.
type compte struct {
	n       int
	exemple string
}

func newBilan(sansLigne, ligneSans string) *bilan {
	return &bilan{sansLigne, ligneSans, map[string]compte{}, map[string]compte{}}
}

func add(m map[string]compte, key, exemple string, n int) {
	c := m[key]
	if c.n += n; c.exemple == "" || n > 0 {
		c.exemple = exemple
	}
	m[key] = c
}

// dit counts what a line says; exemple is the line.
func (b *bilan) dit(key, exemple string, n int) { add(b.dits, key, exemple, n) }

// tenu counts what a table holds; exemple is the row.
func (b *bilan) tenu(key, exemple string, n int) { add(b.tenus, key, exemple, n) }

// ecarts gives what one side has more of than the other.
func (b *bilan) ecarts() (out []Ecart) {
	for _, side := range []struct {
		genre       string
		more, fewer map[string]compte
	}{{b.sansLigne, b.tenus, b.dits}, {b.ligneSans, b.dits, b.tenus}} {
		e := Ecart{Genre: side.genre}
		for key, c := range side.more {
			if n := c.n - max(0, side.fewer[key].n); n > 0 {
				e.Nombre += n
				if e.Exemple == "" || c.exemple < e.Exemple {
					e.Exemple = c.exemple
				}
			}
		}
		if e.Genre != "" && e.Nombre > 0 {
			out = append(out, e)
		}
	}
	return out
}

// dernier keeps the last thing that lines say of each key: what a state must
// be.
type dernier map[string]compteDit

type compteDit struct{ mot, exemple string }

func (d dernier) set(key, mot, exemple string) { d[key] = compteDit{mot, exemple} }

// into says them to a bilan.
func (d dernier) into(b *bilan) {
	for key := range maps.Keys(d) {
		b.dit(key+"|"+d[key].mot, d[key].exemple, 1)
	}
}

// owner is who a key is about: what is before its first bar.
func owner(key string) string {
	who, _, _ := strings.Cut(key, "|")
	return who
}
