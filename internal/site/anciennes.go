package site

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"aidantsconnect/internal/web"
)

// anciennes are the beginnings of the addresses of the former service that
// bookmarks still hold, and the space they are in now (A-W81). Those of
// FranceConnect v1 are answered 404, as what never existed.
var anciennes = map[string]string{
	"usagers": "/espace-aidant/usagers", "mandats": "/espace-aidant/mandats", "renew_mandat": "/espace-aidant/renew_mandat",
	"creation_mandat": "/espace-aidant/creation_mandat", "notifications": "/espace-aidant/notifications", "espace-responsable": "/espace-referent",
}

// mountAnciennes answers a GET with the new address, query kept; ServeMux
// refuses the other methods.
func mountAnciennes(m *web.Mux) {
	for _, debut := range slices.Sorted(maps.Keys(anciennes)) {
		nouveau := anciennes[debut]
		m.Public("GET /"+debut+"/{reste...}", func(w http.ResponseWriter, r *http.Request) error {
			to := nouveau + strings.TrimPrefix(r.URL.EscapedPath(), "/"+debut)
			if r.URL.RawQuery != "" {
				to += "?" + r.URL.RawQuery
			}
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusMovedPermanently)
			return nil
		})
	}
}
