package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/fault"
)

// ErrorPage is what a person reads when a request is refused. Texts are
// French, plain, and tell what to do next.
type ErrorPage struct {
	Titre   string
	Texte   []string // paragraphs
	Actions []Lien   // ways out; « Accueil » is added when there is none
}

// WithPage gives a refusal its own page instead of the one of its kind.
func WithPage(err error, p ErrorPage) error { return &pagedError{err, p} }

type pagedError struct {
	error
	page ErrorPage
}

func (e *pagedError) Unwrap() error { return e.error }

// NotYet marks the 404 of an address that may exist later, such as a part of
// the journal not published yet: whoever asks is early and guesses nothing, so
// it does not count among the addresses that do not exist.
func NotYet(err error) error { return &earlyError{err} }

type earlyError struct{ error }

func (e *earlyError) Unwrap() error { return e.error }

// retryAfter is how long, in seconds, a client waits after a 429 or a 503.
const retryAfter = 60

// fail logs a refusal once and answers it.
func (m *Mux) fail(w http.ResponseWriter, r *http.Request, err error) {
	q := requestOf(r)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = fault.Wrap(fault.TooLarge, "corps_trop_grand", err)
	}
	if fault.Is(err, fault.NotFound) {
		err = m.countMissing(w, r, err)
	}
	kind := fault.KindOf(err)
	if kind == fault.Internal || kind == fault.Unavailable {
		m.c.Log.ErrorContext(r.Context(), "echec", "requete", q.id, "route", q.pattern, "erreur", err.Error())
	} else {
		m.c.Log.InfoContext(r.Context(), "refus", "requete", q.id, "route", q.pattern, "raison", fault.ReasonOf(err))
	}
	if rw := responseOf(w); rw != nil && rw.wrote {
		return // the answer has begun: nothing can be said any more
	}
	if kind == fault.TooMany || kind == fault.Unavailable {
		if w.Header().Get("Retry-After") == "" {
			w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		}
	}
	page := pageOf(kind)
	if p, ok := errors.AsType[*pagedError](err); ok {
		page = p.page
	}
	m.showError(w, r, fault.Status(kind), page)
}

// showError answers in the way of the space: a page, or JSON to a program.
func (m *Mux) showError(w http.ResponseWriter, r *http.Request, status int, page ErrorPage) {
	q := requestOf(r)
	w.Header().Set("Cache-Control", "no-store")
	if q.espace == Machine || wantsJSON(r) {
		_ = JSON(w, status, map[string]string{"error": machineError(status), "incident": q.id})
		return
	}
	if len(page.Actions) == 0 {
		page.Actions = []Lien{{Libelle: "Accueil", URL: "/"}}
	}
	p := Page{Site: m.c.Site, Titre: page.Titre, Actor: m.whoSees(w, r, status), Etroit: true}
	if err := Render(w, r, status, errorPage(p, page, incident(status, q.id))); err != nil {
		m.c.Log.ErrorContext(r.Context(), "echec de la page d'erreur", "requete", q.id, "erreur", err.Error())
		http.Error(w, "Une erreur est survenue.", http.StatusInternalServerError)
	}
}

// whoSees tells who is signed in, so that an error page never looks like a
// sign-out (FI-24). After a failure of ours nothing more is asked of the database.
func (m *Mux) whoSees(w http.ResponseWriter, r *http.Request, status int) *actor.Actor {
	rw := responseOf(w)
	if rw == nil {
		return nil
	}
	if rw.acteur == nil && status < http.StatusInternalServerError && status != http.StatusTooManyRequests && len(r.Header["Cookie"]) > 0 {
		_, _ = m.authenticate(w, r) // nobody, or nobody for now: the page says so
	}
	return rw.acteur
}

// incident is shown when the fault is ours, so that the person can quote it.
func incident(status int, id string) string {
	if status >= http.StatusInternalServerError {
		return id
	}
	return ""
}

// machineError is the word of a status, RFC 6749's where it has one.
func machineError(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "invalid_token"
	case http.StatusForbidden:
		return "access_denied"
	case http.StatusNotFound, http.StatusGone:
		return "not_found"
	case http.StatusMethodNotAllowed:
		return "method_not_allowed"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return "temporarily_unavailable"
	}
	if status >= http.StatusInternalServerError {
		return "server_error"
	}
	return "invalid_request"
}

var methodPage = ErrorPage{
	Titre: "Cette action n’est pas possible ici",
	Texte: []string{"L’adresse existe, mais elle ne s’ouvre pas de cette manière. Reprenez depuis la page précédente."},
}

