package cessation_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"aidantsconnect/internal/actor"
	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/cessation"
	"aidantsconnect/internal/consentement"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/fin"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

// bureau is the back-office, with a person of the team signed in: the account
// of the structure qui.
type bureau struct {
	*testkit.Banc
	mux *web.Mux
	h   *cessation.Handlers
	qui int
}

func newBureau(t *testing.T, d *db.DB, clock *testkit.Clock) *bureau {
	b := &bureau{Banc: testkit.NewBanc(t, d, clock)}
	b.Greffe.SansPDF = true
	b.Greffe.Obstacle = fin.Obstacle
	box, err := secret.NewBox(testkit.Key(t, 9))
	if err != nil {
		t.Fatal(err)
	}
	site := web.Site{Origine: "https://aidants.example"}
	b.h = &cessation.Handlers{DB: d, Journal: b.Greffe.Journal, Greffe: b.Greffe, Fins: &fin.Actes{DB: d, Greffe: b.Greffe, Journal: b.Greffe.Journal, Outbox: b.Greffe.Outbox}, Champs: box, Site: site}
	b.mux = web.NewMux(web.Config{Site: site, Log: testkit.Log(t), Now: clock.Now, Authenticate: func(*http.Request) (actor.Actor, error) {
		a := b.Actor(b.qui)
		a.Role, a.CleForte, a.CGUAcceptee, a.Prenom, a.Nom, a.DateOTP, a.DateActivite = actor.AdminMetier, true, true, "Alix", "AIDANT", clock.Now(), clock.Now()
		a.CanCreateMandats, a.MembreActif, a.OrganisationActive, a.OrganisationNom = true, true, true, b.Orgs[b.qui].Nom
		return a, nil
	}})
	b.h.Mount(b.mux)
	b.exec(`UPDATE aidant SET role_gestion = 'admin_metier'`)
	return b
}

func (b *bureau) exec(query string, args ...any) {
	b.T.Helper()
	b.Update(func(tx *db.Tx) error { _, err := tx.Exec(b.T.Context(), query, args...); return err })
}

func (b *bureau) count(query string, args ...any) (n int) {
	b.T.Helper()
	if err := b.DB.View(b.T.Context(), func(tx *db.Tx) error { return tx.QueryRow(b.T.Context(), query, args...).Scan(&n) }); err != nil {
		b.T.Fatal(err)
	}
	return n
}

var tag = regexp.MustCompile(`<[^>]*>`)

func (b *bureau) do(method, target string, form url.Values) (status int, to, text string) {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	body := w.Body.String()
	body = tag.ReplaceAllString(body[max(0, strings.Index(body, "<main")):], " ")
	return w.Code, w.Header().Get("Location"), strings.Join(strings.Fields(strings.ReplaceAll(body, "’", "'")), " ")
}

// want does a request and looks for words in the page.
func (b *bureau) want(method, target string, form url.Values, status int, words ...string) string {
	b.T.Helper()
	got, to, text := b.do(method, target, form)
	if got != status {
		b.T.Fatalf("status %d (%s), want %d: %.700s", got, to, status, text)
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			b.T.Fatalf("the page lacks %q: %s", w, text)
		}
	}
	return to
}

func (b *bureau) fermeture() url.Values {
	return url.Values{"genre": {"fermeture"}, "siret": {b.Orgs[0].Siret}, "motif": {"cessation"}, "reference": {"Délibération 2026-12 du 2 mars"}}
}

func (b *bureau) transfert() url.Values {
	return url.Values{"genre": {"transfert"}, "siret": {b.Orgs[0].Siret}, "cible": {b.Orgs[1].Siret}, "motif": {"fusion"}, "reference": {"Arrêté 2026-12 du 2 mars"}}
}

// approved has a request made by one and approved by the other.
func (b *bureau) approved(form url.Values) (page string) {
	b.T.Helper()
	b.qui = 0
	page = b.want("POST", cessation.Chemin, form, http.StatusSeeOther)
	b.qui = 1
	b.want("POST", page, url.Values{"decision": {"approuver"}}, http.StatusSeeOther)
	return page
}

