package revocation

import (
	"fmt"
	"net/http"
	"net/url"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// searchView is the page of the search: what was found when there are several,
// and what the team recorded before.
type searchView struct {
	Site      web.Site
	Actor     actor.Actor
	Avis      string
	Saisie    Recherche
	Champs    fault.Fields
	Inconnu   bool
	Trouves   []trouve
	Ecrites   []fin.Enregistree
	reference []string // of each, opened
}

// trouve is a mandat found, and the address of its page.
type trouve struct {
	Mandat mandat.Mandat
	URL    string
}

func (h *Handlers) showSearch(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.renderSearch(w, r, searchView{Actor: a, Avis: avis[web.TakeMessage(w, r)]})
}

func (h *Handlers) renderSearch(w http.ResponseWriter, r *http.Request, v searchView) error {
	ctx := r.Context()
	v.Site = h.Site
	var found []mandat.Mandat
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Ecrites, err = fin.Written(ctx, tx, mandat.Mandat{}.ID); err != nil {
			return err
		}
		found, err = ofTicket(ctx, tx, h.opened(r.URL.Query().Get(champTicket), v.Actor))
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range found {
		to, err := h.page(cheminMandat, []mandat.Mandat{m}, v.Actor)
		if err != nil {
			return err
		}
		v.Trouves = append(v.Trouves, trouve{m, to})
	}
	if v.reference, err = h.references(v.Ecrites); err != nil {
		return err
	}
	status := http.StatusOK
	if len(v.Champs) > 0 || v.Inconnu {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, searchPage(v))
}

// search answers the same when the code is unknown and when the name is not
// that of the mandat.
func (h *Handlers) search(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v := searchView{Actor: a, Saisie: Recherche{Code: form.Get("code"), Siret: form.Get("siret"), Nom: form.Get("nom"), Prenom: form.Get("prenom")}}
	q, err := v.Saisie.Check()
	if f := fault.FieldsOf(err); len(f) > 0 {
		v.Champs = f
		return h.renderSearch(w, r, v)
	}
	ctx := r.Context()
	wait, err := h.Limites.Allow(ctx, regle.By(a.Aidant.String()))
	if err != nil {
		return err
	}
	if wait > 0 {
		return limite.Refuse(w, wait)
	}
	var found []mandat.Mandat
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		found, err = find(ctx, tx, q)
		return err
	})
	if v.Champs = fault.FieldsOf(err); len(v.Champs) > 0 {
		return h.renderSearch(w, r, v)
	}
	if err != nil {
		return err
	}
	if v.Inconnu = len(found) == 0; v.Inconnu {
		return h.renderSearch(w, r, v)
	}
	base := Chemin
	if len(found) == 1 {
		base = cheminMandat
	}
	to, err := h.page(base, found, a)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, to)
}

func contexteTicket(a actor.Actor) string { return "revocation.ticket/" + a.Session.String() }

func (h *Handlers) page(base string, ms []mandat.Mandat, a actor.Actor) (string, error) {
	sealed, err := h.Champs.SealText([]byte(ticket(ms)), contexteTicket(a))
	if err != nil {
		return "", fmt.Errorf("seal what was found: %w", err)
	}
	return base + "?" + url.Values{champTicket: {sealed}}.Encode(), nil
}

func (h *Handlers) opened(s string, a actor.Actor) string {
	text, _ := h.Champs.OpenText(s, contexteTicket(a)) // nothing when altered, or another session's
	return string(text)
}

// references opens those of the requests.
func (h *Handlers) references(list []fin.Enregistree) ([]string, error) {
	out := make([]string, len(list))
	for i, x := range list {
		b, err := h.Champs.Open(x.Reference, contexte(x.Operation))
		if err != nil {
			return nil, fmt.Errorf("open the reference of a request: %w", err)
		}
		out[i] = string(b)
	}
	return out, nil
}

func trail(last string) []web.Lien {
	l := []web.Lien{{Libelle: "Gestion", URL: "/gestion/"}, {Libelle: titre, URL: Chemin}}
	if last == "" {
		return []web.Lien{l[0], {Libelle: titre}}
	}
	return append(l, web.Lien{Libelle: last})
}

const titre = "Révocations écrites"

func (v searchView) fautes() []dsfr.Faute {
	return dsfr.Fautes(v.Champs, "code", "siret", "nom", "prenom")
}

func (v searchView) found() dsfr.Tableau {
	t := dsfr.Tableau{Legende: "Mandats en cours de la personne", LegendeCachee: true, Colonnes: []dsfr.Colonne{{Libelle: "Code"}, {Libelle: "Signé le"}, {Libelle: "Fin prévue le"}, {Libelle: "Action", Cachee: true}}}
	for _, x := range v.Trouves {
		code := mandat.FormatCode(x.Mandat.CodePublic)
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Text(code), dsfr.Text(mandat.DateHeure(x.Mandat.DateCreation)), dsfr.Text(mandat.DateHeure(x.Mandat.DateExpiration)),
			dsfr.Link(dsfr.Bouton{Libelle: "Choisir", Precision: "le mandat " + code, URL: x.URL}),
		})
	}
	return t
}

func (v searchView) recorded() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Révocations enregistrées", LegendeCachee: true, Vide: "Aucune pour l’instant.",
		Colonnes: []dsfr.Colonne{{Libelle: "Enregistrée le"}, {Libelle: "Par"}, {Libelle: "Référence"}, {Libelle: "Code du mandat"}, {Libelle: "Structure"}, {Libelle: "Arrêté"}},
	}
	for i, x := range v.Ecrites {
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Text(mandat.DateHeure(x.Le.Time())), dsfr.Text(x.Par), dsfr.Text(v.reference[i]), dsfr.Text(mandat.FormatCode(x.Code)), dsfr.Text(x.Structure), dsfr.Text(extent(x)),
		})
	}
	return t
}

func extent(x fin.Enregistree) string {
	if x.Entier {
		return "tout le mandat"
	}
	return "une partie"
}
