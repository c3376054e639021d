package fait

import "aidantsconnect/internal/demarche"

// AskAccord: an agreement was asked of somebody who is not in the room. The
// usager is on the line when the request is for a known person.
type AskAccord struct {
	Demarches      []demarche.Demarche `json:"demarches" requis:"oui"`
	Jours          int                 `json:"jours" requis:"oui"`
	Moyen          string              `json:"moyen" mot:"moyen" requis:"oui"`
	Presence       string              `json:"presence" mot:"presence" requis:"oui"`
	Voie           string              `json:"voie" mot:"voie" requis:"oui"`
	Demande        string              `json:"demande_id" mot:"reference" requis:"oui"`
	TexteEmpreinte string              `json:"texte_empreinte" mot:"empreinte" requis:"oui"`
}

// AcceptAccord: the person agreed. PreuveEmpreinte is the salted digest of the
// sealed proof.
type AcceptAccord struct {
	Demarches       []demarche.Demarche `json:"demarches" requis:"oui"`
	Jours           int                 `json:"jours" requis:"oui"`
	Moyen           string              `json:"moyen" mot:"moyen" requis:"oui"`
	Demande         string              `json:"demande_id" mot:"reference" requis:"oui"`
	PreuveEmpreinte string              `json:"preuve_empreinte" mot:"empreinte" requis:"oui"`
}

// RefuseAccord: the person refused, or took their agreement back before the
// signature. The initiator is the system when nobody had proved who they are.
type RefuseAccord struct {
	Demarches []demarche.Demarche `json:"demarches" requis:"oui"`
	Jours     int                 `json:"jours" requis:"oui"`
	Moyen     string              `json:"moyen" mot:"moyen" requis:"oui"`
	Demande   string              `json:"demande_id" mot:"reference" requis:"oui"`
}

func (AskAccord) Action() string    { return "ask_accord" }
func (AcceptAccord) Action() string { return "accept_accord" }
func (RefuseAccord) Action() string { return "refuse_accord" }
