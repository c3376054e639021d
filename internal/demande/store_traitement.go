package demande

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
)

// Ligne is a request in a list of the operator's team.
type Ligne struct {
	Genre     Genre
	ID        ident.OperationID // of its kind
	Structure string
	Demandeur string // name of the référent
	Objet     string // whom it is about; "" for the structure itself
	Etat      Etat
	Date      time.Time // asked, or decided
	Decideur  string
}

// Repere is where a page of a list begins: after this line.
type Repere struct {
	Date db.Time // zero: at the beginning
	ID   ident.OperationID
}

// parPage is how many requests a page shows.
const parPage = 30

const lignesEnAttente = `SELECT 'rattachement' AS genre, d.id AS id, d.organisation_id AS organisation_id, d.referent_id AS referent_id, x.prenom || ' ' || x.nom AS objet, x.nom_tri || ' ' || x.email AS cles,
		d.etat AS etat, d.date_creation AS instant, d.decideur_id AS decideur_id FROM rattachement d JOIN aidant x ON x.id = d.aidant_id WHERE d.etat = 'confirmee'
	UNION ALL SELECT 'coreferent', c.id, c.organisation_id, c.referent_id, c.prenom || ' ' || c.nom, c.email, c.etat, c.date_creation, c.decideur_id FROM coreferent c WHERE c.etat = 'demandee'
	UNION ALL SELECT 'correction', s.id, s.organisation_id, s.referent_id, '', '', s.etat, s.date_creation, s.decideur_id FROM correction_structure s WHERE s.etat = 'demandee'`

const lignesDecidees = `SELECT 'rattachement' AS genre, d.id AS id, d.organisation_id AS organisation_id, d.referent_id AS referent_id, x.prenom || ' ' || x.nom AS objet, x.nom_tri || ' ' || x.email AS cles,
		d.etat AS etat, d.date_fin AS instant, d.decideur_id AS decideur_id FROM rattachement d JOIN aidant x ON x.id = d.aidant_id WHERE d.decideur_id IS NOT NULL
	UNION ALL SELECT 'coreferent', c.id, c.organisation_id, c.referent_id, c.prenom || ' ' || c.nom, c.email, c.etat, c.date_fin, c.decideur_id FROM coreferent c WHERE c.decideur_id IS NOT NULL
	UNION ALL SELECT 'correction', s.id, s.organisation_id, s.referent_id, '', '', s.etat, s.date_fin, s.decideur_id FROM correction_structure s WHERE s.decideur_id IS NOT NULL`

const lignesColonnes = `l.genre, l.id, o.nom, r.prenom || ' ' || r.nom, l.objet, l.etat, l.instant, COALESCE(p.prenom || ' ' || p.nom, '')`

const lignesJointures = ` l JOIN organisation o ON o.id = l.organisation_id JOIN aidant r ON r.id = l.referent_id LEFT JOIN aidant p ON p.id = l.decideur_id
	WHERE ($1 = '' OR l.genre = $1)
		AND ` + lignesCles + ` LIKE '%' || $5 || '%' AND ` + lignesCles + ` LIKE '%' || $6 || '%' AND ` + lignesCles + ` LIKE '%' || $7 || '%'`

// lignesCles is what a search looks through: the structure, who asks, whom it
// is about. The words hold letters, digits and spaces only: none is a pattern.
const lignesCles = `o.nom_tri || ' ' || o.siret || ' ' || r.nom_tri || ' ' || l.cles`

// Filtre is what a list is asked to show.
type Filtre struct {
	Genre Genre    // "" for every kind
	Mots  []string // folded; the first three count
	Apres Repere
}

func (f Filtre) words() (w [3]string) {
	copy(w[:], f.Mots)
	return w
}

func scanLigne(s db.Scanner) (l Ligne, err error) {
	var date db.Time
	err = s.Scan(&l.Genre, &l.ID, &l.Structure, &l.Demandeur, &l.Objet, &l.Etat, &date, &l.Decideur)
	l.Date = date.Time()
	return l, err
}

