// Package consentement keeps how an usager agreed to a mandat, and the proof of
// it (mandats.md 2.1, 4.3, 13; besoins L-01, L-11, L-28, L-31).
//
// In law: the mandat binds because both parties agreed (Code civil, art. 1984);
// a writing or a signature on a screen is worth paper when who gave it and what
// was agreed to are sure (art. 1366, 1367). Every proof is tied to one object:
// this text, these démarches, this duration. A mandat can be used only while its
// accord says so: until its term once a proof is there, until the end of a grace
// on paper, else not at all.
//
// Proofs are sealed, each for its row. What is published of them is a salted
// digest: erasing the content at the end of its retention leaves every record
// and every journal line verifiable, and tells nothing of the person.
//
// Tables: accord, accord_piece, accord_reglage.
// Journal: none of its own; mandat and signature write the lines of their acts.
//
// It serves no page, leads to no signature (signature does) and does not know
// mandats but by their identifier (mandat reads it).
package consentement

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Moyen is how the usager agrees.
type Moyen string

// The ways. Anterieur is that of the mandats signed before the others existed:
// the aidant certified a trace kept; it cannot be chosen any more.
const (
	Ecran     Moyen = "ecran"
	Papier    Moyen = "papier"
	SMS       Moyen = "sms"
	Distance  Moyen = "franceconnect"
	Courrier  Moyen = "courrier"
	Anterieur Moyen = "certification"
)

// Preuve is the word of the journal and of the signed record for this way.
func (m Moyen) Preuve() string {
	switch m {
	case Ecran, Courrier:
		return "signature"
	case Papier:
		return "papier"
	case SMS:
		return "sms"
	case Distance:
		return "franceconnect"
	}
	return "certification"
}

// Libelle says the way in French, after « accord ».
func (m Moyen) Libelle() string {
	switch m {
	case Ecran:
		return "signé à l’écran par la personne"
	case Papier:
		return "signé sur papier"
	case SMS:
		return "donné par SMS"
	case Distance:
		return "donné à distance avec FranceConnect"
	case Courrier:
		return "donné par le code d’une lettre"
	}
	return "certifié par l’aidant"
}

// Presence says where the usager is when the mandat is made (L-31).
type Presence string

// The three presences.
const (
	Present   Presence = "present"
	Telephone Presence = "telephone"
	Absent    Presence = "absent"
)

// Libelle says the presence in French.
func (p Presence) Libelle() string {
	switch p {
	case Present:
		return "en présence de la personne"
	case Telephone:
		return "au téléphone avec la personne"
	}
	return "à distance"
}

// Presences gives the places a way allows: a screen is signed by who is there;
// the other side of a line or of a letter is not.
func (m Moyen) Presences() []Presence {
	switch m {
	case Ecran:
		return []Presence{Present}
	case Papier:
		return []Presence{Present, Telephone, Absent}
	case SMS, Distance, Courrier:
		return []Presence{Telephone, Absent}
	}
	return nil
}

// Choix is how the usager will agree, fixed when the dossier opens.
type Choix struct {
	Moyen    Moyen
	Presence Presence
}

// Methode is the word of the journal for an agreement given at a distance
// (mandats.md 4.3); none when the person is there.
func (c Choix) Methode() string {
	if c.Presence == Present || c.Presence == "" {
		return ""
	}
	switch c.Moyen {
	case Papier:
		return "LEGACY"
	case SMS:
		return "SMS"
	case Distance:
		return "FRANCECONNECT"
	case Courrier:
		return "COURRIER"
	}
	return ""
}

// ParseChoix reads a form, among the ways that are open today. A form that
// says nothing is the way of who is there: on screen.
func ParseChoix(moyen, presence string, ouverts []Moyen) (Choix, error) {
	c := Choix{Moyen(moyen), Presence(presence)}
	if moyen == "" {
		c.Moyen = Ecran
	}
	if !slices.Contains(ouverts, c.Moyen) {
		return Choix{}, fault.Form(fault.Fields{"moyen": "Choisissez comment la personne donne son accord."})
	}
	ps := c.Moyen.Presences()
	switch {
	case presence == "" && slices.Contains(ps, Present):
		c.Presence = Present
	case c.Moyen == Ecran && c.Presence != Present:
		return Choix{}, fault.Form(fault.Fields{"presence": "Une personne qui n’est pas avec vous ne peut pas signer sur cet écran. Choisissez un accord à distance."})
	case c.Presence == Present && !slices.Contains(ps, Present):
		return Choix{}, fault.Form(fault.Fields{"presence": "La personne est avec vous : choisissez un accord à l’écran ou sur papier."})
	case !slices.Contains(ps, c.Presence):
		return Choix{}, fault.Form(fault.Fields{"presence": "Indiquez où est la personne."})
	}
	return c, nil
}

// Objet is what is agreed to: nothing else is proved by a proof.
type Objet struct {
	Texte     []byte // SHA-256 of the text of the mandat
	Demarches []demarche.Demarche
	Duree     string
}

// Empreinte names the object, in one digest.
func (o Objet) Empreinte() [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "accord/1\ntexte %s\ndemarches %s\nduree %s\n", hex.EncodeToString(o.Texte), demarche.CSV(o.Demarches), o.Duree))
}

// Equal tells whether two objects are the same.
func (o Objet) Equal(p Objet) bool { return o.Empreinte() == p.Empreinte() }

// Genre is the nature of a proof.
type Genre string

