package traitement

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demande"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// requestView is one request, and the forms that answer it.
type requestView struct {
	Site   web.Site
	Actor  actor.Actor
	Titre  string
	Now    db.Time
	X      demande.Dossier
	Saisie demande.Decision // what was sent and refused
	Err    error
}

func (h *Handlers) showRequest(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.render(w, r, requestView{Actor: a})
}

// render shows a request. Reading the account that it is about is a line of the
// journal: if the line cannot be written, nothing is shown.
func (h *Handlers) render(w http.ResponseWriter, r *http.Request, v requestView) error {
	ctx := r.Context()
	v.Site = h.Site
	err := h.DB.Update(ctx, func(tx *db.Tx) (err error) {
		v.Now = tx.Now
		if v.X, err = h.load(ctx, tx, r); err != nil || v.X.Compte.ID.IsZero() {
			return err
		}
		return h.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Admin, Aidant: v.Actor.Aidant, Concerne: v.X.Compte.ID, Session: v.Actor.Session, Fait: fait.ViewAidant{},
		})
	})
	if err != nil {
		return err
	}
	v.Titre = v.X.Titre()
	status := http.StatusOK
	switch {
	case fault.Is(v.Err, fault.Invalid):
		status = http.StatusUnprocessableEntity
	case v.Err != nil:
		status = http.StatusConflict
	}
	return web.Render(w, r, status, requestPage(v))
}

func (h *Handlers) load(ctx context.Context, tx *db.Tx, r *http.Request) (demande.Dossier, error) {
	id, err := web.PathID[ident.OperationID](r, "demande")
	if err != nil {
		return demande.Dossier{}, err
	}
	return h.Decisions.Load(ctx, tx, demande.Genre(r.PathValue("genre")), id)
}

// decide answers a request. What is wrong comes back on its page, in the form
// that was sent.
func (h *Handlers) decide(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	d := demande.Decision{Motif: demande.Motif(form.Get("motif")), Reponse: form.Get("reponse")}
	word := avisRefusee
	switch form.Get("decision") {
	case "accepter":
		d.Accepte, word = true, avisAcceptee
	case "refuser":
	default:
		return fault.New(fault.BadRequest, "decision_inconnue")
	}
	ctx := r.Context()
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		x, err := h.load(ctx, tx, r)
		if err != nil {
			return err
		}
		return h.Decisions.Decide(ctx, tx, compte.Par(a, journal.Admin), x, d)
	})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return h.render(w, r, requestView{Actor: a, Saisie: d, Err: err})
	}
	if err != nil {
		return err
	}
	h.Outbox.Poke()
	web.SetMessage(w, word)
	return web.Redirect(w, r, Chemin)
}

func (v requestView) trail() []web.Lien {
	return []web.Lien{{Libelle: "Gestion", URL: cheminGestion}, {Libelle: "Demandes", URL: Chemin}, {Libelle: v.Titre}}
}

// own tells whether somebody else has to answer.
func (v requestView) own() bool { return v.X.Concerne(v.Actor.Aidant) }

func (v requestView) obstacle() string { return v.X.Candidat.Obstacle(v.X.Genre) }

// general is what is wrong with the whole answer.
func (v requestView) general() string {
	if fault.Is(v.Err, fault.Conflict) {
		if s := fault.FieldsOf(v.Err)[""]; s != "" {
			return s
		}
		return "Ce qui est demandé n’est plus possible : un compte ou la structure a changé."
	}
	return ""
}

// form names the fields of one of the two answers.
func form(accepte bool) string {
	if accepte {
		return "accepter"
	}
	return "refuser"
}

func (v requestView) erreur(accepte bool, champ string) string {
	if v.Err == nil || v.Saisie.Accepte != accepte {
		return ""
	}
	return fault.FieldsOf(v.Err)[champ]
}

func (v requestView) fautes() (out []dsfr.Faute) {
	for _, champ := range []string{"motif", "reponse"} {
		if s := v.erreur(v.Saisie.Accepte, champ); s != "" {
			out = append(out, dsfr.Faute{ID: form(v.Saisie.Accepte) + "-" + champ, Texte: s})
		}
	}
	return out
}

func (v requestView) motifs(accepte bool) dsfr.Choix {
	c := dsfr.Choix{Nom: "motif", ID: form(accepte) + "-motif", Legende: "Raison du refus", Erreur: v.erreur(accepte, "motif")}
	if accepte {
		c.Legende = "Comment la demande a été vérifiée"
	}
	if v.Saisie.Accepte == accepte {
		c.Valeur = string(v.Saisie.Motif)
	}
	for _, m := range demande.Motifs(accepte) {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(m), Libelle: m.Libelle()})
	}
	return c
}

func (v requestView) reponse() dsfr.Champ {
	return dsfr.Champ{
		Nom: "reponse", ID: "refuser-reponse", Libelle: "Votre réponse au référent", Lignes: 4, Longueur: 500,
		Aide:   "Il la lit telle quelle, par courriel et dans son espace. Dites ce qui manque, et ce qu’il peut faire.",
		Erreur: v.erreur(false, "reponse"), Valeur: v.Saisie.Reponse,
	}
}

