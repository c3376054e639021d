package consultation

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/recit"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// parPage is how many lines a page shows.
const parPage = 50

// vueJournal is who looks: a structure at its own acts, or the operator's team
// at all.
type vueJournal struct {
	chemin string
	tout   bool
}

// onglets are the acts that people look for most.
var onglets = []struct{ action, libelle string }{
	{"", "Tout"},
	{"create_attestation", "Mandats signés"},
	{"use_autorisation", "Démarches faites"},
	{"cancel_autorisation", "Démarches arrêtées"},
	{"end_mandat", "Mandats finis"},
	{"connect_aidant", "Connexions"},
	{"refuse_userinfo", "Refus"},
}

// ligneVue is a line as a page shows it.
type ligneVue struct {
	journal.Ligne
	Qui  string // the professional, "" when it was not one, or not of the structure
	Pour string // the other professional
}

// Acte is the sentence of the act.
func (l ligneVue) Acte() string { return recit.Acte(l.Action, l.Fait) }

var initiateurs = map[journal.Initiateur]string{
	journal.Usager: "La personne aidée", journal.Systeme: "Le service lui-même", journal.Franceconnect: "FranceConnect",
	journal.SMS: "La personne aidée, par SMS", journal.Admin: "L’équipe du service", journal.Aidant: "Un professionnel", journal.Referent: "Un référent",
}

// Auteur says who acted.
func (l ligneVue) Auteur() string {
	if l.Qui != "" {
		return l.Qui
	}
	return initiateurs[l.Initiateur]
}

// pageListe is the list.
type pageListe struct {
	Site    web.Site
	Acteur  actor.Actor
	Vue     vueJournal
	Lignes  []ligneVue
	Filtre  journal.Filtre
	Suivant string // address of the next page
	Debut   string // address of the first, "" when it is this one
}

func (h *Handlers) list(v vueJournal) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		f, err := readFilter(r.URL.Query(), a, v)
		if err != nil {
			return err
		}
		p := pageListe{Site: h.Site, Acteur: a, Vue: v, Filtre: f}
		ctx := r.Context()
		err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
			f.Limite = parPage + 1
			p.Lignes, err = h.lines(ctx, tx, a, f)
			return err
		})
		if err != nil {
			return err
		}
		if len(p.Lignes) > parPage {
			p.Lignes = p.Lignes[:parPage]
			p.Suivant = p.address("avant", p.Lignes[parPage-1].ID.String())
		}
		if !f.Avant.IsZero() {
			p.Debut = p.address("avant", "")
		}
		return web.Render(w, r, http.StatusOK, listPage(p))
	}
}

// readFilter reads the criteria. A structure's view has its own, whatever is
// asked.
func readFilter(q url.Values, a actor.Actor, v vueJournal) (f journal.Filtre, err error) {
	f.Action = q.Get("acte")
	ok := f.Action == "" || fait.Libelle(f.Action) != f.Action
	ok = readID(q, "aidant", &f.Aidant) && readID(q, "mandat", &f.Mandat) && readID(q, "avant", &f.Avant) && ok
	if v.tout {
		ok = readID(q, "organisation", &f.Organisation) && ok
	} else {
		f.Organisation = a.Organisation
	}
	if !ok {
		return f, fault.New(fault.NotFound, "filtre_inconnu")
	}
	return f, nil
}

func readID[K any](q url.Values, name string, to *ident.ID[K]) bool {
	s := q.Get(name)
	if s == "" {
		return true
	}
	id, ok := ident.Parse[ident.ID[K]](s)
	*to = id
	return ok
}

// lines reads lines and puts names on the people of the actor's structure.
func (h *Handlers) lines(ctx context.Context, tx *db.Tx, a actor.Actor, f journal.Filtre) ([]ligneVue, error) {
	list, err := h.Journal.List(ctx, tx, f)
	if err != nil {
		return nil, err
	}
	names, err := h.names(ctx, tx, a.Organisation)
	if err != nil {
		return nil, err
	}
	out := make([]ligneVue, len(list))
	for i, l := range list {
		out[i] = ligneVue{Ligne: l, Qui: names[l.Aidant], Pour: names[l.Concerne]}
	}
	return out, nil
}

// names gives, by pseudonym, the people of a structure.
func (h *Handlers) names(ctx context.Context, tx *db.Tx, org ident.OrganisationID) (map[string]string, error) {
	people, err := members(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, m := range people {
		p, err := h.Journal.PseudonymeAidant(ctx, tx, m.id)
		if err != nil {
			return nil, err
		}
		if p != "" {
			out[p] = m.nom
		}
	}
	return out, nil
}

// address is this page with one criterion changed; any change but of "avant"
// begins again at the newest.
func (p pageListe) address(name, value string) string {
	q := url.Values{}
	for k, v := range map[string]string{"acte": p.Filtre.Action, "aidant": p.Filtre.Aidant.String(), "mandat": p.Filtre.Mandat.String(), "organisation": p.Filtre.Organisation.String()} {
		if v != "" && (k != "organisation" || p.Vue.tout) {
			q.Set(k, v)
		}
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	return p.Vue.address("", q)
}

func (v vueJournal) address(path string, q url.Values) string {
	if len(q) == 0 {
		return v.chemin + path
	}
	return v.chemin + path + "?" + q.Encode()
}

func (p pageListe) tabs() []dsfr.Lien {
	var out []dsfr.Lien
	for _, o := range onglets {
		out = append(out, dsfr.Lien{Libelle: o.libelle, URL: p.address("acte", o.action), Actif: p.Filtre.Action == o.action})
	}
	return out
}

func (p pageListe) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Actes, du plus récent au plus ancien", LegendeCachee: true,
		Colonnes: []dsfr.Colonne{{Libelle: "Date"}, {Libelle: "Acte"}, {Libelle: "Par"}, {Libelle: "Preuve"}},
		Vide:     "Aucun acte de cette sorte pour l’instant.",
	}
	for _, l := range p.Lignes {
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Text(web.DateHeure(l.Instant.Time())), acteCell(p, l), dsfr.Text(l.Auteur()), proofCell(p.Vue, l),
		})
	}
	return t
}

func (p pageListe) pages() dsfr.Pages {
	return dsfr.Pages{Libelle: "Pages du journal", Precedente: p.Debut, Suivante: p.Suivant, Resume: actes(len(p.Lignes))}
}

func lineURL(v vueJournal, l ligneVue) templ.SafeURL {
	return templ.URL(v.chemin + "ligne/" + l.ID.String() + "/")
}

// file is the address of an export of what is shown.
func (p pageListe) file(name string) string {
	u, _ := url.Parse(p.address("avant", "")) // one of ours: it reads
	return p.Vue.address(name, u.Query())
}

// menu is the entry that is lit.
func (v vueJournal) menu() string {
	if v.tout {
		return web.NavGestionJournal
	}
	return web.NavReferentJournal
}

func actes(n int) string {
	if n > 1 {
		return strconv.Itoa(n) + " actes"
	}
	return strconv.Itoa(n) + " acte"
}
