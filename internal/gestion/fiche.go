package gestion

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// accountView is an account as the team sees it: never a secret.
type accountView struct {
	page
	Aidant       aidant.Aidant
	Equipe       compteEquipe
	Places       []Place
	Moyens       facteur.Moyens
	Sessions     []Session
	Acceptations []Acceptation
	Accords      []Accord
	Faits        []Fait
	Lignes       []journal.Ligne
	Structures   []Place
	Rejet        rejet // what was refused, if anything
}

// rejet is an act that was refused, with what was typed.
type rejet struct {
	Demande Demande
	Err     error
}

type codeView struct {
	page
	Aidant ident.AidantID
	Code   secret.Text
}

// showAccount reads an account, and says in the journal who read it
// (comptes 18): if the line cannot be written, nothing is shown.
func (h *Handlers) showAccount(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.AidantID](r, "aidant")
	if err != nil {
		return err
	}
	return h.renderAccount(w, r, a, asked{id: id, status: http.StatusOK})
}

// refuseOnPage shows the account again with what is wrong in the form.
func (h *Handlers) refuseOnPage(w http.ResponseWriter, r *http.Request, a actor.Actor, x rejet) error {
	status := http.StatusUnprocessableEntity
	if fault.Is(x.Err, fault.Conflict) {
		status = http.StatusConflict
	}
	return h.renderAccount(w, r, a, asked{id: x.Demande.Aidant, status: status, rejet: x})
}

type asked struct {
	id     ident.AidantID
	status int
	rejet  rejet
}

func (h *Handlers) renderAccount(w http.ResponseWriter, r *http.Request, a actor.Actor, q asked) error {
	v := accountView{Rejet: q.rejet}
	err := h.DB.Update(r.Context(), func(tx *db.Tx) error {
		if err := h.load(r.Context(), tx, q.id, &v); err != nil {
			return err
		}
		return h.note(r.Context(), tx, a, q.id, fait.ViewAidant{})
	})
	if err != nil {
		return err
	}
	v.page = h.page(w, r, a, v.Aidant.NomComplet())
	v.Chemin = []web.Lien{{Libelle: "Gestion", URL: Chemin}, {Libelle: "Comptes", URL: CheminComptes}, {Libelle: v.Aidant.NomComplet()}}
	return web.Render(w, r, q.status, accountPage(v))
}

func (h *Handlers) load(ctx context.Context, tx *db.Tx, id ident.AidantID, v *accountView) (err error) {
	if v.Aidant, err = aidant.Load(ctx, tx, id); err != nil {
		return err
	}
	if v.Equipe, err = readEquipe(ctx, tx, id); err != nil {
		return err
	}
	if v.Places, err = places(ctx, tx, id); err != nil {
		return err
	}
	if v.Moyens, err = facteur.Load(ctx, tx, id); err != nil {
		return err
	}
	if v.Sessions, err = sessions(ctx, tx, id); err != nil {
		return err
	}
	if v.Acceptations, err = acceptations(ctx, tx, id); err != nil {
		return err
	}
	if v.Accords, err = h.accords(ctx, tx, id); err != nil {
		return err
	}
	if v.Faits, err = h.faits(ctx, tx, id, ident.MessageID{}); err != nil {
		return err
	}
	if v.Structures, err = structures(ctx, tx); err != nil {
		return err
	}
	v.Lignes, err = h.Journal.List(ctx, tx, journal.Filtre{Aidant: id, Limite: faitsMax})
	return err
}

// now tells which structures the person is in, or référent of.
func (v accountView) now(referent bool) (out []Place) {
	for _, p := range v.Places {
		if p.Referent == referent && p.Fin.IsZero() {
			out = append(out, p)
		}
	}
	return out
}

// offered are the acts that have a sense for this account, in the order of the
// page.
func (v accountView) offered() (out []Acte) {
	add := func(yes bool, x Acte) {
		if yes {
			out = append(out, x)
		}
	}
	in, ref := v.now(false), v.now(true)
	add(v.Aidant.Actif, Desactivation)
	add(!v.Aidant.Actif, Reactivation)
	add(true, Rattachement)
	add(len(in) > 1, FinRattachement)
	add(v.Aidant.Actif && len(in) > len(ref), Designation)
	add(len(ref) > 0, FinReferent)
	add(!v.Aidant.Habilite, Habilitation)
	add(v.Aidant.Habilite, FinHabilitation)
	add(v.Aidant.Actif, Courriel)
	add(v.Aidant.Actif, Invitation)
	card, has := v.Moyens.Card()
	add(v.Aidant.Actif && !has, Carte)
	add(has && !card.Confirme, ValidationCarte)
	add(len(v.Moyens.Facteurs) > 0, RetraitFacteur)
	add(len(v.Sessions) > 0, Fermeture)
	technical := v.Actor.Role == actor.AdminTechnique
	add(technical && v.Aidant.Actif, DonRole)
	add(technical && v.Equipe.Role != "", RetraitRole)
	return out
}

// refused tells whether this act is the one that was just refused.
func (v accountView) refused(x Acte) bool { return v.Rejet.Err != nil && v.Rejet.Demande.Acte == x }

func (v accountView) erreur(x Acte, champ string) string {
	if !v.refused(x) {
		return ""
	}
	return fault.FieldsOf(v.Rejet.Err)[champ]
}

func (v accountView) valeur(x Acte, s string) string {
	if !v.refused(x) {
		return ""
	}
	return s
}

