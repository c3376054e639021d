// Package secret makes and compares what must stay secret: random tokens,
// keyed digests, encrypted fields, and text that does not print.
//
// One key serves one purpose (M-W46). A random value of 256 bits is stored as
// a keyed digest and found through a unique index; no password hash is needed
// for it (FC-04, M-W40).
package secret

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"

	tink "github.com/tink-crypto/tink-go/v2/aead/subtle"
)

// KeySize is the length in bytes of every symmetric key.
const KeySize = 32

// Text is a value that must never reach a log, a page title or an error.
type Text string

// String hides the value from fmt.
func (Text) String() string { return "[secret]" }

// GoString hides the value from %#v.
func (Text) GoString() string { return "[secret]" }

// LogValue hides the value from slog.
func (Text) LogValue() slog.Value { return slog.StringValue("[secret]") }

// Reveal gives the value to the code that sends or compares it.
func (t Text) Reveal() string { return string(t) }

// NewToken makes 32 random bytes in base64url, 43 characters.
func NewToken() Text { return Text(base64.RawURLEncoding.EncodeToString(Random(32))) }

// Random gives n bytes of the system's generator, which never fails.
func Random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// Equal compares in constant time; values of different lengths differ.
func Equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// Key is a symmetric key of KeySize bytes that does not print.
type Key struct{ b []byte }

// ErrWeakKey says that a key is too short or made of one repeated byte.
var ErrWeakKey = errors.New("weak key")

// NewKey checks raw bytes: exactly 32, not all alike (M-W46).
func NewKey(b []byte) (Key, error) {
	if len(b) != KeySize {
		return Key{}, fmt.Errorf("%w: %d bytes instead of %d", ErrWeakKey, len(b), KeySize)
	}
	var distinct [256]bool
	n := 0
	for _, c := range b {
		if !distinct[c] {
			distinct[c] = true
			n++
		}
	}
	if n < 8 {
		return Key{}, fmt.Errorf("%w: only %d distinct bytes", ErrWeakKey, n)
	}
	return Key{append([]byte(nil), b...)}, nil
}

// ParseKey reads a key written in base64 (standard or URL alphabet, padded or not).
func ParseKey(s string) (Key, error) {
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := e.DecodeString(s); err == nil {
			return NewKey(b)
		}
	}
	return Key{}, fmt.Errorf("%w: not base64", ErrWeakKey)
}

// RandomKey makes a new key.
func RandomKey() Key { return Key{Random(KeySize)} }

// Reveal gives the key in standard base64, to write it where it is kept.
func (k Key) Reveal() string { return base64.StdEncoding.EncodeToString(k.b) }

// IsZero tells whether the key is absent.
func (k Key) IsZero() bool { return len(k.b) == 0 }

// String hides the key from fmt.
func (Key) String() string { return "[key]" }

// GoString hides the key from %#v.
func (Key) GoString() string { return "[key]" }

// LogValue hides the key from slog.
func (Key) LogValue() slog.Value { return slog.StringValue("[key]") }

// Digest is HMAC-SHA-256 of the value under this key. purpose separates
// domains ("code", "jeton", "lien"): the same value under two purposes gives
// two unrelated digests.
func (k Key) Digest(purpose, value string) []byte {
	m := hmac.New(sha256.New, k.b)
	m.Write([]byte(purpose))
	m.Write([]byte{0})
	m.Write([]byte(value))
	return m.Sum(nil)
}

// Box encrypts fields that must be read back (TOTP seeds, phones, ID tokens)
// with XChaCha20-Poly1305. The context is authenticated: a value moved to
// another row or column no longer opens.
type Box struct{ aead *tink.XChaCha20Poly1305 }

// NewBox makes a box from its key.
func NewBox(k Key) (*Box, error) {
	a, err := tink.NewXChaCha20Poly1305(k.b)
	if err != nil {
		return nil, fmt.Errorf("make box: %w", err)
	}
	return &Box{a}, nil
}

// Seal encrypts plain for this context ("facteur/<id>").
func (b *Box) Seal(plain []byte, context string) ([]byte, error) {
	return b.aead.Encrypt(plain, []byte(context))
}

// Open decrypts; an altered value or another context is an error.
func (b *Box) Open(sealed []byte, context string) ([]byte, error) {
	p, err := b.aead.Decrypt(sealed, []byte(context))
	if err != nil {
		return nil, fmt.Errorf("open sealed field: %w", err)
	}
	return p, nil
}

// SealText is Seal for what travels in a cookie or an address: base64url
// without padding (RFC 4648 §5).
func (b *Box) SealText(plain []byte, context string) (string, error) {
	sealed, err := b.Seal(plain, context)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// OpenText reads back what SealText wrote; false for anything else, altered or
// of another context.
func (b *Box) OpenText(sealed, context string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) == 0 {
		return nil, false
	}
	plain, err := b.Open(raw, context)
	return plain, err == nil
}
