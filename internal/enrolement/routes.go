package enrolement

import (
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/web"
)

// Handlers serves the pages.
type Handlers struct {
	DB     *db.DB
	Coffre *facteur.Coffre
	// Limites counts for every node who tries the codes of an invitation.
	Limites *limite.Compteurs
	Site    web.Site
}

// parReseau slows down who tries activation codes (comptes 5, A-W7).
var parReseau = limite.Regle{Nom: "invitation.adresse", N: 30, Fenetre: time.Minute}

// Mount puts the URLs of the package in their spaces. Setting a clock asks no
// fresh code: it is for who has none that works, and its two codes prove more.
func (h *Handlers) Mount(m *web.Mux) {
	m.Compte("GET "+facteur.CheminMoyens, h.showMoyens)
	m.Compte("GET "+cheminApplication, h.showApplication, web.CodeFraisOuPremier)
	m.Compte("POST "+cheminApplication, h.beginApplication, web.CodeFraisOuPremier)
	m.Compte("POST "+cheminApplication+"confirmer/", h.confirmApplication, web.CodeFraisOuPremier)
	m.Compte("POST "+cheminCle, h.beginKey, web.CodeFraisOuPremier)
	m.Compte("GET "+cheminCle+"{defi}/", h.showKey)
	m.Compte("POST "+cheminCle+"{defi}/", h.addKey, web.CodeFraisOuPremier)
	m.Compte("GET "+cheminSecours, h.showSecours)
	m.Compte("POST "+cheminSecours, h.createSecours, web.CodeFrais)
	m.Compte("GET "+cheminHeure, h.showHeure)
	m.Compte("POST "+cheminHeure, h.setHeure)
	m.Compte("GET "+cheminRetrait+"{facteur}/", h.showRetrait, web.CodeFrais)
	m.Compte("POST "+cheminRetrait+"{facteur}/", h.remove, web.CodeFrais)

	m.Public("GET "+facteur.CheminInvitation+"{cle}/", h.showInvitation)
	m.Public("POST "+facteur.CheminInvitation+"{cle}/activer/", h.Limites.Limit(h.activateInvitation, parReseau))
	m.Public("POST "+facteur.CheminInvitation+"{cle}/confirmer/", h.Limites.Limit(h.acceptInvitation, parReseau))
}
