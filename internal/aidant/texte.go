package aidant

import (
	"crypto/sha256"
	_ "embed" // the frozen texts
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"aidantsconnect/internal/actor"
)

// Document is a text that people sign in the product (L-90).
type Document string

// The documents, in the order in which they are presented.
const (
	DocumentCGU            Document = "cgu"
	DocumentCharteAidant   Document = "charte_aidant"
	DocumentCharteReferent Document = "charte_referent"
)

// Titre is the name of the document.
func (d Document) Titre() string {
	switch d {
	case DocumentCGU:
		return "Conditions d'utilisation"
	case DocumentCharteAidant:
		return "Charte de l'aidant"
	case DocumentCharteReferent:
		return "Charte du référent"
	}
	return ""
}

// Chemin is the public page of the document.
func (d Document) Chemin() string {
	switch d {
	case DocumentCharteAidant:
		return "/charte-aidant/"
	case DocumentCharteReferent:
		return "/charte-referent/"
	}
	return "/cgu/"
}

// Texte is one version of a document (comptes 6). A text is never edited once
// published: a change is a new version.
type Texte struct {
	Document Document
	Version  string
	HTML     string
	Date     time.Time // of publication
	Blocage  time.Time // from then it must be signed by who signed a former one; zero: at once
}

// Empreinte is the SHA-256 of the text, in hexadecimal.
func (t Texte) Empreinte() string {
	h := sha256.Sum256([]byte(t.HTML))
	return hex.EncodeToString(h[:])
}

//go:embed textes/cgu-1.0.html
var cguHTML string

//go:embed textes/charte-aidant-1.0.html
var charteAidantHTML string

//go:embed textes/charte-referent-1.0.html
var charteReferentHTML string

// Recueil is every version of every document, the oldest first; nil is ours.
type Recueil []Texte

// Textes are ours.
var Textes = Recueil{
	{Document: DocumentCGU, Version: "1.0", HTML: cguHTML},
	{Document: DocumentCharteAidant, Version: "1.0", HTML: charteAidantHTML},
	{Document: DocumentCharteReferent, Version: "1.0", HTML: charteReferentHTML},
}

// Versions gives the versions of a document published by now, the newest first.
func (r Recueil) Versions(d Document, now time.Time) []Texte {
	if r == nil {
		r = Textes
	}
	var out []Texte
	for _, t := range r {
		if t.Document == d && !t.Date.After(now) {
			out = append(out, t)
		}
	}
	slices.Reverse(out)
	return out
}

// EnVigueur is the version of a document to sign now.
func (r Recueil) EnVigueur(d Document, now time.Time) Texte { return r.Versions(d, now)[0] }

// Etat tells what somebody has to do about a document.
type Etat struct {
	Due   bool      // to be signed before anything else
	Avant time.Time // a newer version is to be signed before then; zero: nothing to sign, or Due
}

// Etat follows from the versions that the person signed: the newest is enough;
// an older one, until the first delay of those that came after it (A-W14).
func (r Recueil) Etat(d Document, signed []string, now time.Time) Etat {
	var e Etat
	for _, t := range r.Versions(d, now) {
		if slices.Contains(signed, key(t)) {
			return e
		}
		if !t.Blocage.After(now) {
			return Etat{Due: true}
		}
		if e.Avant.IsZero() || t.Blocage.Before(e.Avant) {
			e.Avant = t.Blocage
		}
	}
	return Etat{Due: true}
}

// Requis lists what somebody signs in the quality they have, in order.
func Requis(a actor.Actor) []Document {
	out := []Document{DocumentCGU}
	if a.CanCreateMandats {
		out = append(out, DocumentCharteAidant)
	}
	if a.Referent {
		out = append(out, DocumentCharteReferent)
	}
	return out
}

// Apply tells an actor what they have to sign.
func (r Recueil) Apply(a *actor.Actor, signed []string, now time.Time) {
	a.CGUAcceptee = true
	for _, d := range Requis(*a) {
		e := r.Etat(d, signed, now)
		switch {
		case !e.Due:
		case d == DocumentCGU:
			a.CGUAcceptee = false
		case d == DocumentCharteAidant:
			a.CharteAidantDue = true
		case d == DocumentCharteReferent:
			a.CharteReferentDue = true
		}
		if !e.Avant.IsZero() && (a.TextesAvant.IsZero() || e.Avant.Before(a.TextesAvant)) {
			a.TextesAvant = e.Avant
		}
	}
}

func key(t Texte) string { return string(t.Document) + ":" + t.Version }

// ParseSigned reads the acceptances of an account as the database joins them:
// "cgu:1.0,charte_aidant:1.0".
func ParseSigned(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// agree is what the person says by the box.
func agree(d Document) string {
	switch d {
	case DocumentCharteAidant:
		return "J'ai lu la charte de l'aidant et je m'engage à la respecter."
	case DocumentCharteReferent:
		return "J'ai lu la charte du référent et je m'engage à la respecter."
	}
	return "J'ai lu et j'accepte les conditions d'utilisation Aidants Connect."
}
