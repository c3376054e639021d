package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/figurant"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/rapprochement"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/usager"
)

// compte is an aidant who can sign.
type compte struct {
	id           ident.AidantID
	organisation ident.OrganisationID
	graine       []byte
}

// secretSession is a signed-in aidant.
type secretSession struct {
	compte
	session ident.SessionID
	jeton   secret.Text
}

// personne is an usager who can be chosen, with what their mandats cover.
type personne struct {
	usager.Usager
	demarches []demarche.Demarche // of the last mandat: live
}

type structure struct {
	organisation.Organisation
	compte    compte
	personnes []personne
}

// aSigner is a dossier that waits for its récapitulatif.
type aSigner struct {
	secretSession
	dossier ident.DossierID
}

// lot is how many acts one transaction of the loading holds.
const lot = 100

// load lays everything through the domain, at past dates, then has the journal
// numbered and verified.
func (b *banc) load(ctx context.Context) (c chargement, err error) {
	begin := time.Now()
	now := b.horloge.Now()
	b.horloge.Fixer(now.AddDate(-1, 0, 0))
	if err := b.loadStructures(ctx); err != nil {
		return c, err
	}
	for p := range b.passes {
		// The passes share the last 350 days; the second comes after the first.
		from := now.AddDate(0, 0, -350+p*350/b.passes)
		if err := b.loadPass(ctx, p, from, time.Duration(350/b.passes)*24*time.Hour); err != nil {
			return c, err
		}
	}
	b.horloge.Rendre()
	if err := b.loadSessions(ctx); err != nil {
		return c, err
	}
	// Nobody waits for these messages.
	b.s.Outbox.Expediteur = nobody{}
	if _, err := b.s.Outbox.Deliver(ctx); err != nil {
		return c, err
	}
	c.Secondes = time.Since(begin).Seconds()
	if err := b.settle(ctx); err != nil {
		return c, err
	}
	if c.Verification, err = b.verify(ctx); err != nil {
		return c, err
	}
	begin = time.Now()
	found, err := rapprochement.Run(ctx, b.s.DB, b.s.Journal)
	c.Rapprochement = time.Since(begin).Seconds()
	step(b.dialecte, fmt.Sprintf("rapprochement : %.2f s, %d sortes d’écart", c.Rapprochement, len(found)))
	return c, err
}

// nobody receives what the loading sends.
type nobody struct{}

// Envoyer implements outbox.Expediteur.
func (nobody) Envoyer(context.Context, outbox.Courriel) error { return nil }

// settle does what autovacuum does by itself, every minute, in a service that
// runs: without it PostgreSQL keeps the plans it made for empty tables.
func (b *banc) settle(ctx context.Context) error {
	if b.dialecte == db.SQLite {
		return nil
	}
	for _, statement := range []string{"VACUUM ANALYZE", "CHECKPOINT"} {
		if err := onPostgres(ctx, b.cfg.Base, statement); err != nil {
			return err
		}
	}
	return nil
}

func (b *banc) loadStructures(ctx context.Context) error {
	all := make([]structure, 1+b.structures)
	err := b.s.DB.Update(ctx, func(tx *db.Tx) error {
		for n := range all {
			o, err := organisation.Create(ctx, tx, b.s.Journal, figurant.Organisation(n))
			if err != nil {
				return err
			}
			all[n] = structure{Organisation: o}
			if all[n].compte, err = b.addAidant(ctx, tx, n, o.ID); err != nil {
				return err
			}
		}
		return mandat.StoreTexte(ctx, tx, mandat.TexteCourant())
	})
	b.grande, b.autres = all[0], all[1:]
	return err
}

// addAidant opens an account that has accepted the terms and has its codes.
func (b *banc) addAidant(ctx context.Context, tx *db.Tx, n int, org ident.OrganisationID) (compte, error) {
	return b.newAccount(ctx, tx, org, figurant.Aidant(n))
}

func (b *banc) newAccount(ctx context.Context, tx *db.Tx, org ident.OrganisationID, in aidant.Nouveau) (compte, error) {
	in.Organisation = org
	a, err := aidant.Create(ctx, tx, b.s.Journal, in)
	if err != nil {
		return compte{}, err
	}
	c := compte{a.ID, org, secret.Random(facteur.GraineTaille)}
	if err := b.s.Facteurs.EnrolApplication(ctx, tx, c.id, c.graine); err != nil {
		return c, err
	}
	for _, t := range aidant.Textes {
		if _, err := aidant.Accept(ctx, tx, c.id, t); err != nil {
			return c, err
		}
	}
	return c, nil
}

// loadPass signs one mandat with each usager. On PostgreSQL several structures
// sign side by side; SQLite writes one after the other anyway.
func (b *banc) loadPass(ctx context.Context, p int, from time.Time, length time.Duration) error {
	progress := newProgress(fmt.Sprintf("mandats, passe %d sur %d", p+1, b.passes), b.usagers+b.structures*b.chacune)
	defer progress.end()
	g := newGroup(4)
	if b.dialecte == db.SQLite {
		g = newGroup(1)
	}
	first := 0
	for i := range 1 + len(b.autres) {
		s, size := &b.grande, b.usagers
		if i > 0 {
			s, size = &b.autres[i-1], b.chacune
		}
		begin := first
		first += size
		g.run(func() error {
			for k := 0; k < size; k += lot {
				b.horloge.Fixer(from.Add(length / time.Duration(size) * time.Duration(k)))
				if err := b.signLot(ctx, s, begin+k, p, min(lot, size-k)); err != nil {
					return err
				}
				progress.add(min(lot, size-k))
			}
			return nil
		})
	}
	return g.wait()
}

