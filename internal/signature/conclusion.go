package signature

import (
	"context"
	"net/http"
	"slices"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// conclusion is the outcome of a récapitulatif: a mandat, or a refused code.
type conclusion struct {
	refus  *facteur.Resultat
	fermee bool // too many refused codes: the session is closed
	mandat ident.MandatID
	jeton  secret.Text // the session's new cookie
}

// conclude signs the mandat, in one transaction and in the order of mandats.md
// 6.2. A refused code writes its failure and nothing else; any other failure
// leaves nothing at all, and the code may serve again.
func (h *Handlers) conclude(ctx context.Context, a actor.Actor, asked Dossier, f formulaire) (c conclusion, err error) {
	printed := h.printed(ctx, asked, f)
	err = h.DB.Update(ctx, func(tx *db.Tx) error {
		c = conclusion{}
		d, err := loadDossier(ctx, tx, asked.ID)
		if err != nil {
			return err
		}
		if err := d.check(a, tx.Now.Time()); err != nil {
			return err
		}
		if d.IdentiteID != asked.IdentiteID { // another tab, since the page was read
			return fault.New(fault.Conflict, raisonAutreIdentite)
		}
		former, err := h.before(ctx, tx, d)
		if err != nil {
			return err
		}
		p, err := h.prepare(ctx, tx, d, f)
		if err != nil {
			return err
		}
		res, err := h.Connexion.Verify(ctx, tx, a, f.code)
		if err != nil {
			return err
		}
		if !res.Accepte {
			c.refus = &res
			if !res.Judged() {
				return nil
			}
			c.fermee, err = h.Connexion.CountFailure(ctx, tx, a, res.Motif)
			return err
		}
		if err := sign(ctx, tx, d.ID); err != nil {
			return err
		}
		p.Epreuve = printed
		m, err := h.Greffe.Sign(ctx, tx, a, p)
		if err != nil {
			return err
		}
		c.mandat = m.ID
		if distant(d.Choix) {
			if err := h.Distance.Conclude(ctx, tx, d.ID, m.ID); err != nil {
				return err
			}
		}
		if !d.Predecesseur.IsZero() {
			if err := h.renewal(d).Record(ctx, tx, m, former); err != nil {
				return err
			}
		}
		c.jeton, err = h.Connexion.Renew(ctx, tx, a)
		return err
	})
	return c, err
}

// printed makes the document ahead of the transaction, from what the database
// says now. Nothing rests on it: what cannot be printed now, the transaction
// refuses or prints itself.
func (h *Handlers) printed(ctx context.Context, asked Dossier, f formulaire) (e *mandat.Epreuve) {
	var p mandat.Projet
	var now time.Time
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now.Time()
		p, err = h.prepare(ctx, tx, asked, f)
		return err
	})
	if err != nil {
		return nil
	}
	e, _ = h.Greffe.Prepare(p, now)
	return e
}

// prepare reads everything again and applies the rules before any code is
// consumed (M-W8, M-W26).
func (h *Handlers) prepare(ctx context.Context, tx *db.Tx, d Dossier, f formulaire) (mandat.Projet, error) {
	if d.Statut != Pret {
		return mandat.Projet{}, fault.New(fault.Gone, raisonPerdu)
	}
	who, err := aidant.Load(ctx, tx, d.Aidant)
	if err != nil {
		return mandat.Projet{}, err
	}
	orgs, err := aidant.Structures(ctx, tx, d.Aidant)
	if err != nil {
		return mandat.Projet{}, err
	}
	if !who.Actif || !who.Habilite || !slices.Contains(orgs, d.Organisation) {
		return mandat.Projet{}, fault.New(fault.Forbidden, "aidant_inactif")
	}
	p, err := h.projet(ctx, tx, d)
	if err != nil {
		return p, err
	}
	if p.Identite.Email == "" && f.courriel != "" {
		p.Identite.Email, p.CourrielSaisi = f.courriel, true
	}
	list, err := h.explications(ctx, tx, d)
	if err != nil {
		return p, err
	}
	p.Montre = shown(d.Choix, list, f.montre)
	if distant(d.Choix) && h.Distance != nil {
		p.Demande, p.Preuves, err = h.Distance.Preuves(ctx, tx, d.ID, p.Objet())
	} else {
		p.Preuves, err = h.preuves(p, f.accord)
	}
	if err != nil {
		return p, err
	}
	_, err = mandat.Conclude(p, tx.Now.Time())
	return p, err
}

// refuse answers what stopped a conclusion. Nothing was written, the code
// included: it may serve again.
func (h *Handlers) refuse(w http.ResponseWriter, r *http.Request, a actor.Actor, d Dossier, err error) error {
	page := web.ErrorPage{Actions: []web.Lien{{Libelle: "Modifier les choix", URL: creationURL(d.ID.String())}, {Libelle: "Accueil", URL: "/espace-aidant/"}}}
	switch fault.ReasonOf(err) {
	case "hors_perimetre":
		page.Titre = "Une démarche n’est plus proposée par votre structure"
		page.Texte = []string{"Les démarches de votre structure ont changé depuis le début. Rien n’a été signé.", "Modifiez les choix avec la personne, puis recommencez."}
	case "organisation_inactive", "aidant_inactif":
		page.Titre = "Ce mandat ne peut pas être signé"
		page.Texte = []string{"Votre structure ou votre compte ne peut plus conclure de mandat. Rien n’a été signé."}
		page.Actions = page.Actions[1:]
	case "accord_manquant":
		page.Titre = "L’accord de la personne manque"
		page.Texte = []string{"La preuve de son accord n’a pas été reçue. Rien n’a été signé."}
	case "fc.mineur":
		page.Titre = "Cette personne est mineure"
		page.Texte = []string{"Le service ne permet pas de signer un mandat pour elle. Rien n’a été signé."}
		page.Actions = page.Actions[1:]
	case mandat.RaisonDeces, mandat.RaisonProtection:
		page.Titre = "Ce mandat ne peut pas être signé"
		page.Texte = []string{"Un décès ou une mesure de protection est noté pour cette personne. Rien n’a été signé.", "Si c’est une erreur, ou si la mesure est levée, retirez-le depuis la fiche de la personne, ou écrivez à l’équipe du service."}
	case raisonAutreIdentite:
		return web.Redirect(w, r, resumeURL(d)) // whom it is now
	default:
		if p, ok := d.refusal(fault.ReasonOf(err)); ok {
			return web.WithPage(err, p)
		}
		return h.restart(w, r, a, d, err)
	}
	return web.WithPage(err, page)
}
