package compte_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/compte"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/organisation"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/web"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t testing.TB, err error, reason string) {
	t.Helper()
	if got := fault.ReasonOf(err); got != reason {
		t.Errorf("refused for %q (%v), want %q", got, err, reason)
	}
}

// banc is two structures, an aidant of the first and two référents of it.
type banc struct {
	testkit.Socle
	*compte.Actes
	a, b            organisation.Organisation
	alix, rose, leo aidant.Aidant
}

type muet struct{}

func (muet) Envoyer(context.Context, outbox.Courriel) error { return nil }

func newBanc(t *testing.T, d *db.DB) *banc {
	t.Helper()
	s := testkit.NewSocle(t, d)
	o, err := outbox.New(outbox.Config{DB: d, Box: s.Champs, Expediteur: muet{}, De: "connexion@essais.example.org", Hote: "essais.example.org", Log: testkit.Log(t)})
	ok(t, err)
	m := &banc{Socle: s, Actes: &compte.Actes{Journal: s.Journal, Outbox: o, Site: web.Site{Nom: "Aidants Connect", Origine: "https://ac.example.org", Contact: "aide@ac.example.org"}}}
	m.update(t, func(ctx context.Context, tx *db.Tx) (err error) {
		if m.a, err = organisation.Create(ctx, tx, s.Journal, organisation.Nouvelle{Nom: "Mairie d'Essai", Siret: testkit.Siret1, Adresse: "1 rue", CodePostal: "80000", Ville: "Valbrune"}); err != nil {
			return err
		}
		if m.b, err = organisation.Create(ctx, tx, s.Journal, organisation.Nouvelle{Nom: "Centre d'Essai", Siret: testkit.Siret2, Adresse: "2 rue", CodePostal: "80000", Ville: "Valbrune"}); err != nil {
			return err
		}
		for _, c := range []struct {
			a        *aidant.Aidant
			prenom   string
			referent bool
		}{{&m.alix, "Alix", false}, {&m.rose, "Rose", true}, {&m.leo, "Leo", true}} {
			*c.a, err = aidant.Create(ctx, tx, s.Journal, aidant.Nouveau{
				Prenom: c.prenom, Nom: "Essai", Email: strings.ToLower(c.prenom) + "@essais.example.org", Organisation: m.a.ID, Referent: c.referent, NonAidant: c.referent,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return m
}

func (m *banc) try(f func(ctx context.Context, tx *db.Tx) error) error {
	ctx := context.Background()
	return m.DB.Update(ctx, func(tx *db.Tx) error { return f(ctx, tx) })
}

func (m *banc) update(t testing.TB, f func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	ok(t, m.try(f))
}

func (m *banc) par(a aidant.Aidant) compte.Auteur {
	return compte.Auteur{Initiateur: journal.Referent, Aidant: a.ID}
}

func in(a aidant.Aidant, o organisation.Organisation) compte.Cible {
	return compte.Cible{Aidant: a.ID, Organisation: o.ID}
}

func (m *banc) load(t testing.TB, a aidant.Aidant) (b aidant.Aidant, p aidant.Place) {
	t.Helper()
	m.update(t, func(ctx context.Context, tx *db.Tx) (err error) {
		if b, err = aidant.Load(ctx, tx, a.ID); err != nil {
			return err
		}
		p, err = aidant.PlaceIn(ctx, tx, a.ID, m.a.ID)
		return err
	})
	return b, p
}

// wrote gives how many mails and journal lines of each kind there are.
func (m *banc) wrote(t testing.TB) (out string) {
	t.Helper()
	m.update(t, func(ctx context.Context, tx *db.Tx) error {
		out = ""
		for _, q := range []string{`SELECT genre, count(*) FROM message GROUP BY genre ORDER BY genre`, `SELECT action, count(*) FROM journal_ligne WHERE action NOT LIKE 'create_%' GROUP BY action ORDER BY action`} {
			rows, err := tx.Query(ctx, q)
			all, err := db.Collect(rows, err, func(s db.Scanner) (string, error) {
				var k string
				var n int
				err := s.Scan(&k, &n)
				return fmt.Sprintf("%s:%d", k, n), err
			})
			if err != nil {
				return err
			}
			out += strings.Join(all, " ") + "|"
		}
		return nil
	})
	return out
}

func (m *banc) openSession(t testing.TB, a aidant.Aidant, o organisation.Organisation) {
	t.Helper()
	m.update(t, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO session_web (id, jeton_empreinte, aidant_id, organisation_id, date_creation, date_expiration, date_otp, date_activite, echecs)
			VALUES ($1,$2,$3,$4,$5,$6,$5,$5,0)`, ident.New[ident.SessionID](), []byte(ident.New[ident.SessionID]().String()), a.ID, o.ID, tx.Now, tx.Now.Add(1<<40))
		return err
	})
}

func (m *banc) sessions(t testing.TB, a aidant.Aidant) (orgs []ident.OrganisationID) {
	t.Helper()
	m.update(t, func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT organisation_id FROM session_web WHERE aidant_id = $1`, a.ID)
		orgs, err = db.Collect(rows, err, func(s db.Scanner) (o ident.OrganisationID, err error) { return o, s.Scan(&o) })
		return err
	})
	return orgs
}

func TestDeactivateAndReactivate(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newBanc(t, d)
		m.openSession(t, m.alix, m.a)
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			return m.Deactivate(ctx, tx, m.par(m.rose), in(m.alix, m.a), compte.Depart)
		})
		a, p := m.load(t, m.alix)
		if a.Actif || a.MotifEtat != "depart" || a.DateEtat.IsZero() || !p.Membre {
			t.Errorf("%+v %+v", a, p)
		}
		if n := len(m.sessions(t, m.alix)); n != 0 {
			t.Errorf("%d sessions still open", n)
		}
		refused(t, m.try(func(ctx context.Context, tx *db.Tx) error {
			return m.Deactivate(ctx, tx, m.par(m.rose), in(m.alix, m.a), compte.Depart)
		}), "deja_ferme")
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			return m.Reactivate(ctx, tx, m.par(m.leo), in(m.alix, m.a))
		})
		a, _ = m.load(t, m.alix)
		if !a.Actif || a.MotifEtat != "" || !a.DateReference().Equal(a.DateEtat) {
			t.Errorf("%+v", a)
		}
		if got, want := m.wrote(t), "E-09:1 E-45:1|deactivate_aidant:1 reactivate_aidant:1|"; got != want {
			t.Errorf("wrote %s, want %s", got, want)
		}
		refused(t, m.try(func(ctx context.Context, tx *db.Tx) error {
			return m.Deactivate(ctx, tx, m.par(m.rose), in(m.alix, m.b), compte.Depart)
		}), "pas_dans_la_structure")
	})
}

