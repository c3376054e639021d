package poids

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/sceau"
	"aidantsconnect/internal/server"
)

// The seals that are measured: the service key alone, then the operator's
// certificate too.
const (
	SansCMS = "clé du service seule"
	CMSEC   = "et CMS, ECDSA P-256"
	CMSRSA  = "et CMS, RSA 3072"
)

// Sceaux lists them.
func Sceaux() []string { return []string{SansCMS, CMSEC, CMSRSA} }

// Fabrique makes one attestation each time it is called, by any number of
// callers: rendered, printed as a tagged PDF, recorded, signed, the record
// attached, sealed. Nothing is written. The text is that of a draft, a few lines
// short of a mandat.
func Fabrique(sorte string) (func() error, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	x := sceau.Sceau{Cle: cle.Cle{Kid: "mesure", Signer: private}}
	switch sorte {
	case CMSEC:
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		x.Certificat, err = certified(k)
		if err != nil {
			return nil, err
		}
	case CMSRSA:
		k, err := rsa.GenerateKey(rand.Reader, 3072)
		if err != nil {
			return nil, err
		}
		x.Certificat, err = certified(k)
		if err != nil {
			return nil, err
		}
	}
	g := &mandat.Greffe{Service: "Aidants Connect"}
	projet := mandat.Projet{Demarches: demarche.Keys(), Duree: mandat.Annee, Texte: mandat.TexteCourant().Empreinte}
	return func() error { return seal(g, projet, x) }, nil
}

func seal(g *mandat.Greffe, projet mandat.Projet, x sceau.Sceau) error {
	now := server.Now()
	doc, err := g.Brouillon(projet, now)
	if err != nil {
		return err
	}
	printed, err := pdf.FromHTML(doc, pdf.Meta{Titre: "Mandat", Auteur: g.Service, Langue: "fr-FR", Date: now})
	if err != nil {
		return err
	}
	h, p := sha256.Sum256(doc), sha256.Sum256(printed)
	record, err := mandat.Enregistrement{DocumentEmpreinte: hex.EncodeToString(h[:]), PDFEmpreinte: hex.EncodeToString(p[:]), SceauCertificat: x.Empreinte()}.Canonical()
	if err != nil {
		return err
	}
	signature, err := x.Sign(record)
	if err != nil {
		return err
	}
	_, err = x.Bind(printed, record, signature, now)
	return err
}

// certified is a certificate of its own authority, for a day.
func certified(k crypto.Signer) (*sceau.Certificat, error) {
	now := server.Now()
	tpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Mesures"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 0, 1), KeyUsage: x509.KeyUsageContentCommitment}
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, k.Public(), k)
	if err != nil {
		return nil, fmt.Errorf("certify: %w", err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	return sceau.Read(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), now)
}
