package facteur

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// cartePas is how long a card shows a code, in seconds.
const cartePas = 60

var reSerie = regexp.MustCompile(`^[A-Z]{1,8}[0-9]{1,12}[A-Z0-9]{0,8}$`)

// NormalizeSerie reads the number printed on a card: GADT0001234.
func NormalizeSerie(s string) (string, bool) {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(s))
	return s, reSerie.MatchString(s)
}

// What a référent reads when a card cannot be linked. A card that does not
// exist, one held in another structure and one out of service read the same:
// the page must not tell what others have.
const (
	carteIndisponible = "Cette carte n’est pas disponible. Vérifiez le numéro imprimé sur la carte ; s’il est juste, contactez le support."
	carteTenueIci     = "Cette carte est déjà associée à une personne de votre structure. Dissociez-la d’abord."
	carteTenue        = "Cette carte est déjà associée à un compte. Dissociez-la d’abord."
	carteHorsService  = "Cette carte est hors service."
	carteIllisible    = "Saisissez le numéro imprimé sur la carte, par exemple GADT0001234."
)

// LinkCard gives a card of the stock to an account; it serves once validated.
// Refusals: a closed account ("compte_ferme"), an account that has a card
// ("carte_deja"), and on the field numero_serie what is wrong with the card.
// The caller has checked that the account is within its reach.
func (c *Coffre) LinkCard(ctx context.Context, tx *db.Tx, par Par, compte ident.AidantID, serie string) error {
	serie, ok := NormalizeSerie(serie)
	if !ok {
		return fault.Form(fault.Fields{"numero_serie": carteIllisible})
	}
	a, err := aidant.Load(ctx, tx, compte)
	if err != nil {
		return err
	}
	if !a.Actif {
		return fault.New(fault.Conflict, "compte_ferme")
	}
	m, err := Load(ctx, tx, compte)
	if err != nil {
		return err
	}
	if _, has := m.Card(); has {
		return fault.New(fault.Conflict, "carte_deja")
	}
	if err := m.roomForOne(); err != nil {
		return err
	}
	k, err := freeCard(ctx, tx, par, serie)
	if err != nil {
		return err
	}
	graine, err := c.Champs.Open(k.graine, contexteCarte(k.id))
	if err != nil {
		return fmt.Errorf("open card: %w", err)
	}
	if _, err := c.insertTOTP(ctx, tx, compte, nouveauTOTP{genre: Carte, graine: graine, secondes: cartePas, carte: k.id}); err != nil {
		return err
	}
	return c.Journal.Append(ctx, tx, par.line(compte, fait.CardAssociation{Genre: string(Carte), NumeroSerie: serie}))
}

// freeCard finds a card that may be linked, or says as much as this person may
// know of why not.
func freeCard(ctx context.Context, tx *db.Tx, par Par, serie string) (carte, error) {
	k, found, err := loadCarte(ctx, tx, serie)
	if err != nil {
		return k, err
	}
	team := par.Initiateur == journal.Admin
	why := ""
	switch {
	case !found:
		why = carteIndisponible
	case !k.titulaire.IsZero() && team:
		why = carteTenue
	case !k.titulaire.IsZero():
		why = carteIndisponible
		near, err := sameStructure(ctx, tx, k.titulaire, par.Organisation)
		if err != nil {
			return k, err
		}
		if near {
			why = carteTenueIci
		}
	case !k.enService && team:
		why = carteHorsService
	case !k.enService:
		why = carteIndisponible
	}
	if why != "" {
		return k, fault.Form(fault.Fields{"numero_serie": why})
	}
	return k, nil
}

// sameStructure tells whether an account belongs to a structure.
func sameStructure(ctx context.Context, tx *db.Tx, compte ident.AidantID, org ident.OrganisationID) (bool, error) {
	orgs, err := aidant.Structures(ctx, tx, compte)
	for _, o := range orgs {
		if o == org {
			return true, err
		}
	}
	return false, err
}

// ValidateCard accepts the linked card of an account by the code it shows, or
// by two consecutive codes when its clock has wandered in its drawer (the second
// may be empty). A refusal is a Resultat that the caller commits; no card to
// validate is a Conflict "carte_a_valider".
func (c *Coffre) ValidateCard(ctx context.Context, tx *db.Tx, par Par, compte ident.AidantID, codes [2]string) (Resultat, error) {
	e, err := loadEssai(ctx, tx, compte)
	if err != nil {
		return Resultat{}, err
	}
	m, err := Load(ctx, tx, compte)
	if err != nil {
		return Resultat{}, err
	}
	card, ok := m.Card()
	if !ok || card.Confirme {
		return Resultat{}, fault.New(fault.Conflict, "carte_a_valider")
	}
	if tx.Now.Before(e.prochain) {
		return Resultat{Motif: "delai", Prochain: e.prochain.Time()}, nil
	}
	f, err := loadOneTOTP(ctx, tx, card.ID)
	if err != nil {
		return Resultat{}, err
	}
	res, err := c.validate(ctx, tx, f, codes)
	if err != nil {
		return Resultat{}, err
	}
	if res, err = c.count(ctx, tx, compte, e, res); err != nil || !res.Accepte {
		return res, err
	}
	if err := confirmFacteur(ctx, tx, f.id); err != nil {
		return Resultat{}, err
	}
	if err := c.tellAdded(ctx, tx, par, avisAjout{aidant: compte, facteur: f.id, genre: Carte, premier: !m.Confirmed()}); err != nil {
		return Resultat{}, err
	}
	return res, c.Journal.Append(ctx, tx, par.line(compte, fait.CardValidation{Genre: string(Carte), NumeroSerie: card.NumeroSerie}))
}

func (c *Coffre) validate(ctx context.Context, tx *db.Tx, f totp, codes [2]string) (Resultat, error) {
	if codes[1] == "" {
		return c.tryOne(ctx, tx, f, codes[0])
	}
	done, err := c.setClock(ctx, tx, f, codes[0], codes[1])
	if err != nil || !done {
		return Resultat{Motif: "code_faux"}, err
	}
	return Resultat{Accepte: true, Facteur: f.id, Genre: f.genre}, nil
}

// SetCardService takes a card of the stock out of service, or puts it back. A
// card that somebody holds is unlinked first, with its reason: Conflict
// "carte_tenue". For the operator's team.
func (c *Coffre) SetCardService(ctx context.Context, tx *db.Tx, par Par, serie string, enService bool) error {
	serie, ok := NormalizeSerie(serie)
	if !ok {
		return fault.Form(fault.Fields{"numero_serie": carteIllisible})
	}
	k, found, err := loadCarte(ctx, tx, serie)
	switch {
	case err != nil:
		return err
	case !found:
		return fault.New(fault.NotFound, "carte_inconnue")
	case !k.titulaire.IsZero():
		return fault.New(fault.Conflict, "carte_tenue")
	case k.enService == enService:
		return nil
	}
	if err := setService(ctx, tx, k.id, enService); err != nil {
		return err
	}
	return c.Journal.Append(ctx, tx, stockLine(par, fait.ImportCard{NumeroSerie: serie, Modification: true}))
}

func contexteCarte(id ident.CarteID) string { return "carte/" + id.String() }
