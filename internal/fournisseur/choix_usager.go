package fournisseur

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/web"
)

// temoinRecherche keeps the last search, sealed for its request: a name never
// goes into an address, and going back to the list finds it again.
const temoinRecherche = "recherche"

const maxForm = 4 << 10

// listePage is the page where the aidant chooses the person.
type listePage struct {
	Site     web.Site
	Acteur   actor.Actor
	Tenue    Tenue
	Retour   string // name of who asked: « Revenir à FranceConnect »
	Texte    string // of the search
	Mandants []Mandant
	Debut    bool // first page of the list
	Suite    bool // another page follows
	EnCours  Connexion
}

func (h *Handlers) showUsagers(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := demande(r.URL.Query())
	if err != nil {
		return err
	}
	p := listePage{Site: h.Site, Acteur: a, Debut: true, Texte: h.openSearch(r, id)}
	rech := recherche{Texte: p.Texte}
	if s := r.URL.Query().Get("apres"); s != "" {
		after, ok := ident.Parse[ident.UsagerID](s)
		if !ok {
			return orLost(id, fault.New(fault.NotFound, "usager_inconnu"))
		}
		rech.Apres, p.Debut = after, false
	}
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) (err error) {
		if p.Tenue, err = held(ctx, tx, a.Session, id); err != nil {
			return err
		}
		if p.EnCours, _, err = EnCours(ctx, tx, a.Session); err != nil {
			return err
		}
		p.Mandants, p.Suite, err = liste(ctx, tx, a.Organisation, rech)
		return err
	})
	if err != nil {
		return orLost(id, err)
	}
	if !h.Durees.OTPRecent(p.Tenue.Requete, p.Tenue.Arrivee.Time(), a.DateOTP) {
		return askFactor(w, r, id)
	}
	p.Retour = h.clientName(p.Tenue)
	web.AllowFormAction(w) // « Revenir à FranceConnect » is a form
	return web.Render(w, r, http.StatusOK, usagersPage(p))
}

// chooseUsager opens the use, or searches.
func (h *Handlers) chooseUsager(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	id, err := demande(form)
	if err != nil {
		return err
	}
	if form.Has("recherche") {
		return h.search(w, r, id, form.Get("recherche"))
	}
	u, ok := ident.Parse[ident.UsagerID](form.Get("usager"))
	ctx := r.Context()
	var t Tenue
	var chosen, recent bool
	err = h.DB.UpdateGated(ctx, func(tx *db.Tx) (err error) {
		chosen = false
		if t, err = held(ctx, tx, a.Session, id); err != nil {
			return err
		}
		if recent = h.Durees.OTPRecent(t.Requete, t.Arrivee.Time(), a.DateOTP); !recent {
			return nil
		}
		if chosen = ok; ok {
			if chosen, err = offered(ctx, tx, a.Organisation, u); err != nil {
				return err
			}
		}
		if !chosen {
			return h.noteRefusal(ctx, tx, a, Droits{}, NonPropose)
		}
		return insertDossier(ctx, tx, a, t, u, t.Arrivee.Add(h.Durees.Demande))
	})
	switch {
	case err != nil:
		return orLost(id, err)
	case !recent:
		return askFactor(w, r, id)
	case !chosen:
		return h.showRefusal(w, r, a, refusal{Tenue: t, Motif: NonPropose})
	}
	return web.Redirect(w, r, withDemande(cheminDemarche, id))
}

// noteRefusal journals a refusal on our pages (FI-82). The person is named
// only when the choice is theirs to make.
func (h *Handlers) noteRefusal(ctx context.Context, tx *db.Tx, a actor.Actor, d Droits, m Motif) error {
	return h.Journal.Append(ctx, tx, journal.Entry{
		Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session,
		Usager: d.Usager, Mandat: d.Mandat, Autorisation: d.Autorisation,
		Fait: fait.RefuseAuthorize{Motif: string(m), Demarche: d.Demarche},
	})
}

// search keeps the words in a sealed cookie and shows the list by GET.
func (h *Handlers) search(w http.ResponseWriter, r *http.Request, id ident.DossierID, words string) error {
	words = strings.TrimSpace(words)
	if !utf8.ValidString(words) || utf8.RuneCountInString(words) > 100 {
		words = ""
	}
	if words == "" {
		web.ClearCookie(w, temoinRecherche)
		return web.Redirect(w, r, withDemande(cheminUsager, id))
	}
	sealed, err := h.Temoins.SealText([]byte(words), temoinRecherche+"/"+id.String())
	if err != nil {
		return err
	}
	web.SetCookie(w, temoinRecherche, sealed, h.Durees.Demande)
	return web.Redirect(w, r, withDemande(cheminUsager, id))
}

func (h *Handlers) openSearch(r *http.Request, id ident.DossierID) string {
	words, _ := h.Temoins.OpenText(web.Cookie(r, temoinRecherche), temoinRecherche+"/"+id.String()) // nothing when another request's
	return string(words)
}

// demande reads the handle of the held request; without one there is nothing
// to go on with.
func demande(v url.Values) (ident.DossierID, error) {
	id, ok := ident.Parse[ident.DossierID](v.Get(champDemande))
	if !ok {
		return id, lost()
	}
	return id, nil
}

// askFactor asks the code again, then comes back to the choice (FI-20).
func askFactor(w http.ResponseWriter, r *http.Request, id ident.DossierID) error {
	return web.Redirect(w, r, web.CheminReprise+"?next="+url.QueryEscape(withDemande(cheminUsager, id)))
}

func (h *Handlers) clientName(t Tenue) string {
	c, _ := h.Clients.Find(t.Requete.ClientID)
	return c.Name()
}
