package registre

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Refus is an identity refused: FranceConnect's code, and why, in French and
// without any value received.
type Refus struct{ Code, Detail string }

// Error is for the log.
func (r *Refus) Error() string { return r.Code + ": " + r.Detail }

// Registre is the civil registry: the persons of §20, and those that a visitor
// typed at the test FI since the start. The zero value is ready.
type Registre struct {
	mu     sync.Mutex
	saisis []Personne
}

const maxSaisis = 200

// Inscrire adds a person typed by hand, so that the registry knows them later, when
// they come through our FI. The oldest leaves when there are too many.
func (g *Registre) Inscrire(p Personne) {
	p = p.saisie()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.saisis = append(g.saisis[max(0, len(g.saisis)-maxSaisis+1):], p)
}

// Chercher queries the registry as FC does (§11, SIM-15): name, first names,
// date digits with zeros kept, sex, place or country; exact after NFC and case
// folding. The refusal carries the registry's Y code.
func (g *Registre) Chercher(i Personne, now time.Time) (Personne, error) {
	g.mu.Lock()
	tous := append(Personnes(), g.saisis...)
	g.mu.Unlock()
	voulu := requete(i)
	for _, p := range tous {
		p = p.Au(now)
		if p.Groupe == "format" || !p.repond(voulu) {
			continue
		}
		switch p.Code {
		case "", "Y100011", "Y180001": // found; blocked by the person, not by the registry
			return p, nil
		}
		return Personne{}, &Refus{p.Code, "réponse du registre d'état civil simulé"}
	}
	return Personne{}, &Refus{"Y010008", "aucune personne du registre simulé n'a cette identité"}
}

// repond tells whether the identity sought is that of the person: as the FI
// gives it, or with the registry's first names.
func (p Personne) repond(voulu string) bool {
	autre := p
	autre.GivenName = p.Registre().GivenName
	return requete(p) == voulu || requete(autre) == voulu
}

// requete is the canonical form of a registry query. A birth place that looks
// like a code replaces the country, even abroad: that is what FC does.
func requete(i Personne) string {
	lieu := i.Birthcountry
	if codeLieu.MatchString(i.Birthplace.Valeur) {
		lieu = i.Birthplace.Valeur
	}
	date := strings.ReplaceAll(i.Birthdate, "-", "")
	return strings.Join([]string{plier(i.FamilyName), plier(i.GivenName), date, i.Gender, lieu}, "\x00")
}

func plier(s string) string { return cases.Fold().String(norm.NFC.String(s)) }

// saisie names a person typed by hand; the key depends only on what was typed,
// and so does the sub.
func (p Personne) saisie() Personne {
	h := sha256.Sum256([]byte(requete(p)))
	p.Cle, p.Groupe = "saisie-"+hex.EncodeToString(h[:8]), "personne"
	p.ident = p.Cle
	return p
}

// SubPour is the pairwise sub of a person for a FS (SIM-26): deterministic, so
// that the demo's database recognises the persons after a restart.
func (p Personne) SubPour(clientID string) string {
	h := sha256.Sum256([]byte("simulation de FranceConnect\x00" + clientID + "\x00" + p.ident))
	return hex.EncodeToString(h[:]) + "v1"
}
