// Package referent is the space of the référents (comptes 9): those who answer
// for a structure see its people, its figures without a name, and what there
// is to do; they invite, designate, deactivate, and choose the démarches.
//
// Every route that names a person resolves (référent, current structure,
// person) by one query; no row is a 404, whatever the reason (A-W1, A-W2).
// People and requests are apart, with identifiers of different kinds (A-W3).
// A référent never sees what would sign in as somebody else, nor a
// usager.
//
// It owns no account, no factor and no request: those acts are compte's,
// facteur's and demande's. It owns no table.
//
// URLs: /espace-referent/ and what is under it, but for demande's.
// Journal: export.
package referent

import (
	"slices"
	"strings"
	"time"

	"aidantsconnect/internal/ident"
)

// Etape is where somebody is on the way from an account to a first mandat
// (R1): what is missing, and what to do about it.
type Etape string

// The steps, in order. Faite means that nothing is missing.
const (
	SansFacteur Etape = "sans_facteur"
	Invitee     Etape = "invitee"
	Carte       Etape = "carte_a_valider"
	Connexion   Etape = "jamais_connecte"
	Conditions  Etape = "conditions"
	PremierPas  Etape = "aucun_mandat"
	Faite       Etape = "faite"
)

// Libelle says what is missing.
func (e Etape) Libelle() string {
	switch e {
	case SansFacteur:
		return "N’a pas encore de moyen de connexion"
	case Invitee:
		return "Est invité à associer son application"
	case Carte:
		return "Sa carte est liée, elle n’est pas encore validée"
	case Connexion:
		return "Ne s’est pas encore connecté"
	case Conditions:
		return "N’a pas encore accepté les conditions d’utilisation"
	case PremierPas:
		return "N’a pas encore conclu de mandat ici"
	}
	return "A commencé à utiliser le service"
}

// Conseil says what the référent can do about it.
func (e Etape) Conseil() string {
	switch e {
	case SansFacteur:
		return "Invitez la personne à associer une application : elle le fait seule, en cinq minutes."
	case Invitee:
		return "La personne a reçu un courriel. Donnez-lui le code d’activation ; s’il est perdu, invitez-la de nouveau."
	case Carte:
		return "Faites-lui lire un code de sa carte et validez-la."
	case Connexion:
		return "Convenez d’un moment pour la première connexion, avec elle si possible."
	case Conditions:
		return "Rappelez-lui de se connecter : les conditions s’affichent d’elles-mêmes."
	case PremierPas:
		return "Proposez-lui de préparer un premier mandat avec un collègue."
	}
	return ""
}

// Facteur is a means to sign in, as a référent may know it: never its secret.
type Facteur struct {
	ID       ident.FacteurID
	Genre    string // application, carte, passkey
	Confirme bool
}

// Membre is a person of the structure, with what a référent may know.
type Membre struct {
	ID                  ident.AidantID
	Prenom, Nom         string
	Email, Profession   string
	Actif, Habilite     bool
	Referent, NonAidant bool // Referent: of this structure
	Equipe              bool // of the operator's team: no act of a référent touches it
	Moi                 bool // the référent who looks
	Depuis              time.Time
	DateConnexion       time.Time
	Invite              bool // to enrol an application, and the invitation still serves
	Facteurs            []Facteur
	CGU                 bool
	AMandat             bool // concluded a mandat here
	Structures          int  // memberships in force
}

// NomComplet is "Prénom NOM".
func (m Membre) NomComplet() string { return m.Prenom + " " + m.Nom }

// Utilisable tells whether a means to sign in is ready.
func (m Membre) Utilisable() bool {
	return slices.ContainsFunc(m.Facteurs, func(f Facteur) bool { return f.Confirme })
}

// CarteAValider tells whether a card waits for its first code (A-W43).
func (m Membre) CarteAValider() bool {
	return slices.ContainsFunc(m.Facteurs, func(f Facteur) bool { return f.Genre == "carte" && !f.Confirme })
}

// Etape tells what is missing. A référent who helps nobody has no mandat to
// conclude.
func (m Membre) Etape() Etape {
	switch {
	case !m.Utilisable() && m.CarteAValider():
		return Carte
	case !m.Utilisable() && m.Invite:
		return Invitee
	case !m.Utilisable():
		return SansFacteur
	case m.DateConnexion.IsZero():
		return Connexion
	case !m.CGU:
		return Conditions
	case m.Habilite && !m.AMandat:
		return PremierPas
	}
	return Faite
}

// Geste is an act of a référent on a person.
type Geste string

// The acts.
const (
	Inviter    Geste = "inviter"
	Lier       Geste = "lier"
	Valider    Geste = "valider"
	Retirer    Geste = "retirer" // a factor
	Designer   Geste = "designer"
	Demettre   Geste = "demettre" // the role of référent
	Desactiver Geste = "desactiver"
	Reactiver  Geste = "reactiver"
	Rattacher  Geste = "rattacher" // choose the structures
)

// Permet tells whether an act may be offered, by the rules of comptes 7.4 and
// 9.4; it is asked again inside the act. autres is how many other active
// référents the structure has.
func (m Membre) Permet(g Geste, autres int) bool {
	if m.Equipe {
		return false
	}
	switch g {
	case Reactiver:
		return !m.Actif
	case Retirer: // a deactivated account may lose a factor, and nothing else
		return !m.Moi && len(m.Facteurs) > 0
	case Valider:
		return m.Actif && m.CarteAValider()
	case Lier:
		return m.Actif && !slices.ContainsFunc(m.Facteurs, func(f Facteur) bool { return f.Genre == "carte" })
	case Inviter:
		return m.Actif && !m.Moi
	case Designer:
		return m.Actif && m.Habilite && !m.Moi && !m.Referent
	case Demettre:
		return m.Referent && !m.Moi && autres > 0
	case Desactiver:
		return m.Actif && !m.Moi && (!m.Referent || autres > 0)
	case Rattacher:
		return m.Actif && !m.Moi
	}
	return false
}

// Onglet is a tab of the list of the people.
type Onglet string

// The tabs.
const (
	Actifs     Onglet = "actifs"
	Demandes   Onglet = "demandes"
	Desactives Onglet = "desactives"
)

// ParseOnglet reads the address; what is unknown is the first tab.
func ParseOnglet(s string) Onglet {
	switch o := Onglet(s); o {
	case Demandes, Desactives:
		return o
	}
	return Actifs
}

// Periode is how far back the figures go.
type Periode struct {
	Cle     string
	Libelle string
	Mois    int // months, the current one included
}

// Periodes are offered in this order; the first is shown.
var Periodes = []Periode{
	{"12m", "12 derniers mois", 12},
	{"3m", "3 derniers mois", 3},
	{"1m", "Ce mois-ci", 1},
}

// ParsePeriode reads the address; what is unknown is the first.
func ParsePeriode(s string) Periode {
	for _, p := range Periodes {
		if p.Cle == s {
			return p
		}
	}
	return Periodes[0]
}

// parseFacteurs reads the factors of a row: "id:genre:1,id:genre:0".
func parseFacteurs(s string) (out []Facteur) {
	for one := range strings.SplitSeq(s, ",") {
		p := strings.Split(one, ":")
		if len(p) != 3 {
			continue
		}
		id, ok := ident.Parse[ident.FacteurID](p[0])
		if ok {
			out = append(out, Facteur{ID: id, Genre: p[1], Confirme: p[2] == "1"})
		}
	}
	slices.SortFunc(out, func(a, b Facteur) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	return out
}