func (b *bureau) run() int {
	b.T.Helper()
	n, err := b.h.Run(b.T.Context())
	if err != nil {
		b.T.Fatal(err)
	}
	return n
}

// A structure closes with more mandats than one batch holds: checked before
// any effect, agreed by two, refused everything at once, its mandats ended and
// none destroyed, even when the task is stopped in the middle (M-W1).
func TestClosure(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBureau(t, d, clock)
		const many = 130
		for i := range many {
			b.Sign(0, b.Usager(fmt.Sprint("sub", i), "VASSELIN"), mandat.Annee, "papiers")
		}
		u := b.Usager("sub0", "VASSELIN")
		elsewhere := b.Sign(1, u, mandat.Annee, "papiers")
		for champ, bad := range map[string]url.Values{
			"genre": {"genre": {""}}, "motif": {"motif": {"fusion"}}, "siret": {"siret": {"123"}}, "reference": {"reference": {" "}},
		} {
			form := b.fermeture()
			form[champ] = bad[champ]
			b.want("POST", cessation.Chemin, form, http.StatusUnprocessableEntity, "corriger")
		}
		page := b.want("POST", cessation.Chemin, b.fermeture(), http.StatusSeeOther)
		b.want("POST", cessation.Chemin, b.fermeture(), http.StatusUnprocessableEntity, "Une demande attend déjà")
		b.want("GET", page, nil, http.StatusOK, "130 mandats en cours, de 130 personnes", "Délibération 2026-12 du 2 mars", "une autre personne de l'équipe doit y répondre")
		b.want("POST", page, url.Values{"decision": {"approuver"}}, http.StatusSeeOther) // by who asked: nothing
		if b.count(`SELECT count(*) FROM organisation WHERE active`) != 2 || b.run() != 0 {
			t.Fatal("one person closed a structure")
		}
		b.qui = 1
		b.exec(`UPDATE aidant SET role_gestion = '' WHERE id = $1`, b.Aidants[0].ID) // who asked left the team
		b.want("POST", page, url.Values{"decision": {"approuver"}}, http.StatusSeeOther)
		b.exec(`UPDATE aidant SET role_gestion = 'admin_metier'`)
		if b.count(`SELECT count(*) FROM organisation WHERE active`) != 2 {
			t.Fatal("approved for somebody who left")
		}
		clock.Advance(time.Minute)
		decided := clock.Now()
		b.want("POST", page, url.Values{"decision": {"approuver"}}, http.StatusSeeOther)
		b.want("POST", page, url.Values{"decision": {"approuver"}}, http.StatusSeeOther) // a second time: nothing
		if b.count(`SELECT count(*) FROM organisation WHERE active AND id = $1`, b.Orgs[0].ID) != 0 {
			t.Fatal("still open")
		}
		b.want("GET", page, nil, http.StatusOK, "En cours")
		clock.Advance(time.Minute)
		for n := 1; ; n += 97 { // stopped here and there, it goes on
			d.FailAt(n)
			_, err := b.h.Run(t.Context())
			d.FailAt(0)
			if err == nil {
				break
			}
		}
		if n := b.count(`SELECT count(*) FROM mandat`); n != many+1 {
			t.Errorf("%d mandats are left, of %d", n, many+1)
		}
		if n := b.count(`SELECT count(*) FROM autorisation WHERE fin_motif = 'fermeture' AND fin = $1 AND fin_connue = $2 AND organisation_id = $3`, db.At(decided), db.At(clock.Now()), b.Orgs[0].ID); n != many {
			t.Errorf("%d were ended, of %d", n, many)
		}
		if n := b.count(`SELECT count(*) FROM journal_ligne WHERE action = 'end_mandat'`) + b.count(`SELECT count(*) FROM journal_ligne WHERE action = 'close_organisation'`); n != many+1 {
			t.Errorf("%d lines", n)
		}
		if got := b.Load(1, elsewhere.ID); !got.Active(clock.Now()) {
			t.Error("another structure's mandat ended")
		}
		if n := b.count(`SELECT count(*) FROM message WHERE genre = $1`, fin.Genre); n != many { // one for each person
			t.Errorf("%d people were told that their mandat ended, of %d", n, many)
		}
		if n := b.count(`SELECT count(*) FROM message WHERE genre = $1`, cessation.GenreFermeture); n != 1 { // its only aidant
			t.Errorf("the structure was told %d times", n)
		}
		b.want("GET", page, nil, http.StatusOK, "Terminée", "Mandats traités 130")
		b.want("POST", cessation.Chemin, b.fermeture(), http.StatusUnprocessableEntity, "déjà fermée")
		b.qui = 0
		if n := b.run(); n != 0 {
			t.Errorf("run again, %d", n)
		}
	})
}

