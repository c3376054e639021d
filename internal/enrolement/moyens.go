package enrolement

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// avis are the sentences of the list, after an act.
var avis = map[string]dsfr.Alerte{
	"application_ajoutee": {Ton: dsfr.Succes, Titre: "Application ajoutée", Texte: "Ses codes ouvrent maintenant votre compte. Un courriel vous le confirme."},
	"cle_ajoutee":         {Ton: dsfr.Succes, Titre: "Clé ajoutée", Texte: "Elle ouvre maintenant votre compte. Un courriel vous le confirme."},
	"cle_refusee":         {Ton: dsfr.Erreur, Titre: "La clé n’a pas été ajoutée", Texte: "Elle n’a pas pu être vérifiée, ou le temps est dépassé. Rien n’a changé : vous pouvez réessayer."},
	"attente_perdue":      {Ton: dsfr.Alarme, Titre: "Recommencez l’ajout", Texte: "Le secret affiché n’est plus valable : le temps est dépassé, ou l’ajout a été recommencé dans un autre onglet. Rien n’a changé."},
	"trop_de_facteurs":    {Ton: dsfr.Alarme, Titre: "Vous avez déjà beaucoup de moyens de connexion", Texte: "Retirez ceux qui ne servent plus avant d’en ajouter un."},
	"sans_facteur":        {Ton: dsfr.Alarme, Titre: "Ajoutez d’abord un moyen de connexion", Texte: "Les codes de secours remplacent un moyen de connexion perdu : il en faut déjà un."},
	"dernier_facteur":     {Ton: dsfr.Alarme, Titre: "C’est votre dernier moyen de connexion", Texte: "Sans lui, vous ne pourriez plus entrer. Ajoutez-en un autre avant de le retirer ; si vous l’avez perdu, adressez-vous à votre référent."},
	"retire":              {Ton: dsfr.Succes, Titre: "Moyen de connexion retiré", Texte: "Il n’ouvre plus votre compte. Vos autres connexions en cours ont été fermées."},
	"heure_reglee":        {Ton: dsfr.Succes, Titre: "Les codes sont de nouveau à l’heure", Texte: "Attendez le prochain code, puis utilisez-le comme d’habitude."},
}

// moyensView is the page of one's own factors.
type moyensView struct {
	Site  web.Site
	Actor actor.Actor
	facteur.Moyens
	Avis dsfr.Alerte
}

func (h *Handlers) showMoyens(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v := moyensView{Site: h.Site, Actor: a, Avis: avis[web.TakeMessage(w, r)]}
	v.Avis.Role, v.Avis.Niveau = "status", 2
	ctx := r.Context()
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Moyens, err = facteur.Load(ctx, tx, a.Aidant)
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, moyensPage(v))
}

// back leads to the list, which says the word.
func back(w http.ResponseWriter, r *http.Request, word string) error {
	web.SetMessage(w, word)
	return web.Redirect(w, r, facteur.CheminMoyens)
}

// orBack leads a refusal that the list can explain to the list.
func orBack(w http.ResponseWriter, r *http.Request, err error) error {
	if _, known := avis[fault.ReasonOf(err)]; known {
		return back(w, r, fault.ReasonOf(err))
	}
	return err
}

// act runs an act of the holder and sends its mails at once.
func (h *Handlers) act(ctx context.Context, fn func(tx *db.Tx) error) error {
	err := h.DB.Update(ctx, fn)
	if err == nil && h.Coffre.Outbox != nil {
		h.Coffre.Outbox.Poke()
	}
	return err
}

func trail(last string) []web.Lien {
	return []web.Lien{{Libelle: "Accueil", URL: "/espace-aidant/"}, {Libelle: "Mes moyens de connexion", URL: facteur.CheminMoyens}, {Libelle: last}}
}

// table lists the factors; the last confirmed one cannot be removed.
func (v moyensView) table() dsfr.Tableau {
	t := dsfr.Tableau{
		Legende: "Vos moyens de connexion", LegendeCachee: true, Vide: "Vous n’avez encore aucun moyen de connexion.",
		Colonnes: []dsfr.Colonne{{Libelle: "Moyen"}, {Libelle: "Ajouté le"}, {Libelle: "Dernier usage"}, {Libelle: "État"}, {Libelle: "Action", Cachee: true}},
	}
	for _, f := range v.Facteurs {
		t.Lignes = append(t.Lignes, dsfr.Ligne{
			dsfr.Text(f.Libelle()), dsfr.Text(web.Date(f.DateCreation)), dsfr.Text(used(f.DateUsage)), stateCell(f), actionCell(f, v.Removable(f.ID) == nil),
		})
	}
	return t
}

