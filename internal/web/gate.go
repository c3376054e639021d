package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
)

// DelaiCodeFrais is how old the last code of the session may be for a sensitive
// act (comptes 4.3).
const DelaiCodeFrais = 5 * time.Minute

// gate applies the conditions of a space to somebody who is signed in, in this
// order: rights, CGU and charter, re-check (comptes 1.2). It tells whether it answered.
func (m *Mux) gate(w http.ResponseWriter, r *http.Request, a actor.Actor, e Espace) (done bool, err error) {
	switch e {
	case Aidant:
		if !a.IsAidant() {
			return false, WithPage(fault.New(fault.Forbidden, "pas_aidant"), refusalAidant(a))
		}
	case Referent:
		if !a.Referent || !a.OrganisationActive {
			return false, WithPage(fault.New(fault.Forbidden, "pas_referent"), refusalReferent(a))
		}
	case Gestion:
		if a.Role == "" || !a.CleForte {
			return false, fault.New(fault.NotFound, "pas_gestion")
		}
		if m.Fresh(a) {
			return false, nil
		}
		return true, m.askCode(w, r, a)
	default:
		return false, nil
	}
	if !a.CGUAcceptee || e == Aidant && a.CharteAidantDue || e == Referent && a.CharteReferentDue {
		return true, Redirect(w, r, withNext(CheminCGU, r))
	}
	if e == Referent && a.SansFacteur && !a.TunnelRemis && r.Method == http.MethodGet && r.URL.Path == cheminReferent {
		return true, Redirect(w, r, CheminTunnel)
	}
	if m.Fresh(a) {
		return false, m.sameOrganisation(r, a)
	}
	return true, m.askCode(w, r, a)
}

// cheminReferent is the only page that leads to the tunnel (comptes 2.4).
const cheminReferent = "/espace-referent/"

// Fresh tells whether the web session was active less than the delay ago;
// at exactly the delay the code is asked (comptes 4.2). A page of the space
// Compte, which does not ask it, names no usager unless it is so.
func (m *Mux) Fresh(a actor.Actor) bool {
	last := a.DateActivite
	if a.DateOTP.After(last) {
		last = a.DateOTP
	}
	return m.c.Now().Sub(last) < m.c.DelaiReprise
}

// askCode leads to the re-check. A POST is neither lost nor executed: its
// fields are carried by the code form.
func (m *Mux) askCode(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if wantsJSON(r) {
		return needJSON(w, r, CheminReprise)
	}
	if safe(r.Method) {
		return Redirect(w, r, withNext(CheminReprise, r))
	}
	if t := r.Header.Get("Content-Type"); strings.HasPrefix(t, "multipart/form-data") {
		// Files are not carried by the code form: the page that asks for them is
		// shown again, at the same address.
		if next, ok := NextPath(r.URL.RequestURI()); ok {
			return Redirect(w, r, CheminReprise+"?next="+url.QueryEscape(next))
		}
	}
	form, err := Form(r, maxForm)
	if err != nil {
		return err
	}
	if m.c.Recheck == nil {
		return Redirect(w, r, CheminReprise)
	}
	AllowFormAction(w) // the form resumed may end at FranceConnect (FC-07)
	return m.c.Recheck(w, r, a, form)
}

// sameOrganisation refuses a form shown for another organisation than the
// current one: the person changed it in another tab (comptes 4.4, A-W34).
func (m *Mux) sameOrganisation(r *http.Request, a actor.Actor) error {
	if safe(r.Method) || !isForm(r) {
		return nil
	}
	form, err := Form(r, maxForm)
	if err != nil {
		return err
	}
	if shown := form.Get(ChampOrganisation); shown != "" && shown != a.Organisation.String() {
		return WithPage(fault.New(fault.Conflict, "autre_organisation"), refusalOrganisation(a, shown))
	}
	return nil
}

// askSignIn leads to the sign-in page, which comes back here after a GET.
func askSignIn(w http.ResponseWriter, r *http.Request) error {
	if wantsJSON(r) {
		return needJSON(w, r, CheminConnexion)
	}
	return Redirect(w, r, withNext(CheminConnexion, r))
}

// withNext adds the address to come back to, for a GET only.
func withNext(path string, r *http.Request) string {
	if !safe(r.Method) {
		return path
	}
	if next, ok := NextPath(r.URL.RequestURI()); ok {
		return path + "?next=" + url.QueryEscape(next)
	}
	return path
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// wantsJSON tells a script's fetch from a page: 401 with the address to go to,
// so that the page keeps its form (comptes 4.2).
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

func needJSON(w http.ResponseWriter, r *http.Request, path string) error {
	return JSON(w, http.StatusUnauthorized, map[string]string{"error": "login_required", "adresse": path})
}
