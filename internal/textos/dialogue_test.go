package textos_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/distance"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/textos"
)

const numero = "+33612345678"

var projet = demo.Projet{Personne: "ordinaire", Demarches: []demarche.Demarche{demarche.Papiers, demarche.Famille}, Duree: "MONTH"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, m *testkit.Monde, query string) (n int) {
	t.Helper()
	must(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(t.Context(), query).Scan(&n) }))
	return n
}

func word(t *testing.T, m *testkit.Monde, query string) (s string) {
	t.Helper()
	must(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error { return tx.QueryRow(t.Context(), query).Scan(&s) }))
	return s
}

func usables(t *testing.T, m *testkit.Monde) (n int) {
	t.Helper()
	must(t, m.Server.DB.View(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(DISTINCT t.mandat_id) FROM autorisation t WHERE t.fin IS NULL AND `+mandat.UtilisableSQL+`$1)`, tx.Now).Scan(&n)
	}))
	return n
}

func shows(t *testing.T, p *demo.Parcours, statut int, texte string) {
	t.Helper()
	if p.Statut != statut || !p.Contient(texte) {
		t.Fatalf("want %d %q, got %d %q at %s", statut, texte, p.Statut, p.Titre(), p.URL.Path)
	}
}

// renew asks a renewal by SMS of the mandat of a person who is known.
func renew(t *testing.T, m *testkit.Monde, p *demo.Parcours) {
	t.Helper()
	id := word(t, m, `SELECT CAST(usager_id AS text) FROM mandat ORDER BY date_creation DESC LIMIT 1`)
	must(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/renew_mandat/"+id))
	must(t, p.Envoyer(demo.Avec("duree"), url.Values{"duree": {"MONTH"}, "capacite": {"on"}, "moyen": {"sms"}, "presence": {"telephone"}, "demarche": {"papiers"}}))
	must(t, p.PremierSMS(numero))
}

// The whole dialogue with a person who is known, on both databases: two
// messages, OUI, the signature; then STOP, which revokes.
func TestAgreementBySMS(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		_, err := p.Conclure(projet)
		must(t, err)
		renew(t, m, p)
		attente := p.URL.String()
		_, err = m.SMSRecu(numero, "prépare un mandat à votre nom")
		must(t, err)
		must(t, m.Repondre(t.Context(), numero, "OUI")) // before the question: no agreement
		if count(t, m, `SELECT count(*) FROM demande_accord WHERE statut = 'accordee'`) != 0 {
			t.Fatal("agreed before being asked")
		}
		must(t, p.Ouvrir(attente))
		must(t, p.PoserLaQuestion())
		_, err = m.SMSRecu(numero, "Acceptez-vous ce mandat")
		must(t, err)
		must(t, m.Repondre(t.Context(), numero, "Oui mais bon"))
		_, err = m.SMSRecu(numero, "Réponse non comprise")
		must(t, err)
		must(t, m.Repondre(t.Context(), numero, " Oui . "))
		_, err = m.SMSRecu(numero, "Votre accord pour le mandat à distance est enregistré")
		must(t, err)
		must(t, p.Ouvrir(attente))
		shows(t, p, http.StatusOK, "La personne est d’accord")
		if usables(t, m) != 1 { // the former one alone
			t.Error("usable before the aidant signs")
		}
		must(t, p.SignerAccord())
		if k := count(t, m, `SELECT count(*) FROM mandat WHERE a_distance AND methode_consentement = 'SMS' AND demande_consentement_id IS NOT NULL AND telephone = ''`); k != 1 {
			t.Errorf("%d mandats at a distance", k)
		}
		if count(t, m, `SELECT count(*) FROM accord_piece WHERE genre = 'sms' AND contenu_chiffre IS NOT NULL`) != 1 || count(t, m, `SELECT count(*) FROM texto WHERE contenu_chiffre IS NOT NULL`) != 0 {
			t.Error("the proof is not in the mandat, or its texts are kept twice")
		}
		must(t, m.Repondre(t.Context(), numero, "Stop"))
		_, err = m.SMSRecu(numero, "Le mandat est arrêté")
		must(t, err)
		if count(t, m, `SELECT count(*) FROM mandat_fin f JOIN mandat m ON m.id = f.mandat_id WHERE m.a_distance AND f.motif = 'revoque_usager' AND f.canal = 'sms' AND f.aidant_id IS NULL`) != 1 {
			t.Error("STOP did not revoke")
		}
		for action, want := range map[string]int{"remote_sms_recap_sent": 1, "remote_sms_consent_sent": 1, "remote_sms_consent_received": 1, "accept_accord": 1, "cancel_mandat": 1} {
			if k := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = '`+action+`'`); k != want {
				t.Errorf("%d %s", k, action)
			}
		}
		if strings.Contains(m.Log(), "612345678") || strings.Contains(m.Log(), "bon\"") {
			t.Error("the log tells who or what")
		}
	})
}

