// Package renouvellement says when a mandat may be renewed, and when the person
// must prove who they are again (mandats.md 5, 7).
//
// In law: a renewal is a new mandat, agreed to as the first one was (Code
// civil, art. 1984), which revokes the former for the same matter (art. 2006).
// Whoever is known may agree to less or as much without connecting again; to
// agree to more, or after several renewals in a row, the person connects with
// FranceConnect, so that an aidant alone never makes a mandat last for ever.
//
// Tables: renouvellement.
// Journal: init_renew_mandat; mandat writes the signature's lines.
//
// It serves no page: signature does, with the screens of the creation.
package renouvellement

import (
	"slices"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

// Defaut is how many renewals may follow each other without a connection with
// FranceConnect; Plafond is the most an operator may choose.
const (
	Defaut  = 2
	Plafond = 5
)

// The reasons of a refusal.
const (
	RaisonNonRenouvelable = "non_renouvelable"
	RaisonFranceconnect   = "franceconnect_requis"
	RaisonAutrePersonne   = "autre_personne"
)

// Cause is why a renewal needs a connection with FranceConnect.
type Cause string

// The causes; Aucune: it needs none.
const (
	Aucune  Cause = ""
	Elargi  Cause = "elargi"  // more démarches, or longer
	Enchain Cause = "enchain" // too many renewals in a row without one
)

// Demande is what the person would agree to.
type Demande struct {
	Demarches []demarche.Demarche
	Duree     mandat.Duree
}

// Historique is what was renewed between a person and a structure.
type Historique struct {
	Rang       int                     // renewals in a row, without a connection, up to the latest mandat
	Renouveles map[ident.MandatID]bool // mandats that have been renewed already
}

// Kept gives the démarches that a renewal may take over: those that no act
// ended. What the person withdrew is not theirs to be given back silently.
func Kept(m mandat.Mandat) []demarche.Demarche {
	var out []demarche.Demarche
	for _, a := range m.Autorisations {
		if !a.Revoked() {
			out = append(out, a.Demarche)
		}
	}
	return out
}

// Widens tells whether the person would agree to more than before (M-W5).
func Widens(m mandat.Mandat, d Demande) bool {
	return d.Duree.Jours() > m.Jours || len(demarche.Intersect(d.Demarches, Kept(m))) < len(d.Demarches)
}

// Needs tells whether the person must connect with FranceConnect for this
// renewal, and why.
func (h Historique) Needs(m mandat.Mandat, d Demande, limite int) Cause {
	switch {
	case Widens(m, d):
		return Elargi
	case h.Rang >= limite:
		return Enchain
	}
	return Aucune
}

// Left is how many simple renewals remain.
func (h Historique) Left(limite int) int { return max(0, limite-h.Rang) }

// Renewable tells whether this structure may renew this mandat now: the
// predicate of mandats.md 5, and once at most.
func (h Historique) Renewable(m mandat.Mandat, org ident.OrganisationID, now time.Time) bool {
	return m.Renewable(org, now) && !h.Renouveles[m.ID]
}

// Choose gives the mandat that a renewal would take over: the one asked for,
// else the active one that ends last, else the last that expired.
func (h Historique) Choose(ms []mandat.Mandat, org ident.OrganisationID, asked ident.MandatID, now time.Time) (mandat.Mandat, error) {
	all := slices.DeleteFunc(slices.Clone(ms), func(m mandat.Mandat) bool {
		return !h.Renewable(m, org, now) || !asked.IsZero() && m.ID != asked
	})
	if len(all) == 0 {
		return mandat.Mandat{}, fault.New(fault.Conflict, RaisonNonRenouvelable)
	}
	return slices.MaxFunc(all, func(a, b mandat.Mandat) int {
		if x, y := a.Active(now), b.Active(now); x != y {
			if x {
				return 1
			}
			return -1
		}
		return a.DateExpiration.Compare(b.DateExpiration)
	}), nil
}

// Acte is a renewal about to be signed.
type Acte struct {
	Predecesseur  ident.MandatID
	Organisation  ident.OrganisationID
	Usager        ident.UsagerID // who signs
	Demande       Demande
	Franceconnect bool // they connected for this very renewal
	Limite        int
}

// Check refuses what the rules do not allow, with the mandats and the history
// of the moment: a renewal that was allowed when its form was filled may not
// be any more.
func (a Acte) Check(m mandat.Mandat, h Historique, now time.Time) error {
	switch {
	case m.Usager != a.Usager:
		return fault.New(fault.Conflict, RaisonAutrePersonne)
	case !h.Renewable(m, a.Organisation, now):
		return fault.New(fault.Conflict, RaisonNonRenouvelable)
	case !a.Franceconnect && h.Needs(m, a.Demande, a.Limite) != Aucune:
		return fault.New(fault.Conflict, RaisonFranceconnect)
	}
	return nil
}
