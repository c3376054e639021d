package testkit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
)

// Horodateur is a timestamp authority (RFC 3161) that answers on this machine.
type Horodateur struct {
	URL    string
	PEM    []byte                   // certificate of its root
	Usages []x509.ExtKeyUsage       // of its own certificate
	Change func(*timestamp.Request) // applied to what is asked, before it is answered
	Muet   atomic.Bool              // it does not answer any more
	Faux   atomic.Bool              // it answers with a certificate that nobody signed
	Clock  func() time.Time

	cle    *ecdsa.PrivateKey
	cert   *x509.Certificate
	autre  *x509.Certificate
	numero atomic.Int64
}

// NewHorodateur starts an authority, whose certificates are valid around that
// clock's time.
func NewHorodateur(t testing.TB, clock func() time.Time, usages ...x509.ExtKeyUsage) *Horodateur {
	t.Helper()
	if len(usages) == 0 {
		usages = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
	}
	h := &Horodateur{Clock: clock, Usages: usages}
	racine, rootKey := h.certificate(t, "Racine d’essai", nil, nil)
	h.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: racine.Raw})
	h.cert, h.cle = h.certificate(t, "Horodatage d’essai", racine, rootKey)
	other, otherKey := h.certificate(t, "Racine inconnue", nil, nil)
	h.autre, _ = h.certificate(t, "Horodatage d’essai", other, otherKey)
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	h.URL = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	return h
}

// certificate makes a root, or when parent is given what it vouches for, with
// the authority's key if it has one.
func (h *Horodateur) certificate(t testing.TB, name string, parent *x509.Certificate, by *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key := h.cle
	if key == nil || parent == nil {
		var err error
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(h.numero.Add(1)), Subject: pkix.Name{CommonName: name},
		NotBefore: h.Clock().Add(-time.Hour), NotAfter: h.Clock().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	if parent == nil {
		c.IsCA, c.KeyUsage, parent, by = true, x509.KeyUsageCertSign, c, key
	} else {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: extKeyUsages(t, h.Usages)}}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made, key
}

func extKeyUsages(t testing.TB, usages []x509.ExtKeyUsage) []byte {
	t.Helper()
	oids := map[x509.ExtKeyUsage]asn1.ObjectIdentifier{
		x509.ExtKeyUsageTimeStamping: {1, 3, 6, 1, 5, 5, 7, 3, 8}, x509.ExtKeyUsageCodeSigning: {1, 3, 6, 1, 5, 5, 7, 3, 3},
	}
	var list []asn1.ObjectIdentifier
	for _, u := range usages {
		list = append(list, oids[u])
	}
	b, err := asn1.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ServeHTTP dates what it is sent.
func (h *Horodateur) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4096))
	if err != nil || h.Muet.Load() {
		http.Error(w, "", http.StatusServiceUnavailable)
		return
	}
	q, err := timestamp.ParseRequest(body)
	if err != nil {
		http.Error(w, "", http.StatusBadRequest)
		return
	}
	if h.Change != nil {
		h.Change(q)
	}
	cert := h.cert
	if h.Faux.Load() {
		cert = h.autre
	}
	answer := timestamp.Timestamp{
		HashAlgorithm: q.HashAlgorithm, HashedMessage: q.HashedMessage, Time: h.Clock(), Accuracy: time.Second, Nonce: q.Nonce,
		Policy: asn1.ObjectIdentifier{1, 2, 3, 4}, AddTSACertificate: q.Certificates,
	}
	b, err := answer.CreateResponseWithOpts(cert, h.cle, crypto.SHA256)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(b)
}
