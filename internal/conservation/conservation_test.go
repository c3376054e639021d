package conservation_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/conservation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

func conclure(t *testing.T, p *demo.Parcours, personne, duree string) (chemin string) {
	t.Helper()
	chemin, err := p.Conclure(demo.Projet{Personne: personne, Demarches: []demarche.Demarche{demarche.Papiers, demarche.Argent}, Duree: duree})
	if err != nil {
		t.Fatal(err)
	}
	return chemin
}

func count(t *testing.T, m *testkit.Monde, query string, args ...any) (n int) {
	t.Helper()
	if err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(t.Context(), query, args...).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

func exec(t *testing.T, m *testkit.Monde, query string, args ...any) {
	t.Helper()
	if err := m.Server.DB.Update(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), query, args...); return err }); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, m *testkit.Monde) int {
	t.Helper()
	if _, err := m.Server.Mandats.CloseExpired(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := m.Server.Conserve.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sonNom lists the tables in which this word is still written.
func sonNom(t *testing.T, m *testkit.Monde, mot string) (out []string) {
	t.Helper()
	for table, rows := range testkit.Content(t, m.Server.DB) {
		for _, r := range rows {
			if strings.Contains(strings.ToLower(r), strings.ToLower(mot)) {
				out = append(out, table)
				break
			}
		}
	}
	slices.Sort(out)
	return out
}

// Each line of mandats.md 16 at the day before, the day, the day after: a
// mandat is archived three years after its end and erased after six, with its
// evidence; then its person, whose name is nowhere, and whose lines of the
// journal are nobody's; the journal verifies (the invariants look again).
func TestRetention(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		conclure(t, p, "ordinaire", "MONTH")
		end := m.Horloge.Now()
		if err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
			var at db.Time
			err := tx.QueryRow(t.Context(), `SELECT date_expiration FROM mandat`).Scan(&at)
			end = at.Time()
			return err
		}); err != nil {
			t.Fatal(err)
		}
		// opened tells whether the structure still opens the mandat.
		opened := func() bool {
			t.Helper()
			yes := false
			err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
				var org ident.OrganisationID
				var id ident.MandatID
				err := tx.QueryRow(t.Context(), `SELECT organisation_id, id FROM mandat`).Scan(&org, &id)
				if errors.Is(err, sql.ErrNoRows) {
					return nil
				}
				if err != nil {
					return err
				}
				_, err = mandat.Load(t.Context(), tx, org, id)
				yes = err == nil
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return yes
		}
		for _, c := range []struct {
			at                      time.Time
			archives, mandats, gens int
			opened                  bool
		}{
			{end.AddDate(3, 0, -1), 0, 1, 1, true},
			{end.AddDate(3, 0, 0), 0, 1, 1, true}, // to the instant
			{end.AddDate(3, 0, 0).Add(time.Millisecond), 1, 1, 1, false},
			{end.AddDate(3, 0, 1), 1, 1, 1, false},
			{end.AddDate(6, 0, -1), 1, 1, 1, false},
			{end.AddDate(6, 0, 0), 1, 1, 1, false},
			{end.AddDate(6, 0, 0).Add(time.Millisecond), 0, 0, 0, false},
			{end.AddDate(6, 0, 1), 0, 0, 0, false},
		} {
			m.Horloge.Fixer(c.at)
			run(t, m)
			if a, k, u := count(t, m, `SELECT count(*) FROM conservation_archive`), count(t, m, `SELECT count(*) FROM mandat`), count(t, m, `SELECT count(*) FROM usager`); a != c.archives || k != c.mandats || u != c.gens {
				t.Errorf("at end%+v: %d archived, %d mandats, %d people, want %d %d %d", c.at.Sub(end), a, k, u, c.archives, c.mandats, c.gens)
			}
			if opened() != c.opened {
				t.Errorf("at end%+v: opened %v", c.at.Sub(end), !c.opened)
			}
		}
		if left := sonNom(t, m, "VASSELIN"); len(left) > 0 {
			t.Errorf("the name is still in %v", left)
		}
		if k := count(t, m, `SELECT count(*) FROM journal_pseudonyme WHERE genre = 'usager'`); k != 0 {
			t.Errorf("%d keys of pseudonyms are left", k)
		}
		for _, table := range []string{"accord", "accord_piece", "autorisation", "mandat_fin", "mandat_document", "mandat_relation", "identite", "usager_contact", "dossier_signature"} {
			if k := count(t, m, `SELECT count(*) FROM `+table); k != 0 {
				t.Errorf("%d rows left in %s", k, table)
			}
		}
		if k := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action IN ('purge_retention', 'erase_usager')`); k != 2 {
			t.Errorf("%d lines of the retention", k)
		}
		if k := count(t, m, `SELECT count(*) FROM conservation_passage WHERE mandats = 1 AND usagers = 1 AND length(empreinte) = 64`); k != 1 {
			t.Errorf("%d reports of what was erased", k)
		}
		if n := run(t, m); n != 0 {
			t.Errorf("run again, %d erased", n)
		}
		if _, err := m.Server.Journal.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A mandat revoked early is kept from its revocation; a renewed one goes
// before the one that follows, which lets it go; an identity of no mandat
// stays thirty days; what is recent stays.
func TestRetentionOfTheOthers(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	conclure(t, p, "ordinaire", "LONG")
	if err := p.Identifier(demo.Projet{Personne: "nom_usage", Demarches: []demarche.Demarche{demarche.Papiers}, Duree: "SHORT"}); err != nil {
		t.Fatal(err)
	}
	signed := m.Horloge.Now()
	var id, usager string
	if err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT id, usager_id FROM mandat`).Scan(&id, &usager)
	}); err != nil {
		t.Fatal(err)
	}
	// Renewed at once: two mandats, one chain.
	if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/renew_mandat/" + usager); err != nil {
		t.Fatal(err)
	}
	if err := p.Envoyer(demo.Avec("duree"), url.Values{"capacite": {"on"}}); err != nil {
		t.Fatal(err)
	}
	code, err := p.Code()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Envoyer(demo.Avec("personal_data"), url.Values{"identite": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {code}}); err != nil {
		t.Fatal(err)
	}
	if k := count(t, m, `SELECT count(*) FROM renouvellement`); k != 1 {
		t.Fatal("not renewed", p.Statut, p.Titre())
	}
	for _, c := range []struct {
		at            time.Time
		mandats, gens int
	}{
		{signed.AddDate(0, 0, 29), 2, 2},
		{signed.AddDate(0, 0, 32), 2, 1},
		{signed.AddDate(6, 0, -1), 2, 1},
		{signed.AddDate(6, 0, 1), 1, 1}, // the one replaced on the first day
		{signed.AddDate(7, 0, 2), 0, 0},
	} {
		m.Horloge.Fixer(c.at)
		exec(t, m, `UPDATE dossier_signature SET statut = 'expire', usager_id = NULL, identite_id = NULL WHERE statut = 'pret'`)
		run(t, m)
		if k, u := count(t, m, `SELECT count(*) FROM mandat`), count(t, m, `SELECT count(*) FROM usager`); k != c.mandats || u != c.gens {
			t.Errorf("%v after: %d mandats, %d people, want %d %d", c.at.Sub(signed), k, u, c.mandats, c.gens)
		}
	}
}

