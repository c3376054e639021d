package compte

import (
	"context"
	"net/http"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// CheminProfil is the page of one's own account.
const CheminProfil = web.CheminProfil

// Handlers serves the profile: what a person sees and changes of their account.
type Handlers struct {
	DB         *db.DB
	Actes      *Actes
	Limites    *limite.Compteurs
	Empreintes secret.Key
	Site       web.Site
	ProConnect bool // people may sign in through it
	// Chiffres counts what a person did lately; nil for nothing to show.
	Chiffres func(ctx context.Context, tx *db.Tx, id ident.AidantID) ([]Chiffre, error)
}

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Compte("GET /espace-aidant/profil", h.showProfile)
	m.Compte("GET /espace-aidant/profil/profession", h.showProfession)
	m.Compte("POST /espace-aidant/profil/profession", h.changeProfession)
	m.Compte("GET /espace-aidant/profil/telephone", h.showPhone, web.CodeFrais)
	m.Compte("POST /espace-aidant/profil/telephone", h.changePhone, web.CodeFrais)
	m.Compte("GET /espace-aidant/profil/courriel", h.showEmail, web.CodeFrais)
	m.Compte("POST /espace-aidant/profil/courriel", h.changeEmail, web.CodeFrais)
	m.Compte("POST /espace-aidant/profil/courriel/annuler", h.dropEmail)
	m.Compte("POST /espace-aidant/profil/preferences", h.changePreferences)
	m.Compte("GET /espace-aidant/profil/donnees", h.showData, web.CodeFrais)
	m.Compte("GET /espace-aidant/profil/donnees.json", h.downloadData, web.CodeFrais)
	m.Public("GET /changement-adresse/{cle}/", h.showConfirm)
	m.Public("POST /changement-adresse/{cle}/", h.Limites.Limit(h.confirm, parReseau))
	m.Public("GET /annuler-adresse/{cle}/", h.showCancel)
	m.Public("POST /annuler-adresse/{cle}/", h.Limites.Limit(h.cancel, parReseau))
}

// The limits of the package (comptes 5).
var (
	parReseau = limite.Regle{Nom: "adresse_lien", N: 60, Fenetre: time.Hour}
	parCompte = limite.Regle{Nom: "adresse_demande", N: 5, Fenetre: 24 * time.Hour}
	parExport = limite.Regle{Nom: "donnees_compte", N: 10, Fenetre: time.Hour}
)

// update runs an act, then hurries its mails: somebody waits for them.
func (h *Handlers) update(r *http.Request, f func(ctx context.Context, tx *db.Tx) error) error {
	ctx := r.Context()
	err := h.DB.Update(ctx, func(tx *db.Tx) error { return f(ctx, tx) })
	if err == nil {
		h.Actes.Outbox.Poke()
	}
	return err
}

// done leads back to the profile, with a word of what was done.
func done(w http.ResponseWriter, r *http.Request, word string) error {
	return web.Redirect(w, r, CheminProfil+"?fait="+word)
}
