package fin

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/sceau"
)

// Certificat is the sealed attestation of an end: its bytes are kept and never
// made again.
type Certificat struct {
	Code           string
	Mandat         ident.MandatID
	Autorisation   ident.AutorisationID // zero: the whole mandat
	Creation       time.Time
	Contenu        []byte
	Enregistrement []byte
	Signature      []byte
	Kid            string
	PDF            []byte
}

// certify gives the certificate of an end, and seals it if nobody has yet. An
// end never changes, so that it does not matter when it is made: when somebody
// asks, or by the task within minutes. It is printed outside the transaction.
func (g *Actes) certify(ctx context.Context, v finView) (c Certificat, err error) {
	err = g.DB.View(ctx, func(tx *db.Tx) error {
		c, err = certificatOf(ctx, tx, v.Mandat.ID, v.Une)
		return err
	})
	if !fault.Is(err, fault.NotFound) {
		return c, err
	}
	t, err := v.attest().coded(g.Greffe.Origine)
	if err != nil {
		return c, err
	}
	if c.Contenu, err = t.document(ctx); err != nil {
		return c, err
	}
	printed, err := g.print(t, c.Contenu)
	if err != nil {
		return c, err
	}
	made := c
	err = g.DB.Update(ctx, func(tx *db.Tx) error {
		if c, err = certificatOf(ctx, tx, v.Mandat.ID, v.Une); !fault.Is(err, fault.NotFound) {
			return err // somebody came first, or it cannot be read
		}
		c = made
		return g.sealEnd(ctx, tx, &c, sealing{t, printed})
	})
	return c, err
}

// sealing is what is sealed: what the document says, and how it was printed.
type sealing struct {
	t       attestationFin
	printed []byte
}

// sealEnd signs and keeps a certificate, with its line.
func (g *Actes) sealEnd(ctx context.Context, tx *db.Tx, c *Certificat, s sealing) error {
	now := tx.Now.Time()
	x, err := g.Greffe.Sceau(now)
	if err != nil {
		return err
	}
	h, p := sha256.Sum256(c.Contenu), sha256.Sum256(s.printed)
	e := s.t.record(now)
	e.DocumentEmpreinte, e.PDFEmpreinte, e.SceauCertificat, e.Kid = hex.EncodeToString(h[:]), hex.EncodeToString(p[:]), x.Empreinte(), x.Cle.Kid
	if c.Enregistrement, err = sceau.Canonical(e); err != nil {
		return err
	}
	if c.Signature, err = x.Sign(c.Enregistrement); err != nil {
		return err
	}
	if c.PDF, err = x.Bind(s.printed, c.Enregistrement, c.Signature, now); err != nil {
		return err
	}
	c.Code, c.Mandat, c.Autorisation, c.Creation, c.Kid = s.t.Code, s.t.Mandat.ID, s.t.Une, now, x.Cle.Kid
	if err := insertCertificat(ctx, tx, *c); err != nil {
		return err
	}
	return g.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Systeme, Organisation: s.t.Mandat.Organisation, Usager: s.t.Mandat.Usager, Mandat: c.Mandat, Autorisation: c.Autorisation, Operation: s.t.Fin.Operation,
		Fait: fait.SealFin{DocumentEmpreinte: e.DocumentEmpreinte, EnregistrementEmpreinte: fait.Empreinte(c.Enregistrement)},
	})
}

// coded gives the document its own code, which leads to its verification.
func (t attestationFin) coded(origine string) (attestationFin, error) {
	t.Code = mandat.NewCode()
	full := origine + mandat.CheminVerifier + mandat.FormatCode(t.Code)
	drawn, err := pdf.QR(full, "QR code de la page de vérification de ce certificat : "+full)
	t.QR, t.Adresse = drawn, strings.TrimPrefix(strings.TrimPrefix(origine, "https://"), "http://")+mandat.CheminVerifier
	return t, err
}

// document renders what is kept.
func (t attestationFin) document(ctx context.Context) ([]byte, error) {
	var b bytes.Buffer
	if err := attestationFinDocument(t).Render(ctx, &b); err != nil {
		return nil, fmt.Errorf("render certificate: %w", err)
	}
	return b.Bytes(), nil
}

func (g *Actes) print(t attestationFin, doc []byte) ([]byte, error) {
	return pdf.FromHTML(doc, pdf.Meta{
		Titre: t.title(), Auteur: g.Greffe.Service, Langue: "fr-FR",
		Date: t.Fin.Connue.Time().Truncate(time.Minute), Pied: g.Greffe.Service + " – certificat " + mandat.FormatCode(t.Code),
	})
}

// Check verifies a kept certificate with the keys of the service: nothing
// altered is shown.
func (g *Actes) Check(c Certificat) (Enregistrement, error) { return CheckCertificat(g.Greffe, c) }

// CheckCertificat is Check, for the public page.
func CheckCertificat(g *mandat.Greffe, c Certificat) (Enregistrement, error) {
	k, ok := g.Cles.Find(c.Kid)
	public, isEd := k.Public.(ed25519.PublicKey)
	if !ok || !isEd {
		return Enregistrement{}, fmt.Errorf("%w: unknown key %q", mandat.ErrFaux, c.Kid)
	}
	e, err := VerifyRecord(c.Enregistrement, c.Signature, public)
	if err != nil {
		return e, err
	}
	h := sha256.Sum256(c.Contenu)
	printed, _, err := pdf.Detach(c.PDF)
	p := sha256.Sum256(printed)
	one := ""
	if !c.Autorisation.IsZero() {
		one = c.Autorisation.String()
	}
	if err != nil || e.DocumentEmpreinte != hex.EncodeToString(h[:]) || e.PDFEmpreinte != hex.EncodeToString(p[:]) || e.CodePublic != c.Code || e.Mandat != c.Mandat || e.Autorisation != one {
		return e, fmt.Errorf("%w: certificate", mandat.ErrFaux)
	}
	return e, nil
}
