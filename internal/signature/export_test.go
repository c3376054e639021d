package signature

import (
	"context"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// What the tests of the acts, outside the package, need of it.
const (
	CheminCreation    = cheminCreation
	CheminAller       = cheminAller
	CheminRetour      = cheminRetour
	CheminDeconnexion = cheminDeconnexion
	CheminRecap       = cheminRecap
	CheminProjet      = cheminProjet
	CheminProjetPDF   = cheminProjetPDF
)

// NonceOf is nonceOf.
func (h *Handlers) NonceOf(state secret.Text) secret.Text { return h.nonceOf(state) }

// Digest is digest.
func (h *Handlers) Digest(purpose string, v secret.Text) []byte { return h.digest(purpose, v) }

// Conclude is conclude, past the gate and the form.
func (h *Handlers) Conclude(ctx context.Context, a actor.Actor, id ident.DossierID, code string) error {
	var d Dossier
	err := h.DB.View(ctx, func(tx *db.Tx) (err error) { d, err = loadDossier(ctx, tx, id); return err })
	if err != nil {
		return err
	}
	_, err = h.conclude(ctx, a, d, formulaire{code: code, accord: accordSaisi{genre: consentement.SignatureSaisie, octets: []byte("{}")}})
	return err
}
