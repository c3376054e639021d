// Package tableur reads the tables that people send from a spreadsheet, as it
// saved them or as they pasted them: a byte order mark or none, UTF-8, UTF-16 or
// the old Windows encoding, columns separated by semicolons, commas or tabs. It
// also makes harmless the cells that we give to one.
//
// It owns no table and serves no URL, and knows nothing of what a table says.
package tableur

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Ligne is one line of a table.
type Ligne struct {
	Numero   int // in the file, from 1
	Cellules []string
}

// Refus tells in French why a file cannot be read; Ligne is 0 for the whole of
// it. It never repeats what the file holds.
type Refus struct {
	Ligne int
	Texte string
}

// Error implements error, for logs only.
func (r *Refus) Error() string { return fmt.Sprintf("unreadable table, line %d", r.Ligne) }

// celluleMax bounds one cell, in bytes: past it the file is no list.
const celluleMax = 2000

// Read gives the lines of a file, without the empty ones, max at most.
func Read(file []byte, max int) ([]Ligne, error) {
	text, err := decode(file)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = separator(text)
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, r.Comma != '\t'
	var out []Ligne
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			return out, &Refus{bad.Line, "Cette ligne n’est pas du CSV : un guillemet n’est pas fermé, ou est mal placé."}
		}
		if err != nil {
			return nil, fmt.Errorf("read table: %w", err)
		}
		line, _ := r.FieldPos(0)
		empty := true
		for i, c := range cells {
			cells[i] = strings.TrimSpace(c)
			empty = empty && cells[i] == ""
			if len(c) > celluleMax {
				return nil, &Refus{line, "Une case de cette ligne est trop longue."}
			}
		}
		if empty {
			continue
		}
		if len(out) == max {
			return nil, &Refus{line, fmt.Sprintf("Un fichier contient %d lignes au plus : coupez-le.", max)}
		}
		out = append(out, Ligne{line, cells})
	}
}

// decode gives the text of a file in UTF-8.
func decode(file []byte) (string, error) {
	switch {
	case bytes.HasPrefix(file, []byte("PK\x03\x04")), bytes.HasPrefix(file, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return "", &Refus{0, "Ce fichier est un classeur. Dans votre tableur, choisissez « Enregistrer sous », puis le format CSV."}
	case bytes.HasPrefix(file, []byte("%PDF")):
		return "", &Refus{0, "Ce fichier est un PDF. Il faut un tableau au format CSV."}
	case bytes.HasPrefix(file, []byte{0xff, 0xfe}):
		return wide(file[2:], binary.LittleEndian)
	case bytes.HasPrefix(file, []byte{0xfe, 0xff}):
		return wide(file[2:], binary.BigEndian)
	}
	file = bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(file, 0) >= 0 {
		return "", &Refus{0, "Ce fichier n’est pas du texte. Il faut un tableau au format CSV."}
	}
	if !utf8.Valid(file) {
		plain, err := charmap.Windows1252.NewDecoder().Bytes(file)
		if err != nil {
			return "", &Refus{0, "Les accents de ce fichier ne se lisent pas. Enregistrez-le en CSV, encodage UTF-8."}
		}
		file = plain
	}
	return unify(string(file)), nil
}

// unify ends the lines as csv.Reader expects: an old Mac ends them otherwise.
func unify(s string) string {
	if !strings.Contains(s, "\n") {
		return strings.ReplaceAll(s, "\r", "\n")
	}
	return s
}

func wide(b []byte, order binary.ByteOrder) (string, error) {
	if len(b)%2 != 0 {
		return "", &Refus{0, "Ce fichier est coupé. Enregistrez-le de nouveau en CSV."}
	}
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = order.Uint16(b[2*i:])
	}
	return unify(string(utf16.Decode(u))), nil
}

// separator is what the first line holds most of, outside quotes.
func separator(text string) rune {
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	count := map[rune]int{}
	quoted := false
	for _, c := range first {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			count[c]++
		}
	}
	best := ','
	for _, c := range []rune{';', '\t'} {
		if count[c] > count[best] {
			best = c
		}
	}
	return best
}

// Inert keeps a spreadsheet from taking a cell for a formula.
func Inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// Write makes a CSV file that a French spreadsheet opens well: its cells are
// text, whatever they begin with.
func Write(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.Comma = ';'
	for _, r := range rows {
		cells := make([]string, len(r))
		for i, c := range r {
			cells[i] = Inert(c)
		}
		if err := w.Write(cells); err != nil {
			return nil, fmt.Errorf("write table: %w", err)
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
