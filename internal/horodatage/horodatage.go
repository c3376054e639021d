// Package horodatage has a timestamp authority say when a digest existed, and
// verifies its answer, offline and for ever (RFC 3161).
//
// An authority is believed when its certificate leads to one of those that the
// operator trusts, is for timestamps and for nothing else, was valid on the date
// it certifies, and signed the date with the very digest. Whether it was revoked
// since is not asked: that needs the network, and a date certified before stays.
//
// It owns no table, serves no URL and appends nothing to the journal. It is sent
// a digest, never what was digested.
package horodatage

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha1" // RFC 3161 names the certificate by it; it protects nothing by itself
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"net/http"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"
)

// MaxReponse is the most bytes of an answer.
const MaxReponse = 32 << 10

var (
	// ErrFaux says that an answer does not certify this digest.
	ErrFaux = errors.New("the answer does not certify this digest")
	// ErrMuette says that the authority could not be asked, or did not answer.
	ErrMuette = errors.New("the timestamp authority does not answer")
)

// Autorite is a timestamp authority and what makes it believed.
type Autorite struct {
	URL     string
	Racines *x509.CertPool
	HTTP    *http.Client
}

// Date is a certified date: the digest existed then, give or take Precision.
type Date struct {
	Instant   time.Time
	Precision time.Duration // zero: not told
	Autorite  string        // the name in its certificate
}

// ReadRacines reads trusted certificates in PEM.
func ReadRacines(text []byte) (*x509.CertPool, error) {
	pool, n := x509.NewCertPool(), 0
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			return nil, errors.New("not a certificate in PEM")
		}
		pool.AddCert(c)
		n++
	}
	if n == 0 {
		return nil, errors.New("no certificate in PEM")
	}
	return pool, nil
}

// Ask has the digest dated. What it gives was verified, and verifies again.
func (a Autorite) Ask(ctx context.Context, empreinte [sha256.Size]byte) (reponse []byte, d Date, err error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return nil, d, err
	}
	q := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: empreinte[:], Certificates: true, Nonce: nonce}
	body, err := q.Marshal()
	if err != nil {
		return nil, d, fmt.Errorf("write timestamp request: %w", err)
	}
	if reponse, err = a.post(ctx, body); err != nil {
		return nil, d, err
	}
	t, d, err := verify(reponse, empreinte, a.Racines)
	if err == nil && (t.Nonce == nil || t.Nonce.Cmp(nonce) != 0) {
		err = fmt.Errorf("%w: it answers another request", ErrFaux)
	}
	return reponse, d, err
}

func (a Autorite) post(ctx context.Context, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMuette, err)
	}
	r.Header.Set("Content-Type", "application/timestamp-query")
	res, err := a.HTTP.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMuette, err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(res.Body, MaxReponse+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMuette, err)
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if res.StatusCode != http.StatusOK || kind != "application/timestamp-reply" {
		return nil, fmt.Errorf("%w: status %d", ErrMuette, res.StatusCode)
	}
	return b, nil
}

// Verify tells when the digest existed, by an answer kept since.
func Verify(reponse []byte, empreinte [sha256.Size]byte, racines *x509.CertPool) (Date, error) {
	_, d, err := verify(reponse, empreinte, racines)
	return d, err
}

func verify(reponse []byte, empreinte [sha256.Size]byte, racines *x509.CertPool) (t *timestamp.Timestamp, d Date, err error) {
	defer func() { // the answer may be anybody's, and its parsers are not ours
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: unreadable", ErrFaux)
		}
	}()
	if len(reponse) > MaxReponse || racines == nil {
		return nil, d, fmt.Errorf("%w: too long, or nobody to trust", ErrFaux)
	}
	if t, err = timestamp.ParseResponse(reponse); err != nil {
		return nil, d, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	if t.HashAlgorithm != crypto.SHA256 || !bytes.Equal(t.HashedMessage, empreinte[:]) {
		return nil, d, fmt.Errorf("%w: another digest", ErrFaux)
	}
	p, err := pkcs7.Parse(t.RawToken)
	if err != nil {
		return nil, d, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	signer := p.GetOnlySigner()
	if signer == nil {
		return nil, d, fmt.Errorf("%w: not one signer with its certificate", ErrFaux)
	}
	if err := checkSigner(p, signer); err != nil {
		return nil, d, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	others := x509.NewCertPool()
	for _, c := range p.Certificates {
		others.AddCert(c)
	}
	err = p.VerifyWithOpts(x509.VerifyOptions{
		Roots: racines, Intermediates: others, CurrentTime: t.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	if err != nil {
		return nil, d, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	return t, Date{Instant: t.Time.UTC(), Precision: t.Accuracy, Autorite: name(signer)}, nil
}

func name(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}

var (
	oidContentType = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidTSTInfo     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidCert        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12} // RFC 2634: by SHA-1
	oidCertV2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47} // RFC 5035
	oidKeyUsage    = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidSHA256      = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384      = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512      = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

// checkSigner is what RFC 3161 asks of who signs besides the signature: §2.3, a
// key for timestamps alone; §2.4.2, a signed content that is a timestamp and
// names the certificate.
func checkSigner(p *pkcs7.PKCS7, c *x509.Certificate) error {
	critical := false
	for _, e := range c.Extensions {
		critical = critical || e.Id.Equal(oidKeyUsage) && e.Critical
	}
	if !critical || len(c.UnknownExtKeyUsage) > 0 || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping {
		return errors.New("the certificate is not for timestamps alone")
	}
	var kind asn1.ObjectIdentifier
	if err := p.UnmarshalSignedAttribute(oidContentType, &kind); err != nil || !kind.Equal(oidTSTInfo) {
		return errors.New("what is signed is not a timestamp")
	}
	return checkNamed(p, c)
}

// checkNamed looks at the certificate that the signature says is its own.
func checkNamed(p *pkcs7.PKCS7, c *x509.Certificate) error {
	for _, v := range []struct {
		oid asn1.ObjectIdentifier
		v2  bool
	}{{oidCertV2, true}, {oidCert, false}} {
		var list struct {
			Certs    []asn1.RawValue
			Policies asn1.RawValue `asn1:"optional"`
		}
		if err := p.UnmarshalSignedAttribute(v.oid, &list); err != nil {
			continue
		}
		if len(list.Certs) == 0 || !names(list.Certs[0].Bytes, v.v2, c.Raw) {
			return errors.New("it names another certificate")
		}
		return nil
	}
	return errors.New("the certificate is not named in what is signed")
}

// names tells whether the body of an ESSCertID names that certificate.
func names(body []byte, v2 bool, cert []byte) bool {
	var one asn1.RawValue
	body, err := asn1.Unmarshal(body, &one)
	if err != nil {
		return false
	}
	alg := oidSHA256
	if v2 && one.Tag == asn1.TagSequence {
		rest, err := asn1.Unmarshal(one.Bytes, &alg)
		_ = rest // parameters
		if err != nil {
			return false
		}
		if _, err = asn1.Unmarshal(body, &one); err != nil {
			return false
		}
	}
	if one.Tag != asn1.TagOctetString {
		return false
	}
	var want []byte
	switch {
	case !v2:
		h := sha1.Sum(cert)
		want = h[:]
	case alg.Equal(oidSHA256):
		h := sha256.Sum256(cert)
		want = h[:]
	case alg.Equal(oidSHA384):
		h := sha512.Sum384(cert)
		want = h[:]
	case alg.Equal(oidSHA512):
		h := sha512.Sum512(cert)
		want = h[:]
	}
	return want != nil && bytes.Equal(one.Bytes, want)
}
