package referent

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// ficheView is the page of a person of the structure.
type ficheView struct {
	Site       web.Site
	Actor      actor.Actor
	Membre     Membre
	Garde      string      // until when the account is kept, and why
	Autres     int         // other active référents of the structure
	Structures []structure // those the référent manages
	Moyens     facteur.Moyens
	Avis       dsfr.Alerte
}

// person resolves the person of the address, for this référent only.
func person(ctx context.Context, tx *db.Tx, r *http.Request, a actor.Actor) (Membre, error) {
	id, err := web.PathID[ident.AidantID](r, "aidant")
	if err != nil {
		return Membre{}, err
	}
	m, err := resolve(ctx, tx, a, id)
	if err == nil && m.Equipe { // only the operator's team touches its own
		return m, fault.New(fault.NotFound, "hors_portee")
	}
	return m, err
}

func (h *Handlers) showFiche(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := ficheView{Site: h.Site, Actor: a, Avis: avisOf(r)}
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Membre, err = person(ctx, tx, r, a); err != nil {
			return err
		}
		place, err := aidant.PlaceIn(ctx, tx, v.Membre.ID, a.Organisation)
		if err != nil {
			return err
		}
		x, err := aidant.Load(ctx, tx, v.Membre.ID)
		if err != nil {
			return err
		}
		v.Autres, v.Garde = place.AutresReferents, x.Conserve()
		if v.Moyens, err = facteur.Load(ctx, tx, v.Membre.ID); err != nil {
			return err
		}
		v.Structures, err = enCommun(ctx, tx, a, v.Membre.ID)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, fichePage(v))
}

func (v ficheView) may(g Geste) bool { return v.Membre.Permet(g, v.Autres) }

func (v ficheView) trail() []web.Lien {
	list := web.Lien{Libelle: "Aidants", URL: CheminAidants}
	if v.Membre.Referent {
		list = web.Lien{Libelle: "Référents", URL: CheminReferents}
	}
	return []web.Lien{{Libelle: "Espace référent", URL: Chemin}, list, {Libelle: v.Membre.NomComplet()}}
}

func (v ficheView) identity() []dsfr.Fait {
	m := v.Membre
	last := "jamais"
	if !m.DateConnexion.IsZero() {
		last = web.Date(m.DateConnexion)
	}
	fs := []dsfr.Fait{{Nom: "Adresse électronique", Valeur: m.Email}}
	if m.Profession != "" {
		fs = append(fs, dsfr.Fait{Nom: "Profession", Valeur: m.Profession})
	}
	fs = append(fs,
		dsfr.Fait{Nom: "Rôle", Valeur: m.role()},
		dsfr.Fait{Nom: "Membre de la structure depuis le", Valeur: web.Date(m.Depuis)},
		dsfr.Fait{Nom: "Dernière connexion", Valeur: last},
		dsfr.Fait{Nom: "Conservation", Valeur: v.Garde})
	for _, s := range v.Structures {
		if s.Membre && s.ID != v.Actor.Organisation {
			fs = append(fs, dsfr.Fait{Nom: "Aussi membre de", Valeur: s.Nom})
		}
	}
	return fs
}

func (m Membre) role() string {
	switch {
	case m.Referent && m.Habilite:
		return "Aidant habilité et référent"
	case m.Referent:
		return "Référent, sans droit de conclure des mandats"
	case m.Habilite:
		return "Aidant habilité"
	}
	return "Sans droit de conclure des mandats"
}

func (m Membre) state() dsfr.Pastille {
	if m.Actif {
		return dsfr.Pastille{Ton: dsfr.Succes, Libelle: "Compte actif", Petite: true}
	}
	return dsfr.Pastille{Ton: dsfr.Erreur, Libelle: "Compte désactivé", Petite: true}
}

// factors lists the means to sign in, with what may be done to each.
func (v ficheView) factors() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Moyens de connexion", LegendeCachee: true, Vide: "Aucun moyen de connexion.",
		Colonnes: []dsfr.Colonne{{Libelle: "Moyen"}, {Libelle: "État"}, {Libelle: "Dernier usage"}, {Libelle: "Action", Cachee: true}},
	}
	for _, f := range v.Moyens.Facteurs {
		last := "jamais"
		if !f.DateUsage.IsZero() {
			last = web.Date(f.DateUsage)
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(f.Libelle()), dsfr.Badge(factorState(f)), dsfr.Text(last), v.factorActs(f)})
	}
	return t
}

func factorState(f facteur.Facteur) dsfr.Pastille {
	if f.Confirme {
		return dsfr.Pastille{Ton: dsfr.Succes, Libelle: "Utilisable", Petite: true, SansIcon: true}
	}
	return dsfr.Pastille{Ton: dsfr.Alarme, Libelle: "À valider", Petite: true}
}

func (v ficheView) factorActs(f facteur.Facteur) templ.Component {
	m := v.Membre
	var cs []templ.Component
	if !f.Confirme && f.Genre == facteur.Carte && v.may(Valider) {
		cs = append(cs, dsfr.ButtonLink(dsfr.Bouton{Libelle: "Valider", Precision: "la carte", URL: CheminFiche(m.ID) + "carte/valider/", Taille: dsfr.Petit}))
	}
	if v.may(Retirer) {
		cs = append(cs, dsfr.ButtonLink(dsfr.Bouton{Libelle: "Retirer", Precision: f.Libelle(), URL: cheminRetrait(m.ID, f.ID), Rang: dsfr.Secondaire, Taille: dsfr.Petit}))
	}
	return dsfr.Join(cs...)
}
