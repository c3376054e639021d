package demo

import (
	"aidantsconnect/internal/proconnect"
	simu "aidantsconnect/internal/simulateur/proconnect"
)

// newProConnect makes the stand-in of ProConnect; it proposes the accounts of
// the demo.
func (i *Instance) newProConnect() (*simu.Simulateur, error) {
	c := simu.Config{
		Origine: i.Adresses.PC, ClientID: idPro, ClientSecret: secretPro, Clock: i.Horloge.Now,
		RedirectURIs: []string{i.Adresses.App + proconnect.CheminRetour}, PostLogoutRedirectURI: i.Adresses.App + proconnect.CheminFin,
	}
	for _, a := range i.coffre.Comptes {
		p := simu.Professionnel{Prenom: a.Prenom, Nom: a.Nom, Email: a.Courriel}
		for _, s := range structures {
			if s.nom == a.Structure {
				p.Siret = s.siret
			}
		}
		c.Professionnels = append(c.Professionnels, p)
	}
	return simu.New(c)
}