// ToDecide lists what waits for the team, oldest first, and whether there is
// more.
//
// reads: organisation, aidant
func ToDecide(ctx context.Context, tx *db.Tx, f Filtre) (list []Ligne, more bool, err error) {
	w := f.words()
	rows, err := tx.Query(ctx, `SELECT `+lignesColonnes+` FROM (`+lignesEnAttente+`)`+lignesJointures+`
		AND (l.instant > $2 OR l.instant = $2 AND l.id > $3 OR $2 IS NULL) ORDER BY l.instant, l.id LIMIT $4`, string(f.Genre), f.Apres.Date, f.Apres.ID, parPage+1, w[0], w[1], w[2])
	return cutPage(db.Collect(rows, err, scanLigne))
}

// Decided lists what the team decided, latest first.
//
// reads: organisation, aidant
func Decided(ctx context.Context, tx *db.Tx, f Filtre) (list []Ligne, more bool, err error) {
	w := f.words()
	rows, err := tx.Query(ctx, `SELECT `+lignesColonnes+` FROM (`+lignesDecidees+`)`+lignesJointures+`
		AND (l.instant < $2 OR l.instant = $2 AND l.id < $3 OR $2 IS NULL) ORDER BY l.instant DESC, l.id DESC LIMIT $4`, string(f.Genre), f.Apres.Date, f.Apres.ID, parPage+1, w[0], w[1], w[2])
	return cutPage(db.Collect(rows, err, scanLigne))
}

func cutPage(list []Ligne, err error) ([]Ligne, bool, error) {
	if err != nil {
		return nil, false, fmt.Errorf("list requests: %w", err)
	}
	if len(list) > parPage {
		return list[:parPage], true, nil
	}
	return list, false, nil
}

// Nombres counts what waits for the team, by kind.
type Nombres map[Genre]int

// Total is how many wait.
func (n Nombres) Total() (all int) {
	for _, k := range n {
		all += k
	}
	return all
}

// CountToDecide counts what waits, and tells since when the oldest does.
//
// reads: aidant
func CountToDecide(ctx context.Context, tx *db.Tx) (n Nombres, oldest time.Time, err error) {
	rows, err := tx.Query(ctx, `SELECT l.genre, count(*), min(l.instant) FROM (`+lignesEnAttente+`) l GROUP BY l.genre`)
	n = Nombres{}
	_, err = db.Collect(rows, err, func(s db.Scanner) (g Genre, err error) {
		var k int
		var first db.Time
		err = s.Scan(&g, &k, &first)
		n[g] = k
		if oldest.IsZero() || first.Time().Before(oldest) {
			oldest = first.Time()
		}
		return g, err
	})
	if err != nil {
		return nil, oldest, fmt.Errorf("count requests: %w", err)
	}
	return n, oldest, nil
}

// Issue is how a request ended, for its page.
type Issue struct {
	Decideur string // "" while it waits
	Motif    Motif
}

// reads: aidant
func issueOf(ctx context.Context, tx *db.Tx, g Genre, id ident.OperationID) (i Issue, err error) {
	const columns = `SELECT x.prenom || ' ' || x.nom, t.motif_decision FROM `
	const join = ` t JOIN aidant x ON x.id = t.decideur_id WHERE t.id = $1`
	switch g {
	case DeRattachement:
		err = tx.QueryRow(ctx, columns+`rattachement`+join, id).Scan(&i.Decideur, &i.Motif)
	case DeCoreferent:
		err = tx.QueryRow(ctx, columns+`coreferent`+join, id).Scan(&i.Decideur, &i.Motif)
	default:
		err = tx.QueryRow(ctx, columns+`correction_structure`+join, id).Scan(&i.Decideur, &i.Motif)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return i, fmt.Errorf("load decision: %w", err)
	}
	return i, nil
}

