package croissance

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/figurant"
	"aidantsconnect/internal/usager"
)

// table is what is read of one: its columns, and its rows by their key.
type table struct {
	colonnes []colonne
	lignes   map[string][]any
}

type colonne struct {
	nom   string
	uuid  bool
	temps bool
}

// releve is every table, by name.
type releve map[string]table

// added gives what a later reading has more.
func (r releve) added(after releve) releve {
	out := releve{}
	for name, t := range after {
		more := map[string][]any{}
		for k, row := range t.lignes {
			if _, was := r[name].lignes[k]; !was {
				more[k] = row
			}
		}
		if len(more) > 0 {
			out[name] = table{t.colonnes, more}
		}
	}
	return out
}

// copie is one person to write: the number, the dates moved by, and where.
type copie struct {
	n         int
	shift     time.Duration
	structure Structure
	identite  usager.Identite
}

func newCopie(l Lot, n int) *copie {
	r := rand.New(rand.NewPCG(uint64(n), 11))
	return &copie{n: n, shift: time.Duration(r.Int64N(int64(decalage))).Truncate(time.Millisecond), structure: l.Structure, identite: figurant.Identite(n, true)}
}

// valeur makes the value of a column for a copy.
type valeur func(c *copie) any

// gabarit is what the acts wrote for a person: rows by table, in the order of
// the names.
type gabarit struct {
	dialecte db.Dialect
	tables   []string
	colonnes map[string][]string
	lignes   map[string][][]valeur
}

// compile makes a gabarit of what was added for a modèle of a structure.
func compile(d db.Dialect, added releve, s Structure) gabarit {
	g := gabarit{dialecte: d, tables: slices.Sorted(maps.Keys(added)), colonnes: map[string][]string{}, lignes: map[string][][]valeur{}}
	for _, name := range g.tables {
		t := added[name]
		for _, c := range t.colonnes {
			g.colonnes[name] = append(g.colonnes[name], c.nom)
		}
		for _, k := range slices.Sorted(maps.Keys(t.lignes)) {
			var row []valeur
			for i, v := range t.lignes[k] {
				row = append(row, g.value(name, t.colonnes[i], v, s))
			}
			g.lignes[name] = append(g.lignes[name], row)
		}
	}
	return g
}

// noms are the columns that hold who the person is, wherever they are.
var noms = map[string]func(i usager.Identite) any{
	"given_name":         func(i usager.Identite) any { return i.GivenName },
	"family_name":        func(i usager.Identite) any { return i.FamilyName },
	"preferred_username": func(i usager.Identite) any { return i.PreferredUsername },
	"birthdate":          func(i usager.Identite) any { return i.Birthdate },
	"birthplace":         func(i usager.Identite) any { return i.Birthplace },
	"gender":             func(i usager.Identite) any { return i.Gender },
	"email":              func(i usager.Identite) any { return i.Email },
	"nom_tri":            func(i usager.Identite) any { return i.NomTri() },
	"recherche_tri":      func(i usager.Identite) any { return i.RechercheTri() },
}

// personnelles are the columns, keyed or drawn at random, of which no two
// people have the same value.
var personnelles = []string{"usager.sub", "usager.sub_fc_empreinte", "mandat.code_public", "journal_pseudonyme.personne_empreinte", "journal_ligne.usager"}

const octetsMax = 1 << 8

func (g gabarit) value(nom string, c colonne, v any, s Structure) valeur {
	name := noms[c.nom]
	switch x := v.(type) {
	case nil:
		return func(*copie) any { return nil }
	case time.Time:
		return func(c *copie) any { return x.Add(c.shift) }
	case []byte:
		if slices.Contains(personnelles, nom+"."+c.nom) {
			return func(c *copie) any { return other(x, c.n) }
		}
		x = bytes.Clone(x[:min(len(x), octetsMax)])
		return func(*copie) any { return x }
	case string:
		switch {
		case name != nil:
			return func(c *copie) any { return name(c.identite) }
		case slices.Contains(personnelles, nom+"."+c.nom):
			return func(c *copie) any { return otherText(x, c.n) }
		case c.temps:
			t, err := db.ParseTime(x)
			if err != nil {
				panic(fmt.Sprintf("%s.%s: %v", nom, c.nom, err))
			}
			return func(c *copie) any { return t.Add(c.shift).String() }
		}
		return segments(x, s)
	}
	return func(*copie) any { return v }
}

