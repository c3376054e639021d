package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/organisation"
)

// seed lays the structures and accounts, then plays the past: every mandat of
// the demo was concluded through the pages, at its date, so that the journal
// verifies like any other.
func (i *Instance) seed(ctx context.Context, o Options) error {
	if i.coffre.Garnie {
		return nil
	}
	now := i.Horloge.machine()
	i.Horloge.Fixer(now.Add(-anciennete))
	defer i.Horloge.Rendre()
	if err := i.accounts(ctx); err != nil {
		return fmt.Errorf("seed accounts: %w", err)
	}
	if !o.Sans && !o.Play {
		if err := i.team(ctx); err != nil {
			return fmt.Errorf("seed the team: %w", err)
		}
	}
	if !o.Sans && !o.Play && i.simule {
		if err := i.past(now); err != nil {
			return fmt.Errorf("seed mandats: %w", err)
		}
	}
	// Numbered before the clock comes back, or they would look a year late.
	if _, err := i.Server.Journal.Sequence(ctx); err != nil {
		return fmt.Errorf("number the past: %w", err)
	}
	i.coffre.Garnie = true
	return i.coffre.save()
}

// anciennete is how long ago the demo's structures began.
const anciennete = 410 * 24 * time.Hour

func (i *Instance) accounts(ctx context.Context) error {
	return i.Server.DB.Update(ctx, func(tx *db.Tx) error {
		// AC_BASE may lead to a real service's: its codes are not to be on our page.
		if known, err := organisation.List(ctx, tx); err != nil || len(known) > 0 {
			return errors.Join(err, errors.New("cette base contient déjà des structures : la démonstration ne s'y installe pas"))
		}
		ids := map[string]ident.OrganisationID{}
		for _, s := range structures {
			org, err := organisation.Create(ctx, tx, i.Server.Journal, organisation.Nouvelle{
				Nom: s.nom, Siret: s.siret, Adresse: s.adresse, CodePostal: s.codePostal, Ville: s.ville, Perimetre: s.perimetre,
			})
			if err != nil {
				return err
			}
			ids[s.nom] = org.ID
		}
		for _, c := range i.coffre.Comptes {
			a, err := aidant.Create(ctx, tx, i.Server.Journal, aidant.Nouveau{
				Prenom: c.Prenom, Nom: c.Nom, Email: c.Courriel, Profession: c.Role, Organisation: ids[c.Structure],
				Referent: c.Referent, NonAidant: c.NonAidant,
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
		}
		return nil
	})
}

// jour is one day of the past: who concluded what, how long ago; or, with no
// person, what else they did.
type jour struct {
	ilYa      time.Duration
	compte    string
	personne  string
	demarches []demarche.Demarche
	duree     string
	apres     func(*Instance, *Parcours) error // what followed, the same day
}

const unJour = 24 * time.Hour

// passe leaves mandats in every state: expired long ago, expired, revoked,
// replaced, ending soon, long, of one day; and requests of every kind that wait
// for the operator's team.
func passe() []jour {
	return []jour{
		{400 * unJour, "nadia", "centenaire", []demarche.Demarche{demarche.Social}, "MONTH", nil},
		{200 * unJour, "nadia", "zero_initial", []demarche.Demarche{demarche.Social, demarche.Logement}, "MONTH", nil},
		{160 * unJour, "hugo", "ordinaire", []demarche.Demarche{demarche.Papiers, demarche.Argent}, "SEMESTER", nil},
		{120 * unJour, "nadia", "nom_usage", []demarche.Demarche{demarche.Famille, demarche.Travail, demarche.Logement}, "LONG", nil},
		{90 * unJour, "nadia", "presume_annee", []demarche.Demarche{demarche.Etranger, demarche.Papiers}, "LONG", nil},
		{60 * unJour, "hugo", "corse_2a", []demarche.Demarche{demarche.Transports}, "LONG", (*Instance).terminerTout},
		{40 * unJour, "claire", "reunion", []demarche.Demarche{demarche.Famille, demarche.Travail}, "SEMESTER", nil},
		{20 * unJour, "nadia", "nom_usage", []demarche.Demarche{demarche.Famille}, "SEMESTER", nil},
		{15 * unJour, "hugo", "ligatures", []demarche.Demarche{demarche.Argent, demarche.Justice, demarche.Loisirs}, "MONTH", nil},
		{10 * unJour, "claire", "ordinaire", []demarche.Demarche{demarche.Social}, "LONG", nil},
		{9 * unJour, "hugo", "", nil, "", (*Instance).proposerCorrection},
		{4 * unJour, "rene", "", nil, "", (*Instance).demander},
		{3 * unJour, "claire", "", nil, "", (*Instance).accepterRattachement},
		{2 * unJour, "nadia", "apostrophe", []demarche.Demarche{demarche.Papiers, demarche.Famille, demarche.Social, demarche.Logement}, "LONG", nil},
		{3 * time.Hour, "nadia", "ne_algerie", []demarche.Demarche{demarche.Social, demarche.Travail}, "SHORT", nil},
	}
}

func (i *Instance) past(now time.Time) error {
	days := passe()
	for n, d := range days {
		i.tell("\rDonnées de démonstration : jour %d sur %d", n+1, len(days))
		i.Horloge.Fixer(now.Add(-d.ilYa))
		p, err := i.Parcours(d.compte)
		if err != nil {
			return err
		}
		p.Attendre = i.Horloge.Avancer
		if err := p.SeConnecter(); err != nil {
			return err
		}
		if d.personne != "" {
			if _, err := p.Conclure(Projet{d.personne, d.demarches, d.duree}); err != nil {
				return err
			}
		}
		if d.apres != nil {
			if err := d.apres(i, p); err != nil {
				return err
			}
		}
	}
	i.tell("\n")
	return nil
}

// tell shows progress to a person, and nothing to a file or a pipe.
func (i *Instance) tell(format string, args ...any) {
	f, ok := i.progres.(*os.File)
	if !ok {
		return
	}
	if s, err := f.Stat(); err != nil || s.Mode()&os.ModeCharDevice == 0 {
		return
	}
	_, _ = fmt.Fprintf(f, format, args...)
}

// Parcours opens a browser for an account of the demo.
func (i *Instance) Parcours(cle string) (*Parcours, error) {
	for _, c := range slices.Concat(i.coffre.Comptes, i.coffre.Equipe) {
		if c.Cle == cle {
			return &Parcours{
				Navigateur: NewNavigateur(i.transport()), Adresses: i.Adresses, Compte: c, Horloge: i.Horloge.Now, Attendre: time.Sleep,
			}, nil
		}
	}
	return nil, fmt.Errorf("no demo account %q", cle)
}

// transport reaches every host name of the demo at its listener: no system
// resolves *.localhost for certain.
func (i *Instance) transport() http.RoundTripper {
	return &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, i.ecoute)
	}}
}

// terminerTout ends the whole mandat, on the person's wish.
func (i *Instance) terminerTout(p *Parcours) error { return p.TerminerMandat() }

// Fermer closes an account of the demo.
func (i *Instance) Fermer(ctx context.Context, cle string) error {
	p, err := i.Parcours(cle)
	if err != nil {
		return err
	}
	return i.Server.DB.Update(ctx, func(tx *db.Tx) error {
		a, err := aidant.LoadByEmail(ctx, tx, p.Compte.Courriel)
		if err != nil {
			return err
		}
		orgs, err := aidant.Structures(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		return i.Server.Comptes.Deactivate(ctx, tx, compte.Auteur{Initiateur: journal.Admin}, compte.Cible{Aidant: a.ID, Organisation: orgs[0]}, compte.Autre)
	})
}
