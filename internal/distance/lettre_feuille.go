package distance

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/usager"
)

//go:embed lettre/*.html
var textesLettre embed.FS

var modeleLettre = template.Must(template.ParseFS(textesLettre, "lettre/2026-11-22.html"))

// feuille is a letter: whose, its code, and the file printed ahead of the
// transaction with the page that it was made from.
type feuille struct {
	dossier ident.DossierID
	code    string
	page    []byte
	pdf     []byte
}

// letterable is the gate of a letter: its dossier waits, for somebody who is
// known, and was not asked too often.
func letterable(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.DossierID) (signature.Dossier, error) {
	x, err := signature.Awaiting(ctx, tx, a, id)
	if err == nil && (x.Choix.Moyen != consentement.Courrier || x.IdentiteID.IsZero()) {
		err = errFinie
	}
	if err != nil {
		return x, err
	}
	if _, n, err := latest(ctx, tx, id); err != nil || n >= envoisMax {
		if err == nil {
			err = errFinie
		}
		return x, err
	}
	return x, nil
}

// prepared draws the code of a letter and prints it, ahead of the transaction:
// tens of milliseconds of processor would keep every other act waiting.
// Nothing rests on it (see mandat.Epreuve): the transaction writes the page
// again from what it reads, and keeps the file if the page is the same.
func (h *Handlers) prepared(ctx context.Context, a actor.Actor, id ident.DossierID) feuille {
	f := feuille{dossier: id, code: newCode()}
	var now time.Time
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		now = tx.Now.Time()
		x, err := letterable(ctx, tx, a, id)
		if err == nil {
			f.page, err = h.page(ctx, tx, x, f.code)
		}
		return err
	})
	if err == nil {
		f.pdf, err = h.printed(f.page, now)
	}
	if err != nil {
		f.page, f.pdf = nil, nil
	}
	return f
}

// compose gives the file: the one printed ahead, if it is still true.
func (h *Handlers) compose(ctx context.Context, tx *db.Tx, x signature.Dossier, f feuille) ([]byte, error) {
	page, err := h.page(ctx, tx, x, f.code)
	if err != nil {
		return nil, err
	}
	if f.pdf != nil && bytes.Equal(page, f.page) {
		return f.pdf, nil
	}
	return h.printed(page, tx.Now.Time())
}

// page writes the letter, then the whole mandat as it would be signed.
func (h *Handlers) page(ctx context.Context, tx *db.Tx, x signature.Dossier, code string) ([]byte, error) {
	p, err := h.Signatures.Projet(ctx, tx, x, usager.Usager{ID: x.Usager, IdentiteID: x.IdentiteID})
	if err != nil {
		return nil, err
	}
	now := tx.Now.Time()
	doc, err := h.Signatures.Greffe.Brouillon(p, now)
	if err != nil {
		return nil, err
	}
	var ds []string
	for _, k := range demarche.Displayed(x.Demarches) {
		ds = append(ds, k.Fiche().Titre)
	}
	var b bytes.Buffer
	err = modeleLettre.Execute(&b, map[string]any{
		"Simulation": p.Simulation, "Nom": p.Identite.NomComplet(), "Structure": p.Structure, "Date": mandat.DateHeure(now), "Duree": x.Duree.Libelle(), "Demarches": ds,
		"Code": formatCode(code), "Limite": mandat.DateHeure(now.Add(DelaiLettre)), "Empreinte": hexa(x.TexteEmpreinte), "Contact": h.Signatures.Greffe.Contact,
	})
	if err != nil {
		return nil, fmt.Errorf("write letter: %w", err)
	}
	b.Write(doc)
	return b.Bytes(), nil
}

func (h *Handlers) printed(page []byte, now time.Time) ([]byte, error) {
	return pdf.FromHTML(page, pdf.Meta{Titre: "Un mandat vous est proposé", Auteur: h.nom(), Langue: "fr-FR", Date: now.Truncate(time.Minute), Pied: h.nom() + " – mandat proposé, à lire"})
}
