package traduction

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/mandat"
)

//go:embed textes
var textes embed.FS

// courantes are the translations of the mandat's text in force, without their
// reviews: a new text has none until they are written for it.
var courantes = load(mandat.TexteCourant().Version)

func load(version string) []Traduction {
	var out []Traduction
	for _, l := range langues {
		b, err := textes.ReadFile("textes/" + version + "/" + l.Code + ".html")
		if err != nil {
			continue // not translated
		}
		h := sha256.Sum256(b)
		out = append(out, Traduction{Langue: l, Texte: version, Corps: string(b), Empreinte: hex.EncodeToString(h[:])})
	}
	return out
}

// withReviews gives the translations in force, each with its own review.
func withReviews(rs []Relecture) []Traduction {
	out := append([]Traduction(nil), courantes...)
	for i, t := range out {
		for _, r := range rs {
			if r.Langue == t.Code && r.Empreinte == t.Empreinte {
				out[i].Relecture = &r
			}
		}
	}
	return out
}

// Visibles gives the translations that people are shown today.
func Visibles(ctx context.Context, tx *db.Tx) ([]Traduction, error) {
	rs, err := reviews(ctx, tx)
	return visible(withReviews(rs)), err
}

func find(ts []Traduction, code string) (Traduction, bool) {
	for _, t := range ts {
		if t.Code == code {
			return t, true
		}
	}
	return Traduction{}, false
}
