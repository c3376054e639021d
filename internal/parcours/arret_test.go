package parcours_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/testkit"
)

// arrets is how many times the program is killed, each time a little later.
const arrets = 4

// TestArretBrutal kills the program (SIGKILL) in the middle of what three
// people are doing, several times: what was answered is there, nothing is half
// done, the journal verifies, the database is whole, and the sessions go on.
func TestArretBrutal(t *testing.T) {
	t.Parallel()
	e := nouvelEnfant(t)
	e.lancer()
	s := &suite{enfant: e, answered: make(chan struct{}, 100)}
	s.commencer()
	for n := range arrets {
		s.arreter(3 + 2*n)
		s.verifier()
		e.lancer()
	}
	for _, p := range s.gens {
		if err := p.Ouvrir(p.Adresses.App + "/espace-aidant/usagers/"); err != nil || p.URL.Path != "/espace-aidant/usagers/" {
			t.Errorf("%s is no longer signed in: %v %s", p.Compte.Prenom, err, p.URL)
		}
	}
	s.arreter(3) // everything still works
	s.verifier()
	s.journalVerify()
}

// suite is what people did and were told that it is done.
type suite struct {
	*enfant
	gens     []*demo.Parcours
	answered chan struct{} // one per act answered
	killing  atomic.Bool

	mu       sync.Mutex
	conclus  []string // mandats
	termines []string // mandats ended
	usages   int
	numeros  int // phones that were asked; the third person's alone
}

// commencer signs people in, and concludes what the use needs.
func (s *suite) commencer() {
	s.t.Helper()
	for _, cle := range []string{"nadia", "hugo", "claire"} {
		p := s.personne(cle)
		if err := p.SeConnecter(); err != nil {
			s.t.Fatal(err)
		}
		s.gens = append(s.gens, p)
	}
	if err := s.conclure(s.gens[0], "ordinaire", demarche.Papiers, demarche.Famille); err != nil {
		s.t.Fatal(err)
	}
	<-s.answered
}

// arreter lets everybody work, and kills the program once so many acts were
// answered: the others are in the middle of theirs.
func (s *suite) arreter(after int) {
	s.t.Helper()
	s.killing.Store(false)
	works := []func() error{
		inTurn(func() error { return s.conclure(s.gens[0], "corse_2a", demarche.Travail, demarche.Logement) }, func() error { return s.parLettre(s.gens[0]) }),
		func() error { return s.utiliser(s.gens[1]) },
		inTurn(func() error { return s.parSMS(s.gens[2]) }, func() error { return s.concluireEtFinir(s.gens[2]) }),
	}
	var all sync.WaitGroup
	for _, work := range works {
		all.Go(func() {
			// The clock is everybody's: a code of FranceConnect may be too old when
			// another person moved it. The act is begun again.
			for !s.killing.Load() {
				if err := work(); err != nil && !s.killing.Load() {
					s.t.Logf("begun again: %v", err)
				}
			}
		})
	}
	patience, stop := context.WithTimeout(s.t.Context(), time.Minute)
	defer stop()
	for range after {
		select {
		case <-s.answered:
		case <-patience.Done():
		}
	}
	if patience.Err() != nil {
		s.t.Error("the acts are no longer answered")
	}
	s.killing.Store(true)
	s.tuer()
	all.Wait()
	for len(s.answered) > 0 {
		<-s.answered
	}
}

func (s *suite) conclure(p *demo.Parcours, personne string, demarches ...demarche.Demarche) error {
	address, err := p.Conclure(demo.Projet{Personne: personne, Demarches: demarches, Duree: "MONTH"})
	if err == nil {
		s.noter(func() { s.conclus = append(s.conclus, path.Base(address)) })
	}
	return err
}

// inTurn does one, then the other.
func inTurn(acts ...func() error) func() error {
	n := 0
	return func() error {
		n++
		return acts[(n-1)%len(acts)]()
	}
}

// parLettre renews by the code of a letter.
func (s *suite) parLettre(p *demo.Parcours) error {
	err := p.ParLettre("PIETRAVERDE", demo.Projet{Demarches: []demarche.Demarche{demarche.Travail, demarche.Logement}, Duree: "MONTH"})
	if err == nil {
		s.noter(func() { s.conclus = append(s.conclus, path.Base(p.URL.Path)) })
	}
	return err
}