// other makes other bytes of the same length, the same each time.
func other(x []byte, n int) []byte {
	h := sha256.Sum256(binary.BigEndian.AppendUint64(bytes.Clone(x), uint64(n)))
	return bytes.Repeat(h[:], len(x)/len(h)+1)[:len(x)]
}

var hexa = regexp.MustCompile(`^[0-9a-f]+$`)

// otherText keeps the alphabet: base 16, base 64, or capitals and digits.
func otherText(x string, n int) string {
	h := other([]byte(x), n)
	switch {
	case strings.ToUpper(x) == x:
		for i := range h {
			h[i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[h[i]%32]
		}
		return string(h)
	case hexa.MatchString(x):
		return hex.EncodeToString(h)[:len(x)]
	}
	return base64.RawURLEncoding.EncodeToString(h)[:len(x)]
}

var uuidForm = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// morceau is a part of a text: words, then an identifier to replace.
type morceau struct {
	mots                string
	structure, personne bool
	id                  [16]byte
}

// segments replaces every identifier of a text: the structure and the aidant by
// those of the copy, any other by its own, as far in time as its dates.
func segments(x string, s Structure) valeur {
	var parts []morceau
	from := 0
	for _, p := range uuidForm.FindAllStringIndex(x, -1) {
		m := morceau{mots: x[from:p[0]]}
		switch id := x[p[0]:p[1]]; id {
		case s.ID.String():
			m.structure = true
		case s.Aidant.String():
			m.personne = true
		default:
			if _, err := hex.Decode(m.id[:], []byte(strings.ReplaceAll(id, "-", ""))); err != nil {
				panic(err) // the expression found it
			}
		}
		parts, from = append(parts, m), p[1]
	}
	if len(parts) == 0 {
		return func(*copie) any { return x }
	}
	return func(c *copie) any {
		b := make([]byte, 0, len(x))
		for _, m := range parts {
			b = append(b, m.mots...)
			switch {
			case m.structure:
				b = append(b, c.structure.ID.String()...)
			case m.personne:
				b = append(b, c.structure.Aidant.String()...)
			default:
				b = appendID(b, otherID(m.id, c))
			}
		}
		return string(append(b, x[from:]...))
	}
}

// otherID is the identifier of a copy: as old as its dates, as ours are.
func otherID(raw [16]byte, c *copie) [16]byte {
	ms := binary.BigEndian.Uint64(raw[:])>>16 + uint64(c.shift/time.Millisecond)
	binary.BigEndian.PutUint64(raw[:], ms<<16|uint64(raw[6])<<8|uint64(raw[7]))
	mixed := binary.BigEndian.Uint64(raw[8:]) ^ uint64(c.n)*0x9E3779B97F4A7C15
	binary.BigEndian.PutUint64(raw[8:], mixed)
	raw[8] = raw[8]&0x3f | 0x80
	return raw
}

func appendID(b []byte, id [16]byte) []byte {
	from := 0
	for _, to := range []int{4, 6, 8, 10, 16} {
		if from > 0 {
			b = append(b, '-')
		}
		b, from = hex.AppendEncode(b, id[from:to]), to
	}
	return b
}

// rows gives the rows of a table for a copy.
func (g gabarit) rows(name string, c *copie) [][]any {
	out := make([][]any, len(g.lignes[name]))
	for i, row := range g.lignes[name] {
		out[i] = make([]any, len(row))
		for k, v := range row {
			out[i][k] = v(c)
		}
	}
	return out
}
