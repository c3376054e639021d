package suivi_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/papier"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/suivi"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/usager"
	"aidantsconnect/internal/web"
)

// personne is a person of the corpus: the identity of her latest mandat, and
// every mandat she has with the structure.
type personne struct {
	id       ident.UsagerID
	identite usager.Identite
	mandats  []mandat.Mandat
}

// corpus is data made once and stored in both databases, so that both must
// give the same pages.
type corpus struct {
	org       ident.OrganisationID
	aidant    ident.AidantID
	personnes []personne
}

var (
	noms    = []string{"VASSELIN", "BRÉMONTEUIL", "D'HAËNENS-L’HÉNAFFIC", "ŒUVRARD-LÆTZIG", "ÇELİKÖZLÜ", "SAINT-AUBAIN", "MARVILLERS", "LESTOURNEL", "ROUVERAY", "N'DIOULAYE"}
	prenoms = []string{"Odile Simone", "Éloïse", "Jean-Noël", "Ömer", "Zoé", "Anne"}
	durees  = []mandat.Duree{mandat.Jour, mandat.Mois, mandat.Semestre, mandat.Annee}
	dates   = []string{"1951-11-04", "1960-07-00", "1948-00-00", "2001-01-01"}
)

// newCorpus makes n people with mandats in every state around now. The same
// seed makes the same people, but for their identifiers.
func newCorpus(n int, now time.Time) *corpus {
	r := rand.New(rand.NewPCG(7, 11))
	c := &corpus{org: ident.New[ident.OrganisationID](), aidant: ident.New[ident.AidantID]()}
	for range n {
		p := personne{id: ident.New[ident.UsagerID](), identite: usager.Identite{
			GivenName: pick(r, prenoms), FamilyName: pick(r, noms), Gender: "female", Birthdate: pick(r, dates), Birthplace: "80021", Birthcountry: usager.France,
		}}
		before := p.identite
		if r.IntN(4) == 0 { // she has married since her first mandats
			p.identite.PreferredUsername = pick(r, noms)
		}
		open := map[demarche.Demarche]bool{}
		count := 1 + r.IntN(4)
		for k := range count {
			i := before
			if k == count-1 {
				i = p.identite
			}
			p.mandats = append(p.mandats, c.mandat(r, p.id, i, now, time.Duration(count-1-k)*200*24*time.Hour, open))
		}
		c.personnes = append(c.personnes, p)
	}
	return c
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// mandat makes one that was signed at least ago, with its ends.
func (c *corpus) mandat(r *rand.Rand, u ident.UsagerID, i usager.Identite, now time.Time, ago time.Duration, open map[demarche.Demarche]bool) mandat.Mandat {
	d := pick(r, durees)
	signed := now.Add(-ago - time.Duration(r.IntN(200*24*3600))*time.Second).Truncate(time.Millisecond)
	m := mandat.Mandat{
		ID: ident.New[ident.MandatID](), Organisation: c.org, Usager: u, Aidant: c.aidant, IdentiteID: ident.New[ident.IdentiteID](), Identite: i,
		DateCreation: signed, DateExpiration: d.Expiration(signed), Duree: d, Jours: d.Jours(), PapierStatut: pick(r, []string{mandat.NonSigne, mandat.Signe}),
	}
	keys := demarche.Keys()
	r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	whole := r.IntN(4) == 0 // everything ended before the term
	for _, x := range demarche.Sorted(keys[:1+r.IntN(4)]) {
		a := mandat.Autorisation{ID: ident.New[ident.AutorisationID](), Mandat: m.ID, Organisation: c.org, Usager: u, Demarche: x, DateExpiration: m.DateExpiration}
		switch expired := now.After(m.DateExpiration); {
		case whole || r.IntN(5) == 0:
			last := m.DateExpiration
			if now.Before(last) {
				last = now
			}
			a.Fin, a.FinMotif = signed.Add(time.Duration(r.Int64N(int64(last.Sub(signed))+1))).Truncate(time.Millisecond), pick(r, []mandat.Motif{mandat.RevoqueUsager, mandat.Renonciation, mandat.Remplace})
		case expired && (open[x] || r.IntN(2) == 0):
			a.Fin, a.FinMotif = m.DateExpiration, mandat.Expire
		case open[x]:
			a.Fin, a.FinMotif = signed, mandat.Remplace
		default:
			open[x] = true
		}
		m.Autorisations = append(m.Autorisations, a)
	}
	return m
}

// monde is the pages of the ends and of the follow-up, on one database. The
// cookie "qui" says who is signed in.
type monde struct {
	t       testing.TB
	d       *db.DB
	clock   *testkit.Clock
	mux     *web.Mux
	journal *journal.Journal
	greffe  *mandat.Greffe
	acteurs map[string]actor.Actor
}

type muet struct{}

func (muet) Envoyer(context.Context, outbox.Courriel) error { return nil }

func newMonde(t testing.TB, d *db.DB, clock *testkit.Clock) *monde {
	t.Helper()
	ctx := t.Context()
	box, err := secret.NewBox(secret.RandomKey())
	check(t, err)
	cles, err := cle.Open(ctx, d, box)
	check(t, err)
	m := &monde{t: t, d: d, clock: clock, acteurs: map[string]actor.Actor{}}
	m.journal, err = journal.Open(ctx, d, secret.RandomKey(), cles, "exemple.test/journal")
	check(t, err)
	o, err := outbox.New(outbox.Config{DB: d, Box: box, Expediteur: muet{}, De: "a@exemple.test", Hote: "exemple.test", Log: testkit.Log(t)})
	check(t, err)
	m.greffe = &mandat.Greffe{Journal: m.journal, Outbox: o, Cles: cles, Service: "Aidants Connect"}
	site := web.Site{Origine: "https://aidants.example", Simulation: true}
	m.mux = web.NewMux(web.Config{Site: site, Log: testkit.Log(t), Now: clock.Now, Authenticate: m.authenticate})
	(&suivi.Handlers{DB: d, Journal: m.journal, Champs: box, Site: site}).Mount(m.mux)
	(&mandat.Handlers{DB: d, Site: site, Greffe: m.greffe}).Mount(m.mux)
	(&papier.Handlers{DB: d, Site: site, Greffe: m.greffe}).Mount(m.mux)
	(&fin.Handlers{DB: d, Site: site, Actes: &fin.Actes{DB: d, Greffe: m.greffe, Journal: m.greffe.Journal, Outbox: m.greffe.Outbox, Contact: m.greffe.Contact}}).Mount(m.mux)
	return m
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *monde) authenticate(r *http.Request) (actor.Actor, error) {
	a := m.acteurs[web.Cookie(r, "qui")]
	if a.Aidant.IsZero() {
		a = m.acteurs[""]
	}
	a.DateActivite = m.clock.Now()
	return a, nil
}

// store writes a corpus and signs its aidant in under this name.
func (m *monde) store(qui string, c *corpus) {
	m.t.Helper()
	ctx := m.t.Context()
	now := db.At(m.clock.Now())
	texte := mandat.TexteCourant()
	check(m.t, m.d.Update(ctx, func(tx *db.Tx) error {
		w := writer{ctx: ctx, tx: tx}
		w.exec(`INSERT INTO organisation (id, nom, nom_tri, siret, adresse, code_postal, ville, active, interne, date_creation) VALUES ($1,$2,$2,$3,'1 rue Haute','80000','Amiens',true,false,$4)`, c.org, "Structure "+qui, siret(qui), now)
		w.exec(`INSERT INTO aidant (id, prenom, nom, nom_tri, email, profession, actif, habilite, referent_non_aidant, date_creation) VALUES ($1,'Claire','AUBIER','aubier',$2,'médiatrice',true,true,false,$3)`, c.aidant, qui+"@structure.test", now)
		if err := mandat.StoreTexte(ctx, tx, texte); err != nil {
			return err
		}
		for _, p := range c.personnes {
			w.person(c.org, p, now)
			for k, x := range p.mandats {
				w.mandat(x, k, texte.Empreinte)
			}
		}
		return w.err
	}))
	m.acteurs[qui] = actor.Actor{
		Aidant: c.aidant, Session: ident.New[ident.SessionID](), Organisation: c.org, Prenom: "Claire", Nom: "AUBIER", OrganisationNom: "Structure " + qui,
		OrganisationActive: true, CanCreateMandats: true, MembreActif: true, CGUAcceptee: true, DateOTP: m.clock.Now(), Perimetre: demarche.Keys(),
	}
	if len(m.acteurs) == 1 {
		m.acteurs[""] = m.acteurs[qui]
	}
}

func siret(qui string) string {
	if qui == "autre" {
		return testkit.Siret2
	}
	return testkit.Siret1
}

// writer writes rows behind the program's back.
type writer struct {
	ctx context.Context
	tx  *db.Tx
	err error
}

func (w *writer) exec(q string, args ...any) {
	if w.err == nil {
		_, w.err = w.tx.Exec(w.ctx, q, args...)
	}
}

func (w *writer) person(org ident.OrganisationID, p personne, now db.Time) {
	i := p.identite
	w.exec(`INSERT INTO usager (id, sub, sub_fc_empreinte, version, date_creation) VALUES ($1,$2,$3,1,$4)`, p.id, p.id.String(), []byte(p.id.String()), now)
	w.exec(`INSERT INTO mandat_relation (organisation_id, usager_id, nom_tri, recherche_tri, signatures, date_maj) VALUES ($1,$2,$3,$4,1,$5)`, org, p.id, i.NomTri(), i.RechercheTri(), now)
}

func (w *writer) mandat(m mandat.Mandat, version int, texte []byte) {
	i, at := m.Identite, db.At(m.DateCreation)
	w.exec(`INSERT INTO identite (id, usager_id, version, given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email, nom_tri, recherche_tri, date_creation)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,'','',$12)`, m.IdentiteID, m.Usager, version+1, i.GivenName, i.FamilyName, i.PreferredUsername, i.Gender, i.Birthdate, i.Birthplace, i.Birthcountry, i.Email, at)
	var signed db.Time
	var by ident.AidantID
	if m.PapierStatut == mandat.Signe {
		signed, by = at, m.Aidant
	}
	w.exec(`INSERT INTO mandat (id, organisation_id, usager_id, aidant_id, date_creation, date_expiration, duree, jours, a_distance, methode_consentement, telephone, preuve,
			identite_id, given_name, family_name, preferred_username, gender, birthdate, birthplace, birthcountry, email, organisation_nom, organisation_siret, organisation_adresse,
			organisation_code_postal, organisation_ville, issuer, simulation, texte_empreinte, document_empreinte, signature, signature_kid, code_public, papier_statut, papier_date, papier_aidant_id)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,false,'','','certification',$9,$10,$11,$12,$13,$14,$15,$16,$17,'Structure','21800021900012','1 rue Haute','80000','Amiens','https://fc.example',true,$18,$18,$18,'k',$19,$20,$21,$22)`,
		m.ID, m.Organisation, m.Usager, m.Aidant, at, db.At(m.DateExpiration), string(m.Duree), m.Jours, m.IdentiteID, i.GivenName, i.FamilyName, i.PreferredUsername,
		i.Gender, i.Birthdate, i.Birthplace, i.Birthcountry, i.Email, texte, m.ID.String(), m.PapierStatut, signed, by)
	for _, a := range m.Autorisations {
		op := ident.New[ident.OperationID]()
		if !a.Fin.IsZero() {
			w.exec(`INSERT INTO mandat_fin (mandat_id, operation_id, motif, entier, canal, aidant_id, date_effet, date_connue) VALUES ($1,$2,$3,false,'',NULL,$4,$4)`, m.ID, op, string(a.FinMotif), db.At(a.Fin))
			w.exec(`INSERT INTO autorisation (id, mandat_id, organisation_id, usager_id, demarche, date_expiration, fin, fin_motif, fin_connue, fin_operation_id) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$7,$9)`,
				a.ID, m.ID, a.Organisation, a.Usager, string(a.Demarche), db.At(a.DateExpiration), db.At(a.Fin), string(a.FinMotif), op)
			continue
		}
		w.exec(`INSERT INTO autorisation (id, mandat_id, organisation_id, usager_id, demarche, date_expiration) VALUES ($1,$2,$3,$4,$5,$6)`,
			a.ID, m.ID, a.Organisation, a.Usager, string(a.Demarche), db.At(a.DateExpiration))
	}
}

func (m *monde) count(q string, args ...any) (n int) {
	m.t.Helper()
	ctx := m.t.Context()
	check(m.t, m.d.View(ctx, func(tx *db.Tx) error { return tx.QueryRow(ctx, q, args...).Scan(&n) }))
	return n
}

// reponse is what a request was answered.
type reponse struct {
	t      testing.TB
	status int
	lieu   string // Location
	corps  string
}

func (m *monde) do(qui, method, target string, form url.Values) reponse {
	m.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.AddCookie(&http.Cookie{Name: "__Host-qui", Value: qui})
	w := httptest.NewRecorder()
	m.mux.ServeHTTP(w, r)
	return reponse{m.t, w.Code, w.Header().Get("Location"), w.Body.String()}
}

func (m *monde) get(target string) reponse { return m.do("", http.MethodGet, target, nil) }

func (m *monde) post(target string, form url.Values) reponse {
	return m.do("", http.MethodPost, target, form)
}

// follow posts, then shows where it led.
func (m *monde) follow(target string, form url.Values) reponse {
	m.t.Helper()
	r := m.post(target, form)
	if r.status != http.StatusSeeOther {
		m.t.Fatalf("POST %s: %d, not a redirect", target, r.status)
	}
	return m.get(r.lieu)
}

func (r reponse) want(status int, words ...string) reponse {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %.1500s", r.status, status, r.text())
	}
	text := strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&").Replace(r.corps)
	for _, w := range words {
		if !strings.Contains(text, w) {
			r.t.Fatalf("the page lacks %q: %.1500s", w, r.text())
		}
	}
	return r
}

