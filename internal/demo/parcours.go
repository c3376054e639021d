package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/outbox"
)

// Adresses are the origins the demo serves.
type Adresses struct {
	App, FC, FI, Service, Boite, PC string
}

// Parcours plays the acts of an aidant in a browser. Attendre is called when
// every code in reach has served: the real demo sleeps, the seeds advance
// their clock.
type Parcours struct {
	*Navigateur
	Adresses Adresses
	Compte   Compte
	Horloge  func() time.Time
	Attendre func(time.Duration)

	dernierPas int64
}

// Code gives a code that has not served: the one of the moment, else the next,
// which is accepted in advance; else it waits.
func (p *Parcours) Code() (string, error) {
	graine, err := facteur.ParseGraine(p.Compte.TOTP)
	if err != nil {
		return "", err
	}
	for {
		now := p.Horloge()
		pas := max(facteur.Pas(now, 30), p.dernierPas+1)
		if pas <= facteur.Pas(now, 30)+facteur.Tolerance {
			p.dernierPas = pas
			return facteur.Code(graine, pas), nil
		}
		p.Attendre(time.Unix((pas-facteur.Tolerance)*30, 0).Sub(now))
	}
}

// expect checks the page shown.
func (p *Parcours) expect(statut int, contient string) error {
	if p.Statut != statut || contient != "" && !p.Contient(contient) {
		return fmt.Errorf("expected %d %q, got %d %q at %s", statut, contient, p.Statut, p.Titre(), p.URL.Path)
	}
	return nil
}

// DemanderLien proves the code and gives the link that comes by e-mail.
func (p *Parcours) DemanderLien() (string, error) {
	before, err := p.lastLink()
	if err != nil {
		return "", err
	}
	if err := p.Ouvrir(p.Adresses.App + "/accounts/login/"); err != nil {
		return "", err
	}
	code, err := p.Code()
	if err != nil {
		return "", err
	}
	if err := p.Envoyer(Avec("otp_token"), url.Values{"email": {p.Compte.Courriel}, "otp_token": {code}}); err != nil {
		return "", err
	}
	if err := p.expect(http.StatusOK, "Vérifiez votre messagerie"); err != nil {
		return "", err
	}
	return p.newLink(before)
}

// SeConnecterSansSigner signs in: code, link by e-mail.
func (p *Parcours) SeConnecterSansSigner() error {
	lien, err := p.DemanderLien()
	if err != nil {
		return err
	}
	if err := p.Ouvrir(lien); err != nil {
		return err
	}
	return p.Envoyer(Vers("/code/"), nil)
}

// SeConnecter signs in, then signs the texts that are presented.
func (p *Parcours) SeConnecter() error {
	if err := p.SeConnecterSansSigner(); err != nil {
		return err
	}
	if err := p.AccepterTextes(); err != nil {
		return err
	}
	return p.expect(http.StatusOK, "")
}

