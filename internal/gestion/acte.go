package gestion

import (
	"context"
	"net/http"
	"net/url"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/connexion"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// act does one act on one account. What is wrong comes back on the account
// page, in the form that was sent.
func (h *Handlers) act(w http.ResponseWriter, r *http.Request, a actor.Actor) error {
	id, err := web.PathID[ident.AidantID](r, "aidant")
	if err != nil {
		return err
	}
	form, err := web.Form(r, maxForm)
	if err != nil {
		return err
	}
	d := parseDemande(form)
	d.Acte, d.Aidant = Acte(r.PathValue("acte")), id
	if d.Acte == Relance {
		return fault.New(fault.NotFound, "acte_inconnu")
	}
	var out resultat
	err = h.DB.Update(r.Context(), func(tx *db.Tx) (err error) {
		out, err = h.ask(r.Context(), tx, a, d)
		return err
	})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return h.refuseOnPage(w, r, a, rejet{d, err})
	}
	if err != nil {
		return err
	}
	if out.refus != nil {
		return h.refuseOnPage(w, r, a, rejet{d, out.refus})
	}
	h.Outbox.Poke()
	if out.code != "" {
		return web.Render(w, r, http.StatusOK, codePage(codeView{page: h.page(w, r, a, "Code d’activation"), Aidant: id, Code: out.code}))
	}
	word := string(d.Acte)
	if out.attend {
		word = "demande"
	}
	web.SetMessage(w, "gestion_"+word)
	return web.Redirect(w, r, cheminCompte(id))
}

func cheminCompte(id ident.AidantID) string { return CheminComptes + id.String() + "/" }

func parseDemande(form url.Values) Demande {
	d := Demande{
		Motif: form.Get("motif"), Precision: form.Get("precision"), Role: actor.Role(form.Get("role")),
		Adresse: form.Get("adresse"), NumeroSerie: form.Get("numero_serie"), Codes: [2]string{form.Get("code"), form.Get("code_suivant")},
	}
	d.Organisation, _ = ident.Parse[ident.OrganisationID](form.Get("organisation"))
	d.Facteur, _ = ident.Parse[ident.FacteurID](form.Get("facteur"))
	return d
}

// resultat is what an act gives back: attend when it waits for a second
// person, code when there is something to show once, refus when a try was
// counted and nothing else was done.
type resultat struct {
	attend bool
	code   secret.Text
	refus  error
}

// ask checks an act, then does it, or records that it waits for somebody else.
func (h *Handlers) ask(ctx context.Context, tx *db.Tx, a actor.Actor, d Demande) (out resultat, err error) {
	d, err = d.Check()
	if err != nil {
		return out, err
	}
	e, err := h.etat(ctx, tx, a, d)
	if err != nil {
		return out, err
	}
	if err := d.Refus(e); err != nil {
		return out, err
	}
	if !d.Grave(e) {
		return h.do(ctx, tx, a, d)
	}
	id := ident.New[ident.OperationID]()
	s, err := h.sceaux(id, d)
	if err != nil {
		return out, err
	}
	return resultat{attend: true}, insertAccord(ctx, tx, accordNouveau{id, a.Aidant, s}, d)
}

// etat reads what the rule of the two persons asks.
func (h *Handlers) etat(ctx context.Context, tx *db.Tx, a actor.Actor, d Demande) (Etat, error) {
	c, err := readEquipe(ctx, tx, d.Aidant)
	if err != nil {
		return Etat{}, err
	}
	e := Etat{FermePour: c.Motif, ReferentIsole: c.Isole, MoiMeme: d.Aidant == a.Aidant, PeutDonnerRoles: a.Role == actor.AdminTechnique}
	if d.Acte != RetraitFacteur {
		return e, nil
	}
	m, err := facteur.Load(ctx, tx, d.Aidant)
	if err != nil {
		return e, err
	}
	e.DernierFacteur = true
	for _, f := range m.Facteurs {
		if f.Confirme && f.ID != d.Facteur {
			e.DernierFacteur = false
		}
	}
	return e, nil
}

// do does the act through the package that owns it, and keeps its reason.
func (h *Handlers) do(ctx context.Context, tx *db.Tx, a actor.Actor, d Demande) (out resultat, err error) {
	id := ident.New[ident.OperationID]()
	s, err := h.sceaux(id, d)
	if err != nil {
		return out, err
	}
	if out, err = h.effect(ctx, tx, a, d); err != nil || out.refus != nil {
		return out, err
	}
	return out, insertActe(ctx, tx, acteNouveau{id: id, auteur: a.Aidant, sceaux: s}, d)
}

