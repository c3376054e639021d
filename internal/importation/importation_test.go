package importation_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/importation"
	"aidantsconnect/internal/tableur"
	"aidantsconnect/internal/testkit"
)

const titles = "Prénom;NOM;E-mail;Profession;Téléphone;SIRET;Rôle\n"

var (
	seed  = strings.Repeat("0a", 20)
	suite = url.Values{"motif": {"habilitation"}}
)

// A list is read whatever the order and the spelling of its titles; what is
// wrong with a line is told, and stops no other.
func TestParsePeople(t *testing.T) {
	people, err := importation.ParsePeople([]byte("siret;role;courriel;prenom;nom\n123 456\u00a0789 00012;Référente;A@ex.example.org;Zoé;DURAND\n" +
		"1;chef;b@x.fr;B;B\n1;;c@x.fr;C;\"C\nC\"\n1;;d@x.fr;D;D;E\n1;;e@x.fr;E;" + strings.Repeat("é", 151) + "\n1;aidant référent;f@x.fr;F;F\n1;;F@x.fr;F;F\n1;;f@x.fr;F;F\n2;;f@x.fr;F;F\n1;;g@x.fr\n"))
	ok(t, err)
	if p := people[0]; p.Siret != "12345678900012" || !p.Referent || !p.NonAidant || p.Prenom != "Zoé" || p.Nom != "DURAND" || p.Ligne != 2 || p.Refus != "" {
		t.Errorf("%+v", p)
	}
	for i, want := range []string{"", "rôle", "à la ligne", "plus de cases", "150 caractères", "", "à la ligne 8", "à la ligne", "", ""} {
		if got := people[i].Refus; (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
	for file, want := range map[string]string{
		"":                                    "aucune ligne",
		"Zoé;DURAND;z@x.fr;1":                 "titre connu",
		"prenom;nom;email":                    "« siret »",
		"prenom;nom;email;siret;mail":         "deux fois",
		"prenom;nom;email;siret;mot de passe": "titre connu",
		"prenom;nom;email;siret" + strings.Repeat("\na;b;c@d.fr;1", 501): "501 lignes",
	} {
		_, err := importation.ParsePeople([]byte(file))
		if r, yes := errors.AsType[*tableur.Refus](err); !yes || !strings.Contains(r.Texte, want) {
			t.Errorf("%.40q: %v", file, err)
		}
	}
}

// A reason of the list, and words for « autre » (A-W79).
func TestReason(t *testing.T) {
	for _, c := range []struct{ motif, precision, field string }{
		{"", "", "motif"}, {"parce que", "", "motif"}, {"autre", " ", "precision"}, {"autre", strings.Repeat("é", 501), "precision"}, {"autre", "Essai", ""}, {"reprise", "x", ""},
	} {
		got, err := importation.Raison{Motif: c.motif, Precision: c.precision}.Check()
		if (err == nil) != (c.field == "") || c.field != "" && fault.FieldsOf(err)[c.field] == "" || c.motif == "reprise" && got.Precision != "" {
			t.Errorf("%+v: %+v %v", c, got, err)
		}
	}
}

// list is a list of people of every sort.
func list() string {
	row := func(cells ...string) string { return strings.Join(cells, ";") + "\n" }
	return titles +
		row("Ana", "BELMONTE", "ana.belmonte@valbrune.example.org", "médiatrice", "", testkit.Siret1, "") +
		row("Luc", "BELMONTE", "luc.belmonte@valbrune.example.org", "", "06 12 34 56 78", testkit.Siret1, "référent") +
		row("Alix", "AUTRENOM", "ALIX@grandchaumet.example.org", "", "", testkit.Siret1, "référent aidant") +
		row("Nora", "X", "nora@grandchaumet.example.org", "", "", testkit.Siret1, "aidant") +
		row("Rose", "X", "rose@grandchaumet.example.org", "", "", testkit.Siret1, "aidant") +
		row("Paul", "X", "paul@grandchaumet.example.org", "", "", testkit.Siret1, "") +
		row("Alma", "X", "alma@grandchaumet.example.org", "", "", testkit.Siret2, "") +
		row("Mona", "X", "mona@grandchaumet.example.org", "", "", testkit.Siret2, "") +
		row("Zoé", "X", "zoe@valbrune.example.org", "", "", "00000000000000", "") +
		row("Zoé", "X", "zoe@valbrune.example.org", "", "", testkit.Siret1, "référent") +
		row("", "", "mairie@valbrune", "", "12", testkit.Siret1, "")
}

// A list is tried, which changes nothing, then enters once, with its mails and
// its lines; entered again, nobody enters twice.
func TestPeople(t *testing.T) {
	each(t, func(m *monde) {
		accounts := m.count(`SELECT count(*) FROM aidant`)
		path := m.try(importation.Personnes, "\ufeff"+list())
		m.page("mona", path, http.StatusOK, "Essai d’import", "2 ajouts, 2 changements, 1 inchangée, 6 refusées", "Importer 4 personnes",
			"Ana BELMONTE (ana.belmonte@valbrune.example.org)", "Compte ouvert pour Mairie de Valbrune, aidant.", "Le compte de Alix GRANDCHAUMET, qui existe, est rattaché à Mairie de Valbrune, référent de Mairie de Valbrune.",
			"est rouvert", "a déjà tout cela", "Un compte désactivé existe avec cette adresse", "équipe du service", "votre propre compte", "Aucune structure n’a ce SIRET", "Indiquez le mobile", "Indiquez le prénom.")
		if n := m.count(`SELECT count(*) FROM aidant`); n != accounts || m.count(`SELECT count(*) FROM message`) != 0 || m.lines("import_aidants") != 0 {
			m.t.Fatalf("a trial changed something: %d accounts", n)
		}
		m.page("alma", path, http.StatusOK, "Seule la personne qui a fait cet essai")
		m.wants(m.post("alma", path, suite), http.StatusConflict, "n’attend plus")
		m.wants(m.post("mona", path, nil), http.StatusUnprocessableEntity, "Choisissez une raison", `href="#motif"`)
		if w := m.post("mona", path+"?tard", suite); w.Code == http.StatusSeeOther && w.Header().Get("Location") == path {
			m.t.Fatal("an old code confirms")
		}
		m.wants(m.post("mona", path, suite), http.StatusSeeOther)
		m.wants(m.post("mona", path, suite), http.StatusConflict, "déjà importé")
		m.wants(m.post("mona", path+"abandonner/", nil), http.StatusConflict)
		m.page("mona", path, http.StatusOK, "Import : Personnes", "Suite d’une habilitation", "Compte ouvert")
		m.page("alma", importation.Chemin, http.StatusOK, "Mona GRANDCHAUMET", "2 ajouts, 2 changements", "Suite d’une habilitation")
		got := fmt.Sprint(m.count(`SELECT count(*) FROM aidant`)-accounts, m.lines("import_aidants"), m.messages("E-06"), m.messages("E-14"), m.messages("E-03"), m.messages("E-45"),
			m.count(`SELECT count(*) FROM importation WHERE contenu_chiffre IS NOT NULL`))
		if want := "2 1 1 2 1 1 0"; got != want {
			m.t.Errorf("%s, want %s", got, want)
		}
		if n := m.count(`SELECT count(*) FROM aidant a JOIN referent r ON r.aidant_id = a.id WHERE a.email LIKE 'luc%' AND NOT a.habilite AND a.telephone = '+33612345678'`); n != 1 {
			m.t.Error("the référent is not as the file says")
		}
		m.page("mona", m.try(importation.Personnes, list()), http.StatusOK, "0 ajout, 0 changement, 5 inchangées, 6 refusées", "Aucune ligne ne peut être importée")
	})
}

// A delivery of cards enters whole or not at all, once.
func TestCards(t *testing.T) {
	each(t, func(m *monde) {
		path := m.try(importation.Cartes, "GADT0001;"+seed+"\nGADT0002;zz\n")
		m.page("mona", path, http.StatusOK, "1 ajout, 0 changement, 0 inchangée, 1 refusée", "entière ou pas du tout")
		m.wants(m.post("mona", path, url.Values{"motif": {"livraison"}}), http.StatusUnprocessableEntity, "entière ou pas du tout")
		path = m.try(importation.Cartes, "GADT0001;"+seed+"\nGADT0002;"+seed+"\n")
		m.page("mona", path, http.StatusOK, "Importer 2 cartes", "GADT0002", "Ajoutée au stock")
		m.wants(m.post("mona", path, url.Values{"motif": {"autre"}, "precision": {"Envoi de Valbrune"}}), http.StatusSeeOther)
		m.page("alma", path, http.StatusOK, "Envoi de Valbrune")
		if got := fmt.Sprint(m.count(`SELECT count(*) FROM carte`), m.lines("import_card"), m.lines("import_totp_cards"), m.lines("import_aidants")); got != "2 2 1 0" {
			m.t.Error(got)
		}
		m.page("mona", m.try(importation.Cartes, "GADT0001;"+seed+"\nGADT0002;"+seed+"\n"), http.StatusOK, "Tout est déjà en place")
		if n := m.count(`SELECT count(*) FROM importation WHERE rapport_chiffre LIKE '%GADT%' OR contenu_chiffre LIKE '%GADT%'`); m.d.Dialect() == db.SQLite && n != 0 {
			m.t.Error("a file is kept in clear")
		}
	})
}

// What is sent that is no file says so, and keeps what was pasted.
func TestFilesRefused(t *testing.T) {
	each(t, func(m *monde) {
		for file, want := range map[string]string{
			"": "Choisissez un fichier", "PK\x03\x04": "classeur", "prenom;nom": "colonne « email »", "a\x00": "pas du texte", titles: "",
		} {
			if want == "" {
				m.page("mona", m.try(importation.Personnes, file), http.StatusOK, "aucune ligne")
				continue
			}
			m.wants(m.send("mona", importation.Personnes, file), http.StatusUnprocessableEntity, want, `href="#fichier"`)
		}
		m.wants(m.send("mona", importation.Personnes, strings.Repeat("x", 1<<20)), http.StatusUnprocessableEntity, "trop grand")
		var many strings.Builder
		for i := range 2001 {
			fmt.Fprintf(&many, "GADT%07d;%s\n", i, seed)
		}
		m.wants(m.send("mona", importation.Cartes, many.String()), http.StatusUnprocessableEntity, "plus de 2000 cartes")
		form := url.Values{"lignes": {"prenom;nom\nZoé;DURAND"}}
		m.wants(m.post("mona", importation.Chemin+"personnes/", form), http.StatusUnprocessableEntity, "Zoé;DURAND</textarea>")
		form.Set("lignes", list())
		m.wants(m.post("mona", importation.Chemin+"personnes/", form), http.StatusSeeOther)
		m.page("mona", importation.Chemin+"personnes/modele.csv", http.StatusOK, "prenom;nom;email;profession;telephone;siret;role")
		for _, qui := range []string{"ofra", "rose"} {
			m.page(qui, importation.Chemin, http.StatusNotFound)
			m.wants(m.send(qui, importation.Cartes, "GADT0001;"+seed), http.StatusNotFound)
		}
	})
}

// What changed since the trial stops the import, and is shown; then it enters.
func TestTrialNoLongerTrue(t *testing.T) {
	each(t, func(m *monde) {
		path := m.try(importation.Personnes, titles+"Ana;BELMONTE;ana.belmonte@valbrune.example.org;;;"+testkit.Siret1+";\nAlix;X;alix@grandchaumet.example.org;;;"+testkit.Siret2+";\n")
		m.exec(`UPDATE organisation SET active = false WHERE id = $1`, m.two)
		m.wants(m.post("mona", path, suite), http.StatusConflict, "ont changé depuis l’essai", "n’est plus active", `value="habilitation" selected`)
		if m.lines("import_aidants") != 0 || m.messages("E-06") != 0 {
			m.t.Fatal("something entered")
		}
		m.wants(m.post("mona", path, suite), http.StatusSeeOther)
		if m.messages("E-06") != 1 {
			m.t.Error("nobody entered")
		}
	})
}

// Two tabs confirm together: one enters. A trial is forgotten after an hour,
// its report after a month.
func TestOnceAndForgotten(t *testing.T) {
	each(t, func(m *monde) {
		path := m.try(importation.Cartes, "GADT0001;"+seed)
		codes := make([]int, 4)
		var wg sync.WaitGroup
		for i := range codes {
			wg.Go(func() { codes[i] = m.post("mona", path, url.Values{"motif": {"livraison"}}).Code })
		}
		wg.Wait()
		done := 0
		for _, c := range codes {
			if c == http.StatusSeeOther {
				done++
			} else if c != http.StatusConflict && c != http.StatusServiceUnavailable {
				m.t.Errorf("%d", c)
			}
		}
		if done != 1 || m.lines("import_totp_cards") != 1 {
			m.t.Errorf("%v, %d imports", codes, m.lines("import_totp_cards"))
		}
		dropped := m.try(importation.Cartes, "GADT0002;"+seed)
		m.wants(m.post("alma", dropped+"abandonner/", nil), http.StatusConflict)
		m.wants(m.post("mona", dropped+"abandonner/", nil), http.StatusSeeOther)
		m.page("mona", dropped, http.StatusOK, "Abandonné")
		old := m.try(importation.Cartes, "GADT0003;"+seed)
		m.clock.Advance(time.Hour)
		m.page("mona", old, http.StatusOK, "plus d’une heure")
		m.wants(m.post("mona", old, url.Values{"motif": {"livraison"}}), http.StatusConflict)
		purge := func(want int) {
			m.t.Helper()
			m.update(func(tx *db.Tx) error {
				n, err := importation.Purge(m.t.Context(), tx)
				if n != want {
					m.t.Errorf("%d purged, want %d", n, want)
				}
				return err
			})
		}
		purge(1)
		purge(0)
		m.clock.Advance(30 * 24 * time.Hour)
		purge(1)
		m.page("mona", path, http.StatusOK, "est effacé")
	})
}

// Whatever statement fails, nothing is left behind.
func TestImportIsAllOrNothing(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock)
		for _, path := range []string{m.try(importation.Personnes, list()), m.try(importation.Cartes, "GADT0001;"+seed)} {
			testkit.FailEachStatement(t, d, func() error {
				if w := m.post("mona", path, url.Values{"motif": {"reprise"}}); w.Code >= 500 {
					return http.ErrAbortHandler
				}
				return nil
			})
		}
		if got := fmt.Sprint(m.lines("import_aidants"), m.lines("import_totp_cards"), m.messages("E-06")); got != "1 1 1" {
			t.Error(got)
		}
	})
}
