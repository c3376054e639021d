package fournisseur

import (
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/web"
)

// refusal is a use that our pages stop; the request is still held, so that the
// aidant can choose again or go back (FI-24).
type refusal struct {
	Tenue  Tenue
	Motif  Motif
	Manque []oidc.Champ   // of the identity
	Usager ident.UsagerID // the person chosen, if any
}

// refusPage says why, in plain words, with the ways out.
type refusPage struct {
	Site   web.Site
	Acteur actor.Actor
	refusal
	Retour string
	Titre  string
	Textes []string
	// Recommencer: choosing somebody or something else may work.
	Recommencer bool
	// Nouveau: a new mandat mends it.
	Nouveau bool
}

// showRefusal answers a refusal: 404 for what was not offered, without a hint
// whether it exists (M-W31); 403 for who may not; 409 for what has changed.
func (h *Handlers) showRefusal(w http.ResponseWriter, r *http.Request, a actor.Actor, why refusal) error {
	if h.Mesure != nil {
		h.Mesure(IssueRefuseePage, why.Motif)
	}
	p := refusPage{Site: h.Site, Acteur: a, refusal: why, Retour: h.clientName(why.Tenue), Recommencer: true}
	status := http.StatusConflict
	switch why.Motif {
	case NonPropose:
		status = http.StatusNotFound
		p.Titre = "Ce choix n'est pas possible"
		p.Textes = []string{"La personne ou la démarche choisie n'existe pas, ou n'est pas proposée à votre structure. Rien n'a été transmis."}
	case AutrePersonne:
		p.Titre = "Une autre personne a été choisie"
		p.Textes = []string{"Pour cette même demande, une autre personne a été choisie depuis, dans un autre onglet. Rien n'a été transmis.", "Choisissez de nouveau la personne."}
	case HorsDemande:
		status = http.StatusOK
		p.Titre = "Aucune démarche de ce mandat ne convient à ce service"
		p.Textes = []string{horsDemande(why.Tenue.Requete.RepScope, a.OrganisationNom)}
		p.Nouveau = true
	case IdentiteIncomplete:
		status = http.StatusOK
		p.Titre = "L'identité portée par ce mandat est incomplète"
		p.Textes = []string{"L'identité portée par ce mandat est incomplète pour FranceConnect (" + fields(why.Manque) + "). Un nouveau mandat, signé avec FranceConnect, la mettra à jour."}
		p.Nouveau = true
	case SansCourriel:
		status = http.StatusOK
		p.Titre = "Il manque une adresse électronique"
		p.Textes = []string{
			"FranceConnect demande une adresse électronique, et nous n'en connaissons pas pour cette personne.",
			"Créez une adresse avec elle, à son nom. Puis signez un nouveau mandat : l'adresse peut être écrite au moment du récapitulatif.",
		}
		p.Nouveau = true
	case AidantNonHabilite, AidantNonMembre, AidantInactif, OrganisationInactive:
		status = http.StatusForbidden
		p.Titre = "Vous ne pouvez pas utiliser de mandat"
		p.Textes = []string{sentence(why.Motif), "Parlez-en au référent de votre structure."}
		p.Recommencer = false
	default:
		p.Titre = "Cette démarche n'est plus possible"
		p.Textes = []string{sentence(why.Motif), "Rien n'a été transmis à FranceConnect."}
		p.Nouveau = why.Motif == AutorisationTerminee
	}
	web.AllowFormAction(w) // « Revenir à FranceConnect » is a form
	return web.Render(w, r, status, refusalPage(p))
}

// horsDemande is the sentence of FI-34.
func horsDemande(rep oidc.RepScope, structure string) string {
	titres := ""
	for i, d := range rep.Demarches {
		if i > 0 {
			titres += ", "
		}
		titres += "« " + d.Titre() + " »"
	}
	if titres == "" {
		titres = "des démarches que nous ne connaissons pas"
	}
	return "Ce service n'accepte que les mandats portant sur : " + titres + ". Aucun mandat en cours de cette personne auprès de " + structure +
		" ne couvre ces démarches. Vous pouvez signer un nouveau mandat, ou revenir à FranceConnect."
}

func sentence(m Motif) string {
	t := []rune(m.Texte())
	if len(t) == 0 {
		return ""
	}
	return "Raison : " + string(t) + "."
}

// giveBack is « Revenir à FranceConnect »: the request is answered
// access_denied, which leads to FranceConnect's page of choice (§9). Anybody
// signed in may give back what their web session holds.
func (h *Handlers) giveBack(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := demande(form)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var t Tenue
	err = h.DB.UpdateGated(ctx, func(tx *db.Tx) (err error) {
		if t, err = release(ctx, tx, a.Session, id); err != nil {
			return err
		}
		return giveUp(ctx, tx, a.Session, id)
	})
	if err != nil {
		return orLost(id, err)
	}
	if h.Mesure != nil {
		h.Mesure(IssueRendue, Abandon)
	}
	return web.Redirect(w, r, oidc.ErrorURL(t.Requete, h.Issuer, "access_denied", ""))
}

// titles joins the short titles of démarches for a cell.
func titles(ds []demarche.Demarche) string {
	out := ""
	for i, d := range ds {
		if i > 0 {
			out += ", "
		}
		out += d.Fiche().TitreCourt
	}
	return out
}
