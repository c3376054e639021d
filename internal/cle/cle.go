// Package cle keeps the service's signing keys: rows encrypted with the fields
// key, held in memory, so that signing and /jwks read no database.
//
// One key serves one usage (M-W46): the ID tokens and userinfo answers of the
// FI ("fi_es256", "fi_rs256"), the attestations ("attestation") and the
// checkpoints of the journal ("journal"). For each usage at most one key signs
// ("active") and one waits ("suivante"); the others are "retiree" and are kept
// for ever, because what they signed must stay verifiable. FI-62: a FI key is
// published before it signs and 24 h after it stopped.
//
// Rotation is an operator's order (Rotate: « aidantsconnect cles rotate »); a
// periodic task carries it out (Promote) and every node follows (Reload).
//
// Table: cle_signature. It serves no URL and appends nothing to the journal.
package cle

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// The usages. Only the first three exist from the first start; a deployment
// that needs RS256, or is a witness, asks for it with Ensure.
const (
	FiES256     = "fi_es256"
	Attestation = "attestation"
	Journal     = "journal"
	FiRS256     = "fi_rs256"
	Temoin      = "temoin" // countersigns the journals of others
)

// The states.
const (
	Active   = "active"
	Suivante = "suivante"
	Retiree  = "retiree"
)

// sursis is how long the FI publishes a key that no longer signs (FI-62).
const sursis = 24 * time.Hour

// algs gives the JOSE name of each usage's algorithm.
var algs = map[string]string{FiES256: "ES256", FiRS256: "RS256", Attestation: "EdDSA", Journal: "EdDSA", Temoin: "EdDSA"}

// Cle is one key. It does not print.
type Cle struct {
	Kid    string
	Usage  string
	Alg    string // JOSE name: ES256, RS256, EdDSA
	Signer crypto.Signer
	Public crypto.PublicKey
	Etat   string

	DateCreation   time.Time
	DateActivation time.Time // zero while Suivante
	DateRetrait    time.Time // zero unless Retiree
}

// String hides the private key from fmt.
func (c Cle) String() string { return "[clé " + c.Kid + "]" }

// GoString hides the private key from %#v.
func (c Cle) GoString() string { return c.String() }

// LogValue hides the private key from slog.
func (c Cle) LogValue() slog.Value {
	return slog.GroupValue(slog.String("kid", c.Kid), slog.String("usage", c.Usage), slog.String("etat", c.Etat))
}

// Published tells whether others must find the public key at that instant: a
// key of the FI goes away 24 h after its last signature, the others never do.
func (c Cle) Published(now time.Time) bool {
	if c.Etat != Retiree || (c.Usage != FiES256 && c.Usage != FiRS256) {
		return true
	}
	return now.Before(c.DateRetrait.Add(sursis))
}

// Generate makes a new key of that usage, without state or dates. An RSA key
// takes about a tenth of a second.
func Generate(usage string) (Cle, error) {
	var s crypto.Signer
	var err error
	switch usage {
	case FiES256:
		s, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case FiRS256:
		s, err = rsa.GenerateKey(rand.Reader, 2048)
	case Attestation, Journal, Temoin:
		_, s, err = ed25519.GenerateKey(rand.Reader)
	default:
		return Cle{}, fmt.Errorf("generate signing key: unknown usage %q", usage)
	}
	if err != nil {
		return Cle{}, fmt.Errorf("generate signing key: %w", err)
	}
	spki, err := x509.MarshalPKIXPublicKey(s.Public())
	if err != nil {
		return Cle{}, fmt.Errorf("encode public key: %w", err)
	}
	return Cle{Kid: kidOf(spki), Usage: usage, Alg: algs[usage], Signer: s, Public: s.Public()}, nil
}

// kidOf names a key by its content, so that two nodes never disagree on it.
func kidOf(spki []byte) string {
	h := sha256.Sum256(spki)
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// parse reads the two halves of a stored key and checks that they are one key,
// of the algorithm of its usage: a row altered in the database does not load.
func parse(usage string, pkcs8, spki []byte) (crypto.Signer, error) {
	k, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, fmt.Errorf("parse private key: %w", err)
	}
	s, ok := k.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("parse private key: %T does not sign", k)
	}
	alg := ""
	switch pub := s.Public().(type) {
	case *ecdsa.PublicKey:
		if pub.Curve == elliptic.P256() {
			alg = "ES256"
		}
	case *rsa.PublicKey:
		if pub.N.BitLen() >= 2048 {
			alg = "RS256"
		}
	case ed25519.PublicKey:
		alg = "EdDSA"
	}
	if alg == "" || alg != algs[usage] {
		return nil, fmt.Errorf("a key for %s cannot be a %T", usage, k)
	}
	own, err := x509.MarshalPKIXPublicKey(s.Public())
	if err != nil {
		return nil, fmt.Errorf("encode public key: %w", err)
	}
	if string(own) != string(spki) {
		return nil, errors.New("the public half is not that of the private half")
	}
	return s, nil
}
