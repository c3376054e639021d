package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/sceau"
	"aidantsconnect/internal/server"
)

// attestations counts how many documents the machine makes: rendered, printed
// as a tagged PDF, recorded, signed, the record attached. The text is that of a
// draft, a few lines short of a mandat.
func attestations(ctx context.Context, length time.Duration) (resultat, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return resultat{}, err
	}
	greffe := &mandat.Greffe{Service: "Aidants Connect"}
	projet := mandat.Projet{Demarches: demarche.Keys(), Duree: mandat.Annee, Texte: mandat.TexteCourant().Empreinte}
	return repeat(ctx, nil, runtime.NumCPU(), length, func(int) error {
		now := server.Now()
		doc, err := greffe.Brouillon(projet, now)
		if err != nil {
			return err
		}
		printed, err := pdf.FromHTML(doc, pdf.Meta{Titre: "Mandat", Auteur: greffe.Service, Langue: "fr-FR", Date: now})
		if err != nil {
			return err
		}
		h, p := sha256.Sum256(doc), sha256.Sum256(printed)
		record, err := mandat.Enregistrement{DocumentEmpreinte: hex.EncodeToString(h[:]), PDFEmpreinte: hex.EncodeToString(p[:])}.Canonical()
		if err != nil {
			return err
		}
		envelope, err := sceau.NewEnveloppe(record, "mesure", ed25519.Sign(private, record))
		if err != nil {
			return err
		}
		_, err = pdf.Attach(printed, envelope)
		return err
	})
}
