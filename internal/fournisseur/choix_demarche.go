package fournisseur

import (
	"context"
	"net/http"
	"strings"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
)

// demarchePage is the page where the aidant chooses the démarche and says
// whether the person is there.
type demarchePage struct {
	Site     web.Site
	Acteur   actor.Actor
	Tenue    Tenue
	Retour   string
	Usager   ident.UsagerID
	Identite usager.Identite
	Offre    Offre
	Absentes []demarche.Demarche // that no mandat of the person covers
	Demarche string              // chosen
	Presence string              // chosen
	Affichee string              // whom the posted page named; "" when it does not say
	Champs   fault.Fields
	EnCours  Connexion
}

// etape is what both the GET and the POST of the démarche start from.
type etape struct {
	tenue   Tenue
	dossier dossier
	droits  []Droits
	enCours Connexion
}

func (h *Handlers) etape(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.DossierID) (e etape, err error) {
	if e.tenue, err = held(ctx, tx, a.Session, id); err != nil {
		return e, err
	}
	if e.dossier, err = openDossier(ctx, tx, a, id); err != nil {
		return e, err
	}
	e.droits, err = droitsOf(ctx, tx, a.Organisation, a.Aidant, e.dossier.Usager)
	for i := range e.droits {
		e.droits[i] = e.droits[i].WithEmail(h.Courriel)
	}
	return e, err
}

func (h *Handlers) showDemarches(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := demande(r.URL.Query())
	if err != nil {
		return err
	}
	ctx := r.Context()
	var e etape
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if e, err = h.etape(ctx, tx, a, id); err != nil {
			return err
		}
		e.enCours, _, err = EnCours(ctx, tx, a.Session)
		return err
	})
	if err != nil {
		return orLost(id, err)
	}
	if !h.Durees.OTPRecent(e.tenue.Requete, e.tenue.Arrivee.Time(), a.DateOTP) {
		return askFactor(w, r, id)
	}
	return h.showChoice(w, r, demarchePage{Acteur: a}, e)
}

// showChoice shows the page, again when p holds mistakes, or the refusal when
// nothing can be offered.
func (h *Handlers) showChoice(w http.ResponseWriter, r *http.Request, p demarchePage, e etape) error {
	p.Site, p.Tenue, p.Retour, p.Usager, p.EnCours = h.Site, e.tenue, h.clientName(e.tenue), e.dossier.Usager, e.enCours
	p.Offre = MakeOffre(e.droits, e.tenue.Requete.RepScope)
	if len(p.Offre.Choix) == 0 {
		m, manque := p.Offre.Refus()
		if len(e.droits) == 0 {
			m = AutorisationTerminee
		}
		return h.showRefusal(w, r, p.Acteur, refusal{Tenue: e.tenue, Motif: m, Manque: manque, Usager: e.dossier.Usager})
	}
	p.Absentes = absentes(e, p.Acteur.Perimetre)
	p.Identite = civil(p.Offre.Choix[0].Identite)
	if len(p.Offre.Choix) == 1 {
		p.Demarche = string(p.Offre.Choix[0].Demarche)
	}
	status := http.StatusOK
	if len(p.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	web.AllowFormAction(w) // the answer goes to FranceConnect (FC-07)
	return web.Render(w, r, status, demarchesPage(p))
}

// chooseDemarche accepts the choice and gives FranceConnect its code.
func (h *Handlers) chooseDemarche(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := demande(form)
	if err != nil {
		return err
	}
	p := demarchePage{Acteur: a, Demarche: form.Get("demarche"), Presence: form.Get("presence"), Affichee: form.Get(champUsager), Champs: fault.Fields{}}
	code := secret.NewToken()
	ctx := r.Context()
	var e etape
	var out issue
	err = h.DB.UpdateGated(ctx, func(tx *db.Tx) (err error) {
		if e, err = h.etape(ctx, tx, a, id); err != nil {
			return err
		}
		out, err = h.issueCode(ctx, tx, p, e, code)
		return err
	})
	switch {
	case err != nil:
		return orLost(id, err)
	case out.stale:
		return askFactor(w, r, id)
	case len(out.champs) > 0:
		p.Champs = out.champs
		return h.showChoice(w, r, p, e)
	case out.motif != SansMotif:
		return h.showRefusal(w, r, a, refusal{Tenue: e.tenue, Motif: out.motif, Usager: e.dossier.Usager})
	}
	return web.Redirect(w, r, oidc.CodeURL(e.tenue.Requete, h.Issuer, code))
}

// issue is how the transaction of the choice ended.
type issue struct {
	stale  bool         // a fresh second factor is due
	champs fault.Fields // something is missing
	motif  Motif        // refused, and journaled
}

// issueCode is the act: the re-checks decide, the choice is consumed, the
// request is answered (M-W15).
func (h *Handlers) issueCode(ctx context.Context, tx *db.Tx, p demarchePage, e etape, code secret.Text) (issue, error) {
	req := e.tenue.Requete
	if !h.Durees.OTPRecent(req, e.tenue.Arrivee.Time(), p.Acteur.DateOTP) {
		return issue{stale: true}, nil
	}
	if p.Affichee != "" && p.Affichee != e.dossier.Usager.String() {
		// Somebody else was chosen since, in another tab (FI-26).
		return issue{motif: AutrePersonne}, h.noteRefusal(ctx, tx, p.Acteur, Droits{}, AutrePersonne)
	}
	champs := fault.Fields{}
	if p.Demarche == "" {
		champs["demarche"] = "Choisissez la démarche."
	}
	presence, known := suivi.ParsePresence(p.Presence)
	if p.Presence == "" {
		champs["presence"] = "Dites si la personne est présente."
	}
	if len(champs) > 0 {
		return issue{champs: champs}, nil
	}
	choice, offered := MakeOffre(e.droits, req.RepScope).Find(demarche.Demarche(p.Demarche))
	if !offered || !known {
		m, d, err := refusalOf(ctx, tx, e, p.Demarche)
		if err != nil {
			return issue{}, err
		}
		return issue{motif: m}, h.noteRefusal(ctx, tx, p.Acteur, d, m)
	}
	digest := h.Empreintes.Digest("fournisseur.code", code.Reveal())
	c := choix{Droits: choice, Presence: presence, Code: digest, Limite: tx.Now.Add(h.Durees.Code)}
	if err := accept(ctx, tx, p.Acteur, e.tenue.ID, c); err != nil {
		return issue{}, err
	}
	_, err := release(ctx, tx, p.Acteur.Session, e.tenue.ID)
	return issue{}, err
}

// refusalOf finds why a posted démarche is not offered: one that was offered
// when the page was shown has a reason, one made up has none to tell (FI-23).
func refusalOf(ctx context.Context, tx *db.Tx, e etape, posted string) (Motif, Droits, error) {
	k, ok := demarche.Parse(posted)
	if !ok {
		return NonPropose, Droits{Usager: e.dossier.Usager}, nil
	}
	d, err := lastDroits(ctx, tx, e.dossier, k)
	if err != nil || d.Autorisation.IsZero() {
		return NonPropose, Droits{Usager: e.dossier.Usager, Demarche: k}, err
	}
	if m := d.Refus(e.tenue.Requete.RepScope); m != SansMotif && m != HorsDemande {
		return m, d, nil
	}
	return NonPropose, d, nil
}

// fields lists names of the identity that are missing, for a sentence.
func fields(cs []oidc.Champ) string {
	var out []string
	for _, c := range cs {
		out = append(out, c.Libelle())
	}
	return strings.Join(out, ", ")
}
