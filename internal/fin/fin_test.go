package fin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/papier"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
)

// guichet is the pages of the mandats, with somebody of the structure org
// signed in.
type guichet struct {
	*testkit.Banc
	mux   *web.Mux
	actes *fin.Actes
	org   int
	who   int  // whose aidant acts; -1: of org
	team  bool // in the operator's team
}

func newGuichet(t *testing.T, d *db.DB, clock *testkit.Clock) *guichet {
	g := &guichet{Banc: testkit.NewBanc(t, d, clock), who: -1}
	site := web.Site{Origine: "https://aidants.example", Contact: "aide@exemple.test"}
	g.Greffe.Obstacle = fin.Obstacle
	g.actes = &fin.Actes{DB: d, Greffe: g.Greffe, Journal: g.Greffe.Journal, Outbox: g.Greffe.Outbox, Contact: site.Contact}
	g.mux = web.NewMux(web.Config{Site: site, Log: testkit.Log(t), Now: clock.Now, Authenticate: func(*http.Request) (actor.Actor, error) {
		a := g.Actor(g.org)
		if g.who >= 0 {
			a.Aidant = g.Aidants[g.who].ID
		}
		if g.team {
			a.Role, a.CleForte = actor.AdminMetier, true
		}
		a.CanCreateMandats, a.MembreActif, a.OrganisationActive, a.CGUAcceptee = true, true, true, true
		a.Prenom, a.Nom, a.OrganisationNom, a.DateOTP, a.DateActivite = "Alix", "AIDANT", g.Orgs[g.org].Nom, clock.Now(), clock.Now()
		return a, nil
	}})
	(&mandat.Handlers{DB: d, Site: site, Greffe: g.Greffe}).Mount(g.mux)
	(&papier.Handlers{DB: d, Site: site, Greffe: g.Greffe}).Mount(g.mux)
	(&fin.Handlers{DB: d, Site: site, Actes: g.actes}).Mount(g.mux)
	return g
}

type reponse struct {
	status int
	lieu   string
	texte  string
}

var tag = regexp.MustCompile(`<[^>]*>`)

func (g *guichet) do(method, target string, form url.Values) reponse {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	body := w.Body.String()
	body = tag.ReplaceAllString(body[max(0, strings.Index(body, "<main")):], " ")
	body = strings.NewReplacer("&#39;", "'", "&lt;", "<", "&gt;", ">", "’", "'", " ,", ",", " .", ".").Replace(body)
	return reponse{w.Code, w.Header().Get("Location"), strings.Join(strings.Fields(body), " ")}
}

func (g *guichet) get(target string) reponse { return g.do(http.MethodGet, target, nil) }

func (g *guichet) post(target string, form url.Values) reponse {
	return g.do(http.MethodPost, target, form)
}

func (r reponse) want(t *testing.T, status int, words ...string) reponse {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d (%s), want %d: %.900s", r.status, r.lieu, status, r.texte)
	}
	for _, w := range words {
		if !strings.Contains(r.texte, w) {
			t.Fatalf("the page lacks %q: %s", w, r.texte)
		}
	}
	return r
}

func (r reponse) leads(t *testing.T, to string) {
	t.Helper()
	if r.status != http.StatusSeeOther || r.lieu != to {
		t.Fatalf("%d to %q, want a redirect to %q: %.600s", r.status, r.lieu, to, r.texte)
	}
}

var (
	revoque = url.Values{"motif": {"revoque_usager"}, "canal": {"oral"}}
	renonce = url.Values{"motif": {"renonciation"}, "canal": {"lettre"}}
)

func fiche(u usager.Usager, avis string) string { return mandat.CheminFiche(u.ID) + "?avis=" + avis }

// messages gives the notices queued for the ends, subject and text.
func (g *guichet) messages() (out []outbox.Courriel) {
	g.T.Helper()
	b := &boite{}
	box, err := secret.NewBox(testkit.Key(g.T, 1))
	if err != nil {
		g.T.Fatal(err)
	}
	o, err := outbox.New(outbox.Config{DB: g.DB, Box: box, Expediteur: b, De: "a@exemple.test", Hote: "exemple.test", Log: testkit.Log(g.T)})
	if err != nil {
		g.T.Fatal(err)
	}
	if _, err := o.Deliver(g.T.Context()); err != nil {
		g.T.Fatal(err)
	}
	return slices.DeleteFunc(b.recu, func(c outbox.Courriel) bool { return strings.Contains(c.Sujet, "signé") })
}

