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
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/usager"
)

//go:embed textes/*.html
var textes embed.FS

// texteCourant is the version new mandats are made with. A version that has
// served is never edited: a test holds its hash (M-W4).
const texteCourant = "2026-11-22"

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

// TexteCourant is the text a dossier opened now will sign.
func TexteCourant() Texte { return texteDuJour }

func mustCourant() Texte {
	for _, t := range lesTextes {
		if t.Version == texteCourant {
			return t
		}
	}
	panic("text " + texteCourant + " is not embedded")
}

// TexteDe finds the text a dossier was opened with.
func TexteDe(empreinte []byte) (Texte, error) {
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
	Adresse            string        // of the verification page, without the code
	QR                 template.HTML // drawing of the address with the code
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

func (t Texte) render(d document) ([]byte, error) {
	var b bytes.Buffer
	if err := t.modele.Execute(&b, d); err != nil {
		return nil, fmt.Errorf("render text %s: %w", t.Version, err)
	}
	return b.Bytes(), nil
}

// document renders the printable document of a mandat about to be signed, as
// one self-contained HTML fragment. Its bytes are what is kept for ever.
func (s sealer) document(m Mandat) ([]byte, error) {
	d := base(s.service, s.contact, Projet{Structure: m.Structure, Demarches: m.Demarches(), Duree: m.Duree, Simulation: m.Simulation})
	d.Code = FormatCode(m.CodePublic)
	if err := d.locate(s.origine); err != nil {
		return nil, err
	}
	d.identify(m.Identite)
	d.Debut, d.Fin, d.Date = DateHeure(m.DateCreation), DateHeure(m.DateExpiration), Date(m.DateCreation)
	return s.texte.render(d)
}

// Brouillon renders the draft of a project, without legal value. Before
// FranceConnect it names nobody.
func (g *Greffe) Brouillon(p Projet, today time.Time) ([]byte, error) {
	t, err := TexteDe(p.Texte)
	if err != nil {
		return nil, err
	}
	d := base(g.Service, g.Contact, p)
	d.Projet, d.Date = true, Date(today)
	if !p.Usager.IsZero() {
		d.identify(p.Identite)
	}
	return t.render(d)
}

// blanc stands for what a blank mandat leaves to write.
const blanc = "____________________"

// Vierge renders the blank mandat: all the démarches, nobody's name. It is for
// reading beside a translation (mandats.md 12).
func (g *Greffe) Vierge() ([]byte, error) {
	d := base(g.Service, g.Contact, Projet{Demarches: demarche.Keys(), Duree: Annee})
	d.Projet, d.Duree, d.Debut, d.Fin, d.Date = true, "pour la durée choisie : un jour, un mois, six mois ou un an", blanc, blanc, blanc
	d.Structure = Structure{Nom: blanc, Siret: blanc, Adresse: blanc, CodePostal: "_____", Ville: blanc}
	return texteDuJour.render(d)
}

// locate says where the mandat can be verified, and draws it (M-W2).
func (d *document) locate(origine string) error {
	full := origine + CheminVerifier + d.Code
	drawn, err := pdf.QR(full, "QR code de la page de vérification de ce mandat : "+full)
	if err != nil {
		return err
	}
	d.Adresse = strings.TrimPrefix(strings.TrimPrefix(origine, "https://"), "http://") + CheminVerifier
	d.QR = template.HTML(drawn) // ours: digits and an escaped label
	return nil
}

func base(service, contact string, p Projet) document {
	d := document{
		Service: service, Contact: contact, Structure: p.Structure, Duree: p.Duree.Libelle(), Jours: p.Duree.Jours(), Simulation: p.Simulation,
	}
	for _, x := range demarche.Displayed(p.Demarches) {
		f := x.Fiche()
		d.Demarches = append(d.Demarches, ligneDemarche{strings.ToUpper(f.Titre), f.Description})
	}
	return d
}

func (d *document) identify(i usager.Identite) {
	d.Mandant, d.Naissance, d.Lieu = &i, i.NaissanceAffichee(), i.LieuAffiche()
}
