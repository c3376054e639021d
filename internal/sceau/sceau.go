// Package sceau seals what the service hands over: a canonical record signed
// by the service key, attached to its PDF, the whole sealed once more with the
// operator's own certificate when there is one (CMS, RFC 5652, in a signature
// of the PDF, ISO 32000-1 §12.8).
//
// The seal of the operator says which organisation runs the service, to any
// reader of PDF, without us. It follows the baseline of ETSI EN 319 142-1
// (SHA-256, detached, the certificate named in what is signed, no time of
// ours), as far as we could check. It is not a « cachet qualifié » and must
// never be called so: that needs a qualified certificate and a qualified device.
//
// A certificate past its dates seals nothing: what is signed then has no seal,
// and its record says so. It owns no table, serves no URL and appends nothing
// to the journal.
package sceau

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/pdf"
)

// Enveloppe is a signed record as it travels: alone, or attached to its PDF.
// Enregistrement holds the very bytes that were signed.
type Enveloppe struct {
	Enregistrement string `json:"enregistrement"`
	Kid            string `json:"kid"`
	Signature      string `json:"signature"` // Ed25519, base64
	Version        int    `json:"version"`   // of the envelope
}

// NewEnveloppe writes the envelope of a record.
func NewEnveloppe(record []byte, kid string, signature []byte) ([]byte, error) {
	b, err := json.Marshal(Enveloppe{string(record), kid, base64.StdEncoding.EncodeToString(signature), 1})
	if err != nil {
		return nil, fmt.Errorf("encode envelope: %w", err)
	}
	return b, nil
}

// Canonical gives the bytes of a record that are signed: compact JSON, keys in
// alphabetical order at every level, UTF-8, nothing escaped for HTML.
func Canonical(record any) ([]byte, error) {
	plain, err := json.Marshal(record)
	if err != nil {
		return nil, fmt.Errorf("encode record: %w", err)
	}
	// Through a map: encoding/json sorts the keys of nested objects too.
	var tree map[string]any
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, fmt.Errorf("decode record: %w", err)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(tree); err != nil {
		return nil, fmt.Errorf("encode canonical record: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// Sceau is what seals now: the service key, and the operator's certificate or
// nil.
type Sceau struct {
	Cle        cle.Cle
	Certificat *Certificat
}

// Empreinte names the certificate that will seal, "" for none: the record says
// it, so that a seal can be neither taken off nor replaced.
func (s Sceau) Empreinte() string {
	if s.Certificat == nil {
		return ""
	}
	return s.Certificat.Empreinte()
}

// Sign signs a canonical record. Ed25519 signs the message itself:
// crypto.Hash(0).
func (s Sceau) Sign(record []byte) ([]byte, error) {
	signature, err := s.Cle.Signer.Sign(nil, record, crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("sign record: %w", err)
	}
	return signature, nil
}

// Bind attaches the signed record to its printed file, then seals the whole.
func (s Sceau) Bind(printed, record, signature []byte, date time.Time) ([]byte, error) {
	envelope, err := NewEnveloppe(record, s.Cle.Kid, signature)
	if err != nil {
		return nil, err
	}
	file, err := pdf.Attach(printed, envelope)
	if err != nil || s.Certificat == nil {
		return file, err
	}
	return pdf.Sign(file, pdf.Signature{Date: date, Max: s.Certificat.max(), Sign: s.Certificat.Sign})
}