type boite struct {
	mu   sync.Mutex
	recu []outbox.Courriel
}

func (b *boite) Envoyer(_ context.Context, c outbox.Courriel) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.recu = append(b.recu, c)
	return nil
}

// A person revokes the whole mandat: every live autorisation at the same
// instant, one act, its notice, its lines in order, its attestation.
func TestRevokeMandat(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		m := g.Sign(0, u, mandat.Annee, "papiers", "argent", "logement")
		clock.Advance(time.Hour)
		g.Sign(0, u, mandat.Mois, "argent") // replaces one of the three
		clock.Advance(time.Hour)
		g.get(m.Chemin("cancel_success")).leads(t, fiche(u, "mandat_actif"))
		g.get(m.Chemin("attestation_de_revocation")).leads(t, m.Chemin("visualisation"))
		g.get(m.Chemin("cancel_confirm")).want(t, http.StatusOK, "Mettre fin au mandat", "VASSELIN", "Démarches à arrêter Papiers", "Logement", "La personne le demande", "La structure renonce", "De vive voix", "Annuler", "prévenue par courriel")

		g.post(m.Chemin("cancel_confirm"), revoque).leads(t, m.Chemin("cancel_success"))
		at := clock.Now()
		clock.Advance(25 * time.Hour) // the page tells of the act, not of the day
		page := g.get(m.Chemin("cancel_success")).want(t, http.StatusOK, "Le mandat est terminé", "Démarches arrêtées", "Papiers", "Logement", "02/03/2026 à 12h00")
		if strings.Contains(page.texte, "Argent") {
			t.Error("the page lists what another act ended")
		}
		got := g.Load(0, m.ID)
		for _, a := range got.Autorisations {
			if a.Demarche != "argent" && (!a.Fin.Equal(at) || a.FinMotif != mandat.RevoqueUsager || !a.FinEntiere || a.FinOperation != got.Autorisations[1].FinOperation) {
				t.Errorf("%+v", a)
			}
		}
		if !got.FullyRevoked() || got.Replaced() {
			t.Errorf("state %s", got.EtatAffiche(clock.Now()))
		}
		if diff := cmp.Diff([]string{"create_attestation", "create_autorisation", "create_autorisation", "create_autorisation", "notify_usager", "cancel_autorisation", "cancel_autorisation", "cancel_autorisation", "cancel_mandat", "notify_usager"}, g.Lines(m.ID)); diff != "" {
			t.Error(diff)
		}
		g.get(m.Chemin("attestation_de_revocation")).want(t, http.StatusOK, "Attestation de révocation du mandat", "Odile VASSELIN, révoque le mandat conclu le 02/03/2026 à 10h00 avec Maison <Bleue>",
			"Je l'ai demandé de vive voix.", "Argent - Impôts - Consommation : terminé le 02/03/2026 à 11h00 (remplacé", "Fait à Amiens, le 02/03/2026 à 12h00")
		if lines := g.Lines(m.ID); lines[len(lines)-1] != "print_revocation" {
			t.Errorf("printing is not journaled: %v", lines)
		}
		g.get(m.Chemin("cancel_confirm")).leads(t, fiche(u, "mandat_termine"))
		g.post(m.Chemin("cancel_confirm"), revoque).leads(t, fiche(u, "mandat_termine"))
	})
}

// The notice tells structure, démarches, date, how to contest, and nothing else.
func TestNoticeOfEnd(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		m := g.Sign(0, u, mandat.Annee, "papiers", "argent")
		g.Update(func(tx *db.Tx) error {
			return usager.SetContactEmail(t.Context(), tx, g.Orgs[0].ID, u.ID, "nouvelle@exemple.test")
		})
		g.post(m.Autorisations[0].CheminFin(), renonce)
		g.post(m.Chemin("cancel_confirm"), revoque)
		all := g.messages()
		if len(all) != 2 {
			t.Fatalf("%d notices", len(all))
		}
		slices.SortFunc(all, func(a, b outbox.Courriel) int { return strings.Compare(b.Sujet, a.Sujet) })
		for i, want := range [][]string{
			{"Une partie d'un mandat à votre nom est terminée", "la structure y renonce", "- Structure : Maison <Bleue>", "- Démarche : Argent - Impôts - Consommation", "- Date : 02/03/2026 à 10h00", "écrivez à aide@exemple.test"},
			{"Un mandat à votre nom est terminé", "à votre demande", "- Démarche : Papiers - Citoyenneté - Élections"},
		} {
			c := all[i]
			if c.A != "nouvelle@exemple.test" || c.Sujet != want[0] {
				t.Errorf("to %s: %q", c.A, c.Sujet)
			}
			for _, w := range want[1:] {
				if !strings.Contains(c.Texte, w) {
					t.Errorf("the notice lacks %q:\n%s", w, c.Texte)
				}
			}
			for _, never := range []string{"VASSELIN", "Odile", "1951", "Alix", "lettre", "vive voix"} {
				if strings.Contains(c.Texte+c.Sujet, never) {
					t.Errorf("the notice says %q:\n%s", never, c.Texte)
				}
			}
		}
	})
}