// A transfer keeps the original as it was signed, makes a successor that each
// names, supersedes what it overlaps, leaves and lists what it cannot take, and
// tells the person (M-W16, mandats.md 15, 21.2 case 4).
func TestTransfer(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBureau(t, d, clock)
		ctx := t.Context()
		b.Update(func(tx *db.Tx) error {
			return organisation.SetPerimetre(ctx, tx, b.Greffe.Journal, journal.Entry{Initiateur: journal.Admin, Organisation: b.Orgs[1].ID}, []demarche.Demarche{"papiers", "argent", "logement"})
		})
		u, v, w, x := b.Usager("sub1", "VASSELIN"), b.Usager("sub2", "ROUVERAY"), b.Usager("sub3", "MARVILLERS"), b.Usager("sub4", "LESTOURNEL")
		old := b.Sign(0, u, mandat.Annee, "papiers", "argent", "logement")
		overlap := b.Sign(1, u, mandat.Mois, "argent")
		b.Update(func(tx *db.Tx) error { // one démarche was revoked before
			return b.h.Fins.End(ctx, tx, b.Actor(0), fin.Etendue{Mandat: old, Une: old.Autorisations[1].ID}, fin.Volonte{Motif: mandat.RevoqueUsager, Canal: fin.Oral})
		})
		beyond := b.Sign(0, v, mandat.Annee, "papiers", "famille")
		revoked := b.Sign(0, w, mandat.Annee, "papiers")
		b.Update(func(tx *db.Tx) error {
			return b.h.Fins.End(ctx, tx, b.Actor(0), fin.Etendue{Mandat: revoked}, fin.Volonte{Motif: mandat.RevoqueUsager, Canal: fin.Oral})
		})
		p := b.Projet(0, x, "papiers")
		p.Preuves = nil // the signed copy is awaited
		var paper mandat.Mandat
		b.Update(func(tx *db.Tx) (err error) { paper, err = b.Greffe.Sign(ctx, tx, b.Actor(0), p); return err })
		before := b.piece(old)
		b.Greffe.SansPDF = false
		clock.Advance(time.Hour)

		bad := b.transfert()
		bad.Set("cible", bad.Get("siret"))
		b.want("POST", cessation.Chemin, bad, http.StatusUnprocessableEntity, "C'est la même structure.")
		bad.Set("cible", "73282932000075")
		b.want("POST", cessation.Chemin, bad, http.StatusUnprocessableEntity, "elle doit d'abord être habilitée")
		bad = b.transfert()
		bad.Set("code", "7K2M-09QX-3F4T")
		b.want("POST", cessation.Chemin, bad, http.StatusUnprocessableEntity, "Aucun mandat en cours de cette structure n'a ce code.")
		page := b.want("POST", cessation.Chemin, b.transfert(), http.StatusSeeOther)
		b.want("GET", page, nil, http.StatusOK, "3 mandats en cours, de 3 personnes", "1 serait transféré", "1 resterait où il est : une démarche n'est pas permise", "1 resterait où il est : la copie signée manque")
		b.want("POST", page, url.Values{"decision": {"approuver"}}, http.StatusSeeOther)
		if n := b.run(); n != 0 {
			t.Fatalf("%d mandats were transferred by one person", n)
		}
		b.qui = 1
		b.want("POST", page, url.Values{"decision": {"approuver"}}, http.StatusSeeOther)
		if n := b.run(); n != 1 {
			t.Fatalf("%d transferred", n)
		}
		b.want("GET", page, nil, http.StatusOK, "Terminée", "Mandats traités 1", mandat.FormatCode(beyond.CodePublic), "une démarche n'est pas permise à l'autre structure", mandat.FormatCode(paper.CodePublic), "la copie signée manque")

		now := clock.Now()
		left := b.Load(0, old.ID)
		if got := attestation.EtatOf(left, true, now); got != attestation.Continue {
			t.Errorf("partly revoked, then transferred, is %s to strangers", got)
		}
		if !left.Transferred() || left.EtatAffiche(now) != "Transféré" || left.Successeur.IsZero() || left.Structure != old.Structure {
			t.Fatalf("%+v", left)
		}
		if !bytes.Equal(before.Contenu, b.piece(left).Contenu) {
			t.Error("the original changed")
		}
		next := b.Load(1, left.Successeur)
		if next.Predecesseur != old.ID || !next.Succession() || !next.Usable(now) || !next.DateExpiration.Equal(old.DateExpiration) || next.Structure.Siret != b.Orgs[1].Siret || !cmp.Equal(next.Identite, old.Identite) {
			t.Errorf("%+v", next)
		}
		if diff := cmp.Diff([]demarche.Demarche{"argent", "papiers"}, next.Demarches()); diff != "" {
			t.Error(diff)
		}
		for _, m := range []mandat.Mandat{left, next} {
			if _, err := b.Greffe.Check(m, b.piece(m)); err != nil {
				t.Error(err)
			}
		}
		b.printed(next)
		doc := string(b.piece(next).Contenu)
		for _, s := range []string{"Transfert d’un mandat à une autre structure", "Structure 1", mandat.FormatCode(old.CodePublic), "elle a fusionné avec l’autre structure", "VASSELIN"} {
			if !strings.Contains(doc, s) {
				t.Errorf("the document lacks %q", s)
			}
		}
		if got := b.Load(1, overlap.ID); !got.Replaced() || got.Successeur != next.ID {
			t.Errorf("%+v", got)
		}
		if got := attestation.EtatOf(next, true, now); got != attestation.Actif {
			t.Errorf("successor: %s", got)
		}
		for _, m := range []mandat.Mandat{beyond, paper} {
			if !b.Load(0, m.ID).Active(now) {
				t.Error("a mandat that was refused has changed")
			}
		}
		lines := b.Lines(old.ID)
		if diff := cmp.Diff([]string{"cancel_autorisation", "cancel_autorisation", "end_mandat", "transfer_mandat"}, lines[len(lines)-4:]); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"create_attestation", "create_autorisation", "create_autorisation", "notify_usager"}, b.Lines(next.ID)); diff != "" {
			t.Error(diff)
		}
		if n := b.count(`SELECT count(*) FROM message WHERE genre = 'E-56'`); n != 1 {
			t.Errorf("%d notices", n)
		}
		if n := b.run(); n != 0 {
			t.Errorf("run again, %d", n)
		}
	})
}

