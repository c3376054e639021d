package gestion

import (
	"context"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
)

// linkCard gives a card of the stock to the account.
func (h *Handlers) linkCard(ctx context.Context, tx *db.Tx, a actor.Actor, d Demande) error {
	err := h.Facteurs.LinkCard(ctx, tx, facteur.ByGestion(a), d.Aidant, d.NumeroSerie)
	switch fault.ReasonOf(err) {
	case "compte_ferme":
		return refus("compte_ferme", "Ce compte est désactivé : réactivez-le d’abord.")
	case "carte_deja":
		return refus("carte_deja", "Ce compte a déjà une carte : retirez-la d’abord.")
	case "trop_de_facteurs":
		return refus("trop_de_facteurs", "Ce compte a déjà trop de moyens de connexion.")
	}
	return err
}

// validateCard accepts the card by what it shows. A wrong code is counted as
// any other, and is no act.
func (h *Handlers) validateCard(ctx context.Context, tx *db.Tx, a actor.Actor, d Demande) (out resultat, err error) {
	res, err := h.Facteurs.ValidateCard(ctx, tx, facteur.ByGestion(a), d.Aidant, d.Codes)
	if fault.ReasonOf(err) == "carte_a_valider" {
		return out, refus("carte_a_valider", "Ce compte n’a pas de carte à valider.")
	}
	if err != nil || res.Accepte {
		return out, err
	}
	out.refus = fault.Form(fault.Fields{"code": "Ce code n’est pas le bon. Attendez le code suivant de la carte ; s’il est refusé aussi, donnez deux codes qui se suivent."})
	return out, nil
}
