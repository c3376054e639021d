package signature

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/renouvellement"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// memeIdentite is how long FranceConnect keeps a person signed in: within it,
// the same identity twice in one browser needs a second look (FS-33).
const memeIdentite = 30 * time.Minute

// recapView is the récapitulatif: what will be signed, by whom, and what it
// changes.
type recapView struct {
	Dossier      string
	IdentiteID   string // version of the identity that the page names
	Identite     usager.Identite
	Structure    mandat.Structure
	Demarches    []demarche.Demarche
	Argent       bool
	Duree        mandat.Duree
	Debut, Fin   string
	Limite       time.Time // until when this dossier may be signed, and is kept
	Remplacees   string    // démarches of an older mandat that this one replaces
	Gardees      string    // démarches of older mandats that stay
	Ailleurs     string    // démarches another structure covers too
	Meme         bool      // the same person as a moment ago in this browser
	Incompletude string    // why FranceConnect would refuse this identity
	SansCourriel bool
	Refus        []string            // what this person refused before, with this structure
	Renouvelle   *renouvellement.Vue // nil: a creation
	Deconnexion  string
	Relance      bool
	Choix        consentement.Choix
	Texte        string // the whole text, as it will be signed
	Form         formulaire
	Champs       fault.Fields
	Explications []explication // what the person may have been shown
}

// formulaire is the récapitulatif's form.
type formulaire struct {
	identite, identiteBis, donnees bool
	courriel, code                 string
	montre                         []string
	accord                         accordSaisi
}

// champIdentite carries which identity the page named.
const champIdentite = "identite_id"

// readSignature reads the form and says what is missing before any code is
// tried: a code serves once.
func readSignature(form url.Values, v recapView) (formulaire, fault.Fields) {
	f := fault.Fields{}
	s := formulaire{
		identite: form.Get("identite") != "", identiteBis: form.Get("identite_bis") != "",
		donnees: form.Get("personal_data") != "", courriel: strings.TrimSpace(form.Get("courriel")),
	}
	if !s.identite {
		f["identite"] = "Vérifiez l'identité avec la personne, puis cochez la case."
	}
	if v.Meme && !s.identiteBis {
		f["identite_bis"] = "Confirmez que la personne vient de se connecter elle-même."
	}
	if !s.donnees {
		f["personal_data"] = "Cochez la case pour certifier que la personne a été informée et qu'elle est d'accord."
	}
	if s.courriel != "" {
		var ok bool
		if s.courriel, ok = aidant.NormalizeEmail(s.courriel); !ok || !oidc.ValidEmail(s.courriel) {
			f["courriel"] = "Saisissez une adresse électronique valide, par exemple nom@exemple.fr, ou laissez ce champ vide."
		}
	}
	s.accord = readAccord(form, v.Choix, f)
	s.montre = readMontre(form, v.Explications, f)
	var ok bool
	if s.code, ok = facteur.NormalizeCode(form.Get("otp_token")); !ok {
		f["otp_token"] = "Saisissez les 6 chiffres du code."
	}
	return s, f
}

// named are the hidden fields of the form: the dossier, and whom it names.
func (v recapView) named() []dsfr.Cache {
	return append(dossierField(v.Dossier), dsfr.Cache{Nom: champIdentite, Valeur: v.IdentiteID})
}

// projet gathers what the dossier will sign, as the database is now.
func (h *Handlers) projet(ctx context.Context, tx *db.Tx, d Dossier) (mandat.Projet, error) {
	o, err := organisation.Load(ctx, tx, d.Organisation)
	if err != nil {
		return mandat.Projet{}, err
	}
	p := mandat.Projet{
		Organisation: d.Organisation, Aidant: d.Aidant, Usager: d.Usager, IdentiteID: d.IdentiteID,
		Structure: mandat.Structure{Nom: o.Nom, Siret: o.Siret, Adresse: o.Adresse, CodePostal: o.CodePostal, Ville: o.Ville},
		Active:    o.Active, Perimetre: o.Perimetre, Demarches: d.Demarches, Duree: d.Duree,
		Issuer: h.FC.Issuer(), Simulation: h.Simulation,
		Dossier: d.ID, Predecesseur: d.Predecesseur, Texte: d.TexteEmpreinte, Authentification: d.Authentification, Choix: d.Choix,
	}
	if d.Choix.Moyen == consentement.Papier {
		if p.Grace, err = consentement.Grace(ctx, tx, d.Organisation); err != nil {
			return p, err
		}
	}
	if d.Usager.IsZero() {
		return p, nil
	}
	if p.Identite, err = usager.LoadVersion(ctx, tx, d.IdentiteID); err != nil {
		return p, err
	}
	// The address is the one this structure holds: FranceConnect's, unless it
	// gave none and the aidant wrote one with the person (M-W38).
	p.Identite.Email, err = usager.ContactEmail(ctx, tx, d.Organisation, d.Usager)
	return p, err
}