// pageOf is the table of house 4: one French page per kind of refusal.
func pageOf(k fault.Kind) ErrorPage {
	switch k {
	case fault.NotFound:
		return ErrorPage{Titre: "Page introuvable ou inaccessible", Texte: []string{
			"Cette page n’existe pas, n’existe plus, ou ne vous est pas accessible.",
			"Si vous avez saisi l’adresse, vérifiez-la. Si vous avez suivi un lien, reprenez depuis l’accueil.",
		}}
	case fault.Forbidden:
		return ErrorPage{Titre: "Action refusée", Texte: []string{
			"Cette action n’est pas permise, ou elle n’a pas été demandée depuis une page de ce site. Rien n’a été fait.",
		}}
	case fault.Unauthenticated:
		return ErrorPage{
			Titre: "Connectez-vous pour continuer", Texte: []string{"Cette page demande d’être connecté."},
			Actions: []Lien{{Libelle: "Se connecter", URL: CheminConnexion}, {Libelle: "Accueil", URL: "/"}},
		}
	case fault.Invalid, fault.BadRequest:
		return ErrorPage{Titre: "Demande incomplète ou incorrecte", Texte: []string{
			"Ce qui a été envoyé n’a pas pu être lu. Rien n’a été enregistré.", "Revenez à la page précédente et recommencez.",
		}}
	case fault.Conflict:
		return ErrorPage{Titre: "Cette étape a déjà été faite", Texte: []string{
			"Une autre action, peut-être dans un autre onglet, est passée avant celle-ci. Rien n’a été fait deux fois.",
			"Reprenez depuis l’accueil pour voir où vous en êtes.",
		}}
	case fault.Gone:
		return ErrorPage{Titre: "Le délai est dépassé", Texte: []string{
			"Cette page n’est plus utilisable : le temps prévu est écoulé ou l’étape est terminée. Recommencez depuis l’accueil.",
		}}
	case fault.TooMany:
		return ErrorPage{Titre: "Trop de demandes", Texte: []string{
			"Trop de demandes viennent d’être faites depuis votre réseau. Attendez une minute, puis réessayez.",
		}}
	case fault.Unavailable:
		return ErrorPage{Titre: "Service momentanément indisponible", Texte: []string{
			"Le service n’a pas pu répondre. Rien n’a été perdu. Réessayez dans une minute.",
		}}
	case fault.TooLarge:
		return ErrorPage{Titre: "Envoi trop volumineux", Texte: []string{"Ce qui a été envoyé dépasse la taille permise. Rien n’a été enregistré."}}
	}
	return ErrorPage{Titre: "Une erreur est survenue", Texte: []string{
		"L’erreur vient de notre côté et elle a été enregistrée. Réessayez dans quelques instants.",
	}}
}

func refusalAidant(a actor.Actor) ErrorPage {
	p := ErrorPage{Titre: "Espace réservé aux aidants habilités", Actions: []Lien{{Libelle: "Accueil", URL: "/espace-aidant/"}}}
	switch {
	case !a.CanCreateMandats:
		p.Texte = []string{"Votre compte ne permet pas de créer ni d’utiliser des mandats. Si c’est une erreur, parlez-en au référent de votre structure."}
	case !a.OrganisationActive:
		p.Texte = []string{"Votre structure n’est pas active : les mandats ne peuvent être ni créés ni utilisés pour elle. Parlez-en au référent de votre structure."}
	default:
		p.Texte = []string{"Vous n’êtes plus membre de cette structure. Choisissez une autre structure, ou parlez-en à son référent."}
		p.Actions = append([]Lien{{Libelle: "Changer de structure", URL: CheminOrganisations}}, p.Actions...)
	}
	return p
}

func refusalReferent(a actor.Actor) ErrorPage {
	p := ErrorPage{Titre: "Espace réservé aux référents", Actions: []Lien{{Libelle: "Accueil", URL: "/espace-aidant/"}}}
	p.Texte = []string{"Vous n’êtes pas référent de la structure pour laquelle vous travaillez en ce moment."}
	if a.Referent {
		p.Texte = []string{"Votre structure n’est pas active : son espace est fermé."}
	}
	return p
}

// refusalOrganisation offers to go back to the organisation the form was shown
// for; the page it leads to says what it changes, and the choice is a POST.
func refusalOrganisation(a actor.Actor, shown string) ErrorPage {
	return ErrorPage{
		Titre: "Vous avez changé de structure",
		Texte: []string{
			"Le formulaire avait été ouvert pour une autre structure. Vous travaillez maintenant pour « " + a.OrganisationNom + " ». Rien n’a été fait.",
			"Pour continuer, revenez à la structure de départ, puis recommencez.",
		},
		Actions: []Lien{
			{Libelle: "Revenir à l’autre structure", URL: CheminOrganisations + "?organisation=" + url.QueryEscape(shown)},
			{Libelle: "Accueil", URL: "/espace-aidant/"},
		},
	}
}
