package garde_test

import (
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/garde"
)

// What is said of an object is when it is erased: the two functions agree to
// the instant, a day of 29 February included.
func TestRegles(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range garde.Toutes() {
		if r.Quoi == "" || r.Raison == "" || r.Depuis == "" || r.Accord == "" || seen[r.Quoi] {
			t.Errorf("%+v: a word is missing, or twice the same row", r)
		}
		seen[r.Quoi] = true
		lengths := 0
		for _, has := range []bool{r.Ans > 0, r.Mois > 0, r.Temps > 0} {
			if has {
				lengths++
			}
		}
		if lengths != 1 {
			t.Errorf("%s: %d lengths", r.Quoi, lengths)
		}
		for _, from := range []time.Time{time.Date(2026, 3, 12, 9, 30, 0, 0, time.UTC), time.Date(2025, 10, 26, 1, 0, 0, 0, time.UTC)} {
			until := r.Jusqua(from)
			if got := r.Avant(until); !got.Equal(from) {
				t.Errorf("%s: erased at %v, limit %v, not %v", r.Quoi, until, got, from)
			}
			if s := r.Phrase(from); !strings.Contains(s, " jusqu’au ") || !strings.Contains(s, ", parce qu") || !strings.HasSuffix(s, ".") || strings.Contains(s, "..") {
				t.Errorf("%q", s)
			}
		}
	}
}

func TestPhrases(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 3, 12, 9, 30, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{garde.Mandat.Phrase(from), "Conservé jusqu’au 12/03/2032, parce que la loi laisse six ans pour demander des comptes après la fin d’un mandat. Puis effacé, avec ses preuves."},
		{garde.Message.Phrase(from), "Texte et adresse conservés jusqu’au 10/06/2026, parce qu’un message perdu se renvoie, et son envoi se prouve. Restent ensuite la sorte du message et ses dates."},
		{garde.Brouillon.Phrase(from), "Conservées jusqu’au 13/03/2026 à 10h30, parce que la saisie se reprend dans la journée."},
		{garde.Connexion.Duree(), "12 mois après la connexion"},
		{garde.Appareil.Duree(), "un an après la dernière connexion"},
		{garde.Importation.Duree(), "30 jours après l’import"},
		{garde.Brouillon.Duree(), "un jour après la dernière modification"},
		{garde.Compte.EnCours("tant que le compte est ouvert"), "Conservé tant que le compte est ouvert, puis pendant 6 ans après le dernier contact, parce que la loi laisse six ans pour demander des comptes de ce qui a été fait avec lui. Au bout de trois ans, il quitte les listes de sa structure, sans moyen de connexion."},
		{garde.Limite("Projet conservé", from, "la suite est à signer avant"), "Projet conservé jusqu’au 12/03/2026 à 10h30, parce que la suite est à signer avant."},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
