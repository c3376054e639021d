// Package attestation lets anybody check a mandat they are shown, or the
// certificate of its end: the public page of its code tells whether it is
// genuine and still in force (mandats.md 11.3, besoins X-rules).
//
// The page shows the structure, the démarches, the dates and the state, and no
// personal data: neither the person, nor the aidant, nor why a mandat ended
// when that says something of somebody (death, protection). Whoever holds the
// paper may ask whether a name is the one written in it. Every consultation is
// counted, without anything of who made it, and shown to the structure.
//
// It gives the sealed files of a mandat to its structure, publishes the keys
// that verify them, and verifies a file offline (VerifyFile): without network,
// without database, whatever keys have come since. docs/attestation.md is the
// format.
//
// Tables: verification_consultation.
// URLs: /verifier/, /verifier/{code}, /verifier/{code}/nom,
// /.well-known/aidants-connect/cles.json, and
// /espace-aidant/mandats/{mandat}/attestation.pdf and .json.
// Journal: print_attestation. Consultations are not journaled: strangers could
// fill it.
package attestation

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"

	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/tri"
	"aidantsconnect/internal/usager"
)

// Etat is the state of a mandat as strangers are told it.
type Etat string

// The states.
const (
	Actif      Etat = "actif"
	ACompleter Etat = "a_completer" // signed, but it cannot serve yet
	Expire     Etat = "expire"
	Revoque    Etat = "revoque"
	Remplace   Etat = "remplace"
	Transfere  Etat = "transfere"
	Continue   Etat = "continue" // partly ended before, and what was left transferred
	Termine    Etat = "termine"  // ended before its term, for a reason nobody is told
	Inconnu    Etat = "inconnu"
)

// Etats gives every state.
func Etats() []Etat {
	return []Etat{Actif, ACompleter, Expire, Revoque, Remplace, Transfere, Continue, Termine, Inconnu}
}

// EtatOf gives the state of a mandat at now; complet is false while what must
// come before it serves is missing.
func EtatOf(m mandat.Mandat, complet bool, now time.Time) Etat {
	switch {
	case m.FullyRevoked():
		return etatOfEnds(m)
	case m.Expired(now):
		return Expire
	case !complet:
		return ACompleter
	}
	return Actif
}

// etatOfEnds says how a mandat ended before its term. What another structure
// continues comes first: who is told « révoqué » would turn away the one that
// may act. Then the person's word; a death or a protection measure is not told
// from the rest.
func etatOfEnds(m mandat.Mandat) Etat {
	n := map[mandat.Motif]int{}
	for _, a := range m.Autorisations {
		n[a.FinMotif]++
	}
	all := len(m.Autorisations)
	switch {
	case n[mandat.Transfere] == all:
		return Transfere
	case n[mandat.Transfere] > 0:
		return Continue
	case n[mandat.Remplace] == all:
		return Remplace
	case n[mandat.RevoqueUsager]+n[mandat.RevoqueOrganisation] > 0:
		return Revoque
	}
	return Termine
}

// phrases are what each state says: the title, then what it means.
var phrases = map[Etat][2]string{
	Actif:      {"Ce mandat est en cours", "La structure peut agir au nom de la personne pour les démarches notées « en cours » ci-dessous, et pour elles seules."},
	ACompleter: {"Ce mandat ne peut pas encore servir", "Il est enregistré, mais il manque encore un accord ou une signature. Tant que c’est le cas, la structure ne peut rien faire avec ce mandat."},
	Expire:     {"Ce mandat est arrivé à son terme", "La structure ne peut plus agir avec ce mandat. Ce qu’elle a fait avant la date de fin reste valable."},
	Revoque:    {"Ce mandat a été révoqué", "La structure ne peut plus agir avec ce mandat. Ce qu’elle a fait avant la date de fin reste valable."},
	Remplace:   {"Ce mandat a été remplacé par un mandat plus récent", "Demandez à voir le mandat plus récent : c’est lui qui compte. Celui-ci ne sert plus."},
	Transfere:  {"Ce mandat a été transféré à une autre structure", "La structure nommée ici ne peut plus agir avec ce mandat. Demandez à voir celui de la nouvelle structure."},
	Continue:   {"Ce qui restait de ce mandat a été transféré à une autre structure", "La structure nommée ici ne peut plus agir avec ce mandat. Les démarches notées « transférée » continuent avec une autre structure : demandez à voir son mandat. Les autres sont terminées."},
	Termine:    {"Il a été mis fin à ce mandat avant son terme", "La structure ne peut plus agir avec ce mandat. Ce qu’elle a fait avant la date de fin reste valable."},
	Inconnu:    {"Ce code ne correspond à aucun mandat", "Recopiez-le depuis le papier : douze lettres et chiffres, en trois groupes. S’il est juste et que cette page ne le connaît pas, le document ne vient pas de ce service : ne vous y fiez pas."},
}

// Titre says the state in one sentence.
func (e Etat) Titre() string { return phrases[e][0] }

// Explication says what it means for who is shown the mandat.
func (e Etat) Explication() string { return phrases[e][1] }

// What a consultation is about.
const (
	lecture        = "lecture"
	nomConfirme    = "nom_confirme"
	nomNonConfirme = "nom_non_confirme"
)

var objets = map[string]string{
	lecture:        "Page lue",
	nomConfirme:    "Nom demandé : c’est le bon",
	nomNonConfirme: "Nom demandé : ce n’est pas celui du mandat",
}

// longueurNom bounds what a visitor may write in a field.
const longueurNom = 256

// nomDemande is the name a visitor reads on the paper.
type nomDemande struct{ Nom, Prenom string }

// Matches tells whether it is the name of the mandat: the birth name or the
// nom d'usage, with the first of the first names or all of them. Case, accents
// and hyphens do not count. The same work is done whatever the answer.
func (n nomDemande) Matches(i usager.Identite) bool {
	nom, prenom := digest(n.Nom), digest(n.Prenom)
	first, _, _ := strings.Cut(strings.TrimSpace(i.GivenName), " ")
	family := equal(nom, digest(i.FamilyName)) | equal(nom, digest(i.PreferredUsername))
	given := equal(prenom, digest(first)) | equal(prenom, digest(i.GivenName))
	written := 1 - (equal(nom, digest("")) | equal(prenom, digest("")))
	return family&given&written == 1
}

func digest(s string) [sha256.Size]byte { return sha256.Sum256([]byte(tri.Key(s))) }

func equal(a, b [sha256.Size]byte) int { return subtle.ConstantTimeCompare(a[:], b[:]) }

// SameName tells whether a name read on a paper is that of an identity, as the
// public page answers it.
func SameName(i usager.Identite, nom, prenom string) bool {
	return nomDemande{nom, prenom}.Matches(i)
}
