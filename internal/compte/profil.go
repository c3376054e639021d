package compte

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// profilView is one's own account.
type profilView struct {
	Site  web.Site
	Actor actor.Actor
	aidant.Aidant
	Attente      string // address that awaits its confirmation
	Moyens       facteur.Moyens
	Places       []aidant.Appartenance
	Acceptations []aidant.Acceptation
	Fait         string
	ProConnect   bool
	Chiffres     []Chiffre
}

// Chiffre is one figure of a person's work, lent by who counts it.
type Chiffre struct {
	Nombre  int
	Libelle string
}

// preferences are the mails that a person may refuse: never those of security,
// of the account or of the mandats.
func (v profilView) preferences() dsfr.Choix {
	return dsfr.Choix{Nom: "recus", Legende: "Et aussi, si vous le voulez", Options: []dsfr.Option{
		{Valeur: "relances", Libelle: "Un rappel quand je n’ai rien fait depuis 90 jours", Choisi: v.Relances},
		{Valeur: "nouveautes", Libelle: "Les nouveautés du service", Aide: "Elles restent dans les notifications de votre espace.", Choisi: v.Nouveautes},
	}}
}

// faits says what was just done; the address carries the word, and what is not
// in the list says nothing.
var faits = map[string]string{
	"profession":      "Votre profession est enregistrée.",
	"telephone":       "Votre téléphone est enregistré.",
	"preferences":     "Vos préférences sont enregistrées.",
	"courriel":        "Un lien vient de partir vers la nouvelle adresse. Ouvrez-le dans les 24 heures : le changement se fera à ce moment. Votre adresse actuelle est prévenue.",
	"courriel_annule": "La demande de changement d’adresse est oubliée.",
}

func (h *Handlers) showProfile(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := profilView{Site: h.Site, Actor: a, Fait: faits[r.URL.Query().Get("fait")], ProConnect: h.ProConnect}
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if v.Aidant, err = aidant.Load(ctx, tx, a.Aidant); err != nil {
			return err
		}
		if v.Attente, err = pendingChange(ctx, tx, a.Aidant); err != nil {
			return err
		}
		if v.Moyens, err = facteur.Load(ctx, tx, a.Aidant); err != nil {
			return err
		}
		if v.Places, err = aidant.Appartenances(ctx, tx, a.Aidant); err != nil {
			return err
		}
		if v.Acceptations, err = aidant.Acceptations(ctx, tx, a.Aidant); err != nil || h.Chiffres == nil {
			return err
		}
		v.Chiffres, err = h.Chiffres(ctx, tx, a.Aidant)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, profilPage(v))
}

func orNone(s string) string {
	if s == "" {
		return "Non renseigné"
	}
	return s
}

// quality names a line of the structures.
func quality(p aidant.Appartenance) string {
	if p.Referent {
		return "Référent"
	}
	return "Membre"
}

func placeRows(all []aidant.Appartenance) []dsfr.Ligne {
	var out []dsfr.Ligne
	for _, p := range all {
		end := "En cours"
		if !p.Fin.IsZero() {
			end = web.Date(p.Fin)
		}
		out = append(out, dsfr.Ligne{dsfr.Text(p.Structure), dsfr.Text(quality(p)), dsfr.Text(web.Date(p.Debut)), dsfr.Text(end)})
	}
	return out
}

func acceptRows(all []aidant.Acceptation) []dsfr.Ligne {
	var out []dsfr.Ligne
	for _, c := range all {
		out = append(out, dsfr.Ligne{textLink(c), dsfr.Text(c.Version), dsfr.Text(web.DateHeure(c.Date))})
	}
	return out
}

func factorRows(m facteur.Moyens) []dsfr.Ligne {
	var out []dsfr.Ligne
	for _, f := range m.Facteurs {
		used := "Jamais"
		if !f.DateUsage.IsZero() {
			used = web.Date(f.DateUsage)
		}
		out = append(out, dsfr.Ligne{dsfr.Text(f.Libelle()), dsfr.Text(web.Date(f.DateCreation)), dsfr.Text(used)})
	}
	return out
}
