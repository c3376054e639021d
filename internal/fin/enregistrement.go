package fin

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/sceau"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/usager"
)

// Enregistrement is the canonical record of an end, signed by the service key
// as a mandat's is: compact JSON, keys in alphabetical order. A field more or
// less is a new version.
type Enregistrement struct {
	Autorisation      string               `json:"autorisation,omitempty"` // the démarche that ended alone; absent: the whole mandat
	Canal             string               `json:"canal"`
	CodeMandat        string               `json:"code_mandat"`
	CodePublic        string               `json:"code_public"` // of the certificate
	Connue            string               `json:"connue"`      // RFC 3339, UTC, milliseconds
	ConnueParis       string               `json:"connue_paris"`
	Demarches         []DemarcheFinie      `json:"demarches"`
	DocumentEmpreinte string               `json:"document_empreinte"`
	Effet             string               `json:"effet"`
	EffetParis        string               `json:"effet_paris"`
	Etabli            string               `json:"etabli"` // when it was sealed
	Kid               string               `json:"kid"`
	Mandant           usager.Identite      `json:"mandant"`
	Mandat            ident.MandatID       `json:"mandat"`
	MandatDocument    string               `json:"mandat_document"` // SHA-256 of the mandat's document
	Mandataire        mandat.Structure     `json:"mandataire"`
	Motif             mandat.Motif         `json:"motif,omitempty"` // common to all that is listed; absent when they differ
	Nonce             string               `json:"nonce"`
	Operation         ident.OperationID    `json:"operation"`
	Organisation      ident.OrganisationID `json:"organisation"`
	PDFEmpreinte      string               `json:"pdf_empreinte"`
	SceauCertificat   string               `json:"sceau_certificat,omitempty"`
	Simulation        bool                 `json:"simulation"`
	Type              string               `json:"type"` // "fin"
	Usager            ident.UsagerID       `json:"usager"`
	Version           int                  `json:"version"`
}

// DemarcheFinie is one démarche, when and why it ended.
type DemarcheFinie struct {
	Demarche demarche.Demarche `json:"demarche"`
	Fin      string            `json:"fin"`
	FinParis string            `json:"fin_paris"`
	Motif    mandat.Motif      `json:"motif"`
}

// typeFin and versionFin say what the record is.
const (
	typeFin    = "fin"
	versionFin = 1
)

// record makes the record of what a document says.
func (t attestationFin) record(now time.Time) Enregistrement {
	const instant = "2006-01-02T15:04:05.000Z07:00"
	utc := func(t time.Time) string { return t.UTC().Format(instant) }
	m := t.Mandat
	e := Enregistrement{
		Canal: t.Fin.Canal, CodeMandat: m.CodePublic, CodePublic: t.Code, Connue: utc(t.Fin.Connue.Time()), ConnueParis: mandat.DateHeure(t.Fin.Connue.Time()),
		Effet: utc(t.Fin.Effet.Time()), EffetParis: mandat.DateHeure(t.Fin.Effet.Time()), Etabli: utc(now),
		Mandant: m.Identite, Mandat: m.ID, MandatDocument: hex.EncodeToString(m.DocumentEmpreinte), Mandataire: m.Structure, Motif: t.Motif,
		Nonce: hex.EncodeToString(secret.Random(16)), Operation: t.Fin.Operation, Organisation: m.Organisation,
		Simulation: m.Simulation, Type: typeFin, Usager: m.Usager, Version: versionFin,
	}
	if !t.Whole() {
		e.Autorisation = t.Une.String()
	}
	for _, x := range t.Fins {
		e.Demarches = append(e.Demarches, DemarcheFinie{x.Demarche, utc(x.Fin), mandat.DateHeure(x.Fin), x.FinMotif})
	}
	return e
}

// Whole tells whether it is the whole mandat that ended.
func (e Enregistrement) Whole() bool { return e.Autorisation == "" }

// VerifyRecord checks the signature over a record and its canonical form.
func VerifyRecord(record, signature []byte, public ed25519.PublicKey) (Enregistrement, error) {
	var e Enregistrement
	if !ed25519.Verify(public, record, signature) {
		return e, fmt.Errorf("%w: signature", mandat.ErrFaux)
	}
	d := json.NewDecoder(bytes.NewReader(record))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return e, fmt.Errorf("%w: %w", mandat.ErrFaux, err)
	}
	again, err := sceau.Canonical(e)
	if err != nil || !bytes.Equal(again, record) || e.Type != typeFin || e.Version != versionFin || len(e.PDFEmpreinte) != 2*sha256.Size || len(e.Demarches) == 0 {
		return e, fmt.Errorf("%w: form of the record", mandat.ErrFaux)
	}
	return e, nil
}

// Summary says what a verified certificate attests, line by line, in French.
func (e Enregistrement) Summary() []string {
	what := "Fin du mandat "
	if !e.Whole() {
		what = "Fin d'une démarche du mandat "
	}
	out := []string{
		what + mandat.FormatCode(e.CodeMandat) + ", le " + e.EffetParis + ", connue le " + e.ConnueParis + " (heure de Paris).",
		"Certificat de code " + mandat.FormatCode(e.CodePublic) + ".",
		"Mandant : " + e.Mandant.NomComplet() + ".",
		"Mandataire : " + e.Mandataire.Nom + ", SIRET " + e.Mandataire.Siret + ".",
		"Terminé :",
	}
	for _, d := range e.Demarches {
		out = append(out, "- "+d.Demarche.Titre()+", le "+d.FinParis+" ("+d.Motif.Libelle()+")")
	}
	return out
}
