package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aidantsconnect/internal/demarche"
)

// etape is one step of the main job.
type etape struct {
	nom   string
	faire func(*Parcours) error
}

// Play does the whole main job over real HTTP, prints each step with its time,
// and fails at the first step that does not hold.
func (i *Instance) Play(w io.Writer) error {
	p, err := i.Parcours("nadia")
	if err != nil {
		return err
	}
	for n, e := range i.etapes() {
		begin := time.Now()
		if err := e.faire(p); err != nil {
			fmt.Fprintf(w, "✗ %2d. %s\n", n+1, e.nom)
			return fmt.Errorf("étape %d, « %s » : %w", n+1, e.nom, err)
		}
		fmt.Fprintf(w, "✓ %2d. %-66s %6d ms\n", n+1, e.nom, time.Since(begin).Milliseconds())
	}
	return nil
}

const odile = "Odile Simone VASSELIN"

func (i *Instance) etapes() []etape {
	return []etape{
		{"Nadia, aidante, se connecte : code, lien reçu par courriel, CGU", (*Parcours).SeConnecter},
		{"Un code qui a déjà servi est refusé", (*Parcours).rejouerCode},
		{"Mandat conclu avec Odile : FranceConnect, récapitulatif, code", func(p *Parcours) error {
			_, err := p.Conclure(Projet{"ordinaire", []demarche.Demarche{demarche.Papiers, demarche.Famille, demarche.Argent}, "MONTH"})
			return err
		}},
		{"L'attestation nomme Odile et la simulation", func(p *Parcours) error {
			if !p.Contient(odile) || !p.Contient("SIMULATION") {
				return fmt.Errorf("the attestation lacks the name or the mark: %q", p.Titre())
			}
			return nil
		}},
		{"Service sans périmètre : connecté au nom d'Odile", func(p *Parcours) error { return p.utiliserEtVerifier("a", demarche.Papiers) }},
		{"Service avec périmètre Famille ou Travail : connecté au nom d'Odile", func(p *Parcours) error { return p.utiliserEtVerifier("b", demarche.Famille) }},
		{"Fin de l'autorisation Famille, à la demande d'Odile", func(p *Parcours) error { return p.TerminerAutorisation("VASSELIN", demarche.Famille) }},
		{"Le même service est refusé : plus d'autorisation Famille", (*Parcours).refuser},
		{"Retour à FranceConnect, puis au service", (*Parcours).revenir},
		{"Odile est prévenue de chaque acte par courriel", i.prevenue},
		{"Hugo conclut un mandat à distance : la personne accepte chez elle", i.par("hugo", func(p *Parcours) error {
			return p.aDistance(Projet{"ne_algerie", []demarche.Demarche{demarche.Logement}, "MONTH"})
		})},
		{"Claire, par SMS : deux messages, OUI, puis la personne se prouve", i.par("claire", i.parSMS(Projet{"nom_usage", []demarche.Demarche{demarche.Social}, "MONTH"}))},
		{"Nadia renouvelle par lettre : Odile rend le code par téléphone", func(p *Parcours) error {
			return p.ParLettre("VASSELIN", Projet{Demarches: []demarche.Demarche{demarche.Papiers}, Duree: "MONTH"})
		}},
		{"Déconnexion de Nadia", (*Parcours).SeDeconnecter},
		{"Le journal est complet et inchangé", func(*Parcours) error { return i.verifyJournal() }},
	}
}

// par has another aidant sign in and act: a code serves once, and nobody waits
// for the next one.
func (i *Instance) par(cle string, faire func(*Parcours) error) func(*Parcours) error {
	return func(*Parcours) error {
		p, err := i.Parcours(cle)
		if err != nil {
			return err
		}
		if err := p.SeConnecter(); err != nil {
			return err
		}
		return faire(p)
	}
}

func (p *Parcours) utiliserEtVerifier(service string, d demarche.Demarche) error {
	identity, err := p.Utiliser(Usage{Service: service, Nom: "vasselin", Demarche: d, Presence: "present"})
	if err != nil {
		return err
	}
	if !strings.Contains(identity, "Odile VASSELIN") {
		return fmt.Errorf("the service greets %q", identity)
	}
	return p.Deconnecter(service)
}

// rejouerCode presents the code that just signed in, from a browser without a
// session.
func (p *Parcours) rejouerCode() error {
	other := *p
	other.Navigateur = NewNavigateur(p.client.Transport)
	other.dernierPas--
	if err := other.Ouvrir(p.Adresses.App + "/accounts/login/"); err != nil {
		return err
	}
	code, err := other.Code()
	if err != nil {
		return err
	}
	if err := other.Envoyer(Avec("otp_token"), url.Values{"email": {p.Compte.Courriel}, "otp_token": {code}}); err != nil {
		return err
	}
	p.Attendre(time.Second) // a refusal delays the next code of the account
	return other.expect(http.StatusUnprocessableEntity, "Les informations saisies ne permettent pas de vous identifier.")
}

// refuser asks for the démarche that was ended: the page explains and signs
// nobody out.
func (p *Parcours) refuser() error {
	if err := p.Demander("b"); err != nil {
		return err
	}
	if err := p.ChoisirUsager("vasselin"); err != nil {
		return err
	}
	return p.expect(http.StatusOK, "Ce service n'accepte que les mandats portant sur")
}

// revenir goes back to FranceConnect's choice page, then to the service.
func (p *Parcours) revenir() error {
	if err := p.Envoyer(Dit("Revenir à"), nil); err != nil {
		return err
	}
	if !strings.HasPrefix(p.URL.String(), p.Adresses.FC) {
		return fmt.Errorf("not back at the simulation: %s", p.URL.Path)
	}
	return p.Presser("revenir", nil)
}

// SeDeconnecter signs the aidant out.
func (p *Parcours) SeDeconnecter() error {
	if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/"); err != nil {
		return err
	}
	if err := p.Envoyer(Vers("/logout-session/"), nil); err != nil {
		return err
	}
	if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/usagers/"); err != nil {
		return err
	}
	if p.URL.Path != "/accounts/login/" {
		return fmt.Errorf("still signed in at %s", p.URL.Path)
	}
	return nil
}

// prevenue reads the usager's mailbox: one notice per act, no name in it.
func (i *Instance) prevenue(p *Parcours) error {
	const acts = 4 // the mandat, two uses, the end of an autorisation
	for range 200 {
		mails, err := p.courriels()
		if err != nil {
			return err
		}
		n := 0
		for _, m := range mails {
			if m.To == "ordinaire@example.org" {
				n++
				if strings.Contains(m.Subject+m.Text, "VASSELIN") {
					return fmt.Errorf("the notice %q names the person", m.Subject)
				}
			}
		}
		if n >= acts {
			return nil
		}
		<-time.After(50 * time.Millisecond)
	}
	return fmt.Errorf("fewer than %d notices reached the person", acts)
}

// verifyJournal numbers what is waiting, then checks the whole log.
func (i *Instance) verifyJournal() error {
	ctx := context.Background()
	if _, err := i.Server.Journal.Sequence(ctx); err != nil {
		return err
	}
	r, err := i.Server.Journal.Verify(ctx)
	if err != nil {
		return err
	}
	if len(r.Fautes) > 0 {
		return fmt.Errorf("the journal does not verify: %v", r.Fautes)
	}
	return nil
}
