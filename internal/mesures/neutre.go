package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"text/tabwriter"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/figurant"
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

// mesuresNeutres are those of one database.
type mesuresNeutres struct {
	Base  string   `json:"base"`
	Pages []neutre `json:"pages"`
}

var pagesNeutres = []struct {
	nom, chemin string
	statut      int
	form        url.Values
}{
	{"connexion", "/accounts/login/", http.StatusUnprocessableEntity, url.Values{"otp_token": {"000000"}}},
	{"code de secours", "/accounts/login/", http.StatusUnprocessableEntity, url.Values{"otp_token": {"0000000000"}}},
	{"première connexion", "/accounts/manager_first_login/", http.StatusOK, url.Values{"telephone": {"0612345678"}}},
	{"remise à l'heure", "/code-refuse/", http.StatusOK, url.Values{"code_un": {"000000"}, "code_deux": {"111111"}}},
}

// neutres opens a service of its own and asks its public pages, in turn, about
// accounts that are open, closed and unknown: each time another one, from another
// network.
func (b *banc) neutres(ctx context.Context) (m mesuresNeutres, err error) {
	step(b.dialecte, "réponses neutres")
	m.Base = string(b.dialecte)
	if err := b.start(ctx, motNeutre); err != nil {
		return m, err
	}
	defer func() { err, b.s = errors.Join(err, b.s.Close()), nil }()
	n := 40
	if b.court {
		n = 10
	}
	for i, page := range pagesNeutres {
		if err := b.loadNeutres(ctx, i, n); err != nil {
			return m, err
		}
		var times [3][]time.Duration
		for k := range 3 * n {
			page.form.Set("email", adresseNeutre(i, k))
			door := navigateur{origine: b.cfg.Origine, porte: b.reseau(fmt.Sprintf("10.%d.%d.%d:1", i, k/200, k%200))}
			begin := time.Now()
			if _, err := door.post(ctx, page.chemin, page.form, page.statut); err != nil {
				return m, err
			}
			times[k%3] = append(times[k%3], time.Since(begin))
		}
		of := func(k int) resultat { return summary(times[k], time.Second) }
		m.Pages = append(m.Pages, neutre{page.nom, of(0), of(1), of(2)})
	}
	return m, nil
}

// adresseNeutre is the address of the k-th question on the i-th page: an open
// account, a closed one, none.
func adresseNeutre(i, k int) string { return fmt.Sprintf("neutre-%d-%d@structure.example.org", i, k) }

// reseau is the door of one network.
func (b *banc) reseau(address string) porte {
	return func(r *http.Request) (*reponse, error) {
		r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), address
		w := &reponse{entete: http.Header{}}
		b.s.Handler().ServeHTTP(w, r)
		w.statut = cmp.Or(w.statut, http.StatusOK)
		return w, nil
	}
}

// loadNeutres makes the accounts that the i-th page is asked about.
func (b *banc) loadNeutres(ctx context.Context, i, n int) error {
	return b.s.DB.Update(ctx, func(tx *db.Tx) error {
		o, err := organisation.Create(ctx, tx, b.s.Journal, figurant.Organisation(i))
		for k := 0; k < 3*n && err == nil; k++ {
			a := figurant.Aidant(k)
			a.Email = adresseNeutre(i, k)
			var c compte
			if k%3 < 2 {
				c, err = b.newAccount(ctx, tx, o.ID, a)
			}
			if k%3 == 1 && err == nil {
				_, err = aidant.Close(ctx, tx, c.id, "depart")
			}
		}
		return err
	})
}

func (m mesuresNeutres) print(out io.Writer) {
	fmt.Fprintf(out, "\n%s : temps d'un refus, selon ce qu'il y a derrière l'adresse (médiane ; rapport à une adresse inconnue)\n\n", m.Base)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\tinconnue\tcompte ouvert\tcompte fermé\tp99 ouvert\tp99 inconnue\t\n")
	for _, n := range m.Pages {
		fmt.Fprintf(w, "%s\t%.1f ms\t%.3f\t%.3f\t%.1f ms\t%.1f ms\t\n", n.Page, n.Inconnue.P50, n.Ouvert.P50/n.Inconnue.P50, n.Ferme.P50/n.Inconnue.P50, n.Ouvert.P99, n.Inconnue.P99)
	}
	_ = w.Flush() // to the terminal, as the rest
}
