package demande

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// regleAdresses bounds how many addresses a référent may try (comptes 5, A-W74).
var regleAdresses = limite.Regle{Nom: "ajout_adresses", N: 30, Fenetre: 24 * time.Hour}

// ajoutView is the three pages that add people.
type ajoutView struct {
	Site    web.Site
	Actor   actor.Actor
	Texte   string // the addresses, as typed
	Fautes  []string
	Erreur  string // of the profile
	Jeton   ident.OperationID
	Lignes  []ligneAjout
	Message string
}

// ligneAjout is one address to confirm.
type ligneAjout struct {
	Email  string
	Suite  Suite
	Nouvel string // the address announced, as typed
	Erreur string
}

func (v ajoutView) trail(last string) []web.Lien {
	return []web.Lien{{Libelle: "Espace référent", URL: Chemin}, {Libelle: "Aidants", URL: CheminAidants}, {Libelle: last}}
}

func (h *Handlers) showProfil(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return web.Render(w, r, http.StatusOK, profilPage(ajoutView{Site: h.Site, Actor: a}))
}

// chooseProfil starts again: what was typed before is forgotten.
func (h *Handlers) chooseProfil(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := h.DB.Update(ctx, func(tx *db.Tx) error { return dropDraft(ctx, tx, a) }); err != nil {
		return err
	}
	switch form.Get("profil") {
	case "formes":
		return web.Redirect(w, r, CheminAjout+"aidants-formes/")
	case "non_formes":
		return web.Redirect(w, r, CheminAjout+"aidants-non-formes/")
	}
	v := ajoutView{Site: h.Site, Actor: a, Erreur: "Choisissez une situation."}
	return web.Render(w, r, http.StatusUnprocessableEntity, profilPage(v))
}

func (h *Handlers) showNonFormes(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	return web.Render(w, r, http.StatusOK, nonFormesPage(ajoutView{Site: h.Site, Actor: a}))
}

// showAdresses shows the list to type, as it was left.
func (h *Handlers) showAdresses(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v := ajoutView{Site: h.Site, Actor: a}
	b, err := h.draft(r.Context(), a)
	if err != nil && !fault.Is(err, fault.Gone) {
		return err
	}
	v.Texte = strings.Join(b.Adresses, "\n")
	return web.Render(w, r, http.StatusOK, adressesPage(v))
}

func (h *Handlers) draft(ctx context.Context, a actor.Actor) (b brouillon, err error) {
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		b, err = loadDraft(ctx, tx, h.Champs, a)
		return err
	})
	return b, err
}

// checkAdresses says, line by line, only what lies within the référent's reach.
func (h *Handlers) checkAdresses(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, file, err := web.FormFile(w, r, a, "fichier", maxFichier)
	if err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	s, why := readTable(file, form.Get("adresses"))
	if err != nil {
		why = "Ce fichier est trop grand pour une liste de 20 adresses."
	}
	v := ajoutView{Site: h.Site, Actor: a, Texte: s.Texte}
	var all []string
	if all, v.Fautes = parseAdresses(s.Texte); why != "" {
		v.Fautes = []string{why}
	}
	if len(v.Fautes) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, adressesPage(v))
	}
	ctx := r.Context()
	uses := make([]limite.Essai, len(all))
	for i := range uses {
		uses[i] = regleAdresses.By(a.Aidant.String())
	}
	wait, err := h.Limites.Allow(ctx, uses...)
	if err != nil {
		return err
	}
	if wait > 0 {
		return limite.Refuse(w, wait)
	}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		v.Fautes = nil
		if err := StillReferent(ctx, tx, a); err != nil {
			return err
		}
		for i, email := range all {
			c, _, err := known(ctx, tx, a, email)
			if err != nil {
				return err
			}
			if _, faute := c.Suivre(); faute != "" {
				v.Fautes = append(v.Fautes, lineError(i, faute))
			}
		}
		if len(v.Fautes) > 0 {
			return nil
		}
		return saveDraft(ctx, tx, h.Champs, a, brouillon{Adresses: all, Nouvelles: s.Nouvelles})
	})
	if err != nil {
		return err
	}
	if len(v.Fautes) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, adressesPage(v))
	}
	return web.Redirect(w, r, CheminAjout+"confirmation/")
}