// One démarche, on the structure's side: the rest goes on.
func TestRenounceToOneAutorisation(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		m := g.Sign(0, u, mandat.Mois, "papiers", "argent")
		a := m.Autorisations[0]
		g.get(strings.Replace(a.CheminFin(), "confirm", "success", 1)).leads(t, fiche(u, "autorisation_active"))
		g.get(a.CheminAttestationFin()).leads(t, fiche(u, "autorisation_active"))
		g.get(a.CheminFin()).want(t, http.StatusOK, "Arrêter une démarche du mandat", "Démarche à arrêter Argent", "Le reste du mandat continue : Papiers")
		g.post(a.CheminFin(), renonce).leads(t, strings.Replace(a.CheminFin(), "confirm", "success", 1))
		g.get(strings.Replace(a.CheminFin(), "confirm", "success", 1)).want(t, http.StatusOK, "La démarche est arrêtée", "Argent", "la structure y a renoncé")
		g.get(a.CheminAttestationFin()).want(t, http.StatusOK, "Attestation de renonciation à une autorisation", "renonce à l'autorisation pour la démarche « Argent - Impôts - Consommation » du mandat conclu le 02/03/2026 à 10h00", "Le mandant en a été averti par lettre.", "Pour Maison <Bleue>")
		if diff := cmp.Diff([]demarche.Demarche{"papiers"}, g.Live(0, u)); diff != "" {
			t.Error(diff)
		}
		if got := g.Load(0, m.ID); !got.Autorisations[0].SeparatelyRevoked() || !got.Active(clock.Now()) {
			t.Errorf("%+v", got)
		}
		if lines := g.Lines(m.ID); !slices.Equal(lines[4:6], []string{"cancel_autorisation", "notify_usager"}) {
			t.Errorf("%v", lines)
		}
		g.get(a.CheminFin()).leads(t, fiche(u, "autorisation_terminee"))
		g.post(a.CheminFin(), renonce).leads(t, fiche(u, "autorisation_terminee"))

		// The last one, on the person's wish: the mandat has no effect any more.
		clock.Advance(time.Minute)
		last := m.Autorisations[1]
		g.get(last.CheminFin()).want(t, http.StatusOK, "C'est la dernière démarche de ce mandat")
		g.post(last.CheminFin(), revoque)
		g.get(last.CheminAttestationFin()).want(t, http.StatusOK, "Attestation de révocation d'une autorisation", "révoque l'autorisation pour la démarche « Papiers - Citoyenneté - Élections »")
		g.get(m.Chemin("attestation_de_revocation")).want(t, http.StatusOK, "Attestation de fin du mandat", "(la structure y a renoncé)", "(révoqué à la demande de la personne)")
		g.get(m.Chemin("cancel_success")).want(t, http.StatusOK, "Le mandat est terminé", "Papiers")
	})
}

// The structure renounces to the whole: another word, another line, art. 2007.
func TestRenounceToMandat(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		m := g.Sign(0, u, mandat.Mois, "papiers", "argent")
		g.post(m.Chemin("cancel_confirm"), renonce).leads(t, m.Chemin("cancel_success"))
		if lines := g.Lines(m.ID); !slices.Equal(lines[4:], []string{"cancel_autorisation", "cancel_autorisation", "end_mandat", "notify_usager"}) {
			t.Errorf("%v", lines)
		}
		g.get(m.Chemin("attestation_de_revocation")).want(t, http.StatusOK, "Attestation de renonciation au mandat", "Maison <Bleue> renonce au mandat conclu", "Averti le, signature")
		// A démarche that ended with its mandat has the mandat's attestation.
		g.get(m.Autorisations[0].CheminAttestationFin()).leads(t, m.Chemin("attestation_de_revocation"))
		g.get(strings.Replace(m.Autorisations[0].CheminFin(), "confirm", "success", 1)).want(t, http.StatusOK, "Le mandat est terminé", "Argent", "Papiers")
	})
}

