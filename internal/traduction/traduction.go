// Package traduction explains the text of a mandat to who does not read its
// French: a version simple, English, and other languages (mandats.md 12).
//
// In law: only the French mandat is signed; these texts explain it and are
// worth nothing by themselves, which each page says in both languages. Each
// belongs to one version of the mandat's text, and is known by its content:
// a change is another text, which nobody has reviewed yet.
//
// A language is shown when we answer for it (the version simple, English) or
// when the operator has recorded who reviewed it. The version simple is called
// FALC (« facile à lire et à comprendre ») only once people concerned did.
//
// Tables: traduction_relecture.
// URLs: /comprendre/mandat/, /comprendre/mandat/{langue},
// /espace-aidant/creation_mandat/traduction/, /gestion/traductions/….
// Journal: review_traduction, withdraw_traduction.
package traduction

import (
	"strings"
	"time"
	"unicode/utf8"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Langue is a language of ours.
type Langue struct {
	Code   string // of the address and of the file: "en", "pus"; "simple"
	Balise string // BCP 47, for the lang attribute: "ps"
	Nom    string // in French: « anglais »
	Propre string // in the language: « English »
	Droite bool   // written from right to left
	Repond bool   // we answer for it: shown without a review
	Avis   string // in the language: it has no legal value
}

// Simple is the code of the version simple.
const Simple = "simple"

var langues = []Langue{
	{
		Code: Simple, Balise: "fr", Nom: "version simple", Propre: "Version simple", Repond: true,
		Avis: "Ce texte explique le mandat avec des mots simples. Il ne remplace pas le mandat : c’est le mandat que l’on signe.",
	},
	{
		Code: "en", Balise: "en", Nom: "anglais", Propre: "English", Repond: true,
		Avis: "This translation is given for explanation only and has no legal value. Only the French mandate is signed.",
	},
	{
		Code: "ar", Balise: "ar", Nom: "arabe", Propre: "العربية", Droite: true,
		Avis: "هذه الترجمة للشرح فقط وليست لها قيمة قانونية. الوكالة الفرنسية وحدها هي التي تُوقَّع.",
	},
	{
		Code: "prs", Balise: "prs", Nom: "dari", Propre: "دری", Droite: true,
		Avis: "این ترجمه تنها برای توضیح است و ارزش قانونی ندارد. تنها وکالت\u200cنامهٔ فرانسوی امضا می\u200cشود.",
	},
	{
		Code: "pus", Balise: "ps", Nom: "pachto", Propre: "پښتو", Droite: true,
		Avis: "دا ژباړه یوازې د پوهولو لپاره ده او قانوني ارزښت نه لري. یوازې فرانسوی وکالت\u200cلیک لاسلیکېږي.",
	},
	{
		Code: "rcf", Balise: "rcf", Nom: "créole réunionnais", Propre: "Kréol rényoné",
		Avis: "Tradiksion-la i èksplik solman, li vo poin arien dovan lalwa. I sign solman mandat fransé.",
	},
	{
		Code: "gcf", Balise: "gcf", Nom: "créole guadeloupéen et martiniquais", Propre: "Kréyòl gwadloupéyen é matinitjé",
		Avis: "Tradiksyon-lasa ka èspliké tousèlman, i pa ni pon valè douvan lalwa. Sé mandat fransé-la tousèl yo ka sinyé.",
	},
}

// Langues gives every language, in display order. The slice is the caller's.
func Langues() []Langue { return append([]Langue(nil), langues...) }

// ParseLangue finds a language by its code.
func ParseLangue(code string) (Langue, bool) {
	for _, l := range langues {
		if l.Code == code {
			return l, true
		}
	}
	return Langue{}, false
}

// Dir is the value of the dir attribute.
func (l Langue) Dir() string {
	if l.Droite {
		return "rtl"
	}
	return "ltr"
}

// Qualite is in what capacity somebody reviewed a text.
type Qualite string

// The capacities.
const (
	Assermente  Qualite = "assermente"
	Locuteur    Qualite = "locuteur"
	Concernees  Qualite = "personnes_concernees"
	maxRelu             = 120 // runes
	fauteAucune         = "Dites qui a relu ce texte : une personne, une association, un atelier."
	fauteLongue         = "Ce nom est trop long : 120 caractères au plus."
)

var qualites = map[Qualite]string{
	Assermente: "traducteur ou traductrice assermenté", Locuteur: "personne dont c’est la langue", Concernees: "personnes concernées, en atelier de relecture FALC",
}

// Libelle says the capacity in French.
func (q Qualite) Libelle() string { return qualites[q] }

// Relecture is a review: it is about one text, to the byte.
type Relecture struct {
	ID        ident.OperationID
	Langue    string
	Empreinte string // SHA-256 of the text reviewed, hexadecimal
	Relecteur string
	Qualite   Qualite
	Date      time.Time
}

// ParseRelecture reads the form of a review: who, and in what capacity. The
// version simple is reviewed by people concerned, and no translation is.
func ParseRelecture(l Langue, relecteur, qualite string) (Relecture, error) {
	r := Relecture{Langue: l.Code, Relecteur: strings.Join(strings.Fields(relecteur), " "), Qualite: Qualite(qualite)}
	f := fault.Fields{}
	switch {
	case r.Relecteur == "" || !utf8.ValidString(r.Relecteur):
		f["relecteur"] = fauteAucune
	case utf8.RuneCountInString(r.Relecteur) > maxRelu:
		f["relecteur"] = fauteLongue
	}
	if qualites[r.Qualite] == "" || (r.Qualite == Concernees) != (l.Code == Simple) {
		f["qualite"] = "Choisissez en quelle qualité ce texte a été relu."
	}
	if len(f) > 0 {
		return r, fault.Form(f)
	}
	return r, nil
}

// Qualites are those a text of this language may be reviewed in.
func (l Langue) Qualites() []Qualite {
	if l.Code == Simple {
		return []Qualite{Concernees}
	}
	return []Qualite{Assermente, Locuteur}
}

// Traduction is a language's text, with its review if there is one.
type Traduction struct {
	Langue
	Texte     string // version of the mandat's text: "2026-11-22"
	Corps     string // HTML of ours
	Empreinte string // SHA-256 of Corps, hexadecimal
	Relecture *Relecture
}

// Visible tells whether people may be shown it.
func (t Traduction) Visible() bool { return t.Repond || t.Relecture != nil }

// Titre names the text: FALC is a promise that only a review makes.
func (t Traduction) Titre() string {
	switch {
	case t.Code != Simple:
		return t.Propre
	case t.Relecture != nil:
		return "Le mandat, facile à lire et à comprendre (FALC)"
	}
	return "Le mandat, version simple"
}
