package facteur_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/testkit"
)

var cardSeed = bytes.Repeat([]byte{0x0a}, 20)

func (b banc) importCards(t *testing.T, file string) (r facteur.Bilan) {
	t.Helper()
	cs, refused, err := facteur.ParseCards(strings.NewReader(file))
	if err != nil || len(refused) > 0 {
		t.Fatalf("%v %v", refused, err)
	}
	b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = b.Facteurs.ImportCards(ctx, tx, facteur.ByCommand(), facteur.Import{Cartes: cs})
		return err
	})
	return r
}

func (b banc) link(t *testing.T, par facteur.Par, serie string) error {
	t.Helper()
	return b.do(t, func(ctx context.Context, tx *db.Tx) error {
		return b.Facteurs.LinkCard(ctx, tx, par, b.Aidant.ID, serie)
	})
}

func (b banc) validate(t *testing.T, codes ...string) (r facteur.Resultat, err error) {
	t.Helper()
	pair := [2]string{codes[0]}
	if len(codes) > 1 {
		pair[1] = codes[1]
	}
	err = b.do(t, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = b.Facteurs.ValidateCard(ctx, tx, facteur.ByCommand(), b.Aidant.ID, pair)
		return err
	})
	return r, err
}

func (b banc) state(t *testing.T, serie string) (k facteur.CarteEtat) {
	t.Helper()
	b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
		k, err = facteur.FindCard(ctx, tx, serie)
		return err
	})
	return k
}

// From the stock to an account and back, as comptes 3.3 draws it; the clock of
// the card has wandered in its drawer, either way, and is followed.
func TestCardLife(t *testing.T) {
	for _, drift := range []int64{0, -25, 18} {
		eachBanc(t, func(t *testing.T, b banc) {
			b.importCards(t, "numero;secret\nGADT0001;"+strings.Repeat("0a", 20)+"\n")
			code := func(d int64) string { return facteur.Code(cardSeed, facteur.Pas(b.clock.Now(), 60)+drift+d) }
			if err := b.link(t, facteur.ByCommand(), "gadt 0001"); err != nil {
				t.Fatal(err)
			}
			if s := b.state(t, "GADT0001").Etat(); s != "liée, à valider" {
				t.Errorf("state %q", s)
			}
			if r := b.present(t, code(0)); r.Accepte {
				t.Error("a card that is not validated opens the account")
			}
			b.clock.Advance(time.Minute)
			if drift != 0 {
				if r, err := b.validate(t, code(0)); err != nil || r.Accepte {
					t.Errorf("a drift of %d was accepted with one code: %+v %v", drift, r, err)
				}
				b.clock.Advance(time.Minute)
			}
			if r, err := b.validate(t, code(-1), code(0)); err != nil || !r.Accepte {
				t.Fatalf("drift %d: %+v %v", drift, r, err)
			}
			for i := range int64(4) { // one step of drift more each time
				b.clock.Advance(20 * time.Minute)
				if r := b.present(t, code(i)); !r.Accepte || r.Genre != facteur.Carte {
					t.Fatalf("drift %d, then %d: %+v", drift, i, r)
				}
			}
			if _, err := b.validate(t, code(0)); fault.ReasonOf(err) != "carte_a_valider" {
				t.Errorf("validated twice: %v", err)
			}
			card, _ := b.moyens(t).Card()
			if err := b.remove(t, facteur.ByCommand(), card.ID); err != nil {
				t.Fatal(err)
			}
			if s := b.state(t, "GADT0001").Etat(); s != "en stock" {
				t.Errorf("state %q", s)
			}
			for _, action := range []string{"card_association", "card_validation", "card_dissociation"} {
				if n := b.lines(t, action); n != 1 {
					t.Errorf("%d lines %s", n, action)
				}
			}
		})
	}
}

