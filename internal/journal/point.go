package journal

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// checkOrigine refuses what C2SP does not accept as a key name, which the
// origin also is: no blank, no plus sign, valid UTF-8.
func checkOrigine(s string) error {
	if s == "" || !utf8.ValidString(s) || strings.ContainsRune(s, '+') || strings.ContainsFunc(s, unicode.IsSpace) || strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("journal origin %q: it must be a name without blank nor plus sign, such as aidants.exemple.fr/journal", s)
	}
	return nil
}

// textePoint is the body of a checkpoint (C2SP tlog-checkpoint): origin, size,
// root. It is not tlog.FormatTree, which is the Go checksum database's own.
func textePoint(origine string, taille int64, racine tlog.Hash) string {
	return origine + "\n" + strconv.FormatInt(taille, 10) + "\n" + base64.StdEncoding.EncodeToString(racine[:]) + "\n"
}

// signPoint makes the signed note of a checkpoint.
func signPoint(text, origine string, keys []crypto.Signer) (string, error) {
	var signers []note.Signer
	for _, key := range keys {
		v, err := verifierOf(origine, key.Public())
		if err != nil {
			return "", err
		}
		signers = append(signers, noteSigner{v, key})
	}
	msg, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return "", fmt.Errorf("sign checkpoint: %w", err)
	}
	return string(msg), nil
}

// noteSigner signs notes with a key that does not leave its crypto.Signer.
type noteSigner struct {
	note.Verifier // gives Name and KeyHash
	key           crypto.Signer
}

// Sign implements note.Signer.
func (s noteSigner) Sign(msg []byte) ([]byte, error) {
	return s.key.Sign(nil, msg, crypto.Hash(0)) // Ed25519 signs the message itself
}

func verifierOf(origine string, pub crypto.PublicKey) (note.Verifier, error) {
	ed, ok := pub.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("a checkpoint is signed with Ed25519, not with a %T", pub)
	}
	text, err := note.NewEd25519VerifierKey(origine, ed)
	if err != nil {
		return nil, fmt.Errorf("name the journal's key: %w", err)
	}
	return note.NewVerifier(text)
}

// verifiersOf are the public keys of the journal, past and present.
func verifiersOf(origine string, keys []crypto.PublicKey) (note.Verifiers, error) {
	var list []note.Verifier
	for _, k := range keys {
		v, err := verifierOf(origine, k)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}

// VerifierKeys are the public keys of the journal, past and present, as C2SP
// signed notes write them, one of which opens each checkpoint.
func (j *Journal) VerifierKeys() ([]string, error) {
	var out []string
	for _, k := range j.publicKeys() {
		v, err := verifierOf(j.origine, k)
		if err != nil {
			return nil, err
		}
		key, err := note.NewEd25519VerifierKey(v.Name(), k.(ed25519.PublicKey))
		if err != nil {
			return nil, err
		}
		out = append(out, key)
	}
	return out, nil
}

var errPoint = errors.New("the note is not that of this size and root")

// checkPoint verifies the signature of a checkpoint and that it says this.
func checkPoint(msg, text string, known note.Verifiers) error {
	n, err := note.Open([]byte(msg), known)
	if err != nil {
		return err
	}
	if n.Text != text {
		return errPoint
	}
	return nil
}
