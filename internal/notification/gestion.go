package notification

import (
	"net/http"
	"net/url"
	"strconv"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// teamView is the list of the team.
type teamView struct {
	Site  web.Site
	Actor actor.Actor
	Avis  string
	List  []Notification
	Now   db.Time
}

// The words that an act leaves for the next page.
const (
	avisPubliee = "notification_publiee"
	avisRetiree = "notification_retiree"
)

var avis = map[string]string{
	avisPubliee: "La notification est publiée. Si c’est une nouveauté, les courriels partent dans les minutes qui viennent.",
	avisRetiree: "La notification est retirée : plus personne ne la voit.",
}

func (h *Handlers) showAll(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v := teamView{Site: h.Site, Actor: a, Avis: avis[web.TakeMessage(w, r)]}
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		v.List, err = all(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, teamPage(v))
}

// formView is a notification being written, then shown as it will be.
type formView struct {
	Site    web.Site
	Actor   actor.Actor
	Projet  Projet
	Champs  fault.Fields
	Apercu  Notification // with an ID: shown as it will be
	Comptes int          // who will see it
	Mails   int          // who will get a mail
}

func (h *Handlers) showForm(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return web.Render(w, r, http.StatusOK, formPage(formView{Site: h.Site, Actor: a, Projet: Projet{Public: Tous, Duree: "lecture"}}))
}

func parseProjet(form url.Values) Projet {
	return Projet{
		Genre: Genre(form.Get("genre")), Public: Public(form.Get("destinataires")), Titre: form.Get("titre"), Corps: form.Get("corps"), Lien: form.Get("lien"), Duree: form.Get("duree"),
	}
}

// write shows a notification as it will be, then publishes it, once: its
// identifier comes with what was shown.
func (h *Handlers) write(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	v := formView{Site: h.Site, Actor: a, Projet: parseProjet(form)}
	p, err := v.Projet.Check()
	if err != nil {
		v.Champs = fault.FieldsOf(err)
		return web.Render(w, r, http.StatusUnprocessableEntity, formPage(v))
	}
	v.Projet = p
	switch id, shown := ident.Parse[ident.OperationID](form.Get("id")); {
	case form.Get("etape") == "modifier":
		return web.Render(w, r, http.StatusOK, formPage(v))
	case form.Get("etape") == "publier" && shown:
		return h.publish(w, r, a, p.at(id))
	}
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Apercu = p.at(ident.New[ident.OperationID]()).from(tx.Now)
		v.Comptes, v.Mails, err = countAudience(ctx, tx, p.Public)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, previewPage(v))
}

// projete is a notification to publish, and for how long.
type projete struct {
	Notification
	jours int
}

func (p Projet) at(id ident.OperationID) projete {
	return projete{Notification{ID: id, Genre: p.Genre, Public: p.Public, Titre: p.Titre, Corps: p.Corps, Lien: p.Lien}, p.jours()}
}

// from dates a notification.
func (x projete) from(now db.Time) Notification {
	n := x.Notification
	n.DateCreation = now.Time()
	if x.jours > 0 {
		n.DateExpiration = now.AddDate(0, 0, x.jours).Time()
	}
	return n
}

func (h *Handlers) publish(w http.ResponseWriter, r *http.Request, a actor.Actor, x projete) error {
	ctx := r.Context()
	err := h.DB.Update(ctx, func(tx *db.Tx) error {
		n := x.from(tx.Now)
		done, err := insert(ctx, tx, n, a.Aidant)
		if err != nil || !done { // sent twice: it is there
			return err
		}
		return h.note(r, tx, a, fait.PublishNotification{Notification: n.ID.String(), Genre: string(n.Genre), Public: string(n.Public)})
	})
	if err != nil {
		return err
	}
	web.SetMessage(w, avisPubliee)
	return web.Redirect(w, r, CheminGestion)
}

func (h *Handlers) withdraw(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.OperationID](r, "notification")
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		if err := withdraw(ctx, tx, id); err != nil {
			return err
		}
		return h.note(r, tx, a, fait.WithdrawNotification{Notification: id.String()})
	})
	if err != nil {
		return err
	}
	web.SetMessage(w, avisRetiree)
	return web.Redirect(w, r, CheminGestion)
}

