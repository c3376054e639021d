package web

import (
	"embed"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"aidantsconnect/internal/fault"
)

//go:embed all:actifs
var embedded embed.FS

const cheminActifs = "/actifs/"

// The assets every page names.
const (
	styleSheet = "aidantsconnect.css"
	icon       = "icone.svg"
	readFont   = "atkinson-hyperlegible-latin-400-normal.woff2"
	printFont  = "atkinson-hyperlegible-400.ttf" // read by pdf
)

// errNoAssets is said to the operator: serve and demo show it as it is.
var errNoAssets = errors.New("les ressources de l'interface manquent : lancez make assets")

// asset is one line of the manifest that tools/actifs.mjs writes.
type asset struct {
	Fichier string `json:"fichier"` // name with the digest of its content
	Type    string `json:"type"`
	Brotli  int    `json:"br"` // size of the twin, 0 when there is none
	Gzip    int    `json:"gz"`
}

type manifest struct {
	byName map[string]asset
	byFile map[string]asset
}

// assets reads the embedded manifest once; without "make assets" it is empty.
var assets = sync.OnceValue(func() manifest {
	var m struct {
		Actifs map[string]asset `json:"actifs"`
	}
	if b, err := embedded.ReadFile("actifs/manifeste.json"); err == nil {
		_ = json.Unmarshal(b, &m) // a broken manifest is an absent one: AssetsReady refuses it
	}
	files := make(map[string]asset, len(m.Actifs))
	for _, a := range m.Actifs {
		files[a.Fichier] = a
	}
	return manifest{m.Actifs, files}
})

// AssetsReady refuses to start a program built without its assets. The error
// is in French: it is shown to the operator as it is.
func AssetsReady() error {
	for _, name := range []string{styleSheet, icon, readFont, printFont} {
		if _, ok := assets().byName[name]; !ok {
			return errNoAssets
		}
	}
	return nil
}

// Asset gives the address of an asset by its plain name ("recherche.js"). The
// address changes with the content, so browsers may keep it for ever.
func Asset(name string) string {
	if a, ok := assets().byName[name]; ok {
		return cheminActifs + a.Fichier
	}
	return cheminActifs + name
}

// AssetContent gives the bytes of an asset by its plain name.
func AssetContent(name string) ([]byte, error) {
	a, ok := assets().byName[name]
	if !ok {
		return nil, errNoAssets
	}
	return embedded.ReadFile("actifs/" + a.Fichier)
}

// serveAsset sends a file of the manifest, in the best encoding accepted. An
// unknown name is a plain 404: nothing here is worth a page.
func serveAsset(w http.ResponseWriter, r *http.Request) error {
	a, ok := assets().byFile[r.PathValue("fichier")]
	if !ok {
		return fault.New(fault.NotFound, "actif_inconnu")
	}
	file, h := a.Fichier, w.Header()
	if a.Brotli > 0 || a.Gzip > 0 {
		h.Set("Vary", "Accept-Encoding")
	}
	accept := r.Header.Get("Accept-Encoding")
	switch {
	case a.Brotli > 0 && accepts(accept, "br"):
		file += ".br"
		h.Set("Content-Encoding", "br")
	case a.Gzip > 0 && accepts(accept, "gzip"):
		file += ".gz"
		h.Set("Content-Encoding", "gzip")
	}
	b, err := embedded.ReadFile("actifs/" + file)
	if err != nil {
		return fault.Wrap(fault.NotFound, "actif_absent", err)
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", a.Type)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b)
	}
	return nil
}

// accepts reads an Accept-Encoding: the coding is named and its quality is not 0.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
			v, err := strconv.ParseFloat(q, 64)
			return !found || err == nil && v > 0
		}
	}
	return false
}