// loadRattachement reads one that the person agreed to, or that was decided
// since: the team never sees a request that its addressee did not accept.
//
// reads: organisation, aidant
func loadRattachement(ctx context.Context, tx *db.Tx, id ident.OperationID) (Rattachement, error) {
	d, err := oneRattachement(tx.QueryRow(ctx, `SELECT `+rattachementColonnes+` WHERE d.id = $1 AND d.aidant_id IS NOT NULL AND (d.etat = 'confirmee' OR d.decideur_id IS NOT NULL)`, id))
	if err != nil {
		return d, err
	}
	d.Departs, err = departs(ctx, tx, d.ID)
	return d, err
}

func departs(ctx context.Context, tx *db.Tx, id ident.RattachementID) ([]ident.OrganisationID, error) {
	rows, err := tx.Query(ctx, `SELECT organisation_id FROM rattachement_depart WHERE rattachement_id = $1 ORDER BY organisation_id`, id)
	return db.Collect(rows, err, func(s db.Scanner) (o ident.OrganisationID, err error) { return o, s.Scan(&o) })
}

// reads: organisation
func loadCoreferent(ctx context.Context, tx *db.Tx, id ident.OperationID) (Coreferent, error) {
	c, err := scanCoreferent(tx.QueryRow(ctx, `SELECT `+coreferentColonnes+` WHERE c.id = $1 AND c.etat <> 'annulee'`, id))
	return c, unknown(err)
}

// reads: organisation
func loadCorrection(ctx context.Context, tx *db.Tx, id ident.OperationID) (Correction, error) {
	c, err := scanCorrection(tx.QueryRow(ctx, `SELECT `+correctionColonnes+` WHERE c.id = $1 AND c.etat <> 'annulee'`, id))
	return c, unknown(err)
}

func unknown(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, "demande_inconnue")
	}
	if err != nil {
		return fmt.Errorf("load request: %w", err)
	}
	return nil
}

// The gates: each takes a request that waits, once, and never by who asked nor
// by who it is about.
func takeRattachement(ctx context.Context, tx *db.Tx, id ident.OperationID, d Decision) error {
	motif := ""
	if !d.Accepte {
		motif = "gestion"
	}
	return gone(tx.Exec(ctx, `UPDATE rattachement SET etat = $2, motif = $3, decideur_id = $4, motif_decision = $5, explication = $6, date_fin = $7
		WHERE id = $1 AND etat = 'confirmee' AND referent_id <> $4 AND aidant_id <> $4`, id, string(d.etat()), motif, d.Par, string(d.Motif), d.Reponse, tx.Now))
}

// reads: aidant
func takeCoreferent(ctx context.Context, tx *db.Tx, id ident.OperationID, d Decision) error {
	return gone(tx.Exec(ctx, `UPDATE coreferent SET etat = $2, decideur_id = $3, motif_decision = $4, reponse = $5, date_fin = $6
		WHERE id = $1 AND etat = 'demandee' AND referent_id <> $3 AND email <> (SELECT x.email FROM aidant x WHERE x.id = $3)`, id, string(d.etat()), d.Par, string(d.Motif), d.Reponse, tx.Now))
}

func takeCorrection(ctx context.Context, tx *db.Tx, id ident.OperationID, d Decision) error {
	return gone(tx.Exec(ctx, `UPDATE correction_structure SET etat = $2, decideur_id = $3, motif_decision = $4, reponse = $5, date_fin = $6
		WHERE id = $1 AND etat = 'demandee' AND referent_id <> $3`, id, string(d.etat()), d.Par, string(d.Motif), d.Reponse, tx.Now))
}

// candidate reads what the rules need of an account.
func candidate(ctx context.Context, tx *db.Tx, a aidant.Aidant, org ident.OrganisationID) (c Candidat, err error) {
	at, err := aidant.PlaceIn(ctx, tx, a.ID, org)
	if err != nil {
		return c, err
	}
	c = Candidat{Existe: true, Actif: a.Actif, Habilite: a.Habilite, Membre: at.Membre, Referent: at.Referent, Rouvrable: a.MotifEtat == "inactivite"}
	var role string
	if err := tx.QueryRow(ctx, `SELECT role_gestion FROM aidant WHERE id = $1`, a.ID).Scan(&role); err != nil {
		return c, fmt.Errorf("read role: %w", err)
	}
	c.Equipe = role != ""
	return c, nil
}
