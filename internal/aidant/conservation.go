package aidant

import "aidantsconnect/internal/garde"

// Conserve says until when an account is kept, and why: its time runs once it
// is closed, from the last contact (L-67).
func (a Aidant) Conserve() string {
	if a.Actif {
		return garde.Compte.EnCours("tant que le compte est ouvert")
	}
	return garde.Compte.Phrase(a.DateReference())
}
