// Package notification is what the operator's team tells everybody who signs in,
// the aidants, or the référents: information, what is new, a warning (comptes
// 8.6, A-W44).
//
// A notification is one row, not one per account: who it concerns is read at the
// time of use. It stays until each person has marked it as read, or until a
// date, never both. What is new is also written by mail to those who accept it
// (E-04); the mails leave in batches, after the publication. The text is plain:
// nothing that somebody writes is laid out as HTML (A-W18).
//
// Tables: notification, notification_lecture.
// URLs: /espace-aidant/notifications/…, /gestion/notifications/….
// Journal: publish_notification, withdraw_notification.
package notification

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Genre is a kind of notification.
type Genre string

// The kinds: a closed list, also written as a CHECK.
const (
	Information Genre = "information"
	Nouveaute   Genre = "nouveaute"
	Alerte      Genre = "alerte"
)

// Genres lists them.
func Genres() []Genre { return []Genre{Information, Nouveaute, Alerte} }

// Libelle names a kind.
func (g Genre) Libelle() string {
	switch g {
	case Nouveaute:
		return "Nouveauté"
	case Alerte:
		return "Alerte"
	}
	return "Information"
}

// Public is whom a notification is for.
type Public string

// The publics: a closed list, also written as a CHECK.
const (
	Tous      Public = "tous"
	Aidants   Public = "aidants"
	Referents Public = "referents"
)

// Publics lists them.
func Publics() []Public { return []Public{Tous, Aidants, Referents} }

// Libelle names a public.
func (p Public) Libelle() string {
	switch p {
	case Aidants:
		return "Les aidants habilités"
	case Referents:
		return "Les référents"
	}
	return "Toutes les personnes qui se connectent"
}

// Notification is one of them, as somebody sees it.
type Notification struct {
	ID             ident.OperationID
	Genre          Genre
	Public         Public
	Titre, Corps   string
	Lien           string
	Par            string // name of who published it; for the team
	DateCreation   time.Time
	DateExpiration time.Time // zero: until it is read
	DateRetrait    time.Time // zero: in place
	DateLecture    time.Time // zero: not read by who looks
	Lectures       int       // for the team
}

// Acquittable tells whether it is to be marked as read: one that ends by itself
// is not.
func (n Notification) Acquittable() bool { return n.DateExpiration.IsZero() }

// Attend tells whether it is still to be shown on the home of who looks.
func (n Notification) Attend(now time.Time) bool {
	if n.Acquittable() {
		return n.DateLecture.IsZero()
	}
	return now.Before(n.DateExpiration)
}

// Paragraphes cuts the text at its empty lines; a line break stays one.
func (n Notification) Paragraphes() (out [][]string) {
	for _, bloc := range strings.Split(n.Corps, "\n\n") {
		if bloc = strings.TrimSpace(bloc); bloc != "" {
			out = append(out, strings.Split(bloc, "\n"))
		}
	}
	return out
}

// durees is how long it may be shown, in days; "" until it is read.
var durees = []struct {
	Cle, Libelle string
	Jours        int
}{
	{"lecture", "Jusqu’à ce que chacun l’ait lue", 0},
	{"7", "Pendant 7 jours", 7},
	{"14", "Pendant 14 jours", 14},
	{"30", "Pendant 30 jours", 30},
	{"90", "Pendant 90 jours", 90},
}

// Projet is a notification as the team writes it.
type Projet struct {
	Genre              Genre
	Public             Public
	Titre, Corps, Lien string
	Duree              string
}

// The longest texts, in characters.
const (
	titreMax = 120
	corpsMax = 4000
	lienMax  = 500
)

// Check gives the text in order, or one message per field.
func (p Projet) Check() (Projet, error) {
	p.Titre, p.Lien = strings.Join(strings.Fields(p.Titre), " "), strings.TrimSpace(p.Lien)
	p.Corps = strings.TrimSpace(strings.ReplaceAll(p.Corps, "\r\n", "\n"))
	f := fault.Fields{}
	if !slices.Contains(Genres(), p.Genre) {
		f["genre"] = "Choisissez la sorte de notification."
	}
	if !slices.Contains(Publics(), p.Public) {
		f["destinataires"] = "Choisissez à qui elle s’adresse."
	}
	if p.jours() < 0 {
		f["duree"] = "Choisissez combien de temps elle est montrée."
	}
	text := func(name, value, empty string, max int) {
		switch {
		case value == "":
			f[name] = empty
		case utf8.RuneCountInString(value) > max:
			f[name] = "Ce texte est trop long."
		case strings.ContainsFunc(value, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }):
			f[name] = "Ce texte contient un caractère invisible : écrivez-le à la main."
		}
	}
	text("titre", p.Titre, "Écrivez un titre.", titreMax)
	text("corps", p.Corps, "Écrivez le texte.", corpsMax)
	if p.Lien != "" && !safeLink(p.Lien) {
		f["lien"] = "Indiquez une adresse en https://, ou une page de ce site qui commence par « / »."
	}
	if len(f) > 0 {
		return p, fault.Form(f)
	}
	return p, nil
}

// jours is the choice of a duration; -1 for what is none.
func (p Projet) jours() int {
	for _, d := range durees {
		if d.Cle == p.Duree {
			return d.Jours
		}
	}
	return -1
}

// safeLink accepts an https address or a path of this site (A-W17).
func safeLink(s string) bool {
	u, err := url.Parse(s)
	if err != nil || len(s) > lienMax || u.User != nil || strings.ContainsAny(s, "\\ \t\r\n") {
		return false
	}
	if u.Scheme == "https" {
		return u.Host != ""
	}
	return u.Scheme == "" && u.Host == "" && strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//")
}
