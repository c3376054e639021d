package suivi

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/renouvellement"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// faitsMax is how many uses the page shows.
const faitsMax = 50

// ficheView is the page of a person.
type ficheView struct {
	Site         web.Site
	Actor        actor.Actor
	Now          time.Time
	Usager       ident.UsagerID
	Identite     usager.Identite // of the latest mandat with this structure
	Groupes      map[mandat.Onglet][]mandat.Mandat
	Faits        []Fait
	Tronque      bool      // there are older uses
	DernierTerme time.Time // of all the mandats: the identity is kept from then
	Passe        renouvellement.Historique
	Notes        []fin.Evenement
	Avis         dsfr.Alerte
}

// showFiche shows a person whom the structure has, or had less than a year
// ago, a mandat with. An unknown person, another structure's and one whose
// last mandat ended longer ago give the same answer (M-W31).
func (h *Handlers) showFiche(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.UsagerID](r, "usager")
	if err != nil {
		return err
	}
	v := ficheView{Site: h.Site, Actor: a, Usager: id}
	v.Avis, _ = mandat.Avis(r.URL.Query().Get("avis"))
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		ms, err := mandat.OfUsager(ctx, tx, a.Organisation, id)
		if err != nil {
			return err
		}
		v.Now = tx.Now.Time()
		if v.Groupes = groupMandats(ms, v.Now); len(v.Groupes) == 0 {
			return fault.New(fault.NotFound, "usager_introuvable")
		}
		v.Identite, v.DernierTerme = ms[0].Identite, mandat.LastEnd(ms)
		if v.Passe, err = renouvellement.OfUsager(ctx, tx, a.Organisation, id); err != nil {
			return err
		}
		if v.Notes, err = fin.OfUsager(ctx, tx, a.Organisation, id); err != nil {
			return err
		}
		fs, err := Faits(ctx, tx, a.Organisation, id, faitsMax+1)
		if err != nil {
			return err
		}
		v.Tronque = len(fs) > faitsMax
		v.Faits = v.keep(fs[:min(len(fs), faitsMax)])
		return nil
	})
	if err != nil {
		return err
	}
	// Its own transaction, after the reading: it holds nothing while it waits.
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		e := mandat.Line(a, ident.OperationID{}, fait.ViewUsager{})
		e.Usager = id
		return h.Journal.Append(ctx, tx, e)
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, fichePage(v))
}

// keep leaves out what was done under a mandat that is no longer shown.
func (v ficheView) keep(fs []Fait) []Fait {
	return slices.DeleteFunc(fs, func(f Fait) bool {
		for _, ms := range v.Groupes {
			if slices.ContainsFunc(ms, func(m mandat.Mandat) bool { return m.ID == f.Mandat }) {
				return false
			}
		}
		return true
	})
}

var groupes = []struct {
	onglet mandat.Onglet
	titre  string
}{
	{mandat.Actifs, "Mandats actifs"}, {mandat.Expires, "Mandats expirés depuis moins d’un an"}, {mandat.Revoques, "Mandats révoqués depuis moins d’un an"},
}

func (v ficheView) identity() []dsfr.Fait {
	i := v.Identite
	fs := []dsfr.Fait{{Nom: "Nom de naissance", Valeur: i.FamilyName}}
	if i.PreferredUsername != "" {
		fs = append(fs, dsfr.Fait{Nom: "Nom d’usage", Valeur: i.PreferredUsername})
	}
	return append(fs, dsfr.Fait{Nom: "Prénoms", Valeur: i.GivenName}, dsfr.Fait{Nom: "Date de naissance", Valeur: i.NaissanceAffichee()},
		dsfr.Fait{Nom: "Lieu de naissance", Valeur: i.LieuAffiche()}, dsfr.Fait{Nom: "Conservation", Valeur: garde.Identite.Phrase(v.DernierTerme)})
}

func dates(m mandat.Mandat) string {
	return "Mandat du " + web.Date(m.DateCreation) + " au " + web.Date(m.DateExpiration)
}

// ofDates tells buttons of the same words apart, for who does not see them
// in their place.
func ofDates(m mandat.Mandat) string {
	return "signé le " + web.DateHeure(m.DateCreation)
}