// The natures.
const (
	SignatureDessinee   Genre = "signature_dessinee"
	SignatureSaisie     Genre = "signature_saisie"
	Copie               Genre = "copie"
	Certification       Genre = "certification"
	DialogueSMS         Genre = "sms"
	AccordFranceconnect Genre = "franceconnect"
	CodeRendu           Genre = "code"
	motifErreurMandat         = "erreur_de_mandat"
	motifSignature            = "signature_manquante"
	motifIllisible            = "copie_illisible"
	motifAutre                = "autre"
	graceMax                  = 7
	jour                      = 24 * time.Hour
)

// Prouve tells whether a proof of this nature satisfies a way: the policy.
func (m Moyen) Prouve(g Genre) bool {
	switch m {
	case Ecran:
		return g == SignatureDessinee || g == SignatureSaisie
	case Papier:
		return g == Copie || g == Certification
	case SMS:
		return g == DialogueSMS
	case Distance:
		return g == AccordFranceconnect
	case Courrier:
		return g == CodeRendu
	}
	return false
}

// Immediate tells whether the proof is there before the mandat exists: only
// paper is signed after, because it is the mandat that is printed.
func (m Moyen) Immediate() bool { return m != Papier && m != Anterieur }

// Piece is one proof, sealed.
type Piece struct {
	ID        ident.PieceID
	Mandat    ident.MandatID
	Genre     Genre
	Rang      int // page of a copy
	Type      string
	Taille    int
	Scelle    []byte // nil once erased
	Empreinte []byte
	Aidant    ident.AidantID // who recorded it; zero for the usager
	Date      time.Time
	Efface    time.Time
	Annule    time.Time
}

// Live tells whether the proof still counts. An erased one does: what it
// proved is signed.
func (p Piece) Live() bool { return p.Annule.IsZero() }

// Accord is an usager's agreement to one mandat.
type Accord struct {
	Choix
	Objet        Objet
	Mandat       ident.MandatID
	Organisation ident.OrganisationID
	Usager       ident.UsagerID
	Creation     time.Time
	Expiration   time.Time
	Grace        time.Time // end of the structure's grace, on paper
	Preuve       ident.PieceID
	Limite       time.Time // until when the mandat can be used; zero: it cannot
	Rappels      int
}

// Usable is the predicate: the mandat can be used at now as far as the
// agreement is concerned. Its SQL twin is mandat.UtilisableSQL.
func (a Accord) Usable(now time.Time) bool { return !a.Limite.IsZero() && !now.After(a.Limite) }

// Complete tells whether a proof satisfies the way chosen.
func (a Accord) Complete() bool { return !a.Preuve.IsZero() || a.Moyen == Anterieur }

// Settle applies the policy to the proofs there are: which one satisfies it,
// and until when the mandat can be used.
func (a Accord) Settle(ps []Piece) Accord {
	a.Preuve, a.Limite = ident.PieceID{}, time.Time{}
	if a.Moyen == Anterieur {
		a.Limite = a.Expiration
		return a
	}
	for _, p := range ps {
		if p.Live() && a.Moyen.Prouve(p.Genre) {
			a.Preuve, a.Limite = p.ID, a.Expiration
			return a
		}
	}
	if a.Moyen == Papier && !a.Grace.IsZero() {
		a.Limite = a.Grace
	}
	return a
}

// GraceUntil is the end of a grace of so many days, zero for none. It is never
// longer than seven days, nor than the mandat.
func GraceUntil(creation, expiration time.Time, jours int) time.Time {
	if jours <= 0 {
		return time.Time{}
	}
	end := creation.Add(time.Duration(min(jours, graceMax)) * jour)
	if end.After(expiration) {
		return expiration
	}
	return end
}

// Etat is what a list says of an accord.
type Etat string

// The states.
const (
	Complet    Etat = "complet"
	EnGrace    Etat = "en_grace"
	EnAttente  Etat = "en_attente"  // never usable yet
	EnSuspens  Etat = "en_suspens"  // the grace is over
	SansAccord Etat = "sans_accord" // no row: nothing is known, nothing can be used
)

// Etat gives the state at now.
func (a Accord) Etat(now time.Time) Etat {
	switch {
	case a.Moyen == "":
		return SansAccord
	case a.Complete():
		return Complet
	case a.Usable(now):
		return EnGrace
	case !a.Grace.IsZero():
		return EnSuspens
	}
	return EnAttente
}

// MotifAnnulation is why a certification is undone. The list is closed: no free
// text is kept about people.
type MotifAnnulation string

// MotifsAnnulation gives the reasons with their French, in order.
func MotifsAnnulation() [][2]string {
	return [][2]string{
		{motifSignature, "Il manque une signature"},
		{motifErreurMandat, "Ce n’était pas le bon mandat"},
		{motifIllisible, "La copie est illisible"},
		{motifAutre, "Autre erreur"},
	}
}

// ParseMotif reads a reason of the list.
func ParseMotif(s string) (MotifAnnulation, error) {
	for _, m := range MotifsAnnulation() {
		if m[0] == s {
			return MotifAnnulation(s), nil
		}
	}
	return "", fault.Form(fault.Fields{"motif": "Indiquez ce qui n’allait pas."})
}

// ParseGrace reads the structure's setting: 0 to 7 days.
func ParseGrace(s string) (int, error) {
	for n := 0; n <= graceMax; n++ {
		if s == fmt.Sprint(n) {
			return n, nil
		}
	}
	return 0, fault.Form(fault.Fields{"grace": "Choisissez un délai de 0 à 7 jours."})
}
