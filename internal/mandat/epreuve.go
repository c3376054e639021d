package mandat

import (
	"bytes"
	"time"

	"aidantsconnect/internal/pdf"
)

// Epreuve is a document printed before the transaction that signs it. A PDF
// takes some ten milliseconds of processor: made inside, it would keep every
// other signature waiting. The transaction renders the document again from
// what it reads, and keeps the PDF only if the document is the same to the
// last byte; else (a minute went by, a fact changed) it prints another.
type Epreuve struct {
	code    string
	contenu []byte
	pdf     []byte
}

// Prepare prints what a project would sign at this instant. It writes nothing;
// without it, Sign prints by itself.
func (g *Greffe) Prepare(p Projet, now time.Time) (*Epreuve, error) {
	m, err := Conclude(p, now)
	if err != nil {
		return nil, err
	}
	s, err := g.sealer(p, now)
	if err != nil {
		return nil, err
	}
	m.CodePublic = NewCode()
	doc, err := s.document(m)
	if err != nil {
		return nil, err
	}
	printed, err := s.print(m, doc)
	return &Epreuve{m.CodePublic, doc, printed}, err
}

// print makes the PDF of a document. Its date is the minute printed in the
// document, so that the same document gives the same file.
func (s sealer) print(m Mandat, doc []byte) ([]byte, error) {
	if e := s.epreuve; e != nil && bytes.Equal(e.contenu, doc) {
		return e.pdf, nil
	}
	return pdf.FromHTML(doc, pdf.Meta{
		Titre: s.titre, Auteur: s.service, Langue: "fr-FR",
		Date: m.DateCreation.Truncate(time.Minute), Pied: s.service + " – mandat " + FormatCode(m.CodePublic),
	})
}
