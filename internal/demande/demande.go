// Package demande holds what référents ask: to attach an aidant who works
// elsewhere (rattachement), a référent who is no aidant (coreferent), a
// correction of their structure; the pages that add people lead to the first.
// The aidant decides first, then the operator's team, through Decisions.
//
// Nothing here tells whether an address has an account beyond the référent's
// own structures (A-W74, decision 0065).
//
// Tables: rattachement, rattachement_depart, coreferent, correction_structure,
// ajout_brouillon.
// URLs: /espace-referent/aidant/ajouter/…, /espace-referent/referents/demander/
// and demande/…, /espace-referent/organisation/correction/…,
// /espace-referent/demande-changement-structure/…, /espace-aidant/rattachements/….
// Journal: change_structure, change_coreferent, change_correction.
package demande

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/organisation"
)

// Genre is what a request asks for.
type Genre string

// The kinds, in the order of the pages.
const (
	DeRattachement Genre = "rattachement"
	DeCoreferent   Genre = "coreferent"
	DeCorrection   Genre = "correction"
)

// Genres lists them.
func Genres() []Genre { return []Genre{DeRattachement, DeCoreferent, DeCorrection} }

// Libelle names a kind.
func (g Genre) Libelle() string {
	switch g {
	case DeRattachement:
		return "Rattachement"
	case DeCoreferent:
		return "Co-référent"
	case DeCorrection:
		return "Correction de structure"
	}
	return string(g)
}

// Etat is where a request is.
type Etat string

// The states. Confirmee is of a rattachement only: the aidant agreed.
const (
	Demandee  Etat = "demandee"
	Confirmee Etat = "confirmee"
	Validee   Etat = "validee"
	Refusee   Etat = "refusee"
	Annulee   Etat = "annulee"
)

// Libelle says the state of a request to the référent.
func (e Etat) Libelle() string {
	switch e {
	case Demandee:
		return "En attente"
	case Confirmee:
		return "Acceptée par la personne, à valider par le service"
	case Validee:
		return "Validée"
	case Refusee:
		return "Sans suite"
	case Annulee:
		return "Annulée"
	}
	return string(e)
}

// DelaiRattachement is how long a request waits for an answer before it is
// closed without a word on why.
const DelaiRattachement = 7 * 24 * time.Hour

// Rattachement is a request to attach an aidant who works elsewhere. What the
// référent sees of it never tells whether an account exists (A-W74): it waits,
// then it is without a follow-up, unless the person says yes.
type Rattachement struct {
	ID           ident.RattachementID
	Organisation ident.OrganisationID
	Structure    string // its name
	Referent     ident.AidantID
	Demandeur    string // the name of the référent
	Email        string
	NouvelEmail  string
	Aidant       ident.AidantID // zero: nobody yet
	Etat         Etat
	Reponse      string // "", oui, non
	Explication  string // what the team answered, refusing
	DateCreation time.Time
	DateFin      time.Time
	Departs      []ident.OrganisationID // the structures the person chose to leave
}

// Coreferent is a request for a référent who will not be an aidant.
type Coreferent struct {
	ID                      ident.CoreferentID
	Organisation            ident.OrganisationID
	Structure               string
	Referent                ident.AidantID
	Prenom, Nom, Profession string
	Email, Telephone        string
	Etat                    Etat
	Reponse                 string
	DateCreation, DateFin   time.Time
}

// Check gives the normalised request, or one message per wrong field. The
// mobile is needed: the first connection goes through it (comptes 2.3).
func (c Coreferent) Check() (Coreferent, error) {
	f := fault.Fields{}
	n, err := aidant.Nouveau{
		Prenom: c.Prenom, Nom: c.Nom, Email: c.Email, Profession: c.Profession, Telephone: c.Telephone,
		Organisation: c.Organisation, Referent: true, NonAidant: true,
	}.Check()
	for k, v := range fault.FieldsOf(err) {
		f[k] = v
	}
	c.Prenom, c.Nom, c.Email, c.Profession, c.Telephone = n.Prenom, n.Nom, n.Email, n.Profession, n.Telephone
	for k, v := range map[string]string{"prenom": c.Prenom, "nom": c.Nom, "profession": c.Profession} {
		if len(v) > 150 {
			f[k] = "Écrivez moins de 150 caractères."
		}
	}
	if c.Profession == "" {
		f["profession"] = "Indiquez la profession."
	}
	if strings.TrimSpace(c.Telephone) == "" {
		f["telephone"] = "Indiquez un mobile : il sert à la première connexion."
	}
	if len(f) > 0 {
		return c, fault.Form(f)
	}
	return c, nil
}

// Correction is a correction of the structure that a référent proposes.
type Correction struct {
	ID           ident.CorrectionID
	Organisation ident.OrganisationID
	Structure    string
	Referent     ident.AidantID
	organisation.Coordonnees
	Etat                  Etat
	Reponse               string
	DateCreation, DateFin time.Time
}

// Connu is what the référent's own reach tells of an address, read in the
// transaction of the act. What lies beyond that reach is not in it.
type Connu struct {
	Ici      bool // a member of the current structure
	IciFerme bool // whose account is closed
	Encadre  bool // a member of another structure of the same référent
	Habilite bool // when Encadre
	Ouvert   bool // when Encadre
	EnCours  bool // a live request exists here
}

// Suite is what adding an address leads to.
type Suite string

// What follows: at once, or a request whose outcome nobody can foresee.
const (
	Immediat Suite = "immediat"
	Neutre   Suite = "neutre"
)

// Suivre decides what follows an address, or says why nothing does. Only what
// lies within the référent's reach gives anything but the neutral answer
// (A-W74).
func (c Connu) Suivre() (Suite, string) {
	switch {
	case c.IciFerme:
		return "", "cette personne est dans votre structure, son compte est désactivé : réactivez-le."
	case c.Ici:
		return "", "cette personne est déjà dans votre structure."
	case c.EnCours:
		return "", "une demande est déjà en cours pour cette adresse."
	case c.Encadre && !c.Ouvert:
		return "", "le compte de cette personne est désactivé dans une autre de vos structures : réactivez-le d’abord."
	case c.Encadre && !c.Habilite:
		return "", "cette personne est référente sans être aidante : elle n’est pas habilitée à conclure des mandats."
	case c.Encadre:
		return Immediat, ""
	}
	return Neutre, ""
}

// adressesMax bounds one list.
const adressesMax = 20

func lineError(i int, s string) string { return "Ligne " + strconv.Itoa(i+1) + " : " + s }

// parseAdresses reads one address per line, and says what is wrong with them by
// themselves, one message per line at most.
func parseAdresses(text string) (all []string, fautes []string) {
	for i, l := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
		if strings.TrimSpace(l) == "" {
			continue
		}
		email, ok := aidant.NormalizeEmail(l)
		switch {
		case !ok:
			fautes = append(fautes, lineError(i, "ce n’est pas une adresse électronique."))
		case slices.Contains(all, email):
			fautes = append(fautes, lineError(i, "cette adresse est déjà dans la liste."))
		}
		all = append(all, email)
	}
	switch {
	case len(all) == 0:
		fautes = append(fautes, "Indiquez au moins une adresse.")
	case len(all) > adressesMax:
		fautes = []string{"Indiquez 20 adresses au plus à la fois."}
	}
	return all, fautes
}
