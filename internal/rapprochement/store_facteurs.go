package rapprochement

import (
	"context"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/journal/fait"
)

// facteursLus are the comparisons about how people sign in.
type facteursLus struct {
	*monde
	facteurs, cartes, valides, stock, proconnect, secours *bilan

	serie    map[string]string // the card that an account holds, as the lines say
	secoursN map[string]compte // how many recovery codes, as the last line says
	ferme    map[string]db.Time
	oublie   map[string]bool // closed so long that the archive took the factors
}

// facteurs: an application, a key, a card, its validation, the tie to
// ProConnect and the recovery codes came by a line and left by one; a card of
// the stock was imported. What the archive of an account destroys has none.
func facteurs(m *monde) *sujet {
	f := &facteursLus{
		monde:    m,
		facteurs: newBilan("facteur_sans_ligne", "ligne_sans_facteur"), cartes: newBilan("carte_sans_ligne", "ligne_sans_carte"),
		valides: newBilan("carte_validee_sans_ligne", "ligne_sans_validation"), stock: newBilan("stock_sans_ligne", "ligne_sans_stock"),
		proconnect: newBilan("proconnect_sans_ligne", "ligne_sans_proconnect"), secours: newBilan("secours_sans_ligne", ""),
		serie: map[string]string{}, secoursN: map[string]compte{}, ferme: map[string]db.Time{}, oublie: map[string]bool{},
	}
	for _, c := range m.comptes {
		if !c.archive.IsZero() {
			f.oublie[c.nom] = true
		}
	}
	return &sujet{
		actions: []string{
			"confirm_factor", "remove_factor", "card_association", "card_validation", "card_dissociation", "import_card", "link_proconnect", "unlink_proconnect",
			"create_recovery_codes", "use_recovery_code", "deactivate_aidant", "reactivate_aidant",
		},
		bilans: []*bilan{f.facteurs, f.cartes, f.valides, f.stock, f.proconnect, f.secours},
		dire:   f.dire,
		tenir:  f.tenir,
	}
}

func (f *facteursLus) dire(l journal.Ligne) {
	id := l.ID.String()
	if x, ok := l.Fait.(fait.ImportCard); ok {
		if !x.Modification {
			f.stock.dit(x.NumeroSerie, id, 1)
		}
		return
	}
	who := titulaire(l)
	if !f.known(who) {
		return
	}
	switch x := l.Fait.(type) {
	case fait.ConfirmFacteur:
		f.facteurs.dit(who+"|"+x.Genre, id, 1)
	case fait.RemoveFacteur:
		f.facteurs.dit(who+"|"+x.Genre, id, -1)
	case fait.CardAssociation:
		f.cartes.dit(who+"|"+x.NumeroSerie, id, 1)
	case fait.CardValidation:
		f.valides.dit(who+"|"+x.NumeroSerie, id, 1)
		f.serie[who] = x.NumeroSerie
	case fait.CardDissociation:
		f.cartes.dit(who+"|"+x.NumeroSerie, id, -1)
		if f.serie[who] == x.NumeroSerie {
			f.valides.dit(who+"|"+x.NumeroSerie, id, -1)
			delete(f.serie, who)
		}
	case fait.LinkProConnect:
		f.proconnect.dit(who, id, 1)
	case fait.UnlinkProConnect:
		f.proconnect.dit(who, id, -1)
	case fait.CreateCodesSecours:
		f.secoursN[who] = compte{x.Nombre, id}
	case fait.UseCodeSecours:
		f.secoursN[who] = compte{x.Restants, id}
	case fait.DeactivateAidant:
		f.ferme[who] = l.Instant
	case fait.ReactivateAidant:
		// Rounded down: near the limit, what the archive did is not known.
		if at, ok := f.ferme[who]; ok && !l.Instant.Time().Before(at.Time().AddDate(archive, 0, 0).Add(-24*time.Hour)) {
			f.oublie[who] = true
		}
	}
}

// reads: facteur, facteur_cle, facteur_secours, carte, proconnect_compte
func (f *facteursLus) tenir(ctx context.Context, tx *db.Tx) error {
	for who, c := range f.secoursN {
		f.secours.dit(who, c.exemple, c.n)
	}
	if err := each(ctx, tx, `SELECT numero_serie, id FROM carte`, func(s db.Scanner) error {
		var serie string
		var id ident.CarteID
		err := s.Scan(&serie, &id)
		f.stock.tenu(serie, id.String(), 1)
		return err
	}); err != nil {
		return err
	}
	for _, q := range []struct {
		query string
		b     *bilan
		key   bool
	}{
		{`SELECT aidant_id, genre, id FROM facteur WHERE genre <> 'carte' AND date_confirmation IS NOT NULL`, f.facteurs, true},
		{`SELECT aidant_id, 'passkey', id FROM facteur_cle`, f.facteurs, true},
		{`SELECT f.aidant_id, c.numero_serie, f.id FROM facteur f JOIN carte c ON c.id = f.carte_id`, f.cartes, true},
		{`SELECT f.aidant_id, c.numero_serie, f.id FROM facteur f JOIN carte c ON c.id = f.carte_id WHERE f.date_confirmation IS NOT NULL`, f.valides, true},
		{`SELECT aidant_id, '', aidant_id FROM proconnect_compte`, f.proconnect, false},
		{`SELECT aidant_id, '', id FROM facteur_secours`, f.secours, false},
	} {
		if err := f.read(ctx, tx, q.query, q.b, q.key); err != nil {
			return err
		}
	}
	f.forget()
	return nil
}

func (f *facteursLus) read(ctx context.Context, tx *db.Tx, query string, b *bilan, key bool) error {
	return each(ctx, tx, query, func(s db.Scanner) error {
		var who ident.AidantID
		var word string
		var row ident.FacteurID
		if err := s.Scan(&who, &word, &row); err != nil {
			return err
		}
		k := f.nom[who]
		if key {
			k += "|" + word
		}
		b.tenu(k, row.String(), 1)
		return nil
	})
}

// forget drops what the lines say of accounts whose factors the archive took;
// what the tables would still hold of them is then a gap.
func (f *facteursLus) forget() {
	for _, b := range []*bilan{f.facteurs, f.cartes, f.valides, f.proconnect, f.secours} {
		for key, c := range b.dits {
			if held := b.tenus[key].n; f.oublie[owner(key)] && c.n > held {
				b.dits[key] = compte{held, c.exemple}
			}
		}
	}
}
