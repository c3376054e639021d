// Package histoire tells, in order, what the structure and a person have lived
// together: mandats, what was done in the person's name, renewals, ends,
// messages sent to them, and who read what. It prints, and a copy can be taken.
//
// In law, the mandataire renders account (Code civil, art. 1993): the relevé is
// that account on paper, for who has no screen (L-05). The story is the journal
// in plain French (recit), of this structure and this person only; it opens to
// whom the fiche opens, and closes with it (A-W15, A-W16).
//
// It owns no table and decides nothing. It reads the journal, and the names of
// the people of the structure.
// URLs: /espace-aidant/usagers/{usager}/histoire/, …histoire.csv,
// …histoire.json, …releve/.
// Journal: view_usager, print_releve, export.
package histoire

import (
	"slices"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/recit"
	"aidantsconnect/internal/suivi"
)

// Etape is one act of the story.
type Etape struct {
	ID     ident.LigneID
	Date   time.Time
	Groupe recit.Groupe
	Phrase string
	Par    string // who acted, in words
	Mandat ident.MandatID
}

// redite tells the acts that another one says: the démarches of a mandat are
// in the line of its signature.
func redite(action string) bool { return action == "create_autorisation" }

// shown keeps the mandats that the structure's pages still show (mandats.md
// 14): what was done under the others is out of the story.
func shown(ms []mandat.Mandat, now time.Time) []mandat.Mandat {
	return slices.DeleteFunc(slices.Clone(ms), func(m mandat.Mandat) bool { return m.Onglet(now) == mandat.Aucun })
}

// Compte is the account of one mandat: what was done with it, in order.
type Compte struct {
	Mandat mandat.Mandat
	Faits  []suivi.Fait
}

// accounts puts what was done under each mandat, the oldest first: an account
// is read as it happened.
func accounts(ms []mandat.Mandat, fs []suivi.Fait) []Compte {
	out := make([]Compte, 0, len(ms))
	for _, m := range slices.Backward(ms) {
		c := Compte{Mandat: m}
		for _, f := range slices.Backward(fs) {
			if f.Mandat == m.ID {
				c.Faits = append(c.Faits, f)
			}
		}
		out = append(out, c)
	}
	return out
}

// titles lists the démarches of a mandat.
func titles(ds []demarche.Demarche) []string {
	out := make([]string, 0, len(ds))
	for _, d := range ds {
		out = append(out, d.Titre())
	}
	return out
}
