package histoire

import (
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// faitsMax is how many uses a relevé holds.
const faitsMax = 500

// releve is the account given to the person on paper (L-05).
type releve struct {
	Site     web.Site
	Actor    actor.Actor
	Now      time.Time
	Usager   ident.UsagerID
	Identite usager.Identite
	Comptes  []Compte
	Tronque  bool
	Preuves  map[ident.MandatID]templ.Component
}

func (h *Handlers) showReleve(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.UsagerID](r, "usager")
	if err != nil {
		return err
	}
	v := releve{Site: h.Site, Actor: a, Usager: id}
	ctx := r.Context()
	uses := 0
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		v.Now = tx.Now.Time()
		ms, err := person(ctx, tx, a, id)
		if err != nil {
			return err
		}
		fs, err := suivi.Faits(ctx, tx, a.Organisation, id, faitsMax+1)
		if err != nil {
			return err
		}
		v.Tronque = len(fs) > faitsMax
		v.Identite, v.Comptes = ms[0].Identite, accounts(ms, fs[:min(len(fs), faitsMax)])
		v.Preuves = make(map[ident.MandatID]templ.Component, len(ms))
		for _, m := range ms {
			if v.Preuves[m.ID], err = h.Preuve(ctx, tx, m.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range v.Comptes {
		uses += len(c.Faits)
	}
	if err := h.note(r, a, id, fait.PrintReleve{Utilisations: uses}); err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, relevePage(v))
}

func (v releve) structure() string {
	s := v.Comptes[len(v.Comptes)-1].Mandat.Structure
	return s.Nom + ", " + s.Adresse + ", " + s.CodePostal + " " + s.Ville
}

func (v releve) simulation() bool { return v.Comptes[0].Mandat.Simulation }

func (v releve) confie(m mandat.Mandat) string {
	return strings.Join(titles(m.Demarches()), " ; ") + ", " + m.Duree.Libelle()
}

func (v releve) etat(m mandat.Mandat) string {
	switch {
	case m.Replaced():
		return "Remplacé par un autre mandat le " + web.DateHeure(m.DateRevocation())
	case m.FullyRevoked():
		return "Arrêté le " + web.DateHeure(m.DateRevocation())
	case m.Expired(v.Now):
		return "Fini le " + web.DateHeure(m.DateExpiration)
	}
	return "En cours, jusqu’au " + web.DateHeure(m.DateExpiration)
}

func (v releve) table(c Compte) dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Ce qui a été fait avec le mandat du " + web.DateHeure(c.Mandat.DateCreation), LegendeCachee: true,
		Colonnes: []dsfr.Colonne{{Libelle: "Date"}, {Libelle: "Démarche"}, {Libelle: "Vous étiez"}, {Libelle: "Par"}},
	}
	for _, f := range c.Faits {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(web.DateHeure(f.Date)), dsfr.Text(f.Demarche.Titre()), dsfr.Text(presences[f.Presence]), dsfr.Text(f.Aidant)})
	}
	return t
}

var presences = map[suivi.Presence]string{suivi.Present: "présent ou présente", suivi.Telephone: "au téléphone", suivi.Absent: "absent ou absente"}

func (v releve) verification() string {
	return strings.TrimPrefix(strings.TrimPrefix(v.Site.Origine, "https://"), "http://") + "/verifier/"
}

func (v releve) fil() []web.Lien {
	return []web.Lien{{Libelle: "Accueil", URL: "/espace-aidant/"}, {Libelle: "Mes mandats", URL: mandat.CheminUsagers}, {Libelle: "Fiche de la personne", URL: mandat.CheminFiche(v.Usager)}, {Libelle: "Relevé"}}
}
