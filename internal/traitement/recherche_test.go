package traitement_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"aidantsconnect/internal/traitement"
)

// A request is found by its structure, who asks, whom it is about; what is
// looked for is in no address, and in no other session's reach.
func TestSearch(t *testing.T) {
	each(t, func(m *monde) {
		attach, coref := m.rattachement(), m.coreferent("ana.belmonte@valbrune.example.org")
		find := func(text string) string {
			t.Helper()
			w := m.do("mona", http.MethodPost, traitement.Chemin, url.Values{"recherche": {text}})
			to := w.Header().Get("Location")
			if w.Code != http.StatusSeeOther || text != "" && strings.Contains(to, strings.Fields(text)[0]) {
				t.Fatalf("%d %s", w.Code, to)
			}
			return to
		}
		sees := func(qui, to string, one, other bool) {
			t.Helper()
			body := m.page(qui, to, http.StatusOK)
			if strings.Contains(body, attach) != one || strings.Contains(body, coref) != other {
				t.Errorf("%s: %v %v", to, strings.Contains(body, attach), strings.Contains(body, coref))
			}
		}
		sees("mona", find("Alix"), true, false)
		sees("mona", find("BELMONTE ana"), false, true)
		sees("mona", find("váldbrune"), false, false)
		sees("mona", find(" Mairie  VALBRUNE rôse"), true, true)
		sees("mona", find("%"), true, true) // no letter: nothing is looked for
		sees("mona", find(""), true, true)
		sees("alma", find("Alix"), true, true) // another session opens nothing
		m.page("mona", find("Alix")+"&genre=coreferent", http.StatusOK, "Demandes qui contiennent")
		if w := m.do("rose", http.MethodPost, traitement.Chemin, url.Values{"recherche": {"a"}}); w.Code != http.StatusNotFound {
			t.Errorf("a référent searches: %d", w.Code)
		}
	})
}

// Two of the team answer together, each their own way: one answer is kept, with
// its mails and its line; the other reads that the request waits no longer.
func TestTwoDecideTogether(t *testing.T) {
	each(t, func(m *monde) {
		for round, path := range []string{m.coreferent("ana.belmonte@valbrune.example.org"), m.correction()} {
			codes := make([]int, 6)
			var wg sync.WaitGroup
			for i := range codes {
				wg.Go(func() {
					qui, answer := "mona", oui
					if i%2 == 1 {
						qui, answer = "alma", non
					}
					codes[i] = m.do(qui, http.MethodPost, path, answer).Code
				})
			}
			wg.Wait()
			kept := 0
			for _, c := range codes {
				switch c {
				case http.StatusSeeOther:
					kept++
				case http.StatusConflict, http.StatusServiceUnavailable:
				default:
					t.Errorf("answered %d", c)
				}
			}
			if kept != 1 {
				t.Errorf("%d answers kept: %v", kept, codes)
			}
			if got, want := m.sum([]string{"E-59"}, nil), fmt.Sprintf("E-59 %d", round+1); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
		if got := m.sum(nil, []string{"change_coreferent", "change_correction"}); got != "change_coreferent 1 change_correction 1" {
			t.Error(got)
		}
	})
}
