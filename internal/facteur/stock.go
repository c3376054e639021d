package facteur

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/tableur"
)

// importMax bounds one import.
const importMax = 20_000

// CarteLigne is one card of a file to import.
type CarteLigne struct {
	Ligne       int
	NumeroSerie string
	graine      []byte
}

// String keeps the secret out of logs.
func (c CarteLigne) String() string { return c.NumeroSerie }

// GoString keeps the secret out of %#v.
func (c CarteLigne) GoString() string { return c.NumeroSerie }

// LigneRefusee is a line that cannot be imported, and why, in French. Texte
// never repeats what the line holds.
type LigneRefusee struct {
	Ligne int
	Texte string
}

// fichierMax bounds the file of an import, in bytes.
const fichierMax = 4 << 20

// ParseCards reads a table of two columns, the number of the card and its
// secret in hexadecimal (20 to 40 digits), with or without a line of titles, as
// any spreadsheet saves it. Every wrong line is told.
func ParseCards(file io.Reader) (cs []CarteLigne, refused []LigneRefusee, err error) {
	b, err := io.ReadAll(io.LimitReader(file, fichierMax+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read cards: %w", err)
	}
	if len(b) > fichierMax {
		return nil, []LigneRefusee{{0, "Ce fichier est trop grand : 4 Mo au plus."}}, nil
	}
	lines, err := tableur.Read(b, importMax+1)
	if bad, ok := errors.AsType[*tableur.Refus](err); ok {
		refused, err = []LigneRefusee{LigneRefusee(*bad)}, nil // what follows would be read askew
	}
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]int{}
	for i, l := range lines {
		if i == 0 && title(l.Cellules) {
			continue
		}
		c, why := parseCard(l.Cellules)
		c.Ligne = l.Numero
		if earlier := seen[c.NumeroSerie]; why == "" && earlier > 0 {
			why = fmt.Sprintf("Ce numéro est déjà à la ligne %d.", earlier)
		}
		if why == "" && len(cs) >= importMax {
			return nil, []LigneRefusee{{l.Numero, fmt.Sprintf("Un fichier contient %d cartes au plus : coupez-le.", importMax)}}, nil
		}
		if why != "" {
			refused = append(refused, LigneRefusee{l.Numero, why})
			continue
		}
		seen[c.NumeroSerie] = l.Numero
		cs = append(cs, c)
	}
	slices.SortStableFunc(refused, func(a, b LigneRefusee) int { return a.Ligne - b.Ligne })
	return cs, refused, nil
}

// title recognises a line of titles: its second cell is no secret.
func title(record []string) bool {
	if len(record) < 2 {
		return false
	}
	_, err := hex.DecodeString(strings.TrimSpace(record[1]))
	_, serie := NormalizeSerie(record[0])
	return err != nil && !serie
}

func parseCard(record []string) (c CarteLigne, why string) {
	if len(record) != 2 {
		return c, fmt.Sprintf("Il faut deux colonnes, le numéro de la carte et son secret ; il y en a %d.", len(record))
	}
	serie, ok := NormalizeSerie(record[0])
	if !ok {
		return c, "Le numéro de la carte n’est pas lisible : attendu, par exemple, GADT0001234."
	}
	graine, err := hex.DecodeString(strings.TrimSpace(record[1]))
	if err != nil || len(graine) < 10 || len(graine) > 20 {
		return c, "Le secret n’est pas lisible : attendu, de 20 à 40 chiffres hexadécimaux, en nombre pair."
	}
	return CarteLigne{NumeroSerie: serie, graine: graine}, ""
}

// Import is an order to import cards. Essai changes nothing and tells what
// would happen. Avance is called as lines are done, for who waits; a replayed
// transaction calls it again from the start.
type Import struct {
	Cartes []CarteLigne
	Essai  bool
	Avance func(faites int)
}

// Sort is what becomes of one card.
type Sort string

// The outcomes of an import; SortRefusee is told in Refusees.
const (
	SortAjout        Sort = "ajout"
	SortModification Sort = "modification"
	SortInchangee    Sort = "inchangee"
	SortRefusee      Sort = "refusee"
)

// Bilan is what an import did, or would do. With Refusees nothing was done.
type Bilan struct {
	Ajouts, Modifications, Inchangees int
	Sorts                             []Sort // of each card, in the order given
	Refusees                          []LigneRefusee
}

// ImportCards puts cards in the stock: all of them, or none when a line is
// refused. A card that somebody holds keeps its secret. For the operator.
func (c *Coffre) ImportCards(ctx context.Context, tx *db.Tx, par Par, order Import) (b Bilan, err error) {
	var todo []carte
	for i, l := range order.Cartes {
		k, found, err := loadCarte(ctx, tx, l.NumeroSerie)
		if err != nil {
			return b, err
		}
		same, err := c.sameSeed(k, found, l)
		sort := SortRefusee
		switch {
		case err != nil:
			return b, err
		case same:
			b.Inchangees++
			sort = SortInchangee
		case !found:
			b.Ajouts++
			sort = SortAjout
			todo = append(todo, carte{id: ident.New[ident.CarteID](), serie: l.NumeroSerie, graine: l.graine})
		case !k.titulaire.IsZero():
			b.Refusees = append(b.Refusees, LigneRefusee{l.Ligne, "Cette carte est associée à un compte : son secret ne peut pas changer."})
		default:
			b.Modifications++
			sort = SortModification
			todo = append(todo, carte{id: k.id, serie: l.NumeroSerie, graine: l.graine, creation: k.creation})
		}
		b.Sorts = append(b.Sorts, sort)
		if order.Avance != nil {
			order.Avance(i + 1)
		}
	}
	if len(b.Refusees) > 0 || order.Essai || len(todo) == 0 {
		return b, nil
	}
	return b, c.writeCards(ctx, tx, par, b, todo)
}

func (c *Coffre) writeCards(ctx context.Context, tx *db.Tx, par Par, b Bilan, todo []carte) error {
	lines := make([]journal.Entry, 0, len(todo)+1)
	for _, k := range todo {
		sealed, err := c.Champs.Seal(k.graine, contexteCarte(k.id))
		if err != nil {
			return fmt.Errorf("seal card: %w", err)
		}
		k.graine = sealed
		changed := !k.creation.IsZero()
		if changed {
			err = updateCarte(ctx, tx, k.id, sealed)
		} else {
			err = insertCarte(ctx, tx, k)
		}
		if err != nil {
			return err
		}
		lines = append(lines, stockLine(par, fait.ImportCard{NumeroSerie: k.serie, Modification: changed}))
	}
	lines = append(lines, stockLine(par, fait.ImportTotpCards{Ajouts: b.Ajouts, Modifications: b.Modifications}))
	return c.Journal.Append(ctx, tx, lines...)
}

// stockLine is the line of an act on a card that nobody holds.
func stockLine(par Par, f fait.Fait) journal.Entry {
	e := par.line(par.Auteur, f)
	e.Concerne = ident.AidantID{}
	return e
}

// sameSeed tells whether the stock already holds this very card.
func (c *Coffre) sameSeed(k carte, found bool, l CarteLigne) (bool, error) {
	if !found {
		return false, nil
	}
	graine, err := c.Champs.Open(k.graine, contexteCarte(k.id))
	if err != nil {
		return false, fmt.Errorf("open card: %w", err)
	}
	return secret.Equal(graine, l.graine), nil
}
