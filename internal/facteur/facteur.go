// Package facteur holds the second factors of the accounts and accepts their
// codes: six digits, once each, with a delay after failures (comptes 3).
//
// A person has several factors: an application (30 s codes), a card (60 s,
// imported in a stock, linked, validated), passkeys and security keys
// (WebAuthn), printed recovery codes. Seeds are sealed; nobody but the owner is
// ever shown one, and only while it is being enrolled (A-W11, A-W12). The
// window around the learned drift never widens: two consecutive codes reset the
// drift instead (A-W9). Self-service never removes the last factor (A-W78);
// every removal has a reason (A-W79).
//
// For the packages above. Every act takes the caller's transaction, writes its
// journal lines and queues its mails:
//
//	Coffre.Verify                  a six-digit code, or a ten-digit recovery code
//	Coffre.BeginAssertion          a challenge for a passkey: options for the page, identifier of the row
//	Coffre.FinishAssertion         judges the browser's answer; says whose key it is
//	Coffre.Resynchronise           two consecutive codes
//	Coffre.Invite                  lets somebody enrol an application (référent, gestion)
//	Coffre.LinkCard, ValidateCard  a card of the stock
//	Coffre.Remove                  any factor, a card included, with its reason
//	Coffre.ImportCards, RetireCard the stock
//	Load                           what an account has, without any secret
//
// The caller closes the other sessions at a removal through Coffre.CloseOthers.
//
// Tables: facteur, facteur_essai, facteur_cle, facteur_defi, facteur_attente,
// facteur_secours, facteur_invitation, facteur_retrait, carte.
// It serves no URL: the pages of one's own factors are enrolement's.
// Journal: invite_factor, confirm_factor, remove_factor, resynchronise_factor,
// create_recovery_codes, use_recovery_code, card_association, card_validation,
// card_dissociation, import_totp_cards, import_card.
// Sign-in, the re-check and « Mon code est refusé » belong to connexion.
package facteur

import (
	"crypto/hmac"
	"crypto/sha1" // RFC 6238's default, what every application and card computes
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

// GraineTaille is the length of a new TOTP secret, in bytes (RFC 4226 §4 R6).
const GraineTaille = 20

// Tolerance is how many steps around the learned drift are accepted.
const Tolerance = 1

// Recherche is how many steps around the drift a resynchronisation looks.
const Recherche = 30

const (
	maxDelay      = 15 * time.Minute
	codeTaille    = 6
	secoursTaille = 10 // digits: typed on a numeric keyboard, read over the phone
)

// Resultat is the outcome of one attempt. Motif is "" when accepted, else
// "code_faux", "code_deja_servi", "delai", "trop_de_resync" or "aucun_facteur".
// Prochain is when another attempt, or another code, makes sense. Facteur and
// Genre say what was accepted: Application, Carte or Secours, whose Restants
// are left.
type Resultat struct {
	Accepte  bool
	Motif    string
	Prochain time.Time
	Facteur  ident.FacteurID
	Genre    Genre
	Restants int
	Echecs   int64 // wrong codes in a row, this one included
}

// Judged tells whether the code was looked at: during the delay none is.
func (r Resultat) Judged() bool { return r.Motif != "delai" && r.Motif != "trop_de_resync" }

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
	case "trop_de_resync":
		return fmt.Sprintf("Plusieurs essais ont déjà été faits. Réessayez dans %s.", seconds(wait))
	case "aucun_facteur":
		return "Aucun moyen de connexion n'est associé à votre compte. Adressez-vous à votre référent."
	}
	return "Ce code n'est pas le bon. Vérifiez l'heure de votre téléphone et saisissez le code affiché en ce moment."
}

// AvisPaire is the sentence for two codes that were refused together.
func (r Resultat) AvisPaire(now time.Time) string {
	if r.Motif == "code_faux" {
		return "Ces deux codes ne se suivent pas, ou ne sont pas d’un de vos moyens de connexion. Attendez deux nouveaux codes et saisissez-les dans l’ordre."
	}
	return r.Avis(now)
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
// unless there are six, a code of an application or of a card, or as many as a
// recovery code has.
func NormalizeCode(s string) (string, bool) {
	s = digits(s)
	if len(s) != codeTaille && len(s) != secoursTaille || strings.Trim(s, "0123456789") != "" {
		return "", false
	}
	return s, true
}

// NormalizeTOTP is NormalizeCode for a code of an application or of a card only.
func NormalizeTOTP(s string) (string, bool) {
	s, ok := NormalizeCode(s)
	return s, ok && len(s) == codeTaille
}

// NormalizeActivation reads the activation code of an invitation.
func NormalizeActivation(s string) (string, bool) {
	s = digits(s)
	return s, len(s) == activationTaille && strings.Trim(s, "0123456789") == ""
}

// digits drops what people type between the groups of a code.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '-', '.':
			return -1
		}
		return r
	}, s)
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
// its drift stays within the tolerance of what the last resynchronisation
// fixed, so that the code of the moment is always in the window, however late
// the last ones were typed. A card's clock does wander, and is followed.
func learn(ecart, calage, secondes int64) int64 {
	if secondes != 30 {
		return ecart
	}
	return max(calage-Tolerance, min(calage+Tolerance, ecart))
}

// matchPair looks for two consecutive codes around the drifted step and gives
// the step of the second. The whole range is always computed.
func matchPair(graine []byte, codes [2]string, centre, dernier int64) (pas int64, found bool) {
	for d := int64(-Recherche); d <= Recherche; d++ {
		p := centre + d
		first := secret.Equal([]byte(Code(graine, p-1)), []byte(codes[0]))
		second := secret.Equal([]byte(Code(graine, p)), []byte(codes[1]))
		if first && second && p-1 > dernier {
			pas, found = p, true
		}
	}
	return pas, found
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
