package signature

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/renouvellement"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// champMandat names the mandat to renew, in an address and in the form.
const champMandat = "mandat"

func (v creationView) titre() string {
	if v.Renouvelle == nil {
		return "Créer un mandat"
	}
	return "Renouveler un mandat"
}

func (v creationView) etape() dsfr.Etape {
	if v.Renouvelle == nil {
		return dsfr.Etape{Numero: 1, Total: 3, Titre: "Préparer le mandat avec la personne", Suivante: "Connexion de la personne avec FranceConnect"}
	}
	return dsfr.Etape{Numero: 1, Total: 2, Titre: "Préparer le nouveau mandat avec la personne", Suivante: "Récapitulatif et signature"}
}

func (v creationView) action() string {
	if v.Renouvelle == nil {
		return cheminCreation
	}
	return mandat.CheminRenouveler(v.Renouvelle.Usager)
}

func (v creationView) continuer() string {
	if v.Renouvelle == nil {
		return "Continuer vers FranceConnect"
	}
	return "Continuer"
}

// cible is whom and what an address or a form asks to renew.
type cible struct {
	usager ident.UsagerID
	mandat ident.MandatID // zero: the best one
}

func readCible(r *http.Request, v url.Values) (c cible, err error) {
	c.mandat, _ = ident.Parse[ident.MandatID](v.Get(champMandat))
	c.usager, err = web.PathID[ident.UsagerID](r, "usager")
	return c, err
}

// candidat is the mandat of this address, and what was renewed before. An
// unknown person, another structure's, and one that no list shows any more
// are the same fault.NotFound (M-W31).
func (h *Handlers) candidat(ctx context.Context, tx *db.Tx, a actor.Actor, c cible) (mandat.Mandat, renouvellement.Historique, error) {
	var none mandat.Mandat
	ms, err := mandat.OfUsager(ctx, tx, a.Organisation, c.usager)
	if err != nil {
		return none, renouvellement.Historique{}, err
	}
	now := tx.Now.Time()
	if !slices.ContainsFunc(ms, func(m mandat.Mandat) bool { return !m.Outdated(now) }) {
		return none, renouvellement.Historique{}, fault.New(fault.NotFound, "usager_introuvable")
	}
	past, err := renouvellement.OfUsager(ctx, tx, a.Organisation, c.usager)
	if err != nil {
		return none, past, err
	}
	m, err := past.Choose(ms, a.Organisation, c.mandat, now)
	return m, past, err
}

// showRenewal is the form of the creation, filled with the mandat to renew
// (mandats.md 7).
func (h *Handlers) showRenewal(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	var v creationView
	c, err := readCible(r, r.URL.Query())
	if err != nil {
		return err
	}
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		m, past, err := h.candidat(ctx, tx, a, c)
		if err != nil {
			return err
		}
		v = creationView{Duree: string(m.Duree)}
		for _, k := range demarche.Intersect(a.Perimetre, renouvellement.Kept(m)) {
			v.Demarches = append(v.Demarches, string(k))
		}
		if id, ok := ident.Parse[ident.DossierID](r.URL.Query().Get("dossier")); ok {
			d, err := loadDossier(ctx, tx, id)
			if err != nil {
				return err
			}
			if d.mine(a) && d.Predecesseur == m.ID && d.Statut != Signe {
				v.fill(d)
			}
		}
		if err := h.describe(ctx, tx, &v, renewed{m, past}); err != nil {
			return err
		}
		return h.addOpen(ctx, tx, a, &v)
	})
	return h.answerRenewal(w, r, renewalAnswer{a, c.usager, v}, err)
}

// renewed is a mandat about to be renewed, and what was renewed before.
type renewed struct {
	mandat mandat.Mandat
	past   renouvellement.Historique
}

