package sceau

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/digitorus/pkcs7"
)

var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidCertV2        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47} // RFC 5035
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidRSA           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidECDSASHA256   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

// What RFC 5652 §5 writes.
type (
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}
	signedData struct {
		Version      int
		Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
		Content      struct{ Type asn1.ObjectIdentifier }
		Certificates asn1.RawValue
		Signers      []signerInfo `asn1:"set"`
	}
	signerInfo struct {
		Version   int
		Signer    issuerSerial
		Digest    pkix.AlgorithmIdentifier
		Signed    asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature []byte
	}
	issuerSerial struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	attribute struct {
		Type   asn1.ObjectIdentifier
		Values asn1.RawValue
	}
	essCertIDv2 struct { // the default digest, SHA-256, is left out (DER)
		Hash   []byte
		Issuer struct {
			Names  []asn1.RawValue
			Serial *big.Int
		}
	}
)

// max bounds the CMS: the room left for it in the file.
func (c *Certificat) max() int {
	n := 2048
	for _, x := range c.chaine {
		n += 2*len(x.Raw) + 64 // itself, and its name in what is signed
	}
	return n
}

// Sign makes the detached CMS of a content.
func (c *Certificat) Sign(content []byte) ([]byte, error) {
	signed, err := attributes(c.chaine, sha256.Sum256(content))
	if err != nil {
		return nil, fmt.Errorf("encode signed attributes: %w", err)
	}
	digest := sha256.Sum256(signed) // RFC 5652 §5.4: as a SET, not under [0]
	signature, err := c.cle.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return encode(c.chaine, signed, signature)
}

// encode writes the CMS. It is a function of its arguments: Verify makes it
// again, so that nothing in it can be changed.
func encode(chain []*x509.Certificate, signed, signature []byte) ([]byte, error) {
	own := chain[0]
	algorithm := pkix.AlgorithmIdentifier{Algorithm: oidRSA, Parameters: asn1.NullRawValue}
	if _, ok := own.PublicKey.(*ecdsa.PublicKey); ok {
		algorithm = pkix.AlgorithmIdentifier{Algorithm: oidECDSASHA256}
	}
	implicit := slices.Clone(signed)
	implicit[0] = 0xA0 // [0] IMPLICIT
	var all []byte
	for _, x := range chain {
		all = append(all, x.Raw...)
	}
	sha := pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
	sd := signedData{
		Version: 1, Digests: []pkix.AlgorithmIdentifier{sha},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: all},
		Signers: []signerInfo{{
			Version: 1, Signer: issuerSerial{asn1.RawValue{FullBytes: own.RawIssuer}, own.SerialNumber}, Digest: sha,
			Signed: asn1.RawValue{FullBytes: implicit}, Algorithm: algorithm, Signature: signature,
		}},
	}
	sd.Content.Type = oidData
	body, err := asn1.Marshal(sd)
	if err != nil {
		return nil, fmt.Errorf("encode signed data: %w", err)
	}
	return asn1.Marshal(contentInfo{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: body}})
}

// attributes gives what is signed besides the content: its type, its digest,
// and which certificates go with it, the signer's first, so that none can be
// changed behind the seal (RFC 5035 §3). ETSI EN 319 142-1 wants no signing time here: it is in the PDF.
func attributes(chain []*x509.Certificate, digest [sha256.Size]byte) ([]byte, error) {
	var ids []essCertIDv2
	for _, c := range chain {
		h := sha256.Sum256(c.Raw)
		id := essCertIDv2{Hash: h[:]}
		id.Issuer.Names = []asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: c.RawIssuer}} // directoryName
		id.Issuer.Serial = c.SerialNumber
		ids = append(ids, id)
	}
	var list []attribute
	for _, a := range []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{{oidContentType, oidData}, {oidMessageDigest, digest[:]}, {oidCertV2, struct{ Certs []essCertIDv2 }{ids}}} {
		v, err := asn1.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		list = append(list, attribute{a.oid, asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true, Bytes: v}})
	}
	return asn1.MarshalWithParams(list, "set") // sorted, as DER asks
}

// ErrFaux says that a seal is not of this content.
var ErrFaux = errors.New("the seal does not verify")

// Verify checks a detached CMS of ours, offline, to the byte: the content was sealed with the key of
// the certificate inside, which was valid at that date. Whether the certificate
// leads to one of racines is told, not asked; nil: nobody is trusted. Whether
// it was revoked since is not asked: that needs the network.
func Verify(cms, content []byte, date time.Time, racines *x509.CertPool) (s Signataire, err error) {
	defer func() { // the file may be anybody's, and its parser is not ours
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: unreadable", ErrFaux)
		}
	}()
	p, err := pkcs7.Parse(cms)
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	own := p.GetOnlySigner()
	if own == nil || len(p.Content) > 0 || len(p.Certificates) == 0 || !p.Certificates[0].Equal(own) {
		return s, fmt.Errorf("%w: not one signer of a detached content", ErrFaux)
	}
	p.Content = content
	if err := p.Verify(); err != nil {
		return s, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	signed, err := attributes(p.Certificates, sha256.Sum256(content))
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	again, err := encode(p.Certificates, signed, p.Signers[0].EncryptedDigest)
	if err != nil || !bytes.Equal(again, cms) {
		return s, fmt.Errorf("%w: not as we write it", ErrFaux)
	}
	s = signataire(own)
	if date.Before(s.Debut) || date.After(s.Fin) {
		return s, fmt.Errorf("%w: its certificate was not valid then", ErrFaux)
	}
	if racines != nil {
		others := x509.NewCertPool()
		for _, c := range p.Certificates {
			others.AddCert(c)
		}
		_, err := own.Verify(x509.VerifyOptions{Roots: racines, Intermediates: others, CurrentTime: date, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
		s.Reconnu = err == nil
	}
	return s, nil
}
