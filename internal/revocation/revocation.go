// Package revocation is where the operator's team records that a person wrote
// to it, by letter or by e-mail, to end a mandat or some of its démarches (CGU,
// art. 7.2; Code civil, art. 2004: no reason is asked).
//
// The team reads nobody's name. It types the one written in the request, with
// the code of the mandat or the SIRET of the structure, and the page answers
// only when both agree, as the public verification does: an unknown code, a
// wrong name and a structure without that person have the same answer. What it
// found is sealed into the address for this web session, so that no mandat is
// opened by its identifier. The searches of an account are counted.
//
// The end itself is fin's: its rows, notice, certificate and journal lines, with
// the team as author. It takes effect when it is recorded. The request stays in
// the operator's own files: its reference is kept here, sealed, and shown to the
// team alone.
//
// It owns no table: fin keeps what is recorded.
// URLs: /gestion/revocations/, /gestion/revocations/mandat/.
// Journal: cancel_autorisation, cancel_mandat (fin).
package revocation

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
)

// Lengths of what is typed, in characters.
const (
	nomMax       = 256
	referenceMax = 80
)

// recueMax is how old a request may be: older, its date is a slip.
const recueMax = 366 * 24 * time.Hour

// Recherche is what the request says: the mandat by its code, or else its
// structure, and who signed.
type Recherche struct{ Code, Siret, Nom, Prenom string }

// Check cleans what was typed.
func (q Recherche) Check() (Recherche, error) {
	f := fault.Fields{}
	q.Nom, q.Prenom = strings.TrimSpace(q.Nom), strings.TrimSpace(q.Prenom)
	q.Siret = strings.Join(strings.Fields(q.Siret), "")
	typed := strings.TrimSpace(q.Code)
	code, ok := mandat.ParseCode(typed)
	switch {
	case ok:
		q.Code, q.Siret = code, ""
	case typed != "":
		f["code"] = "Ce n’est pas un code de mandat : il a douze lettres et chiffres, par exemple 7K2M-09QX-3F4T."
	case q.Siret == "":
		f["code"] = "Saisissez le code du mandat, ou le SIRET de la structure plus bas."
	case len(q.Siret) != 14 || strings.Trim(q.Siret, "0123456789") != "":
		f["siret"] = "Un SIRET a 14 chiffres."
	}
	if q.Nom == "" || utf8.RuneCountInString(q.Nom) > nomMax {
		f["nom"] = "Saisissez le nom écrit dans la demande."
	}
	if q.Prenom == "" || utf8.RuneCountInString(q.Prenom) > nomMax {
		f["prenom"] = "Saisissez le prénom écrit dans la demande."
	}
	if len(f) > 0 {
		return q, fault.Form(f)
	}
	return q, nil
}

// What a request ends.
const (
	toutLeMandat = "tout"
	enPartie     = "partie"
)

// Demande is the written request, as the team types it.
type Demande struct {
	Etendue       string
	Autorisations []string // when it is a part
	Canal         string
	Recue         string // AAAA-MM-JJ
	Reference     string
	Verifiee      bool
}

// Check reads the request against the mandat: what it ends, and when it came, a
// day of Paris neither to come nor before the mandat.
func (d Demande) Check(m mandat.Mandat, now time.Time) (fin.Etendue, Demande, error) {
	f := fault.Fields{}
	e := fin.Etendue{Mandat: m}
	switch d.Etendue {
	case toutLeMandat:
	case enPartie:
		if e.Parmi = d.chosen(m); len(e.Parmi) == 0 {
			f["autorisation"] = "Cochez au moins une démarche."
		}
	default:
		f["etendue"] = "Indiquez ce que la personne arrête."
	}
	if d.Canal != fin.Lettre && d.Canal != fin.Courriel {
		f["canal"] = "Indiquez comment la demande est arrivée."
	}
	day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(d.Recue), mandat.Paris)
	switch {
	case err != nil:
		f["recue"] = "Saisissez le jour où la demande est arrivée, par exemple 02/03/2026."
	case day.After(now):
		f["recue"] = "Ce jour n’est pas encore passé."
	case day.AddDate(0, 0, 1).Before(m.DateCreation):
		f["recue"] = "Ce jour est avant la signature du mandat : vérifiez la date, et que la demande parle bien de ce mandat."
	case now.Sub(day) > recueMax:
		f["recue"] = "Cette date a plus d’un an : vérifiez-la."
	}
	d.Recue = strings.TrimSpace(d.Recue)
	d.Reference = strings.Join(strings.Fields(d.Reference), " ")
	switch {
	case d.Reference == "":
		f["reference"] = "Saisissez la référence de la demande dans vos dossiers, par exemple 2026-0142."
	case utf8.RuneCountInString(d.Reference) > referenceMax:
		f["reference"] = "Gardez une référence courte : 80 caractères au plus."
	case strings.Contains(d.Reference, "@"):
		f["reference"] = "Une référence ne contient ni nom, ni adresse."
	}
	if !d.Verifiee {
		f["verifiee"] = "Cochez cette case après l’avoir vérifié : ce qui est arrêté ne se rouvre pas."
	}
	if len(f) > 0 {
		return e, d, fault.Form(f)
	}
	return e, d, nil
}

// chosen gives the autorisations ticked, each once and of this mandat: another's
// is as none.
func (d Demande) chosen(m mandat.Mandat) (out []ident.AutorisationID) {
	for _, a := range m.Autorisations {
		if slices.Contains(d.Autorisations, a.ID.String()) {
			out = append(out, a.ID)
		}
	}
	return out
}
