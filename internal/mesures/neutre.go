package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"text/tabwriter"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/organisation"
)

// motNeutre is the value of -seulement that measures the neutral answers alone.
const motNeutre = "neutre"

// neutre is how long one page takes to refuse, by what is behind the address:
// nothing must be read in it (A-W73).
type neutre struct {
	Page                    string
	Ouvert, Ferme, Inconnue resultat
}

// rapport is the median of what is open, or closed, to that of what is unknown.
func (n neutre) rapport(r resultat) float64 { return r.P50 / max(n.Inconnue.P50, .001) }

// mesuresNeutres are those of one database.
type mesuresNeutres struct {
	Base  string   `json:"base"`
	Pages []neutre `json:"pages"`
}

// sortes of addresses: each request is about another one, from another network.
var sortes = []string{"ouvert", "ferme", "inconnue"}

// neutres opens a service of its own, and asks its public pages about accounts
// that are open, closed, and unknown, in turn.
func (b *banc) neutres(ctx context.Context) (m mesuresNeutres, err error) {
	step(b.dialecte, "réponses neutres")
	m.Base = string(b.dialecte)
	if err := b.start(ctx, "neutre"); err != nil {
		return m, err
	}
	defer func() {
		if closed := b.s.Close(); err == nil {
			err = closed
		}
		b.s = nil
	}()
	n := 40
	if b.court {
		n = 10
	}
	if err := b.loadNeutres(ctx, n); err != nil {
		return m, err
	}
	h := b.s.Handler()
	for i, page := range []struct {
		nom, chemin string
		statut      int
		form        url.Values
	}{
		{"connexion", "/accounts/login/", http.StatusUnprocessableEntity, url.Values{"otp_token": {"000000"}}},
		{"code de secours", "/accounts/login/", http.StatusUnprocessableEntity, url.Values{"otp_token": {"0000000000"}}},
		{"première connexion", "/accounts/manager_first_login/", http.StatusOK, url.Values{"telephone": {"0612345678"}}},
		{"remise à l'heure", "/code-refuse/", http.StatusOK, url.Values{"code_un": {"000000"}, "code_deux": {"111111"}}},
	} {
		one := neutre{Page: page.nom}
		times := map[string][]time.Duration{}
		var mu sync.Mutex
		g := newGroup(2)
		for k := range n {
			for j, sorte := range sortes {
				g.run(func() error {
					door := navigateur{origine: b.cfg.Origine, porte: from(h, fmt.Sprintf("10.%d.%d.%d:1", i, j, k))}
					form := url.Values{"email": {adresseNeutre(sorte, i, k)}}
					for name, v := range page.form {
						form[name] = v
					}
					begin := time.Now()
					if _, err := door.post(ctx, page.chemin, form, page.statut); err != nil {
						return err
					}
					mu.Lock()
					defer mu.Unlock()
					times[sorte] = append(times[sorte], time.Since(begin))
					return nil
				})
			}
		}
		if err := g.wait(); err != nil {
			return m, err
		}
		for _, s := range []struct {
			to   *resultat
			mine []time.Duration
		}{{&one.Ouvert, times["ouvert"]}, {&one.Ferme, times["ferme"]}, {&one.Inconnue, times["inconnue"]}} {
			*s.to = summary(s.mine, time.Second)
			s.to.ParSeconde = 0 // nothing was pushed
		}
		m.Pages = append(m.Pages, one)
	}
	return m, nil
}

// adresseNeutre is the address of the k-th question on the i-th page.
func adresseNeutre(sorte string, i, k int) string {
	return fmt.Sprintf("%s-%d-%d@structure.example.org", sorte, i, k)
}

// from is the door of one network.
func from(h http.Handler, address string) porte {
	return func(r *http.Request) (*reponse, error) {
		r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), address
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := &reponse{entete: http.Header{}}
		h.ServeHTTP(w, r)
		w.statut = cmp.Or(w.statut, http.StatusOK)
		return w, nil
	}
}

// loadNeutres makes the accounts that are asked about.
func (b *banc) loadNeutres(ctx context.Context, n int) error {
	return b.s.DB.Update(ctx, func(tx *db.Tx) error {
		o, err := organisation.Create(ctx, tx, b.s.Journal, newOrganisation(0))
		if err != nil {
			return err
		}
		for i := range 4 {
			for k := range n {
				for _, sorte := range sortes[:2] {
					a := newAidant(k)
					a.Email = adresseNeutre(sorte, i, k)
					c, err := b.newAccount(ctx, tx, o.ID, a)
					if err != nil {
						return err
					}
					if sorte == "ferme" {
						if _, err := aidant.Close(ctx, tx, c.id, "depart"); err != nil {
							return err
						}
					}
				}
			}
		}
		return nil
	})
}

func (m mesuresNeutres) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s : temps d'un refus, selon ce qu'il y a derrière l'adresse (médiane ; rapport à une adresse inconnue)\n\n", m.Base)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\tinconnue\tcompte ouvert\trapport\tcompte fermé\trapport\tp99 ouvert\tp99 inconnue\t\n")
	for _, n := range m.Pages {
		fmt.Fprintf(w, "%s\t%.1f ms\t%.1f ms\t%.3f\t%.1f ms\t%.3f\t%.1f ms\t%.1f ms\t\n",
			n.Page, n.Inconnue.P50, n.Ouvert.P50, n.rapport(n.Ouvert), n.Ferme.P50, n.rapport(n.Ferme), n.Ouvert.P99, n.Inconnue.P99)
	}
	_ = w.Flush() // to the terminal, as the rest
}
