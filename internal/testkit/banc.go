package testkit

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
	"aidantsconnect/internal/usager"
)

// Banc is a database with two structures, an aidant in each, and the greffe.
type Banc struct {
	T        testing.TB
	DB       *db.DB
	Clock    *Clock
	Greffe   *mandat.Greffe
	Registre *usager.Registre
	Orgs     []organisation.Organisation
	Aidants  []aidant.Aidant
}

// muet sends nothing.
type muet struct{}

func (muet) Envoyer(context.Context, outbox.Courriel) error { return nil }

// Key is a key that tests may know.
func Key(t testing.TB, n byte) secret.Key {
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

// NewBanc makes it on a migrated database.
func NewBanc(t testing.TB, d *db.DB, clock *Clock) *Banc {
	t.Helper()
	ctx := t.Context()
	box, err := secret.NewBox(Key(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	cles, err := cle.Open(ctx, d, box)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(ctx, d, Key(t, 2), cles, "exemple.test/journal")
	if err != nil {
		t.Fatal(err)
	}
	o, err := outbox.New(outbox.Config{DB: d, Box: box, Expediteur: muet{}, De: "a@exemple.test", Hote: "exemple.test", Log: Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	b := &Banc{
		T: t, DB: d, Clock: clock, Greffe: &mandat.Greffe{Journal: j, Outbox: o, Cles: cles, Service: "Aidants Connect", Origine: "https://aidants.example"},
		Registre: &usager.Registre{Sub: Key(t, 3), Journal: j},
	}
	b.Update(func(tx *db.Tx) error {
		b.Orgs, b.Aidants = nil, nil
		for i, siret := range []string{"73282932000074", "35600000000048"} {
			org, err := organisation.Create(ctx, tx, j, organisation.Nouvelle{Nom: fmt.Sprint("Structure ", i), Siret: siret, Adresse: "1 rue Haute", CodePostal: "80000", Ville: "Amiens"})
			if err != nil {
				return err
			}
			a, err := aidant.Create(ctx, tx, j, aidant.Nouveau{Prenom: "Alix", Nom: "AIDANT", Email: fmt.Sprintf("alix%d@exemple.test", i), Organisation: org.ID})
			if err != nil {
				return err
			}
			b.Orgs, b.Aidants = append(b.Orgs, org), append(b.Aidants, a)
		}
		return mandat.StoreTexte(ctx, tx, mandat.TexteCourant())
	})
	return b
}

// Update runs an act of the test.
func (b *Banc) Update(fn func(tx *db.Tx) error) {
	b.T.Helper()
	if err := b.DB.Update(b.T.Context(), fn); err != nil {
		b.T.Fatal(err)
	}
}

// Actor is the aidant of a structure, signed in.
func (b *Banc) Actor(i int) actor.Actor {
	return actor.Actor{Aidant: b.Aidants[i].ID, Organisation: b.Orgs[i].ID, Session: ident.New[ident.SessionID]()}
}

// Usager receives a person of this sub and family name.
func (b *Banc) Usager(sub, nom string) usager.Usager {
	b.T.Helper()
	r, err := usager.FromFranceConnect(franceconnect.Claims{Sub: sub, GivenName: "Odile", FamilyName: nom, Birthdate: "1951-11-04", Birthplace: "80021", Birthcountry: "99100", Gender: "female", Email: "odile@exemple.test"})
	if err != nil {
		b.T.Fatal(err)
	}
	var u usager.Usager
	b.Update(func(tx *db.Tx) (err error) {
		u, err = b.Registre.Receive(b.T.Context(), tx, r, usager.Acte{Aidant: b.Aidants[0].ID, Organisation: b.Orgs[0].ID, Operation: ident.New[ident.OperationID]()})
		return err
	})
	return u
}

// Projet is a mandat between a structure and a person.
func (b *Banc) Projet(org int, u usager.Usager, ds ...demarche.Demarche) mandat.Projet {
	p := Projet(ds...)
	p.Organisation, p.Aidant, p.Usager, p.IdentiteID, p.Identite = b.Orgs[org].ID, b.Aidants[org].ID, u.ID, u.IdentiteID, u.Identite
	return p
}

// Sign concludes it.
func (b *Banc) Sign(org int, u usager.Usager, d mandat.Duree, ds ...demarche.Demarche) (m mandat.Mandat) {
	b.T.Helper()
	p := b.Projet(org, u, ds...)
	p.Duree = d
	b.Update(func(tx *db.Tx) (err error) {
		m, err = b.Greffe.Sign(b.T.Context(), tx, b.Actor(org), p)
		return err
	})
	return m
}

// Load reads a mandat again.
func (b *Banc) Load(org int, id ident.MandatID) (m mandat.Mandat) {
	b.T.Helper()
	err := b.DB.View(b.T.Context(), func(tx *db.Tx) (err error) {
		m, err = mandat.Load(b.T.Context(), tx, b.Orgs[org].ID, id)
		return err
	})
	if err != nil {
		b.T.Fatal(err)
	}
	return m
}

// Live lists the démarches in force.
func (b *Banc) Live(org int, u usager.Usager) (out []demarche.Demarche) {
	b.T.Helper()
	err := b.DB.View(b.T.Context(), func(tx *db.Tx) error {
		as, err := mandat.LiveAutorisations(b.T.Context(), tx, b.Orgs[org].ID, u.ID)
		out = nil
		for _, a := range as {
			out = append(out, a.Demarche)
		}
		return err
	})
	if err != nil {
		b.T.Fatal(err)
	}
	return out
}

// Lines gives the journal's actions of a mandat, in the order they were written.
func (b *Banc) Lines(id ident.MandatID) []string {
	b.T.Helper()
	ctx := b.T.Context()
	if _, err := b.Greffe.Journal.Sequence(ctx); err != nil {
		b.T.Fatal(err)
	}
	var out []string
	err := b.DB.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT l.action FROM journal_ligne l JOIN journal_rang r ON r.ligne_id = l.id WHERE l.mandat_id = $1 ORDER BY r.rang`, id)
		out, err = db.Collect(rows, err, func(s db.Scanner) (a string, err error) { return a, s.Scan(&a) })
		return err
	})
	if err != nil {
		b.T.Fatal(err)
	}
	return out
}

// Projet is a mandat that may be signed, of people who do not exist.
func Projet(ds ...demarche.Demarche) mandat.Projet {
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
