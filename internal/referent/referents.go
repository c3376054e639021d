package referent

import (
	"net/http"
	"slices"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// referentsView is the list of those who answer for the structure.
type referentsView struct {
	Site       web.Site
	Actor      actor.Actor
	Actifs     []Membre // the one who looks first
	Desactives []Membre
	Demandes   []demande.Coreferent // apart from the accounts (A-W3)
	Avis       dsfr.Alerte
}

func (h *Handlers) showReferents(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := referentsView{Site: h.Site, Actor: a, Avis: avisOf(r)}
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		ms, err := membres(ctx, tx, a)
		if err != nil {
			return err
		}
		v.Actifs, v.Desactives = referents(ms)
		v.Demandes, err = demande.Coreferents(ctx, tx, a.Organisation)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, referentsPage(v))
}

// referents keeps the référents, the one who looks first, those whose account
// is closed apart.
func referents(ms []Membre) (active, closed []Membre) {
	for _, m := range ms {
		switch {
		case !m.Referent:
		case !m.Actif:
			closed = append(closed, m)
		case m.Moi:
			active = slices.Insert(active, 0, m)
		default:
			active = append(active, m)
		}
	}
	return active, closed
}

func (v referentsView) table(ms []Membre, legende string) dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: legende, LegendeCachee: true,
		Colonnes: []dsfr.Colonne{{Libelle: "Référent"}, {Libelle: "Rôle"}, {Libelle: "Moyen de connexion"}, {Libelle: "Action", Cachee: true}},
	}
	for _, m := range ms {
		t.Lignes = append(t.Lignes, dsfr.Ligne{personCell(m), dsfr.Text(m.role()), factorCell(m), ficheLink(m)})
	}
	return t
}

func (v referentsView) requests() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Demandes de co-référent", LegendeCachee: true, Borne: demande.CoreferentsMax,
		Colonnes: []dsfr.Colonne{{Libelle: "Personne proposée"}, {Libelle: "Demandée le"}, {Libelle: "État et réponse"}, {Libelle: "Action", Cachee: true}},
	}
	for _, c := range v.Demandes {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(c.Prenom + " " + c.Nom), dsfr.Text(web.Date(c.DateCreation)), dsfr.Join(demande.State(c.Etat), dsfr.Text(c.Reponse)), cancelCoreferentForm(v.Actor, c)})
	}
	return t
}
