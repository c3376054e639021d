// Package mandat holds the contract between an usager and a structure: its
// conclusion, its attestation, its states, the rows of its ends (mandats.md 1-5,
// 8-11).
//
// In law: the mandat is formed by the structure's acceptance (Code civil,
// art. 1985), which is the récapitulatif's POST; it lists precise démarches
// (art. 1987), lasts a year at most (L-16) and belongs to the structure, not
// to the aidant. A signed mandat never changes: its text, its document and
// its canonical record are kept as they were signed, and its status is derived
// from the ends of its autorisations.
//
// Tables: mandat_texte, mandat_relation, mandat, mandat_document, mandat_fin,
// autorisation.
// URLs: /espace-aidant/creation_mandat/visualisation/final/{mandat},
// /espace-aidant/mandats/{mandat}/visualisation.
// Journal: create_attestation, create_autorisation, cancel_autorisation,
// supersede_mandat, end_mandat (at the term), view_mandat,
// update_email_usager, notify_usager.
//
// It does not lead to the signature (signature does: form, FranceConnect,
// récapitulatif, code), does not end a mandat before its term (fin does) and
// does not use one (fournisseur does).
package mandat

import (
	"slices"
	"time"
	_ "time/tzdata" // Europe/Paris on any machine

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/usager"
)

// Paris is the legal time of every printed date and hour (mandats.md 4.2).
var Paris = mustParis()

func mustParis() *time.Location {
	l, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err) // embedded: cannot happen
	}
	return l
}

// DateHeure writes an instant in legal time: "21/11/2026 à 10h05".
func DateHeure(t time.Time) string { return t.In(Paris).Format("02/01/2006 à 15h04") }

// Date writes the legal day of an instant: "21/11/2026".
func Date(t time.Time) string { return t.In(Paris).Format("02/01/2006") }

// Duree is the keyword of a duration (mandats.md 4.2).
type Duree string

// The durations. Urgence2020 is read on imported mandats, never chosen.
const (
	Jour        Duree = "SHORT"
	Mois        Duree = "MONTH"
	Semestre    Duree = "SEMESTER"
	Annee       Duree = "LONG"
	Urgence2020 Duree = "EUS_03_20"
)

// Durees gives the four durations that can be chosen, in form order.
func Durees() []Duree { return []Duree{Jour, Mois, Annee, Semestre} }

// ParseDuree reads a keyword that can be chosen; another one is a field error (M-W35).
func ParseDuree(s string) (Duree, error) {
	if s == "" {
		return "", fault.Form(fault.Fields{"duree": "Veuillez sélectionner la durée du mandat."})
	}
	if !slices.Contains(Durees(), Duree(s)) {
		return "", fault.Form(fault.Fields{"duree": "Sélectionnez un choix valide. " + s + " n'en fait pas partie."})
	}
	return Duree(s), nil
}

// Jours is the number of days journaled and printed: the table's, never
// recomputed from instants (M-W58). 0 for Urgence2020, whose mandats store theirs.
func (d Duree) Jours() int {
	switch d {
	case Jour:
		return 1
	case Mois:
		return 31
	case Semestre:
		return 182
	case Annee:
		return 365
	}
	return 0
}

// Libelle is the label stored and printed.
func (d Duree) Libelle() string {
	switch d {
	case Jour:
		return "pour une durée de 1 jour"
	case Mois:
		return "pour une durée d'un mois (31 jours)"
	case Semestre:
		return "pour une durée de six mois (182 jours)"
	case Annee:
		return "pour une durée de 1 an"
	case Urgence2020:
		return "jusqu'à la fin de l'état d'urgence sanitaire"
	}
	return ""
}

// Choix is the label on the form, "" for a duration that cannot be chosen.
func (d Duree) Choix() string {
	switch d {
	case Jour:
		return "Mandat court — expire demain"
	case Mois:
		return "Mandat d'un mois — 31 jours"
	case Semestre:
		return "Mandat de 6 mois — 182 jours"
	case Annee:
		return "Mandat long — 12 mois"
	}
	return ""
}

// Expiration is now + N × 24 h, not rounded: a change of hour shifts the wall
// clock by one (mandats.md 4.2).
func (d Duree) Expiration(now time.Time) time.Time {
	return now.Add(time.Duration(d.Jours()) * 24 * time.Hour)
}

// Methode is how the consent was given at a distance; "" when the usager is
// present (mandats.md 4.3).
type Methode string

// The methods.
const (
	EnPresence Methode = ""
	Papier     Methode = "LEGACY"
	SMS        Methode = "SMS"
	Distance   Methode = "FRANCECONNECT"
	Courrier   Methode = "COURRIER"
)

// Structure is the mandataire as printed: a snapshot of the organisation.
type Structure struct {
	Nom        string `json:"nom"`
	Siret      string `json:"siret"`
	Adresse    string `json:"adresse"`
	CodePostal string `json:"code_postal"`
	Ville      string `json:"ville"`
}

