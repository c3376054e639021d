package transparence

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// algCosignature is the type byte of a timestamped countersignature in a key
// (C2SP tlog-cosignature, Ed25519).
const algCosignature = 0x04

// cosignataire verifies the countersignatures of one witness. It is a
// note.Verifier.
type cosignataire struct {
	name string
	hash uint32
	pub  ed25519.PublicKey
}

// newCosignataire names a witness's key.
func newCosignataire(name string, pub ed25519.PublicKey) cosignataire {
	b := append([]byte(name+"\n"), algCosignature)
	h := sha256.Sum256(append(b, pub...))
	return cosignataire{name: name, hash: binary.BigEndian.Uint32(h[:4]), pub: pub}
}

// ErrCle says that a text is not a verifier key.
var ErrCle = errors.New("not the public key of a witness")

// parseCosignataire reads a key as C2SP writes it: name+hash+base64(0x04 ‖ key).
func parseCosignataire(vkey string) (cosignataire, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	hash, data, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(data)
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != algCosignature || name == "" || strings.ContainsAny(name, " \n") {
		return cosignataire{}, ErrCle
	}
	c := newCosignataire(name, key[1:])
	if hash == "" || c.vkey() != vkey { // written another way, or not its digest
		return cosignataire{}, ErrCle
	}
	return c, nil
}

// vkey writes the key.
func (c cosignataire) vkey() string {
	return fmt.Sprintf("%s+%08x+%s", c.name, c.hash, base64.StdEncoding.EncodeToString(append([]byte{algCosignature}, c.pub...)))
}

// Name implements note.Verifier.
func (c cosignataire) Name() string { return c.name }

// KeyHash implements note.Verifier.
func (c cosignataire) KeyHash() uint32 { return c.hash }

// Verify implements note.Verifier: the signature is an instant on eight bytes,
// then what was signed with it.
func (c cosignataire) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(c.pub, cosigned(binary.BigEndian.Uint64(sig), msg), sig[8:])
}

// cosigned is what a witness signs.
func cosigned(seconds uint64, text []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(seconds, 10)+"\n"), text...)
}

// cosign makes the line that a witness adds to a checkpoint.
func cosign(c cosignataire, key crypto.Signer, text string, now time.Time) (string, error) {
	seconds := uint64(now.Unix())
	sig, err := key.Sign(nil, cosigned(seconds, []byte(text)), crypto.Hash(0))
	if err != nil {
		return "", fmt.Errorf("countersign: %w", err)
	}
	b := binary.BigEndian.AppendUint32(nil, c.hash)
	b = binary.BigEndian.AppendUint64(b, seconds)
	return "— " + c.name + " " + base64.StdEncoding.EncodeToString(append(b, sig...)) + "\n", nil
}

// checkCosignature verifies that the lines a witness answered hold its
// countersignature of this checkpoint, and gives that line alone.
func checkCosignature(c cosignataire, text, lines string) (line string, err error) {
	n, err := note.Open([]byte(text+"\n"+lines), note.VerifierList(c))
	if err != nil {
		return "", fmt.Errorf("open countersignature: %w", err)
	}
	if len(n.Sigs) != 1 {
		return "", fmt.Errorf("%d countersignatures", len(n.Sigs))
	}
	return "— " + n.Sigs[0].Name + " " + n.Sigs[0].Base64 + "\n", nil
}
