package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
)

// ImportCartes is what the command line asks to import cards.
type ImportCartes struct {
	Fichier  io.Reader
	Essai    bool      // tells what would happen and changes nothing
	Progress io.Writer // a bar is drawn there if it is a terminal
}

// ImportCards puts the cards of a file in the stock, all of them or none, and
// prints what was done.
func ImportCards(ctx context.Context, cfg Config, in ImportCartes, w io.Writer) error {
	cs, refused, err := facteur.ParseCards(in.Fichier)
	if err != nil {
		return err
	}
	return withBase(ctx, cfg, func(b base) error {
		bar := newBar(in.Progress, len(cs))
		coffre := &facteur.Coffre{Champs: b.box, Journal: b.journal}
		var done facteur.Bilan
		err := b.db.Update(ctx, func(tx *db.Tx) (err error) {
			done, err = coffre.ImportCards(ctx, tx, facteur.ByCommand(), facteur.Import{
				Cartes: cs, Essai: in.Essai || len(refused) > 0, Avance: func(n int) { _ = bar.Set(n) },
			})
			return err
		})
		_ = bar.Finish()
		if err != nil {
			return err
		}
		return printCards(w, in.Essai, done, append(refused, done.Refusees...))
	})
}

func printCards(w io.Writer, essai bool, done facteur.Bilan, refused []facteur.LigneRefusee) error {
	for _, r := range refused {
		if _, err := fmt.Fprintf(w, "Ligne %d : %s\n", r.Ligne, r.Texte); err != nil {
			return err
		}
	}
	if len(refused) > 0 {
		_, err := fmt.Fprintln(w, "Rien n'a été importé : corrigez ces lignes et recommencez.")
		return errors.Join(ErrACorriger, err)
	}
	title := "Importé"
	if essai {
		title = "Essai, rien n'est changé"
	}
	_, err := fmt.Fprintf(w, "%s : %d ajoutées, %d modifiées, %d déjà là.\n", title, done.Ajouts, done.Modifications, done.Inchangees)
	return err
}

// newBar draws the progress of a long command, for people only: nothing is
// written where nobody looks.
func newBar(w io.Writer, total int) *progressbar.ProgressBar {
	f, ok := w.(*os.File)
	seen := false
	if ok {
		info, err := f.Stat()
		seen = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	if !seen {
		w = io.Discard
	}
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetVisibility(seen),
		progressbar.OptionSetDescription("Cartes"), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
}