// Mandat is a signed mandat: everything but PapierStatut, PapierDate and
// Successeur is fixed at signature (M-W4).
type Mandat struct {
	ID             ident.MandatID
	Organisation   ident.OrganisationID
	Usager         ident.UsagerID
	Aidant         ident.AidantID
	Dossier        ident.DossierID
	DateCreation   time.Time
	DateExpiration time.Time
	Duree          Duree
	Jours          int
	ADistance      bool
	Methode        Methode
	Demande        ident.DemandeID // the request answered from elsewhere; written, never read back
	IdentiteID     ident.IdentiteID
	Identite       usager.Identite // as printed and as asserted
	Structure      Structure       // as printed
	Issuer         string          // the FranceConnect that identified the usager
	Simulation     bool            // it was the simulation (SIM-03)

	TexteEmpreinte    []byte // SHA-256 of the text
	DocumentEmpreinte []byte // SHA-256 of the printable document
	Signature         []byte // Ed25519 over the canonical record
	SignatureKid      string
	CodePublic        string // without dashes: see FormatCode

	Accord       consentement.Accord // how the person agreed; loaded with the mandat
	PapierStatut string              // non_signe, signe; sans_objet when agreed otherwise
	PapierDate   time.Time
	Successeur   ident.MandatID
	Predecesseur ident.MandatID // the mandat it renews, or was transferred from

	Autorisations []Autorisation // in stored order; never empty
}

// Autorisation is one démarche of a mandat (never OAuth's word).
type Autorisation struct {
	ID             ident.AutorisationID
	Mandat         ident.MandatID
	Organisation   ident.OrganisationID
	Usager         ident.UsagerID
	Demarche       demarche.Demarche
	DateExpiration time.Time

	Fin          time.Time // zero while open
	FinMotif     Motif
	FinConnue    time.Time
	FinOperation ident.OperationID // the act that ended it
	FinEntiere   bool              // that act ended the whole mandat
}

// Projet is what is about to be signed, read from the dossier and from the
// database of the moment.
type Projet struct {
	Organisation ident.OrganisationID
	Aidant       ident.AidantID
	Usager       ident.UsagerID
	IdentiteID   ident.IdentiteID
	Identite     usager.Identite
	Structure    Structure
	Active       bool                // the structure may still act
	Perimetre    []demarche.Demarche // of the structure, today
	Demarches    []demarche.Demarche
	Duree        Duree
	Issuer       string
	Simulation   bool

	Dossier          ident.DossierID // whence it comes; zero for an import
	Predecesseur     ident.MandatID  // the mandat it renews; zero for a creation
	Texte            []byte          // hash of the text, fixed when the dossier opened
	Authentification []byte          // SHA-256 of FranceConnect's ID token
	CourrielSaisi    bool            // Identite.Email was written by the aidant, with the person
	Epreuve          *Epreuve        // the document already printed; nil: Sign prints it

	Montre  []Montre             // what explained it to the person
	Choix   consentement.Choix   // how the person agrees
	Preuves []consentement.Piece // what proves it, when it comes first
	Demande ident.DemandeID      // the request they answered from elsewhere; zero for none
	Grace   int                  // days the structure gives itself, on paper
}

// Conclude makes the mandat of a project at the given instant: its démarches
// in stored order, its end, and an open autorisation for each. It refuses what
// the law or the service excludes; the refusal's Reason says which.
func Conclude(p Projet, now time.Time) (Mandat, error) {
	ds := demarche.Sorted(p.Demarches)
	switch {
	case !p.Active:
		return Mandat{}, fault.New(fault.Forbidden, "organisation_inactive")
	case len(ds) == 0:
		return Mandat{}, fault.Form(fault.Fields{"demarche": "Vous devez sélectionner au moins une démarche."})
	case len(demarche.Intersect(ds, p.Perimetre)) != len(ds): // M-W26
		return Mandat{}, fault.New(fault.Conflict, "hors_perimetre")
	case p.Duree.Choix() == "":
		return Mandat{}, fault.Form(fault.Fields{"duree": "Veuillez sélectionner la durée du mandat."})
	case !p.Identite.Majeur(now, Paris): // FS-25
		return Mandat{}, fault.New(fault.Forbidden, "fc.mineur")
	}
	m := Mandat{
		ID: ident.New[ident.MandatID](), Organisation: p.Organisation, Usager: p.Usager, Aidant: p.Aidant, Dossier: p.Dossier,
		DateCreation: now, DateExpiration: p.Duree.Expiration(now), Duree: p.Duree, Jours: p.Duree.Jours(),
		IdentiteID: p.IdentiteID, Identite: p.Identite, Structure: p.Structure,
		Issuer: p.Issuer, Simulation: p.Simulation, PapierStatut: NonSigne, Predecesseur: p.Predecesseur,
		ADistance: p.Choix.Methode() != "", Methode: Methode(p.Choix.Methode()), Demande: p.Demande,
	}
	for _, d := range ds {
		m.Autorisations = append(m.Autorisations, Autorisation{
			ID: ident.New[ident.AutorisationID](), Mandat: m.ID, Organisation: m.Organisation, Usager: m.Usager,
			Demarche: d, DateExpiration: m.DateExpiration,
		})
	}
	return m, p.checkAccord(m)
}

// The states of the paper copy (mandats.md 2.3).
const (
	NonSigne = "non_signe"
	Signe    = "signe"
)

// PapierAffiche says the state of the paper copy in French.
func (m Mandat) PapierAffiche() string {
	switch m.PapierStatut {
	case SansObjet:
		if m.Succession() {
			return "accord du mandat d’origine"
		}
		return m.Accord.Moyen.Libelle()
	case Signe:
		return "exemplaire papier signé"
	}
	return "exemplaire papier à signer"
}
