package referent

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// ficheView is the page of a person of the structure.
type ficheView struct {
	Site       web.Site
	Actor      actor.Actor
	Membre     Membre
	Autres     int // other active référents of the structure
	Structures []structure
	Avis       dsfr.Alerte
}

// person resolves the person of the address, for this référent only.
func person(ctx context.Context, tx *db.Tx, r *http.Request, a actor.Actor) (Membre, error) {
	id, err := web.PathID[ident.AidantID](r, "aidant")
	if err != nil {
		return Membre{}, err
	}
	return resolve(ctx, tx, a, id)
}

func (h *Handlers) showFiche(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := ficheView{Site: h.Site, Actor: a, Avis: avisOf(r)}
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Membre, err = person(ctx, tx, r, a); err != nil {
			return err
		}
		if v.Autres, err = autresReferents(ctx, tx, a.Organisation, v.Membre.ID); err != nil {
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
		dsfr.Fait{Nom: "Dernière connexion", Valeur: last})
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
