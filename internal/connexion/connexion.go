// Package connexion signs the professionals in and out (comptes 2, 4).
//
// Two proofs are needed: the code of the second factor, checked first, then
// the link sent by e-mail, bound to the browser that asked for it, or the short
// code of the same mail typed in that browser. A GET of the link shows a button
// and changes nothing, so a mail scanner burns nothing; the POST consumes it.
// The web session lasts 24 h at most, is a row, and asks a code again after 15
// minutes without a request. Its token changes at each accepted code and when
// the rights of the person change.
//
// A browser where an account signed in is known to it for a year by a cookie.
// Wrong codes are counted for each known browser apart, and together for all
// the others, so that a stranger keeps nobody out. The first sign-in from a
// browser is told by e-mail, with a link that closes every session.
//
// A passkey or a security key replaces both proofs, and the code of the re-check.
// A référent without any factor enters once by SMS and e-mail, and is led to add
// one. Two consecutive codes set the clock of a card or an application again.
//
// Tables: lien_connexion, session_web, connexion_refusee, appareil,
// empreinte_connexion, premiere_connexion.
// URLs: /accounts/…, /email-envoye/…, /code/{cle}/, /ce-nest-pas-moi/{cle}/,
// /code-refuse/, /logout-session/, /activity_check/…, /espace-aidant/sessions/…,
// /espace-aidant/organisations/…, /espace-referent/configurer-otp/….
// Journal: connect_aidant, activity_check_aidant, login_failed, close_session,
// switch_organisation, first_connection.
package connexion

import (
	"strings"
	"time"

	"aidantsconnect/internal/actor"
)

// MaxEchecs is how many wrong codes in a row close a session at the re-check
// (comptes 4.2), and void a link whose short code is being guessed.
const MaxEchecs = 5

// vieLien is how long after the code a link may still serve, however often it
// was sent again (A-W10).
const vieLien = 10 * time.Minute

// alphabet of the short code of a sign-in mail: no vowel, so no word; no digit,
// so nobody takes it for the code of a second factor.
const (
	alphabet    = "BCDFGHJKLMNPQRSTVWXZ"
	codeLettres = 8
)

// shortCode writes random bytes in the alphabet: "KTRB-WMSD". Bytes of 240 and
// more are dropped: each letter is as likely as any other.
func shortCode(random func(n int) []byte) string {
	var out []byte
	for len(out) < codeLettres+1 {
		for _, b := range random(2 * codeLettres) {
			if int(b) >= 256/len(alphabet)*len(alphabet) || len(out) > codeLettres {
				continue
			}
			if len(out) == codeLettres/2 {
				out = append(out, '-')
			}
			out = append(out, alphabet[int(b)%len(alphabet)])
		}
	}
	return string(out)
}

// digitCode is the six digits of an SMS, each as likely as any other.
func digitCode(random func(n int) []byte) string {
	var out []byte
	for len(out) < 6 {
		for _, b := range random(12) {
			if b < 250 && len(out) < 6 {
				out = append(out, '0'+b%10)
			}
		}
	}
	return string(out)
}

// normalizeShortCode keeps the letters of what was typed ("ktrb wmsd"); ok is
// false unless it has the form of a code.
func normalizeShortCode(s string) (string, bool) {
	var out []byte
	for _, c := range []byte(strings.ToUpper(s)) {
		switch {
		case c == ' ' || c == '-' || c == '.':
		case strings.IndexByte(alphabet, c) >= 0 && len(out) < codeLettres+1:
			if len(out) == codeLettres/2 {
				out = append(out, '-')
			}
			out = append(out, c)
		default:
			return "", false
		}
	}
	return string(out), len(out) == codeLettres+1
}

// rights says in a few letters what a session is for: the token is renewed when
// they change (A-W77).
func rights(a actor.Actor) string {
	s := "v1:" + a.Organisation.String() + ":" + string(a.Role) + ":"
	for i, yes := range []bool{a.CanCreateMandats, a.MembreActif, a.Referent, a.ReferentNonAidant, a.OrganisationActive} {
		if yes {
			s += string("hmrno"[i])
		}
	}
	return s
}

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