func (v ficheView) badge(m mandat.Mandat) dsfr.Pastille {
	p := dsfr.Pastille{Libelle: m.EtatAffiche(v.Now), Petite: true, SansIcon: true}
	switch {
	case m.ExpiresSoon(v.Now):
		p.Ton, p.Libelle = dsfr.Alarme, "EXPIRE BIENTÔT"
	case m.Active(v.Now):
		p.Ton = dsfr.Succes
	}
	return p
}

func (v ficheView) facts(m mandat.Mandat) []dsfr.Fait {
	fs := []dsfr.Fait{
		{Nom: "Durée", Valeur: length(m.Duree)},
		{Nom: "Fin", Valeur: v.end(m)},
	}
	if left := m.Restant(v.Now); left != "" {
		fs = append(fs, dsfr.Fait{Nom: "Temps restant", Valeur: left})
	}
	return append(fs, dsfr.Fait{Nom: "Conclu", Valeur: m.Concluded()}, dsfr.Fait{Nom: "Signatures sur papier", Corps: paperCell(v.Actor, m, v.Now)}, dsfr.Fait{Nom: "Conservation", Valeur: m.Conserve()})
}

// length is the label of a duration under the word « Durée ».
func length(d mandat.Duree) string {
	s := d.Libelle()
	for _, p := range []string{"pour une durée de ", "pour une durée d'"} {
		s = strings.TrimPrefix(s, p)
	}
	return s
}

func (v ficheView) end(m mandat.Mandat) string {
	switch {
	case m.Replaced():
		return "remplacé le " + web.DateHeure(m.DateRevocation())
	case m.FullyRevoked():
		return how(m) + " le " + web.DateHeure(m.DateRevocation())
	case m.Expired(v.Now):
		return "arrivé à son terme le " + web.DateHeure(m.DateExpiration)
	}
	return "le " + web.DateHeure(m.DateExpiration)
}

// how says what ended a mandat before its term: the reason of its démarches,
// when it is the same for all.
func how(m mandat.Mandat) string {
	why := m.Autorisations[0].FinMotif
	if slices.ContainsFunc(m.Autorisations, func(a mandat.Autorisation) bool { return a.FinMotif != why }) {
		if m.Transferred() {
			return "terminé, ce qui restait transféré à une autre structure,"
		}
		return "terminé"
	}
	return why.Libelle() + ","
}

// table lists the démarches of a mandat, each with what can be done of it.
func (v ficheView) table(m mandat.Mandat) dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Démarches du mandat " + ofDates(m), LegendeCachee: true,
		Colonnes: []dsfr.Colonne{{Libelle: "Démarche"}, {Libelle: "État"}, {Libelle: "Action", Cachee: true}},
	}
	for _, d := range m.Demarches() {
		i := slices.IndexFunc(m.Autorisations, func(a mandat.Autorisation) bool { return a.Demarche == d })
		x := m.Autorisations[i]
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(d.Titre()), dsfr.Text(x.EtatAffiche(v.Now)), v.action(m, x)})
	}
	return t
}

func (v ficheView) action(m mandat.Mandat, a mandat.Autorisation) templ.Component {
	precision := "la démarche " + a.Demarche.Titre() + " du mandat " + ofDates(m)
	switch {
	case a.Live(v.Now):
		return dsfr.ButtonLink(dsfr.Bouton{Libelle: "Arrêter", Precision: precision, URL: a.CheminFin(), Rang: dsfr.Tertiaire, Taille: dsfr.Petit})
	case a.SeparatelyRevoked():
		return dsfr.Link(dsfr.Bouton{Libelle: "Attestation de fin", Precision: "pour " + precision, URL: a.CheminAttestationFin()})
	}
	return dsfr.Join()
}

// renewable tells whether the page offers to renew a mandat.
func (v ficheView) renewable(m mandat.Mandat) bool {
	return v.Passe.Renewable(m, v.Actor.Organisation, v.Now)
}

func (v ficheView) uses() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Ce qui a été fait avec ces mandats", LegendeCachee: true,
		Colonnes: []dsfr.Colonne{{Libelle: "Date"}, {Libelle: "Démarche"}, {Libelle: "Présence"}, {Libelle: "Aidant"}, {Libelle: "Service public"}},
		Vide:     "Rien pour l’instant : aucun service public n’a été ouvert avec ces mandats.",
	}
	for _, f := range v.Faits {
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Text(web.DateHeure(f.Date)), dsfr.Text(f.Demarche.Titre()), dsfr.Text(f.Presence.Resume()), dsfr.Text(f.Aidant), dsfr.Text("non connu"),
		})
	}
	return t
}
