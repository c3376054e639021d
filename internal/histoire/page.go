package histoire

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/recit"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// parPage is how many acts a page tells.
const parPage = 50

// vue is the page of a story.
type vue struct {
	Site     web.Site
	Actor    actor.Actor
	Now      time.Time
	Usager   ident.UsagerID
	Identite usager.Identite
	Garde    time.Time // until when the identity is kept
	Groupe   recit.Groupe
	Avant    ident.LigneID
	Etapes   []Etape
	Suite    bool
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.UsagerID](r, "usager")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := vue{Site: h.Site, Actor: a, Usager: id, Groupe: recit.ParseGroupe(q.Get("voir"))}
	v.Avant, _ = ident.Parse[ident.LigneID](q.Get("avant"))
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		v.Now = tx.Now.Time()
		ms, err := person(ctx, tx, a, id)
		if err != nil {
			return err
		}
		v.Identite, v.Garde = ms[0].Identite, mandat.LastEnd(ms)
		v.Etapes, err = h.story(ctx, tx, a, demande{id, v.Groupe, v.Avant, parPage})
		return err
	})
	if err != nil {
		return err
	}
	if v.Suite = len(v.Etapes) > parPage; v.Suite {
		v.Etapes = v.Etapes[:parPage]
	}
	// Its own transaction, after the reading: it holds nothing while it waits.
	if err := h.note(r, a, id, fait.ViewUsager{}); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, storyPage(v))
}

func (h *Handlers) note(r *http.Request, a actor.Actor, id ident.UsagerID, f fait.Fait) error {
	ctx := r.Context()
	return h.DB.Update(ctx, func(tx *db.Tx) error { return h.Journal.Append(ctx, tx, line(a, id, f)) })
}

func line(a actor.Actor, id ident.UsagerID, f fait.Fait) journal.Entry {
	e := mandat.Line(a, ident.OperationID{}, f)
	e.Usager = id
	return e
}

func (v vue) address(g recit.Groupe, avant ident.LigneID) string {
	q := url.Values{}
	if g != recit.Tout {
		q.Set("voir", string(g))
	}
	if !avant.IsZero() {
		q.Set("avant", avant.String())
	}
	if len(q) == 0 {
		return Chemin(v.Usager)
	}
	return Chemin(v.Usager) + "?" + q.Encode()
}

func (v vue) tabs() (out []dsfr.Lien) {
	for _, g := range recit.Groupes() {
		out = append(out, dsfr.Lien{Libelle: g.Libelle, URL: v.address(g.Groupe, ident.LigneID{}), Actif: v.Groupe == g.Groupe})
	}
	return out
}

func (v vue) pages() dsfr.Pages {
	p := dsfr.Pages{Libelle: "Pages de l’histoire", Resume: actes(len(v.Etapes))}
	if !v.Avant.IsZero() {
		p.Precedente = v.address(v.Groupe, ident.LigneID{})
	}
	if v.Suite {
		p.Suivante = v.address(v.Groupe, v.Etapes[len(v.Etapes)-1].ID)
	}
	return p
}

func (v vue) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Ce qui s’est passé, du plus récent au plus ancien", LegendeCachee: true, Vide: "Rien de cette sorte pour l’instant.",
		Colonnes: []dsfr.Colonne{{Libelle: "Date"}, {Libelle: "Ce qui s’est passé"}, {Libelle: "Par"}},
	}
	for _, e := range v.Etapes {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(web.DateHeure(e.Date)), what(e), dsfr.Text(e.Par)})
	}
	return t
}

// what is the act, leading to its mandat.
func what(e Etape) templ.Component {
	if e.Mandat.IsZero() {
		return dsfr.Text(e.Phrase)
	}
	return phraseLink(e.Phrase, mandat.CheminMandats+e.Mandat.String()+"/visualisation", web.DateHeure(e.Date))
}

func (v vue) facts() []dsfr.Fait {
	return []dsfr.Fait{
		{Nom: "Date de naissance", Valeur: v.Identite.NaissanceAffichee()},
		{Nom: "Lieu de naissance", Valeur: v.Identite.LieuAffiche()},
		{Nom: "Structure", Valeur: v.Actor.OrganisationNom},
		{Nom: "Conservation", Valeur: garde.Identite.Phrase(v.Garde) + " " + garde.Ligne.Generale()},
	}
}

func (v vue) fil() []web.Lien {
	return []web.Lien{{Libelle: "Accueil", URL: "/espace-aidant/"}, {Libelle: "Mes mandats", URL: mandat.CheminUsagers}, {Libelle: "Fiche de la personne", URL: mandat.CheminFiche(v.Usager)}, {Libelle: "Histoire"}}
}

func actes(n int) string {
	if n > 1 {
		return strconv.Itoa(n) + " actes"
	}
	return strconv.Itoa(n) + " acte"
}