func TestReplacedAndExpired(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		old := g.Sign(0, u, mandat.Mois, "papiers")
		clock.Advance(time.Hour)
		m := g.Sign(0, u, mandat.Jour, "papiers")
		g.get(old.Chemin("cancel_confirm")).leads(t, fiche(u, "mandat_termine"))
		g.get(old.Chemin("attestation_de_revocation")).want(t, http.StatusOK, "Attestation de fin du mandat", "Raison : remplacé par un nouveau mandat")
		clock.Advance(25 * time.Hour)
		g.get(m.Chemin("cancel_confirm")).leads(t, fiche(u, "mandat_expire"))
		g.get(m.Chemin("cancel_success")).leads(t, fiche(u, "mandat_expire"))
		g.post(m.Chemin("cancel_confirm"), revoque).leads(t, fiche(u, "mandat_expire"))
		g.get(m.Autorisations[0].CheminFin()).leads(t, fiche(u, "autorisation_expiree"))
		g.get(m.Autorisations[0].CheminAttestationFin()).leads(t, fiche(u, "autorisation_expiree"))
		g.get(m.Chemin("attestation_de_revocation")).leads(t, m.Chemin("visualisation"))
	})
}

// Bad forms are shown again with what was typed; nothing is done.
func TestEndFormErrors(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		m := g.Sign(0, u, mandat.Mois, "papiers")
		for _, form := range []url.Values{
			{},
			{"motif": {"revoque_usager"}},
			{"canal": {"oral"}},
			{"motif": {"expire"}, "canal": {"oral"}},
			{"motif": {"revoque_usager"}, "canal": {"sms"}},
			{"motif": {"revoque_organisation"}, "canal": {"espace"}},
		} {
			g.post(m.Chemin("cancel_confirm"), form).want(t, http.StatusUnprocessableEntity, "Mettre fin au mandat", "Indiquez")
			g.post(m.Autorisations[0].CheminFin(), form).want(t, http.StatusUnprocessableEntity)
		}
		if len(g.Live(0, u)) != 1 {
			t.Error("a bad form ended something")
		}
	})
}

// Unknown, another structure's, another person's: the same 404 (M-W31).
func TestEndsOfOthers(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u, v := g.Usager("sub1", "VASSELIN"), g.Usager("sub2", "ROUVERAY")
		m := g.Sign(0, u, mandat.Mois, "papiers")
		wrong := m.Autorisations[0]
		wrong.Usager = v.ID
		unknown := mandat.Mandat{ID: ident.New[ident.MandatID]()}
		addresses := func(m mandat.Mandat) []string {
			return []string{m.Chemin("cancel_confirm"), m.Chemin("cancel_success"), m.Chemin("attestation_de_revocation"), m.Chemin("papier")}
		}
		check := func(targets ...string) {
			for _, x := range targets {
				if !strings.HasSuffix(x, "papier") {
					g.get(x).want(t, http.StatusNotFound, "introuvable ou inaccessible")
				}
				if strings.HasSuffix(x, "confirm") || strings.HasSuffix(x, "papier") {
					g.post(x, revoque).want(t, http.StatusNotFound, "introuvable ou inaccessible")
				}
			}
		}
		check(wrong.CheminFin(), wrong.CheminAttestationFin())
		check(addresses(unknown)...)
		check("/espace-aidant/mandats/12/cancel_confirm")
		g.org = 1
		check(addresses(m)...)
		check(m.Autorisations[0].CheminFin(), m.Autorisations[0].CheminAttestationFin())
		if len(g.Live(0, u)) != 1 {
			t.Error("something of another structure ended")
		}
	})
}

// Every statement of an end fails in turn: nothing is left behind (M-W9).
func TestEndsAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		m := g.Sign(0, u, mandat.Mois, "papiers", "argent", "logement")
		act := func(target string, form url.Values) func() error {
			return func() error {
				if r := g.post(target, form); r.status != http.StatusSeeOther {
					return fmt.Errorf("status %d", r.status)
				}
				return nil
			}
		}
		testkit.FailEachStatement(t, d, act(m.Chemin("papier"), nil))
		testkit.FailEachStatement(t, d, act(m.Autorisations[0].CheminFin(), revoque))
		testkit.FailEachStatement(t, d, act(m.Chemin("cancel_confirm"), renonce))
		if got := g.Load(0, m.ID); !got.FullyRevoked() || got.PapierStatut != mandat.Signe {
			t.Errorf("%+v", got)
		}
		if n := len(g.messages()); n != 2 {
			t.Errorf("%d notices", n)
		}
	})
}

