package demo

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
)

// ParLettre renews the mandat of a person who is known and has neither phone
// nor screen: a letter is printed, they give its code back, it is signed.
func (p *Parcours) ParLettre(nom string, projet Projet) error {
	if err := p.PreparerLettre(nom, projet); err != nil {
		return err
	}
	attente := p.URL.String()
	code, err := p.ImprimerLettre()
	if err != nil {
		return err
	}
	if err := p.RendreCode(attente, code); err != nil {
		return err
	}
	if err := p.expect(http.StatusOK, "La personne est d’accord"); err != nil {
		return err
	}
	return p.SignerAccord()
}

// PreparerLettre opens the renewal by letter of the first person found under
// this name. The page that waits is left open.
func (p *Parcours) PreparerLettre(nom string, projet Projet) error {
	if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/usagers/"); err != nil {
		return err
	}
	if err := p.Envoyer(Avec("recherche"), url.Values{"recherche": {nom}}); err != nil {
		return err
	}
	for _, lien := range []string{"Accéder aux mandats", "Renouveler"} {
		l, ok := p.Lien(lien)
		if !ok {
			return fmt.Errorf("no link %q on %q", lien, p.Titre())
		}
		if err := p.Ouvrir(l); err != nil {
			return err
		}
	}
	values := url.Values{"duree": {projet.Duree}, "capacite": {"on"}, "moyen": {"courrier"}, "presence": {"absent"}, "demarche": nil}
	for _, d := range projet.Demarches {
		values.Add("demarche", string(d))
	}
	if err := p.Envoyer(Avec("duree"), values); err != nil {
		return err
	}
	return p.expect(http.StatusOK, "Imprimer la lettre")
}

// ImprimerLettre downloads the letter from the page that waits, and reads its
// code as a person would.
func (p *Parcours) ImprimerLettre() (string, error) {
	if err := p.Envoyer(Dit("Télécharger la lettre"), nil); err != nil {
		return "", err
	}
	code := readCode(p.Corps)
	if p.Statut != http.StatusOK || code == "" {
		return "", fmt.Errorf("no letter, or no code in it: %d", p.Statut)
	}
	return code, nil
}

// RendreCode gives the code back by phone, on the page that waits.
func (p *Parcours) RendreCode(attente, code string) error {
	if err := p.Ouvrir(attente); err != nil {
		return err
	}
	return p.Envoyer(Avec("code"), url.Values{"code": {code}, "comment": {"telephone"}, "verifie": {"on"}})
}

var (
	flux = regexp.MustCompile(`(?s)stream\r?\n(.*?)\r?\nendstream`)
	// A code as the pages draw it: two bytes a sign.
	codeDessine = regexp.MustCompile(`(?:\x00[0-9A-HJKMNP-TV-Z]){4}\x00-(?:\x00[0-9A-HJKMNP-TV-Z]){4}`)
)

// readCode finds the code of a letter in its pages.
func readCode(pdf []byte) string {
	for _, m := range flux.FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		page, err := io.ReadAll(io.LimitReader(r, maxPage))
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			continue
		}
		if found := codeDessine.Find(page); found != nil {
			return string(bytes.ReplaceAll(found, []byte{0}, nil))
		}
	}
	return ""
}
