package suivi

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

const maxForm = 4 << 10

// champScelle is the parameter that carries the text of a search, sealed: no
// name goes into an address, and the pages of a search can be walked. It opens
// only in the web session that sealed it.
const champScelle = "q"

// mandatsMax is how many mandats of a person a row shows.
const mandatsMax = 4

// listView is a page of the list.
type listView struct {
	Site    web.Site
	Actor   actor.Actor
	Filtre  Filtre
	Scelle  string // the text of the search, as addresses carry it
	Comptes map[mandat.Onglet]Compte
	Aides   []Aide
	Avant   bool // there are people before
	Apres   bool // there are people after
}

func (h *Handlers) showList(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	q := r.URL.Query()
	v := listView{Site: h.Site, Actor: a, Filtre: ParseFiltre(q)}
	v.Filtre.Texte = h.openSearch(q.Get(champScelle), a)
	if v.Filtre.Texte != "" {
		v.Scelle = q.Get(champScelle)
	}
	var from place
	from.id, _ = ident.Parse[ident.UsagerID](q.Get("apres"))
	if before, ok := ident.Parse[ident.UsagerID](q.Get("avant")); ok {
		from = place{before, true}
	}
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Comptes, err = comptes(ctx, tx, a.Organisation, v.Filtre); err != nil {
			return err
		}
		var more bool
		if v.Aides, more, err = liste(ctx, tx, a.Organisation, v.Filtre, from); err != nil {
			return err
		}
		v.Avant, v.Apres = !from.id.IsZero(), more
		if from.arriere {
			v.Avant, v.Apres = more, true
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, listPage(v))
}

// search seals what was typed and shows the list by GET.
func (h *Handlers) search(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v := listView{Filtre: ParseFiltre(form)}
	if text := cleanSearch(form.Get("recherche")); text != "" {
		if v.Scelle, err = h.Champs.SealText([]byte(text), searchContext(a)); err != nil {
			return fmt.Errorf("seal search: %w", err)
		}
	}
	return web.Redirect(w, r, v.address(v.Filtre, nil))
}

func searchContext(a actor.Actor) string { return "suivi.recherche/" + a.Session.String() }

func (h *Handlers) openSearch(s string, a actor.Actor) string {
	text, _ := h.Champs.OpenText(s, searchContext(a)) // nothing when altered, or another session's
	return string(text)
}

// address is that of the list with another filter, the search kept.
func (v listView) address(f Filtre, more url.Values) string {
	q := f.Values()
	if v.Scelle != "" {
		q.Set(champScelle, v.Scelle)
	}
	for k, vs := range more {
		q[k] = vs
	}
	if len(q) == 0 {
		return mandat.CheminUsagers
	}
	return mandat.CheminUsagers + "?" + q.Encode()
}

var onglets = []struct {
	onglet mandat.Onglet
	titre  string
	un     string // "mandat actif"
	pl     string
}{
	{mandat.Actifs, "Actifs", "mandat actif", "mandats actifs"},
	{mandat.Expires, "Expirés", "mandat expiré", "mandats expirés"},
	{mandat.Revoques, "Révoqués", "mandat révoqué", "mandats révoqués"},
}

func (v listView) tabs() []dsfr.Lien {
	var out []dsfr.Lien
	for _, o := range onglets {
		f := v.Filtre
		f.Onglet = o.onglet
		f.Bientot = f.Bientot && o.onglet == mandat.Actifs
		out = append(out, dsfr.Lien{
			Libelle: v.tabLabel(o.titre, o.onglet), URL: v.address(f, nil), Actif: o.onglet == v.Filtre.Onglet,
		})
	}
	return out
}

// tabLabel tells how many people a tab has, when they were counted.
func (v listView) tabLabel(titre string, o mandat.Onglet) string {
	switch c := v.Comptes[o]; {
	case v.Comptes == nil:
		return titre
	case c.Plus:
		return fmt.Sprintf("%s (plus de %d)", titre, c.Personnes)
	default:
		return fmt.Sprintf("%s (%d)", titre, c.Personnes)
	}
}

// people says how many people the tab has; nothing when they were not counted.
func (v listView) people() string {
	c := v.Comptes[v.Filtre.Onglet]
	switch {
	case v.Comptes == nil:
		return ""
	case c.Plus:
		return fmt.Sprintf("plus de %d personnes", c.Personnes)
	}
	return plural(c.Personnes, "personne", "personnes")
}

// resume says how many people and mandats the tab holds.
func (v listView) resume() string {
	c := v.Comptes[v.Filtre.Onglet]
	if c.Plus {
		return "Plus de " + plural(c.Personnes, "personne", "personnes") + " : cherchez un nom, ou filtrez la liste."
	}
	for _, o := range onglets {
		if o.onglet == v.Filtre.Onglet && c.Personnes > 0 {
			return plural(c.Personnes, "personne", "personnes") + ", " + plural(c.Mandats, o.un, o.pl)
		}
	}
	return ""
}

