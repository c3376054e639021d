package web

import (
	"embed"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
)

//go:embed all:actifs
var embedded embed.FS

const cheminActifs = "/actifs/"

// stylesheets of every page, in order: ours last.
var stylesheets = []string{"dsfr.min.css", "utility.min.css", "theme.css"}

// errNoAssets is said to the operator: serve and demo show it as it is.
var errNoAssets = errors.New("les ressources de l'interface manquent : lancez make assets")

type manifest struct {
	Actifs map[string]struct {
		Fichier string `json:"fichier"`
	} `json:"actifs"`
}

var loadManifest = sync.OnceValue(func() manifest {
	var m manifest
	if b, err := embedded.ReadFile("actifs/manifeste.json"); err == nil {
		_ = json.Unmarshal(b, &m)
	}
	return m
})

// AssetsReady refuses to start a program built without its assets.
func AssetsReady() error {
	if len(loadManifest().Actifs) == 0 {
		return errNoAssets
	}
	return nil
}

// Asset gives the address of an asset, hashed name included.
func Asset(name string) string {
	if a, ok := loadManifest().Actifs[name]; ok {
		return cheminActifs + a.Fichier
	}
	return cheminActifs + name
}

func serveAsset(w http.ResponseWriter, r *http.Request) error {
	http.ServeFileFS(w, r, embedded, "actifs/"+r.PathValue("fichier"))
	return nil
}
