package croissance

import (
	"context"
	"fmt"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/figurant"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/usager"
)

// Atelier is the service where modèles are made and copied.
type Atelier struct {
	Serveur *server.Server
	Adresse string // of its database
	Horloge *demo.Horloge
	Sub     string // what the modèles' identifiers begin with

	gabarits map[Genre]gabarit
	dernier  ident.UsagerID // the person of the last story with a live mandat
}

// un is one mandat of a modèle: signed so many days ago.
type un struct {
	jours int
	duree mandat.Duree
	fin   mandat.Motif // recorded 5 days later, by an aidant
	une   bool         // of its first démarche only
}

var histoires = map[Genre][]un{
	Actif:     {{jours: 60, duree: mandat.Annee}},
	Bientot:   {{jours: 170, duree: mandat.Semestre}},
	Partiel:   {{jours: 80, duree: mandat.Annee, fin: mandat.RevoqueUsager, une: true}},
	Expire:    {{jours: 300, duree: mandat.Semestre}},
	Renouvele: {{jours: 250, duree: mandat.Annee}, {jours: 60, duree: mandat.Annee}},
	Revoque:   {{jours: 90, duree: mandat.Annee, fin: mandat.RevoqueUsager}},
	Ancien:    {{jours: 900, duree: mandat.Semestre}},
}

// Modeles plays each kind of story through the acts, and keeps what they wrote.
func (a *Atelier) Modeles(ctx context.Context, l Lieu) error {
	a.gabarits = map[Genre]gabarit{}
	err := a.Serveur.DB.Update(ctx, func(tx *db.Tx) error { return mandat.StoreTexte(ctx, tx, mandat.TexteCourant()) })
	if err != nil {
		return err
	}
	r, err := open(ctx, a.Adresse)
	if err != nil {
		return err
	}
	defer r.close(ctx)
	before, err := r.snapshot(ctx)
	if err != nil {
		return err
	}
	now := a.Horloge.Now()
	defer a.Horloge.Rendre()
	for n, g := range []Genre{Actif, Bientot, Partiel, Expire, Renouvele, Revoque, Ancien} {
		if err := a.play(ctx, l, g, n, now); err != nil {
			return fmt.Errorf("modèle %s: %w", g, err)
		}
		after, err := r.snapshot(ctx)
		if err != nil {
			return err
		}
		a.gabarits[g] = compile(r.dialecte, before.added(after), l.Structure)
		before = after
	}
	return nil
}

// play is the story of one person.
func (a *Atelier) play(ctx context.Context, l Lieu, g Genre, n int, now time.Time) error {
	var u usager.Usager
	for i, x := range histoires[g] {
		a.Horloge.Fixer(now.AddDate(0, 0, -x.jours))
		var m mandat.Mandat
		err := a.Serveur.DB.Update(ctx, func(tx *db.Tx) (err error) {
			if i == 0 {
				r := usager.Recue{SubFC: fmt.Sprintf("%s-%d", a.Sub, n), Identite: figurant.Identite(n, true)}
				if u, err = a.Serveur.Usagers.Receive(ctx, tx, r, usager.Acte{Aidant: l.Aidant, Organisation: l.ID, Operation: ident.New[ident.OperationID]()}); err != nil {
					return err
				}
			}
			m, err = a.sign(ctx, tx, a.Serveur.Mandats.Greffe, l, u, x.duree)
			return err
		})
		if err != nil {
			return err
		}
		if g == Renouvele {
			a.dernier = u.ID
		}
		if x.fin == "" {
			continue
		}
		a.Horloge.Fixer(now.AddDate(0, 0, 5-x.jours))
		e := fin.Etendue{Mandat: m}
		if x.une {
			e.Une = m.Autorisations[0].ID
		}
		err = a.Serveur.DB.Update(ctx, func(tx *db.Tx) error {
			return a.Serveur.Fins.Actes.End(ctx, tx, actor.Actor{Aidant: l.Aidant, Organisation: l.ID}, e, fin.Volonte{Motif: x.fin, Canal: fin.Oral})
		})
		if err != nil {
			return err
		}
	}
	a.Horloge.Fixer(now)
	_, err := a.Serveur.Mandats.CloseExpired(ctx)
	return err
}

func (a *Atelier) sign(ctx context.Context, tx *db.Tx, greffe *mandat.Greffe, l Lieu, u usager.Usager, d mandat.Duree) (mandat.Mandat, error) {
	o := l.Organisation
	p := mandat.Projet{
		Organisation: l.ID, Aidant: l.Aidant, Usager: u.ID, IdentiteID: u.IdentiteID, Identite: u.Identite,
		Structure: mandat.Structure{Nom: o.Nom, Siret: o.Siret, Adresse: o.Adresse, CodePostal: o.CodePostal, Ville: o.Ville},
		Active:    true, Perimetre: o.Perimetre, Demarches: figurant.Demarches(0, 0), Duree: d,
		Issuer: "http://fc.localhost:9/api/v2", Simulation: true, Texte: mandat.TexteCourant().Empreinte, Authentification: secret.Random(32),
	}
	var err error
	if p.Choix, p.Preuves, err = consentement.Written(a.Serveur.Signatures.Champs, p.Objet(), "Essai"); err != nil {
		return mandat.Mandat{}, err
	}
	return greffe.Sign(ctx, tx, actor.Actor{Aidant: l.Aidant, Organisation: l.ID, Session: ident.New[ident.SessionID]()}, p)
}