func TestMembershipsAndRoles(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newBanc(t, d)
		refused(t, m.try(func(ctx context.Context, tx *db.Tx) error {
			return m.AddMembership(ctx, tx, m.par(m.rose), in(m.alix, m.b))
		}), "pas_dans_la_structure")
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			if err := m.AddMembership(ctx, tx, parGestion, in(m.alix, m.b)); err != nil {
				return err
			}
			return m.Designate(ctx, tx, m.par(m.rose), in(m.alix, m.a))
		})
		m.openSession(t, m.alix, m.a)
		if _, p := m.load(t, m.alix); !p.Referent || p.Structures != 2 || p.AutresReferents != 2 {
			t.Errorf("%+v", p)
		}
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			closed, err := m.Remove(ctx, tx, m.par(m.rose), in(m.alix, m.a), compte.Fonctions)
			if closed {
				t.Error("the account of a member of two structures closed")
			}
			return err
		})
		if _, p := m.load(t, m.alix); p.Membre || p.Referent || p.Structures != 1 {
			t.Errorf("%+v", p)
		}
		if at := m.sessions(t, m.alix); len(at) != 1 || at[0] != m.b.ID {
			t.Errorf("the session stands at %v, not in the structure that is left", at)
		}
		if got, want := m.wrote(t), "E-03:2 E-14:1|add_membership:1 designate_referent:1 end_membership:1 end_referent:1|"; got != want {
			t.Errorf("wrote %s, want %s", got, want)
		}
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			closed, err := m.Remove(ctx, tx, m.par(m.rose), in(m.leo, m.a), compte.Depart)
			if !closed {
				t.Error("the only membership ended, the account stays open")
			}
			return err
		})
		if _, p := m.load(t, m.leo); !p.Membre {
			t.Error("a closed account no longer shows in its structure")
		}
		refused(t, m.try(func(ctx context.Context, tx *db.Tx) error {
			return m.RemoveReferent(ctx, tx, m.par(m.rose), in(m.rose, m.a), compte.Fonctions)
		}), "soi_meme")
	})
}