// parSMS asks by SMS a person that nobody knows yet, on a phone of their own.
func (s *suite) parSMS(p *demo.Parcours) error {
	s.numeros++
	numero := fmt.Sprintf("+336123456%02d", s.numeros)
	projet := demo.Projet{Personne: "ne_algerie", Demarches: []demarche.Demarche{demarche.Famille, demarche.Travail}, Duree: "MONTH"}
	person := p.Ailleurs()
	for _, act := range []func() error{
		func() error { return p.DemanderParSMS(projet, numero) },
		p.PoserLaQuestion,
		func() error {
			return person.Poster(p.Adresses.Boite+"/telephone", url.Values{"numero": {numero}, "message": {"OUI"}})
		},
		func() error { return person.LireMandat(numero, projet.Personne) },
		person.Accepter,
		p.SignerAccord,
	} {
		if err := act(); err != nil || s.killing.Load() {
			return err
		}
	}
	s.noter(func() { s.conclus = append(s.conclus, path.Base(p.URL.Path)) })
	return nil
}

func (s *suite) concluireEtFinir(p *demo.Parcours) error {
	if err := s.conclure(p, "reunion", demarche.Famille, demarche.Travail); err != nil {
		return err
	}
	mandat := path.Base(p.URL.Path)
	err := p.TerminerMandat()
	if err == nil {
		s.noter(func() { s.termines = append(s.termines, mandat) })
	}
	return err
}

func (s *suite) utiliser(p *demo.Parcours) error {
	_, err := p.Utiliser(demo.Usage{Service: "a", Nom: "vasselin", Demarche: demarche.Papiers, Presence: "present"})
	if err != nil {
		return err
	}
	s.noter(func() { s.usages++ })
	return p.Deconnecter("a")
}

func (s *suite) noter(what func()) {
	s.mu.Lock()
	what()
	s.mu.Unlock()
	s.answered <- struct{}{}
}

