package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/web"
)

// The steps of a use whose time is told apart.
const (
	etapeChoix = iota
	etapeToken
	etapeUserinfo
	nombreEtapes
)

// usages is a measure of full uses, with the steps that others wait for.
type usages struct {
	resultat
	Choix    resultat `json:"page_de_choix"`
	Token    resultat `json:"token"`
	Userinfo resultat `json:"userinfo"`
}

// uses has n aidants use mandats one after the other, each of a person taken
// at random, from /authorize to /userinfo.
func (b *banc) uses(ctx context.Context, door porte, n int) (u usages, err error) {
	var mu sync.Mutex
	var steps [nombreEtapes][]time.Duration
	var turns [parallele]int
	begin := time.Now()
	var d *db.DB // its commits are not seen when another process serves
	if b.s != nil {
		d = b.s.DB
	}
	u.resultat, err = repeat(ctx, d, n, b.duree, func(client int) error {
		var times [nombreEtapes]time.Duration
		p := b.grande.personnes[rand.IntN(len(b.grande.personnes))]
		turns[client]++
		who := b.clients[(client+n*turns[client])%len(b.clients)]
		err := b.use(ctx, b.navigateur(door, who), p, &times)
		mu.Lock()
		defer mu.Unlock()
		for i, t := range times {
			steps[i] = append(steps[i], t)
		}
		return err
	})
	if err != nil {
		return u, err
	}
	length := time.Since(begin)
	u.Choix, u.Token, u.Userinfo = summary(steps[etapeChoix], length), summary(steps[etapeToken], length), summary(steps[etapeUserinfo], length)
	return u, nil
}

// use is a whole use: what the aidant's browser does, then FranceConnect.
func (b *banc) use(ctx context.Context, n navigateur, p personne, times *[nombreEtapes]time.Duration) error {
	demande, err := b.authorize(ctx, n)
	if err != nil {
		return err
	}
	begin := time.Now()
	if _, err := n.get(ctx, "/select_usager/?demande="+demande, http.StatusOK); err != nil {
		return err
	}
	times[etapeChoix] = time.Since(begin)
	org := b.grande.ID.String()
	form := url.Values{"demande": {demande}, "usager": {p.ID.String()}, web.ChampOrganisation: {org}}
	chosen, err := n.post(ctx, "/select_usager/", form, http.StatusSeeOther)
	if err != nil {
		return err
	}
	if _, err := chosen.location("/select_demarche/", "demande"); err != nil {
		return err
	}
	if _, err := n.get(ctx, "/select_demarche/?demande="+demande, http.StatusOK); err != nil {
		return err
	}
	form = url.Values{"demande": {demande}, "demarche": {p.demarche()}, "presence": {"present"}, web.ChampOrganisation: {org}}
	w, err := n.post(ctx, "/select_demarche/", form, http.StatusSeeOther)
	if err != nil {
		return err
	}
	code, err := w.location(retourFI, "code")
	if err != nil {
		return err
	}
	return exchange(ctx, navigateur{porte: n.porte, origine: n.origine}, code, p, times)
}

// demarche is one that the last mandat of the person covers.
func (p personne) demarche() string { return string(p.demarches[rand.IntN(len(p.demarches))]) }

// authorize opens a request of FranceConnect and gives its handle.
func (b *banc) authorize(ctx context.Context, n navigateur) (string, error) {
	q := url.Values{
		"client_id": {idFI}, "redirect_uri": {retourFI}, "response_type": {"code"}, "scope": {"openid profile email birth"}, "acr_values": {"eidas1"},
		"state": {rand32()}, "nonce": {rand32()}, "prompt": {"login"}, "claims": {`{"id_token":{"rep_scope":{"essential":true,"values":[]}}}`},
	}
	w, err := n.get(ctx, "/authorize/?"+q.Encode(), http.StatusSeeOther)
	if err != nil {
		return "", err
	}
	return w.location("/select_usager/", "demande")
}

func rand32() string {
	return fmt.Sprintf("%016x%016x%016x%016x", rand.Uint64(), rand.Uint64(), rand.Uint64(), rand.Uint64())
}

// exchange is FranceConnect's part: the code for a token, the token for the
// identity, which must be the person's.
func exchange(ctx context.Context, fc navigateur, code string, p personne, times *[nombreEtapes]time.Duration) error {
	begin := time.Now()
	w, err := fc.post(ctx, "/token/", url.Values{
		"client_id": {idFI}, "client_secret": {secretFI}, "grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {retourFI},
	}, http.StatusOK)
	if err != nil {
		return err
	}
	times[etapeToken] = time.Since(begin)
	var answer struct {
		AccessToken string `json:"access_token"`
		IDToken     string `json:"id_token"`
	}
	if err := json.Unmarshal(w.corps, &answer); err != nil || strings.Count(answer.IDToken, ".") != 2 {
		return fmt.Errorf("unexpected token answer: %w", err)
	}
	begin = time.Now()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, fc.origine+"/userinfo/", http.NoBody)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+answer.AccessToken)
	if w, err = fc.send(r, http.StatusOK); err != nil {
		return err
	}
	times[etapeUserinfo] = time.Since(begin)
	return checkIdentity(string(w.corps), p)
}

func checkIdentity(jwt string, p personne) error {
	_, rest, _ := strings.Cut(jwt, ".")
	payload, _, _ := strings.Cut(rest, ".")
	b, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return fmt.Errorf("read identity: %w", err)
	}
	var got struct {
		Sub        string `json:"sub"`
		FamilyName string `json:"family_name"`
	}
	if err := json.Unmarshal(b, &got); err != nil || got.Sub != p.Sub || got.FamilyName != p.FamilyName {
		return fmt.Errorf("another person's identity came back: %w", err)
	}
	return nil
}