func (h *Handlers) effect(ctx context.Context, tx *db.Tx, a actor.Actor, d Demande) (out resultat, err error) {
	par, cible := compte.Par(a, journal.Admin), compte.Cible{Aidant: d.Aidant, Organisation: d.Organisation}
	switch d.Acte {
	case Desactivation:
		return out, h.Comptes.Deactivate(ctx, tx, par, cible, compte.Motif(d.Motif))
	case Reactivation:
		return out, h.Comptes.Reactivate(ctx, tx, par, cible)
	case Rattachement:
		return out, h.Comptes.AddMembership(ctx, tx, par, cible)
	case FinRattachement:
		return out, h.Comptes.EndMembership(ctx, tx, par, cible, compte.Motif(d.Motif))
	case Designation:
		return out, h.Comptes.Designate(ctx, tx, par, cible)
	case FinReferent:
		return out, h.Comptes.RemoveReferent(ctx, tx, par, cible, compte.Motif(d.Motif))
	case Habilitation, FinHabilitation:
		return out, h.Comptes.SetHabilite(ctx, tx, par, cible, d.Acte == Habilitation)
	case Invitation:
		out.code, err = h.Facteurs.Invite(ctx, tx, facteur.ByGestion(a), d.Aidant)
		if fault.Is(err, fault.Conflict) && len(fault.FieldsOf(err)) == 0 {
			err = refus("invitation_impossible", "Ce compte est désactivé, ou il a déjà trop de moyens de connexion.")
		}
		return out, err
	case RetraitFacteur:
		return out, h.Facteurs.Remove(ctx, tx, facteur.ByGestion(a), d.Aidant, facteur.Retrait{Facteur: d.Facteur, Motif: facteur.Motif(d.Motif), Precision: d.Precision})
	case Courriel:
		return out, h.Adresses.AskEmailFor(ctx, tx, d.Aidant, d.Adresse)
	case Carte:
		return out, h.linkCard(ctx, tx, a, d)
	case ValidationCarte:
		return h.validateCard(ctx, tx, a, d)
	case Fermeture:
		return out, h.closeSessions(ctx, tx, a, d.Aidant)
	case DonRole:
		return out, h.setRole(ctx, tx, a, d.Aidant, d.Role)
	case RetraitRole:
		return out, h.setRole(ctx, tx, a, d.Aidant, "")
	}
	return out, fault.New(fault.NotFound, "acte_inconnu")
}

func (h *Handlers) closeSessions(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.AidantID) error {
	if err := connexion.CloseAll(ctx, tx, id); err != nil {
		return err
	}
	return h.note(ctx, tx, a, id, fait.CloseSession{Motif: "gestion"})
}

// setRole gives or takes back a place in the team: the person's sessions end
// with the change, and a mail says it (E-45).
func (h *Handlers) setRole(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.AidantID, role actor.Role) error {
	who, err := aidant.Load(ctx, tx, id)
	if err != nil {
		return err
	}
	if !who.Actif && role != "" {
		return refus("compte_ferme", "Ce compte est désactivé : réactivez-le d’abord.")
	}
	former, err := readEquipe(ctx, tx, id)
	if err != nil {
		return err
	}
	changed, err := aidant.SetRole(ctx, tx, id, role)
	if err != nil {
		return err
	}
	if !changed {
		return refus("meme_role", "Cette personne a déjà ce rôle, ou n’en a pas.")
	}
	if err := connexion.CloseAll(ctx, tx, id); err != nil {
		return err
	}
	if err := h.Outbox.Queue(ctx, tx, MessageRole(h.Site, who, role)); err != nil {
		return err
	}
	if role == "" {
		return h.note(ctx, tx, a, id, fait.WithdrawStaff{Role: string(former.Role)})
	}
	return h.note(ctx, tx, a, id, fait.GrantStaff{Role: string(role)})
}

// MessageRole is E-45 for a place in the team.
func MessageRole(site web.Site, to aidant.Aidant, role actor.Role) outbox.Message {
	m := outbox.Message{Cle: "E-45/" + ident.New[ident.OperationID]().String(), Genre: "E-45", Destinataire: to.Email}
	var c outbox.Corps
	c.P("Bonjour %s,", to.Prenom)
	if role == "" {
		m.Sujet = "Vous ne faites plus partie de l’équipe " + site.Nom
		c.P("Votre rôle dans l’équipe du service a été retiré. Le reste de votre compte ne change pas.")
	} else {
		m.Sujet = "Vous faites partie de l’équipe " + site.Nom
		c.P("Un rôle dans l’équipe du service vous a été donné : %s.", LibelleRole(role))
		c.P("La gestion ne s’ouvre qu’avec une clé d’accès ou une clé de sécurité : ajoutez-en une à votre compte, puis connectez-vous avec elle.")
		c.Lien("Ouvrir la gestion", site.Origine+Chemin)
	}
	c.P("Si cela vous surprend, répondez tout de suite à l’équipe du service%s.", contact(site))
	m.Texte = c.String()
	return m
}

func contact(site web.Site) string {
	if site.Contact == "" {
		return ""
	}
	return " : " + site.Contact
}

// note writes a line of the journal about an account.
func (h *Handlers) note(ctx context.Context, tx *db.Tx, a actor.Actor, id ident.AidantID, f fait.Fait) error {
	return h.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Admin, Aidant: a.Aidant, Concerne: id, Session: a.Session, Fait: f})
}
