package gestion

import (
	"context"
	"net/http"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// listeView is the page of a pasted list, then its report.
type listeView struct {
	page
	Adresses string
	Rejet    rejet
	Compte   []ligneListe // the report; nil before
	Faits    int
}

// ligneListe is what became of one line.
type ligneListe struct{ Adresse, Issue string }

func (h *Handlers) showListe(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return web.Render(w, r, http.StatusOK, listePage(listeView{page: h.page(w, r, a, "Désactiver une liste")}))
}

// deactivateListe closes the accounts of a pasted list of addresses, each in
// its own transaction and with the same reason; the report says of every line
// what became of it (comptes 7.4).
func (h *Handlers) deactivateListe(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxListe)
	if err != nil {
		return err
	}
	v := listeView{page: h.page(w, r, a, "Désactiver une liste"), Adresses: form.Get("adresses")}
	d := Demande{Acte: Desactivation, Motif: form.Get("motif"), Precision: form.Get("precision")}
	lines := strings.FieldsFunc(v.Adresses, func(c rune) bool { return c == '\n' || c == '\r' || c == ';' || c == ',' || c == ' ' || c == '\t' })
	if _, err := d.Check(); err != nil || len(lines) == 0 || len(lines) > emailsMax {
		f := fault.Fields{}
		for k, s := range fault.FieldsOf(err) {
			f[k] = s
		}
		if len(lines) == 0 {
			f["adresses"] = "Collez au moins une adresse."
		} else if len(lines) > emailsMax {
			f["adresses"] = "Collez 500 adresses au plus à la fois."
		}
		v.Rejet = rejet{d, fault.Form(f)}
		return web.Render(w, r, http.StatusUnprocessableEntity, listePage(v))
	}
	seen := map[string]bool{}
	for _, line := range lines {
		email, ok := aidant.NormalizeEmail(line)
		if seen[email] {
			continue
		}
		seen[email] = true
		issue := "ce n’est pas une adresse"
		if ok {
			if issue, err = h.deactivateOne(r.Context(), a, email, d); err != nil {
				return err
			}
		}
		if issue == "désactivé" {
			v.Faits++
		}
		v.Compte = append(v.Compte, ligneListe{line, issue})
	}
	h.Outbox.Poke()
	return web.Render(w, r, http.StatusOK, listePage(v))
}

// deactivateOne says in words what became of one account.
func (h *Handlers) deactivateOne(ctx context.Context, a actor.Actor, email string, d Demande) (string, error) {
	err := h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if d.Aidant, err = accountOf(ctx, tx, email); err != nil {
			return err
		}
		_, err = h.ask(ctx, tx, a, d)
		return err
	})
	switch {
	case err == nil:
		return "désactivé", nil
	case fault.Is(err, fault.NotFound):
		return "aucun compte n’a cette adresse", nil
	case fault.Is(err, fault.Conflict):
		return strings.TrimSuffix(fault.FieldsOf(err)[""], "."), nil
	}
	return "", err
}

func (v listeView) table() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Compte rendu, ligne par ligne", Colonnes: []dsfr.Colonne{{Libelle: "Adresse"}, {Libelle: "Ce qui a été fait"}}}
	for _, l := range v.Compte {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(l.Adresse), dsfr.Text(l.Issue)})
	}
	return t
}

func (v listeView) form() accountView { return accountView{page: v.page, Rejet: v.Rejet} }

func (v listeView) fautes() []dsfr.Faute {
	if s := v.erreurAdresses(); s != "" {
		return append([]dsfr.Faute{{ID: "adresses", Texte: s}}, v.form().fautes()...)
	}
	return v.form().fautes()
}

func (v listeView) erreurAdresses() string {
	if v.Rejet.Err == nil {
		return ""
	}
	return fault.FieldsOf(v.Rejet.Err)["adresses"]
}