func (h *Handlers) describe(ctx context.Context, tx *db.Tx, v *creationView, n renewed) (err error) {
	m := n.mandat
	x := renouvellement.Describe(m, tx.Now.Time())
	x.Restent = n.past.Left(h.Renouvellements)
	v.Renouvelle, v.Pour, v.Moyens = &x, mandant{Usager: m.Usager, Nom: m.Identite.NomAffiche()}, h.moyensOuverts(true)
	v.Refus, err = h.refusals(ctx, tx, m.Organisation, m.Usager)
	return err
}

// renewalAnswer is the form to show to this aidant, of this person.
type renewalAnswer struct {
	actor  actor.Actor
	usager ident.UsagerID
	view   creationView
}

func (h *Handlers) answerRenewal(w http.ResponseWriter, r *http.Request, x renewalAnswer, err error) error {
	if fault.ReasonOf(err) == renouvellement.RaisonNonRenouvelable {
		return web.Redirect(w, r, mandat.NonRenouvelable(x.usager))
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(x.view.Champs) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, creationPage(h.Site, x.actor, x.view))
}

// renew opens a dossier of renewal. Whoever agrees to as much or to less goes
// to the récapitulatif; the others connect with FranceConnect first (M-W5).
func (h *Handlers) renew(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	c, err := readCible(r, form)
	if err != nil {
		return err
	}
	ask, wrong := readDemande(form, a.Perimetre, h.moyensOuverts(true))
	if len(wrong) > 0 {
		return h.renewAgain(w, r, a, form, wrong)
	}
	texte := mandat.TexteCourant()
	d := Dossier{
		ID: ident.NewRandom[ident.DossierID](), Session: a.Session, Aidant: a.Aidant, Organisation: a.Organisation,
		Demarches: ask.demarches, Duree: ask.duree, Choix: ask.choix, TexteEmpreinte: texte.Empreinte,
	}
	former, replaces := ident.Parse[ident.DossierID](form.Get("dossier"))
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		m, past, err := h.candidat(ctx, tx, a, c)
		if err != nil {
			return err
		}
		if replaces {
			if err := abandonDossier(ctx, tx, former, a); err != nil {
				return err
			}
		}
		d.Predecesseur, d.Statut, d.DateLimite = m.ID, Ouvert, tx.Now.Add(h.Delais.Ouvert).Time()
		d.Usager, d.IdentiteID = ident.UsagerID{}, ident.IdentiteID{}
		if past.Needs(m, renouvellement.Demande{Demarches: d.Demarches, Duree: d.Duree}, h.Renouvellements) == renouvellement.Aucune {
			u, err := usager.Load(ctx, tx, m.Usager)
			if err != nil {
				return err
			}
			d.Statut, d.Usager, d.IdentiteID, d.DateLimite = Pret, u.ID, u.IdentiteID, tx.Now.Add(h.Delais.Pret).Time()
		} else if distant(d.Choix) && d.Choix.Moyen != consentement.Distance {
			return fault.Form(fault.Fields{"moyen": "Ce renouvellement contient plus que l’ancien mandat, ou trop se suivent sans connexion : la personne doit se connecter avec FranceConnect. Choisissez « à distance, avec FranceConnect », ou revoyez les démarches et la durée."})
		}
		if distant(d.Choix) {
			d.Statut, d.Usager, d.DateLimite = AttenteConsentement, m.Usager, tx.Now.Add(h.Delais.Ouvert).Time()
		}
		if err := mandat.StoreTexte(ctx, tx, texte); err != nil {
			return err
		}
		if err := insertDossier(ctx, tx, d); err != nil {
			return err
		}
		e := mandat.Line(a, ident.New[ident.OperationID](), fait.InitRenewMandat{Demarches: d.Demarches, Jours: d.Duree.Jours(), ADistance: d.Choix.Methode() != "", MethodeConsentement: d.Choix.Methode()})
		e.Usager, e.Mandat = m.Usager, m.ID
		return h.Greffe.Journal.Append(ctx, tx, e)
	})
	if len(fault.FieldsOf(err)) > 0 {
		return h.renewAgain(w, r, a, form, fault.FieldsOf(err))
	}
	if err != nil {
		return h.answerRenewal(w, r, renewalAnswer{a, c.usager, creationView{}}, err)
	}
	return web.Redirect(w, r, resumeURL(d))
}

