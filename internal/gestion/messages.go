package gestion

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/garde"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

type messagesView struct {
	page
	Filtre   outbox.Filtre
	File     outbox.File
	Messages []outbox.Etat
	Suite    bool
	Now      time.Time
	SMS      bool
}

// showMessages lists what is sent and what is not: neither the text, which may
// hold a sign-in link, nor the whole address.
func (h *Handlers) showMessages(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	q := r.URL.Query()
	v := messagesView{page: h.page(w, r, a, "Messages"), SMS: h.Outbox.SMSPossible()}
	if s := outbox.Situation(q.Get("situation")); slices.Contains(outbox.Situations(), s) {
		v.Filtre.Situation = s
	}
	if g := q.Get("genre"); len(g) <= 10 {
		v.Filtre.Genre = g
	}
	v.Filtre.Avant, _ = ident.Parse[ident.MessageID](q.Get("apres"))
	ctx := r.Context()
	err := h.view(ctx, func(tx *db.Tx) (err error) {
		v.Now = tx.Now.Time()
		if v.File, err = h.Outbox.Count(ctx, tx); err != nil {
			return err
		}
		v.Messages, v.Suite, err = h.Outbox.List(ctx, tx, v.Filtre)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, messagesPage(v))
}

type messageView struct {
	page
	Message outbox.Etat
	Faits   []Fait
	Now     db.Time
	Rejet   rejet
}

func (h *Handlers) showMessage(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.MessageID](r, "message")
	if err != nil {
		return err
	}
	return h.renderMessage(w, r, a, rejet{Demande: Demande{Message: id}})
}

func (h *Handlers) renderMessage(w http.ResponseWriter, r *http.Request, a actor.Actor, x rejet) error {
	v := messageView{page: h.page(w, r, a, "Un message"), Rejet: x}
	v.Chemin = []web.Lien{{Libelle: "Gestion", URL: Chemin}, {Libelle: "Messages", URL: CheminMessages}, {Libelle: "Un message"}}
	err := h.view(r.Context(), func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		if v.Message, err = h.Outbox.Read(r.Context(), tx, x.Demande.Message); err != nil {
			return err
		}
		v.Faits, err = h.faits(r.Context(), tx, ident.AidantID{}, x.Demande.Message)
		return err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	switch {
	case fault.Is(x.Err, fault.Invalid):
		status = http.StatusUnprocessableEntity
	case x.Err != nil:
		status = http.StatusConflict
	}
	return web.Render(w, r, status, messagePage(v))
}

// replay puts a message that was given up back in the queue, with the reason.
func (h *Handlers) replay(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.MessageID](r, "message")
	if err != nil {
		return err
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	d := Demande{Acte: Relance, Message: id, Motif: form.Get("motif"), Precision: form.Get("precision")}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error { return h.sendAgain(ctx, tx, a.Aidant, d) })
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return h.renderMessage(w, r, a, rejet{d, err})
	}
	if err != nil {
		return err
	}
	h.Outbox.Poke()
	web.SetMessage(w, "gestion_"+string(Relance))
	return web.Redirect(w, r, cheminMessage(id))
}

// sendAgain puts a message back in the queue and keeps who did it, and why.
func (h *Handlers) sendAgain(ctx context.Context, tx *db.Tx, auteur ident.AidantID, d Demande) error {
	m, err := h.Outbox.Read(ctx, tx, d.Message)
	if err != nil {
		return err
	}
	if d, err = d.Check(); err != nil {
		return err
	}
	if !m.Replayable(tx.Now) {
		return refus("message_non_rejouable", "Ce message ne peut pas repartir : il est envoyé, périmé ou effacé.")
	}
	if err := h.Outbox.Replay(ctx, tx, d.Message); err != nil {
		return err
	}
	return h.record(ctx, tx, auteur, d)
}

// record keeps an act of a person, or of the command line, and its reason.
func (h *Handlers) record(ctx context.Context, tx *db.Tx, auteur ident.AidantID, d Demande) error {
	id := ident.New[ident.OperationID]()
	s, err := h.sceaux(id, d)
	if err != nil {
		return err
	}
	return insertActe(ctx, tx, acteNouveau{id: id, auteur: auteur, sceaux: s}, d)
}

func cheminMessage(id ident.MessageID) string { return CheminMessages + id.String() + "/" }

func (v messagesView) address(f outbox.Filtre) string {
	q := url.Values{}
	if f.Situation != "" {
		q.Set("situation", string(f.Situation))
	}
	if f.Genre != "" {
		q.Set("genre", f.Genre)
	}
	if !f.Avant.IsZero() {
		q.Set("apres", f.Avant.String())
	}
	if len(q) == 0 {
		return CheminMessages
	}
	return CheminMessages + "?" + q.Encode()
}

// pluriels name the situations as tabs.
var pluriels = map[outbox.Situation]string{outbox.EnAttente: "En attente", outbox.EnEchec: "En échec", outbox.Mort: "Abandonnés", outbox.Envoye: "Envoyés"}

func (v messagesView) tabs() []dsfr.Lien {
	out := []dsfr.Lien{{Libelle: "Tous", URL: v.address(outbox.Filtre{Genre: v.Filtre.Genre}), Actif: v.Filtre.Situation == ""}}
	for _, s := range outbox.Situations() {
		out = append(out, dsfr.Lien{Libelle: pluriels[s], URL: v.address(outbox.Filtre{Situation: s, Genre: v.Filtre.Genre}), Actif: v.Filtre.Situation == s})
	}
	return out
}

