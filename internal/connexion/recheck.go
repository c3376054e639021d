package connexion

import (
	"context"
	"net/http"
	"net/url"
	"sort"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// prefix marks, in the re-check form, the fields of the form it interrupted.
const prefix = "garde."

// reprise is what the re-check page carries: where to go, and the form that
// was interrupted, so that nothing typed is lost (A-W19). It is never executed
// before the check.
type reprise struct {
	Suite  string // GET: where to continue
	Action string // POST: the address of the interrupted form; empty for a GET
	Gardes []dsfr.Cache
	Erreur string

	Cle, Code bool // what the account can prove itself with
}

// renderRecheck shows the way or the ways this account can prove itself. An
// account without any is led to add one, never to a dead end (A-W42).
func (h *Handlers) renderRecheck(w http.ResponseWriter, r *http.Request, a actor.Actor, rep reprise) error {
	if a.SansFacteur {
		if rep.Action == "" {
			return web.Redirect(w, r, web.CheminTunnel)
		}
		return web.Render(w, r, http.StatusOK, tunnelPage(h.Site, a, true))
	}
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		m, err := facteur.Load(ctx, tx, a.Aidant)
		for _, f := range m.Facteurs {
			rep.Cle = rep.Cle || f.Genre == facteur.Passkey
			rep.Code = rep.Code || f.Genre != facteur.Passkey && f.Confirme
		}
		rep.Code = rep.Code || m.Secours > 0 || !rep.Cle
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if rep.Erreur != "" {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, recheckPage(h.Site, a, rep))
}

func (h *Handlers) showRecheck(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	suite, err := next(r.URL.Query().Get("next"))
	if err != nil {
		return err
	}
	web.AllowFormAction(w)
	return h.renderRecheck(w, r, a, reprise{Suite: suite})
}

// Interrupt is called by the space gate for a POST that meets the re-check: it
// asks the code and carries the posted form along.
func (h *Handlers) Interrupt(w http.ResponseWriter, r *http.Request, a actor.Actor, form url.Values) error {
	return h.renderRecheck(w, r, a, reprise{Action: r.URL.RequestURI(), Gardes: keep(form)})
}

func (h *Handlers) recheck(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, 128<<10)
	if err != nil {
		return err
	}
	rep, err := readReprise(form)
	if err != nil {
		return err
	}
	web.AllowFormAction(w)
	code, ok := facteur.NormalizeCode(form.Get("otp_token"))
	if !ok {
		rep.Erreur = "Saisissez les 6 chiffres du code."
		return h.renderRecheck(w, r, a, rep)
	}
	out, err := h.proveAgain(r.Context(), a, code)
	if err != nil {
		return err
	}
	switch {
	case out.closed:
		return h.ShowClosed(w, r)
	case !out.res.Accepte:
		rep.Erreur = out.res.Avis(h.Clock())
		return h.renderRecheck(w, r, a, rep)
	}
	return h.resume(w, r, a, out.jeton, rep)
}

// resume goes on where the re-check interrupted.
func (h *Handlers) resume(w http.ResponseWriter, r *http.Request, a actor.Actor, jeton secret.Text, rep reprise) error {
	h.SetSession(w, jeton)
	if rep.Action != "" {
		return web.Render(w, r, http.StatusOK, resumePage(h.Site, a, rep))
	}
	return web.Redirect(w, r, landing(rep.Suite))
}

type outcome struct {
	res    facteur.Resultat
	jeton  secret.Text
	closed bool
}

func (h *Handlers) proveAgain(ctx context.Context, a actor.Actor, code string) (out outcome, err error) {
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		out = outcome{}
		if out.res, err = h.Verify(ctx, tx, a, code); err != nil {
			return err
		}
		if !out.res.Judged() {
			return nil
		}
		if !out.res.Accepte {
			out.closed, err = h.CountFailure(ctx, tx, a, out.res.Motif)
			return err
		}
		out.jeton, err = h.passed(ctx, tx, a)
		return err
	})
	return out, err
}

// keep turns a posted form into hidden fields; a spent code is not kept.
func keep(form url.Values) []dsfr.Cache {
	names := make([]string, 0, len(form))
	for k := range form {
		if k != "otp_token" {
			names = append(names, k)
		}
	}
	sort.Strings(names)
	var out []dsfr.Cache
	for _, k := range names {
		for _, v := range form[k] {
			out = append(out, dsfr.Cache{Nom: k, Valeur: v})
		}
	}
	return out
}

func readReprise(form url.Values) (reprise, error) {
	suite, err := next(form.Get("next"))
	if err != nil {
		return reprise{}, err
	}
	rep := reprise{Suite: suite, Action: form.Get("action")}
	if rep.Action != "" {
		if _, ok := web.NextPath(rep.Action); !ok {
			return reprise{}, fault.New(fault.NotFound, "suite_refusee")
		}
	}
	kept := url.Values{}
	for k, vs := range form {
		if name, ok := strings.CutPrefix(k, prefix); ok {
			kept[name] = vs
		}
	}
	rep.Gardes = keep(kept)
	return rep, nil
}

// caches are the hidden fields of the re-check form.
func (r reprise) caches() []dsfr.Cache {
	var out []dsfr.Cache
	if r.Suite != "" {
		out = append(out, dsfr.Cache{Nom: "next", Valeur: r.Suite})
	}
	if r.Action != "" {
		out = append(out, dsfr.Cache{Nom: "action", Valeur: r.Action})
	}
	for _, g := range r.Gardes {
		out = append(out, dsfr.Cache{Nom: prefix + g.Nom, Valeur: g.Valeur})
	}
	return out
}
