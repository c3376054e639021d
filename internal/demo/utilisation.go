package demo

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"aidantsconnect/internal/demarche"
)

// Usage is a use of a mandat: a demo service, a person by name, a démarche.
type Usage struct {
	Service  string // "a" … "f"
	Nom      string // searched on the page of choice
	Demarche demarche.Demarche
	Presence string // present, telephone, absent
}

// Demander opens a service, chooses the simulation of FranceConnect, then us:
// the page of choice of the person follows.
func (p *Parcours) Demander(service string) error {
	if err := p.Ouvrir(p.Adresses.Service + "/" + service + "/"); err != nil {
		return err
	}
	if err := p.Presser("se-connecter", nil); err != nil {
		return err
	}
	return p.Presser("choisir-aidants-connect", nil)
}

// Choisir picks the person and the démarche, up to the simulation's
// information page.
func (p *Parcours) Choisir(u Usage) error {
	if err := p.ChoisirUsager(u.Nom); err != nil {
		return err
	}
	if !p.form(Avec("presence")) {
		return fmt.Errorf("no choice of démarche: %d %q", p.Statut, p.Titre())
	}
	return p.Envoyer(Avec("presence"), url.Values{"demarche": {string(u.Demarche)}, "presence": {u.Presence}})
}

// ChoisirUsager searches a person and picks the first result.
func (p *Parcours) ChoisirUsager(nom string) error {
	if !strings.HasPrefix(p.URL.Path, "/select_usager/") {
		return fmt.Errorf("not on the page of choice: %d %q at %s", p.Statut, p.Titre(), p.URL.Path)
	}
	if err := p.Envoyer(Avec("recherche"), url.Values{"recherche": {nom}}); err != nil {
		return err
	}
	return p.choisirPremier()
}

// Utiliser uses a mandat up to the public service, signed in as the person.
// It gives the identity the service shows.
func (p *Parcours) Utiliser(u Usage) (string, error) {
	if err := p.Demander(u.Service); err != nil {
		return "", err
	}
	if err := p.Choisir(u); err != nil {
		return "", err
	}
	for range 4 {
		if strings.HasPrefix(p.URL.String(), p.Adresses.Service) {
			break
		}
		if code := p.Texte("code-erreur"); code != "" {
			return "", fmt.Errorf("the simulation refused: %s", code)
		}
		if err := p.avancer(); err != nil {
			return "", err
		}
	}
	if err := p.expect(http.StatusOK, ""); err != nil {
		return "", err
	}
	return p.Texte("identite"), nil
}

// Deconnecter signs out of the public service, then of the simulation.
func (p *Parcours) Deconnecter(service string) error {
	if err := p.Ouvrir(p.Adresses.Service + "/" + service + "/"); err != nil {
		return err
	}
	if err := p.Presser("se-deconnecter", nil); err != nil {
		return err
	}
	for range 6 {
		if strings.HasPrefix(p.URL.String(), p.Adresses.Service) {
			return nil
		}
		if err := p.avancer(); err != nil {
			return err
		}
	}
	return fmt.Errorf("still signing out: %q", p.Titre())
}

// choisirPremier presses the first « Choisir » of the list.
func (p *Parcours) choisirPremier() error {
	for e := range p.Page.Descendants() {
		if e.Data == "button" && attr(e, "name") == "usager" {
			return p.Envoyer(Avec("usager"), url.Values{"usager": {attr(e, "value")}})
		}
	}
	return fmt.Errorf("nobody to choose on %q", p.Titre())
}