// A first mandat: after OUI the person proves who they are on their own device.
func TestFirstMandatBySMS(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	must(t, p.DemanderParSMS(projet, numero))
	attente := p.URL.String()
	must(t, p.PoserLaQuestion())
	must(t, m.Repondre(t.Context(), numero, "OUI"))
	must(t, p.Ouvrir(attente))
	shows(t, p, http.StatusOK, "doit encore se connecter")
	if count(t, m, `SELECT count(*) FROM demande_accord WHERE statut = 'accordee'`) != 0 {
		t.Error("agreed without an identity")
	}
	person := p.Ailleurs()
	must(t, person.LireMandat(numero, "ordinaire"))
	must(t, person.Accepter())
	must(t, p.Ouvrir(attente))
	must(t, p.SignerAccord())
	if usables(t, m) != 1 || count(t, m, `SELECT count(*) FROM accord_piece WHERE genre = 'sms'`) != 1 {
		t.Error("no usable mandat, or no proof")
	}
}

// asked signs an aidant in, and asks a person that nobody knows yet.
func asked(t *testing.T, m *testkit.Monde) (p *demo.Parcours, attente string) {
	t.Helper()
	p = m.Connecte(t, "nadia")
	must(t, p.DemanderParSMS(projet, numero))
	attente = p.URL.String()
	must(t, p.PoserLaQuestion())
	_, err := m.SMSRecu(numero, "Acceptez-vous")
	must(t, err)
	return p, attente
}

// call is the provider's, answered as it must be.
func call(t *testing.T, m *testkit.Monde, r demo.Retour, want int) {
	t.Helper()
	statut, err := m.Appeler(t.Context(), r)
	must(t, err)
	if statut != want {
		t.Errorf("%v is answered %d, not %d", r, statut, want)
	}
}

