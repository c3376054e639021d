package main

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/go-jose/go-jose/v4"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/oidc"
	"aidantsconnect/internal/secret"
)

// algorithmes is what each profile of registration costs, on one core and
// without a database: what /token and /userinfo add to their transaction.
type algorithmes struct {
	Brute   resultat `json:"signature_es256_brute"` // crypto/ecdsa alone: the unit of the ratios
	Profils []profil `json:"profils"`
}

// profil is one answer under one registration.
type profil struct {
	Reponse     string   `json:"reponse"` // id_token or userinfo
	Signature   string   `json:"signature"`
	Chiffrement string   `json:"chiffrement"`
	Mesure      resultat `json:"mesure"`
	Rapport     float64  `json:"rapport"` // of the medians: a machine that does something else moves it less
}

// cles is a key ring in memory.
type cles []oidc.Key

// Current implements oidc.Keys.
func (c cles) Current(alg string) (oidc.Key, bool) {
	for _, k := range c {
		if k.Alg == alg {
			return k, true
		}
	}
	return oidc.Key{}, false
}

// Find implements oidc.Keys.
func (c cles) Find(kid string) (oidc.Key, bool) {
	for _, k := range c {
		if k.Kid == kid {
			return k, true
		}
	}
	return oidc.Key{}, false
}

// Published implements oidc.Keys.
func (c cles) Published() []oidc.Key { return c }

// The parts of the matrix.
const (
	jsonSimple = "JSON simple"
	enClair    = "en clair"
)

// matrix measures every profile that a registration may ask for.
func matrix(ctx context.Context, length time.Duration) (a algorithmes, err error) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return a, err
	}
	rs, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return a, err
	}
	ks := deuxCotes{ours: cles{{Kid: "es", Alg: oidc.ES256, Signer: ec, Public: ec.Public()}, {Kid: "rs", Alg: oidc.RS256, Signer: rs, Public: rs.Public()}}}
	ks.theirs, err = clientKeys(map[string]crypto.PublicKey{oidc.ECDHES: ec.Public(), oidc.RSAOAEP256: rs.Public()})
	if err != nil {
		return a, err
	}
	sum := sha256.Sum256([]byte("ce qui est signé dans un jeton"))
	a.Brute, err = repeat(ctx, nil, 1, length, func(int) error {
		_, err := ecdsa.SignASN1(rand.Reader, ec, sum[:])
		return err
	})
	if err != nil {
		return a, err
	}
	for _, reponse := range []string{"id_token", "userinfo"} {
		for _, alg := range []string{"", oidc.HS256, oidc.ES256, oidc.RS256} {
			for _, enc := range []string{"", oidc.ECDHES, oidc.RSAOAEP256} {
				if reponse == "id_token" && alg == "" {
					continue // an ID token is always signed
				}
				p := profil{Reponse: reponse, Signature: cmp.Or(alg, jsonSimple), Chiffrement: cmp.Or(enc, enClair)}
				if p.Mesure, err = repeat(ctx, nil, 1, length, ks.answer(reponse, alg, enc)); err != nil {
					return a, fmt.Errorf("%s, %s, %s : %w", reponse, p.Signature, p.Chiffrement, err)
				}
				p.Rapport = p.Mesure.P50 / a.Brute.P50
				a.Profils = append(a.Profils, p)
			}
		}
	}
	return a, nil
}

func clientKeys(keys map[string]crypto.PublicKey) (oidc.ClientKeys, error) {
	var set jose.JSONWebKeySet
	for alg, k := range keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: k, KeyID: alg, Use: "enc", Algorithm: alg})
	}
	doc, err := json.Marshal(set)
	if err != nil {
		return oidc.ClientKeys{}, err
	}
	return oidc.ParseClientKeys(doc)
}

// deuxCotes are our keys, that sign, and the client's, that encrypt.
type deuxCotes struct {
	ours   cles
	theirs oidc.ClientKeys
}

// answer makes the answer of one registration, as /token and /userinfo do.
func (k deuxCotes) answer(reponse, alg, enc string) func(int) error {
	r := oidc.Registration{
		ClientID: idFI, Secrets: []secret.Text{secretFI}, IDTokenAlg: alg, UserinfoAlg: alg, IDTokenEncAlg: enc, UserinfoEncAlg: enc,
	}
	at := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	if reponse == "id_token" {
		t := oidc.IDToken{
			Issuer: "https://aidants.example", Sub: secret.NewToken().Reveal(), Nonce: secret.NewToken().Reveal(), Date: at, AuthTime: at,
			AMR: []string{"mail", "otp", "mfa"}, AccessToken: secret.NewToken(), Demarche: demarche.Famille,
		}
		return func(int) error {
			_, err := r.MakeIDToken(t, k.ours, k.theirs)
			return err
		}
	}
	i := oidc.Identity{
		Sub: secret.NewToken().Reveal(), GivenName: "Odile Simone", FamilyName: "VASSELIN", Gender: "female", Birthdate: "1951-11-04",
		Birthplace: "80021", Birthcountry: oidc.France, Email: "odile@example.org",
	}
	scopes := []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail, oidc.ScopeBirth}
	as := oidc.Assertion{Issuer: "https://aidants.example", Date: at, Keys: k.ours, Client: k.theirs}
	return func(int) error {
		body, _, err := r.Userinfo(i, scopes, as)
		if len(body) == 0 {
			return errors.Join(err, errors.New("empty answer"))
		}
		return err
	}
}

func (a algorithmes) print(out io.Writer) {
	fmt.Fprintln(out, "\nAlgorithmes, sur un cœur, sans base : temps d'une réponse, et combien de signatures ES256 brutes il vaut")
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "réponse\tsignature\tchiffrement\tdébit\tp50\tp99\trapport\t\n")
	row := func(p profil) {
		fmt.Fprintf(w, "%s\t%s\t%s\t%.0f /s\t%.3f ms\t%.3f ms\t%.2f\t\n", p.Reponse, p.Signature, p.Chiffrement, p.Mesure.ParSeconde, p.Mesure.P50, p.Mesure.P99, p.Rapport)
	}
	row(profil{"-", "ES256 brute", "-", a.Brute, 1})
	for _, p := range a.Profils {
		row(p)
	}
	_ = w.Flush()
}
