package attestation

import (
	"context"
	"net/http"
	"strings"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

const maxForm = 4 << 10

// confirmName answers whether the name read on the paper is the mandat's: yes,
// or « we cannot confirm it », which a wrong name and an unknown code share.
// The name typed comes in the body and is not kept.
func (h *Handlers) confirmName(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	asked := nomDemande{Nom: strings.TrimSpace(form.Get("nom")), Prenom: strings.TrimSpace(form.Get("prenom"))}
	v, m, err := h.read(r)
	if err != nil {
		return err
	}
	v.Nom, v.Champs = asked, asked.check()
	if len(v.Champs) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, etatPage(h.Site, v))
	}
	wait, err := h.Limites.Allow(r.Context(), regleReseau.From(r), regleCode.By(v.Code))
	if err != nil {
		return err
	}
	yes := asked.Matches(whose(m)) && wait == 0
	if err := h.answered(r.Context(), m, yes, wait); err != nil {
		return err
	}
	status := http.StatusOK
	switch {
	case wait > 0:
		status = http.StatusTooManyRequests
		v.Reponse = dsfr.Alerte{Ton: dsfr.Alarme, Titre: "Trop de noms ont été essayés", Texte: "Ce mandat ne répond plus pour l’instant. Réessayez dans " + limite.Duree(wait) + "."}
	case yes:
		v.Reponse = dsfr.Alerte{Ton: dsfr.Succes, Titre: "C’est le nom écrit dans ce mandat", Texte: "Le nom et le prénom que vous avez saisis sont ceux de la personne qui l’a signé."}
	default:
		v.Reponse = dsfr.Alerte{Ton: dsfr.Erreur, Titre: "Nous ne pouvons pas confirmer ce nom", Texte: "Recopiez le nom de naissance ou le nom d’usage, et le premier prénom, comme ils sont écrits sur le papier. S’ils sont justes, ne vous fiez pas à ce papier."}
	}
	return web.Render(w, r, status, etatPage(h.Site, v))
}

func (n nomDemande) check() fault.Fields {
	f := fault.Fields{}
	for champ, s := range map[string]string{"nom": n.Nom, "prenom": n.Prenom} {
		if s == "" || len(s) > longueurNom {
			f[champ] = map[string]string{"nom": "Saisissez le nom écrit sur le papier.", "prenom": "Saisissez le premier prénom écrit sur le papier."}[champ]
		}
	}
	return f
}

// whose is the identity the name is compared with; nobody's for an unknown
// code, so that the same work is done.
func whose(m mandat.Mandat) usager.Identite {
	if m.ID.IsZero() {
		return usager.Identite{FamilyName: "-", GivenName: "-"}
	}
	return m.Identite
}

// answered counts the question among the consultations of the mandat.
func (h *Handlers) answered(ctx context.Context, m mandat.Mandat, yes bool, wait time.Duration) error {
	if m.ID.IsZero() || wait > 0 {
		return nil
	}
	objet := nomNonConfirme
	if yes {
		objet = nomConfirme
	}
	return h.DB.Update(ctx, func(tx *db.Tx) error { return count(ctx, tx, m.ID, objet) })
}
