package compte

import (
	"context"
	"slices"
	"time"

	"aidantsconnect/internal/aidant"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/outbox"
	"aidantsconnect/internal/web"
)

// The kinds of message of inactivity (comptes 14).
const (
	genreAvertissement = "E-08"
	genreRappel        = "E-10"
)

// The delays of inactivity (comptes 1.5). Months are those of the calendar.
const (
	moisAvertissement = 5
	moisFermeture     = 1
	joursRappel       = 90
)

// ToWarn tells whether the closing of an account for inactivity is to be
// announced: its reference date is five months old (A-W25).
func ToWarn(a aidant.Aidant, now time.Time) bool {
	return a.Actif && a.DateAvertissement.IsZero() && !a.DateReference().AddDate(0, moisAvertissement, 0).After(now)
}

// ToClose tells whether an account that was warned a month ago, and was not
// used since, closes.
func ToClose(a aidant.Aidant, now time.Time) bool {
	return a.Actif && !a.DateAvertissement.IsZero() && !a.DateAvertissement.AddDate(0, moisFermeture, 0).After(now) &&
		!a.DateReference().AddDate(0, moisAvertissement, 0).After(now)
}

// ToRemind tells whether somebody who may conclude mandats, and did nothing for
// 90 days, is reminded: once per idle period, which begins at their latest act
// (A-W27). activity is zero for who never did anything: their period begins
// with the account, or its reopening.
func ToRemind(a aidant.Aidant, activity, now time.Time) bool {
	if !a.Actif || !a.Habilite || !a.Relances {
		return false
	}
	from := activity
	for _, t := range []time.Time{a.DateCreation, a.DateEtat} {
		if t.After(from) {
			from = t
		}
	}
	return !from.Add(joursRappel*24*time.Hour).After(now) && !a.DateRappel.After(from)
}

// Warn writes E-08 to the accounts that will close in a month (T-06).
func (s *Actes) Warn(ctx context.Context, d *db.DB) (int, error) {
	return s.eachIdle(ctx, d, func(tx *db.Tx, a aidant.Aidant) (bool, error) {
		if !ToWarn(a, tx.Now.Time()) {
			return false, nil
		}
		if err := aidant.NoteWarned(ctx, tx, a.ID); err != nil {
			return false, err
		}
		return true, s.Outbox.Queue(ctx, tx, s.mailWarning(a, tx.Now.AddDate(0, moisFermeture, 0).Time()))
	})
}

// CloseIdle closes the accounts warned a month ago that nobody used since
// (T-07), with E-09.
func (s *Actes) CloseIdle(ctx context.Context, d *db.DB) (int, error) {
	return s.eachIdle(ctx, d, func(tx *db.Tx, a aidant.Aidant) (bool, error) {
		if !ToClose(a, tx.Now.Time()) {
			return false, nil
		}
		orgs, err := aidant.Structures(ctx, tx, a.ID)
		if err != nil {
			return false, err
		}
		c := Cible{Aidant: a.ID}
		if len(orgs) > 0 {
			c.Organisation = orgs[0]
		}
		err = s.Deactivate(ctx, tx, Programme, c, Inactivite)
		if fault.Is(err, fault.Conflict) {
			return false, nil // closed meanwhile
		}
		return err == nil, err
	})
}

// eachIdle runs one transaction per account whose reference date is old enough;
// the account is read again in it, so that a sign-in meanwhile counts and a
// second run finds nothing.
func (s *Actes) eachIdle(ctx context.Context, d *db.DB, act func(tx *db.Tx, a aidant.Aidant) (bool, error)) (int, error) {
	var people []aidant.Aidant
	err := d.View(ctx, func(tx *db.Tx) (err error) {
		people, err = aidant.IdleSince(ctx, tx, tx.Now.AddDate(0, -moisAvertissement, 3)) // months have their own lengths
		return err
	})
	return each(ctx, d, people, err, act)
}

