package signature_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"testing"
	"time"

	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/ident"
)

// No sequence of acts yields a usable mandat without its proof: at each step of
// random sequences the predicate, in Go and in SQL, is what a model says, and
// the model reads only which proofs were accepted and not set aside.
func TestNoSequenceIsUsableWithoutProof(t *testing.T) {
	each(t, func(t *testing.T, b *banc, n *navigateur) {
		_, id := n.onPaper()
		accord := "/espace-aidant/mandats/" + id.String() + "/accord"
		other := b.connecte(email("alix", 1))
		n = b.connecte(alix)
		draw := rand.New(rand.NewPCG(4, 2026))
		good := photo(t)
		live := func() (ids []ident.PieceID) {
			b.view(func(tx *db.Tx) error {
				ps, err := consentement.Pieces(t.Context(), tx, id)
				for _, p := range ps {
					if p.Live() {
						ids = append(ids, p.ID)
					}
				}
				return err
			})
			return ids
		}
		want := 0
		for step := range 40 {
			b.clock.Advance(time.Second)
			ids := live()
			switch draw.IntN(8) {
			case 0:
				n.send(accord, []byte("<html>"))
			case 1:
				n.post(accord+"/certification", url.Values{})
			case 2:
				other.send(accord, good).want(t, http.StatusNotFound)
			case 3:
				other.post(accord+"/certification", url.Values{"certifie": {"on"}}).want(t, http.StatusNotFound)
			case 4:
				if want < 6 {
					n.send(accord, good).want(t, http.StatusOK)
					want++
				}
			case 5:
				if want < 6 {
					n.post(accord+"/certification", url.Values{"certifie": {"on"}}).want(t, http.StatusOK)
					want++
				}
			default:
				if len(ids) > 0 {
					x := ids[draw.IntN(len(ids))].String()
					n.post(accord+"/annulation", url.Values{"motif": {"autre"}, "piece": {x}}).want(t, http.StatusOK)
					want--
				}
			}
			if got := len(live()); got != want {
				t.Fatalf("step %d: %d proofs, the model has %d", step, got, want)
			}
			if got := b.usable(id); got != (want > 0) {
				t.Fatalf("step %d: usable %v with %d proofs", step, got, want)
			}
		}
		b.verifyJournal()
	})
}