// Two people end the same mandat at once: one act, the other is told.
func TestTwoRevocationsAtOnce(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		for round := range 5 {
			m := g.Sign(0, u, mandat.Mois, "papiers", "argent")
			targets := []string{m.Chemin("cancel_confirm"), m.Chemin("cancel_confirm"), m.Autorisations[0].CheminFin(), m.Autorisations[0].CheminFin()}
			done := make(chan reponse, len(targets))
			for _, x := range targets {
				go func() { done <- g.post(x, revoque) }()
			}
			for range targets {
				if r := <-done; r.status != http.StatusSeeOther {
					t.Errorf("round %d: status %d %s", round, r.status, r.texte)
				}
			}
			operations := map[ident.OperationID]bool{}
			for _, a := range g.Load(0, m.ID).Autorisations {
				operations[a.FinOperation] = true
			}
			lines := g.Lines(m.ID)
			count := func(action string) (n int) {
				for _, l := range lines {
					if l == action {
						n++
					}
				}
				return n
			}
			// The démarche alone may go first, by its own act.
			if n := count("cancel_autorisation"); n != 2 || count("cancel_mandat") != 1 || count("notify_usager") != 1+len(operations) {
				t.Errorf("round %d: %d acts, %v", round, len(operations), lines)
			}
		}
	})
}

// The signatures on paper are proved on their own page: nothing is noted
// without the proof.
func TestSignPapier(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		m := g.Sign(0, g.Usager("sub1", "VASSELIN"), mandat.Mois, "papiers")
		g.post(m.Chemin("papier"), nil).leads(t, m.Chemin("accord"))
		if lines := g.Lines(m.ID); slices.Contains(lines, "sign_papier") {
			t.Errorf("%v", lines)
		}
	})
}

// A person without an address is not forgotten: the aidant is told to tell her.
func TestEndWithoutAddress(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		u.Email = ""
		g.Update(func(tx *db.Tx) error { return usager.SetContactEmail(t.Context(), tx, g.Orgs[0].ID, u.ID, "") })
		m := g.Sign(0, u, mandat.Mois, "papiers")
		g.get(m.Chemin("cancel_confirm")).want(t, http.StatusOK, "n'a pas d'adresse électronique")
		g.post(m.Chemin("cancel_confirm"), renonce)
		g.get(m.Chemin("cancel_success")).want(t, http.StatusOK, "Prévenez la personne")
		if slices.Contains(g.Lines(m.ID), "notify_usager") {
			t.Error("a notice to nobody")
		}
	})
}

// The simulation is said in what is printed and sent (SIM-03).
func TestEndOfSimulation(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		p := g.Projet(0, u, "papiers")
		p.Simulation = true
		var m mandat.Mandat
		g.Update(func(tx *db.Tx) (err error) {
			m, err = g.Greffe.Sign(t.Context(), tx, g.Actor(0), p)
			return err
		})
		g.post(m.Chemin("cancel_confirm"), revoque)
		g.get(m.Chemin("attestation_de_revocation")).want(t, http.StatusOK, "SIMULATION : document de démonstration, sans valeur juridique")
		all := g.messages()
		if len(all) != 1 || !strings.HasPrefix(all[0].Sujet, "SIMULATION : ") || !strings.Contains(all[0].Texte, "SIMULATION") {
			t.Errorf("%+v", all)
		}
	})
}

// An end is decided on what is live at its instant: whatever came before.
func TestEndRefusesWhatEnded(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		g := newGuichet(t, d, clock)
		u := g.Usager("sub1", "VASSELIN")
		m := g.Sign(0, u, mandat.Jour, "papiers")
		clock.Set(m.DateExpiration) // the last instant
		stop := errors.New("stop")
		end := func() error {
			return d.Update(t.Context(), func(tx *db.Tx) error {
				e := fin.Etendue{Mandat: m}
				if err := g.actes.End(t.Context(), tx, g.Actor(0), e, fin.Volonte{Motif: mandat.RevoqueUsager, Canal: fin.Oral}); err != nil {
					return err
				}
				return stop
			})
		}
		if err := end(); !errors.Is(err, stop) {
			t.Errorf("at the exact instant: %v", err)
		}
		clock.Advance(time.Millisecond)
		if err := end(); err == nil || errors.Is(err, stop) {
			t.Errorf("after the term: %v", err)
		}
	})
}
