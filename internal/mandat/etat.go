package mandat

import (
	"fmt"
	"slices"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
)

// Motif is why an autorisation or a mandat ended (Code civil, art. 2003).
type Motif string

// The reasons. RevoqueOrganisation exists on imported rows only: a mandataire
// does not revoke, it renounces (art. 2007).
const (
	RevoqueUsager       Motif = "revoque_usager"
	Renonciation        Motif = "renonciation"
	RevoqueOrganisation Motif = "revoque_organisation"
	DemarchesAccomplies Motif = "demarches_accomplies"
	Expire              Motif = "expire"
	Remplace            Motif = "remplace"
	Deces               Motif = "deces"
	Protection          Motif = "protection"
	Transfere           Motif = "transfere"
	Fermeture           Motif = "fermeture"
)

var motifs = map[Motif]string{
	RevoqueUsager:       "révoqué à la demande de la personne",
	Renonciation:        "la structure y a renoncé",
	RevoqueOrganisation: "révoqué par la structure",
	DemarchesAccomplies: "démarches accomplies",
	Expire:              "arrivé à son terme",
	Remplace:            "remplacé par un nouveau mandat",
	Deces:               "décès",
	Protection:          "mesure de protection",
	Transfere:           "transféré à une autre structure",
	Fermeture:           "fermeture de la structure",
}

// Libelle says the reason in French.
func (m Motif) Libelle() string { return motifs[m] }

// Motifs gives every reason, in the order of the law's list.
func Motifs() []Motif {
	return []Motif{
		RevoqueUsager, Renonciation, RevoqueOrganisation, DemarchesAccomplies, Expire,
		Remplace, Deces, Protection, Transfere, Fermeture,
	}
}

// The windows of mandats.md 5.
const (
	unJour  = 24 * time.Hour
	bientot = 30 * unJour
	visible = 365 * unJour
)

// Expired tells whether now is past the end; the exact instant is still inside.
func (m Mandat) Expired(now time.Time) bool { return now.After(m.DateExpiration) }

// Live tells whether this autorisation can be used at now, as far as the
// mandat itself is concerned.
func (a Autorisation) Live(now time.Time) bool {
	return a.Fin.IsZero() && !now.After(a.DateExpiration)
}

// Revoked tells whether it ended before its expiry, by any act. It stays so
// after the expiry date (mandats.md 3.3).
func (a Autorisation) Revoked() bool { return !a.Fin.IsZero() && a.FinMotif != Expire }

// Live gives the autorisations that can be used at now, in stored order.
func (m Mandat) Live(now time.Time) []Autorisation {
	var out []Autorisation
	for _, a := range m.Autorisations {
		if a.Live(now) {
			out = append(out, a)
		}
	}
	return out
}

// Covers tells whether the mandat allows this démarche at now (art. 1989).
func (m Mandat) Covers(d demarche.Demarche, now time.Time) bool {
	return slices.ContainsFunc(m.Live(now), func(a Autorisation) bool { return a.Demarche == d })
}

// Demarches gives every démarche of the mandat, in stored order.
func (m Mandat) Demarches() []demarche.Demarche {
	out := make([]demarche.Demarche, len(m.Autorisations))
	for i, a := range m.Autorisations {
		out[i] = a.Demarche
	}
	return out
}

// Active: not expired and at least one live autorisation.
func (m Mandat) Active(now time.Time) bool { return len(m.Live(now)) > 0 }

// FullyRevoked: all its autorisations ended before the expiry, whatever the
// date now.
func (m Mandat) FullyRevoked() bool {
	return !slices.ContainsFunc(m.Autorisations, func(a Autorisation) bool { return !a.Revoked() })
}

// DateRevocation is the latest end if the mandat is fully revoked, else zero.
func (m Mandat) DateRevocation() time.Time {
	var last time.Time
	if !m.FullyRevoked() {
		return last
	}
	for _, a := range m.Autorisations {
		if a.Fin.After(last) {
			last = a.Fin
		}
	}
	return last
}

// Replaced: fully revoked by supersession only; it has its own label.
func (m Mandat) Replaced() bool {
	return m.FullyRevoked() && !slices.ContainsFunc(m.Autorisations, func(a Autorisation) bool { return a.FinMotif != Remplace })
}

