package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"aidantsconnect/internal/fault"
)

// The marks that an operator entitled to them brings: none is shipped.
const (
	MarqueEtat          = "etat"          // in the header of every page
	MarqueFranceConnect = "franceconnect" // where FranceConnect sends people, and where it is left for (FI-25)
)

const (
	cheminMarques = "/marques/"
	marqueTaille  = 256 << 10 // bytes of one image
)

var marqueTypes = map[string]string{".svg": "image/svg+xml", ".png": "image/png"}

// Marques are the images of a folder of the operator, read once.
type Marques struct {
	parNom     map[string]string // "franceconnect" → its address
	parFichier map[string]marque
}

type marque struct {
	genre   string
	contenu []byte
}

// LoadMarques reads etat.svg and franceconnect.svg, or .png, where they exist.
// An address changes with its image, so that browsers may keep it for ever.
func LoadMarques(dossier string) (*Marques, error) {
	m := &Marques{parNom: map[string]string{}, parFichier: map[string]marque{}}
	if info, err := os.Stat(dossier); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("le dossier des marques ne se lit pas : %s", dossier)
	}
	for _, nom := range []string{MarqueEtat, MarqueFranceConnect} {
		for ext, genre := range marqueTypes {
			b, err := readMarque(filepath.Join(dossier, nom+ext))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if m.parNom[nom] != "" {
				return nil, fmt.Errorf("la marque %s est là deux fois : gardez .svg ou .png", nom)
			}
			h := sha256.Sum256(b)
			fichier := nom + "." + hex.EncodeToString(h[:6]) + ext
			m.parNom[nom], m.parFichier[fichier] = cheminMarques+fichier, marque{genre, b}
		}
	}
	return m, nil
}

func readMarque(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, marqueTaille+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(b) > marqueTaille {
		return nil, fmt.Errorf("la marque %s dépasse %d Kio", filepath.Base(name), marqueTaille>>10)
	}
	return b, nil
}

// URL gives the address of a mark, empty when the operator brought none.
func (m *Marques) URL(nom string) string {
	if m == nil {
		return ""
	}
	return m.parNom[nom]
}

func (m *Marques) serve(w http.ResponseWriter, r *http.Request) error {
	if m == nil {
		return fault.New(fault.NotFound, "marque_inconnue")
	}
	image, ok := m.parFichier[r.PathValue("fichier")]
	if !ok {
		return fault.New(fault.NotFound, "marque_inconnue")
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox") // an SVG opened alone runs nothing
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", image.genre)
	h.Set("Content-Length", strconv.Itoa(len(image.contenu)))
	_, err := w.Write(image.contenu)
	return err
}
