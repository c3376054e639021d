package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/facteur"
)

// conclusions has n clients post récapitulatifs that wait, each by its own
// aidant with a fresh code, until none is left or the time is over.
func (b *banc) conclusions(ctx context.Context, door porte, n int, stock []aSigner) (resultat, error) {
	// They were signed in a while ago: the note of their activity, at most once
	// a minute, is not part of an act.
	if err := b.s.DB.Update(ctx, func(tx *db.Tx) error { return touchSessions(ctx, tx) }); err != nil {
		return resultat{}, err
	}
	var next atomic.Int64
	return repeat(ctx, b.s.DB, n, b.duree, func(int) error {
		i := int(next.Add(1)) - 1
		if i >= len(stock) {
			return errFin
		}
		w, err := b.navigateur(door, stock[i].secretSession).post(ctx, "/espace-aidant/creation_mandat/recapitulatif/", url.Values{
			"dossier": {stock[i].dossier.String()}, "identite": {"on"}, "identite_bis": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"},
			"otp_token": {facteur.Code(stock[i].graine, facteur.Pas(b.horloge.Now(), 30))},
		}, http.StatusSeeOther)
		if err != nil {
			return err
		}
		_, err = w.location("/espace-aidant/creation_mandat/visualisation/final/", "")
		return err
	})
}

// choices has n clients show the page where the person is chosen, on the first
// page of the list or after a search.
func (b *banc) choices(ctx context.Context, door porte, n int, words string) (resultat, error) {
	navigateurs := make([]navigateur, n)
	demandes := make([]string, n)
	for i := range n {
		var err error
		navigateurs[i] = b.navigateur(door, b.clients[i])
		if demandes[i], err = b.authorize(ctx, navigateurs[i]); err != nil {
			return resultat{}, err
		}
		if words == "" {
			continue
		}
		w, err := navigateurs[i].post(ctx, "/select_usager/", url.Values{"demande": {demandes[i]}, "recherche": {words}}, http.StatusSeeOther)
		if err != nil {
			return resultat{}, err
		}
		cookie, _, _ := strings.Cut(w.entete.Get("Set-Cookie"), ";")
		navigateurs[i].temoins += "; " + cookie
	}
	return repeat(ctx, b.s.DB, n, b.pagesDuree(), func(client int) error {
		_, err := navigateurs[client].get(ctx, "/select_usager/?demande="+demandes[client], http.StatusOK)
		return err
	})
}

// pages has n clients show one page.
func (b *banc) pages(ctx context.Context, door porte, n int, path string) (resultat, error) {
	r, err := repeat(ctx, b.s.DB, n, b.pagesDuree(), func(client int) error {
		_, err := b.navigateur(door, b.clients[client]).get(ctx, path, http.StatusOK)
		return err
	})
	if e, ok := errors.AsType[*inattendu](err); ok && e.statut == http.StatusNotFound {
		return resultat{Manque: "page absente"}, nil
	}
	return r, err
}

// pagesDuree is shorter: a page is a short thing.
func (b *banc) pagesDuree() time.Duration { return b.duree * 3 / 5 }
