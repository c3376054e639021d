package proconnect

import (
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// SealAttente makes the cookie of somebody whose code is waited for.
func SealAttente(box *secret.Box, id ident.AidantID, sub []byte, fin db.Time) (string, string, error) {
	v, err := seal(box, temoinAttente, attente{Aidant: id, Sub: sub, Fin: fin})
	return temoinAttente, v, err
}