// renewAgain shows the form of a renewal with what is wrong.
func (h *Handlers) renewAgain(w http.ResponseWriter, r *http.Request, a actor.Actor, form url.Values, wrong fault.Fields) error {
	ctx := r.Context()
	c, err := readCible(r, form)
	if err != nil {
		return err
	}
	v := viewOf(form)
	v.Champs = wrong
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		m, past, err := h.candidat(ctx, tx, a, c)
		if err != nil {
			return err
		}
		return h.describe(ctx, tx, &v, renewed{m, past})
	})
	return h.answerRenewal(w, r, renewalAnswer{a, c.usager, v}, err)
}

// renewal is the act that a dossier of renewal is about to do.
func (h *Handlers) renewal(d Dossier) renouvellement.Acte {
	return renouvellement.Acte{
		Predecesseur: d.Predecesseur, Organisation: d.Organisation, Usager: d.Usager, Limite: h.Renouvellements,
		Demande: renouvellement.Demande{Demarches: d.Demarches, Duree: d.Duree}, Franceconnect: len(d.Authentification) > 0,
	}
}

// before applies the rules of a renewal, and reads what it takes over; there is
// nothing to do for a creation.
func (h *Handlers) before(ctx context.Context, tx *db.Tx, d Dossier) (renouvellement.Ancien, error) {
	if d.Predecesseur.IsZero() {
		return renouvellement.Ancien{}, nil
	}
	return h.renewal(d).Before(ctx, tx)
}

// addRenewal says in the récapitulatif what is renewed, and what prevents it.
func (h *Handlers) addRenewal(ctx context.Context, tx *db.Tx, d Dossier, v *recapView) error {
	if d.Predecesseur.IsZero() {
		return nil
	}
	m, err := mandat.Load(ctx, tx, d.Organisation, d.Predecesseur)
	if err != nil {
		return err
	}
	x := renouvellement.Describe(m, tx.Now.Time())
	x.Relogin = len(d.Authentification) > 0
	v.Meme = v.Meme && x.Relogin
	if _, err := h.before(ctx, tx, d); fault.Is(err, fault.Conflict) {
		x.Refus = fault.ReasonOf(err)
	} else if err != nil {
		return err
	}
	v.Renouvelle = &x
	return nil
}

func (v recapView) etape() dsfr.Etape {
	if v.Renouvelle != nil && !v.Renouvelle.Relogin {
		return dsfr.Etape{Numero: 2, Total: 2, Titre: "Récapitulatif et signature"}
	}
	return dsfr.Etape{Numero: 3, Total: 3, Titre: "Récapitulatif et signature"}
}

func (v recapView) signable() bool { return v.Renouvelle == nil || v.Renouvelle.Refus == "" }

func (v recapView) recommencer() string {
	if v.Renouvelle != nil && !v.Renouvelle.Relogin {
		return "Demander à la personne de se connecter avec FranceConnect"
	}
	return "Ce n’est pas cette personne : recommencer la connexion"
}

// renewalURL leads to the form of the renewal of a dossier.
func renewalURL(m mandat.Mandat, d Dossier) string {
	return mandat.CheminRenouveler(m.Usager) + "?" + url.Values{champMandat: {m.ID.String()}, "dossier": {d.ID.String()}}.Encode()
}

// refusal is the page of a renewal that cannot be signed.
func (d Dossier) refusal(reason string) (p web.ErrorPage, ok bool) {
	p.Titre, p.Texte = renouvellement.Refus(reason)
	p.Actions = []web.Lien{{Libelle: "Revenir au récapitulatif", URL: resumeURL(d)}, {Libelle: "Créer un mandat", URL: cheminCreation}}
	return p, p.Titre != ""
}