// ask says who asks, for which structure, since when.
func (v requestView) ask() []dsfr.Fait {
	x := v.X
	who := "(référent de la structure)"
	if !x.Responsable {
		who = "(n’est plus référent de la structure)"
	}
	s := x.Structure
	etat := "active"
	if !s.Active {
		etat = "fermée"
	}
	out := []dsfr.Fait{
		{Nom: "État", Corps: demande.State(x.Etat)},
		{Nom: "Demandée le", Valeur: web.DateHeure(x.DateCreation)},
		{Nom: "Demandée par", Corps: dsfr.Join(lien(x.Demandeur.NomComplet(), cheminCompte+x.Demandeur.ID.String()+"/"), dsfr.Text(who))},
		{Nom: "Structure", Valeur: s.Nom + " (" + etat + ")"},
		{Nom: "SIRET", Valeur: s.Siret},
		{Nom: "Adresse", Valeur: address(s.Coordonnees())},
	}
	if x.Issue.Decideur != "" {
		out = append(out,
			dsfr.Fait{Nom: "Décidée par", Valeur: x.Issue.Decideur + ", le " + web.DateHeure(x.DateFin)},
			dsfr.Fait{Nom: "Raison", Valeur: x.Issue.Motif.Libelle()})
	}
	if x.Reponse != "" {
		out = append(out, dsfr.Fait{Nom: "Réponse au référent", Valeur: x.Reponse})
	}
	return append(out, dsfr.Fait{Nom: "Conservation", Valeur: demande.Conserve(x.DateFin)})
}

func address(c organisation.Coordonnees) string {
	return c.Adresse + ", " + c.CodePostal + " " + c.Ville
}

// about says who, or what, the request is about.
func (v requestView) about() (out []dsfr.Fait) {
	x := v.X
	add := func(nom, valeur string) { out = append(out, dsfr.Fait{Nom: nom, Valeur: valeur}) }
	switch x.Genre {
	case demande.DeRattachement:
		out = append(out, dsfr.Fait{Nom: "Personne", Corps: v.account()})
		add("Adresse électronique", x.Compte.Email)
		add("Profession", orDash(x.Compte.Profession))
		if x.Rattachement.NouvelEmail != "" {
			add("Adresse annoncée par le référent", x.Rattachement.NouvelEmail+" (la personne seule peut changer la sienne)")
		}
		add("Sa réponse", "Elle accepte d’être rattachée")
	case demande.DeCoreferent:
		c := x.Coreferent
		add("Personne proposée", c.Prenom+" "+c.Nom)
		add("Profession", c.Profession)
		add("Adresse électronique", c.Email)
		add("Mobile", aidant.PhoneText(c.Telephone))
		if x.Compte.ID.IsZero() {
			add("Compte", "Aucun compte n’a cette adresse")
		} else {
			out = append(out, dsfr.Fait{Nom: "Compte existant", Corps: v.account()})
		}
	}
	if x.Compte.ID.IsZero() {
		return out
	}
	add("État du compte", state(x))
	list := func(nom string, all []string) {
		if len(all) == 0 {
			all = []string{"aucune"}
		}
		add(nom, strings.Join(all, " ; "))
	}
	list("Ses structures aujourd’hui", x.Appartenances)
	if x.Genre == demande.DeRattachement && x.Attend() {
		list("Structures qu’elle quitte", x.Quittees)
	}
	return out
}

func (v requestView) account() templ.Component {
	return lien(v.X.Compte.NomComplet(), cheminCompte+v.X.Compte.ID.String()+"/")
}

func state(x demande.Dossier) string {
	s := "actif"
	if !x.Compte.Actif {
		s = "désactivé"
	}
	if x.Compte.Habilite {
		return s + ", peut conclure des mandats"
	}
	return s + ", ne peut pas conclure de mandats"
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// differences shows a correction beside what the structure says today.
func (v requestView) differences() dsfr.Tableau {
	now, next := v.X.Structure.Coordonnees(), v.X.Correction
	t := dsfr.Tableau{Legende: "Ce que la correction change", Colonnes: []dsfr.Colonne{{Libelle: "Champ"}, {Libelle: "Aujourd’hui"}, {Libelle: "Proposé"}}}
	for _, l := range []struct{ nom, a, b string }{
		{"Nom", now.Nom, next.Nom}, {"Adresse", now.Adresse, next.Adresse}, {"Code postal", now.CodePostal, next.CodePostal}, {"Commune", now.Ville, next.Ville},
	} {
		b := l.b
		if l.a == l.b {
			b = "inchangé"
		}
		t.Lignes = append(t.Lignes, dsfr.Ligne{dsfr.Text(l.nom), dsfr.Text(l.a), dsfr.Text(b)})
	}
	return t
}