// A hold keeps everything until it is lifted: set by the code of a mandat, with
// a reason and a fresh code, once; lifted once; each with its line.
func TestHold(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	conclure(t, p, "ordinaire", "SHORT")
	code := testkit.CodePublic(t, string(p.Corps))
	end := m.Horloge.Now().AddDate(0, 0, 1)
	post := team(t, m)
	hold := url.Values{"code": {strings.ToLower(code)}, "motif": {"enquete"}}
	for _, c := range []struct {
		role, late string
		form       url.Values
		status     int
		says       string
	}{
		{"superviseur", "", hold, http.StatusNotFound, ""},
		{"admin_metier", "", url.Values{"code": {code}}, http.StatusUnprocessableEntity, "Choisissez une raison."},
		{"admin_metier", "", url.Values{"code": {"12"}, "motif": {"enquete"}}, http.StatusUnprocessableEntity, "Saisissez le code imprimé"},
		{"admin_metier", "", url.Values{"code": {"7K2M-09QX-3F4T"}, "motif": {"enquete"}}, http.StatusUnprocessableEntity, "Aucun mandat conservé ne porte ce code."},
	} {
		if w := post("gel/", c.role, c.late, c.form); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %v: %d", c.role, c.form, w.Code)
		}
	}
	post("gel/", "admin_metier", "tard", hold)
	if k := count(t, m, `SELECT count(*) FROM conservation_gel`); k != 0 {
		t.Fatal("set without a right hold")
	}
	if w := post("gel/", "admin_metier", "", hold); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	if w := post("gel/", "admin_technique", "", hold); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "déjà gelées") {
		t.Errorf("held twice: %d", w.Code)
	}
	m.Horloge.Fixer(end.AddDate(6, 1, 0))
	run(t, m)
	if k := count(t, m, `SELECT count(*) FROM mandat`); k != 1 {
		t.Fatal("a held mandat was erased")
	}
	if k := count(t, m, `SELECT count(*) FROM conservation_passage WHERE geles = 1 AND mandats = 0`); k != 1 {
		t.Error("the report does not tell what is held")
	}
	var id ident.OperationID
	if err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT id FROM conservation_gel`).Scan(&id)
	}); err != nil {
		t.Fatal(err)
	}
	lift := url.Values{"gel": {id.String()}}
	for _, to := range []string{"leve", "deja", "deja"} {
		if w := post("gel/lever/", "admin_metier", "", lift); w.Code != http.StatusSeeOther || w.Header().Get("Location") != conservation.Chemin+"?avis="+to {
			t.Errorf("lift: %d %s", w.Code, w.Header().Get("Location"))
		}
	}
	if a, b := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'hold_usager'`), count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'release_usager'`); a != 1 || b != 1 {
		t.Errorf("%d and %d lines", a, b)
	}
	run(t, m)
	if k := count(t, m, `SELECT count(*) FROM mandat`) + count(t, m, `SELECT count(*) FROM usager`) + count(t, m, `SELECT count(*) FROM conservation_gel`); k != 0 {
		t.Errorf("%d rows left", k)
	}
}

// Whatever points to a person or to a mandat is known here: a table made later
// that is not would keep them from being erased.
func TestEveryReferenceIsErased(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	known := []string{
		"acces_demande", "accord", "accord_piece", "autorisation", "certificat_fin", "cessation_echec", "conservation_archive", "conservation_gel", "demande_accord", "dialogue_sms", "dossier_signature", "dossier_utilisation", "evenement_usager", "identite", "mandat", "mandat_document",
		"mandat_fin", "mandat_relation", "rappel_echeance", "renouvellement", "revocation_ecrite", "usage_mandat", "usage_recent", "usager_contact", "verification_consultation",
	}
	err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT DISTINCT s.name FROM sqlite_master s, pragma_foreign_key_list(s.name) k WHERE s.type = 'table' AND k."table" IN ('usager', 'identite', 'mandat', 'autorisation')`)
		all, err := db.Collect(rows, err, func(s db.Scanner) (n string, err error) { return n, s.Scan(&n) })
		for _, n := range all {
			if !slices.Contains(known, n) {
				t.Errorf("%s points to people or mandats: have its owner erase it in conservation.eraseMandat or forget, then add it here", n)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Every statement of an erasure fails in turn: the mandat stays whole, and the
// next run ends the work.
func TestErasureIsAllOrNothing(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	conclure(t, p, "ordinaire", "SHORT")
	m.Horloge.Avancer(7 * 366 * 24 * time.Hour)
	if _, err := m.Server.Mandats.CloseExpired(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := 1; n < 200; n++ {
		before := count(t, m, `SELECT count(*) FROM mandat`)
		m.Server.DB.FailAt(n)
		_, err := m.Server.Conserve.Run(t.Context())
		ran := m.Server.DB.Statements()
		m.Server.DB.FailAt(0)
		if before == 1 && count(t, m, `SELECT count(*) FROM mandat`) == 1 {
			for _, table := range []string{"accord", "accord_piece", "mandat_document", "usager", "identite"} {
				if count(t, m, `SELECT count(*) FROM `+table) != 1 {
					t.Fatalf("statement %d failed: %s is gone, the mandat is not", n, table)
				}
			}
		}
		if err == nil && ran < n {
			break
		}
	}
	if k := count(t, m, `SELECT count(*) FROM mandat`) + count(t, m, `SELECT count(*) FROM usager`); k != 0 {
		t.Errorf("%d rows left", k)
	}
	// Every run that did something has told it, even cut short: what the journal
	// says is what the reports say (the Monde compares them at its end).
	if a, b := count(t, m, `SELECT sum(mandats) FROM conservation_passage`), count(t, m, `SELECT sum(usagers) FROM conservation_passage`); a != 1 || b != 1 {
		t.Errorf("the reports tell of %d mandats and %d people", a, b)
	}
	if a, b := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'purge_retention'`), count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'erase_usager'`); a != 1 || b != 1 {
		t.Errorf("%d and %d lines", a, b)
	}
}

// bref is a context that ends after having been asked n times whether it had.
type bref struct {
	context.Context
	n *atomic.Int64
}

func (b bref) Err() error {
	if b.n.Add(-1) < 0 {
		return context.Canceled
	}
	return b.Context.Err()
}

// A run cut short after it erased a mandat has told so, without an end; the
// next run does what is left.
func TestRunCutShortTells(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	conclure(t, m.Connecte(t, "nadia"), "ordinaire", "SHORT")
	m.Horloge.Avancer(7 * 366 * 24 * time.Hour)
	if _, err := m.Server.Mandats.CloseExpired(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := int64(1); count(t, m, `SELECT count(*) FROM mandat`) > 0; n++ {
		var left atomic.Int64
		left.Store(n)
		if _, err := m.Server.Conserve.Run(bref{t.Context(), &left}); err == nil {
			t.Fatal("the run was not cut short")
		}
	}
	if k := count(t, m, `SELECT count(*) FROM conservation_passage WHERE NOT termine AND mandats = 1 AND usagers = 0`); k != 1 {
		t.Errorf("%d runs tell of one mandat and no end", k)
	}
	if _, err := m.Server.Conserve.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k := count(t, m, `SELECT count(*) FROM usager`); k != 0 {
		t.Errorf("%d people left", k)
	}
}

func TestMotifs(t *testing.T) {
	for _, m := range conservation.Motifs() {
		if _, err := conservation.ParseMotif(m[0]); err != nil {
			t.Error(err)
		}
	}
	if _, err := conservation.ParseMotif("parce que"); err == nil {
		t.Error("a free text was accepted")
	}
}

// team posts to the pages of the package as somebody of the operator's team of
// this role; late, the code is no longer fresh.
func team(t *testing.T, m *testkit.Monde) func(page, role, late string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	mux := web.NewMux(web.Config{
		Site: m.Server.Mux.Site(), Log: testkit.Log(t), Now: m.Horloge.Now,
		Authenticate: func(r *http.Request) (a actor.Actor, err error) {
			a = actor.Actor{Prenom: "Malik", Nom: "ORMESSON", Role: actor.Role(r.Header.Get("Role")), CleForte: true, CGUAcceptee: true, MembreActif: true, OrganisationActive: true, DateOTP: m.Horloge.Now(), DateActivite: m.Horloge.Now()}
			if r.Header.Get("Tard") != "" {
				a.DateOTP = m.Horloge.Now().Add(-5 * time.Minute)
			}
			return a, m.Server.DB.View(r.Context(), func(tx *db.Tx) error {
				return tx.QueryRow(r.Context(), `SELECT id FROM aidant WHERE prenom = 'Nadia'`).Scan(&a.Aidant)
			})
		},
	})
	m.Server.Conserve.Mount(mux)
	return func(page, role, late string, form url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, conservation.Chemin+page, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Role", role)
		r.Header.Set("Tard", late)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
}

// The archive is read by the métier alone, one mandat at a time, with a reason
// and its line; a mandat that its structure still opens is not read here.
func TestArchive(t *testing.T) { testkit.EachMonde(t, readArchive) }

func readArchive(t *testing.T, m *testkit.Monde) {
	p := m.Connecte(t, "nadia")
	conclure(t, p, "ordinaire", "SHORT")
	code := testkit.CodePublic(t, string(p.Corps))
	post := team(t, m)
	read := func(role, late string, form url.Values) *httptest.ResponseRecorder {
		return post("archive/", role, late, form)
	}
	good := url.Values{"code": {code}, "motif": {"contentieux"}}
	if w := read("admin_metier", "", good); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "pas archivé") {
		t.Errorf("a mandat of its structure: %d", w.Code)
	}
	m.Horloge.Avancer(1200 * 24 * time.Hour)
	for _, c := range []struct {
		role, late string
		form       url.Values
		status     int
	}{
		{"admin_technique", "", good, http.StatusNotFound},
		{"admin_metier", "", url.Values{"code": {code}}, http.StatusUnprocessableEntity},
		{"admin_metier", "", url.Values{"code": {"7K2M-09QX-3F4T"}, "motif": {"enquete"}}, http.StatusUnprocessableEntity},
		{"admin_metier", "", url.Values{"code": {"?"}, "motif": {"curiosité"}}, http.StatusUnprocessableEntity},
	} {
		if w := read(c.role, c.late, c.form); w.Code != c.status || strings.Contains(w.Body.String(), "VASSELIN") {
			t.Errorf("%s %v: %d", c.role, c.form, w.Code)
		}
	}
	if w := read("admin_metier", "oui", good); w.Code == http.StatusOK {
		t.Error("read without a fresh code")
	}
	if n := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'view_archive'`); n != 0 {
		t.Errorf("%d lines before", n)
	}
	if w := read("admin_metier", "", good); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "VASSELIN") || !strings.Contains(w.Body.String(), "Conservé jusqu’au") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if n := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'view_archive' AND usager IS NOT NULL AND mandat_id IS NOT NULL`); n != 1 {
		t.Errorf("%d lines", n)
	}
}

// An account at the day before, the day, the day after of its archive and of
// its end: out of the lists and unable to sign in after three years, nameless
// after six, its lines nobody's; an open one is never touched.
func TestRetentionOfAccounts(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		conclure(t, m.Connecte(t, "nadia"), "ordinaire", "SHORT")
		m.Connecte(t, "claire")
		exec(t, m, `UPDATE aidant SET profession = 'Conseillère', telephone = '+33612345678' WHERE prenom = 'Nadia'`)
		name, mail := "", ""
		if err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(t.Context(), `SELECT nom, email FROM aidant WHERE prenom = 'Nadia'`).Scan(&name, &mail)
		}); err != nil {
			t.Fatal(err)
		}
		m.Horloge.Avancer(time.Hour)
		last := m.Horloge.Now()
		exec(t, m, `UPDATE aidant SET actif = false, date_etat = $1, motif_etat = 'inactivite' WHERE prenom = 'Nadia'`, db.At(last))
		before := count(t, m, `SELECT count(*) FROM aidant`)
		for _, c := range []struct {
			at                 time.Time
			archived, nameless int
			factors            bool
		}{
			{last.AddDate(3, 0, -1), 0, 0, true},
			{last.AddDate(3, 0, 0), 0, 0, true}, // to the instant
			{last.AddDate(3, 0, 0).Add(time.Millisecond), 1, 0, false},
			{last.AddDate(3, 0, 1), 1, 0, false},
			{last.AddDate(6, 0, 0), 1, 0, false},
			{last.AddDate(6, 0, 0).Add(time.Millisecond), 1, 1, false},
			{last.AddDate(6, 0, 1), 1, 1, false},
		} {
			m.Horloge.Fixer(c.at)
			run(t, m)
			a, e := count(t, m, `SELECT count(*) FROM aidant WHERE date_archive IS NOT NULL`), count(t, m, `SELECT count(*) FROM aidant WHERE date_effacement IS NOT NULL AND prenom = 'Compte' AND telephone = ''`)
			if a != c.archived || e != c.nameless {
				t.Errorf("at last%+v: %d archived, %d nameless, want %d %d", c.at.Sub(last), a, e, c.archived, c.nameless)
			}
			if has := count(t, m, `SELECT count(*) FROM facteur f JOIN aidant a ON a.id = f.aidant_id WHERE NOT a.actif`) > 0; has != c.factors {
				t.Errorf("at last%+v: factors %v", c.at.Sub(last), has)
			}
		}
		if n := run(t, m); n != 0 {
			t.Errorf("run again, %d erased", n)
		}
		if left := sonNom(t, m, mail); len(left) > 0 {
			t.Errorf("the address is still in %v", left)
		}
		for _, table := range sonNom(t, m, name) {
			if table != "mandat_document" && table != "message" { // the mandat keeps what was signed, as long as it is kept; the texts of messages have their own erasure
				t.Errorf("the name is still in %s", table)
			}
		}
		if k := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'erase_aidant'`); k != 1 {
			t.Errorf("%d lines", k)
		}
		if k := count(t, m, `SELECT count(*) FROM conservation_passage WHERE comptes = 1 AND length(empreinte) = 64`); k != 1 {
			t.Errorf("%d reports of an account", k)
		}
		if k := count(t, m, `SELECT count(*) FROM aidant`); k != before {
			t.Errorf("%d accounts, there were %d", k, before)
		}
		if k := count(t, m, `SELECT count(*) FROM aidant WHERE actif AND prenom = 'Claire' AND date_archive IS NULL`); k != 1 {
			t.Error("an open account was touched")
		}
		if _, err := m.Server.Journal.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Whatever points to an account is known here: erased with it, or kept for
// what it proves, by nobody.
func TestEveryReferenceToAnAccount(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	erased := []string{
		"acceptation", "accord_gestion", "acte_gestion", "ajout_brouillon", "appareil", "appartenance", "changement_courriel", "detection_signalement", "empreinte_connexion", "facteur",
		"facteur_attente", "facteur_cle", "facteur_defi", "facteur_essai", "facteur_invitation", "facteur_retrait", "facteur_secours", "lien_connexion", "notification_lecture",
		"premier_pas", "premiere_connexion", "proconnect_compte", "rattachement", "referent", "session_web",
	}
	kept := []string{ // with their own end: mandats and people, requests, imports
		"acces_demande", "accord_piece", "accord_reglage", "cessation", "conservation_gel", "coreferent", "correction_structure", "demande_accord", "dialogue_sms", "dossier_signature", "dossier_utilisation", "evenement_usager", "importation",
		"mandat", "mandat_document", "mandat_fin", "notification", "tache_relance", "traduction_relecture", "usage_mandat",
	}
	err := m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT DISTINCT s.name FROM sqlite_master s, pragma_foreign_key_list(s.name) k WHERE s.type = 'table' AND k."table" = 'aidant'`)
		all, err := db.Collect(rows, err, func(s db.Scanner) (n string, err error) { return n, s.Scan(&n) })
		for _, n := range all {
			if !slices.Contains(erased, n) && !slices.Contains(kept, n) {
				t.Errorf("%s points to accounts: have its owner erase it in conservation.forgetAidant, or say here why it stays", n)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
