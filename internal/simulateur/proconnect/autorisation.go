package proconnect

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// acceptes are the parameters of §17; anything else is refused, whatever
// OpenID Connect says of it.
var acceptes = []string{
	"client_id", "acr_values", "claims", "response_type", "response_mode", "nonce", "state", "redirect_uri", "scope", "prompt", "idp_hint",
	"login_hint", "siret_hint", "code_challenge", "code_challenge_method",
}

// portees are the scopes that our client obtained.
var portees = []string{"openid", "given_name", "usual_name", "email", "uid", "siret", "idp_id", "organization_label", "roles"}

const temoin = "__Host-pc_session"

// authorize receives a request, and answers at once when this browser is
// signed in already: ProConnect shows nothing then.
func (s *Simulateur) authorize(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 32<<10)
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, "demande illisible")
		return
	}
	d, page, retour := s.read(r.Form)
	switch {
	case page != "":
		s.refuse(w, r, page)
		return
	case retour != "":
		http.Redirect(w, r, s.back(d, "error", retour), http.StatusSeeOther)
		return
	}
	p, signedIn := s.session(r)
	prompt := r.Form.Get("prompt")
	switch {
	case signedIn && prompt != "login":
		http.Redirect(w, r, s.back(d, "code", s.newCode(p, d)), http.StatusSeeOther)
	case prompt == "none":
		http.Redirect(w, r, s.back(d, "error", "login_required"), http.StatusSeeOther)
	default:
		d.fin = s.cfg.Clock().Add(vieInteraction)
		s.mu.Lock()
		id := keep(s.interactions, d, func(d demande) bool { return !s.cfg.Clock().Before(d.fin) })
		s.mu.Unlock()
		s.page(w, r, http.StatusOK, pageChoix(base+"/interaction/"+id, r.Form.Get("login_hint"), s.cfg.Professionnels))
	}
}

// read checks a request: page is a refusal that is shown, retour one that the
// client is told.
func (s *Simulateur) read(q url.Values) (d demande, page, retour string) {
	d = demande{redirect: q.Get("redirect_uri"), state: q.Get("state"), nonce: q.Get("nonce"), challenge: q.Get("code_challenge")}
	switch {
	case q.Get("client_id") != s.cfg.ClientID:
		return d, "client_id inconnu", ""
	case !slices.Contains(s.cfg.RedirectURIs, d.redirect):
		return d, "redirect_uri non enregistrée", ""
	case len(d.state) < minHasard || len(d.nonce) < minHasard:
		return d, "state ou nonce de moins de 32 caractères", ""
	}
	for k, v := range q {
		if !slices.Contains(acceptes, k) || len(v) > 1 {
			return d, "paramètre refusé : " + k, ""
		}
	}
	scopes := strings.Fields(q.Get("scope"))
	switch {
	case q.Get("response_type") != "code":
		return d, "", "unsupported_response_type"
	case !slices.Contains(scopes, "openid") || slices.ContainsFunc(scopes, func(p string) bool { return !slices.Contains(portees, p) }):
		return d, "", "invalid_scope"
	case d.challenge == "" != (q.Get("code_challenge_method") == ""), d.challenge != "" && q.Get("code_challenge_method") != "S256":
		return d, "", "invalid_request"
	}
	if b, err := base64.RawURLEncoding.DecodeString(d.challenge); err != nil || d.challenge != "" && len(b) != 32 {
		return d, "", "invalid_request"
	}
	if c := q.Get("claims"); c != "" {
		var ask struct {
			IDToken map[string]json.RawMessage `json:"id_token"`
		}
		if json.Unmarshal([]byte(c), &ask) != nil {
			return d, "", "invalid_request"
		}
		_, d.amr = ask.IDToken["amr"]
	}
	return d, "", ""
}

var siret = regexp.MustCompile(`^\d{14}$`)

// choose signs the visitor in as they say, for 12 hours in this browser.
func (s *Simulateur) choose(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 32<<10)
	if err := r.ParseForm(); err != nil {
		s.refuse(w, r, "formulaire illisible")
		return
	}
	now := s.cfg.Clock()
	s.mu.Lock()
	d, ok := s.interactions[r.PathValue("id")]
	delete(s.interactions, r.PathValue("id"))
	s.mu.Unlock()
	if !ok || !now.Before(d.fin) {
		s.refuse(w, r, "cette connexion n'est plus en cours")
		return
	}
	if r.PostForm.Has("abandon") {
		http.Redirect(w, r, s.back(d, "error", "access_denied"), http.StatusSeeOther)
		return
	}
	p := personne{Professionnel: Professionnel{
		Prenom: r.PostForm.Get("prenom"), Nom: r.PostForm.Get("nom"), Email: strings.TrimSpace(r.PostForm.Get("email")), Siret: r.PostForm.Get("siret"),
	}, acr: r.PostForm.Get("acr"), date: now, fin: now.Add(vieSession)}
	known := slices.ContainsFunc(niveaux(), func(n niveau) bool { return n.Acr == p.acr })
	if !strings.Contains(p.Email, "@") || !siret.MatchString(p.Siret) || !known {
		s.refuse(w, r, "adresse, SIRET ou niveau manquant")
		return
	}
	s.mu.Lock()
	c := keep(s.sessions, p, func(p personne) bool { return !now.Before(p.fin) })
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: temoin, Value: c, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(vieSession.Seconds())})
	http.Redirect(w, r, s.back(d, "code", s.newCode(p, d)), http.StatusSeeOther)
}

func (s *Simulateur) session(r *http.Request) (personne, bool) {
	c, err := r.Cookie(temoin)
	if err != nil {
		return personne{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.sessions[c.Value]
	return p, ok && s.cfg.Clock().Before(p.fin)
}

func (s *Simulateur) newCode(p personne, d demande) string {
	now := s.cfg.Clock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return keep(s.codes, connexion{p, d, now.Add(vieCode)}, func(c connexion) bool { return !now.Before(c.fin) })
}

// back is the client's address with the answer.
func (s *Simulateur) back(d demande, name, value string) string {
	u, err := url.Parse(d.redirect)
	if err != nil { // registered
		return s.cfg.Origine
	}
	q := u.Query()
	q.Set(name, value)
	q.Set("state", d.state)
	q.Set("iss", s.Issuer())
	u.RawQuery = q.Encode()
	return u.String()
}

func (s *Simulateur) refuse(w http.ResponseWriter, r *http.Request, detail string) {
	s.page(w, r, http.StatusBadRequest, pageErreur(detail))
}

// page shows a page that loads nothing and leads only where it must.
func (s *Simulateur) page(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	actions := "'self'"
	for _, a := range s.cfg.RedirectURIs {
		if u, err := url.Parse(a); err == nil {
			actions += " " + u.Scheme + "://" + u.Host
		}
	}
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action "+actions)
	w.WriteHeader(status)
	_ = c.Render(r.Context(), w) // the visitor left: nobody to tell
}

// niveauID names a field of the page of choice.
func niveauID(i int) string { return "niveau-" + strconv.Itoa(i) }
