package transparence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Suivi follows a log published elsewhere: it keeps the last checkpoint seen,
// and refuses one that does not continue it. Anybody may run it anywhere.
type Suivi struct {
	Lecteur Lecteur
	// Cles are the keys trusted; empty: those the log showed the first time,
	// kept in the file since.
	Cles    []string
	Fichier string // what was seen last
	Sortie  io.Writer
}

// vu is the file.
type vu struct {
	Cles  []string `json:"cles"`
	Point string   `json:"point,omitempty"`
}

// Once looks once. ErrIncoherent: the log showed two histories; the file keeps
// the former one, which with the new checkpoint is the proof.
func (s Suivi) Once(ctx context.Context) error {
	seen, err := s.load()
	if err != nil {
		return err
	}
	if !containsAll(seen.Cles, s.Cles) { // those learned from others than these are not trusted
		seen.Cles = s.Cles
	}
	if len(seen.Cles) == 0 {
		if seen.Cles, err = s.Lecteur.Keys(ctx); err != nil {
			return err
		}
		if err := s.say("Première visite : les clés retenues sont celles que montre le journal. Comparez-les à celles que publie l'exploitant.\n"); err != nil {
			return err
		}
	}
	known, err := Verifiers(seen.Cles)
	if err != nil {
		return fmt.Errorf("read the keys of the log: %w", err)
	}
	p, err := s.Lecteur.Point(ctx, known)
	if err != nil {
		return err
	}
	grown := p.Taille
	if seen.Point != "" {
		old, err := OpenPoint(seen.Point, known)
		if err != nil {
			return fmt.Errorf("read what was seen last: %w", err)
		}
		if err := s.Lecteur.Growth(ctx, old, p); err != nil {
			if errors.Is(err, ErrIncoherent) {
				err = errors.Join(err, s.say("ALERTE : ce journal n'est pas la suite de celui qui a été vu.\n\nVu le dernier :\n%s\nMontré maintenant :\n%s", old.Note, p.Note))
			}
			return err
		}
		grown -= old.Taille
	}
	if err := s.learn(ctx, &seen, p); err != nil {
		return err
	}
	seen.Point = p.Note
	if err := s.save(seen); err != nil {
		return err
	}
	return s.say("%s : %d lignes, %d de plus, racine %s. C'est bien la suite.\n", p.Origine, p.Taille, grown, p.Racine)
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(k string) bool { return !slices.Contains(all, k) })
}

// learn takes the keys that sign this checkpoint beside one that is known: a
// journal that changes its key has both sign for a while. Nothing else makes a
// new key trusted.
func (s Suivi) learn(ctx context.Context, seen *vu, p Point) error {
	known, err := Verifiers(seen.Cles)
	if err != nil {
		return err
	}
	n, err := note.Open([]byte(p.Note), known)
	if err != nil {
		return err
	}
	unknown := func(sig note.Signature) bool { return sig.Name == p.Origine }
	if !slices.ContainsFunc(n.UnverifiedSigs, unknown) {
		return nil
	}
	shown, err := s.Lecteur.Keys(ctx)
	if err != nil {
		return err
	}
	for _, k := range shown {
		v, err := note.NewVerifier(k)
		if err != nil || v.Name() != p.Origine || slices.Contains(seen.Cles, k) {
			continue // a witness's, another journal's, or known
		}
		if _, err := note.Open([]byte(p.Note), note.VerifierList(v)); err != nil {
			continue
		}
		seen.Cles = append(slices.Clone(seen.Cles), k)
		if err := s.say("Nouvelle clé du journal, annoncée par celle que vous connaissez, qui signe avec elle : %s\n", k); err != nil {
			return err
		}
	}
	return nil
}

// Watch looks again and again, until the log diverges or ctx ends. A log that
// cannot be read is told and tried again.
func (s Suivi) Watch(ctx context.Context, every time.Duration) error {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		err := s.Once(ctx)
		if errors.Is(err, ErrIncoherent) || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if err != nil {
			if err := s.say("Le journal n'a pas pu être lu (%v). Nouvel essai dans %s.\n", err, every); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
}

func (s Suivi) say(format string, args ...any) error {
	_, err := fmt.Fprintf(s.Sortie, format, args...)
	return err
}

func (s Suivi) load() (v vu, err error) {
	b, err := os.ReadFile(s.Fichier)
	if errors.Is(err, fs.ErrNotExist) {
		return v, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		return v, fmt.Errorf("read what was seen last: %w", err)
	}
	return v, nil
}

// save replaces the file whole: cut in the middle, the former one stays.
func (s Suivi) save(v vu) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(s.Fichier), ".suivi-*")
	if err != nil {
		return fmt.Errorf("keep what was seen: %w", err)
	}
	_, err = f.Write(append(b, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), s.Fichier)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("keep what was seen: %w", err), os.Remove(f.Name()))
	}
	return nil
}
