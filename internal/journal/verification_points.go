package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"

	"golang.org/x/mod/sumdb/tlog"
)

// point is one stored checkpoint.
type point struct {
	taille int64
	racine []byte
	note   string
}

// nextPoint shows the next checkpoint by size, without consuming it; ok is
// false when there is none left.
func (v *verification) nextPoint(ctx context.Context, tx *db.Tx) (p point, ok bool, err error) {
	if len(v.points) == 0 && !v.pointFin {
		v.points, err = selectPoints(ctx, tx, v.pointVu, verifieParLot)
		if err != nil {
			return p, false, err
		}
		v.pointFin = len(v.points) < verifieParLot
		if len(v.points) > 0 {
			v.pointVu = v.points[len(v.points)-1].taille
		}
	}
	if len(v.points) == 0 {
		return p, false, nil
	}
	return v.points[0], true, nil
}

// pointAt verifies the checkpoint of the tree's present size, if there is one.
func (v *verification) pointAt(ctx context.Context, tx *db.Tx) error {
	for {
		p, ok, err := v.nextPoint(ctx, tx)
		if err != nil || !ok || p.taille > v.arbre.taille {
			return err
		}
		v.consume(p)
		if p.taille < v.arbre.taille { // only a size below 1: they come in order
			v.faute(FautePoint, p.taille, ident.LigneID{}, "no tree has this size")
		} else if r := v.arbre.racine(); !bytes.Equal(p.racine, r[:]) {
			v.faute(FauteRacine, p.taille, ident.LigneID{}, "the recomputed root is "+r.String())
		}
	}
}

// consume verifies what a checkpoint says by itself.
func (v *verification) consume(p point) {
	v.points = v.points[1:]
	v.report.Points++
	v.report.Dernier = p.note
	v.signe = p.taille
	var racine tlog.Hash
	err := errors.New("the root has not 32 bytes")
	if copy(racine[:], p.racine) == len(p.racine) && len(p.racine) == tlog.HashSize {
		err = checkPoint(p.note, textePoint(v.report.Origine, p.taille, racine), v.known)
	}
	if err != nil {
		v.faute(FautePoint, p.taille, ident.LigneID{}, err.Error())
	}
}

// remaining handles the checkpoints of trees bigger than the ranks, and what
// the tree has beyond the last checkpoint.
func (v *verification) remaining(ctx context.Context, tx *db.Tx) error {
	for {
		p, ok, err := v.nextPoint(ctx, tx)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		v.consume(p)
		if !v.rompu {
			v.faute(FauteTronque, p.taille, ident.LigneID{}, fmt.Sprintf("only %d ranks", v.arbre.taille))
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
	for {
		page, err := selectEnAttente(ctx, tx, last, verifieParLot)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, w := range page {
			if w.rangee {
				v.faute(FauteDouble, -1, w.id, "")
			}
			if w.ligne.present {
				v.ligne(-1, w.ligne)
			} else {
				v.faute(FauteManque, -1, w.id, "waiting")
			}
			last = w.id
		}
	}
}

// strays finds what belongs to nothing: a line nobody will ever number, facts
// without a line.
func (v *verification) strays(ctx context.Context, tx *db.Tx) error {
	for _, look := range []struct {
		genre string
		find  func(context.Context, *db.Tx, int) ([]ident.LigneID, error)
	}{{FauteHors, selectHors}, {FauteOrphelin, selectOrphelins}} {
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