func (b *bureau) piece(m mandat.Mandat) (p mandat.Piece) {
	b.T.Helper()
	err := b.DB.View(b.T.Context(), func(tx *db.Tx) (err error) {
		p, err = mandat.LoadPiece(b.T.Context(), tx, m.ID)
		return err
	})
	if err != nil {
		b.T.Fatal(err)
	}
	return p
}

// printed has poppler read the sealed file of a mandat that was transferred:
// tagged, the same words as its page.
func (b *bureau) printed(m mandat.Mandat) {
	b.T.Helper()
	var file []byte
	err := b.DB.View(b.T.Context(), func(tx *db.Tx) (err error) {
		file, err = mandat.LoadPDF(b.T.Context(), tx, m.ID)
		return err
	})
	if err != nil {
		b.T.Fatal(err)
	}
	printed, _, err := pdf.Detach(file)
	if err != nil {
		b.T.Fatal(err)
	}
	e, err := b.Greffe.Check(m, b.piece(m))
	if h := sha256.Sum256(printed); err != nil || e.Version != 3 || e.PDFEmpreinte != hex.EncodeToString(h[:]) {
		b.T.Errorf("version %d, %v", e.Version, err)
	}
	dir := b.T.TempDir()
	if kept := os.Getenv("AC_TEST_CAPTURES"); kept != "" {
		dir = kept
	}
	name := filepath.Join(dir, "transfert.pdf")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		b.T.Fatal(err)
	}
	info, _ := exec.Command("pdfinfo", name).Output()
	text, _ := exec.Command("pdftotext", name, "-").Output()
	for _, w := range []string{"Tagged:          yes", "Title:           Transfert d’un mandat à une autre structure", "La structure qui le continue", "VASSELIN", "Amiens (Somme)", mandat.FormatCode(m.CodePublic), "elle a fusionné avec l’autre structure"} {
		if !strings.Contains(string(info)+string(text), w) {
			b.T.Errorf("the file lacks %q: %s%s", w, info, text)
		}
	}
}

