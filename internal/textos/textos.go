// Package textos asks a person for their agreement by SMS: two messages, one
// answer (mandats.md 13). The first says what is proposed; the second, once the
// provider took the first, asks; the person answers OUI, NON or STOP.
//
// In law: a mandat may be agreed to at a distance (Code civil, art. 1984, 1985)
// when it is sure to what, and by whom. Every message and every answer is kept
// as it was, sealed with the object it is about: the exact text of the mandat,
// the démarches, the duration. Nothing but the exact word is an agreement;
// another answer is asked again, once. Who says STOP after the signature
// revokes, by the simplest means (art. 2004), and is never written to again
// about it.
//
// What comes from the provider is authenticated before anything is read of it
// (M-W22): a signature over the body, or the networks it may come from. Each
// request is decided once, by one conditional UPDATE; a message of the provider
// that comes twice is one; what is not known is answered like the rest.
//
// Tables: dialogue_sms, texto.
// URLs: /sms/callback, /sms/callback/.
// Journal: remote_sms_recap_sent, remote_sms_consent_sent,
// remote_sms_consent_received, remote_sms_denial_received; fin writes the
// revocation's.
//
// It sends nothing itself (outbox does), shows no page (distance does) and
// decides nothing of a request: who lends Accorder and Refuser does.
package textos

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Delai is the time left to answer, from the second message; the first waits as
// long for it (mandats.md 13.2).
const Delai = 24 * time.Hour

// oubli is how long after its end the number of a dialogue without a mandat is
// still known, so that a late answer finds what it is about.
const oubli = 7 * 24 * time.Hour

// Statut is the stage of a dialogue.
type Statut string

// The stages. The last four are ends.
const (
	Recapitulatif Statut = "recapitulatif" // the first message: nothing is asked yet
	Question      Statut = "question"      // the second: the person may answer
	Accord        Statut = "accord"
	Refus         Statut = "refus"
	Arret         Statut = "arret" // STOP: not written to again
	Clos          Statut = "clos"  // cancelled, replaced, or nobody answered in time
)

// Dialogue is one request by SMS.
type Dialogue struct {
	Demande      ident.DemandeID
	Dossier      ident.DossierID
	Organisation ident.OrganisationID
	Aidant       ident.AidantID
	Usager       ident.UsagerID // whom it is for, when that is known
	Objet        consentement.Objet
	Jours        int
	Numero       []byte // keyed digest of the number; nil once forgotten
	Statut       Statut
	Relances     int
	Contredit    bool // NON came after the agreement: it changes nothing, and is said
	Mandat       ident.MandatID
	Statue       time.Time // since when it is at its stage
	Limite       time.Time
}

// Mot is how an answer reads.
type Mot string

// The readings.
const (
	MotAccord Mot = "oui"
	MotRefus  Mot = "non"
	MotArret  Mot = "stop"
	MotAutre  Mot = "autre"
)

// Read reads an answer (mandats.md 13.4): spaces around, one final period and
// the case do not count; anything but the exact word is no agreement. accord is
// the word of the configuration.
func Read(message, accord string) Mot {
	s := strings.TrimSpace(norm.NFC.String(message))
	s = strings.TrimSpace(strings.TrimSuffix(s, "."))
	switch {
	case strings.EqualFold(s, norm.NFC.String(accord)):
		return MotAccord
	case strings.EqualFold(s, "non"):
		return MotRefus
	case strings.EqualFold(s, "stop"):
		return MotArret
	}
	return MotAutre
}

// Effet is what an answer does.
type Effet string

// The effects.
const (
	Rien       Effet = ""           // kept as received
	Consent    Effet = "consent"    // the agreement
	Refuse     Effet = "refuse"     // NON, or STOP before the signature
	Revoque    Effet = "revoque"    // STOP after the signature
	Redemander Effet = "redemander" // not understood: asked again, once
	Contredire Effet = "contredire" // NON after OUI: told how to stop, once
	Tard       Effet = "tard"       // too late: told, once
	Arreter    Effet = "arret"      // STOP when nothing is left to refuse: not written to again
)

// Judge tells what an answer does to a dialogue at now. A decision is taken
// once; STOP can always be said.
func (d Dialogue) Judge(m Mot, now time.Time) Effet {
	waits := (d.Statut == Recapitulatif || d.Statut == Question) && now.Before(d.Limite)
	asked := d.Statut == Question && waits
	switch {
	case d.Statut == Arret:
		return Rien
	case m == MotArret && !d.Mandat.IsZero():
		return Revoque
	case m == MotArret && (waits || d.Statut == Accord):
		return Refuse
	case m == MotArret:
		return Arreter
	case waits && m == MotRefus:
		return Refuse
	case asked && m == MotAccord:
		return Consent
	case asked && d.Relances == 0:
		return Redemander
	case d.Statut == Accord && m == MotRefus && !d.Contredit:
		return Contredire
	case (d.Statut == Question && !waits || d.Statut == Clos) && m != MotAutre && d.Relances < 2:
		return Tard
	}
	return Rien // an answer before the question, or a second one
}

