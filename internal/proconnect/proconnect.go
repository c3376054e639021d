// Package proconnect signs professionals in through ProConnect, as an optional
// first factor in place of the e-mail link (franceconnect.md §17, PC-01 to
// PC-06). The protocol is that of franceconnect.Client, under another
// registration; the session is opened by connexion.
//
// ProConnect never makes an account: it opens one that exists. The first time,
// the account found by its e-mail is tied to the person at ProConnect, once its
// holder has confirmed it with their own second factor: a code, a recovery code,
// or an access key, judged as at the sign-in. It is asked each time, unless
// ProConnect says that it checked two factors itself.
//
// Tables: proconnect_compte, proconnect_session.
// The holder sees the tie in their profile and undoes it there.
//
// URLs: /proconnect/, /proconnect/retour/, /proconnect/code/, /proconnect/cle/,
// /proconnect/structure/, /proconnect/deconnexion/, /proconnect/fin/,
// /espace-aidant/profil/proconnect.
// Journal: login_failed, link_proconnect, unlink_proconnect; connexion writes
// connect_aidant. Mail: E-44.
//
// It keeps no access token, and no name.
package proconnect

import (
	"strings"
	"time"

	"aidantsconnect/internal/franceconnect"
)

// The delays.
const (
	vieDemande = 10 * time.Minute // from the button to the return
	vieAttente = 10 * time.Minute // from the return to the code
	vieSession = 12 * time.Hour   // ProConnect's own session
)

// suiteDe is what a return comes to.
type suiteDe int

// The outcomes.
const (
	inconnu   suiteDe = iota // no open account: nothing is created (PC-03)
	entrer                   // tied, and two factors were checked there (PC-04)
	demander                 // tied: our own second factor is asked
	confirmer                // found by e-mail: to be tied, with a code (PC-02)
)

// juge decides what a verified return leads to. An account found by its e-mail
// only is never entered without a code of its own, whatever the level.
func juge(relie, connu bool, acr string) suiteDe {
	switch {
	case relie && franceconnect.DeuxFacteurs(acr):
		return entrer
	case relie:
		return demander
	case connu:
		return confirmer
	}
	return inconnu
}

// memeStructure tells whether the SIRET chosen at ProConnect is one of the
// account's; unknown on either side says nothing (PC-05).
func memeStructure(siret string, sirets []string) bool {
	clean := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	if siret = clean(siret); siret == "" || len(sirets) == 0 {
		return true
	}
	for _, s := range sirets {
		if clean(s) == siret {
			return true
		}
	}
	return false
}

// preuve is when ProConnect last checked two factors: never in the future, and
// long ago when it does not say (its session of 12 hours answers by itself).
func preuve(authTime, now time.Time) time.Time {
	if authTime.IsZero() {
		return time.Unix(0, 0)
	}
	if authTime.After(now) {
		return now
	}
	return authTime
}

// avis says in French why a leg failed; {id} is the reference.
var avis = map[string]string{
	franceconnect.CleAbandon:      "La connexion avec ProConnect a été abandonnée.",
	franceconnect.CleIndisponible: "ProConnect ne répond pas. Réessayez dans quelques minutes, ou connectez-vous avec votre adresse électronique.",
	franceconnect.ClePanne:        "ProConnect a rencontré une erreur (référence {id}). Connectez-vous avec votre adresse électronique.",
	franceconnect.CleConfig:       "Notre service est mal réglé pour ProConnect. Vous n’y êtes pour rien : prévenez le support (référence {id}).",
	franceconnect.CleDelai:        "La connexion a pris trop de temps. Recommencez.",
	franceconnect.CleVerification: "La réponse de ProConnect n’a pas pu être vérifiée. Par sécurité, rien n’a été fait. Prévenez le support (référence {id}).",
	franceconnect.CleReprise:      "Cette page ne correspond plus à une connexion en cours. Recommencez depuis la page de connexion.",
}

// texteDe is what a person reads of a failure.
func texteDe(e *franceconnect.Erreur) string {
	t, ok := avis[e.Cle]
	if !ok {
		t = avis[franceconnect.ClePanne]
	}
	return strings.ReplaceAll(t, "{id}", e.ID)
}
