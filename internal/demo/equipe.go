package demo

import (
	"context"
	"net/http"
	"net/url"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/organisation"
)

// exploitant is the operator's own structure in the demo.
var exploitant = organisation.Nouvelle{
	Nom: "Exploitant du service (démonstration)", Siret: "90000000100017", Adresse: "1 place de la République", CodePostal: "80000", Ville: "Valbrune", Interne: true,
}

// equipe are the people of the operator's team: two, since the gravest acts
// need two. They have an application, like everybody; the back-office opens to
// them with a passkey that the visitor adds in their own browser, as it would
// in the real service.
func equipe() []Compte {
	return []Compte{
		{Cle: "zoe", Prenom: "Zoé", Nom: "Hennequin", Courriel: "zoe.hennequin@exploitant.example.org", Role: string(actor.AdminTechnique), Structure: exploitant.Nom},
		{Cle: "malik", Prenom: "Malik", Nom: "Ormesson", Courriel: "malik.ormesson@exploitant.example.org", Role: string(actor.AdminMetier), Structure: exploitant.Nom},
	}
}

// team opens the accounts of the operator's team.
func (i *Instance) team(ctx context.Context) error {
	return i.Server.DB.Update(ctx, func(tx *db.Tx) error {
		org, err := organisation.Create(ctx, tx, i.Server.Journal, exploitant)
		if err != nil {
			return err
		}
		for _, c := range i.coffre.Equipe {
			a, err := aidant.Create(ctx, tx, i.Server.Journal, aidant.Nouveau{
				Prenom: c.Prenom, Nom: c.Nom, Email: c.Courriel, Profession: "Équipe du service", Organisation: org.ID, Referent: true, NonAidant: true,
			})
			if err != nil {
				return err
			}
			graine, err := facteur.ParseGraine(c.TOTP)
			if err != nil {
				return err
			}
			if err := i.Server.Facteurs.EnrolApplication(ctx, tx, a.ID, graine); err != nil {
				return err
			}
			if _, err := aidant.SetRole(ctx, tx, a.ID, actor.Role(c.Role)); err != nil {
				return err
			}
			err = i.Server.Journal.Append(ctx, tx, journal.Entry{Initiateur: journal.Admin, Concerne: a.ID, Fait: fait.GrantStaff{Role: c.Role}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

const espaceReferent = "/espace-referent/"

// proposerCorrection corrects the address of the structure, for the team to
// accept.
func (i *Instance) proposerCorrection(p *Parcours) error {
	if err := p.Ouvrir(p.Adresses.App + espaceReferent + "organisation/correction/"); err != nil {
		return err
	}
	if err := p.Envoyer(Avec("adresse"), url.Values{"adresse": {"5 place du Marché"}}); err != nil {
		return err
	}
	return p.expect(http.StatusOK, "Votre proposition est envoyée")
}

// demander asks for a co-référent, and for an aidant who works elsewhere: she
// is told at once.
func (i *Instance) demander(p *Parcours) error {
	if err := p.Ouvrir(p.Adresses.App + espaceReferent + "referents/demander/"); err != nil {
		return err
	}
	err := p.Envoyer(Avec("telephone"), url.Values{
		"prenom": {"Inès"}, "nom": {"Delacourt"}, "profession": {"directrice adjointe"}, "email": {"ines.delacourt@valbrune.example.org"}, "telephone": {"06 12 34 56 78"},
	})
	if err == nil {
		err = p.expect(http.StatusOK, "Votre demande est envoyée")
	}
	if err != nil {
		return err
	}
	if err := p.Ouvrir(p.Adresses.App + espaceReferent + "aidant/ajouter/aidants-formes/"); err != nil {
		return err
	}
	if err := p.Envoyer(Avec("adresses"), url.Values{"adresses": {"claire.montagnac@tilleuls.example.org"}}); err != nil {
		return err
	}
	if err := p.Envoyer(Avec("jeton"), nil); err != nil {
		return err
	}
	if err := p.expect(http.StatusOK, "C’est enregistré"); err != nil {
		return err
	}
	ctx := context.Background()
	return i.Server.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := i.Server.Demandes.Tell(ctx, tx)
		return err
	})
}

// accepterRattachement answers yes to the structure that asks.
func (i *Instance) accepterRattachement(p *Parcours) error {
	i.Server.Outbox.Poke()
	lien, err := p.LienRecu(p.Compte.Courriel, "/espace-aidant/rattachements/")
	if err != nil {
		return err
	}
	if err := p.Ouvrir(lien); err != nil {
		return err
	}
	if err := p.Envoyer(Avec("reponse"), url.Values{"reponse": {"oui"}}); err != nil {
		return err
	}
	return p.expect(http.StatusOK, "Vous avez accepté")
}
