package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DemanderParSMS prepares a mandat for a person who answers by SMS, and sends
// the first message to this number. The page that waits is left open.
func (p *Parcours) DemanderParSMS(projet Projet, numero string) error {
	if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/creation_mandat/"); err != nil {
		return err
	}
	values := url.Values{"duree": {projet.Duree}, "capacite": {"on"}, "moyen": {"sms"}, "presence": {"telephone"}}
	for _, d := range projet.Demarches {
		values.Add("demarche", string(d))
	}
	if err := p.Envoyer(Avec("duree"), values); err != nil {
		return err
	}
	return p.PremierSMS(numero)
}

// PremierSMS sends the first message to this number, from the page that waits.
func (p *Parcours) PremierSMS(numero string) error {
	if err := p.Envoyer(Avec("telephone"), url.Values{"telephone": {numero}, "verifie": {"on"}}); err != nil {
		return err
	}
	return p.expect(http.StatusOK, "Premier SMS")
}

// PoserLaQuestion waits for the first message to leave and sends the second.
func (p *Parcours) PoserLaQuestion() error {
	for range 200 {
		if err := p.Ouvrir(p.URL.String()); err != nil {
			return err
		}
		if p.Contient("Poser la question") {
			break
		}
		<-time.After(50 * time.Millisecond)
	}
	if err := p.Envoyer(Dit("Poser la question par SMS"), nil); err != nil {
		return err
	}
	return p.expect(http.StatusOK, "La question est posée")
}

// SMSRecu waits for a phone to hold a message that says something.
func (i *Instance) SMSRecu(numero, dit string) (string, error) {
	for range 200 {
		if m, err := i.LastSMS(numero); err == nil && strings.Contains(m.Text, dit) {
			return m.Text, nil
		}
		<-time.After(50 * time.Millisecond)
	}
	return "", fmt.Errorf("no SMS says %q", dit)
}

// parSMS plays an agreement by SMS: two messages, OUI, then the person proves
// who they are on their own device, since no mandat of theirs is known yet.
func (i *Instance) parSMS(projet Projet) func(p *Parcours) error {
	return func(p *Parcours) error {
		const numero = "+33612345678"
		if err := p.DemanderParSMS(projet, numero); err != nil {
			return err
		}
		if err := p.PoserLaQuestion(); err != nil {
			return err
		}
		if _, err := i.SMSRecu(numero, "Acceptez-vous"); err != nil {
			return err
		}
		if err := i.Repondre(context.Background(), numero, "oui."); err != nil {
			return err
		}
		person := p.Ailleurs()
		if err := person.LireMandat(numero, projet.Personne); err != nil {
			return err
		}
		if err := person.Accepter(); err != nil {
			return err
		}
		return p.SignerAccord()
	}
}
