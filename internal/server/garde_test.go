package server_test

import (
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aidantsconnect/internal/web"
)

// gardeVue is what the walk of TestAcces saw of « conservé jusqu’au … parce
// que … »: for each page that opened, whether it says it.
type gardeVue map[string]bool

var conserve = regexp.MustCompile(`(?i)conserv[ée]e?s? (?:jusqu’au|pendant|tant qu)[^<]*, parce qu|dit de qui elle parle pendant[^<]*, parce qu`)

func (g gardeVue) voit(route web.Route, w *httptest.ResponseRecorder) {
	if w.Code == http.StatusOK && strings.HasPrefix(route.Pattern, "GET ") && strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") && reponse(w) == "200" {
		said := conserve.MatchString(html.UnescapeString(w.Body.String()))
		g[route.Pattern] = g[route.Pattern] || said
	}
}

// juge: every page either says until when what it shows is kept, and why, or
// is in the list of those that show no object of a person (3.24, L-65).
func (g gardeVue) juge(t *testing.T) {
	t.Helper()
	for _, pattern := range montrent {
		if !g["GET "+pattern] {
			t.Errorf("GET %s: was not seen to say until when what it shows is kept", pattern)
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(g)) {
		why, exempt := sansGarde[pattern]
		switch {
		case !g[pattern] && !exempt:
			t.Errorf("%s: says neither until when what it shows is kept, nor why", pattern)
		case g[pattern] && exempt:
			t.Errorf("%s: says it, though listed as %q", pattern, why)
		}
	}
}

// montrent are the objects that the walk must have seen.
var montrent = []string{
	"/espace-aidant/usagers/{usager}/", "/espace-aidant/usagers/{usager}/histoire/", "/espace-aidant/usagers/{usager}/releve/",
	"/espace-aidant/mandats/{mandat}/visualisation", "/espace-aidant/mandats/{mandat}/accord", "/espace-aidant/sessions/", "/espace-aidant/facteurs/",
	"/espace-aidant/profil/donnees", "/espace-referent/aidant/{aidant}/", "/espace-referent/journal/ligne/{ligne}/", "/espace-referent/acces/",
	"/gestion/comptes/{aidant}/", "/gestion/messages/{message}/", "/gestion/journal/ligne/{ligne}/", "/gestion/conservation/", "/gestion/acces/", "/gestion/signalements/",
}

// sansGarde are the pages that show no object of a person, and why.
var sansGarde = exemptions(map[string][]string{
	"public, the same for all": {
		"/accessibilite/", "/accord/", "/accounts/login/", "/accounts/login/cle/", "/accounts/manager_first_login/", "/aide/code-franceconnect/", "/cgu/",
		"/charte-aidant/", "/charte-referent/", "/code-refuse/", "/code/{cle}/", "/comprendre/", "/comprendre/aidant", "/comprendre/{version}", "/comprendre/mandat/",
		"/comprendre/mandat/{langue}", "/email-envoye/", "/journal/", "/journal/recu/", "/logout", "/logout/", "/mentions-legales/", "/plan-du-site/",
		"/verifier/", "/verifier/{code}", "/{$}",
	},
	"its table says each length": {
		"/politique_confidentialite/",
	},
	"a list: the page of each object says it": {
		"/espace-aidant/", "/espace-aidant/accords/", "/espace-aidant/echeances/", "/espace-aidant/usagers/", "/espace-referent/",
		"/espace-referent/accords/", "/espace-referent/aidants/", "/espace-referent/journal/",
		"/espace-referent/organisation/", "/gestion/", "/gestion/accords/", "/gestion/comptes/", "/gestion/demandes/", "/gestion/desactivations/",
		"/gestion/evenements/", "/gestion/importations/", "/gestion/journal/", "/gestion/messages/",
	},
	"a form: what it makes says it": {
		"/espace-aidant/creation_mandat/", "/espace-aidant/renew_mandat/{usager}", "/espace-aidant/facteurs/cle/{defi}/",
		"/espace-aidant/facteurs/resynchroniser/", "/espace-aidant/facteurs/secours/", "/espace-aidant/mandats/{mandat}/cancel_confirm",
		"/espace-aidant/usagers/{usager}/autorisations/{autorisation}/cancel_confirm", "/espace-aidant/usagers/{usager}/evenement",
		"/espace-aidant/profil/courriel", "/espace-aidant/profil/profession", "/espace-aidant/profil/telephone", "/espace-aidant/profil/proconnect",
		"/espace-aidant/valider-cgu", "/espace-referent/aidant/ajouter/aidants-formes/", "/espace-referent/aidant/ajouter/aidants-non-formes/",
		"/espace-referent/aidant/ajouter/profil/", "/espace-referent/aidant/{aidant}/carte/lier/", "/espace-referent/aidant/{aidant}/carte/valider/",
		"/espace-referent/aidant/{aidant}/demettre/", "/espace-referent/aidant/{aidant}/desactiver/", "/espace-referent/aidant/{aidant}/designer/",
		"/espace-referent/aidant/{aidant}/facteur/{facteur}/retirer/", "/espace-referent/aidant/{aidant}/inviter/",
		"/espace-referent/aidant/{aidant}/reactiver/", "/espace-referent/aidant/{aidant}/structures/", "/espace-referent/aidants/departs/",
		"/espace-referent/aidants/inviter/", "/espace-referent/organisation/correction/", "/espace-referent/referents/demander/",
		"/gestion/conservation/archive/", "/gestion/importations/cartes/", "/gestion/importations/personnes/",
	},
	"nothing of a person": {
		"/espace-aidant/creation_mandat/traduction/", "/espace-aidant/notifications/", "/espace-aidant/organisations/", "/espace-aidant/profil/chiffres",
		"/gestion/cessations/", "/gestion/journal/controle/", "/gestion/modeles/", "/gestion/modeles/{genre}/", "/gestion/notifications/",
		"/gestion/notifications/nouvelle/", "/gestion/taches/", "/gestion/traductions/", "/gestion/traductions/{langue}", "/proconnect/structure/",
	},
})

func exemptions(by map[string][]string) map[string]string {
	out := map[string]string{}
	for why, paths := range by {
		for _, path := range paths {
			out["GET "+path] = why
		}
	}
	return out
}