// ParseMotAccord checks the configured word: letters only, and no other word of
// the grammar.
func ParseMotAccord(s string) (string, error) {
	s = strings.TrimSpace(s)
	for _, r := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz", r|0x20) {
			return "", fault.New(fault.Invalid, "mot_accord")
		}
	}
	if len(s) < 2 || len(s) > 12 || Read(s, "oui") == MotRefus || Read(s, "oui") == MotArret {
		return "", fault.New(fault.Invalid, "mot_accord")
	}
	return s, nil
}

// Etape is the state of a message on its way (mandats.md 13.6).
type Etape string

// The states.
const (
	EnFile    Etape = "en_file"
	Envoye    Etape = "envoye" // the provider took it
	Distribue Etape = "distribue"
	Echec     Etape = "echec"
)

// Libelle says the state of a message in French, to the aidant.
func (e Etape) Libelle() string {
	switch e {
	case EnFile:
		return "Le SMS part."
	case Envoye:
		return "Le SMS est parti."
	case Distribue:
		return "Le téléphone a reçu le SMS."
	case Echec:
		return "Le SMS n’a pas pu être remis : vérifiez le numéro avec la personne."
	}
	return ""
}

// Propos is what a message is about: what the person reads.
type Propos struct {
	Service   string // "Aidants Connect"
	Structure string
	Duree     string // "pour une durée d’un mois (31 jours)"
	Demarches []demarche.Demarche
	Accord    string // the word that agrees
}

// nomMax bounds the structure's name in a message, which is bounded too.
const nomMax = 90

func (p Propos) structure() string {
	if r := []rune(p.Structure); len(r) > nomMax {
		return string(r[:nomMax]) + "…"
	}
	return p.Structure
}

// recapitulatif is the first message.
func (p Propos) recapitulatif() string {
	var ts []string
	for _, d := range demarche.Displayed(p.Demarches) {
		ts = append(ts, d.Fiche().Titre)
	}
	themes := " " + strings.Join(ts, "")
	if len(ts) > 1 {
		themes = "\n– " + strings.Join(ts, "\n– ")
	}
	return p.Service + ", bonjour. " + p.structure() + " prépare un mandat à votre nom, " + p.Duree + ", pour :" + themes
}

// question is the second.
func (p Propos) question() string {
	return p.Service + ". Acceptez-vous ce mandat ? Répondez " + strings.ToUpper(p.Accord) + " pour accepter, NON pour refuser, STOP pour ne plus recevoir de message."
}

func (p Propos) relance() string {
	return "Réponse non comprise. Répondez " + strings.ToUpper(p.Accord) + " ou NON."
}

const (
	texteAccord    = ". Votre accord pour le mandat à distance est enregistré. Pour l’annuler à tout moment, répondez STOP."
	texteRefus     = ". Votre refus du mandat à distance est enregistré."
	texteContredit = ". Votre accord est déjà enregistré. Pour l’annuler, répondez STOP, ou dites-le à la structure."
	texteTard      = ". Votre réponse arrive trop tard : rien n’est signé. La structure peut vous poser de nouveau la question."
	texteRevoque   = ". Le mandat est arrêté, comme vous l’avez demandé. Plus aucun message ne vous sera envoyé à ce sujet."
)

// Ligne is one message of a dialogue, as the proof keeps it.
type Ligne struct {
	ID        string `json:"id"`
	Sens      string `json:"sens"` // "envoye", "recu"
	Numero    string `json:"numero"`
	Texte     string `json:"texte"`
	Lecture   string `json:"lecture,omitempty"`
	Reference string `json:"reference,omitempty"` // the provider's name for it
	Date      string `json:"date"`                // queued, or received
	Accepte   string `json:"accepte,omitempty"`   // when the provider took it
	Empreinte string `json:"empreinte"`
}

// preuve is the content of the proof of a dialogue.
func (d Dialogue) preuve(ls []Ligne, mot string, extra any) ([]byte, error) {
	return json.Marshal(Preuve{
		Demande: d.Demande.String(), Moyen: string(consentement.SMS), Texte: hex.EncodeToString(d.Objet.Texte), Demarches: demarche.CSV(d.Objet.Demarches),
		Duree: d.Objet.Duree, Mot: mot, Messages: ls, Autour: extra,
	})
}
