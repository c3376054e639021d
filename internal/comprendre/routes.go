package comprendre

import (
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/limite"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/signature"
	"aidantsconnect/internal/web"
)

// Handlers serves the page that sends the sheet.
type Handlers struct {
	DB         *db.DB
	Site       web.Site
	Outbox     *outbox.Outbox
	Limites    *limite.Compteurs
	Empreintes secret.Key // digest of the number that a limit counts
	Service    string     // its name, as texts say it
}

// Nobody is harassed: so many sheets reach one number, leave one aidant, one
// structure.
var (
	regleNumero    = limite.Regle{Nom: "fiche_numero", N: 3, Fenetre: 24 * time.Hour}
	regleAidant    = limite.Regle{Nom: "fiche_aidant", N: 20, Fenetre: time.Hour}
	regleStructure = limite.Regle{Nom: "fiche_structure", N: 100, Fenetre: 24 * time.Hour}
)

const maxForm = 4 << 10

// Mount puts the URLs of the package in their spaces.
func (h *Handlers) Mount(m *web.Mux) {
	m.Aidant("GET "+signature.CheminFicheSMS, h.show)
	m.Aidant("POST "+signature.CheminFicheSMS, h.send)
}

// Modeles are the texts of this package.
func (h *Handlers) Modeles() []outbox.Modele {
	long := "Centre communal d’action sociale de Saint-Exemple-sur-Rivière et des communes d’alentour"
	return []outbox.Modele{{Genre: GenreFiche, Quand: "un aidant envoie la fiche qui explique le mandat", Vers: "la personne aidée", Exemples: []outbox.Message{
		{Cle: GenreFiche + "/exemple", Genre: GenreFiche, Destinataire: "+33639980102", Texte: texte(long, h.Service, h.Site.Origine+signature.FicheURL())},
	}}}
}
