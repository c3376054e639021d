package mandat

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/sceau"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/usager"
)

// versionEnregistrement is the version of the canonical record. A field more
// or less is a new version; old records stay verifiable: the first had no PDF,
// the second told neither what the person was shown nor of a seal.
const versionEnregistrement = 3

// Enregistrement is the canonical record of a mandat, signed by the service
// key "attestation" (M-W3, mandats.md 11.3). What is signed is exactly the
// bytes Canonical gives: compact JSON, keys in alphabetical order (the order
// of these fields), UTF-8, no number but small integers. It holds the parties'
// snapshots: it is evidence, kept beside the document, never published.
type Enregistrement struct {
	ADistance         bool                 `json:"a_distance"`
	Aidant            ident.AidantID       `json:"aidant"`
	CodePublic        string               `json:"code_public"`
	Debut             string               `json:"debut"`       // RFC 3339, UTC, milliseconds
	DebutParis        string               `json:"debut_paris"` // as printed
	Demarches         []demarche.Demarche  `json:"demarches"`   // alphabetical
	DocumentEmpreinte string               `json:"document_empreinte"`
	Duree             Duree                `json:"duree"`
	Fin               string               `json:"fin"`
	FinParis          string               `json:"fin_paris"`
	Issuer            string               `json:"issuer"`
	Jours             int                  `json:"jours"`
	Kid               string               `json:"kid"`
	Mandant           usager.Identite      `json:"mandant"`
	Mandat            ident.MandatID       `json:"mandat"`
	Mandataire        Structure            `json:"mandataire"`
	Methode           Methode              `json:"methode_consentement"`
	Nonce             string               `json:"nonce"` // 128 random bits
	Organisation      ident.OrganisationID `json:"organisation"`
	PDFEmpreinte      string               `json:"pdf_empreinte,omitempty"` // SHA-256 of the PDF, before this record is attached to it
	Montre            []Montre             `json:"montre,omitempty"`        // what explained it to the person
	Preuve            Preuve               `json:"preuve"`
	SceauCertificat   string               `json:"sceau_certificat,omitempty"` // SHA-256 of the certificate that seals the PDF
	Simulation        bool                 `json:"simulation"`
	TexteEmpreinte    string               `json:"texte_empreinte"`
	TexteVersion      string               `json:"texte_version"`
	Type              string               `json:"type"` // "mandat"
	Usager            ident.UsagerID       `json:"usager"`
	Version           int                  `json:"version"`
}

// Preuve is the evidence of the usager's consent. Genre "certification", of
// older records: the aidant certified the information given and the trace kept,
// with a fresh code. The others say how the person agreed; Accord is the salted
// digest of the proof, which stays true once its content is erased. On paper
// the proof comes after the signature: it is journaled.
type Preuve struct {
	Accord           string `json:"accord_empreinte,omitempty"`
	Authentification string `json:"authentification"` // SHA-256 of FranceConnect's ID token
	Genre            string `json:"genre"`
	Moyen            string `json:"moyen,omitempty"`
	Presence         string `json:"presence,omitempty"`
}

// distant tells whether the person agreed from elsewhere.
func (p Preuve) distant() bool {
	return consentement.Choix{Moyen: consentement.Moyen(p.Moyen), Presence: consentement.Presence(p.Presence)}.Methode() != ""
}

// Canonical gives the bytes that are signed.
func (e Enregistrement) Canonical() ([]byte, error) { return sceau.Canonical(e) }

// record makes the record of a mandat whose document is rendered and hashed.
func record(m Mandat, t Texte, p Preuve) Enregistrement {
	const instant = "2006-01-02T15:04:05.000Z07:00"
	return Enregistrement{
		ADistance: m.ADistance || p.distant(), Aidant: m.Aidant, CodePublic: m.CodePublic,
		Debut: m.DateCreation.UTC().Format(instant), DebutParis: DateHeure(m.DateCreation),
		Fin: m.DateExpiration.UTC().Format(instant), FinParis: DateHeure(m.DateExpiration),
		Demarches: m.Demarches(), DocumentEmpreinte: hex.EncodeToString(m.DocumentEmpreinte),
		Duree: m.Duree, Issuer: m.Issuer, Jours: m.Jours, Kid: m.SignatureKid,
		Mandant: m.Identite, Mandat: m.ID, Mandataire: m.Structure, Methode: m.Methode,
		Nonce: hex.EncodeToString(secret.Random(16)), Organisation: m.Organisation, Preuve: p,
		Simulation: m.Simulation, TexteEmpreinte: hex.EncodeToString(t.Empreinte), TexteVersion: t.Version,
		Type: "mandat", Usager: m.Usager, Version: versionEnregistrement,
	}
}

// Piece is what is kept of a signature, beside the rows.
type Piece struct {
	Contenu        []byte // the printable document
	Enregistrement []byte // the canonical record
	PDF            []byte // the same document on paper, with the record attached; LoadPDF reads it
	Imprime        bool   // there is a PDF
}

// sealer holds what sealing needs besides the mandat.
type sealer struct {
	texte            Texte
	service, contact string
	origine          string // of the verification page
	preuve           Preuve
	montre           []Montre
	sceau            sceau.Sceau
	epreuve          *Epreuve // printed beforehand; nil: it is printed here
	sansPDF          bool
	titre            string                       // of the PDF
	contenu          func(Mandat) ([]byte, error) // another document than the text; nil: the text
}

