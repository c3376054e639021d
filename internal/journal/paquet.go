package journal

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// paquet reads rows that came packed in one value: see store_verification.go.
// What it gives shares the bytes of the value.
type paquet struct {
	b       []byte
	binaire bool // PostgreSQL's record_send; else SQLite's texts and bars
}

func paquetDe(tx *db.Tx, b []byte) paquet { return paquet{b, tx.Dialect() == db.Postgres} }

// fini tells that nothing is left.
func (p *paquet) fini() bool { return len(p.b) == 0 }

// colonnes reads the next row, each column after its length (record_send): nil
// is NULL.
func (p *paquet) colonnes(to [][]byte) bool {
	b := p.b
	if len(b) < 4 || int(binary.BigEndian.Uint32(b)) != len(to) {
		return false
	}
	b = b[4:]
	for i := range to {
		if len(b) < 8 {
			return false
		}
		n := int32(binary.BigEndian.Uint32(b[4:])) // after the type
		b = b[8:]
		if n < 0 {
			to[i] = nil
			continue
		}
		if int(n) > len(b) {
			return false
		}
		to[i], b = b[:n:n], b[n:]
	}
	p.b = b
	return true
}

// longueurs reads the numbers before the first bar; an empty one is 0.
func (p *paquet) longueurs(to []int) bool {
	head, rest, found := bytes.Cut(p.b, []byte{'|'})
	if !found {
		return false
	}
	for i := range to {
		one, others, more := bytes.Cut(head, []byte{','})
		if more == (i == len(to)-1) {
			return false
		}
		head, to[i] = others, 0
		if len(one) > 9 {
			return false
		}
		for _, c := range one {
			if c < '0' || c > '9' {
				return false
			}
			to[i] = 10*to[i] + int(c-'0')
		}
	}
	p.b = rest
	return true
}

// rang reads a rank, its line and its entry.
func (p *paquet) rang() (rang int64, id ident.LigneID, entree []byte, ok bool) {
	if p.binaire {
		var c [3][]byte
		if !p.colonnes(c[:]) || len(c[0]) != 8 || len(c[2]) != selTaille {
			return 0, id, nil, false
		}
		return int64(binary.BigEndian.Uint64(c[0])), id, c[2], readID(&id, c[1])
	}
	head, rest, found := bytes.Cut(p.b, []byte{'|'})
	rang, err := strconv.ParseInt(string(head), 10, 64)
	if !found || err != nil || len(rest) < 36+selTaille {
		return 0, id, nil, false
	}
	p.b = rest[36+selTaille:]
	return rang, id, rest[36 : 36+selTaille : 36+selTaille], readID(&id, rest[:36])
}

// mots are the words already met, each kept once.
type mots map[string]string

const motsMax = 1000

func (m mots) text(b []byte) string {
	if s, ok := m[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(m) < motsMax {
		m[s] = s
	}
	return s
}

// ligne reads a row of journal_ligne, columns in the order of colonnesLigne.
// It says false of anything that the program does not write.
func (p *paquet) ligne(l *ligneLue, vus mots) bool {
	var c [16][]byte
	ok := false
	if p.binaire {
		ok = p.colonnes(c[:]) && readInstant(&l.Instant, c[2]) && len(c[1]) == 8
		if ok {
			l.version = int64(binary.BigEndian.Uint64(c[1]))
		}
	} else if p.barres(&c) {
		var err, errVersion error
		l.Instant, err = db.ParseTime(string(c[2]))
		l.version, errVersion = strconv.ParseInt(string(c[1]), 10, 64)
		ok = err == nil && errVersion == nil
	}
	if !ok {
		return false
	}
	l.present = true
	l.Action, l.Initiateur = vus.text(c[3]), Initiateur(vus.text(c[4]))
	l.Aidant, l.Concerne, l.Usager = string(c[5]), string(c[6]), string(c[7])
	l.Session, l.sel, l.contenuEmpreinte, l.entree = c[12], c[13], c[14], c[15]
	return readID(&l.ID, c[0]) && readID(&l.Organisation, c[8]) && readID(&l.Mandat, c[9]) && readID(&l.Autorisation, c[10]) && readID(&l.Operation, c[11]) &&
		!l.ID.IsZero() && !l.Instant.IsZero()
}

// barres reads a whole packet that is one line: lengths of the four last
// columns, then the twelve others each before a bar, then those four.
func (p *paquet) barres(to *[16][]byte) bool {
	var n [4]int
	if !p.longueurs(n[:]) {
		return false
	}
	at := len(p.b) - n[0] - n[1] - n[2] - n[3]
	if at < 0 || bytes.Count(p.b[:at], []byte{'|'}) != 12 {
		return false
	}
	rest := p.b[:at]
	for i := range 12 {
		to[i], rest, _ = bytes.Cut(rest, []byte{'|'})
	}
	if len(rest) > 0 {
		return false
	}
	for i, k := range n {
		if k == 0 {
			continue
		}
		to[12+i] = p.b[at : at+k : at+k]
		at += k
	}
	p.b = nil
	return true
}

// contenu reads a row of journal_contenu; in SQLite it is the whole packet.
func (p *paquet) contenu() (id ident.LigneID, sel, contenu []byte, ok bool) {
	if p.binaire {
		var c [3][]byte
		ok = p.colonnes(c[:])
		return id, c[1], c[2], ok && readID(&id, c[0])
	}
	var n [3]int
	if !p.longueurs(n[:]) || len(p.b) != n[0]+n[1]+n[2] {
		return id, nil, nil, false
	}
	sel, contenu = p.b[n[0]:n[0]+n[1]:n[0]+n[1]], p.b[n[0]+n[1]:]
	ok = readID(&id, p.b[:n[0]])
	p.b = nil
	return id, sel, contenu, ok
}

// readID reads an identifier as either database gives it: 16 bytes, or 36
// characters; nothing is none.
func readID[K any](to *ident.ID[K], b []byte) bool {
	switch len(b) {
	case 0:
		*to = ident.ID[K]{}
		return true
	case 16, 36:
		return to.Scan(b) == nil
	}
	return false
}

// readInstant reads a timestamptz as PostgreSQL sends it: microseconds since
// 2000. The program writes whole milliseconds.
func readInstant(to *db.Time, b []byte) bool {
	if len(b) != 8 {
		return false
	}
	n := int64(binary.BigEndian.Uint64(b))
	if n%1000 != 0 {
		return false
	}
	*to = db.At(time.UnixMilli(n/1000 + 946_684_800_000))
	return true
}
