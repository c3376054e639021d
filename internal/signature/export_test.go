package signature

import "aidantsconnect/internal/secret"

// What the tests of the acts, outside the package, need of it.
const (
	CheminCreation    = cheminCreation
	CheminAller       = cheminAller
	CheminRetour      = cheminRetour
	CheminDeconnexion = cheminDeconnexion
	CheminRecap       = cheminRecap
	CheminProjet      = cheminProjet
)

// NonceOf is nonceOf.
func (h *Handlers) NonceOf(state secret.Text) secret.Text { return h.nonceOf(state) }

// Digest is digest.
func (h *Handlers) Digest(purpose string, v secret.Text) []byte { return h.digest(purpose, v) }
