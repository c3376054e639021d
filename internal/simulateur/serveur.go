package simulateur

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
)

//go:embed statique
var statique embed.FS

// cookies of the three hosts. __Host- and Secure also work over http on
// *.localhost, in Chromium and in Go's cookie jar.
const (
	cookieFC      = "__Host-simulation-fc"
	cookieService = "__Host-simulation-service"
)

// enTetes wraps a host: headers, size of forms, static files.
//
// form-action lists every origin that the redirects after a form may cross:
// Chromium enforces it at every hop until a page is shown.
func (s *Simulateur) enTetes(mux *http.ServeMux, origines []string) http.Handler {
	for _, f := range []string{"simulateur.css", "soumettre.js", "simulation.svg"} {
		mux.Handle("GET /statique/"+f, http.FileServerFS(statique))
	}
	mux.HandleFunc("/", s.page(func(http.ResponseWriter, *http.Request) error { return errInconnue }))
	csp := "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action " +
		strings.Join(append([]string{"'self'"}, origines...), " ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		// same-origin and not no-referrer: the latter turns the Origin of
		// our own forms into "null".
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		mux.ServeHTTP(w, r)
	})
}

// originesFC are the origins to which FC's pages may lead a form.
func (s *Simulateur) originesFC() []string {
	liens := []string{s.cfg.FI, s.cfg.Service, s.cfg.ClientFI.AuthorizeURL, s.cfg.ClientFI.EndSessionURL, s.cfg.ClientFI.Issuer}
	liens = append(liens, s.cfg.ClientFS.RedirectURIs...)
	liens = append(liens, s.cfg.ClientFS.PostLogoutRedirectURIs...)
	var out []string
	for _, l := range liens {
		if u, err := url.Parse(l); err == nil && u.Host != "" {
			out = append(out, u.Scheme+"://"+u.Host)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var errInconnue = errors.New("no such page")

// page turns a handler that returns an error into one that shows it: a refusal
// with its Y code, anything else as Y000000.
func (s *Simulateur) page(h func(w http.ResponseWriter, r *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if errors.Is(err, errInconnue) {
			err = s.rendre(w, r, http.StatusNotFound, pageInconnue(s.vue(r, "Page inconnue")))
		} else if err != nil {
			err = s.montrerRefus(w, r, err)
		}
		if err != nil {
			s.cfg.Log.Error("simulation: show an error", "err", err)
			http.Error(w, "Erreur de la simulation", http.StatusInternalServerError)
		}
	}
}

// montrerRefus shows the error page of FC, with the way back to the service
// when there is an interaction.
func (s *Simulateur) montrerRefus(w http.ResponseWriter, r *http.Request, cause error) error {
	ref, ok := errors.AsType[*refus](cause)
	if !ok {
		ref = &refus{Code: "Y000000", Detail: "erreur interne de la simulation"}
	}
	id := alea(8)
	s.cfg.Log.Warn("simulation: refusal shown", "code", ref.Code, "id", id, "err", cause)
	y := lireY(ref.Code)
	v := vueErreur{Code: ref.Code, ID: id, Message: y.message, Detail: ref.Detail}
	if i, ok := s.interactions.get(ref.Interaction); ok && !i.finie && i.session == s.sessionDe(r) {
		e, _ := s.entite(i.clientID)
		v.Interaction, v.Service = ref.Interaction, e.Nom
	}
	return s.rendre(w, r, y.statut, pageErreur(s.vue(r, "Erreur "+ref.Code), v))
}

// formulaire is page for a POST of one of our own pages: a cross-site one is
// refused.
func (s *Simulateur) formulaire(h func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.NewCrossOriginProtection().Handler(s.page(h))
}

// rendre writes a page, rendered in memory first.
func (s *Simulateur) rendre(w http.ResponseWriter, r *http.Request, statut int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(statut)
	_, _ = w.Write(b.Bytes())
	return nil
}

// vue is what a page of this host needs.
func (s *Simulateur) vue(r *http.Request, titre string) vue {
	v := vue{Titre: titre, Entete: "Simulation de FranceConnect", Theme: "fc", Accueil: "/", Limites: s.cfg.FC + "/simulation", Fautes: s.fautesActives()}
	if s.cfg.PageFautes {
		v.PageFautes = s.cfg.FC + cheminFautes
	}
	switch host("//" + r.Host) {
	case host(s.cfg.FI):
		v.Entete, v.Theme, v.Accueil = "Fournisseur d'identité de démonstration", "fi", s.cfg.FC+"/"
	case host(s.cfg.Service):
		v.Entete, v.Theme = "Services de démonstration", "service"
	}
	return v
}

// suivre sends the browser on; 303 so that a POST becomes a GET.
func suivre(w http.ResponseWriter, adresse string) error {
	w.Header().Set("Location", adresse)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// enGet turns a POST that may come from another site into the same request by
// GET: the session cookie is Lax, hence absent from such a POST.
func enGet(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return refuse("Y000400", "formulaire illisible")
	}
	return suivre(w, r.URL.Path+"?"+r.PostForm.Encode())
}

// ajouter adds parameters to a URL, keeping its registered query; an empty
// value is not added.
func ajouter(adresse string, params ...string) string {
	u, err := url.Parse(adresse)
	if err != nil {
		return adresse
	}
	q := u.Query()
	for i := 0; i+1 < len(params); i += 2 {
		if params[i+1] != "" {
			q.Set(params[i], params[i+1])
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func ecrireJSON(w http.ResponseWriter, statut int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, `{"error":"server_error"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(statut)
	_, _ = w.Write(b)
}

// poserCookie gives the browser its session on this host; "" takes it away.
func poserCookie(w http.ResponseWriter, nom, valeur string) {
	c := http.Cookie{Name: nom, Value: valeur, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if valeur == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, &c)
}

func lireCookie(r *http.Request, nom string) string {
	c, err := r.Cookie(nom)
	if err != nil {
		return ""
	}
	return c.Value
}