// A référent learns nothing of the cards that others hold (comptes 3.3).
func TestCardRefusals(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		b.importCards(t, strings.Join([]string{"GADT0001;", "GADT0002;", "GADT0003;", "GADT0004;"}, strings.Repeat("0a", 20)+"\n")+strings.Repeat("0a", 20))
		other := banc{b.Socle, b.NewCompte(t, "dominique.essai@example.org", testkit.Siret2), b.clock}
		if err := other.link(t, facteur.ByCommand(), "GADT0001"); err != nil {
			t.Fatal(err)
		}
		b.must(t, func(ctx context.Context, tx *db.Tx) error {
			return b.Facteurs.SetCardService(ctx, tx, facteur.ByCommand(), "GADT0002", false)
		})
		referent := facteur.Par{Initiateur: journal.Referent, Auteur: b.Aidant.ID, Organisation: b.Organisation.ID}
		var said []string
		for _, serie := range []string{"GADT0001", "GADT0002", "GADT9999"} { // held elsewhere, out of service, unknown
			err := b.link(t, referent, serie)
			said = append(said, fault.FieldsOf(err)["numero_serie"])
		}
		if said[0] == "" || said[0] != said[1] || said[1] != said[2] {
			t.Errorf("the refusals differ: %q", said)
		}
		near := facteur.Par{Initiateur: journal.Referent, Auteur: b.Aidant.ID, Organisation: other.Organisation.ID}
		if err := b.link(t, near, "GADT0001"); !strings.Contains(fault.FieldsOf(err)["numero_serie"], "de votre structure") {
			t.Errorf("a card of one's own structure: %v", err)
		}
		if err := b.link(t, referent, "pas un numéro"); fault.FieldsOf(err)["numero_serie"] == "" {
			t.Errorf("an unreadable number: %v", err)
		}
		if err := b.link(t, referent, "GADT0003"); err != nil {
			t.Fatal(err)
		}
		if err := b.link(t, referent, "GADT0004"); fault.ReasonOf(err) != "carte_deja" {
			t.Errorf("a second card: %v", err)
		}
		b.must(t, func(ctx context.Context, tx *db.Tx) error {
			card, err := facteur.FindCard(ctx, tx, "GADT0003")
			if err != nil {
				return err
			}
			return b.Facteurs.Remove(ctx, tx, referent, b.Aidant.ID, facteur.Retrait{Facteur: card.Facteur, Motif: facteur.Erreur})
		})
		b.must(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := aidant.Close(ctx, tx, b.Aidant.ID, "autre")
			return err
		})
		if err := b.link(t, referent, "GADT0004"); fault.ReasonOf(err) != "compte_ferme" {
			t.Errorf("a closed account: %v", err)
		}
		if err := b.do(t, func(ctx context.Context, tx *db.Tx) error {
			return b.Facteurs.SetCardService(ctx, tx, facteur.ByCommand(), "GADT0001", false)
		}); fault.ReasonOf(err) != "carte_tenue" {
			t.Errorf("out of service while held: %v", err)
		}
		if _, err := b.validate(t, "000000"); fault.ReasonOf(err) != "carte_a_valider" {
			t.Errorf("no card to validate: %v", err)
		}
	})
}

// One card, two accounts at once: one gets it.
func TestOneCardForOneAccount(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		b.importCards(t, "GADT0001;"+strings.Repeat("0a", 20))
		other := banc{b.Socle, b.NewCompte(t, "dominique.essai@example.org", testkit.Siret2), b.clock}
		results := make(chan error, 2)
		for _, one := range []banc{b, other} {
			go func() { results <- one.link(t, facteur.ByCommand(), "GADT0001") }()
		}
		first, second := <-results, <-results
		if (first == nil) == (second == nil) {
			t.Errorf("%v, %v", first, second)
		}
	})
}

