package referent

import (
	"context"
	"net/http"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/web"
	"aidantsconnect/internal/web/dsfr"
)

// acte is one act on the account of a person: what its confirmation says, and
// what it does. The rules are compte's, asked again within the act.
type acte struct {
	geste  Geste
	titre  func(m Membre) string
	bouton string
	dit    func(v acteView) []string
	motif  bool // a reason is asked (A-W79)
	grave  bool
	avis   string
	faire  func(h *Handlers, ctx context.Context, tx *db.Tx, d demandeActe) error
}

// demandeActe is an act as it was asked.
type demandeActe struct {
	par   compte.Auteur
	cible compte.Cible
	motif compte.Motif
}

func titled(s string) func(Membre) string { return func(Membre) string { return s } }

var actes = map[string]acte{
	"desactiver": {
		geste: Desactiver, titre: removeLabel, bouton: "Confirmer", motif: true, grave: true, avis: avisDesactive, dit: sayRemove,
		faire: func(h *Handlers, ctx context.Context, tx *db.Tx, d demandeActe) error {
			_, err := h.Comptes.Remove(ctx, tx, d.par, d.cible, d.motif)
			return err
		},
	},
	"reactiver": {
		geste: Reactiver, titre: titled("Réactiver le compte"), bouton: "Réactiver le compte", avis: avisReactive,
		dit: func(acteView) []string {
			return []string{"La personne pourra de nouveau se connecter, avec les moyens de connexion qui lui restent. Elle sera prévenue par courriel."}
		},
		faire: func(h *Handlers, ctx context.Context, tx *db.Tx, d demandeActe) error {
			return h.Comptes.Reactivate(ctx, tx, d.par, d.cible)
		},
	},
	"designer": {
		geste: Designer, titre: titled("Désigner référent"), bouton: "Désigner référent", avis: avisDesigne,
		dit: func(v acteView) []string {
			return []string{
				"La personne pourra gérer avec vous les comptes, les moyens de connexion et les démarches de « " + v.Actor.OrganisationNom + " ».",
				"Elle sera prévenue par courriel, et devra accepter la charte du référent.",
			}
		},
		faire: func(h *Handlers, ctx context.Context, tx *db.Tx, d demandeActe) error {
			return h.Comptes.Designate(ctx, tx, d.par, d.cible)
		},
	},
	"demettre": {
		geste: Demettre, titre: titled("Retirer le rôle de référent"), bouton: "Retirer le rôle", motif: true, grave: true, avis: avisDemis,
		dit: func(v acteView) []string {
			if v.Membre.Habilite {
				return []string{"La personne reste aidante de la structure : elle garde son compte et ses moyens de connexion. Elle sera prévenue par courriel."}
			}
			return []string{"La personne n’est pas aidante : elle ne pourra plus rien faire ici. Elle sera prévenue par courriel."}
		},
		faire: func(h *Handlers, ctx context.Context, tx *db.Tx, d demandeActe) error {
			return h.Comptes.RemoveReferent(ctx, tx, d.par, d.cible, d.motif)
		},
	},
}

func removeLabel(m Membre) string {
	if m.Structures > 1 {
		return "Retirer de la structure"
	}
	return "Désactiver le compte"
}

func sayRemove(v acteView) []string {
	const mandats = "Les mandats restent à la structure : vos autres aidants continuent de les utiliser."
	if v.Membre.Structures > 1 {
		return []string{"La personne ne pourra plus rien faire pour « " + v.Actor.OrganisationNom + " », tout de suite. Elle garde son compte dans ses autres structures, et sera prévenue par courriel.", mandats}
	}
	return []string{"La personne ne pourra plus se connecter, tout de suite. Elle sera prévenue par courriel. Vous pourrez réactiver son compte.", mandats}
}

// acteView is the confirmation of an act.
type acteView struct {
	Site    web.Site
	Actor   actor.Actor
	Membre  Membre
	Acte    acte
	Motif   string
	Champs  fault.Fields
	Message string // why it is refused
}

// ask shows the confirmation of an act.
func (h *Handlers) ask(name string) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		v, err := h.loadActe(r, a, name)
		if err != nil {
			return err
		}
		return web.Render(w, r, http.StatusOK, actePage(v))
	}
}

func (h *Handlers) loadActe(r *http.Request, a actor.Actor, name string) (acteView, error) {
	ctx := r.Context()
	v := acteView{Site: h.Site, Actor: a, Acte: actes[name]}
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		v.Membre, err = person(ctx, tx, r, a)
		return err
	})
	return v, err
}

// do does an act, in one transaction; a refusal is shown on its own page.
func (h *Handlers) do(name string) web.ActorHandler {
	return func(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
		form, err := web.Form(r, maxForm)
		if err != nil {
			return err
		}
		ctx := r.Context()
		var m Membre
		var reach bool // the person is still within reach afterwards
		err = h.DB.Update(ctx, func(tx *db.Tx) error {
			if m, err = person(ctx, tx, r, a); err != nil {
				return err
			}
			reach = actes[name].geste != Desactiver || m.Structures == 1
			return actes[name].faire(h, ctx, tx, demandeActe{
				par: compte.Par(a, journal.Referent), cible: compte.Cible{Aidant: m.ID, Organisation: a.Organisation}, motif: compte.Motif(form.Get("motif")),
			})
		})
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
			v, loadErr := h.loadActe(r, a, name)
			if loadErr != nil {
				return loadErr
			}
			v.Champs, v.Motif = fault.FieldsOf(err), form.Get("motif")
			v.Message = v.Champs[""]
			return web.Render(w, r, fault.Status(fault.KindOf(err)), actePage(v))
		}
		if err != nil {
			return err
		}
		h.Outbox.Poke()
		if !reach {
			return web.Redirect(w, r, CheminAidants+"?avis="+avisRetire)
		}
		return web.Redirect(w, r, backTo(m.ID, actes[name].avis))
	}
}

func (v acteView) trail() []web.Lien {
	return []web.Lien{
		{Libelle: "Espace référent", URL: Chemin},
		{Libelle: "Aidants", URL: CheminAidants},
		{Libelle: v.Membre.NomComplet(), URL: CheminFiche(v.Membre.ID)},
		{Libelle: v.Acte.titre(v.Membre)},
	}
}

func (v acteView) reasons() dsfr.Choix {
	return reasons(v.Motif, v.Champs["motif"])
}

func reasons(chosen, erreur string) dsfr.Choix {
	c := dsfr.Choix{Nom: "motif", Legende: "Pour quelle raison ?", Valeur: chosen, Erreur: erreur}
	for _, m := range compte.Motifs(journal.Referent) {
		c.Options = append(c.Options, dsfr.Option{Valeur: string(m), Libelle: m.Libelle()})
	}
	return c
}

func (v acteView) button() dsfr.Bouton {
	b := dsfr.Bouton{Libelle: v.Acte.bouton}
	if v.Acte.grave {
		b.Rang = dsfr.Deconseillee
		b.Libelle = v.Acte.titre(v.Membre)
	}
	return b
}
