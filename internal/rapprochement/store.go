package rapprochement

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
)

// sujet is one part of the comparison: the lines it listens to, in order, then
// what its tables hold.
type sujet struct {
	actions []string
	dire    func(l journal.Ligne)
	tenir   func(ctx context.Context, tx *db.Tx) error
	bilans  []*bilan
}

// monde is who is known, by what stands for them in the lines.
type monde struct {
	carnet  *journal.Carnet
	now     db.Time
	since   db.Time // lines before may have lost their rows
	comptes []compteLu
	nom     map[ident.AidantID]string // of those not erased
	compte  map[string]ident.AidantID // the same, the other way
	usagers map[ident.UsagerID]string
	usager  map[string]ident.UsagerID
}

// compteLu is an account as its table has it.
type compteLu struct {
	id              ident.AidantID
	nom             string
	actif, habilite bool
	role            string
	archive, efface db.Time
}

// inconnu stands for somebody that no line knows.
func inconnu(id fmt.Stringer) string { return "?" + id.String() }

// Run gives every kind of gap that is there, in one snapshot.
func Run(ctx context.Context, d *db.DB, j *journal.Journal) (found []Ecart, err error) {
	err = d.View(ctx, func(tx *db.Tx) (err error) {
		if found, err = mandats(ctx, tx); err != nil {
			return err
		}
		more, err := others(ctx, tx, j)
		found = append(found, more...)
		return err
	})
	slices.SortFunc(found, func(a, b Ecart) int { return strings.Compare(a.Genre, b.Genre) })
	return found, err
}

// others compares all that is not of the mandats: the lines are read once, and
// each subject hears its own.
func others(ctx context.Context, tx *db.Tx, j *journal.Journal) (found []Ecart, err error) {
	m, err := readMonde(ctx, tx, j)
	if err != nil {
		return nil, fmt.Errorf("read who is known: %w", err)
	}
	sujets := []*sujet{
		comptes(m), textes(m), places(m), facteurs(m), structures(), personnes(m), evenements(m),
		effacements(m), demandes(m), accords(), equipe(m),
	}
	hears := map[string][]*sujet{}
	for _, s := range sujets {
		for _, a := range s.actions {
			hears[a] = append(hears[a], s)
		}
	}
	actions := make([]string, 0, len(hears))
	for a := range hears {
		actions = append(actions, a)
	}
	slices.Sort(actions)
	err = j.Each(ctx, tx, actions, func(l journal.Ligne) error {
		for _, s := range hears[l.Action] {
			s.dire(l)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, s := range sujets {
		if err := s.tenir(ctx, tx); err != nil {
			return nil, fmt.Errorf("compare the journal with the tables: %w", err)
		}
		for _, b := range s.bilans {
			found = append(found, b.ecarts()...)
		}
	}
	return found, nil
}

// reads: aidant, usager
func readMonde(ctx context.Context, tx *db.Tx, j *journal.Journal) (*monde, error) {
	m := &monde{
		now: tx.Now, since: tx.Now.AddDate(-conservation, 0, 0), nom: map[ident.AidantID]string{}, compte: map[string]ident.AidantID{},
		usagers: map[ident.UsagerID]string{}, usager: map[string]ident.UsagerID{},
	}
	var err error
	if m.carnet, err = j.Carnet(ctx, tx); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT id, actif, habilite, role_gestion, date_archive, date_effacement FROM aidant`)
	m.comptes, err = db.Collect(rows, err, func(s db.Scanner) (c compteLu, err error) {
		return c, s.Scan(&c.id, &c.actif, &c.habilite, &c.role, &c.archive, &c.efface)
	})
	if err != nil {
		return nil, err
	}
	for i := range m.comptes {
		c := &m.comptes[i]
		if !c.efface.IsZero() {
			continue
		}
		if c.nom, err = m.carnet.Aidant(c.id); err != nil {
			return nil, err
		}
		if c.nom == "" {
			c.nom = inconnu(c.id)
		}
		m.nom[c.id], m.compte[c.nom] = c.nom, c.id
	}
	rows, err = tx.Query(ctx, `SELECT id FROM usager`)
	ids, err := db.Collect(rows, err, func(s db.Scanner) (id ident.UsagerID, err error) { return id, s.Scan(&id) })
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		name, err := m.carnet.Usager(id)
		if err != nil {
			return nil, err
		}
		if name == "" {
			name = inconnu(id)
		}
		m.usagers[id], m.usager[name] = name, id
	}
	return m, nil
}

// known tells that a name is that of an account not erased.
func (m *monde) known(name string) bool { _, ok := m.compte[name]; return ok }

// titulaire is whose account a line is about: another's, or that of who acts.
func titulaire(l journal.Ligne) string {
	if l.Concerne != "" {
		return l.Concerne
	}
	return l.Aidant
}

// each gives fn the rows of a statement.
func each(ctx context.Context, tx *db.Tx, query string, fn func(s db.Scanner) error) error {
	rows, err := tx.Query(ctx, query)
	_, err = db.Collect(rows, err, func(s db.Scanner) (struct{}, error) { return struct{}{}, fn(s) })
	return err
}
