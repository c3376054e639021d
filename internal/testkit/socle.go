package testkit

import (
	"testing"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Socle is what a slice needs under it: keys, journal, factors.
type Socle struct {
	DB         *db.DB
	Champs     *secret.Box
	Sub        secret.Key
	Empreintes secret.Key
	Cles       *cle.Trousseau
	Journal    *journal.Journal
	Facteurs   *facteur.Coffre
	Outbox     *outbox.Outbox
	Courriels  string // folder where sent messages are written
}

// Origine is the public address of the slices' tests.
const Origine = "https://essais.example"

// NewSocle makes one with fresh keys.
func NewSocle(t testing.TB, d *db.DB) Socle {
	t.Helper()
	box, err := secret.NewBox(secret.RandomKey())
	if err != nil {
		t.Fatal(err)
	}
	cles, err := cle.Open(t.Context(), d, box)
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), d, secret.RandomKey(), cles, "essais.example/journal")
	if err != nil {
		t.Fatal(err)
	}
	s := Socle{DB: d, Champs: box, Sub: secret.RandomKey(), Empreintes: secret.RandomKey(), Cles: cles, Journal: j, Courriels: t.TempDir()}
	s.Outbox, err = outbox.New(outbox.Config{DB: d, Box: box, Expediteur: outbox.Dossier{Chemin: s.Courriels}, De: "Aidants Connect <connexion@essais.example>", Hote: "essais.example", Log: Log(t)})
	if err != nil {
		t.Fatal(err)
	}
	s.Facteurs = &facteur.Coffre{Champs: box, Journal: j, Outbox: s.Outbox, Empreintes: s.Empreintes, Site: web.Site{Nom: "Aidants Connect", Origine: Origine}}
	return s
}

// Compte is an account of a test with its structure and its TOTP secret.
type Compte struct {
	Aidant       aidant.Aidant
	Organisation organisation.Organisation
	Graine       []byte
}

// NewCompte records a structure and an aidant with a confirmed factor.
func (s Socle) NewCompte(t testing.TB, email, siret string) Compte {
	t.Helper()
	c := Compte{Graine: secret.Random(facteur.GraineTaille)}
	ctx := t.Context()
	err := s.DB.Update(ctx, func(tx *db.Tx) (err error) {
		c.Organisation, err = organisation.Create(ctx, tx, s.Journal, organisation.Nouvelle{
			Nom: "Structure " + siret, Siret: siret, Adresse: "1 rue des Essais", CodePostal: "80000", Ville: "Valbrune",
		})
		if err != nil {
			return err
		}
		c.Aidant, err = aidant.Create(ctx, tx, s.Journal, aidant.Nouveau{Prenom: "Camille", Nom: "Essai", Email: email, Organisation: c.Organisation.ID})
		if err != nil {
			return err
		}
		return s.Facteurs.EnrolApplication(ctx, tx, c.Aidant.ID, c.Graine)
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The SIRET numbers of tests: valid, of nobody.
const (
	Siret1 = "21800021900012"
	Siret2 = "26590350400016"
)

// NewOperation makes an operation identifier.
func NewOperation() ident.OperationID { return ident.New[ident.OperationID]() }
