package referent

import (
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// peopleView is the list of the people of the structure.
type peopleView struct {
	Site       web.Site
	Actor      actor.Actor
	Onglet     Onglet
	Actifs     []Membre // référents are on their own page
	Desactives []Membre
	Demandes   []demande.Rattachement
	ARelier    int // active people without a means to sign in
	Avis       dsfr.Alerte
}

func (h *Handlers) showPeople(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := peopleView{Site: h.Site, Actor: a, Onglet: ParseOnglet(r.URL.Query().Get("onglet")), Avis: avisOf(r)}
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		ms, err := membres(ctx, tx, a)
		if err != nil {
			return err
		}
		for _, m := range ms {
			switch {
			case !m.Actif:
				v.Desactives = append(v.Desactives, m)
			case !m.Referent:
				v.Actifs = append(v.Actifs, m)
			}
		}
		v.ARelier = 0
		for _, m := range v.Actifs {
			if !m.Utilisable() && m.Permet(Inviter, 0) {
				v.ARelier++
			}
		}
		v.Demandes, err = demande.Rattachements(ctx, tx, a.Organisation)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, peoplePage(v))
}

func (v peopleView) tabs() []dsfr.Lien {
	tab := func(o Onglet, titre string, n int) dsfr.Lien {
		return dsfr.Lien{Libelle: fmt.Sprintf("%s (%d)", titre, n), URL: CheminAidants + "?onglet=" + string(o), Actif: o == v.Onglet}
	}
	return []dsfr.Lien{tab(Actifs, "Actifs", len(v.Actifs)), tab(Demandes, "Demandes en cours", v.waiting()), tab(Desactives, "Désactivés", len(v.Desactives))}
}

// waiting counts the requests that are not over.
func (v peopleView) waiting() (n int) {
	for _, d := range v.Demandes {
		if d.Etat == demande.Demandee || d.Etat == demande.Confirmee {
			n++
		}
	}
	return n
}

func (v peopleView) requests() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Demandes de rattachement", LegendeCachee: true, Vide: "Aucune demande.", Borne: demande.RattachementsMax,
		Colonnes: []dsfr.Colonne{{Libelle: "Adresse"}, {Libelle: "Demandée le"}, {Libelle: "État"}, {Libelle: "Action", Cachee: true}},
	}
	for _, d := range v.Demandes {
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(d.Email), dsfr.Text(web.Date(d.DateCreation)), dsfr.Join(demande.State(d.Etat), dsfr.Text(d.Explication)), cancelRequest(v.Actor, d)})
	}
	return t
}

func (v peopleView) active() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Aidants actifs", LegendeCachee: true, Vide: "Aucun aidant actif en dehors des référents.",
		Colonnes: []dsfr.Colonne{{Libelle: "Aidant"}, {Libelle: "Moyen de connexion"}, {Libelle: "Premiers pas"}, {Libelle: "Action", Cachee: true}},
	}
	for _, m := range v.Actifs {
		t.Lignes = append(t.Lignes, dsfr.Ligne{personCell(m), factorCell(m), dsfr.Text(m.Etape().Libelle()), ficheLink(m)})
	}
	return t
}

func (v peopleView) closed() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Aidants désactivés", LegendeCachee: true, Vide: "Aucun compte désactivé.",
		Colonnes: []dsfr.Colonne{{Libelle: "Aidant"}, {Libelle: "Dernière connexion"}, {Libelle: "Action", Cachee: true}},
	}
	for _, m := range v.Desactives {
		last := "jamais"
		if !m.DateConnexion.IsZero() {
			last = web.Date(m.DateConnexion)
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{personCell(m), dsfr.Text(last), ficheLink(m)})
	}
	return t
}

// factors says in a cell what the person signs in with.
func (m Membre) factors() []dsfr.Pastille {
	var out []dsfr.Pastille
	for _, f := range m.Facteurs {
		p := dsfr.Pastille{Ton: dsfr.Succes, Libelle: genre(f.Genre), Petite: true, SansIcon: true}
		if !f.Confirme {
			p = dsfr.Pastille{Ton: dsfr.Alarme, Libelle: genre(f.Genre) + " à valider", Petite: true}
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		out = append(out, dsfr.Pastille{Ton: dsfr.Alarme, Libelle: "Aucun", Petite: true})
	}
	return out
}

func factorCell(m Membre) templ.Component {
	var cs []templ.Component
	for _, p := range m.factors() {
		cs = append(cs, dsfr.Badge(p))
	}
	return dsfr.Join(cs...)
}

// genre names a factor.
func genre(s string) string {
	switch s {
	case "application":
		return "Application"
	case "carte":
		return "Carte"
	case "passkey", "cle":
		return "Clé d’accès"
	}
	return "Autre"
}

func ficheLink(m Membre) templ.Component {
	if m.Equipe {
		return dsfr.Text("Compte de l’équipe du service")
	}
	return dsfr.ButtonLink(dsfr.Bouton{Libelle: "Voir la fiche", Precision: "de " + m.NomComplet(), URL: CheminFiche(m.ID), Rang: dsfr.Secondaire, Taille: dsfr.Petit})
}