func used(t time.Time) string {
	if t.IsZero() {
		return "Jamais"
	}
	return web.Date(t)
}

func state(f facteur.Facteur) dsfr.Pastille {
	switch {
	case !f.Confirme:
		return dsfr.Pastille{Ton: dsfr.Alarme, Libelle: "À valider avec votre référent", SansIcon: true, Petite: true}
	case f.Synchronise:
		return dsfr.Pastille{Ton: dsfr.Succes, Libelle: "Actif, sur plusieurs appareils", SansIcon: true, Petite: true}
	}
	return dsfr.Pastille{Ton: dsfr.Succes, Libelle: "Actif", SansIcon: true, Petite: true}
}

// alone tells whether losing one thing would shut the person out.
func (v moyensView) alone() bool {
	n := 0
	for _, f := range v.Facteurs {
		if f.Confirme {
			n++
		}
	}
	return n == 1 && v.Secours == 0
}

func (v moyensView) recovery() string {
	switch {
	case v.Secours == 0:
		return "Vous n’avez aucun code de secours."
	case v.Secours == 1:
		return "Il vous reste un code de secours, valable jusqu’au " + web.Date(v.FinSecours) + "."
	}
	return "Il vous reste " + strconv.Itoa(v.Secours) + " codes de secours, valables jusqu’au " + web.Date(v.FinSecours) + "."
}

// retraitView asks why a factor is removed.
type retraitView struct {
	Site    web.Site
	Actor   actor.Actor
	Facteur facteur.Facteur
	Retrait facteur.Retrait
	Champs  fault.Fields
}

// own reads a factor of the actor; another's is not found (M-W31).
func (h *Handlers) own(r *http.Request, a actor.Actor) (v retraitView, err error) {
	v = retraitView{Site: h.Site, Actor: a}
	id, err := web.PathID[ident.FacteurID](r, "facteur")
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	err = h.DB.View(ctx, func(tx *db.Tx) error {
		m, err := facteur.Load(ctx, tx, a.Aidant)
		if err != nil {
			return err
		}
		if v.Facteur, err = m.Find(id); err != nil {
			return err
		}
		return m.Removable(id)
	})
	return v, err
}

func (h *Handlers) showRetrait(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	v, err := h.own(r, a)
	if err != nil {
		return orBack(w, r, err)
	}
	return web.Render(w, r, http.StatusOK, retraitPage(v))
}

func (h *Handlers) remove(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	form, err := web.Form(r, formMax)
	if err != nil {
		return err
	}
	v, err := h.own(r, a)
	if err != nil {
		return orBack(w, r, err)
	}
	v.Retrait = facteur.Retrait{Facteur: v.Facteur.ID, Motif: facteur.Motif(form.Get("motif")), Precision: form.Get("precision")}
	err = h.act(r.Context(), func(tx *db.Tx) error {
		return h.Coffre.Remove(r.Context(), tx, facteur.BySelf(a), a.Aidant, v.Retrait)
	})
	if v.Champs = fault.FieldsOf(err); len(v.Champs) > 0 {
		return web.Render(w, r, http.StatusUnprocessableEntity, retraitPage(v))
	}
	if err != nil {
		return orBack(w, r, err)
	}
	return back(w, r, "retire")
}

func (v retraitView) reasons() dsfr.Choix {
	c := dsfr.Choix{Nom: "motif", Legende: "Pourquoi le retirer ?", Valeur: string(v.Retrait.Motif), Erreur: v.Champs["motif"]}
	for _, m := range facteur.Motifs {
		if m == facteur.Depart {
			continue // told by who stays
		}
		c.Options = append(c.Options, dsfr.Option{Valeur: string(m), Libelle: m.Libelle()})
	}
	return c
}

// faults lists the wrong fields in the order of the page.
func faults(f fault.Fields, order ...string) []dsfr.Faute {
	var out []dsfr.Faute
	for _, name := range order {
		if m := f[name]; m != "" {
			out = append(out, dsfr.Faute{ID: name, Texte: m})
		}
	}
	return out
}