func (v messagesView) pages() dsfr.Pages {
	p := dsfr.Pages{Libelle: "Pages de la liste des messages"}
	if !v.Filtre.Avant.IsZero() {
		p.Precedente = v.address(outbox.Filtre{Situation: v.Filtre.Situation, Genre: v.Filtre.Genre})
	}
	if v.Suite {
		f := v.Filtre
		f.Avant = v.Messages[len(v.Messages)-1].ID
		p.Suivante = v.address(f)
	}
	return p
}

func (v messagesView) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Messages, du plus récent au plus ancien", Vide: "Aucun message.",
		Colonnes: []dsfr.Colonne{{Libelle: "Écrit le"}, {Libelle: "Modèle"}, {Libelle: "Vers"}, {Libelle: "État"}, {Libelle: "Âge", Droite: true}},
	}
	for _, m := range v.Messages {
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			lien(web.DateHeure(m.DateCreation.Time()), cheminMessage(m.ID)), dsfr.Text(m.Genre), dsfr.Text(orDash(m.Vers)), situationBadge(m), dsfr.Text(age(v.Now.Sub(m.DateCreation.Time()))),
		})
	}
	return t
}

// age is how long ago, to the unit that matters.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "moins d’1 min"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h"
	}
	return strconv.Itoa(int(d.Hours()/24)) + " jours"
}

// file says in one sentence how the queue is.
func (v messagesView) file() string {
	s := strconv.Itoa(v.File.EnFile+v.File.EnCours) + " à envoyer"
	if !v.File.PlusAncien.IsZero() {
		s += ", le plus ancien depuis " + age(v.Now.Sub(v.File.PlusAncien.Time()))
	}
	s += " ; " + plural(v.File.Echecs, "abandonné", "abandonnés")
	if v.SMS {
		return s + " ; " + strconv.Itoa(v.File.SMS) + " SMS en 24 heures, sur " + strconv.Itoa(v.File.PlafondSMS) + "."
	}
	return s + ". Les SMS ne sont pas configurés : ce qui en demande un est refusé."
}

var natures = map[string]string{
	"connexion": "le serveur ne répond pas", "certificat": "le certificat du serveur est refusé", "ouverture": "le serveur refuse notre accès",
	"envoi": "le serveur a refusé l’envoi", "expediteur_refuse": "notre adresse d’expéditeur est refusée", "destinataire_refuse": "l’adresse du destinataire est refusée",
	"contenu_refuse": "le contenu est refusé", "adresse": "l’adresse est inutilisable", "perime": "le message n’avait plus de sens", "contenu_illisible": "le contenu ne s’ouvre plus avec la clé en vigueur",
	"configuration": "la configuration de l’envoi est fausse", "dossier": "le dossier des messages est inutilisable", "sms_non_configure": "aucun prestataire de SMS",
	"acces_refuse": "le prestataire de SMS refuse notre accès", "debit": "le prestataire demande de ralentir", "interne": "une erreur du programme",
}

func (v messageView) facts() []dsfr.Fait {
	m := v.Message
	out := []dsfr.Fait{
		{Nom: "Modèle", Valeur: m.Genre},
		{Nom: "Vers", Valeur: orDash(m.Vers)},
		{Nom: "État", Corps: situationBadge(m)},
		{Nom: "Écrit le", Valeur: web.DateHeure(m.DateCreation.Time())},
		{Nom: "Essais", Valeur: strconv.Itoa(m.Essais)},
	}
	add := func(yes bool, libelle, valeur string) {
		if yes {
			out = append(out, dsfr.Fait{Nom: libelle, Valeur: valeur})
		}
	}
	add(m.Doublons > 0, "Peut-être reçu plusieurs fois", plural(m.Doublons, "essai", "essais")+" à l’issue inconnue")
	add(m.Erreur != "" && m.Situation != outbox.Envoye, "Dernière erreur", natures[m.Erreur])
	add(m.Situation == outbox.EnEchec, "Prochain essai", web.DateHeure(m.ProchainEssai.Time()))
	add(!m.DateIssue.IsZero(), "Fini le", web.DateHeure(m.DateIssue.Time()))
	add(!m.Peremption.IsZero(), "N’a plus de sens après", web.DateHeure(m.Peremption.Time()))
	add(m.Livraison == outbox.Remis, "Remise", "le téléphone l’a reçu")
	add(m.Livraison == outbox.NonRemis, "Remise", "le prestataire dit qu’il n’arrivera pas")
	kept := !m.DateIssue.IsZero() && m.DateEffacement.IsZero()
	add(kept, "Conservation", garde.Message.Phrase(m.DateIssue.Time()))
	add(m.DateIssue.IsZero(), "Conservation", garde.Message.EnCours("tant que le message n’est pas parti"))
	add(!m.DateEffacement.IsZero(), "Contenu effacé le", web.DateHeure(m.DateEffacement.Time()))
	return out
}

// form is the view of the account page's form, for its fields.
func (v messageView) form() accountView { return accountView{page: v.page, Rejet: v.Rejet} }
