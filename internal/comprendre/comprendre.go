// Package comprendre gives a person the sheet that explains the mandat on their
// own phone: an SMS with the address of the sheet, which an aidant sends before
// anything is signed.
//
// The sheet is public and says nothing of anybody (signature serves it); its
// address names its version, so that what was sent is what is read. The number
// is given by the person for this message only: it is sealed in the message,
// erased with it, and written nowhere else. Nothing is decided by reading.
//
// It owns no table.
// URLs: /espace-aidant/comprendre/.
// Journal: nothing. No mandat, no person and no act in a person's name is
// concerned: the sheet could as well be read aloud.
package comprendre

import (
	"strings"
	"unicode/utf8"
)

// GenreFiche is the SMS that leads to the sheet.
const GenreFiche = "S-08"

// nomMax keeps the message in three parts, whatever the name of the structure.
const nomMax = 120

// texte is what the phone shows: who proposes, what it is, and that nothing is
// asked for. No name of a person, no secret: anybody may read the sheet.
func texte(structure, service, adresse string) string {
	if utf8.RuneCountInString(structure) > nomMax {
		structure = strings.TrimSpace(string([]rune(structure)[:nomMax-1])) + "…"
	}
	return structure + " vous propose de l'aide avec " + service + ". Avant de décider, lisez ou écoutez : comprendre le mandat.\n" + adresse + "\nLire n'engage à rien, ne répondez pas."
}