// seal gives the mandat its code, renders its document, makes its record and
// signs it. Nothing is written.
func (s sealer) seal(m *Mandat) (Piece, error) {
	if m.CodePublic = NewCode(); s.epreuve != nil {
		m.CodePublic = s.epreuve.code
	}
	m.TexteEmpreinte = s.texte.Empreinte
	m.SignatureKid = s.sceau.Cle.Kid
	render := s.document
	if s.contenu != nil {
		render = s.contenu
	}
	doc, err := render(*m)
	if err != nil {
		return Piece{}, err
	}
	h := sha256.Sum256(doc)
	m.DocumentEmpreinte = h[:]
	e := record(*m, s.texte, s.preuve)
	e.Montre = s.montre
	var printed []byte
	if s.sansPDF {
		e.Version, e.Montre = 1, nil
	} else {
		if printed, err = s.print(*m, doc); err != nil {
			return Piece{}, err
		}
		onPaper := sha256.Sum256(printed)
		e.PDFEmpreinte, e.SceauCertificat = hex.EncodeToString(onPaper[:]), s.sceau.Empreinte()
	}
	rec, err := e.Canonical()
	if err != nil {
		return Piece{}, err
	}
	if m.Signature, err = s.sceau.Sign(rec); err != nil {
		return Piece{}, err
	}
	piece := Piece{Contenu: doc, Enregistrement: rec, Imprime: !s.sansPDF}
	if s.sansPDF {
		return piece, nil
	}
	piece.PDF, err = s.sceau.Bind(printed, rec, m.Signature, m.DateCreation)
	return piece, err
}

// ErrFaux says that a record, its signature or its document do not agree.
var ErrFaux = errors.New("attestation does not verify")

// Verify checks a stored piece offline: its record, and the hash of the
// document. It needs the public key of the record's kid and nothing else.
func Verify(p Piece, signature []byte, public ed25519.PublicKey) (Enregistrement, error) {
	e, err := VerifyRecord(p.Enregistrement, signature, public)
	if err != nil {
		return e, err
	}
	h := sha256.Sum256(p.Contenu)
	if e.DocumentEmpreinte != hex.EncodeToString(h[:]) {
		return e, fmt.Errorf("%w: document", ErrFaux)
	}
	return e, nil
}

// VerifyRecord checks the signature over a record and its canonical form.
func VerifyRecord(record, signature []byte, public ed25519.PublicKey) (Enregistrement, error) {
	var e Enregistrement
	if !ed25519.Verify(public, record, signature) {
		return e, fmt.Errorf("%w: signature", ErrFaux)
	}
	d := json.NewDecoder(bytes.NewReader(record))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return e, fmt.Errorf("%w: %w", ErrFaux, err)
	}
	again, err := e.Canonical()
	if err != nil || !bytes.Equal(again, record) || e.Type != "mandat" || !e.versioned() {
		return e, fmt.Errorf("%w: form of the record", ErrFaux)
	}
	return e, nil
}

// versioned tells whether the record has the fields of its version.
func (e Enregistrement) versioned() bool {
	switch e.Version {
	case 1:
		return e.PDFEmpreinte == "" && e.SceauCertificat == "" && e.Montre == nil
	case 2:
		return len(e.PDFEmpreinte) == 2*sha256.Size && e.SceauCertificat == "" && e.Montre == nil
	}
	return e.Version == 3 && len(e.PDFEmpreinte) == 2*sha256.Size && (e.SceauCertificat == "" || len(e.SceauCertificat) == 2*sha256.Size) && knownMontre(e.Montre)
}

// Check verifies the stored piece of a mandat with the keys of the service,
// and that its rows still say what was signed.
func (g *Greffe) Check(m Mandat, p Piece) (Enregistrement, error) {
	k, ok := g.Cles.Find(m.SignatureKid)
	public, isEd := k.Public.(ed25519.PublicKey)
	if !ok || !isEd {
		return Enregistrement{}, fmt.Errorf("%w: unknown key %q", ErrFaux, m.SignatureKid)
	}
	e, err := Verify(p, m.Signature, public)
	if err != nil {
		return e, err
	}
	rows := record(m, Texte{Empreinte: m.TexteEmpreinte, Version: e.TexteVersion}, e.Preuve)
	rows.Nonce, rows.Version, rows.PDFEmpreinte = e.Nonce, e.Version, e.PDFEmpreinte
	rows.SceauCertificat, rows.Montre = e.SceauCertificat, e.Montre
	a, errA := rows.Canonical()
	if errA != nil || !bytes.Equal(a, p.Enregistrement) {
		return e, fmt.Errorf("%w: rows", ErrFaux)
	}
	return e, nil
}

// crockford is Douglas Crockford's base 32: no I, L, O, U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLen gives 60 random bits: it cannot be guessed nor enumerated.
const codeLen = 12

// NewCode draws a public code.
func NewCode() string {
	b := secret.Random(codeLen)
	for i := range b {
		b[i] = crockford[b[i]&31]
	}
	return string(b)
}

// FormatCode writes a code in groups of four, as printed: "7K2M-09QX-3F4T".
func FormatCode(c string) string {
	if len(c) != codeLen {
		return c
	}
	return c[:4] + "-" + c[4:8] + "-" + c[8:]
}

// ParseCode reads a code as a person types it: case, spaces and dashes do not
// count, and the letters Crockford leaves out are read as the digits they look like.
func ParseCode(s string) (string, bool) {
	s = strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
	if len(s) != codeLen || strings.Trim(s, crockford) != "" {
		return "", false
	}
	return s, true
}
