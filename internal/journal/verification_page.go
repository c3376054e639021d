package journal

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// page is some ranks in a row, with all that the database says of them.
type page struct {
	premier, dernier int64
	rangs            []rangLu
	noeuds           []noeud
	points           []point
	err              error

	// By check:
	fautes   map[int][]Faute // of a rank's line, by position in the page
	feuilles []tlog.Hash
	effaces  int64
	pret     chan struct{}
}

// controle recomputes what lines and checkpoints say by themselves.
type controle struct {
	known   note.Verifiers
	origine string
	mots    mots
	// faits are contents found canonical: few are ever new.
	faits map[string]map[string]bool
	vus   int
}

const faitsRetenus = 10_000

func (c *controle) check(p *page) {
	p.fautes, p.feuilles = map[int][]Faute{}, slices.Grow(p.feuilles[:0], len(p.rangs))[:len(p.rangs)]
	for i := range p.rangs {
		r := &p.rangs[i]
		p.feuilles[i] = tlog.RecordHash(r.entree)
		if !r.ligne.present {
			p.fautes[i] = []Faute{{FauteManque, r.rang, r.id, "ranked"}}
			continue
		}
		found := c.ligne(r.rang, &r.ligne)
		if !bytes.Equal(r.entree, r.ligne.entree) {
			found = append(found, Faute{FauteLigne, r.rang, r.id, "the ranked entry is not the line's"})
		}
		if len(found) > 0 {
			p.fautes[i] = found
		}
		if !r.ligne.contenuPresent {
			p.effaces++
		}
	}
	for i := range p.points {
		p.points[i].faute = c.point(p.points[i])
	}
}

// ligne recomputes an entry from its row, and the digest of its facts.
func (c *controle) ligne(rang int64, l *ligneLue) (found []Faute) {
	faute := func(genre, detail string) { found = append(found, Faute{genre, rang, l.ID, detail}) }
	if l.version != versionEntree {
		faute(FauteVersion, fmt.Sprintf("version %d", l.version))
		return found
	}
	want := entree(l.champs, l.sel, l.contenuEmpreinte)
	if !l.fits() || !bytes.Equal(want[:], l.entree) {
		faute(FauteLigne, "the entry is not that of the row")
	}
	if !l.contenuPresent {
		return found
	}
	d := contenuEmpreinte(l.contenuSel, l.contenu)
	if len(l.contenuSel) != selTaille || !bytes.Equal(d[:], l.contenuEmpreinte) {
		faute(FauteContenu, "the digest differs")
		return found
	}
	if err := c.facts(l.Action, l.contenu); err != nil {
		faute(FauteContenu, err.Error())
	}
	return found
}

// facts checks that facts are canonical; those already met are not read again.
func (c *controle) facts(action string, contenu []byte) error {
	if c.faits[action][string(contenu)] {
		return nil
	}
	if _, err := fait.Decode(action, contenu); err != nil {
		return err
	}
	if c.faits == nil || c.vus >= faitsRetenus {
		c.faits, c.vus = map[string]map[string]bool{}, 0
	}
	if c.faits[action] == nil {
		c.faits[action] = map[string]bool{}
	}
	c.faits[action][string(contenu)] = true
	c.vus++
	return nil
}

// point verifies what a checkpoint says by itself.
func (c *controle) point(p point) error {
	var racine tlog.Hash
	if len(p.racine) != tlog.HashSize {
		return errors.New("the root has not 32 bytes")
	}
	copy(racine[:], p.racine)
	return checkPoint(p.note, textePoint(c.origine, p.taille, racine), c.known)
}

// page builds the tree from a page, and compares it with what is stored.
func (v *verification) page(p *page) {
	v.report.Effaces += p.effaces
	for i := range p.rangs {
		r := &p.rangs[i]
		if r.rang != v.rang+1 {
			v.faute(FauteRang, v.rang+1, ident.LigneID{}, fmt.Sprintf("followed by %d", r.rang))
			v.rompu = true
		}
		v.rang = r.rang
		v.met(&r.ligne)
		for _, f := range p.fautes[i] {
			v.faute(f.Genre, f.Rang, f.Ligne, f.Detail)
		}
		if v.rompu {
			continue
		}
		// The tree is built from the ranked entries, which the lines were just
		// compared with, so that one altered line is one fault and not a cascade.
		indice := tlog.StoredHashCount(v.arbre.taille)
		for k, h := range v.arbre.addFeuille(p.feuilles[i]) {
			p.noeuds = v.noeud(r.rang, indice+int64(k), h, p.noeuds)
		}
		p.points = v.pointAt(p.points)
	}
	for _, left := range p.points { // after a gap no tree can be compared
		v.consume(left)
	}
}

// noeud compares one recomputed hash with the next stored one, and gives the
// stored ones that follow.
func (v *verification) noeud(rang, indice int64, h tlog.Hash, stored []noeud) []noeud {
	if len(stored) == 0 || stored[0].indice != indice {
		v.faute(FauteNoeud, rang, ident.LigneID{}, fmt.Sprintf("node %d is missing", indice))
		return stored
	}
	if stored[0].empreinte != h {
		v.faute(FauteNoeud, rang, ident.LigneID{}, fmt.Sprintf("node %d differs", indice))
	}
	return stored[1:]
}

// fits refuses parts that the length prefixes could not tell from others.
func (l *ligneLue) fits() bool {
	const most = 1 << 12
	return len(l.Action) <= most && len(l.Initiateur) <= most && len(l.Aidant) <= most && len(l.Concerne) <= most &&
		len(l.Usager) <= most && len(l.Session) <= most && len(l.sel) <= most
}
