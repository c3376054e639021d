package rappel

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// Chemin is the calendar of what ends.
const Chemin = "/espace-aidant/echeances/"

// horizon is how far the calendar looks, in days.
const horizon = 90

// Handlers serves the calendar and runs the reminders.
type Handlers struct {
	DB      *db.DB
	Journal *journal.Journal
	Outbox  *outbox.Outbox
	Site    web.Site
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) { m.Aidant("GET "+Chemin, h.show) }

// vue is the calendar.
type vue struct {
	Site    web.Site
	Actor   actor.Actor
	Mois    []mois
	Tronque bool
}

// mois is a month of the calendar.
type mois struct {
	Titre  string
	Lignes []Prochaine
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	var ps []Prochaine
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		ps, err = calendrier(ctx, tx, a.Organisation, tx.Now.AddDate(0, 0, horizon))
		return err
	})
	if err != nil {
		return err
	}
	v := vue{Site: h.Site, Actor: a, Tronque: len(ps) > calendrierMax}
	for _, p := range ps[:min(len(ps), calendrierMax)] {
		y, m, _ := web.Jour(p.Fin)
		titre := web.Mois(m) + " " + strconv.Itoa(y)
		if n := len(v.Mois); n == 0 || v.Mois[n-1].Titre != titre {
			v.Mois = append(v.Mois, mois{Titre: titre})
		}
		last := &v.Mois[len(v.Mois)-1]
		last.Lignes = append(last.Lignes, p)
	}
	return web.Render(w, r, http.StatusOK, page(v))
}

func (m mois) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Mandats qui se terminent en " + m.Titre, LegendeCachee: true,
		Colonnes: []dsfr.Colonne{{Libelle: "Fin"}, {Libelle: "Personne"}, {Libelle: "Démarches"}, {Libelle: "Action", Cachee: true}},
	}
	for _, p := range m.Lignes {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(web.DateHeure(p.Fin)), who(p), dsfr.Text(p.titres()), renew(p)})
	}
	return t
}

func (p Prochaine) titres() string {
	s := ""
	for _, d := range demarche.Displayed(demarche.ParseCSV(p.Demarches)) {
		if s != "" {
			s += ", "
		}
		s += d.Fiche().TitreCourt
	}
	return s
}

func who(p Prochaine) templ.Component {
	return dsfr.Link(dsfr.Bouton{Libelle: p.Nom, URL: mandat.CheminFiche(p.Usager)})
}

func renew(p Prochaine) templ.Component {
	return dsfr.ButtonLink(dsfr.Bouton{
		Libelle: "Renouveler", Precision: "le mandat de " + p.Nom + " qui finit le " + web.Date(p.Fin), URL: mandat.CheminRenouveler(p.Usager) + "?mandat=" + p.Mandat.String(),
		Rang: dsfr.Secondaire, Taille: dsfr.Petit,
	})
}
