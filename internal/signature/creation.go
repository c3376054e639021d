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
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/renouvellement"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

const maxForm = 8 << 10

// creationView is the page of the form: what was typed and what is wrong.
type creationView struct {
	Demarches  []string
	Duree      string
	Moyen      string
	Presence   string
	Moyens     []consentement.Moyen // that are open
	Refus      []string             // what this person refused before, with this structure
	Capacite   bool
	Dossier    string // the dossier this form replaces
	Champs     fault.Fields
	Ouverts    []ouvert
	Attente    Attente
	Renouvelle *renouvellement.Vue // nil: a creation
	Pour       mandant             // whom it is prepared for, when that is known
}

// mandant is a person whom the structure has a mandat of, past or live.
type mandant struct {
	Usager    ident.UsagerID
	Nom       string
	Demarches []demarche.Demarche // of the latest mandat
}

// hidden are the fields of the form that are not typed.
func (v creationView) hidden() []dsfr.Cache {
	out := dossierField(v.Dossier)
	if v.Renouvelle != nil {
		return append(out, dsfr.Cache{Nom: champMandat, Valeur: v.Renouvelle.Mandat.String()})
	}
	if !v.Pour.Usager.IsZero() {
		out = append(out, dsfr.Cache{Nom: champUsager, Valeur: v.Pour.Usager.String()})
	}
	return out
}

// ouvert is a dossier already in preparation in this browser.
type ouvert struct{ Depuis, Demarches, URL string }

// demande is the form once read (mandats.md 6.1).
type demande struct {
	demarches []demarche.Demarche
	duree     mandat.Duree
	choix     consentement.Choix
}

// readDemande checks the posted form against the structure's périmètre, one
// message per field.
func readDemande(form url.Values, perimetre []demarche.Demarche, moyens []consentement.Moyen) (demande, fault.Fields) {
	f := fault.Fields{}
	var d demande
	for _, s := range form["demarche"] {
		k, ok := demarche.Parse(s)
		if !ok || !slices.Contains(perimetre, k) {
			f["demarche"] = "Sélectionnez un choix valide. " + s + " n'en fait pas partie."
			continue
		}
		d.demarches = append(d.demarches, k)
	}
	if len(form["demarche"]) == 0 {
		f["demarche"] = "Vous devez sélectionner au moins une démarche."
	}
	var err error
	if d.duree, err = mandat.ParseDuree(form.Get("duree")); err != nil {
		f["duree"] = fault.FieldsOf(err)["duree"]
	}
	if d.choix, err = consentement.ParseChoix(form.Get("moyen"), form.Get("presence"), moyens); err != nil {
		for k, v := range fault.FieldsOf(err) {
			f[k] = v
		}
	}
	if form.Get("capacite") == "" {
		f["capacite"] = "Vérifiez ces points avec la personne, puis cochez la case."
	}
	d.demarches = demarche.Sorted(d.demarches)
	return d, f
}

func viewOf(form url.Values) creationView {
	return creationView{
		Demarches: form["demarche"], Duree: form.Get("duree"), Moyen: form.Get("moyen"), Presence: form.Get("presence"), Capacite: form.Get("capacite") != "", Dossier: form.Get("dossier"),
	}
}

// showCreation shows the form, filled with an earlier dossier's answers when
// its address names one of this aidant's.
func (h *Handlers) showCreation(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	var v creationView
	renewed := "" // the dossier named is a renewal's: its form is elsewhere
	id, named := ident.Parse[ident.DossierID](r.URL.Query().Get("dossier"))
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		v = creationView{}
		if named {
			d, err := loadDossier(ctx, tx, id)
			if err != nil {
				return err
			}
			if d.mine(a) && d.Statut != Signe {
				if !d.Predecesseur.IsZero() {
					m, err := mandat.Load(ctx, tx, a.Organisation, d.Predecesseur)
					renewed = renewalURL(m, d)
					return err
				}
				v.fill(d)
			}
		}
		if err := h.addMandant(ctx, tx, a, r.URL.Query().Get(champUsager), &v); err != nil {
			return err
		}
		if err := h.addPending(ctx, tx, a, &v); err != nil {
			return err
		}
		return h.addOpen(ctx, tx, a, &v)
	})
	if err != nil {
		return err
	}
	if renewed != "" {
		return web.Redirect(w, r, renewed)
	}
	return web.Render(w, r, http.StatusOK, creationPage(h.Site, a, v))
}

// fill puts back what was chosen in a dossier.
func (v *creationView) fill(d Dossier) {
	v.Dossier, v.Duree, v.Moyen, v.Presence, v.Demarches = d.ID.String(), string(d.Duree), string(d.Choix.Moyen), string(d.Choix.Presence), nil
	for _, k := range d.Demarches {
		v.Demarches = append(v.Demarches, string(k))
	}
}

// champUsager names the person in an address and in the form: an identifier.
const champUsager = "usager"

