package server

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/sceau"
)

// maxCertificat bounds the file of the operator's certificate.
const maxCertificat = 64 << 10

// Sceau reads the certificate that seals the documents; nil when the operator
// has none.
func (cfg Config) Sceau(now time.Time) (*sceau.Certificat, error) {
	if cfg.SceauCertificat == "" {
		return nil, nil
	}
	b, err := readBounded(cfg.SceauCertificat, maxCertificat)
	if err != nil {
		return nil, fmt.Errorf("read the operator's certificate: %w", err)
	}
	return sceau.Read(b, []byte(cfg.SceauCle.Reveal()), now)
}

// newGreffe makes what signs the mandats.
func (cfg Config) newGreffe(b base) (*mandat.Greffe, error) {
	c, err := cfg.Sceau(b.clock())
	return &mandat.Greffe{Journal: b.journal, Outbox: b.outbox, Cles: b.cles, Certificat: c, Service: b.site.Nom, Contact: cfg.Contact, Origine: cfg.Origine}, err
}

// fautesSceau say in French what sceau.Read refuses, and of which variable.
var fautesSceau = []struct {
	err             error
	variable, texte string
}{
	{sceau.ErrIllisible, "AC_SCEAU_CERTIFICAT", "il faut un fichier lisible de certificats en PEM, le vôtre d'abord, puis ceux qui mènent à son autorité"},
	{sceau.ErrTropLongue, "AC_SCEAU_CERTIFICAT", "trop de certificats : le vôtre, puis ceux qui mènent à son autorité"},
	{sceau.ErrChaine, "AC_SCEAU_CERTIFICAT", "les certificats ne se suivent pas : le vôtre d'abord, puis, dans l'ordre, chacun celui qui a signé le précédent"},
	{sceau.ErrPerime, "AC_SCEAU_CERTIFICAT", "ce certificat n'est pas valable aujourd'hui"},
	{sceau.ErrUsage, "AC_SCEAU_CERTIFICAT", "ce certificat n'est pas fait pour signer"},
	{sceau.ErrCle, "AC_SCEAU_CLE", "il faut une clé privée en PEM, sans mot de passe : RSA de 2048 bits ou plus, ou ECDSA"},
	{sceau.ErrDisjoint, "AC_SCEAU_CLE", "ce n'est pas la clé de AC_SCEAU_CERTIFICAT"},
}

// checkSceau: a certificate that could not seal stops the start.
func (m *mistakes) checkSceau(c *Config) {
	switch {
	case c.SceauCertificat == "" && c.SceauCle == "":
		return
	case c.SceauCertificat == "":
		m.add("AC_SCEAU_CLE", "AC_SCEAU_CERTIFICAT, qui va avec elle, est absente")
		return
	case c.SceauCle == "":
		m.add("AC_SCEAU_CERTIFICAT", "AC_SCEAU_CLE, qui va avec lui, est absente")
		return
	}
	_, err := c.Sceau(Now())
	if err == nil {
		return
	}
	variable, texte := "", ""
	for _, f := range fautesSceau {
		if errors.Is(err, f.err) {
			variable, texte = f.variable, f.texte
		}
	}
	m.add(cmp.Or(variable, "AC_SCEAU_CERTIFICAT"), "%s", cmp.Or(texte, fautesSceau[0].texte))
}
