// Package facteur holds the second factors of the accounts and accepts their
// codes: six digits, once each, with a delay after failures (comptes 3).
//
// Only TOTP (RFC 6238) for now: applications (30 s) and cards (60 s). The
// window around the learned drift never widens (A-W9); resynchronisation,
// passkeys and recovery codes belong to another issue.
//
// Tables: facteur, facteur_essai.
// It serves no URL. Journal: confirm_facteur.
package facteur

import (
	"crypto/hmac"
	"crypto/sha1" // RFC 6238's default, what every application and card computes
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"aidantsconnect/internal/secret"
)

// GraineTaille is the length of a new TOTP secret, in bytes (RFC 4226 §4 R6).
const GraineTaille = 20

// Tolerance is how many steps around the learned drift are accepted.
const Tolerance = 1

const maxDelay = 15 * time.Minute

// Resultat is the outcome of one attempt. Motif is "" when accepted, else
// "code_faux", "code_deja_servi", "delai" or "aucun_facteur". Prochain is when
// another attempt, or another code, makes sense.
type Resultat struct {
	Accepte  bool
	Motif    string
	Prochain time.Time
}

// Judged tells whether the code was looked at: during the delay none is.
func (r Resultat) Judged() bool { return r.Motif != "delai" }

// Avis is the French sentence for a refused code, shown to a person who is
// already signed in. Before sign-in one neutral sentence serves for all (A-W73).
func (r Resultat) Avis(now time.Time) string {
	wait := max(1, int(r.Prochain.Sub(now).Round(time.Second).Seconds()))
	switch r.Motif {
	case "":
		return ""
	case "code_deja_servi":
		return fmt.Sprintf("Ce code a déjà servi. Attendez le code suivant : il apparaîtra dans %s.", seconds(wait))
	case "delai":
		return fmt.Sprintf("Plusieurs codes faux ont été saisis. Réessayez dans %s.", seconds(wait))
	case "aucun_facteur":
		return "Aucun moyen de connexion n'est associé à votre compte. Adressez-vous à votre référent."
	}
	return "Ce code n'est pas le bon. Vérifiez l'heure de votre téléphone et saisissez le code affiché en ce moment."
}

func seconds(n int) string {
	if n < 60 {
		return fmt.Sprintf("%d seconde%s", n, plural(n))
	}
	m := (n + 59) / 60
	return fmt.Sprintf("%d minute%s", m, plural(m))
}

func plural(n int) string {
	if n > 1 {
		return "s"
	}
	return ""
}

// Code computes the six digits of a step (RFC 4226 §5.3, RFC 6238 §4).
func Code(graine []byte, pas int64) string {
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(pas))
	m := hmac.New(sha1.New, graine)
	m.Write(counter[:])
	h := m.Sum(nil)
	o := h[len(h)-1] & 0x0f
	n := binary.BigEndian.Uint32(h[o:o+4]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// Pas is the step of an instant.
func Pas(now time.Time, secondes int64) int64 { return now.Unix() / secondes }

// Delay is the wait after n failures in a row: 1, 2, 4… seconds, capped at
// 15 minutes (A-W8).
func Delay(n int64) time.Duration {
	if n < 1 {
		return 0
	}
	if n > 11 {
		return maxDelay
	}
	return min(time.Second<<(n-1), maxDelay)
}

// NormalizeCode keeps the digits of what was typed ("123 456"); ok is false
// unless there are exactly six.
func NormalizeCode(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\u202f' {
			return -1
		}
		return r
	}, s)
	if len(s) != 6 || strings.Trim(s, "0123456789") != "" {
		return "", false
	}
	return s, true
}

// ParseGraine reads a base32 secret as applications show it.
func ParseGraine(s string) ([]byte, error) {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(s))
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
	if err != nil || len(b) < 10 {
		return nil, fmt.Errorf("parse TOTP secret: want at least 10 bytes of base32")
	}
	return b, nil
}

// EncodeGraine writes a secret as applications read it.
func EncodeGraine(b []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
}

// learn gives the drift to keep after an acceptance. A phone keeps the time:
// its drift stays within the tolerance, so that the code of the moment is
// always in the window, however late the last ones were typed. A card's clock
// does wander, and its drift is followed.
func learn(ecart, secondes int64) int64 {
	if secondes != 30 {
		return ecart
	}
	return max(-Tolerance, min(Tolerance, ecart))
}

// match looks for the code around the drifted step, in constant time for each
// candidate. fresh is false when it only matches a step already used.
func match(graine []byte, code string, centre, dernier int64) (pas int64, found, fresh bool) {
	for d := int64(-Tolerance); d <= Tolerance; d++ {
		p := centre + d
		if !secret.Equal([]byte(Code(graine, p)), []byte(code)) {
			continue
		}
		if p > dernier {
			return p, true, true
		}
		pas, found = p, true
	}
	return pas, found, false
}