// each runs an act for each of some accounts, in a transaction of its own. One
// that fails does not keep the others waiting.
func each(ctx context.Context, d *db.DB, people []aidant.Aidant, err error, act func(tx *db.Tx, a aidant.Aidant) (bool, error)) (int, error) {
	if err != nil {
		return 0, err
	}
	n := 0
	var failure error
	for _, p := range people {
		var did bool
		err := d.Update(ctx, func(tx *db.Tx) error {
			a, err := aidant.Load(ctx, tx, p.ID)
			if err != nil {
				return err
			}
			did, err = act(tx, a)
			return err
		})
		switch {
		case ctx.Err() != nil:
			return n, ctx.Err()
		case err != nil:
			failure = err
		case did:
			n++
		}
	}
	return n, failure
}

// Remind writes E-10 to those who did nothing for 90 days (T-08). activities
// tells the latest act of each account that did one.
func (s *Actes) Remind(ctx context.Context, d *db.DB, activities func(context.Context, *db.Tx) (map[string]time.Time, error)) (int, error) {
	var last map[string]time.Time
	var people []aidant.Aidant
	err := d.View(ctx, func(tx *db.Tx) (err error) {
		if last, err = activities(ctx, tx); err != nil {
			return err
		}
		people, err = aidant.Remindable(ctx, tx)
		people = slices.DeleteFunc(people, func(a aidant.Aidant) bool { return !ToRemind(a, last[a.ID.String()], tx.Now.Time()) })
		return err
	})
	return each(ctx, d, people, err, func(tx *db.Tx, a aidant.Aidant) (bool, error) {
		if !ToRemind(a, last[a.ID.String()], tx.Now.Time()) {
			return false, nil
		}
		if err := aidant.NoteReminded(ctx, tx, a.ID); err != nil {
			return false, err
		}
		_, ever := last[a.ID.String()]
		return true, s.Outbox.Queue(ctx, tx, s.mailReminder(a, ever))
	})
}

// mailWarning is E-08: kind, with the one useful step (R9.1).
func (s *Actes) mailWarning(a aidant.Aidant, until time.Time) outbox.Message {
	return s.write(genreAvertissement, a, "Aidants Connect — Réactivez votre compte", func(c *outbox.Corps) {
		c.P("Cela fait cinq mois que vous ne vous êtes pas connecté. Nous espérons que tout va bien.")
		c.P("Par sécurité, un compte qui ne sert pas est mis en sommeil. Le vôtre le sera le %s. Pour le garder, connectez-vous une fois avant : cela suffit.", web.DateLongue(until))
		c.Lien("Me connecter", s.url(cheminConnexion))
		c.P("Vous n’en avez plus besoin ? Ne faites rien. Vos mandats restent à votre structure, et votre référent pourra rouvrir votre compte plus tard.")
	})
}

// mailReminder is E-10; who never did anything is led to the first steps.
func (s *Actes) mailReminder(a aidant.Aidant, ever bool) outbox.Message {
	return s.write(genreRappel, a, "Accompagnez vos usagers avec Aidants Connect", func(c *outbox.Corps) {
		if ever {
			c.P("Cela fait trois mois que vous n’avez pas utilisé Aidants Connect. La prochaine fois qu’une personne a besoin d’aide en ligne, un mandat se conclut en un quart d’heure.")
			c.Lien("Ouvrir mon espace", s.url(cheminEspace))
		} else {
			c.P("Votre compte Aidants Connect est prêt, et vous n’avez pas encore fait de premier mandat. C’est souvent la première fois qui coûte : votre page d’accueil vous guide pas à pas, et vous pouvez vous arrêter et reprendre.")
			c.Lien("Reprendre mes premiers pas", s.url(cheminEspace))
		}
		c.P("Vous préférez ne plus recevoir ce rappel ? Décochez-le dans votre profil : %s", s.url(CheminProfil))
	})
}
