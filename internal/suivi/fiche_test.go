package suivi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/testkit"
)

// use records a use of a mandat of the person, as a service would.
func (m *monde) use(c *corpus, x mandat.Mandat, p suivi.Presence) {
	m.t.Helper()
	ctx := m.t.Context()
	a := x.Autorisations[0]
	check(m.t, m.d.Update(ctx, func(tx *db.Tx) error {
		return suivi.Record(ctx, tx, suivi.Usage{
			Operation: ident.New[ident.OperationID](), Organisation: c.org, Aidant: c.aidant, Usager: x.Usager, Mandat: x.ID, Autorisation: a.ID, Demarche: a.Demarche, Presence: p,
		})
	}))
}

// The page of a person: her mandats by group, what can be done of each, what
// was done; each reading is a line of the journal.
func TestFiche(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		c := one(clock.Now(), odile, liste(demarche.Papiers, demarche.Argent), liste(demarche.Famille))
		m.store("claire", c)
		p := c.personnes[0]
		m.use(c, p.mandats[0], suivi.Absent)
		clock.Advance(time.Hour)
		first := p.mandats[0]
		fiche := mandat.CheminFiche(p.id)

		m.get(fiche).want(http.StatusOK, "VASSELIN Odile Simone", "04/11/1951", "Mandats actifs (2)", "1 an", "364 jours", "en présence de la personne", "Signatures à recueillir",
			"Mettre fin au mandat", "Arrêter", "02/03/2026 à 10h00", "Argent - Impôts - Consommation", "l'absence de la personne", "Claire AUBIER", "non connu", "Dans la demi-heure qui suit, d’autres services ont pu être ouverts", "Renouveler")
		if n := m.count(`SELECT count(*) FROM journal_ligne WHERE action = 'view_usager'`); n != 1 {
			t.Errorf("%d lines view_usager", n)
		}

		m.follow(first.Chemin("papier"), nil).want(http.StatusOK, "les deux signatures sont recueillies.", "noté le 02/03/2026")
		m.post(first.Autorisations[0].CheminFin(), url.Values{"motif": {"revoque_usager"}, "canal": {"oral"}})
		m.get(fiche).want(http.StatusOK, "Mandats actifs (2)", "Terminée le 02/03/2026 à 11h00", "Attestation de fin", first.Autorisations[0].CheminAttestationFin()).lacks(first.Autorisations[0].CheminFin())
		m.post(first.Chemin("cancel_confirm"), url.Values{"motif": {"renonciation"}, "canal": {"courriel"}})
		m.get(fiche).want(http.StatusOK, "Mandats actifs (1)", "Mandats révoqués depuis moins d’un an (1)", "terminé le 02/03/2026 à 11h00", first.Chemin("attestation_de_revocation"))
		m.get(fiche+"?avis=mandat_actif").want(http.StatusOK, "Erreur : ce mandat est toujours actif.")
		m.get(fiche+"?avis=autorisation_active").want(http.StatusOK, "Erreur : cette autorisation est encore active.")
		m.get(fiche + "?avis=%3Cscript%3E").want(http.StatusOK).lacks("<script>")
		m.post(p.mandats[1].Chemin("cancel_confirm"), url.Values{"motif": {"revoque_usager"}, "canal": {"oral"}})
		m.get(fiche).want(http.StatusOK, "révoqué à la demande de la personne, le 02/03/2026 à 11h00")
	})
}

// Unknown, another structure's, ended more than a year ago: the same 404.
func TestFicheOfOthers(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		c := one(clock.Now(), odile, liste(demarche.Papiers))
		m.store("claire", c)
		m.store("autre", one(clock.Now(), odile, liste(demarche.Papiers)))
		fiche := mandat.CheminFiche(c.personnes[0].id)
		var answers []string
		refused := func(r reponse) { answers = append(answers, fmt.Sprint(r.status, r.text())) }
		refused(m.do("autre", http.MethodGet, fiche, nil))
		refused(m.do("autre", http.MethodGet, mandat.CheminFiche(ident.New[ident.UsagerID]()), nil))
		refused(m.do("autre", http.MethodGet, "/espace-aidant/usagers/42/", nil))
		clock.Set(c.personnes[0].mandats[0].DateExpiration.Add(365 * 24 * time.Hour))
		m.get(fiche).want(http.StatusOK, "Mandats expirés depuis moins d’un an (1)", "Aucun mandat actif avec votre structure")
		clock.Advance(time.Millisecond)
		r := m.get(fiche).want(http.StatusNotFound, "introuvable ou inaccessible")
		refused(r)
		for _, a := range answers {
			if a != answers[0] {
				t.Errorf("the answers differ: %.200s\n%.200s", a, answers[0])
			}
		}
		if n := m.count(`SELECT count(*) FROM journal_ligne WHERE action = 'view_usager'`); n != 1 {
			t.Errorf("%d lines view_usager", n)
		}
	})
}

// If the line cannot be written, nothing is shown (comptes 18).
func TestFicheNeedsItsLine(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		c := one(clock.Now(), odile, liste(demarche.Papiers))
		m.store("claire", c)
		n := testkit.FailEachStatement(t, d, func() error {
			if r := m.get(mandat.CheminFiche(c.personnes[0].id)); r.status != http.StatusOK {
				return fmt.Errorf("status %d", r.status)
			}
			return nil
		})
		if n < 4 {
			t.Errorf("%d statements", n)
		}
	})
}

// Only the latest uses are shown, and it is said.
func TestManyUses(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		c := one(clock.Now(), odile, liste(demarche.Justice), liste(demarche.Famille))
		m.store("claire", c)
		p := c.personnes[0]
		m.use(c, p.mandats[0], suivi.Present)
		clock.Advance(time.Minute)
		for range 50 {
			m.use(c, p.mandats[1], suivi.Telephone)
		}
		r := m.get(mandat.CheminFiche(p.id)).want(http.StatusOK, "Seules les 50 utilisations les plus récentes")
		if n := strings.Count(r.corps, "au téléphone avec la personne"); n != 50 || strings.Contains(r.corps, `data-colonne="Présence">en présence`) {
			t.Errorf("%d uses by phone are shown", n)
		}
	})
}
