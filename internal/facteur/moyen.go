package facteur

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"
)

// Genre is what a factor is.
type Genre string

// The kinds of factors. Secours is a recovery code: it opens a session, but is
// not counted as a factor, because it ends.
const (
	Application Genre = fait.FacteurApplication
	Carte       Genre = fait.FacteurCarte
	Passkey     Genre = fait.FacteurPasskey
	Secours     Genre = "secours"
)

// Libelle names a kind for the person.
func (g Genre) Libelle() string {
	switch g {
	case Application:
		return "Application sur téléphone"
	case Carte:
		return "Carte à codes"
	case Passkey:
		return "Clé d’accès"
	}
	return "Code de secours"
}

// facteursMax bounds how many factors one account has.
const facteursMax = 10

// Facteur is a factor as pages show it: nothing secret.
type Facteur struct {
	ID           ident.FacteurID
	Genre        Genre
	Nom          string // given by the person; may be empty
	NumeroSerie  string // of a card of the stock
	Confirme     bool   // false: a linked card, to validate
	Synchronise  bool   // a passkey copied on the person's other devices
	DateCreation time.Time
	DateUsage    time.Time // zero: never
}

// Libelle names the factor for the person and those who manage it.
func (f Facteur) Libelle() string {
	s := f.Genre.Libelle()
	if f.NumeroSerie != "" {
		s += " " + f.NumeroSerie
	}
	if f.Nom != "" {
		s += " « " + f.Nom + " »"
	}
	return s
}

// Moyens is what an account has to prove itself.
type Moyens struct {
	Facteurs   []Facteur // oldest first
	Secours    int       // recovery codes that still serve
	FinSecours time.Time // when they end
	Invitation time.Time // end of a live invitation; zero: none
}

// Confirmed tells whether the account can sign in with a factor (comptes 7.1).
func (m Moyens) Confirmed() bool {
	return slices.ContainsFunc(m.Facteurs, func(f Facteur) bool { return f.Confirme })
}

// Card gives the card of the account, validated or not.
func (m Moyens) Card() (Facteur, bool) {
	i := slices.IndexFunc(m.Facteurs, func(f Facteur) bool { return f.Genre == Carte })
	if i < 0 {
		return Facteur{}, false
	}
	return m.Facteurs[i], true
}

// Codes tells whether the account has a factor that shows six-digit codes.
func (m Moyens) Codes() bool {
	return slices.ContainsFunc(m.Facteurs, func(f Facteur) bool { return f.Confirme && f.Genre != Passkey })
}

// Find gives one factor; one of somebody else is not found.
func (m Moyens) Find(id ident.FacteurID) (Facteur, error) {
	i := slices.IndexFunc(m.Facteurs, func(f Facteur) bool { return f.ID == id })
	if i < 0 {
		return Facteur{}, fault.New(fault.NotFound, "facteur_inconnu")
	}
	return m.Facteurs[i], nil
}

// Removable refuses the last confirmed factor (A-W78). A card that was
// never validated opens nothing, so it can go.
func (m Moyens) Removable(id ident.FacteurID) error {
	f, err := m.Find(id)
	if err != nil || !f.Confirme {
		return err
	}
	for _, other := range m.Facteurs {
		if other.Confirme && other.ID != id {
			return nil
		}
	}
	return fault.New(fault.Conflict, "dernier_facteur")
}

// roomForOne refuses one factor too many.
func (m Moyens) roomForOne() error {
	if len(m.Facteurs) >= facteursMax {
		return fault.New(fault.Conflict, "trop_de_facteurs")
	}
	return nil
}

// Motif is why a factor is removed: a closed list (comptes 3.3, A-W79).
type Motif string

// The reasons.
const (
	Perte             Motif = "perte"
	Casse             Motif = "casse"
	Dysfonctionnement Motif = "dysfonctionnement"
	Depart            Motif = "depart"
	Erreur            Motif = "erreur"
	Autre             Motif = "autre"
)

// Motifs lists the reasons in the order of the forms.
var Motifs = []Motif{Perte, Casse, Dysfonctionnement, Depart, Erreur, Autre}

// Libelle writes a reason for a form.
func (m Motif) Libelle() string {
	switch m {
	case Perte:
		return "Il est perdu ou volé"
	case Casse:
		return "Il est abîmé"
	case Dysfonctionnement:
		return "Il ne fonctionne pas ou plus"
	case Depart:
		return "La personne quitte la structure"
	case Erreur:
		return "Il a été associé à ce compte par erreur"
	case Autre:
		return "Une autre raison"
	}
	return ""
}

// PrecisionMax is how long the text of « autre » may be, in characters.
const PrecisionMax = 500

// Retrait is a removal as it was asked.
type Retrait struct {
	Facteur   ident.FacteurID
	Motif     Motif
	Precision string // what « autre » is: then mandatory, never in the journal
}

// Check gives the request in order, or one message per field.
func (r Retrait) Check() (Retrait, error) {
	r.Precision = strings.TrimSpace(r.Precision)
	f := fault.Fields{}
	switch {
	case !slices.Contains(Motifs, r.Motif):
		f["motif"] = "Choisissez une raison."
	case r.Motif != Autre:
		r.Precision = ""
	case r.Precision == "":
		f["precision"] = "Dites en quelques mots quelle est cette raison."
	case utf8.RuneCountInString(r.Precision) > PrecisionMax:
		f["precision"] = "Dites-le en 500 caractères au plus."
	}
	if len(f) > 0 {
		return r, fault.Form(f)
	}
	return r, nil
}

// NomMax is how long the name of a factor may be.
const NomMax = 60

// checkNom keeps what a person calls a factor, on one line.
func checkNom(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > NomMax {
		return s, fault.Form(fault.Fields{"nom": "Donnez un nom de 60 caractères au plus."})
	}
	return s, nil
}

// formatSecours shows the ten digits of a recovery code in two groups.
func formatSecours(code string) string { return code[:5] + " " + code[5:] }
