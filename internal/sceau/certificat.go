package sceau

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Certificat is the operator's certificate with its key. It does not print.
type Certificat struct {
	chaine []*x509.Certificate // its own first
	cle    crypto.Signer
}

// What is wrong with a certificate or its key. The messages are for logs; the
// configuration says them in French.
var (
	ErrIllisible  = errors.New("no certificate in PEM")
	ErrCle        = errors.New("no RSA (2048 bits or more) nor ECDSA (P-256, P-384, P-521) private key in PEM, without passphrase")
	ErrDisjoint   = errors.New("the key is not the certificate's")
	ErrPerime     = errors.New("the certificate is not valid today")
	ErrUsage      = errors.New("the certificate is not for signatures")
	ErrTropLongue = errors.New("too many certificates")
	ErrChaine     = errors.New("the certificates do not follow each other")
)

// Bounds of what is read: a chain is three certificates of 2 KB.
const (
	maxChaine = 6
	minRSA    = 2048
)

// Read reads a certificate, with those that lead to its authority after it,
// and its key. It refuses what could not seal today.
func Read(certificats, key []byte, now time.Time) (*Certificat, error) {
	chain, err := readChain(certificats)
	if err != nil {
		return nil, err
	}
	if err := checkChain(chain); err != nil {
		return nil, err
	}
	signer, err := readKey(key)
	if err != nil {
		return nil, err
	}
	c := &Certificat{chain, signer}
	public, ok := chain[0].PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	switch {
	case !ok || !public.Equal(signer.Public()):
		return nil, ErrDisjoint
	case !c.Valid(now):
		return nil, ErrPerime
	case chain[0].KeyUsage != 0 && chain[0].KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0:
		return nil, ErrUsage
	}
	return c, nil
}

func readChain(text []byte) (out []*x509.Certificate, err error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue // the key may lie in the same file
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrIllisible, err)
		}
		if out = append(out, c); len(out) > maxChaine {
			return nil, ErrTropLongue
		}
	}
	if len(out) == 0 {
		return nil, ErrIllisible
	}
	return out, nil
}

// checkChain: each certificate is signed by the next.
func checkChain(chain []*x509.Certificate) error {
	for i, c := range chain {
		if i+1 == len(chain) {
			break // who signed it is not here
		}
		if err := c.CheckSignatureFrom(chain[i+1]); err != nil {
			return fmt.Errorf("%w: %w", ErrChaine, err)
		}
	}
	return nil
}

func readKey(text []byte) (crypto.Signer, error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, ErrCle
		}
		var k any
		var err error
		switch block.Type {
		case "PRIVATE KEY":
			k, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			k, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			k, err = x509.ParseECPrivateKey(block.Bytes)
		default:
			continue
		}
		switch k := k.(type) {
		case *rsa.PrivateKey:
			if err == nil && k.N.BitLen() >= minRSA {
				return k, nil
			}
		case *ecdsa.PrivateKey:
			if err == nil && k.Curve.Params().BitSize >= 256 {
				return k, nil
			}
		}
		return nil, ErrCle
	}
}

// Valid tells whether the certificate may seal at that instant.
func (c *Certificat) Valid(now time.Time) bool {
	return !now.Before(c.chaine[0].NotBefore) && !now.After(c.chaine[0].NotAfter)
}

// At gives the certificate if it may seal at that instant, else nil.
func (c *Certificat) At(now time.Time) *Certificat {
	if c == nil || !c.Valid(now) {
		return nil
	}
	return c
}

// Empreinte is the SHA-256 of the certificate, hexadecimal.
func (c *Certificat) Empreinte() string { return empreinte(c.chaine[0]) }

func empreinte(c *x509.Certificate) string {
	h := sha256.Sum256(c.Raw)
	return hex.EncodeToString(h[:])
}

// Identite says whose certificate it is, and until when.
func (c *Certificat) Identite() Signataire { return signataire(c.chaine[0]) }

// Signataire is who a certificate names.
type Signataire struct {
	Nom       string // common name, or the whole subject
	Emetteur  string // who certifies it
	Empreinte string
	Debut     time.Time
	Fin       time.Time
	Reconnu   bool // it leads to an authority that the reader trusts
}

func signataire(c *x509.Certificate) Signataire {
	s := Signataire{Nom: c.Subject.CommonName, Emetteur: c.Issuer.CommonName, Empreinte: empreinte(c), Debut: c.NotBefore, Fin: c.NotAfter}
	if s.Nom == "" {
		s.Nom = c.Subject.String()
	}
	if s.Emetteur == "" {
		s.Emetteur = c.Issuer.String()
	}
	return s
}

// String hides the private key from fmt.
func (c *Certificat) String() string { return "[certificat " + c.Empreinte() + "]" }

// GoString hides the private key from %#v.
func (c *Certificat) GoString() string { return c.String() }

// LogValue hides the private key from slog.
func (c *Certificat) LogValue() slog.Value { return slog.StringValue(c.String()) }