// Ended is the instant the whole mandat ceased, zero while it is active.
func (m Mandat) Ended(now time.Time) time.Time {
	if m.FullyRevoked() {
		return m.DateRevocation()
	}
	if m.Expired(now) {
		return m.DateExpiration
	}
	return time.Time{}
}

// Outdated: ended more than 365 days ago; no list shows it any more.
func (m Mandat) Outdated(now time.Time) bool {
	e := m.Ended(now)
	return !e.IsZero() && now.Sub(e) > visible
}

// ExpiresSoon: active, and less than 30 days left.
func (m Mandat) ExpiresSoon(now time.Time) bool {
	return m.Active(now) && m.DateExpiration.Add(-bientot).Before(now)
}

// Renewable: of this structure, and active, or expired at most 365 days ago
// without having been fully revoked (M-W6, M-W53).
func (m Mandat) Renewable(o ident.OrganisationID, now time.Time) bool {
	if m.Organisation != o || m.FullyRevoked() {
		return false
	}
	return m.Active(now) || m.Expired(now) && !m.Outdated(now)
}

// Restant is the remaining time shown: "12 jours", "moins d'un jour", or
// nothing for an ended mandat.
func (m Mandat) Restant(now time.Time) string {
	if !m.Active(now) {
		return ""
	}
	left := m.DateExpiration.Sub(now)
	switch n := int(left / unJour); {
	case n < 1:
		return "moins d'un jour"
	case n == 1:
		return "1 jour"
	default:
		return fmt.Sprintf("%d jours", n)
	}
}

// Onglet is the tab of the lists that shows a mandat: each is in exactly one,
// or in none when it is outdated.
type Onglet string

// The tabs.
const (
	Actifs   Onglet = "actifs"
	Expires  Onglet = "expires"
	Revoques Onglet = "revoques"
	Aucun    Onglet = ""
)

// Onglet gives the mandat's tab at now.
func (m Mandat) Onglet(now time.Time) Onglet {
	switch {
	case m.Outdated(now):
		return Aucun
	case m.FullyRevoked():
		return Revoques
	case m.Expired(now):
		return Expires
	}
	return Actifs
}

// SeparatelyRevoked: it ended by its own act and not by the act that ended the
// whole mandat: decided by the act, not by dates (mandats.md 3.3).
func (a Autorisation) SeparatelyRevoked() bool { return a.Revoked() && !a.FinEntiere }

// EtatAffiche is the state of one démarche, in French.
func (a Autorisation) EtatAffiche(now time.Time) string {
	switch {
	case a.Revoked():
		return "Terminée le " + DateHeure(a.Fin) + " : " + a.FinMotif.Libelle()
	case a.Live(now):
		return "En cours jusqu'au " + DateHeure(a.DateExpiration)
	}
	return "Arrivée à son terme le " + DateHeure(a.DateExpiration)
}

// EtatAffiche is the mandat's state in one word or two: "Actif", "Expire
// bientôt", "Expiré", "Révoqué", "Remplacé", "Transféré".
func (m Mandat) EtatAffiche(now time.Time) string {
	switch {
	case m.Replaced():
		return "Remplacé"
	case m.Transferred():
		return "Transféré"
	case m.FullyRevoked():
		return "Révoqué"
	case m.Expired(now):
		return "Expiré"
	case m.ExpiresSoon(now):
		return "Expire bientôt"
	}
	return "Actif"
}

// EndedBy gives what one act ended, in stored order: the act tells, not the
// dates (mandats.md 9).
func (m Mandat) EndedBy(op ident.OperationID) []Autorisation {
	return slices.DeleteFunc(slices.Clone(m.Autorisations), func(a Autorisation) bool { return op.IsZero() || a.FinOperation != op })
}

// Concluded says how the mandat was made.
func (m Mandat) Concluded() string {
	switch {
	case m.Accord.Methode() != "":
		return m.Accord.Presence.Libelle() + ", accord " + m.Accord.Moyen.Libelle()
	case !m.ADistance:
		return "en présence de la personne"
	case m.Methode == SMS:
		return "à distance, accord par SMS"
	}
	return "à distance"
}
