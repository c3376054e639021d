// Package connexion signs the professionals in and out (comptes 2, 4).
//
// Two proofs are needed: the code of the second factor, checked first, then
// the link sent by e-mail, bound to the browser that asked for it. A GET of
// the link shows a button and changes nothing, so a mail scanner burns
// nothing; the POST consumes it. The web session lasts 24 h at most, is a row,
// and asks a code again after 15 minutes without a request.
//
// Tables: lien_connexion, session_web, connexion_refusee.
// URLs: /accounts/login/, /email-envoye/, /code/{cle}/, /logout-session/,
// /activity_check/.
// Journal: connect_aidant, activity_check_aidant, login_failed.
package connexion

import "time"

// MaxEchecs is how many wrong codes in a row close a session at the re-check
// (comptes 4.2).
const MaxEchecs = 5

// Battement spaces the refusals of a sign-in: each leaves at a whole number of
// them after it began, so that its time does not tell how much work it was.
const Battement = 100 * time.Millisecond

// Durees are the delays of the package. Zero values are the defaults.
type Durees struct {
	Lien     time.Duration // life of a sign-in link: 300 s, at most 600 s
	Session  time.Duration // absolute life of a web session: 24 h at most
	Reprise  time.Duration // inactivity before a code is asked again: 15 min, at most 30 min
	Activite time.Duration // activity is written at most this often: 1 min
}

// WithDefaults fills what is missing and bounds what is too long (comptes 1.5).
func (d Durees) WithDefaults() Durees {
	return Durees{
		Lien:     bounded(d.Lien, 300*time.Second, 600*time.Second),
		Session:  bounded(d.Session, 24*time.Hour, 24*time.Hour),
		Reprise:  bounded(d.Reprise, 15*time.Minute, 30*time.Minute),
		Activite: bounded(d.Activite, time.Minute, 5*time.Minute),
	}
}

func bounded(d, byDefault, most time.Duration) time.Duration {
	if d <= 0 {
		return byDefault
	}
	return min(d, most)
}

// Stale tells whether a code must be asked again. Strict: at exactly the
// threshold it is asked.
func (d Durees) Stale(now, lastActivity time.Time) bool {
	return now.Sub(lastActivity) >= d.Reprise
}

// Neutral is the only answer to a wrong sign-in, whatever is wrong (A-W73).
const Neutral = "Les informations saisies ne permettent pas de vous identifier."