// A mandat all of whose démarches go is « transféré » for everybody; one alone
// may be transferred by its code; a death noted in between stops it.
func TestTransferOne(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	b := newBureau(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	u, v := b.Usager("sub1", "VASSELIN"), b.Usager("sub2", "ROUVERAY")
	m, other := b.Sign(0, u, mandat.Mois, "papiers"), b.Sign(0, v, mandat.Mois, "papiers")
	form := b.transfert()
	form.Set("code", mandat.FormatCode(m.CodePublic))
	b.approved(form)
	if n := b.run(); n != 1 {
		t.Fatalf("%d transferred", n)
	}
	if got := attestation.EtatOf(b.Load(0, m.ID), true, clock.Now()); got != attestation.Transfere {
		t.Errorf("the public page says %s", got)
	}
	if !b.Load(0, other.ID).Active(clock.Now()) {
		t.Error("another mandat was taken")
	}
	page := b.approved(b.transfert())
	b.Update(func(tx *db.Tx) error { // the target learns of a death, and so may not sign
		id := ident.New[ident.OperationID]()
		_, err := tx.Exec(t.Context(), `INSERT INTO evenement_usager (id, usager_id, organisation_id, aidant_id, motif, source, date_effet, date_connue, statut) VALUES ($1,$2,$3,$4,'deces','acte',$5,$5,'signale')`, id, v.ID, b.Orgs[1].ID, b.Aidants[1].ID, tx.Now)
		return err
	})
	if n := b.run(); n != 0 {
		t.Errorf("%d transferred", n)
	}
	b.want("GET", page, nil, http.StatusOK, "un décès est noté")
}

// Every statement fails in turn: asking, approving, transferring one mandat.
func TestCessationAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBureau(t, d, clock)
		ctx := t.Context()
		u := b.Usager("sub1", "VASSELIN")
		m := b.Sign(0, u, mandat.Annee, "papiers", "argent")
		b.Sign(1, u, mandat.Mois, "papiers")
		in := func(f func(tx *db.Tx) error) func() error { return func() error { return d.Update(ctx, f) } }
		var id ident.OperationID
		siret := b.Orgs[0].Siret
		testkit.FailEachStatement(t, d, in(func(tx *db.Tx) (err error) {
			id, err = b.h.Ask(ctx, tx, b.Aidants[0].ID, cessation.Demande{Genre: cessation.Fermeture, Siret: siret, Motif: "retrait", Reference: "Décision du 2 mars"})
			return err
		}))
		to := b.Orgs[1]
		testkit.FailEachStatement(t, d, in(func(tx *db.Tx) error {
			old, err := mandat.Load(ctx, tx, b.Orgs[0].ID, m.ID)
			if err != nil {
				return err
			}
			_, err = b.Greffe.Transfer(ctx, tx, old, b.suite(to))
			return err
		}))
		testkit.FailEachStatement(t, d, in(func(tx *db.Tx) error { return b.h.Decide(ctx, tx, b.Actor(1), id, "approuve") }))
	})
}