// addMandant prepares the form for a person of this structure; anybody else is
// as good as nobody (M-W31). Who connects with FranceConnect decides.
func (h *Handlers) addMandant(ctx context.Context, tx *db.Tx, a actor.Actor, raw string, v *creationView) error {
	v.Moyens = h.moyensOuverts(false)
	u, ok := ident.Parse[ident.UsagerID](raw)
	if !ok {
		return nil
	}
	ms, err := mandat.OfUsager(ctx, tx, a.Organisation, u)
	if err != nil || len(ms) == 0 {
		return err
	}
	v.Pour = mandant{Usager: u, Nom: ms[0].Identite.NomAffiche()}
	for _, x := range ms[0].Autorisations {
		v.Pour.Demarches = append(v.Pour.Demarches, x.Demarche)
	}
	v.Refus, err = h.refusals(ctx, tx, a.Organisation, u)
	return err
}

// addPending tells that FranceConnect waits, and begins with what the public
// service asks, and what the former mandat covered, when nothing is chosen yet.
func (h *Handlers) addPending(ctx context.Context, tx *db.Tx, a actor.Actor, v *creationView) (err error) {
	if h.Pending != nil {
		if v.Attente, _, err = h.Pending(ctx, tx, a.Session); err != nil {
			return err
		}
	}
	if v.Dossier != "" {
		return nil
	}
	for _, k := range demarche.Intersect(a.Perimetre, slices.Concat(v.Attente.Demarches, v.Pour.Demarches)) {
		v.Demarches = append(v.Demarches, string(k))
	}
	return nil
}

// addOpen tells the aidant of the dossiers left open: starting another one
// abandons none of them silently (mandats.md 6.1).
func (h *Handlers) addOpen(ctx context.Context, tx *db.Tx, a actor.Actor, v *creationView) error {
	ds, err := openDossiers(ctx, tx, a)
	for _, d := range ds {
		if d.ID.String() == v.Dossier {
			continue
		}
		v.Ouverts = append(v.Ouverts, ouvert{Depuis: mandat.DateHeure(d.DateCreation), Demarches: titres(d.Demarches), URL: resumeURL(d)})
	}
	return err
}

// resumeURL is where a dossier goes on.
func resumeURL(d Dossier) string {
	switch d.Statut {
	case Pret:
		return cheminRecap + "?dossier=" + d.ID.String()
	case AttenteConsentement:
		return CheminDistance + "?dossier=" + d.ID.String()
	}
	return cheminAller + "?dossier=" + d.ID.String()
}

// create opens a dossier de signature and leads to FranceConnect's page. A
// form that corrects a former dossier abandons it.
func (h *Handlers) create(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	ask, wrong := readDemande(form, a.Perimetre, h.moyensOuverts(false))
	if ask.choix.Moyen == consentement.Papier && ask.choix.Presence != consentement.Present {
		wrong["presence"] = "Pour un premier mandat sur papier, la personne est avec vous : elle se connecte avec FranceConnect sur cet écran."
	}
	if len(wrong) > 0 {
		v := viewOf(form)
		v.Champs = wrong
		if err := h.DB.View(ctx, func(tx *db.Tx) error { return h.addMandant(ctx, tx, a, form.Get(champUsager), &v) }); err != nil {
			return err
		}
		return web.Render(w, r, http.StatusUnprocessableEntity, creationPage(h.Site, a, v))
	}
	former, replaces := ident.Parse[ident.DossierID](form.Get("dossier"))
	texte := mandat.TexteCourant()
	d := Dossier{
		ID: ident.NewRandom[ident.DossierID](), Session: a.Session, Aidant: a.Aidant, Organisation: a.Organisation,
		Demarches: ask.demarches, Duree: ask.duree, Choix: ask.choix, TexteEmpreinte: texte.Empreinte, Statut: Ouvert,
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if replaces {
			if err := abandonDossier(ctx, tx, former, a); err != nil {
				return err
			}
		}
		d.DateLimite = tx.Now.Add(h.Delais.Ouvert).Time()
		if distant(d.Choix) {
			var v creationView
			if err := h.addMandant(ctx, tx, a, form.Get(champUsager), &v); err != nil {
				return err
			}
			d.Statut, d.Usager = AttenteConsentement, v.Pour.Usager // whom it is prepared for: no one else can agree
		}
		if err := mandat.StoreTexte(ctx, tx, texte); err != nil {
			return err
		}
		return insertDossier(ctx, tx, d)
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, r, resumeURL(d))
}

// demarcheOptions are the démarches of the périmètre, in display order.
func demarcheOptions(perimetre []demarche.Demarche) []dsfr.Option {
	var out []dsfr.Option
	for _, k := range demarche.Displayed(perimetre) {
		f := k.Fiche()
		out = append(out, dsfr.Option{Valeur: string(k), Libelle: f.Titre, Aide: f.Description + " Par exemple\u00a0: " + f.Exemples + "."})
	}
	return out
}

func dureeOptions() []dsfr.Option {
	var out []dsfr.Option
	for _, d := range mandat.Durees() {
		out = append(out, dsfr.Option{Valeur: string(d), Libelle: d.Choix()})
	}
	return out
}

// titres joins the titles of démarches, in display order.
func titres(ds []demarche.Demarche) string {
	s := ""
	for i, d := range demarche.Displayed(ds) {
		if i > 0 {
			s += ", "
		}
		s += d.Fiche().TitreCourt
	}
	return s
}

// faults puts the messages of a form in the order of its fields.
func faults(f fault.Fields, order ...string) []dsfr.Faute {
	var out []dsfr.Faute
	for _, name := range order {
		if f[name] != "" {
			out = append(out, dsfr.Faute{ID: name, Texte: f[name]})
		}
	}
	return out
}
