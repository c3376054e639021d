package compte

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// champView is a page with one field.
type champView struct {
	Site   web.Site
	Actor  actor.Actor
	Titre  string
	Intro  string
	Action string
	Champ  dsfr.Champ
	Bouton string
}

func (h *Handlers) field(w http.ResponseWriter, r *http.Request, v champView) error {
	v.Site = h.Site
	status := http.StatusOK
	if v.Champ.Erreur != "" {
		status = http.StatusUnprocessableEntity
	}
	return web.Render(w, r, status, champPage(v))
}

func (h *Handlers) load(r *http.Request, a actor.Actor) (x aidant.Aidant, err error) {
	ctx := r.Context()
	err = h.DB.ViewOne(ctx, func(tx *db.Tx) error {
		x, err = aidant.Load(ctx, tx, a.Aidant)
		return err
	})
	return x, err
}

func professionView(a actor.Actor, value, erreur string) champView {
	return champView{
		Actor: a, Titre: "Modifier ma profession", Action: CheminProfil + "/profession", Bouton: "Enregistrer",
		Intro: "Elle est montrée à votre référent. Elle n’apparaît pas dans les mandats déjà signés.",
		Champ: dsfr.Champ{
			Nom: "profession", Libelle: "Profession", Aide: "Par exemple : conseillère numérique, assistant social", Valeur: value, Erreur: erreur,
			Autocomplete: "organization-title", Longueur: maxProfession,
		},
	}
}

// maxProfession is in characters.
const maxProfession = 150

func (h *Handlers) showProfession(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	x, err := h.load(r, a)
	if err != nil {
		return err
	}
	return h.field(w, r, professionView(a, x.Profession, ""))
}

func (h *Handlers) changeProfession(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	profession := strings.Join(strings.Fields(form.Get("profession")), " ")
	switch n := utf8.RuneCountInString(profession); {
	case n == 0:
		return h.field(w, r, professionView(a, "", "Indiquez votre profession."))
	case n > maxProfession:
		return h.field(w, r, professionView(a, profession, "Écrivez 150 caractères au plus."))
	}
	err = h.update(r, func(ctx context.Context, tx *db.Tx) error { return aidant.SetProfession(ctx, tx, a.Aidant, profession) })
	if err != nil {
		return err
	}
	return done(w, r, "profession")
}

func phoneView(a actor.Actor, value, erreur string) champView {
	return champView{
		Actor: a, Titre: "Modifier mon téléphone", Action: CheminProfil + "/telephone", Bouton: "Enregistrer",
		Intro: "Votre mobile professionnel. Il sert à vous aider si vous perdez votre moyen de connexion, et à rien d’autre. Laissez vide pour l’effacer.",
		Champ: dsfr.Champ{
			Nom: "telephone", Libelle: "Téléphone mobile", Aide: "Format attendu : 10 chiffres, par exemple 06 12 34 56 78", Valeur: value, Erreur: erreur,
			Type: "tel", Autocomplete: "tel", Inputmode: "tel", Facultatif: true, Longueur: 40, Court: true,
		},
	}
}

func (h *Handlers) showPhone(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	x, err := h.load(r, a)
	if err != nil {
		return err
	}
	return h.field(w, r, phoneView(a, aidant.PhoneText(x.Telephone), ""))
}

// changePhone is journaled without the value; the person is told by mail.
func (h *Handlers) changePhone(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	phone, ok := aidant.NormalizePhone(form.Get("telephone"))
	if !ok {
		return h.field(w, r, phoneView(a, phone, "Indiquez un numéro français de dix chiffres, par exemple 06 12 34 56 78."))
	}
	err = h.update(r, func(ctx context.Context, tx *db.Tx) error {
		changed, err := aidant.SetPhone(ctx, tx, a.Aidant, phone)
		if err != nil || !changed {
			return err
		}
		x, err := aidant.Load(ctx, tx, a.Aidant)
		if err != nil {
			return err
		}
		if err := h.Actes.Outbox.Queue(ctx, tx, h.Actes.mailPhone(x)); err != nil {
			return err
		}
		return h.Actes.Journal.Append(ctx, tx, journal.Entry{
			Initiateur: journal.Aidant, Aidant: a.Aidant, Organisation: a.Organisation, Session: a.Session, Fait: fait.UpdatePhoneAidant{},
		})
	})
	if err != nil {
		return err
	}
	return done(w, r, "telephone")
}

func (s *Actes) mailPhone(a aidant.Aidant) outbox.Message {
	return s.write(genreRole, a, "Votre numéro de téléphone a été modifié", func(c *outbox.Corps) {
		c.P("Le numéro de téléphone de votre compte Aidants Connect vient d’être modifié depuis votre profil.")
		c.P("Ce n’est pas vous ? Prévenez tout de suite votre référent.")
	})
}

func (h *Handlers) changePreferences(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	err = h.update(r, func(ctx context.Context, tx *db.Tx) error {
		return aidant.SetPreferences(ctx, tx, a.Aidant, slices.Contains(form["recus"], "relances"), slices.Contains(form["recus"], "nouveautes"))
	})
	if err != nil {
		return err
	}
	return done(w, r, "preferences")
}

func emailView(a actor.Actor, value, erreur string) champView {
	return champView{
		Actor: a, Titre: "Changer mon adresse électronique", Action: CheminProfil + "/courriel", Bouton: "Envoyer le lien de confirmation",
		Intro: "Votre adresse est votre identifiant. Nous envoyons un lien à la nouvelle : le changement se fait quand vous l’ouvrez. " +
			"L’ancienne est prévenue et peut annuler pendant sept jours. Vous serez alors déconnecté partout.",
		Champ: dsfr.Champ{
			Nom: "email", Libelle: "Nouvelle adresse électronique", Aide: "Format attendu : prenom-nom@exemple.fr", Valeur: value, Erreur: erreur,
			Type: "email", Autocomplete: "email", Inputmode: "email", Longueur: 254,
		},
	}
}

func (h *Handlers) showEmail(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return h.field(w, r, emailView(a, "", ""))
}

func (h *Handlers) changeEmail(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, 4<<10)
	if err != nil {
		return err
	}
	email, message := aidant.CheckEmail(form.Get("email"))
	if message != "" {
		return h.field(w, r, emailView(a, form.Get("email"), message))
	}
	if err := h.allow(w, r, parCompte.By(a.Aidant.String())); err != nil {
		return err
	}
	err = h.update(r, func(ctx context.Context, tx *db.Tx) error { return h.askEmail(ctx, tx, a.Aidant, email) })
	if f := fault.FieldsOf(err); f["email"] != "" {
		return h.field(w, r, emailView(a, email, f["email"]))
	}
	if err != nil {
		return err
	}
	return done(w, r, "courriel")
}

// dropEmail forgets the change that awaits its confirmation.
func (h *Handlers) dropEmail(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	if err := h.update(r, func(ctx context.Context, tx *db.Tx) error { return dropPending(ctx, tx, a.Aidant, "annule") }); err != nil {
		return err
	}
	return done(w, r, "courriel_annule")
}
