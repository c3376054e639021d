package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/web"
)

// Keys reads every signing key, and with them whether the database opens and is
// at the schema of this program.
func Keys(ctx context.Context, cfg Config, clock func() time.Time) ([]cle.Cle, error) {
	b, err := open(ctx, cfg, Options{Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	return b.cles.All(), b.db.Close()
}

// ListCles prints every signing key, without its private half.
func ListCles(ctx context.Context, cfg Config, w io.Writer) error {
	return withBase(ctx, cfg, func(b base) error {
		t := newTable(w, "USAGE", "ALGORITHME", "ÉTAT", "TIRÉE LE", "SIGNE DEPUIS", "RETIRÉE LE", "IDENTIFIANT (kid)")
		for _, c := range b.cles.All() {
			t.row(c.Usage, c.Alg, c.Etat, web.DateHeure(c.DateCreation), depuis(c), orDash(c.DateRetrait), c.Kid)
		}
		return t.Flush()
	})
}

// depuis says when a key began to sign, or will.
func depuis(c cle.Cle) string {
	if c.Etat == cle.Suivante {
		return "dès " + web.DateHeure(c.Signera())
	}
	return orDash(c.DateActivation)
}

func orDash(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return web.DateHeure(t)
}

// RotateCle orders the next key of a usage and says what follows (FI-62).
func RotateCle(ctx context.Context, cfg Config, usage string, w io.Writer) error {
	return withBase(ctx, cfg, func(b base) error {
		next, drawn, err := b.cles.Rotate(ctx, usage)
		if err != nil {
			return err
		}
		first := "Nouvelle clé de " + usage + " : " + next.Kid
		if !drawn {
			first = "Une clé de " + usage + " attend déjà, tirée le " + web.DateHeure(next.DateCreation) + " : " + next.Kid + "\nRien n'a été changé."
		}
		after := "L'ancienne reste publiée 24 heures après."
		if usage == cle.Attestation || usage == cle.Journal {
			after = "L'ancienne reste publiée : ce qu'elle a signé se vérifie toujours."
		}
		_, err = fmt.Fprintf(w, "%s\nElle est publiée, et signera à partir du %s.\n%s\nLaissez tourner le service : il fait le changement seul.\n",
			first, web.DateHeure(next.Signera()), after)
		return err
	})
}