func (h *Handlers) note(r *http.Request, tx *db.Tx, a actor.Actor, f fait.Fait) error {
	return h.Journal.Append(r.Context(), tx, journal.Entry{Initiateur: journal.Admin, Aidant: a.Aidant, Session: a.Session, Fait: f})
}

func (v teamView) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Dernières notifications", Vide: "Aucune notification pour l’instant.", Borne: parPage,
		Colonnes: []dsfr.Colonne{{Libelle: "Notification"}, {Libelle: "Pour"}, {Libelle: "Publiée"}, {Libelle: "État"}, {Libelle: "Lue par", Droite: true}, {Libelle: "Action", Cachee: true}},
	}
	for _, n := range v.List {
		lue := strconv.Itoa(n.Lectures)
		if !n.Acquittable() {
			lue = "—"
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Join(dsfr.Badge(n.badge()), dsfr.Text(" "+n.Titre)), dsfr.Text(n.Public.Libelle()), dsfr.Text("le " + web.Date(n.DateCreation) + " par " + n.Par),
			dsfr.Text(n.etat(v.Now)), dsfr.Text(lue), withdrawForm(v.Actor, n),
		})
	}
	return t
}

// etat says where a notification is, to the team.
func (n Notification) etat(now db.Time) string {
	switch {
	case !n.DateRetrait.IsZero():
		return "retirée le " + web.Date(n.DateRetrait)
	case n.Acquittable():
		return "montrée jusqu’à lecture"
	case n.Attend(now.Time()):
		return "montrée jusqu’au " + web.DateHeure(n.DateExpiration)
	}
	return "finie le " + web.Date(n.DateExpiration)
}

func (v formView) genres() dsfr.Choix {
	c := dsfr.Choix{Nom: "genre", Legende: "Sorte", Valeur: string(v.Projet.Genre), Erreur: v.Champs["genre"]}
	aides := map[Genre]string{
		Information: "À lire sur la page des notifications.", Nouveaute: "De même, et par courriel à qui l’accepte.", Alerte: "Montrée en entier sur la page d’accueil.",
	}
	for _, g := range Genres() {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(g), Libelle: g.Libelle(), Aide: aides[g]})
	}
	return c
}

func (v formView) publics() dsfr.Choix {
	c := dsfr.Choix{Nom: "destinataires", Legende: "Pour", Valeur: string(v.Projet.Public), Erreur: v.Champs["destinataires"]}
	for _, p := range Publics() {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(p), Libelle: p.Libelle()})
	}
	return c
}

func (v formView) durees() dsfr.Choix {
	c := dsfr.Choix{Nom: "duree", Legende: "Montrée", Valeur: v.Projet.Duree, Erreur: v.Champs["duree"]}
	for _, d := range durees {
		c.Options = append(c.Options, dsfr.Option{Valeur: d.Cle, Libelle: d.Libelle})
	}
	return c
}

// caches carry what was written through the preview.
func (v formView) caches() []dsfr.Cache {
	p := v.Projet
	return []dsfr.Cache{
		{Nom: "genre", Valeur: string(p.Genre)},
		{Nom: "destinataires", Valeur: string(p.Public)},
		{Nom: "titre", Valeur: p.Titre},
		{Nom: "corps", Valeur: p.Corps},
		{Nom: "lien", Valeur: p.Lien},
		{Nom: "duree", Valeur: p.Duree},
		{Nom: "id", Valeur: v.Apercu.ID.String()},
	}
}

func (v formView) duree() string {
	if v.Apercu.Acquittable() {
		return "Jusqu’à ce que chacun l’ait lue"
	}
	return "Jusqu’au " + web.DateHeure(v.Apercu.DateExpiration)
}

func (v formView) courriels() string {
	if v.Apercu.Genre != Nouveaute {
		return "Aucun"
	}
	return strconv.Itoa(v.Mails) + ", aux personnes qui acceptent les nouvelles du service"
}