func (b *bureau) suite(to organisation.Organisation) mandat.Suite {
	return mandat.Suite{
		Operation: ident.New[ident.OperationID](), Organisation: to.ID, Active: true, Perimetre: demarche.Keys(), Motif: "fusion", Raison: "fusion",
		Structure: mandat.Structure{Nom: to.Nom, Siret: to.Siret, Adresse: to.Adresse, CodePostal: to.CodePostal, Ville: to.Ville},
		Demandeur: b.Aidants[0].ID, Approbateur: b.Aidants[1].ID,
	}
}

// A transfer and a revocation at once: one of them happens, never both, and
// the mandat is ended whole either way.
func TestTransferAgainstRevocation(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		b := newBureau(t, d, clock)
		ctx := t.Context()
		for round := range 6 {
			u := b.Usager(fmt.Sprint("sub", round), "VASSELIN")
			m := b.Sign(0, u, mandat.Mois, "papiers", "argent")
			race := func(f func(tx *db.Tx, m mandat.Mandat) error) chan error {
				done := make(chan error, 1)
				go func() {
					done <- d.Update(ctx, func(tx *db.Tx) error {
						fresh, err := mandat.Load(ctx, tx, b.Orgs[0].ID, m.ID)
						if err != nil {
							return err
						}
						return f(tx, fresh)
					})
				}()
				return done
			}
			one := race(func(tx *db.Tx, m mandat.Mandat) error {
				_, err := b.Greffe.Transfer(ctx, tx, m, b.suite(b.Orgs[1]))
				return err
			})
			two := race(func(tx *db.Tx, m mandat.Mandat) error {
				return b.h.Fins.End(ctx, tx, b.Actor(0), fin.Etendue{Mandat: m}, fin.Volonte{Motif: mandat.RevoqueUsager, Canal: fin.Oral})
			})
			errs := []error{<-one, <-two}
			lost := slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err == nil })
			if len(lost) != 1 || !fault.Is(lost[0], fault.Conflict) {
				t.Fatalf("round %d: %v", round, errors.Join(errs...))
			}
			got := b.Load(0, m.ID)
			if !got.FullyRevoked() || got.Transferred() != (errs[0] == nil) || len(b.Live(1, u)) != map[bool]int{true: 2, false: 0}[errs[0] == nil] {
				t.Errorf("round %d: %+v", round, got)
			}
		}
	})
}

// What cannot be transferred is said before anything is written.
func TestTransferable(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	org, next := ident.New[ident.OrganisationID](), ident.New[ident.OrganisationID]()
	good := mandat.Mandat{Organisation: org, DateExpiration: now.Add(time.Hour), Autorisations: []mandat.Autorisation{{Demarche: "papiers", DateExpiration: now.Add(time.Hour)}}, Accord: consentement.Accord{Limite: now.Add(time.Hour)}}
	suite := mandat.Suite{Organisation: next, Active: true, Perimetre: []demarche.Demarche{"papiers"}}
	for want, edit := range map[string]func(m *mandat.Mandat, s *mandat.Suite){
		"":                        func(*mandat.Mandat, *mandat.Suite) {},
		mandat.RaisonTermine:      func(m *mandat.Mandat, _ *mandat.Suite) { m.DateExpiration = now },
		mandat.RaisonMemeMandante: func(_ *mandat.Mandat, s *mandat.Suite) { s.Organisation = org },
		mandat.RaisonInactive:     func(_ *mandat.Mandat, s *mandat.Suite) { s.Active = false },
		mandat.RaisonAccord:       func(m *mandat.Mandat, _ *mandat.Suite) { m.Accord.Limite = time.Time{} },
		mandat.RaisonPerimetre:    func(_ *mandat.Mandat, s *mandat.Suite) { s.Perimetre = nil },
	} {
		m, s := good, suite
		edit(&m, &s)
		if got := m.Transferable(s, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
