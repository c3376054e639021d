// Package enrolement is where people look after their own second factors: the
// list, an application added by its QR code, a passkey, recovery codes, two
// codes that set a clock again, a removal with its reason; and the public pages
// by which somebody invited enrols an application alone (comptes 3.2, 7.5).
//
// A secret is on the screen of its holder only, while it is being added; no GET
// writes anything; the acts ask a fresh code (comptes 4.3). The acts, their
// rules, mails and journal lines are facteur's.
//
// It owns no table.
// URLs: /espace-aidant/facteurs/…, /facteur/{cle}/….
// It appends nothing to the journal itself.
package enrolement

import "aidantsconnect/internal/facteur"

const (
	cheminApplication = facteur.CheminMoyens + "application/"
	cheminCle         = facteur.CheminMoyens + "cle/"
	cheminSecours     = facteur.CheminMoyens + "secours/"
	cheminHeure       = facteur.CheminMoyens + "resynchroniser/"
	cheminRetrait     = facteur.CheminMoyens + "retrait/"
)

// formMax bounds the forms; the largest carries a browser's answer about a key.
const formMax = 32 << 10