// signLot receives and signs for a few people in one transaction.
func (b *banc) signLot(ctx context.Context, s *structure, first, p, size int) error {
	var added []personne
	err := b.s.DB.UpdateReadCommitted(ctx, func(tx *db.Tx) error {
		added = added[:0]
		for n := first; n < first+size; n++ {
			u, err := b.receive(ctx, tx, s.compte, n, s == &b.grande)
			if err != nil {
				return err
			}
			if err := b.signOne(ctx, tx, s, u, p, n); err != nil {
				return err
			}
			added = append(added, personne{u, figurant.Demarches(n, b.passes-1)})
		}
		return nil
	})
	if p == 0 {
		s.personnes = append(s.personnes, added...)
	}
	return err
}

func (b *banc) receive(ctx context.Context, tx *db.Tx, c compte, n int, address bool) (usager.Usager, error) {
	r := usager.Recue{SubFC: fmt.Sprintf("sub-fc-%d", n), Identite: figurant.Identite(n, address)}
	return b.s.Usagers.Receive(ctx, tx, r, usager.Acte{Aidant: c.id, Organisation: c.organisation, Operation: ident.New[ident.OperationID]()})
}

func (b *banc) signOne(ctx context.Context, tx *db.Tx, s *structure, u usager.Usager, p, n int) error {
	a := actor.Actor{Aidant: s.compte.id, Organisation: s.ID, Session: ident.New[ident.SessionID]()}
	projet := mandat.Projet{
		Organisation: s.ID, Aidant: s.compte.id, Usager: u.ID, IdentiteID: u.IdentiteID, Identite: u.Identite,
		Structure: mandat.Structure{Nom: s.Nom, Siret: s.Siret, Adresse: s.Adresse, CodePostal: s.CodePostal, Ville: s.Ville},
		Active:    true, Perimetre: s.Perimetre, Demarches: figurant.Demarches(n, p), Duree: mandat.Annee,
		Issuer: emetteurFC, Simulation: true, Texte: mandat.TexteCourant().Empreinte, Authentification: secret.Random(32),
	}
	var err error
	if projet.Choix, projet.Preuves, err = consentement.Written(b.s.Signatures.Champs, projet.Objet(), "Essai"); err != nil {
		return err
	}
	greffe := *b.s.Mandats.Greffe
	greffe.SansPDF = true // tens of thousands of them
	_, err = greffe.Sign(ctx, tx, a, projet)
	return err
}

// loadSessions signs in the aidants who will act: those who use mandats, and
// one for each mandat to conclude, whose person is back from FranceConnect.
func (b *banc) loadSessions(ctx context.Context) error {
	err := b.s.DB.Update(ctx, func(tx *db.Tx) error {
		b.clients = b.clients[:0]
		for n := range sessions {
			s, err := b.signIn(ctx, tx, 1000+n, b.grande.ID)
			if err != nil {
				return err
			}
			b.clients = append(b.clients, s)
		}
		return nil
	})
	if err != nil {
		return err
	}
	progress := newProgress("aidants et dossiers prêts", b.aSigner[0]+b.aSigner[1])
	defer progress.end()
	n := 10_000
	for i, size := range b.aSigner {
		for k := 0; k < size; k += lot {
			if err := b.prepare(ctx, i, n, min(lot, size-k)); err != nil {
				return err
			}
			n += lot
			progress.add(min(lot, size-k))
		}
		// Those who sign at the same moment did not open their accounts in a row.
		rand.Shuffle(size, func(x, y int) { b.stock[i][x], b.stock[i][y] = b.stock[i][y], b.stock[i][x] })
	}
	return nil
}

func (b *banc) signIn(ctx context.Context, tx *db.Tx, n int, org ident.OrganisationID) (secretSession, error) {
	c, err := b.addAidant(ctx, tx, n, org)
	if err != nil {
		return secretSession{}, err
	}
	return b.insertSession(ctx, tx, c)
}

// prepare makes a few dossiers, each with its aidant, for a first mandat of a
// person with one of the other structures.
func (b *banc) prepare(ctx context.Context, stock, first, size int) error {
	var added []aSigner
	err := b.s.DB.UpdateReadCommitted(ctx, func(tx *db.Tx) error {
		added = added[:0]
		for n := first; n < first+size; n++ {
			s, err := b.signIn(ctx, tx, n, b.autres[n%len(b.autres)].ID)
			if err != nil {
				return err
			}
			u, err := b.receive(ctx, tx, s.compte, 1_000_000+n, true)
			if err != nil {
				return err
			}
			d, err := insertDossier(ctx, tx, s, u)
			if err != nil {
				return err
			}
			added = append(added, aSigner{s, d})
		}
		return nil
	})
	b.stock[stock] = append(b.stock[stock], added...)
	return err
}