// verifier opens the database as the kill left it.
func (s *suite) verifier() {
	s.t.Helper()
	ctx := s.t.Context()
	d, err := db.Open(ctx, s.base(), db.Options{Clock: time.Now})
	if err != nil {
		s.t.Fatalf("the database does not open after a kill: %v", err)
	}
	defer d.Close()
	testkit.Invariants(s.t, d)
	err = d.View(ctx, func(tx *db.Tx) error {
		for what, query := range moities {
			var n int
			if err := tx.QueryRow(ctx, query).Scan(&n); err != nil {
				return err
			}
			if n != 0 {
				s.t.Errorf("half done after a kill: %d %s", n, what)
			}
		}
		var integrity string
		if err := tx.QueryRow(ctx, `SELECT integrity_check FROM pragma_integrity_check`).Scan(&integrity); err != nil || integrity != "ok" {
			s.t.Errorf("the database is damaged: %v %s", err, integrity)
		}
		s.retrouver(tx)
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
}

func (s *suite) base() string {
	return "sqlite:" + filepath.Join(s.dossier, ".demo", "simulation", "demo.db")
}

// journalVerify asks the program itself, as an operator would.
func (s *suite) journalVerify() {
	s.t.Helper()
	program := filepath.Join(s.t.TempDir(), "aidantsconnect")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "./cmd/aidantsconnect")
	build.Dir = testkit.Root(s.t)
	if out, err := build.CombinedOutput(); err != nil {
		s.t.Fatalf("build: %v\n%s", err, out)
	}
	verify := exec.Command(program, "journal", "verify")
	verify.Env = append(os.Environ(), "AC_BASE="+s.base())
	out, err := verify.CombinedOutput()
	if err != nil || !strings.Contains(string(out), " : intact.") {
		s.t.Errorf("journal verify: %v\n%s", err, out)
	}
}

// moities are what a transaction cut in two would leave.
var moities = map[string]string{
	"mandats without all their autorisations": `SELECT count(*) FROM mandat AS m WHERE (SELECT count(*) FROM autorisation AS a WHERE a.mandat_id = m.id) <> 2`,
	"mandats without their document":          `SELECT count(*) FROM mandat AS m WHERE NOT EXISTS (SELECT 1 FROM mandat_document AS d WHERE d.mandat_id = m.id)`,
	"mandats without their message":           `SELECT count(*) FROM mandat AS m WHERE NOT EXISTS (SELECT 1 FROM message AS e WHERE e.cle LIKE '%/' || m.id)`,
	"mandats without their line":              `SELECT count(*) FROM mandat AS m WHERE (SELECT count(*) FROM journal_ligne AS j WHERE j.mandat_id = m.id AND j.action = 'create_attestation') <> 1`,
	"mandats without their lines":             `SELECT count(*) FROM mandat AS m WHERE (SELECT count(*) FROM journal_ligne AS j WHERE j.mandat_id = m.id AND j.action = 'create_autorisation') <> 2`,
	"lines without their mandat":              `SELECT count(*) FROM journal_ligne AS j WHERE j.action = 'create_attestation' AND NOT EXISTS (SELECT 1 FROM mandat AS m WHERE m.id = j.mandat_id)`,
	"uses without their line": `SELECT count(*) FROM usage_mandat AS u WHERE (SELECT count(*) FROM journal_ligne AS j
		WHERE j.operation_id = u.operation_id AND j.action = 'use_autorisation') <> 1`,
	"lines without their use": `SELECT count(*) FROM journal_ligne AS j WHERE j.action = 'use_autorisation'
		AND NOT EXISTS (SELECT 1 FROM usage_mandat AS u WHERE u.operation_id = j.operation_id)`,
	"uses without their message": `SELECT count(*) FROM usage_mandat AS u WHERE NOT EXISTS (SELECT 1 FROM message AS e WHERE e.cle LIKE '%/' || u.operation_id)`,
	"ends without their line": `SELECT count(*) FROM mandat_fin AS f WHERE NOT EXISTS (SELECT 1 FROM journal_ligne AS j
		WHERE j.operation_id = f.operation_id AND j.mandat_id = f.mandat_id)`,
	"mandats at a distance without the agreement they used": `SELECT count(*) FROM mandat AS m WHERE m.a_distance AND (SELECT count(*) FROM demande_accord AS d WHERE d.mandat_id = m.id AND d.statut = 'conclue') <> 1`,
	"agreements used by no mandat":                          `SELECT count(*) FROM demande_accord AS d WHERE d.statut = 'conclue' AND NOT EXISTS (SELECT 1 FROM mandat AS m WHERE m.id = d.mandat_id AND m.a_distance)`,
	"agreements without their line":                         `SELECT abs((SELECT count(*) FROM demande_accord WHERE piece_id IS NOT NULL) - (SELECT count(*) FROM journal_ligne WHERE action = 'accept_accord'))`,
	"requests without their line":                           `SELECT abs((SELECT count(*) FROM demande_accord) - (SELECT count(*) FROM journal_ligne WHERE action = 'ask_accord'))`,
	"answers by SMS without their line":                     `SELECT abs((SELECT count(*) FROM texto WHERE effet = 'consent') - (SELECT count(*) FROM journal_ligne WHERE action = 'remote_sms_consent_received'))`,
	"dialogues agreed whose request does not know":          `SELECT count(*) FROM dialogue_sms AS x JOIN demande_accord AS d ON d.id = x.demande_id WHERE x.statut = 'accord' AND d.statut = 'envoyee' AND d.lien_empreinte IS NULL`,
	"letters without their digest":                          `SELECT count(*) FROM demande_accord WHERE moyen = 'courrier' AND lettre_empreinte IS NULL`,
	"mandats wholly ended in part":                          `SELECT count(*) FROM mandat_fin AS f JOIN autorisation AS a ON a.mandat_id = f.mandat_id WHERE f.entier AND a.fin IS NULL`,
}

// retrouver looks for each thing that was answered.
func (s *suite) retrouver(tx *db.Tx) {
	s.t.Helper()
	ctx := s.t.Context()
	s.mu.Lock()
	defer s.mu.Unlock()
	count := func(query string, args ...any) (n int) {
		if err := tx.QueryRow(ctx, query, args...).Scan(&n); err != nil {
			s.t.Error(err)
		}
		return n
	}
	for _, id := range s.conclus {
		if count(`SELECT count(*) FROM mandat WHERE id = $1`, id) != 1 {
			s.t.Errorf("the mandat %s was answered and is lost", id)
		}
	}
	for _, id := range s.termines {
		if count(`SELECT count(*) FROM autorisation WHERE mandat_id = $1 AND fin IS NULL`, id) != 0 {
			s.t.Errorf("the end of the mandat %s was answered and is lost", id)
		}
	}
	if n := count(`SELECT count(*) FROM usage_mandat`); n < s.usages {
		s.t.Errorf("%d uses were answered, %d are there", s.usages, n)
	}
	s.t.Logf("answered so far: %d mandats, %d ends, %d uses", len(s.conclus), len(s.termines), s.usages)
}