// recap reads what the page shows.
func (h *Handlers) recap(ctx context.Context, a actor.Actor, d Dossier) (v recapView, err error) {
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		p, err := h.projet(ctx, tx, d)
		if err != nil {
			return err
		}
		now := tx.Now.Time()
		v = recapView{
			Dossier: d.ID.String(), IdentiteID: d.IdentiteID.String(), Identite: p.Identite, Structure: p.Structure, Duree: d.Duree,
			Demarches: demarche.Displayed(d.Demarches), Debut: mandat.DateHeure(now), Limite: d.DateLimite, Fin: mandat.DateHeure(d.Duree.Expiration(now)),
			Choix: d.Choix, Incompletude: strings.Join(p.Identite.Incompletude(), ", "), SansCourriel: p.Identite.Email == "",
		}
		doc, err := h.Greffe.Brouillon(p, now)
		if err != nil {
			return err
		}
		v.Texte = Nested(doc)
		v.Argent = demarche.CSV(demarche.Intersect(d.Demarches, []demarche.Demarche{demarche.Argent})) != ""
		v.Deconnexion, v.Relance = logoutAvis(d)
		if v.Explications, err = h.explications(ctx, tx, d); err != nil {
			return err
		}
		if v.Refus, err = h.refusals(ctx, tx, d.Organisation, d.Usager); err != nil {
			return err
		}
		if !distant(d.Choix) { // else no identity passed through this browser
			if v.Meme, err = h.seenBefore(ctx, tx, d); err != nil {
				return err
			}
		}
		if err := h.addRenewal(ctx, tx, d, &v); err != nil {
			return err
		}
		return addOverlaps(ctx, tx, d, &v)
	})
	return v, err
}

func (h *Handlers) seenBefore(ctx context.Context, tx *db.Tx, d Dossier) (bool, error) {
	since := tx.Now.Add(-memeIdentite)
	same, err := sameIdentity(ctx, tx, d, since)
	if err != nil || same || h.RecentUse == nil {
		return same, err
	}
	return h.RecentUse(ctx, tx, actor.Actor{Session: d.Session, Aidant: d.Aidant}, d.Usager, since)
}

// addOverlaps says what the signature will replace and what it leaves
// (mandats.md 8).
func addOverlaps(ctx context.Context, tx *db.Tx, d Dossier, v *recapView) error {
	live, err := mandat.LiveAutorisations(ctx, tx, d.Organisation, d.Usager)
	if err != nil {
		return err
	}
	var mine []demarche.Demarche
	for _, a := range live {
		mine = append(mine, a.Demarche)
	}
	replaced := demarche.Intersect(mine, d.Demarches)
	var kept []demarche.Demarche
	for _, x := range mine {
		if len(demarche.Intersect([]demarche.Demarche{x}, replaced)) == 0 {
			kept = append(kept, x)
		}
	}
	others, err := mandat.Elsewhere(ctx, tx, d.Organisation, d.Usager, d.Demarches)
	v.Remplacees, v.Gardees, v.Ailleurs = titres(replaced), titres(kept), titres(others)
	return err
}

func (h *Handlers) showRecap(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	d, err := h.dossierOf(r.Context(), a, r.URL.Query().Get("dossier"))
	if err != nil {
		return h.restart(w, r, a, d, err)
	}
	if d.Statut != Pret {
		return web.Redirect(w, r, resumeURL(d))
	}
	v, err := h.recap(r.Context(), a, d)
	if err != nil {
		return err
	}
	web.AllowFormAction(w) // « Réessayer la déconnexion » and a new connection
	return web.Render(w, r, http.StatusOK, recapPage(h.Site, a, v))
}

// sign is the récapitulatif's POST: the structure's acceptance (Code civil,
// art. 1985).
func (h *Handlers) sign(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	d, err := h.dossierOf(ctx, a, form.Get("dossier"))
	if err != nil {
		return h.restart(w, r, a, d, err)
	}
	if d.Statut != Pret {
		return web.Redirect(w, r, resumeURL(d))
	}
	v, err := h.recap(ctx, a, d)
	if err != nil {
		return err
	}
	v.Form, v.Champs = readSignature(form, v)
	if shown := form.Get(champIdentite); shown != "" && shown != v.IdentiteID {
		// A connection was made again in another tab: what was certified was
		// certified of somebody else (FS-33).
		v.Form, v.Champs = formulaire{}, fault.Fields{"identite": "Une autre personne s’est connectée depuis l’ouverture de cette page. Vérifiez l’identité affichée, puis cochez de nouveau."}
	}
	if len(v.Champs) > 0 {
		web.AllowFormAction(w)
		return web.Render(w, r, http.StatusUnprocessableEntity, recapPage(h.Site, a, v))
	}
	c, err := h.conclude(ctx, a, d, v.Form)
	if err != nil {
		return h.refuse(w, r, a, d, err)
	}
	if c.fermee {
		return h.Connexion.ShowClosed(w, r)
	}
	if c.refus != nil {
		v.Champs = fault.Fields{"otp_token": c.refus.Avis(h.DB.Now().Time())}
		web.AllowFormAction(w)
		return web.Render(w, r, http.StatusUnprocessableEntity, recapPage(h.Site, a, v))
	}
	h.Connexion.SetSession(w, c.jeton)
	h.Greffe.Outbox.Poke()
	return web.Redirect(w, r, mandat.CheminFinal+c.mandat.String())
}

// identiteFaits is the identity received, in large type (FS-33).
func identiteFaits(i usager.Identite) []dsfr.Fait {
	fs := []dsfr.Fait{{Nom: "Nom de naissance", Valeur: i.FamilyName}}
	if i.PreferredUsername != "" {
		fs = append(fs, dsfr.Fait{Nom: "Nom d’usage", Valeur: i.PreferredUsername})
	}
	return append(fs,
		dsfr.Fait{Nom: "Prénoms", Valeur: i.Prenoms()},
		dsfr.Fait{Nom: "Date de naissance", Valeur: i.NaissanceAffichee()},
		dsfr.Fait{Nom: "Lieu de naissance", Valeur: i.LieuAffiche()})
}

// kept says until when what is prepared is.
func kept(until time.Time) string {
	return garde.Limite("Mandat en préparation conservé", until, "la personne n’a encore rien signé")
}
