package demo

import "aidantsconnect/internal/demarche"

// Compte is an account of the demo. TOTP is its base32 secret, made when the
// demo database is seeded and kept beside it.
type Compte struct {
	Cle       string `json:"cle"`
	Prenom    string `json:"prenom"`
	Nom       string `json:"nom"`
	Courriel  string `json:"courriel"`
	Role      string `json:"role"`
	Structure string `json:"organisation"`
	TOTP      string `json:"totp_secret"`
	Referent  bool   `json:"referent"`
	NonAidant bool   `json:"non_aidant"`
}

// structure is a fictional structure of the demo.
type structure struct {
	nom, siret, adresse, codePostal, ville string
	perimetre                              []demarche.Demarche // nil: the ten
}

// The demo's structures: one that may offer everything, one limited to three
// démarches.
var structures = []structure{
	{"Maison France services de Valbrune", "21800021900012", "3 place du Marché", "80000", "Valbrune", nil},
	{"Centre social des Tilleuls", "26590350400016", "12 rue des Écoles", "59000", "Montferrol", []demarche.Demarche{demarche.Famille, demarche.Travail, demarche.Social}},
}

// comptes are the demo's people who sign in; Structure is the structure's name.
func comptes() []Compte {
	return []Compte{
		{Cle: "nadia", Prenom: "Nadia", Nom: "Ferroukhi", Courriel: "nadia.ferroukhi@valbrune.example.org", Role: "aidante", Structure: structures[0].nom},
		{Cle: "hugo", Prenom: "Hugo", Nom: "Lestrade", Courriel: "hugo.lestrade@valbrune.example.org", Role: "aidant et référent", Structure: structures[0].nom, Referent: true},
		{Cle: "claire", Prenom: "Claire", Nom: "Montagnac", Courriel: "claire.montagnac@tilleuls.example.org", Role: "aidante", Structure: structures[1].nom},
		{Cle: "rene", Prenom: "René", Nom: "Auberville", Courriel: "rene.auberville@valbrune.example.org", Role: "référent sans droit de mandat", Structure: structures[0].nom, Referent: true, NonAidant: true},
	}
}
