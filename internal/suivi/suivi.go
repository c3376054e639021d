// Package suivi keeps what was done under the mandats, beside the journal: the
// matter of the account that the mandataire renders to the usager (Code civil,
// art. 1993), and the order in which people were last helped. It shows a
// structure the people it helps: their list, and for each one the mandats and
// what was done (mandats.md 14).
//
// Tables: usage_mandat, usage_recent.
// URLs: /espace-aidant/usagers/, /espace-aidant/usagers/{usager}/.
// Journal: view_usager.
//
// It decides nothing: no rule reads it. The act that uses a mandat writes here
// and in the journal (fournisseur); those that end one are in mandat.
package suivi

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/usager"
)

// Presence says where the usager was during the use (CNIL's model for social
// workers: je forme, j'accompagne, je fais).
type Presence string

// The three presences.
const (
	Present   Presence = "present"
	Telephone Presence = "telephone"
	Absent    Presence = "absent"
)

// Presences gives them in the order of the form.
func Presences() []Presence { return []Presence{Present, Telephone, Absent} }

// ParsePresence reads the value of a form.
func ParsePresence(s string) (Presence, bool) {
	for _, p := range Presences() {
		if string(p) == s {
			return p, true
		}
	}
	return "", false
}

// Libelle says the presence in French.
func (p Presence) Libelle() string {
	switch p {
	case Present:
		return "La personne est avec moi"
	case Telephone:
		return "Je suis au téléphone avec la personne"
	case Absent:
		return "La personne n'est pas là"
	}
	return ""
}

// Resume says the presence in a list of uses.
func (p Presence) Resume() string {
	switch p {
	case Present:
		return "en présence de la personne"
	case Telephone:
		return "au téléphone avec la personne"
	case Absent:
		return "en l'absence de la personne"
	}
	return ""
}

// Usage is one use of an autorisation.
type Usage struct {
	Operation    ident.OperationID // unique: the act, as in the journal
	Date         time.Time         // set by Record
	Organisation ident.OrganisationID
	Aidant       ident.AidantID
	Usager       ident.UsagerID
	Mandat       ident.MandatID
	Autorisation ident.AutorisationID
	Demarche     demarche.Demarche
	Presence     Presence
}

// Filtre is what the list of usagers shows: a tab, and what narrows it.
type Filtre struct {
	Onglet   mandat.Onglet
	Texte    string            // searched in the names and the birth date
	Demarche demarche.Demarche // "" for all
	Bientot  bool              // expiring within 30 days: the active tab only
	NonSigne bool              // signatures on paper not recorded
}

// rechercheMax bounds a search, in characters.
const rechercheMax = 100

// cleanSearch keeps what can be searched of what was typed.
func cleanSearch(s string) string {
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > rechercheMax {
		return ""
	}
	return s
}

// ParseFiltre reads the parameters of an address or of a form. What is unknown
// narrows nothing. The text comes apart: a name never goes into an address.
func ParseFiltre(v url.Values) Filtre {
	f := Filtre{Onglet: mandat.Actifs, NonSigne: v.Get("papier") == mandat.NonSigne}
	switch o := mandat.Onglet(v.Get("onglet")); o {
	case mandat.Expires, mandat.Revoques:
		f.Onglet = o
	}
	f.Bientot = v.Get("bientot") == "1" && f.Onglet == mandat.Actifs
	f.Demarche, _ = demarche.Parse(v.Get("demarche"))
	return f
}

// Values gives the parameters back.
func (f Filtre) Values() url.Values {
	v := url.Values{}
	if f.Onglet != mandat.Actifs {
		v.Set("onglet", string(f.Onglet))
	}
	if f.Demarche != "" {
		v.Set("demarche", string(f.Demarche))
	}
	if f.Bientot {
		v.Set("bientot", "1")
	}
	if f.NonSigne {
		v.Set("papier", mandat.NonSigne)
	}
	return v
}

// Narrowed tells whether anything but the tab narrows the list.
func (f Filtre) Narrowed() bool {
	return f.Texte != "" || f.Demarche != "" || f.Bientot || f.NonSigne
}

// Aide is a person in a tab, with their mandats of that tab, the next to end
// first. The identity is that of their latest mandat with the structure.
type Aide struct {
	Usager   ident.UsagerID
	Identite usager.Identite // names and birth date only
	Mandats  []Resume
}

// Resume is a mandat in the list.
type Resume struct {
	ID             ident.MandatID
	DateCreation   time.Time
	DateExpiration time.Time
	DateFin        time.Time           // of a mandat ended before its term, else zero
	Demarches      []demarche.Demarche // live; those kept to the end, once expired; all, once revoked
	NonSigne       bool
	Bientot        bool
	Remplace       bool
}

// Compte is how much a tab holds.
type Compte struct {
	Personnes, Mandats int
	Plus               bool // there are more people than that
}

// groupMandats puts a person's mandats in the groups of their page, each in
// one, the outdated in none.
func groupMandats(ms []mandat.Mandat, now time.Time) map[mandat.Onglet][]mandat.Mandat {
	out := map[mandat.Onglet][]mandat.Mandat{}
	for _, m := range ms {
		if o := m.Onglet(now); o != mandat.Aucun {
			out[o] = append(out[o], m)
		}
	}
	return out
}
