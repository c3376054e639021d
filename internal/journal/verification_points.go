package journal

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"

	"golang.org/x/mod/sumdb/tlog"
)

// point is one stored checkpoint.
type point struct {
	taille int64
	racine []byte
	note   string
	faute  error // what is wrong with it by itself
}

// pointAt compares with the tree, at its present size, the checkpoint of that
// size, if there is one; it gives those that follow.
func (v *verification) pointAt(points []point) []point {
	for len(points) > 0 && points[0].taille <= v.arbre.taille {
		p := points[0]
		points = points[1:]
		v.consume(p)
		if p.taille < v.arbre.taille { // only a size below 1: they come in order
			v.faute(FautePoint, p.taille, ident.LigneID{}, "no tree has this size")
		} else if r := v.arbre.racine(); !bytes.Equal(p.racine, r[:]) {
			v.faute(FauteRacine, p.taille, ident.LigneID{}, "the recomputed root is "+r.String())
		}
	}
	return points
}

// consume notes a checkpoint and what it said by itself.
func (v *verification) consume(p point) {
	v.report.Points++
	v.report.Dernier = p.note
	v.signe = p.taille
	if p.faute != nil {
		v.faute(FautePoint, p.taille, ident.LigneID{}, p.faute.Error())
	}
}

// remaining handles the checkpoints of trees bigger than the ranks, and what
// the tree has beyond the last checkpoint.
func (v *verification) remaining(ctx context.Context, tx *db.Tx) error {
	c := controle{known: v.known, origine: v.report.Origine}
	for {
		points, err := selectPoints(ctx, tx, v.pointVu, math.MaxInt64)
		if err != nil {
			return err
		}
		if len(points) == 0 {
			break
		}
		for _, p := range points {
			p.faute = c.point(p)
			v.consume(p)
			if !v.rompu {
				v.faute(FauteTronque, p.taille, ident.LigneID{}, fmt.Sprintf("only %d ranks", v.arbre.taille))
			}
			v.pointVu = p.taille
		}
	}
	if !v.rompu && v.signe < v.arbre.taille {
		v.faute(FauteSansFin, v.signe, ident.LigneID{}, fmt.Sprintf("%d ranks", v.arbre.taille))
	}
	stored, err := countNoeuds(ctx, tx)
	if err != nil {
		return err
	}
	if want := tlog.StoredHashCount(v.arbre.taille); !v.rompu && stored != want {
		v.faute(FauteNoeud, -1, ident.LigneID{}, fmt.Sprintf("%d stored nodes instead of %d", stored, want))
	}
	return nil
}

// waiting verifies the lines that have no rank yet.
func (v *verification) waiting(ctx context.Context, tx *db.Tx) error {
	var last ident.LigneID
	var c controle
	for {
		page, err := selectEnAttente(ctx, tx, last, verifieParLot)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, w := range page {
			if w.rangee {
				v.faute(FauteDouble, -1, w.id, "")
			} else {
				v.met(&w.ligne)
			}
			if w.ligne.present {
				for _, f := range c.ligne(-1, &w.ligne) {
					v.faute(f.Genre, f.Rang, f.Ligne, f.Detail)
				}
			} else {
				v.faute(FauteManque, -1, w.id, "waiting")
			}
			last = w.id
		}
	}
}

// strays finds what belongs to nothing: a line nobody will ever number, facts
// without a line. When as many were met as there are, there is none: a line is
// ranked once, and waits once.
func (v *verification) strays(ctx context.Context, tx *db.Tx) error {
	contents, err := countContenus(ctx, tx)
	if err != nil {
		return err
	}
	for _, look := range []struct {
		genre      string
		there, met int64
		find       func(context.Context, *db.Tx, int) ([]ident.LigneID, error)
	}{{FauteHors, v.report.Lignes, v.lignesVues, selectHors}, {FauteOrphelin, contents, v.contenusVus, selectOrphelins}} {
		if look.there == look.met {
			continue
		}
		ids, err := look.find(ctx, tx, fautesMax)
		if err != nil {
			return err
		}
		for _, id := range ids {
			v.faute(look.genre, -1, id, "")
		}
	}
	return nil
}

// met counts a line met by its rank or as it waits, so that strays are known
// without looking for them.
func (v *verification) met(l *ligneLue) {
	if l.present {
		v.lignesVues++
	}
	if l.contenuPresent {
		v.contenusVus++
	}
}