// Mandats 21.2, case 5: what is not known, not readable, not authentic or said
// twice changes nothing and is answered without error; a refusal is seen and may
// be asked again; STOP bars the number for this mandat.
func TestSMSEndToEnd(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p, attente := asked(t, m)
	last, err := m.LastSMS(numero)
	must(t, err)
	about := func(extra ...string) demo.Retour {
		r := demo.Retour{"originatorAddress": numero, "message": "OUI", "smsMTCorrelationId": last.ID, "messageId": "a"}
		for i := 0; i < len(extra); i += 2 {
			r[extra[i]] = extra[i+1]
		}
		return r
	}
	before := testkit.Content(t, m.Server.DB, "journal_ligne", "journal_rang", "journal_noeud", "journal_point", "tache", "bail", "message", "texto", "session_web")
	// Not authentic: refused, nothing read.
	if statut, err := m.AppelerSigne(t.Context(), []byte(`{"originatorAddress":"`+numero+`"}`), "t=1,v1=00"); err != nil || statut != http.StatusUnauthorized {
		t.Errorf("an unsigned call: %d %v", statut, err)
	}
	for _, r := range []demo.Retour{
		about("smsMTCorrelationId", "00000000-0000-7000-8000-000000000000"), about("smsMTCorrelationId", ""), about("message", ""),
		about("originatorAddress", "pas un numéro"), about("originatorAddress", "+33698765432"), // another number answers
		{},
		{"correlationId": "inconnu", "errorCode": "4"},
		{"errorCode": "4"},
	} {
		call(t, m, r, http.StatusOK)
	}
	if n := count(t, m, `SELECT count(*) FROM texto WHERE sens = 'recu'`); n != 0 {
		t.Errorf("%d answers kept of nobody", n)
	}
	for table, rows := range testkit.Content(t, m.Server.DB, "journal_ligne", "journal_rang", "journal_noeud", "journal_point", "tache", "bail", "message", "texto", "session_web") {
		if strings.Join(rows, "\n") != strings.Join(before[table], "\n") {
			t.Errorf("%s changed", table)
		}
	}
	// Deliveries are shown.
	call(t, m, demo.Retour{"correlationId": last.ID, "errorCode": "0"}, http.StatusOK)
	must(t, p.Ouvrir(attente))
	shows(t, p, http.StatusOK, "Le téléphone a reçu le SMS")
	// NON, the same message again, then OUI: refused, once.
	call(t, m, about("message", "non."), http.StatusOK)
	call(t, m, about("message", "non."), http.StatusOK)
	call(t, m, about("message", "OUI", "messageId", "b"), http.StatusOK)
	must(t, p.Ouvrir(attente))
	shows(t, p, http.StatusOK, "La personne a refusé")
	if n := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action = 'remote_sms_denial_received'`); n != 1 || count(t, m, `SELECT count(*) FROM texto WHERE sens = 'recu'`) != 2 {
		t.Errorf("%d refusals", n)
	}
	// Asked again, explicitly; then STOP: this number is not written to again.
	must(t, p.PremierSMS("06 12 34 56 78"))
	must(t, p.PoserLaQuestion())
	must(t, m.Repondre(t.Context(), numero, "Stop"))
	_, err = m.SMSRecu(numero, "Votre refus")
	must(t, err)
	must(t, p.Ouvrir(attente))
	shows(t, p, http.StatusOK, "a répondu STOP")
	must(t, p.Envoyer(demo.Avec("telephone"), url.Values{"telephone": {numero}, "verifie": {"on"}}))
	shows(t, p, http.StatusConflict, "ne lui sera plus envoyé")
	if count(t, m, `SELECT count(*) FROM mandat`) != 0 || strings.Contains(m.Log(), "612345678") {
		t.Error("a mandat without an agreement, or a number in the log")
	}
}

// A late answer is kept and unlocks nothing; what failed to arrive is shown; a
// form sent twice sends once.
func TestLateAndUndelivered(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	must(t, p.DemanderParSMS(projet, numero))
	must(t, p.Poster(p.Adresses.App+"/espace-aidant/creation_mandat/a_distance/demande", url.Values{"dossier": {p.URL.Query().Get("dossier")}, "envois": {"0"}, "telephone": {numero}, "verifie": {"on"}}))
	if n := count(t, m, `SELECT count(*) FROM dialogue_sms`); n != 1 {
		t.Errorf("%d dialogues of one form", n)
	}
	attente := p.URL.String()
	must(t, p.PoserLaQuestion())
	last, err := m.LastSMS(numero)
	must(t, err)
	call(t, m, demo.Retour{"correlationId": last.ID, "errorCode": "17", "errorMessage": "absent"}, http.StatusOK)
	must(t, p.Ouvrir(attente))
	shows(t, p, http.StatusOK, "numéro d’incident")
	m.Horloge.Avancer(25 * time.Hour)
	must(t, m.Repondre(t.Context(), numero, "OUI"))
	_, err = m.SMSRecu(numero, "arrive trop tard")
	must(t, err)
	p = m.Connecte(t, "nadia")
	must(t, p.Ouvrir(attente))
	shows(t, p, http.StatusOK, "n’a pas répondu à temps")
	if count(t, m, `SELECT count(*) FROM texto WHERE lecture = 'oui' AND effet = 'tard'`) != 1 || count(t, m, `SELECT count(*) FROM demande_accord WHERE statut IN ('accordee','conclue')`) != 0 {
		t.Error("a late answer is not kept, or counts")
	}
}

// Two answers at the same instant: one decides, the other is kept.
func TestTwoAnswersAtOnce(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		_, _ = asked(t, m)
		last, err := m.LastSMS(numero)
		must(t, err)
		var wg sync.WaitGroup
		for i, message := range []string{"OUI", "NON", "OUI", "NON"} {
			wg.Go(func() {
				call(t, m, demo.Retour{"originatorAddress": numero, "message": message, "smsMTCorrelationId": last.ID, "messageId": strconv.Itoa(i / 2 * 2)}, http.StatusOK)
			})
		}
		wg.Wait()
		// Two names for four calls: two answers, one decision.
		if n := count(t, m, `SELECT count(*) FROM texto WHERE sens = 'recu'`); n != 2 {
			t.Errorf("%d answers", n)
		}
		if n := count(t, m, `SELECT count(*) FROM texto WHERE effet IN ('consent','refuse')`); n != 1 {
			t.Errorf("%d decisions", n)
		}
		if n := count(t, m, `SELECT count(*) FROM journal_ligne WHERE action IN ('remote_sms_consent_received','remote_sms_denial_received')`); n != 1 {
			t.Errorf("%d lines of a decision", n)
		}
	})
}

// Every statement of each act fails in turn, on both databases: nothing is left
// behind, and the provider is asked to try again.
func TestDialogueIsAllOrNothing(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		_, err := p.Conclure(projet)
		must(t, err)
		id := word(t, m, `SELECT CAST(usager_id AS text) FROM mandat`)
		must(t, p.Ouvrir(p.Adresses.App+"/espace-aidant/renew_mandat/"+id))
		must(t, p.Envoyer(demo.Avec("duree"), url.Values{"duree": {"MONTH"}, "capacite": {"on"}, "moyen": {"sms"}, "presence": {"telephone"}, "demarche": {"papiers"}}))
		sure := []string{"session_web", "tache", "bail", "journal_rang", "journal_point", "journal_noeud", "journal_attente", "limite"}
		press := func(f func() error) func() error {
			page := *p.Navigateur
			return func() error {
				*p.Navigateur = page
				if err := f(); err != nil {
					return err
				}
				if p.Statut >= 500 {
					return fmt.Errorf("status %d", p.Statut)
				}
				return nil
			}
		}
		testkit.FailEachStatement(t, m.Server.DB, press(func() error {
			return p.Envoyer(demo.Avec("telephone"), url.Values{"telephone": {numero}, "verifie": {"on"}})
		}), sure...)
		attente := p.URL.String()
		deliver := func() { // nothing else writes while statements fail
			for count(t, m, `SELECT count(*) FROM message WHERE statut IN ('en_file','en_cours')`) > 0 {
				_, err := m.Server.Outbox.Deliver(t.Context())
				must(t, err)
			}
		}
		deliver()
		deliver()
		must(t, p.Ouvrir(attente))
		testkit.FailEachStatement(t, m.Server.DB, press(func() error { return p.Envoyer(demo.Dit("Poser la question par SMS"), nil) }), sure...)
		deliver()
		_, err = m.SMSRecu(numero, "Acceptez-vous")
		must(t, err)
		answer := func(message string) func() error {
			last, err := m.LastSMS(numero)
			must(t, err)
			return func() error {
				statut, err := m.Appeler(t.Context(), demo.Retour{"originatorAddress": numero, "message": message, "smsMTCorrelationId": last.ID, "messageId": message})
				if err == nil && statut >= 500 {
					err = fmt.Errorf("status %d", statut)
				}
				return err
			}
		}
		testkit.FailEachStatement(t, m.Server.DB, answer("OUI"), sure...)
		deliver()
		must(t, p.Ouvrir(attente))
		must(t, p.SignerAccord())
		deliver()
		testkit.FailEachStatement(t, m.Server.DB, answer("STOP"), sure...)
		if count(t, m, `SELECT count(*) FROM autorisation a JOIN mandat x ON x.id = a.mandat_id WHERE x.a_distance AND a.fin IS NULL`) != 0 {
			t.Error("STOP left a usable mandat")
		}
	})
}

// No sequence of acts, by SMS or by letter, yields a usable mandat without its
// sealed proof, whatever the person answers and whatever the aidant posts.
func TestNoSequenceIsUsableWithoutProof(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p := m.Connecte(t, "nadia")
	_, err := p.Conclure(projet)
	must(t, err)
	id := word(t, m, `SELECT CAST(usager_id AS text) FROM mandat`)
	open := func(moyen string) error {
		if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/renew_mandat/" + id); err != nil {
			return err
		}
		return p.Envoyer(demo.Avec("duree"), url.Values{"duree": {"MONTH"}, "capacite": {"on"}, "moyen": {moyen}, "presence": {"absent"}, "demarche": {"papiers"}})
	}
	draw := rand.New(rand.NewPCG(7, 2026))
	try := func(error) {} // a form that is not there: the act is impossible
	attente, dossier := "", ""
	post := func(to string, form url.Values) {
		form.Set("dossier", dossier)
		try(p.Poster(p.Adresses.App+"/espace-aidant/creation_mandat/"+to, form))
	}
	for range 110 {
		m.Horloge.Avancer(time.Second)
		switch draw.IntN(14) {
		case 0:
			try(open([]string{"sms", "sms", "courrier"}[draw.IntN(3)]))
			attente, dossier = p.URL.String(), p.URL.Query().Get("dossier")
			try(p.PremierSMS(numero))
		case 1, 2, 3:
			post("a_distance/question", url.Values{})
		case 4, 5, 6:
			try(m.Repondre(t.Context(), numero, []string{"OUI", "NON", "peut-être", "OUI", "OUI"}[draw.IntN(5)]))
		case 7:
			post("a_distance/lettre", url.Values{})
		case 8:
			post("a_distance/code", url.Values{"code": {"0000-0000"}, "comment": {"telephone"}, "verifie": {"on"}})
		case 9:
			post("a_distance/suite", url.Values{})
			post("recapitulatif/", url.Values{"identite": {"on"}, "personal_data": {"on"}})
		default:
			try(p.Ouvrir(attente))
			try(p.SignerAccord())
		}
		_, err := m.Server.Outbox.Deliver(t.Context())
		must(t, err)
		if n := count(t, m, `SELECT count(*) FROM mandat m JOIN accord c ON c.mandat_id = m.id WHERE m.a_distance AND (c.piece_id IS NULL OR NOT EXISTS (SELECT 1 FROM accord_piece x WHERE x.id = c.piece_id AND x.mandat_id = m.id AND x.contenu_chiffre IS NOT NULL))`); n > 0 {
			t.Fatalf("%d mandats at a distance without their proof", n)
		}
		if k, c := count(t, m, `SELECT count(*) FROM mandat WHERE a_distance`), count(t, m, `SELECT count(*) FROM demande_accord WHERE statut = 'conclue'`); k != c {
			t.Fatalf("%d mandats, %d agreements used", k, c)
		}
	}
	if count(t, m, `SELECT count(*) FROM mandat WHERE a_distance`) == 0 {
		t.Error("the sequence never signed: it proves little")
	}
}

// An answer against what the aidant does at the same instant: agreed or given
// up, never both.
func TestAnswerAgainstTheAidant(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	p, attente := asked(t, m)
	last, err := m.LastSMS(numero)
	must(t, err)
	must(t, p.Ouvrir(attente))
	var wg sync.WaitGroup
	wg.Go(func() {
		call(t, m, demo.Retour{"originatorAddress": numero, "message": "OUI", "smsMTCorrelationId": last.ID, "messageId": "a"}, http.StatusOK)
	})
	if err := p.Envoyer(demo.Dit("Annuler et modifier les choix"), nil); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if n := count(t, m, `SELECT count(*) FROM demande_accord WHERE statut IN ('envoyee','ouverte','identifiee','accordee')`); n != 0 {
		t.Errorf("%d requests still wait", n)
	}
	if n := count(t, m, `SELECT count(*) FROM dossier_signature WHERE statut = 'abandonne'`); n != 1 {
		t.Errorf("%d dossiers given up", n)
	}
}

// Two things at the same instant, on both databases: one wins, whole. OUI as
// the request expires; then STOP as the aidant signs, which leaves nothing that
// can be used, whoever was first.
func TestAnswersAgainstTheClockAndTheSignature(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		p := m.Connecte(t, "nadia")
		_, err := p.Conclure(projet)
		must(t, err)
		renew(t, m, p)
		must(t, p.PoserLaQuestion())
		_, err = m.SMSRecu(numero, "Acceptez-vous")
		must(t, err)
		m.Horloge.Avancer(textos.Delai - 30*time.Second)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := m.Repondre(t.Context(), numero, "OUI"); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			m.Horloge.Avancer(time.Minute)
			for _, purge := range []func(context.Context, *db.Tx) (int, error){m.Server.Signatures.PurgeDossiers, distance.Purge, textos.Purge} {
				err := m.Server.DB.Update(t.Context(), func(tx *db.Tx) error { _, err := purge(t.Context(), tx); return err })
				if err != nil {
					t.Error(err)
				}
			}
		})
		wg.Wait()
		got := word(t, m, `SELECT d.statut || ' ' || s.statut || ' ' || x.statut || ' ' || CAST((SELECT count(*) FROM journal_ligne WHERE action = 'accept_accord') AS text)
			FROM demande_accord d JOIN dialogue_sms s ON s.demande_id = d.id JOIN dossier_signature x ON x.id = d.dossier_id`)
		if !slices.Contains([]string{"accordee accord attente_consentement 1", "expiree clos expire 0", "envoyee question expire 0"}, got) {
			t.Errorf("half done: %s", got)
		}

		p = m.Connecte(t, "nadia")
		renew(t, m, p)
		must(t, p.PoserLaQuestion())
		must(t, m.Repondre(t.Context(), numero, "OUI"))
		must(t, p.Ouvrir(p.URL.String()))
		former := usables(t, m)
		wg.Go(func() {
			if err := m.Repondre(t.Context(), numero, "STOP"); err != nil {
				t.Error(err)
			}
		})
		signed := p.SignerAccord() == nil
		wg.Wait()
		n := count(t, m, `SELECT count(*) FROM mandat WHERE a_distance`)
		if signed && n != 1 || n > 1 {
			t.Errorf("signed: %v, %d mandats", signed, n)
		}
		if k := count(t, m, `SELECT count(*) FROM autorisation a JOIN mandat x ON x.id = a.mandat_id WHERE x.a_distance AND a.fin IS NULL`); k != 0 {
			t.Errorf("STOP left %d démarches that can be used", k)
		}
		if n == 0 && usables(t, m) != former {
			t.Error("the former mandat was replaced by nothing")
		}
	})
}
