package mandat

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/usager"
)

//go:embed textes/*.html
var textes embed.FS

// texteCourant is the version new mandats are made with. A version that has
// served is never edited: a test holds its hash (M-W4).
const texteCourant = "2026-11-21"

// Texte is one frozen version of the mandat's text, known by its content.
type Texte struct {
	Version   string
	Empreinte []byte // SHA-256 of Corps
	Corps     string
	modele    *template.Template
}

// lesTextes are every version this program can render, by hexadecimal hash.
// They are embedded: what a test reads is what runs.
var (
	lesTextes   = mustTextes()
	texteDuJour = mustCourant()
)

func mustTextes() map[string]Texte {
	names, err := fs.Glob(textes, "textes/*.html")
	if err != nil {
		panic(err)
	}
	out := make(map[string]Texte, len(names))
	for _, n := range names {
		b, err := textes.ReadFile(n)
		if err != nil {
			panic(err)
		}
		h := sha256.Sum256(b)
		out[hex.EncodeToString(h[:])] = Texte{
			Version: strings.TrimSuffix(path.Base(n), ".html"), Empreinte: h[:], Corps: string(b),
			modele: template.Must(template.New(n).Parse(string(b))),
		}
	}
	return out
}

func mustCourant() Texte {
	for _, t := range lesTextes {
		if t.Version == texteCourant {
			return t
		}
	}
	panic("text " + texteCourant + " is not embedded")
}

// texteOf finds the text a dossier was opened with.
func texteOf(empreinte []byte) (Texte, error) {
	t, ok := lesTextes[hex.EncodeToString(empreinte)]
	if !ok {
		return t, fmt.Errorf("no text of hash %x in this program", empreinte)
	}
	return t, nil
}

// document is what a text may print. A project has no Mandant before
// FranceConnect, no Debut and no Code.
type document struct {
	Projet, Simulation bool
	Service, Contact   string
	Code               string
	Mandant            *usager.Identite
	Naissance, Lieu    string
	Structure          Structure
	Demarches          []ligneDemarche
	Duree              string
	Jours              int
	Debut, Fin, Date   string
}

// ligneDemarche is printed "TITRE : description" (mandats.md 4.1).
type ligneDemarche struct{ Titre, Description string }

// Emetteur is what the operator adds to every document.
type Emetteur struct {
	Service string // "Aidants Connect"
	Contact string // where a usager writes to the service
}

func (t Texte) render(d document) ([]byte, error) {
	var b bytes.Buffer
	if err := t.modele.Execute(&b, d); err != nil {
		return nil, fmt.Errorf("render text %s: %w", t.Version, err)
	}
	return b.Bytes(), nil
}

// Document renders the printable document of a mandat about to be signed, as
// one self-contained HTML fragment. Its bytes are what is kept for ever.
func (t Texte) Document(m Mandat, e Emetteur) ([]byte, error) {
	d := base(e, m.Structure, m.Demarches(), m.Duree)
	d.Simulation = m.Simulation
	d.Code = FormatCode(m.CodePublic)
	d.Mandant, d.Naissance, d.Lieu = &m.Identite, m.Identite.NaissanceAffichee(), LieuAffiche(m.Identite)
	d.Debut, d.Fin = DateHeure(m.DateCreation), DateHeure(m.DateExpiration)
	d.Date = Date(m.DateCreation)
	return t.render(d)
}

// Brouillon renders the draft of a dossier. Without an Usager, before FranceConnect,
// it names nobody.
func (t Texte) Brouillon(p Projet, e Emetteur, today time.Time) ([]byte, error) {
	d := base(e, p.Structure, p.Demarches, p.Duree)
	d.Projet, d.Simulation = true, p.Simulation
	d.Date = Date(today)
	if !p.Usager.IsZero() {
		d.Mandant, d.Naissance, d.Lieu = &p.Identite, p.Identite.NaissanceAffichee(), LieuAffiche(p.Identite)
	}
	return t.render(d)
}

func base(e Emetteur, s Structure, ds []demarche.Demarche, du Duree) document {
	d := document{Service: e.Service, Contact: e.Contact, Structure: s, Duree: du.Libelle(), Jours: du.Jours()}
	for _, x := range demarche.Displayed(ds) {
		f := x.Fiche()
		d.Demarches = append(d.Demarches, ligneDemarche{strings.ToUpper(f.Titre), f.Description})
	}
	return d
}

// LieuAffiche says where the person was born with what FranceConnect gives:
// official codes, no name.
func LieuAffiche(i usager.Identite) string {
	switch {
	case i.Birthplace != "":
		return "France, commune de code Insee " + i.Birthplace
	case i.Birthcountry == usager.France:
		return "France, commune non transmise"
	case i.Birthcountry != "":
		return "à l'étranger, pays de code Insee " + i.Birthcountry
	}
	return "non transmis"
}