// AccepterTextes signs every text that is presented to the person, and ends
// where they were going.
func (p *Parcours) AccepterTextes() error {
	const page = "/espace-aidant/valider-cgu"
	if p.URL.Path != page {
		if err := p.Ouvrir(p.Adresses.App + page); err != nil {
			return err
		}
	}
	for p.URL.Path == page && p.form(Avec("document")) {
		for _, f := range p.Formulaires() {
			if d := f.Champs.Get("document"); d != "" {
				if err := p.submit(f, url.Values{d: {"oui"}}); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// courriels reads the demo's mailbox, newest first.
func (p *Parcours) courriels() ([]outbox.Lu, error) {
	res, err := p.client.Get(p.Adresses.Boite + "/courriels.json")
	if err != nil {
		return nil, fmt.Errorf("read mailbox: %w", err)
	}
	defer res.Body.Close()
	var mails []outbox.Lu
	if err := json.NewDecoder(res.Body).Decode(&mails); err != nil {
		return nil, fmt.Errorf("read mailbox: %w", err)
	}
	return mails, nil
}

// Courriel waits for a mail to the account whose text is accepted, and gives
// its text: the outbox sends after the commit.
func (p *Parcours) Courriel(accept func(texte string) bool) (string, error) {
	for range 200 {
		mails, err := p.courriels()
		if err != nil {
			return "", err
		}
		for _, m := range mails {
			if m.To == p.Compte.Courriel && accept(m.Text) {
				return m.Text, nil
			}
		}
		<-time.After(50 * time.Millisecond)
	}
	return "", errors.New("the mail did not arrive")
}

// lastLink is the newest sign-in link mailed to the account, "" if none.
func (p *Parcours) lastLink() (string, error) {
	mails, err := p.courriels()
	if err != nil {
		return "", err
	}
	for _, m := range mails {
		if m.To != p.Compte.Courriel {
			continue
		}
		for l := range strings.FieldsSeq(m.Text) {
			if strings.HasPrefix(l, p.Adresses.App+"/code/") {
				return l, nil
			}
		}
	}
	return "", nil
}

// LienRecu waits for the newest mail to an address that holds a link to this path
// of the application, and gives the link.
func (p *Parcours) LienRecu(adresse, chemin string) (string, error) {
	for range 200 {
		mails, err := p.courriels()
		if err != nil {
			return "", err
		}
		for _, m := range mails {
			if m.To != adresse {
				continue
			}
			for l := range strings.FieldsSeq(m.Text) {
				if strings.HasPrefix(l, p.Adresses.App+chemin) {
					return l, nil
				}
			}
		}
		<-time.After(50 * time.Millisecond)
	}
	return "", fmt.Errorf("no mail to this address leads to %s", chemin)
}

// newLink waits for a sign-in link other than the former one: the outbox sends
// after the commit.
func (p *Parcours) newLink(before string) (string, error) {
	for range 200 {
		link, err := p.lastLink()
		if err != nil || link != "" && link != before {
			return link, err
		}
		<-time.After(50 * time.Millisecond)
	}
	return "", errors.New("no sign-in link arrived")
}

// Projet is a mandat to conclude. Personne is a key of the simulation.
type Projet struct {
	Personne  string
	Demarches []demarche.Demarche
	Duree     string
}

// Conclure concludes a mandat, from the form to the printed attestation. It
// gives the attestation's address.
func (p *Parcours) Conclure(projet Projet) (string, error) {
	if err := p.Identifier(projet); err != nil {
		return "", err
	}
	code, err := p.Code()
	if err != nil {
		return "", err
	}
	values := url.Values{"identite": {"on"}, "identite_bis": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {code}}
	if err := p.Envoyer(Avec("personal_data"), values); err != nil {
		return "", err
	}
	if !strings.Contains(p.URL.Path, "/visualisation/final/") {
		return "", fmt.Errorf("the recap did not conclude: %d %q at %s", p.Statut, p.Titre(), p.URL.Path)
	}
	return p.URL.String(), p.expect(http.StatusOK, "")
}

// SurPapier concludes a mandat that will be signed on paper.
func (p *Parcours) SurPapier(projet Projet) error {
	if err := p.identifier(projet, "papier"); err != nil {
		return err
	}
	code, err := p.Code()
	if err != nil {
		return err
	}
	if err := p.Envoyer(Avec("personal_data"), url.Values{"identite": {"on"}, "personal_data": {"on"}, "otp_token": {code}}); err != nil {
		return err
	}
	return p.expect(http.StatusOK, "Imprimez-le en deux exemplaires")
}

// Identifier goes from the form to the recap, through FranceConnect.
func (p *Parcours) Identifier(projet Projet) error { return p.identifier(projet, "") }

func (p *Parcours) identifier(projet Projet, moyen string) error {
	if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/creation_mandat/"); err != nil {
		return err
	}
	values := url.Values{"duree": {projet.Duree}, "capacite": {"on"}}
	if moyen != "" {
		values.Set("moyen", moyen)
	}
	for _, d := range projet.Demarches {
		values.Add("demarche", string(d))
	}
	if err := p.Envoyer(Avec("duree"), values); err != nil {
		return err
	}
	if err := p.Envoyer(Vers("/fc_authorizev2/"), nil); err != nil {
		return err
	}
	return p.seDeclarer(projet.Personne)
}

// seDeclarer plays the usager at the simulation, until the page of the app
// that follows.
func (p *Parcours) seDeclarer(personne string) error {
	for range 8 {
		if strings.HasPrefix(p.URL.String(), p.Adresses.App) {
			return nil
		}
		var err error
		if p.form(Avec("personne")) {
			err = p.Envoyer(Avec("personne"), url.Values{"personne": {personne}})
		} else {
			err = p.avancer()
		}
		if err != nil {
			return err
		}
	}
	return fmt.Errorf("still at the simulation: %q", p.Titre())
}

// avancer presses the button that goes on, on a page of the simulation.
func (p *Parcours) avancer() error {
	id, ok := p.APresser("fi-demo", "continuer")
	if ok {
		return p.Presser(id, url.Values{"consentement": {"oui"}})
	}
	return p.Envoyer(func(*Formulaire) bool { return true }, nil)
}

func (p *Parcours) form(ok func(*Formulaire) bool) bool {
	for _, f := range p.Formulaires() {
		if ok(f) {
			return true
		}
	}
	return false
}