func (r reponse) lacks(words ...string) reponse {
	r.t.Helper()
	for _, w := range words {
		if strings.Contains(r.corps, w) {
			r.t.Errorf("the page holds %q", w)
		}
	}
	return r
}

// one is a corpus of one person with these mandats, signed now.
func one(now time.Time, i usager.Identite, ds ...[]demarche.Demarche) *corpus {
	c := &corpus{org: ident.New[ident.OrganisationID](), aidant: ident.New[ident.AidantID]()}
	p := personne{id: ident.New[ident.UsagerID](), identite: i}
	for k, list := range ds {
		m := mandat.Mandat{
			ID: ident.New[ident.MandatID](), Organisation: c.org, Usager: p.id, Aidant: c.aidant, IdentiteID: ident.New[ident.IdentiteID](), Identite: i,
			DateCreation: now.Add(time.Duration(k) * time.Second), DateExpiration: mandat.Annee.Expiration(now), Duree: mandat.Annee, Jours: 365, PapierStatut: mandat.NonSigne,
		}
		for _, d := range demarche.Sorted(list) {
			m.Autorisations = append(m.Autorisations, mandat.Autorisation{ID: ident.New[ident.AutorisationID](), Mandat: m.ID, Organisation: c.org, Usager: p.id, Demarche: d, DateExpiration: m.DateExpiration})
		}
		p.mandats = append(p.mandats, m)
	}
	c.personnes = []personne{p}
	return c
}

var odile = usager.Identite{
	GivenName: "Odile Simone", FamilyName: "VASSELIN", Gender: "female", Birthdate: "1951-11-04", Birthplace: "80021", Birthcountry: usager.France, Email: "odile@exemple.test",
}

func liste(ds ...demarche.Demarche) []demarche.Demarche { return ds }