func TestHabilite(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newBanc(t, d)
		refused(t, m.try(func(ctx context.Context, tx *db.Tx) error {
			return m.SetHabilite(ctx, tx, m.par(m.rose), in(m.alix, m.a), false)
		}), "pas_habilite_a_habiliter")
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			if err := m.SetHabilite(ctx, tx, parGestion, in(m.rose, m.a), true); err != nil {
				return err
			}
			return m.SetHabilite(ctx, tx, parGestion, in(m.alix, m.a), false)
		})
		if a, _ := m.load(t, m.rose); !a.Habilite || a.ReferentNonAidant {
			t.Errorf("%+v", a)
		}
		if a, _ := m.load(t, m.alix); a.Habilite || a.ReferentNonAidant {
			t.Errorf("%+v", a)
		}
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			return m.SetHabilite(ctx, tx, parGestion, in(m.rose, m.a), false)
		})
		if a, _ := m.load(t, m.rose); !a.ReferentNonAidant {
			t.Errorf("%+v", a)
		}
	})
}

func TestCreate(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newBanc(t, d)
		nouveau := aidant.Nouveau{Prenom: "Inès", Nom: "Neuve", Email: "ines@essais.example.org", Telephone: "06 12 34 56 78", Organisation: m.a.ID}
		var o compte.Ouverture
		create := func(par compte.Auteur, n aidant.Nouveau) error {
			return m.try(func(ctx context.Context, tx *db.Tx) (err error) {
				o, err = m.Create(ctx, tx, par, n)
				return err
			})
		}
		refused(t, create(m.par(m.rose), nouveau), "pas_habilite_a_habiliter")
		ok(t, create(compte.Programme, nouveau))
		if o.Existant || o.Aidant.Telephone != "+33612345678" {
			t.Errorf("%+v", o)
		}
		if got, want := m.wrote(t), "E-05:2 E-06:1||"; got != want {
			t.Errorf("wrote %s, want %s", got, want)
		}
		// The same person in another structure, then asleep, then closed.
		nouveau.Organisation = m.b.ID
		ok(t, create(compte.Programme, nouveau))
		if !o.Existant || o.Rouvert {
			t.Errorf("%+v", o)
		}
		ines := o.Aidant
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			return m.Deactivate(ctx, tx, compte.Programme, in(ines, m.a), compte.Inactivite)
		})
		ok(t, create(compte.Programme, nouveau))
		if !o.Existant || !o.Rouvert || !o.Aidant.Actif {
			t.Errorf("%+v", o)
		}
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			return m.Deactivate(ctx, tx, parGestion, in(ines, m.a), compte.Securite)
		})
		refused(t, create(parGestion, nouveau), "compte_ferme")
	})
}

