package mandat

import (
	"context"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
)

// ProjetTest is a right project.
func ProjetTest(ds ...demarche.Demarche) Projet { return projet(ds...) }

// Store writes a mandat without the rules of Sign.
func (g *Greffe) Store(ctx context.Context, tx *db.Tx, m Mandat, p Projet) error {
	piece, err := g.seal(&m, p)
	if err != nil {
		return err
	}
	if err := lockRelation(ctx, tx, m); err != nil {
		return err
	}
	if err := insertMandat(ctx, tx, m, piece); err != nil {
		return err
	}
	for _, a := range m.Autorisations {
		if err := insertAutorisation(ctx, tx, a); err != nil {
			return err
		}
	}
	return nil
}

// InsertAutorisation is insertAutorisation.
func InsertAutorisation(ctx context.Context, tx *db.Tx, a Autorisation) error {
	return insertAutorisation(ctx, tx, a)
}

// Situation is one line of the table of mandats.md 5.
type Situation struct {
	Nom     string
	Expire  time.Duration // from now
	Fins    []FinTest     // one per autorisation
	Onglet  Onglet
	Etat    string
	Renew   bool
	Restant string
}

// FinTest is the end of one autorisation.
type FinTest struct {
	Motif Motif         // "" open
	Il    time.Duration // how long ago
}

const h24 = 24 * time.Hour

var (
	ouvertes = FinTest{}
	// Situations are the whole table.
	Situations = []Situation{
		{"valid, 3 live", 100 * h24, []FinTest{ouvertes, ouvertes, ouvertes}, Actifs, "Actif", true, "100 jours"},
		{"valid, 1 live 1 revoked", 100 * h24, []FinTest{ouvertes, {RevoqueUsager, h24}}, Actifs, "Actif", true, "100 jours"},
		{"valid, all revoked", 100 * h24, []FinTest{{RevoqueUsager, h24}, {Renonciation, 2 * h24}}, Revoques, "Révoqué", false, ""},
		{"valid, all replaced", 100 * h24, []FinTest{{Remplace, h24}, {Remplace, 2 * h24}}, Revoques, "Remplacé", false, ""},
		{"valid, revoked and replaced", 100 * h24, []FinTest{{Remplace, h24}, {RevoqueUsager, 2 * h24}}, Revoques, "Révoqué", false, ""},
		{"expired 5 d, live until then, not closed yet", -5 * h24, []FinTest{ouvertes}, Expires, "Expiré", true, ""},
		{"expired 5 d, closed", -5 * h24, []FinTest{{Expire, 5 * h24}}, Expires, "Expiré", true, ""},
		{"expired 5 d, all revoked before", -5 * h24, []FinTest{{RevoqueUsager, 8 * h24}}, Revoques, "Révoqué", false, ""},
		{"expired 5 d, one revoked before", -5 * h24, []FinTest{{RevoqueUsager, 8 * h24}, {Expire, 5 * h24}}, Expires, "Expiré", true, ""},
		{"expired 365 d", -365 * h24, []FinTest{{Expire, 365 * h24}}, Expires, "Expiré", true, ""},
		{"expired 365 d and 1 ms", -365*h24 - time.Millisecond, []FinTest{{Expire, 365*h24 + time.Millisecond}}, Aucun, "Expiré", false, ""},
		{"expired 400 d", -400 * h24, []FinTest{{Expire, 400 * h24}}, Aucun, "Expiré", false, ""},
		{"expired 1 d, revoked 366 d ago", -h24, []FinTest{{RevoqueUsager, 366 * h24}}, Aucun, "Révoqué", false, ""},
		{"valid, 1 live, 1 revoked 400 d ago", 10 * h24, []FinTest{ouvertes, {RevoqueUsager, 400 * h24}}, Actifs, "Expire bientôt", true, "10 jours"},
		{"29 d left", 30*h24 - time.Millisecond, []FinTest{ouvertes}, Actifs, "Expire bientôt", true, "29 jours"},
		{"exactly 30 d left", 30 * h24, []FinTest{ouvertes}, Actifs, "Actif", true, "30 jours"},
		{"one day left", 25 * time.Hour, []FinTest{ouvertes}, Actifs, "Expire bientôt", true, "1 jour"},
		{"last hour", time.Hour, []FinTest{ouvertes}, Actifs, "Expire bientôt", true, "moins d'un jour"},
		{"the exact instant", 0, []FinTest{ouvertes}, Actifs, "Expire bientôt", true, "moins d'un jour"},
		{"one millisecond past", -time.Millisecond, []FinTest{ouvertes}, Expires, "Expiré", true, ""},
	}
)

func (s Situation) mandat(now time.Time) Mandat {
	m := Mandat{ID: ident.New[ident.MandatID](), Organisation: ident.New[ident.OrganisationID](), DateExpiration: now.Add(s.Expire), DateCreation: now.Add(-800 * h24)}
	for _, f := range s.Fins {
		a := Autorisation{DateExpiration: m.DateExpiration, FinMotif: f.Motif}
		if f.Motif != "" {
			a.Fin = now.Add(-f.Il)
		}
		m.Autorisations = append(m.Autorisations, a)
	}
	return m
}