// fautes are the lines of the summary of errors, in the order of the form.
func (v accountView) fautes() (out []dsfr.Faute) {
	if v.Rejet.Err == nil {
		return nil
	}
	fields := fault.FieldsOf(v.Rejet.Err)
	for _, champ := range []string{"organisation", "facteur", "role", "adresse", "numero_serie", "code", "code_suivant", "motif", "precision"} {
		if s := fields[champ]; s != "" {
			out = append(out, dsfr.Faute{ID: string(v.Rejet.Demande.Acte) + "-" + champ, Texte: s})
		}
	}
	return out
}

// general is what is wrong with the whole act.
func (v accountView) general() string {
	if v.Rejet.Err == nil {
		return ""
	}
	if s := fault.FieldsOf(v.Rejet.Err)[""]; s != "" {
		return s
	}
	if len(v.fautes()) == 0 {
		return "Cet acte n’est pas possible : le compte a changé depuis que la page est affichée."
	}
	return ""
}

func (v accountView) motifs(x Acte) dsfr.Choix {
	c := dsfr.Choix{Nom: "motif", ID: string(x) + "-motif", Legende: "Raison", Erreur: v.erreur(x, "motif"), Valeur: v.valeur(x, v.Rejet.Demande.Motif)}
	for _, m := range x.Raisons() {
		c.Options = append(c.Options, dsfr.Option{Valeur: m.Cle, Libelle: m.Libelle})
	}
	return c
}

func (v accountView) precision(x Acte) dsfr.Champ {
	return dsfr.Champ{
		Nom: "precision", ID: string(x) + "-precision", Libelle: "Si c’est une autre raison, laquelle ?", Facultatif: true,
		Aide: "Quelques mots. Ils restent chiffrés, et ne vont pas dans le journal.", Longueur: precisionMax, Lignes: 2,
		Erreur: v.erreur(x, "precision"), Valeur: v.valeur(x, v.Rejet.Demande.Precision),
	}
}

// structuresOf are those the act may be about.
func (v accountView) structuresOf(x Acte) dsfr.Choix {
	c := dsfr.Choix{Nom: "organisation", ID: string(x) + "-organisation", Legende: "Structure", Erreur: v.erreur(x, "organisation")}
	if v.refused(x) && !v.Rejet.Demande.Organisation.IsZero() {
		c.Valeur = v.Rejet.Demande.Organisation.String()
	}
	in, ref := v.now(false), v.now(true)
	list := in
	without := func(all, those []Place) (out []Place) {
		for _, p := range all {
			if !slices.ContainsFunc(those, func(q Place) bool { return q.Organisation == p.Organisation }) {
				out = append(out, p)
			}
		}
		return out
	}
	switch x {
	case Rattachement:
		list = without(v.Structures, in)
		if len(v.Structures) == structuresMax {
			c.Aide = "La liste s’arrête aux " + strconv.Itoa(structuresMax) + " premiers noms. Pour une autre structure, son référent demande le rattachement dans son espace."
		}
	case Designation:
		list = without(in, ref)
	case FinReferent:
		list = ref
	}
	for _, p := range list {
		c.Options = append(c.Options, dsfr.Option{Valeur: p.Organisation.String(), Libelle: p.Nom})
	}
	return c
}

func (v accountView) facteurs(x Acte) dsfr.Choix {
	c := dsfr.Choix{Nom: "facteur", ID: string(x) + "-facteur", Legende: "Moyen de connexion", Erreur: v.erreur(x, "facteur")}
	for _, f := range v.Moyens.Facteurs {
		c.Options = append(c.Options, dsfr.Option{Valeur: f.ID.String(), Libelle: f.Libelle()})
	}
	return c
}

// champ is a short field of an act; what was typed is kept, but for codes.
func (v accountView) champ(x Acte, nom string) dsfr.Champ {
	c := dsfr.Champ{Nom: nom, ID: string(x) + "-" + nom, Erreur: v.erreur(x, nom)}
	switch nom {
	case "adresse":
		c.Libelle, c.Type, c.Autocomplete, c.Longueur = "Nouvelle adresse", "email", "off", 254
		c.Aide, c.Valeur = "Une adresse à son nom, comme prenom.nom@exemple.fr.", v.valeur(x, v.Rejet.Demande.Adresse)
	case "numero_serie":
		c.Libelle, c.Autocomplete, c.Longueur, c.Court = "Numéro de la carte", "off", 40, true
		c.Aide, c.Valeur = "Imprimé sur la carte, par exemple GADT0001234.", v.valeur(x, v.Rejet.Demande.NumeroSerie)
	case "code":
		c.Libelle, c.Inputmode, c.Autocomplete, c.Longueur, c.Court = "Code affiché par la carte", "numeric", "off", 7, true
	case "code_suivant":
		c.Libelle, c.Inputmode, c.Autocomplete, c.Longueur, c.Court, c.Facultatif = "Code suivant", "numeric", "off", 7, true, true
	}
	return c
}

func (v accountView) roles(x Acte) dsfr.Choix {
	c := dsfr.Choix{Nom: "role", ID: string(x) + "-role", Legende: "Rôle", Erreur: v.erreur(x, "role"), Valeur: v.valeur(x, string(v.Rejet.Demande.Role))}
	for _, r := range Roles {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(r), Libelle: LibelleRole(r)})
	}
	return c
}

// severe colours the button of what takes something away.
func severe(x Acte) dsfr.Rang {
	if slices.Contains([]Acte{Desactivation, FinRattachement, FinReferent, FinHabilitation, RetraitFacteur, Fermeture, RetraitRole}, x) {
		return dsfr.Deconseillee
	}
	return dsfr.Secondaire
}