func TestParseCards(t *testing.T) {
	good := strings.Repeat("0a", 20)
	for _, c := range []struct {
		name, file string
		cards      int
		refused    []int // lines
	}{
		{"semicolons and titles", "\ufeffN° de série;Graine\r\nGADT0001;" + good + "\r\nGADT0002; " + strings.ToUpper(good) + "\r\n", 2, nil},
		{"commas", "GADT0001," + good + "\nGADT0002," + good[:20] + "\n", 2, nil},
		{"twice", "GADT0001;" + good + "\ngadt 0001;" + good + "\n", 1, []int{2}},
		{"bad seeds", "GADT0001;zz\nGADT0002;" + good + "00\nGADT0003;" + good[:18] + "\nGADT0004;" + good[:21] + "\n", 0, []int{1, 2, 3, 4}},
		{"bad numbers", "?;" + good + "\n0001;" + good + "\n;\n", 0, []int{1, 2}},
		{"columns", "GADT0001\nGADT0002;" + good + ";x\n", 0, []int{1, 2}},
		{"a quote", "GADT0001;" + good + "\nGADT\"0002;" + good + "\n", 1, []int{2}},
		{"nothing", "", 0, nil},
	} {
		cs, refused, err := facteur.ParseCards(strings.NewReader(c.file))
		var lines []int
		for _, r := range refused {
			lines = append(lines, r.Ligne)
			if strings.Contains(r.Texte, good[:10]) {
				t.Errorf("%s: a message repeats a secret", c.name)
			}
		}
		if err != nil || len(cs) != c.cards || len(lines) != len(c.refused) {
			t.Errorf("%s: %d cards, refused %v, %v", c.name, len(cs), refused, err)
			continue
		}
		for i, l := range c.refused {
			if lines[i] != l {
				t.Errorf("%s: lines %v", c.name, lines)
			}
		}
	}
}

// An import is whole or nothing; played twice it changes nothing; dry, neither.
func TestImportCards(t *testing.T) {
	eachBanc(t, func(t *testing.T, b banc) {
		file := "GADT0001;" + strings.Repeat("0a", 20) + "\nGADT0002;" + strings.Repeat("0a", 20)
		cs, _, err := facteur.ParseCards(strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		var dry facteur.Bilan
		seen := 0
		b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
			dry, err = b.Facteurs.ImportCards(ctx, tx, facteur.ByCommand(), facteur.Import{Cartes: cs, Essai: true, Avance: func(n int) { seen = n }})
			return err
		})
		if dry.Ajouts != 2 || seen != 2 || b.lines(t, "import_card") != 0 {
			t.Errorf("dry: %+v, %d seen", dry, seen)
		}
		if r := b.importCards(t, file); r.Ajouts != 2 || b.lines(t, "import_card") != 2 || b.lines(t, "import_totp_cards") != 1 {
			t.Errorf("%+v", r)
		}
		if r := b.importCards(t, file); r.Inchangees != 2 || r.Ajouts+r.Modifications != 0 || b.lines(t, "import_totp_cards") != 1 {
			t.Errorf("again: %+v", r)
		}
		if err := b.link(t, facteur.ByCommand(), "GADT0001"); err != nil {
			t.Fatal(err)
		}
		changed := "GADT0001;" + strings.Repeat("0b", 20) + "\nGADT0002;" + strings.Repeat("0b", 20)
		if r := b.importCards(t, changed); len(r.Refusees) != 1 || r.Refusees[0].Ligne != 1 || b.lines(t, "import_totp_cards") != 1 {
			t.Errorf("a held card: %+v", r)
		}
		if r := b.importCards(t, "GADT0002;"+strings.Repeat("0b", 20)); r.Modifications != 1 {
			t.Errorf("a changed secret: %+v", r)
		}
		var enStock, liees, horsService int
		b.must(t, func(ctx context.Context, tx *db.Tx) (err error) {
			enStock, liees, horsService, err = facteur.Stock(ctx, tx)
			return err
		})
		if enStock != 1 || liees != 1 || horsService != 0 {
			t.Errorf("stock %d, linked %d, out %d", enStock, liees, horsService)
		}
		if err := b.do(t, func(ctx context.Context, tx *db.Tx) error {
			_, err := facteur.FindCard(ctx, tx, "GADT9999")
			return err
		}); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
	})
}

func FuzzParseCards(f *testing.F) {
	f.Add("GADT0001;" + strings.Repeat("0a", 20))
	f.Add("\ufeff\"a;b\n;;;")
	f.Fuzz(func(t *testing.T, s string) {
		cs, refused, err := facteur.ParseCards(strings.NewReader(s))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cs {
			if _, ok := facteur.NormalizeSerie(c.NumeroSerie); !ok || strings.Contains(c.String(), ";") {
				t.Errorf("%q gives %v (%v)", s, c, refused)
			}
		}
	})
}
