package demo

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Ailleurs gives a browser of its own to a person who is not in the room:
// no session of an aidant in it.
func (p *Parcours) Ailleurs() *Parcours {
	other := *p
	other.Navigateur = NewNavigateur(p.client.Transport)
	return &other
}

// DemanderAccord prepares a mandat for a person at a distance, and sends them
// the request at this address. The page that waits is left open.
func (p *Parcours) DemanderAccord(projet Projet, courriel string) error {
	if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/creation_mandat/"); err != nil {
		return err
	}
	values := url.Values{"duree": {projet.Duree}, "capacite": {"on"}, "moyen": {"franceconnect"}, "presence": {"telephone"}}
	for _, d := range projet.Demarches {
		values.Add("demarche", string(d))
	}
	if err := p.Envoyer(Avec("duree"), values); err != nil {
		return err
	}
	if err := p.Envoyer(Avec("voie"), url.Values{"voie": {"courriel"}, "courriel": {courriel}, "verifie": {"on"}}); err != nil {
		return err
	}
	return p.expect(http.StatusOK, "La demande est partie")
}

// LireMandat opens the link of the newest request sent to this address, reads
// and connects with FranceConnect, in the person's own browser.
func (p *Parcours) LireMandat(courriel, personne string) error {
	link, err := p.LienRecu(courriel, "/accord/")
	if err != nil {
		return err
	}
	if err := p.Ouvrir(link); err != nil {
		return err
	}
	if err := p.Envoyer(Dit("Lire le mandat proposé"), nil); err != nil {
		return err
	}
	if err := p.Envoyer(Avec("lu"), url.Values{"lu": {"on"}}); err != nil {
		return err
	}
	return p.seDeclarer(personne)
}

// Accepter is the person's answer.
func (p *Parcours) Accepter() error {
	if err := p.Envoyer(Avec("accord"), url.Values{"lu": {"on"}, "accord": {"on"}}); err != nil {
		return err
	}
	return p.expect(http.StatusOK, "Votre accord est enregistré")
}

// SignerAccord signs what the person agreed to at a distance.
func (p *Parcours) SignerAccord() error {
	if err := p.Ouvrir(p.URL.String()); err != nil {
		return err
	}
	if err := p.Envoyer(Dit("Continuer vers le récapitulatif"), nil); err != nil {
		return err
	}
	code, err := p.Code()
	if err != nil {
		return err
	}
	if err := p.Envoyer(Avec("personal_data"), url.Values{"identite": {"on"}, "personal_data": {"on"}, "otp_token": {code}}); err != nil {
		return err
	}
	if !strings.Contains(p.URL.Path, "/visualisation/final/") {
		return fmt.Errorf("the recap did not conclude: %d %q at %s", p.Statut, p.Titre(), p.URL.Path)
	}
	return p.expect(http.StatusOK, "")
}

// aDistance plays an agreement of a person who is elsewhere.
func (p *Parcours) aDistance(projet Projet) error {
	const courriel = "personne.a.distance@exemple.test"
	if err := p.DemanderAccord(projet, courriel); err != nil {
		return err
	}
	person := p.Ailleurs()
	if err := person.LireMandat(courriel, projet.Personne); err != nil {
		return err
	}
	if err := person.Accepter(); err != nil {
		return err
	}
	return p.SignerAccord()
}

// SeDeclarer plays the person at the simulation, until the page of the app that
// follows.
func (p *Parcours) SeDeclarer(personne string) error { return p.seDeclarer(personne) }

// CourrielDe waits for a message to this address that says something, and gives
// its text.
func (p *Parcours) CourrielDe(adresse, dit string) (string, error) {
	for range 200 {
		mails, err := p.courriels()
		if err != nil {
			return "", err
		}
		for _, m := range mails {
			if m.To == adresse && strings.Contains(m.Text, dit) {
				return m.Text, nil
			}
		}
		<-time.After(50 * time.Millisecond)
	}
	return "", fmt.Errorf("no message to this address says %q", dit)
}
