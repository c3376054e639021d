package demo

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"

	"aidantsconnect/internal/demarche"
)

// deVive is how an end is asked in the demo: the person says so.
var deVive = url.Values{"motif": {"revoque_usager"}, "canal": {"oral"}}

// TerminerMandat ends the whole mandat whose attestation is shown, on the
// person's wish, by way of her page.
func (p *Parcours) TerminerMandat() error {
	id := p.URL.Path[strings.LastIndexByte(p.URL.Path, '/')+1:]
	fiche, ok := p.Lien("Fiche de la personne")
	if !ok {
		return fmt.Errorf("no link to the person on %q", p.Titre())
	}
	if err := p.Ouvrir(fiche); err != nil {
		return err
	}
	return p.terminer("/espace-aidant/mandats/"+id+"/cancel_confirm", "Le mandat est terminé")
}

// TerminerAutorisation finds a person in the list by a part of her name, and
// ends one démarche on her wish.
func (p *Parcours) TerminerAutorisation(nom string, d demarche.Demarche) error {
	if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/usagers/"); err != nil {
		return err
	}
	if err := p.Envoyer(Avec("recherche"), url.Values{"recherche": {nom}}); err != nil {
		return err
	}
	fiche, ok := p.Lien("Accéder aux mandats")
	if !ok {
		return fmt.Errorf("nobody found in the list: %d %q", p.Statut, p.Titre())
	}
	if err := p.Ouvrir(fiche); err != nil {
		return err
	}
	stop, ok := p.Lien("Arrêter la démarche " + d.Titre())
	if !ok {
		return fmt.Errorf("the démarche %s cannot be ended on %q", d, p.Titre())
	}
	return p.terminer(stop, "La démarche est arrêtée")
}

// terminer follows the link of an end, which the page shows, and confirms.
func (p *Parcours) terminer(lien, titre string) error {
	if find(p.Page, isLinkTo(lien)) == nil {
		return fmt.Errorf("no link to %s on %q", lien, p.Titre())
	}
	if err := p.Ouvrir(lien); err != nil {
		return err
	}
	if err := p.Envoyer(Avec("motif"), deVive); err != nil {
		return err
	}
	if p.Titre() != titre {
		return fmt.Errorf("expected %q, got %d %q at %s", titre, p.Statut, p.Titre(), p.URL.Path)
	}
	return p.expect(http.StatusOK, "")
}

func isLinkTo(address string) func(*html.Node) bool {
	return func(e *html.Node) bool { return e.Data == "a" && attr(e, "href") == address }
}