// showConfirmation recalls what will be done. Without a draft it goes back to
// the first page.
func (h *Handlers) showConfirmation(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	ctx := r.Context()
	v := ajoutView{Site: h.Site, Actor: a}
	err := h.DB.View(ctx, func(tx *db.Tx) error {
		b, err := loadDraft(ctx, tx, h.Champs, a)
		if err != nil {
			return err
		}
		v.Jeton = b.Jeton
		v.Lignes, err = plan(ctx, tx, a, b.Adresses)
		for i := range v.Lignes {
			if i < len(b.Nouvelles) {
				v.Lignes[i].Nouvel = b.Nouvelles[i]
			}
		}
		return err
	})
	if fault.Is(err, fault.Gone) {
		return web.Redirect(w, r, CheminAjout+"profil/")
	}
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, confirmationPage(v))
}

// plan decides what follows each address, now.
func plan(ctx context.Context, tx *db.Tx, a actor.Actor, emails []string) (out []ligneAjout, err error) {
	for _, email := range emails {
		c, _, err := known(ctx, tx, a, email)
		if err != nil {
			return nil, err
		}
		l := ligneAjout{Email: email}
		l.Suite, l.Erreur = c.Suivre()
		out = append(out, l)
	}
	return out, nil
}

// confirmAjout does everything, or nothing: members of another structure of the
// same référent join at once, each other address becomes a request.
func (h *Handlers) confirmAjout(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	jeton, err := web.FormID[ident.OperationID](form, "jeton")
	if err != nil {
		return err
	}
	ctx := r.Context()
	v := ajoutView{Site: h.Site, Actor: a, Jeton: jeton}
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		b, err := loadDraft(ctx, tx, h.Champs, a)
		if err != nil {
			return err
		}
		if v.Lignes, err = plan(ctx, tx, a, b.Adresses); err != nil {
			return err
		}
		if err := takeDraft(ctx, tx, a, jeton); err != nil {
			return err
		}
		if err := StillReferent(ctx, tx, a); err != nil {
			return err
		}
		if err := readNouvelles(v.Lignes, form["nouvel_email"]); err != nil {
			return err
		}
		for _, l := range v.Lignes {
			if err := h.addOne(ctx, tx, a, l); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case fault.Is(err, fault.Gone):
		return web.Redirect(w, r, CheminAjout+"profil/")
	case fault.Is(err, fault.Invalid):
		return web.Render(w, r, http.StatusUnprocessableEntity, confirmationPage(v))
	case err != nil:
		return err
	}
	h.Outbox.Poke()
	return web.Redirect(w, r, CheminAidants+"?onglet=demandes&avis="+AvisAjout)
}

func (h *Handlers) addOne(ctx context.Context, tx *db.Tx, a actor.Actor, l ligneAjout) error {
	if l.Suite == Immediat {
		_, id, err := known(ctx, tx, a, l.Email)
		if err != nil {
			return err
		}
		return h.Comptes.AddMembership(ctx, tx, compte.Par(a, journal.Referent), compte.Cible{Aidant: id, Organisation: a.Organisation})
	}
	d := Rattachement{ID: ident.New[ident.RattachementID](), Organisation: a.Organisation, Referent: a.Aidant, Email: l.Email, NouvelEmail: l.Nouvel}
	if err := insertRattachement(ctx, tx, d); err != nil {
		return err
	}
	return h.Journal.Append(ctx, tx, line(a, fait.ChangeStructure{Demande: d.ID.String(), Etape: fait.EtapeDemandee}))
}

// readNouvelles reads the addresses announced, one per line, empty when it does
// not change; a line that may no longer be added is refused.
func readNouvelles(lines []ligneAjout, typed []string) error {
	bad := false
	for i := range lines {
		l := &lines[i]
		if i < len(typed) {
			l.Nouvel = strings.TrimSpace(typed[i])
		}
		if l.Erreur == "" && l.Nouvel != "" && l.Suite == Neutre {
			email, ok := aidant.NormalizeEmail(l.Nouvel)
			switch {
			case !ok:
				l.Erreur = "Indiquez une adresse électronique valide, ou laissez vide."
			case email == l.Email:
				l.Erreur = "C’est la même adresse : laissez vide si elle ne change pas."
			default:
				l.Nouvel = email
			}
		}
		bad = bad || l.Erreur != ""
	}
	if bad {
		return fault.Form(fault.Fields{"nouvel_email": "adresses"})
	}
	return nil
}

// faults lists what is wrong with the lines, each at its field.
func (v ajoutView) faults() (out []dsfr.Faute) {
	for i, l := range v.Lignes {
		if l.Erreur != "" {
			out = append(out, dsfr.Faute{ID: fieldID(i), Texte: l.Email + " : " + l.Erreur})
		}
	}
	return out
}

func fieldID(i int) string { return "nouvel_email-" + strconv.Itoa(i+1) }

func (v ajoutView) lineFaults() (out []dsfr.Faute) {
	for _, s := range v.Fautes {
		out = append(out, dsfr.Faute{ID: "adresses", Texte: s})
	}
	return out
}
