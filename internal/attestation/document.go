package attestation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/sceau"
	"aidantsconnect/internal/web"
)

// showPDF gives the PDF of a mandat, as it was sealed, to any aidant of its
// structure.
func (h *Handlers) showPDF(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.give(w, r, a, func(ctx context.Context, tx *db.Tx, m mandat.Mandat, p mandat.Piece) (fichier, error) {
		b, err := mandat.LoadPDF(ctx, tx, m.ID)
		if err != nil {
			return fichier{}, err
		}
		e, err := h.Greffe.Check(m, p)
		if err != nil {
			return fichier{}, fault.Wrap(fault.Internal, "mandat_altere", err)
		}
		printed, _, err := pdf.Detach(b)
		if h := sha256.Sum256(printed); err != nil || e.PDFEmpreinte != hex.EncodeToString(h[:]) {
			return fichier{}, fault.Wrap(fault.Internal, "pdf_altere", mandat.ErrFaux)
		}
		return fichier{"application/pdf", "mandat-" + mandat.FormatCode(m.CodePublic) + ".pdf", b}, nil
	})
}

// showRecord gives the signed record alone, in its envelope.
func (h *Handlers) showRecord(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.give(w, r, a, func(_ context.Context, _ *db.Tx, m mandat.Mandat, p mandat.Piece) (fichier, error) {
		if _, err := h.Greffe.Check(m, p); err != nil {
			return fichier{}, fault.Wrap(fault.Internal, "mandat_altere", err)
		}
		b, err := sceau.NewEnveloppe(p.Enregistrement, m.SignatureKid, m.Signature)
		return fichier{"application/json", "mandat-" + mandat.FormatCode(m.CodePublic) + ".json", b}, err
	})
}

// fichier is what is sent; its name holds the code, never a name.
type fichier struct {
	genre, nom string
	octets     []byte
}

// give reads a mandat of the structure, makes the file and journals that it was
// printed, in one transaction.
func (h *Handlers) give(w http.ResponseWriter, r *http.Request, a actor.Actor, file func(context.Context, *db.Tx, mandat.Mandat, mandat.Piece) (fichier, error)) error {
	ctx := r.Context()
	id, err := web.PathID[ident.MandatID](r, "mandat")
	if err != nil {
		return err
	}
	var f fichier
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		m, err := mandat.Load(ctx, tx, a.Organisation, id)
		if err != nil {
			return err
		}
		p, err := mandat.LoadPiece(ctx, tx, id)
		if err != nil {
			return err
		}
		if f, err = file(ctx, tx, m, p); err != nil {
			return err
		}
		e := mandat.Line(a, ident.OperationID{}, fait.PrintAttestation{DocumentEmpreinte: hex.EncodeToString(m.DocumentEmpreinte)})
		e.Usager, e.Mandat = m.Usager, m.ID
		return h.Greffe.Journal.Append(ctx, tx, e)
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", f.genre)
	w.Header().Set("Content-Disposition", `attachment; filename="`+f.nom+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(f.octets)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(f.octets) // a reader who left is not an error
	return nil
}
