package fait

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
)

// Presence of the usager during a use (mandats.md 2.3).
const (
	Present   = "present"
	Telephone = "telephone"
	Absent    = "absent"
)

// What a factor is (comptes.md 3.1).
const (
	FacteurApplication = "application"
	FacteurCarte       = "carte"
	FacteurPasskey     = "passkey"
)

// Steps of a request about a structure or a co-référent, and of an export
// (comptes.md 18).
const (
	EtapeDemandee    = "demandee"
	EtapeConfirmee   = "confirmee"
	EtapeValidee     = "validee"
	EtapeRefusee     = "refusee"
	EtapeAnnulee     = "annulee"
	EtapeProduit     = "produit"
	EtapeTelecharge  = "telecharge"
	EtapeOuverte     = "ouverte" // an incident
	EtapeClose       = "close"
	NotificationMail = "courriel"
	NotificationSMS  = "sms"
	NotificationPlis = "courrier"
)

// Empreinte is the form in which a digest enters the journal: SHA-256 of what
// it refers to, in hexadecimal. What could be guessed (a text of few possible
// values) is digested with a salt kept beside it, by its owner.
func Empreinte(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// vocabulaire is what a text field accepts: a closed list, or a form in which
// a name or a sentence cannot be written.
type vocabulaire struct {
	liste []string
	forme *regexp.Regexp
}

func (v vocabulaire) match(s string) bool {
	if v.forme != nil {
		return v.forme.MatchString(s)
	}
	return slices.Contains(v.liste, s)
}

func closed(words ...string) vocabulaire { return vocabulaire{liste: words} }
func shaped(pattern string) vocabulaire  { return vocabulaire{forme: regexp.MustCompile(pattern)} }

var (
	motCle     = shaped(`^[a-z][a-z0-9_]{0,47}$`)
	motMarshal = shaped(`^[0-9A-Za-z:.-]{1,40}$`) // identifiers and instants
)

// vocabulaires are named by the `mot` tag of a field.
var vocabulaires = map[string]vocabulaire{
	// Forms: keys written in the program, identifiers and digests.
	"cle":       motCle,                            // a column, a kind of message, a document
	"motif":     shaped(`^[a-z][a-z0-9_.]{0,47}$`), // the Reason of a fault.Error
	"empreinte": shaped(`^[0-9a-f]{64}$`),          // SHA-256
	"reference": shaped(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
	"version":   shaped(`^[0-9]{1,4}([.-][0-9]{1,4}){0,3}$`),                    // "2026-08-20", "0.4"
	"message":   shaped(`^([A-Z]{1,3}-[0-9]{1,3}[a-z]?|[a-z][a-z0-9_]{0,31})$`), // "E-31"
	"serie":     shaped(`^[A-Z]{1,8}[0-9]{1,12}[A-Z0-9]{0,8}$`),                 // serial number of a card
	// Closed lists of the specifications.
	"methode":       closed("LEGACY", "SMS", "FRANCECONNECT", "COURRIER"), // mandats.md 4.3, and ours
	"moyen":         closed("franceconnect", "sms", "courrier"),
	"preuve":        closed("certification", "signature", "papier", "sms", "franceconnect", "import", "succession"),
	"presence":      closed(Present, Telephone, Absent),
	"canal":         closed("oral", "lettre", "courriel", "sms", "espace", "telephone"), // mandats.md 9
	"fin":           closed("revoque_usager", "renonciation", "revoque_organisation", "demarches_accomplies", "expire", "remplace", "deces", "protection", "transfere", "fermeture"),
	"separation":    closed("perte", "casse", "dysfonctionnement", "depart", "erreur", "autre"), // comptes.md 3.3
	"facteur":       closed(FacteurApplication, FacteurCarte, FacteurPasskey),
	"desactivation": closed("referent", "gestion", "inactivite", "fermeture", "depart", "fonctions", "absence", "demande", "securite", "erreur", "autre"), // comptes.md 7.4
	"demande":       closed(EtapeDemandee, EtapeConfirmee, EtapeValidee, EtapeRefusee, EtapeAnnulee),
	"export":        closed(EtapeProduit, EtapeTelecharge),
	"incident":      closed(EtapeOuverte, EtapeClose),
	"archive":       closed("demande_personne", "contentieux", "enquete", "controle_cnil"),
	"verification":  closed("piece", "lettre", "mandataire"),
	"relance":       closed("cause_reparee", "essai", "sans_attendre"),
	"voie":          closed(NotificationMail, NotificationSMS, NotificationPlis),
}
