package cessation_test

import (
	"context"
	"fmt"
	"testing"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/franceconnect"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
)

// banc is a database with two structures, an aidant in each, and the greffe.
type banc struct {
	t        *testing.T
	db       *db.DB
	clock    *testkit.Clock
	greffe   *mandat.Greffe
	registre *usager.Registre
	orgs     []organisation.Organisation
	aidants  []aidant.Aidant
}

type muet struct{}

func (muet) Envoyer(context.Context, outbox.Courriel) error { return nil }

func key(t *testing.T, n byte) secret.Key {
	t.Helper()
	b := make([]byte, secret.KeySize)
	for i := range b {
		b[i] = n + byte(i)
	}
	k, err := secret.NewKey(b)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newBanc(t *testing.T, d *db.DB, clock *testkit.Clock) *banc {
	t.Helper()
	ctx := t.Context()
	box, err := secret.NewBox(key(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	cles, err := cle.Open(ctx, d, box)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(ctx, d, key(t, 2), cles, "exemple.test/journal")
	if err != nil {
		t.Fatal(err)
	}
	o, err := outbox.New(outbox.Config{DB: d, Box: box, Expediteur: muet{}, De: "a@exemple.test", Hote: "exemple.test", Log: testkit.Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	b := &banc{
		t: t, db: d, clock: clock, greffe: &mandat.Greffe{Journal: j, Outbox: o, Cles: cles, Service: "Aidants Connect", Origine: "https://aidants.example"},
		registre: &usager.Registre{Sub: key(t, 3), Journal: j},
	}
	b.update(func(tx *db.Tx) error {
		b.orgs, b.aidants = nil, nil
		for i, siret := range []string{"73282932000074", "35600000000048"} {
			org, err := organisation.Create(ctx, tx, j, organisation.Nouvelle{Nom: fmt.Sprint("Structure ", i), Siret: siret, Adresse: "1 rue Haute", CodePostal: "80000", Ville: "Amiens"})
			if err != nil {
				return err
			}
			a, err := aidant.Create(ctx, tx, j, aidant.Nouveau{Prenom: "Alix", Nom: "AIDANT", Email: fmt.Sprintf("alix%d@exemple.test", i), Organisation: org.ID})
			if err != nil {
				return err
			}
			b.orgs, b.aidants = append(b.orgs, org), append(b.aidants, a)
		}
		return mandat.StoreTexte(ctx, tx, mandat.TexteCourant())
	})
	return b
}

func (b *banc) update(fn func(tx *db.Tx) error) {
	b.t.Helper()
	if err := b.db.Update(b.t.Context(), fn); err != nil {
		b.t.Fatal(err)
	}
}

func (b *banc) actor(i int) actor.Actor {
	return actor.Actor{Aidant: b.aidants[i].ID, Organisation: b.orgs[i].ID, Session: ident.New[ident.SessionID]()}
}

// usager receives a person of this sub and family name.
func (b *banc) usager(sub, nom string) usager.Usager {
	b.t.Helper()
	r, err := usager.FromFranceConnect(franceconnect.Claims{Sub: sub, GivenName: "Odile", FamilyName: nom, Birthdate: "1951-11-04", Birthplace: "80021", Birthcountry: "99100", Gender: "female", Email: "odile@exemple.test"})
	if err != nil {
		b.t.Fatal(err)
	}
	var u usager.Usager
	b.update(func(tx *db.Tx) (err error) {
		u, err = b.registre.Receive(b.t.Context(), tx, r, usager.Acte{Aidant: b.aidants[0].ID, Organisation: b.orgs[0].ID, Operation: ident.New[ident.OperationID]()})
		return err
	})
	return u
}

func (b *banc) projet(org int, u usager.Usager, ds ...demarche.Demarche) mandat.Projet {
	p := projet(ds...)
	p.Organisation, p.Aidant, p.Usager, p.IdentiteID, p.Identite = b.orgs[org].ID, b.aidants[org].ID, u.ID, u.IdentiteID, u.Identite
	return p
}

func (b *banc) sign(org int, u usager.Usager, d mandat.Duree, ds ...demarche.Demarche) (m mandat.Mandat) {
	b.t.Helper()
	p := b.projet(org, u, ds...)
	p.Duree = d
	b.update(func(tx *db.Tx) (err error) {
		m, err = b.greffe.Sign(b.t.Context(), tx, b.actor(org), p)
		return err
	})
	return m
}

func (b *banc) load(org int, id ident.MandatID) (m mandat.Mandat) {
	b.t.Helper()
	err := b.db.View(b.t.Context(), func(tx *db.Tx) (err error) {
		m, err = mandat.Load(b.t.Context(), tx, b.orgs[org].ID, id)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *banc) live(org int, u usager.Usager) (out []demarche.Demarche) {
	b.t.Helper()
	err := b.db.View(b.t.Context(), func(tx *db.Tx) error {
		as, err := mandat.LiveAutorisations(b.t.Context(), tx, b.orgs[org].ID, u.ID)
		out = nil
		for _, a := range as {
			out = append(out, a.Demarche)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// lines gives the journal's actions of a mandat, in the order they were written.
func (b *banc) lines(id ident.MandatID) []string {
	b.t.Helper()
	ctx := b.t.Context()
	if _, err := b.greffe.Journal.Sequence(ctx); err != nil {
		b.t.Fatal(err)
	}
	var out []string
	err := b.db.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT l.action FROM journal_ligne l JOIN journal_rang r ON r.ligne_id = l.id WHERE l.mandat_id = $1 ORDER BY r.rang`, id)
		out, err = db.Collect(rows, err, func(s db.Scanner) (a string, err error) { return a, s.Scan(&a) })
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func projet(ds ...demarche.Demarche) mandat.Projet {
	return mandat.Projet{
		Organisation: ident.New[ident.OrganisationID](), Aidant: ident.New[ident.AidantID](), Usager: ident.New[ident.UsagerID](),
		IdentiteID: ident.New[ident.IdentiteID](), Active: true, Perimetre: demarche.Keys(), Demarches: ds, Duree: mandat.Mois,
		Identite:  usager.Identite{GivenName: "Odile Simone", FamilyName: "VASSELIN", Birthdate: "1951-11-04", Birthplace: "80021", Birthcountry: "99100", Gender: "female"},
		Structure: mandat.Structure{Nom: "Maison <Bleue>", Siret: "12345678901237", Adresse: "1 rue Haute", CodePostal: "80000", Ville: "Amiens"},
		Issuer:    "http://fc.localhost/api/v2", Texte: mandat.TexteCourant().Empreinte,
		Choix:   consentement.Choix{Moyen: consentement.Papier, Presence: consentement.Present},
		Preuves: []consentement.Piece{{ID: ident.New[ident.PieceID](), Genre: consentement.Certification, Rang: 1, Type: "text/plain", Taille: 1, Scelle: []byte{1}, Empreinte: []byte{1}}},
	}
}
