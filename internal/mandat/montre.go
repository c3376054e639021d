package mandat

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
)

// Montre is a text that explained the mandat to the person before they signed,
// known by its content: which text, in which language, in what form (mandats.md
// 12, 23.10). The empreinte is that of the text as it was published.
type Montre struct {
	Document  string `json:"document"`
	Empreinte string `json:"empreinte"` // SHA-256
	Forme     string `json:"forme"`
	Langue    string `json:"langue"` // BCP 47
	Source    string `json:"source"`
	Version   string `json:"version"` // of the text it belongs to
}

// What may have been shown, in what form, and who says so: the very page that
// was answered, or the aidant, who declares it with the mandat.
const (
	MontreTexte      = "texte"
	MontreFiche      = "fiche_usager"
	MontreFicheAide  = "fiche_aidant"
	MontreSimple     = "version_simple"
	MontreTraduction = "traduction"

	FormeEcran  = "ecran"
	FormeGrands = "grands_caracteres"
	FormeVoix   = "voix"
	FormePapier = "papier"

	SourcePage   = "page"
	SourceAidant = "aidant"
)

var (
	montres = map[string]string{
		MontreTexte: "Texte du mandat", MontreFiche: "Fiche « Comprendre le mandat »", MontreFicheAide: "Fiche de l’aidant",
		MontreSimple: "Version simple", MontreTraduction: "Traduction",
	}
	formes  = map[string]string{FormeEcran: "à l’écran", FormeGrands: "en grands caractères", FormeVoix: "lu à voix haute", FormePapier: "sur papier"}
	sources = map[string]string{SourcePage: "par la page signée", SourceAidant: "déclaré par l’aidant"}
)

// known tells whether a record says of it what can be understood.
func (x Montre) known() bool {
	return montres[x.Document] != "" && formes[x.Forme] != "" && sources[x.Source] != "" && len(x.Empreinte) == 2*sha256.Size && x.Langue != "" && x.Version != ""
}

func knownMontre(list []Montre) bool {
	return !slices.ContainsFunc(list, func(x Montre) bool { return !x.known() })
}

// Libelle says it in French: « Traduction (en), à l’écran, version du
// 2026-11-22 : déclaré par l’aidant ».
func (x Montre) Libelle() string {
	s := montres[x.Document]
	if x.Langue != "fr" {
		s += " (" + x.Langue + ")"
	}
	return s + ", " + formes[x.Forme] + ", version du " + x.Version + " : " + sources[x.Source]
}

// Montres says what the person was shown before they signed, by a record of
// ours; nothing for records of before the third version.
func (p Piece) Montres() (out []string) {
	var e struct {
		Montre []Montre `json:"montre"`
	}
	if json.Unmarshal(p.Enregistrement, &e) != nil {
		return nil
	}
	for _, x := range e.Montre {
		out = append(out, x.Libelle())
	}
	return out
}

// sortMontre puts them in one order, each once, whatever the form's.
func sortMontre(list []Montre) []Montre {
	out := slices.SortedFunc(slices.Values(list), func(a, b Montre) int {
		return strings.Compare(a.key(), b.key())
	})
	return slices.Compact(out)
}

func (x Montre) key() string {
	return strings.Join([]string{x.Document, x.Langue, x.Forme, x.Source, x.Version, x.Empreinte}, "\x00")
}
