package consentement

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// selTaille is the salt before the content: the digest of a short content (a
// name, OUI) cannot be found by trying.
const selTaille = 16

// ErrEfface says that a proof's content has been erased.
var ErrEfface = errors.New("proof erased")

// ErrAltere says that a proof's content is not the one that was digested.
var ErrAltere = errors.New("proof altered")

// Contenu is what a proof holds, in clear.
type Contenu struct {
	Genre  Genre
	Rang   int    // 1 when zero
	Type   string // "image/jpeg"
	Octets []byte
	Aidant ident.AidantID // who records it; zero for the usager
}

// Seal makes a proof of an object: digest of salt, object and content; content
// encrypted for its row. Nothing is written.
func Seal(box *secret.Box, o Objet, c Contenu) (Piece, error) {
	p := Piece{ID: ident.New[ident.PieceID](), Genre: c.Genre, Rang: max(c.Rang, 1), Type: c.Type, Taille: len(c.Octets), Aidant: c.Aidant}
	plain := append(secret.Random(selTaille), c.Octets...)
	p.Empreinte = digest(o, plain)
	var err error
	if p.Scelle, err = box.Seal(plain, p.context()); err != nil {
		return p, fmt.Errorf("seal proof: %w", err)
	}
	return p, nil
}

// Written is the agreement of a person who writes their name on the screen.
func Written(box *secret.Box, o Objet, nom string) (Choix, []Piece, error) {
	b, err := json.Marshal(map[string]any{"lu": true, "accord": true, "nom": nom})
	if err != nil {
		return Choix{}, nil, fmt.Errorf("encode signature: %w", err)
	}
	p, err := Seal(box, o, Contenu{Genre: SignatureSaisie, Type: "application/json", Octets: b})
	return Choix{Ecran, Present}, []Piece{p}, err
}

// Open gives the content back, and checks that it is the one digested.
func (p Piece) Open(box *secret.Box, o Objet) ([]byte, error) {
	if p.Scelle == nil {
		return nil, ErrEfface
	}
	plain, err := box.Open(p.Scelle, p.context())
	if err != nil {
		return nil, err
	}
	if len(plain) < selTaille || !bytes.Equal(digest(o, plain), p.Empreinte) {
		return nil, ErrAltere
	}
	return plain[selTaille:], nil
}

func (p Piece) context() string { return "accord_piece/" + p.ID.String() + "/contenu" }

func digest(o Objet, plain []byte) []byte {
	of := o.Empreinte()
	h := sha256.New()
	h.Write([]byte("accord_piece/1\n"))
	h.Write(of[:])
	h.Write(plain)
	return h.Sum(nil)
}
