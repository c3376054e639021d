package testkit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"aidantsconnect/internal/sceau"
)

// Autorite is a certification authority of the tests.
type Autorite struct {
	t    testing.TB
	jour time.Time
	cert *x509.Certificate
	cle  crypto.Signer
}

// NewAutorite certifies from a month before that day, for a year after it.
func NewAutorite(t testing.TB, jour time.Time) Autorite {
	t.Helper()
	k := NewCleEC(t)
	tpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Autorité d’essai"}, NotBefore: jour.AddDate(-1, 0, 0), NotAfter: jour.AddDate(9, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, k.Public(), k)
	return Autorite{t, jour, parse(t, der, err), k}
}

// NewCleEC makes a key.
func NewCleEC(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func parse(t testing.TB, der []byte, err error) *x509.Certificate {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Certify gives a certificate, the authority's after it, and its key, in PEM.
func (a Autorite) Certify(k crypto.Signer, change ...func(*x509.Certificate)) (certs, key []byte) {
	a.t.Helper()
	tpl := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Structure d’essai", Organization: []string{"Essais"}}, NotBefore: a.jour.AddDate(0, -1, 0), NotAfter: a.jour.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageContentCommitment}
	for _, f := range change {
		f(tpl)
	}
	der, err := x509.CreateCertificate(rand.Reader, tpl, a.cert, k.Public(), a.cle)
	c := parse(a.t, der, err)
	der, err = x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	certs = append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), a.PEM()...)
	return certs, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// PEM is its own certificate.
func (a Autorite) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Pool trusts it alone.
func (a Autorite) Pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// Read gives what seals with a key that it certifies.
func (a Autorite) Read(k crypto.Signer) *sceau.Certificat {
	a.t.Helper()
	certs, key := a.Certify(k)
	c, err := sceau.Read(certs, key, a.jour)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}