// Two référents close each other at the same instant: one stays (A-W72).
func TestLastReferentRace(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newBanc(t, d)
		acts := []func(ctx context.Context, tx *db.Tx) error{
			func(ctx context.Context, tx *db.Tx) error {
				return m.Deactivate(ctx, tx, m.par(m.rose), in(m.leo, m.a), compte.Depart)
			},
			func(ctx context.Context, tx *db.Tx) error {
				return m.RemoveReferent(ctx, tx, m.par(m.leo), in(m.rose, m.a), compte.Fonctions)
			},
		}
		var wg sync.WaitGroup
		errs := make([]error, len(acts))
		for i, act := range acts {
			wg.Go(func() { errs[i] = m.try(act) })
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else if fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.NotFound {
				t.Error(err)
			}
		}
		if done != 1 {
			t.Errorf("%d of the two acts were done: %v", done, errs)
		}
		m.update(t, func(ctx context.Context, tx *db.Tx) error {
			left, err := aidant.Referents(ctx, tx, m.a.ID)
			if len(left) != 1 {
				t.Errorf("%d référents left", len(left))
			}
			return err
		})
	})
}

// Two deactivations at once: one line, one mail.
func TestParallelDeactivation(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newBanc(t, d)
		var wg sync.WaitGroup
		for _, who := range []aidant.Aidant{m.rose, m.leo, m.rose} {
			wg.Go(func() {
				err := m.try(func(ctx context.Context, tx *db.Tx) error {
					return m.Deactivate(ctx, tx, m.par(who), in(m.alix, m.a), compte.Absence)
				})
				if err != nil && fault.ReasonOf(err) != "deja_ferme" {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got, want := m.wrote(t), "E-09:1|deactivate_aidant:1|"; got != want {
			t.Errorf("wrote %s, want %s", got, want)
		}
	})
}

// Any failing statement leaves nothing behind.
func TestActsAreAllOrNothing(t *testing.T) {
	for name, act := range map[string]func(m *banc, ctx context.Context, tx *db.Tx) error{
		"désactiver": func(m *banc, ctx context.Context, tx *db.Tx) error {
			return m.Deactivate(ctx, tx, m.par(m.rose), in(m.alix, m.a), compte.Depart)
		},
		"désigner": func(m *banc, ctx context.Context, tx *db.Tx) error {
			return m.Designate(ctx, tx, m.par(m.rose), in(m.alix, m.a))
		},
		"retirer le rôle": func(m *banc, ctx context.Context, tx *db.Tx) error {
			return m.RemoveReferent(ctx, tx, m.par(m.rose), in(m.leo, m.a), compte.Fonctions)
		},
		"rattacher": func(m *banc, ctx context.Context, tx *db.Tx) error {
			return m.AddMembership(ctx, tx, parGestion, in(m.alix, m.b))
		},
		"droit de mandat": func(m *banc, ctx context.Context, tx *db.Tx) error {
			return m.SetHabilite(ctx, tx, parGestion, in(m.alix, m.a), false)
		},
		"ouvrir": func(m *banc, ctx context.Context, tx *db.Tx) error {
			_, err := m.Create(ctx, tx, parGestion, aidant.Nouveau{Prenom: "I", Nom: "N", Email: "i.n@essais.example.org", Organisation: m.a.ID, Referent: true})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.EachDB(t, func(t *testing.T, d *db.DB) {
				m := newBanc(t, d)
				testkit.FailEachStatement(t, d, func() error {
					return m.try(func(ctx context.Context, tx *db.Tx) error { return act(m, ctx, tx) })
				})
			})
		})
	}
	t.Run("retirer, réactiver", func(t *testing.T) {
		testkit.EachDB(t, func(t *testing.T, d *db.DB) {
			m := newBanc(t, d)
			m.update(t, func(ctx context.Context, tx *db.Tx) error {
				if err := m.AddMembership(ctx, tx, parGestion, in(m.leo, m.b)); err != nil {
					return err
				}
				return m.Deactivate(ctx, tx, parGestion, in(m.alix, m.a), compte.Autre)
			})
			testkit.FailEachStatement(t, d, func() error {
				return m.try(func(ctx context.Context, tx *db.Tx) error {
					return m.EndMembership(ctx, tx, m.par(m.rose), in(m.leo, m.a), compte.Depart)
				})
			})
			testkit.FailEachStatement(t, d, func() error {
				return m.try(func(ctx context.Context, tx *db.Tx) error {
					return m.Reactivate(ctx, tx, m.par(m.rose), in(m.alix, m.a))
				})
			})
		})
	})
}
