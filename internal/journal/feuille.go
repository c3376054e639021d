package journal

import (
	"crypto/sha256"
	"encoding/binary"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// versionEntree is the first byte hashed. Lines of a later version would be
// recomputed by its own rule; those of this one never change.
const versionEntree = 1

// selTaille is the length of both salts: nobody can guess a line from its
// entry, nor a content from its digest.
const selTaille = 32

// champs are the fixed fields of a line: what its entry commits to besides the
// salts and the content digest.
type champs struct {
	ID           ident.LigneID
	Instant      db.Time
	Action       string
	Initiateur   Initiateur
	Aidant       string // pseudonym, 32 hexadecimal digits, or ""
	Concerne     string // pseudonym
	Usager       string // pseudonym
	Organisation ident.OrganisationID
	Mandat       ident.MandatID
	Autorisation ident.AutorisationID
	Operation    ident.OperationID
	Session      []byte // keyed digest of the session's identifier, 32 bytes or none
}

// entree computes the 32 bytes of a line:
//
//	SHA-256( 0x01 ‖ p(salt) ‖ p(id) ‖ p(instant) ‖ p(action) ‖ p(initiateur)
//	  ‖ p(aidant) ‖ p(concerne) ‖ p(usager) ‖ p(organisation) ‖ p(mandat)
//	  ‖ p(autorisation) ‖ p(operation) ‖ p(session) ‖ p(content digest) )
//
// where p(x) is the length of x on two bytes, big-endian, then x. Identifiers
// are their 36-character text, the instant is milliseconds since 1970 on eight
// bytes, big-endian; an absent field has length zero.
func entree(c champs, sel, contenuEmpreinte []byte) [sha256.Size]byte {
	b := make([]byte, 0, 512)
	b = append(b, versionEntree)
	b = part(b, sel)
	b = partID(b, c.ID)
	var instant [8]byte
	binary.BigEndian.PutUint64(instant[:], uint64(c.Instant.Time().UnixMilli()))
	b = part(b, instant[:])
	for _, s := range [...]string{c.Action, string(c.Initiateur), c.Aidant, c.Concerne, c.Usager} {
		b = part(b, s)
	}
	b = partID(b, c.Organisation)
	b = partID(b, c.Mandat)
	b = partID(b, c.Autorisation)
	b = partID(b, c.Operation)
	b = part(b, c.Session)
	b = part(b, contenuEmpreinte)
	return sha256.Sum256(b)
}

// part appends the length and the bytes of one part. Nothing the journal
// stores in a fixed field comes near 65,535 bytes; Verify checks it of rows.
func part[T string | []byte](b []byte, x T) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(x)))
	return append(b, x...)
}

// partID is part of the text of an identifier: 36 characters, or none.
func partID[K any](b []byte, id ident.ID[K]) []byte {
	if id.IsZero() {
		return append(b, 0, 0)
	}
	b, _ = id.AppendText(append(b, 0, 36)) // never fails
	return b
}

// contenuEmpreinte is SHA-256( salt ‖ canonical JSON ). The salt has a fixed
// length, so no other split gives the same bytes.
func contenuEmpreinte(sel, contenu []byte) [sha256.Size]byte {
	b := make([]byte, 0, 512) // on the stack, for most
	return sha256.Sum256(append(append(b, sel...), contenu...))
}

// Champs are the fixed fields of a line, for a receipt.
type Champs = champs

// Entree computes the 32 bytes of a line again, for whoever holds a receipt.
func Entree(c Champs, sel, contenuEmpreinte []byte) [sha256.Size]byte {
	return entree(c, sel, contenuEmpreinte)
}

// EmpreinteContenu computes the digest of a line's facts again.
func EmpreinteContenu(sel, contenu []byte) [sha256.Size]byte { return contenuEmpreinte(sel, contenu) }
