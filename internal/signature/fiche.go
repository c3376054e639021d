package signature

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/web"
)

//go:embed fiches/*.html
var fiches embed.FS

// cheminFiche leads to the sheets: short, so that an SMS or a voice can give it.
const cheminFiche = "/comprendre/"

// CheminFicheAidant is the aidant's sheet; CheminFicheSMS is where they send the
// person's by SMS (comprendre).
const (
	CheminFicheAidant = cheminFiche + "aidant"
	CheminFicheSMS    = "/espace-aidant/comprendre/"
)

// FicheURL is the person's sheet in force: its address names its version.
func FicheURL() string { return cheminFiche + ficheUsager.Version }

// fiche is one sheet that explains a mandat: frozen, as the mandat's text is.
// A change is a new version; a test holds the digests.
type fiche struct {
	Cle, Titre, Version string
	Empreinte           string // SHA-256 of Corps
	Corps               string
}

// The sheets in force.
var (
	ficheUsager = mustFiche("usager", "Comprendre le mandat", "2026-11-22")
	ficheAidant = mustFiche("aidant", "Avant de faire signer un mandat", "2026-11-22")
)

func mustFiche(cle, titre, version string) fiche {
	b, err := fiches.ReadFile("fiches/" + cle + "-" + version + ".html")
	if err != nil {
		panic(err) // embedded: cannot happen
	}
	h := sha256.Sum256(b)
	return fiche{Cle: cle, Titre: titre, Version: version, Empreinte: hex.EncodeToString(h[:]), Corps: string(b)}
}

func (h *Handlers) mountFiches(m *web.Mux) {
	m.Visiteur("GET "+cheminFiche, h.showFiche(ficheUsager))
	m.Visiteur("GET "+CheminFicheAidant, h.showFiche(ficheAidant))
	m.Visiteur("GET "+cheminFiche+"{version}", h.showVersion)
}

// showVersion gives the sheet that an address sent before names.
func (h *Handlers) showVersion(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
	if r.PathValue("version") != ficheUsager.Version {
		return fault.New(fault.NotFound, "fiche_introuvable")
	}
	return h.showFiche(ficheUsager)(w, r, a)
}

// showFiche gives a sheet to anybody: on screen, printed, read aloud by the
// browser's own voice where it has one.
func (h *Handlers) showFiche(f fiche) func(http.ResponseWriter, *http.Request, *actor.Actor) error {
	return func(w http.ResponseWriter, r *http.Request, a *actor.Actor) error {
		if f.Corps == "" {
			return fault.New(fault.NotFound, "fiche_introuvable")
		}
		return web.Render(w, r, http.StatusOK, fichePage(h.Site, a, f))
	}
}