func plural(n int, one, many string) string {
	if n > 1 {
		return fmt.Sprintf("%d %s", n, many)
	}
	return fmt.Sprintf("%d %s", n, one)
}

// empty says why there is nobody.
func (v listView) empty() string {
	if v.Filtre.Narrowed() {
		return "Aucune personne ne correspond dans cet onglet."
	}
	switch v.Filtre.Onglet {
	case mandat.Expires:
		return "Aucun mandat n’a expiré depuis un an."
	case mandat.Revoques:
		return "Aucun mandat n’a été révoqué depuis un an."
	}
	return "Votre structure n’a aucun mandat actif."
}

// filters are the links that narrow the list, each with what it adds; a link
// already followed takes its filter away.
func (v listView) filters() (todo, themes []dsfr.Lien) {
	link := func(libelle string, actif bool, change func(f *Filtre)) dsfr.Lien {
		f := v.Filtre
		change(&f)
		return dsfr.Lien{Libelle: libelle, URL: v.address(f, nil), Actif: actif}
	}
	if v.Filtre.Onglet == mandat.Actifs {
		todo = append(todo, link("Expire dans moins de 30 jours", v.Filtre.Bientot, func(f *Filtre) { f.Bientot = !f.Bientot }))
	}
	todo = append(todo, link("Signatures à recueillir", v.Filtre.NonSigne, func(f *Filtre) { f.NonSigne = !f.NonSigne }))
	for _, x := range demarche.All() {
		on := v.Filtre.Demarche == x.Demarche
		themes = append(themes, link(x.TitreCourt, on, func(f *Filtre) {
			f.Demarche = x.Demarche
			if on {
				f.Demarche = ""
			}
		}))
	}
	return todo, themes
}

// opened: the filters stay in sight while one of them is in use.
func (v listView) opened() bool {
	return v.Filtre.Demarche != "" || v.Filtre.Bientot || v.Filtre.NonSigne
}

func (v listView) caches() []dsfr.Cache {
	var out []dsfr.Cache
	values := v.Filtre.Values()
	for _, k := range []string{"onglet", "demarche", "bientot", "papier"} {
		if s := values.Get(k); s != "" {
			out = append(out, dsfr.Cache{Nom: k, Valeur: s})
		}
	}
	return out
}

func (v listView) cleared() string {
	return listView{}.address(Filtre{Onglet: v.Filtre.Onglet}, nil)
}

func (v listView) pages() dsfr.Pages {
	p := dsfr.Pages{Libelle: "Pages de la liste des personnes", Resume: v.people()}
	if len(v.Aides) == 0 {
		return p
	}
	if v.Avant {
		p.Precedente = v.address(v.Filtre, url.Values{"avant": {v.Aides[0].Usager.String()}})
	}
	if v.Apres {
		p.Suivante = v.address(v.Filtre, url.Values{"apres": {v.Aides[len(v.Aides)-1].Usager.String()}})
	}
	return p
}

func (v listView) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Personnes, par nom", LegendeCachee: true,
		Colonnes: []dsfr.Colonne{{Libelle: "Personne"}, {Libelle: "Mandats"}, {Libelle: "Action", Cachee: true}},
	}
	for _, a := range v.Aides {
		t.Lignes = append(t.Lignes, dsfr.Ligne{personCell(a), mandatsCell(a, v.Filtre.Onglet), accessCell(a, v.Filtre.Onglet)})
	}
	return t
}

// shown are the mandats a row shows, and how many it does not.
func (a Aide) shown() ([]Resume, int) {
	if len(a.Mandats) <= mandatsMax {
		return a.Mandats, 0
	}
	return a.Mandats[:mandatsMax], len(a.Mandats) - mandatsMax
}

// dates says when the mandat runs, or ended.
func (m Resume) dates(o mandat.Onglet) string {
	s := "Du " + web.Date(m.DateCreation) + " au " + web.Date(m.DateExpiration)
	if o == mandat.Revoques {
		word := "révoqué"
		if m.Remplace {
			word = "remplacé"
		}
		s += ", " + word + " le " + web.Date(m.DateFin)
	}
	return s
}

func (m Resume) badges() templ.Component {
	var cs []templ.Component
	if m.Bientot {
		cs = append(cs, dsfr.Badge(dsfr.Pastille{Ton: dsfr.Alarme, Libelle: "EXPIRE BIENTÔT", Petite: true}))
	}
	if m.NonSigne {
		cs = append(cs, dsfr.Badge(dsfr.Pastille{Ton: dsfr.Info, Libelle: "Signatures à recueillir", Petite: true, SansIcon: true}))
	}
	return dsfr.Join(cs...)
}
