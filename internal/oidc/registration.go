package oidc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"

	"aidantsconnect/internal/secret"
)

// The two ways a client may prove who it is (FI-41).
const (
	SecretPost  = "client_secret_post"
	SecretBasic = "client_secret_basic"
)

// Registration is one client of our provider. Algorithms, methods and addresses
// come from here and never from a constant in the code (FC-01). The JSON names
// are those of OpenID Connect Dynamic Client Registration, the secrets excepted
// (there may be two during a rotation).
type Registration struct {
	ClientID               string        `json:"client_id"`
	Nom                    string        `json:"client_name,omitempty"` // shown: « Revenir à {Nom} »
	Secrets                []secret.Text `json:"client_secrets"`        // the first one signs in HS256
	RedirectURIs           []string      `json:"redirect_uris"`
	PostLogoutRedirectURIs []string      `json:"post_logout_redirect_uris,omitempty"`
	IDTokenAlg             string        `json:"id_token_signed_response_alg,omitempty"` // default ES256
	UserinfoAlg            string        `json:"userinfo_signed_response_alg,omitempty"` // "" = plain JSON
	TokenAuthMethods       []string      `json:"token_endpoint_auth_methods,omitempty"`  // default client_secret_post

	// Encryption to the client (FI-63): "" for none, else ECDH-ES, RSA-OAEP-256
	// or RSA-OAEP, with A256GCM.
	IDTokenEncAlg  string `json:"id_token_encrypted_response_alg,omitempty"`
	IDTokenEncEnc  string `json:"id_token_encrypted_response_enc,omitempty"`
	UserinfoEncAlg string `json:"userinfo_encrypted_response_alg,omitempty"`
	UserinfoEncEnc string `json:"userinfo_encrypted_response_enc,omitempty"`
	JWKSURI        string `json:"jwks_uri,omitempty"` // where the client publishes its encryption keys
}

// LogValue keeps the secrets out of the log.
func (r Registration) LogValue() slog.Value {
	return slog.GroupValue(slog.String("client_id", r.ClientID), slog.String("nom", r.Nom))
}

// Name is what pages call this client.
func (r Registration) Name() string {
	if r.Nom != "" {
		return r.Nom
	}
	return "FranceConnect"
}

// Registrations is the list of clients.
type Registrations []Registration

// Find gives the client of this identifier.
func (rs Registrations) Find(clientID string) (Registration, bool) {
	for _, r := range rs {
		if r.ClientID == clientID && clientID != "" {
			return r, true
		}
	}
	return Registration{}, false
}

// Origins gives the scheme and host of every redirect address, for the CSP
// form-action directive (FC-07).
func (rs Registrations) Origins() []string {
	var out []string
	for _, r := range rs {
		for _, list := range [][]string{r.RedirectURIs, r.PostLogoutRedirectURIs} {
			for _, s := range list {
				if u, err := url.Parse(s); err == nil && u.Host != "" {
					out = append(out, u.Scheme+"://"+u.Host)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// PostLogout tells whether some client registered this address, byte for byte.
func (rs Registrations) PostLogout(uri string) bool {
	return slices.ContainsFunc(rs, func(r Registration) bool { return r.PostLogout(uri) })
}

// ParseRegistrations reads the JSON list of clients, fills the defaults and
// checks everything. The second result lists all mistakes at once, in French,
// because the operator reads them; the list is usable only when it is empty.
func ParseRegistrations(data []byte) (Registrations, []string) {
	var rs Registrations
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&rs); err != nil {
		return nil, []string{fmt.Sprintf("la liste des clients n'est pas un tableau JSON lisible : %v", err)}
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, []string{"la liste des clients est suivie d'un texte en trop"}
	}
	for i := range rs {
		if rs[i].IDTokenAlg == "" {
			rs[i].IDTokenAlg = ES256
		}
		if len(rs[i].TokenAuthMethods) == 0 {
			rs[i].TokenAuthMethods = []string{SecretPost}
		}
		// OpenID Connect Registration §2 would have A128CBC-HS256; we have one.
		if rs[i].IDTokenEncAlg != "" && rs[i].IDTokenEncEnc == "" {
			rs[i].IDTokenEncEnc = A256GCM
		}
		if rs[i].UserinfoEncAlg != "" && rs[i].UserinfoEncEnc == "" {
			rs[i].UserinfoEncEnc = A256GCM
		}
	}
	return rs, rs.Check()
}

// Check gives every mistake of the list, in French; none when it may be used.
func (rs Registrations) Check() []string {
	var out []string
	if len(rs) == 0 {
		out = append(out, "la liste des clients est vide")
	}
	seen := map[string]bool{}
	for i, r := range rs {
		name := r.ClientID
		if name == "" {
			name = fmt.Sprintf("n° %d", i+1)
		}
		for _, f := range r.check() {
			out = append(out, "client "+name+" : "+f)
		}
		if seen[r.ClientID] {
			out = append(out, "client "+name+" : client_id présent deux fois")
		}
		seen[r.ClientID] = true
	}
	return out
}

func (r Registration) check() []string {
	var out []string
	add := func(ok bool, format string, args ...any) {
		if !ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(r.ClientID != "" && len(r.ClientID) <= 256 && visible(r.ClientID), "client_id absent ou illisible")
	add(len(r.Secrets) == 1 || len(r.Secrets) == 2, "il faut un secret, ou deux pendant un changement")
	for _, s := range r.Secrets {
		// 32 bytes: RFC 7518 §3.2 for HS256, and M-W46 whatever the algorithm.
		add(len(s.Reveal()) >= 32, "un secret fait moins de 32 octets")
	}
	add(len(r.RedirectURIs) > 0, "redirect_uris est vide")
	for _, u := range r.RedirectURIs {
		add(usableURI(u), "redirect_uri inutilisable (https attendu, sans fragment) : %s", u)
	}
	for _, u := range r.PostLogoutRedirectURIs {
		add(usableURI(u), "post_logout_redirect_uri inutilisable (https attendu, sans fragment) : %s", u)
	}
	add(signs(r.IDTokenAlg), "algorithme d'id_token inconnu : %q (HS256, ES256 ou RS256)", r.IDTokenAlg)
	add(r.UserinfoAlg == "" || signs(r.UserinfoAlg), "algorithme de userinfo inconnu : %q (rien, HS256, ES256 ou RS256)", r.UserinfoAlg)
	for _, m := range r.TokenAuthMethods {
		add(m == SecretPost || m == SecretBasic, "méthode d'authentification inconnue : %q", m)
	}
	return append(out, r.checkEncryption()...)
}

func (r Registration) checkEncryption() []string {
	var out []string
	for _, e := range []struct{ what, alg, enc string }{
		{"id_token", r.IDTokenEncAlg, r.IDTokenEncEnc}, {"userinfo", r.UserinfoEncAlg, r.UserinfoEncEnc},
	} {
		switch {
		case e.alg == "" && e.enc != "":
			out = append(out, fmt.Sprintf("chiffrement de %s : %s_encrypted_response_alg manque", e.what, e.what))
		case e.alg != "" && !encrypts(e.alg):
			out = append(out, fmt.Sprintf("chiffrement de %s inconnu : %q (rien, ECDH-ES, RSA-OAEP-256 ou RSA-OAEP)", e.what, e.alg))
		case e.alg != "" && e.enc != A256GCM:
			out = append(out, fmt.Sprintf("chiffrement de %s : contenu en %q, et seul A256GCM existe", e.what, e.enc))
		}
	}
	if r.Encrypts() && r.JWKSURI == "" {
		out = append(out, "jwks_uri manque : c'est là que se lisent les clés pour chiffrer")
	}
	if r.JWKSURI != "" && !usableURI(r.JWKSURI) {
		out = append(out, "jwks_uri inutilisable (https attendu, sans fragment) : "+r.JWKSURI)
	}
	return out
}

// Uses tells whether the client is signed for with this algorithm, so that the
// key of an algorithm nobody uses is neither made nor published.
func (rs Registrations) Uses(alg string) bool {
	return slices.ContainsFunc(rs, func(r Registration) bool { return r.IDTokenAlg == alg || r.UserinfoAlg == alg })
}

func signs(alg string) bool { return alg == HS256 || alg == ES256 || alg == RS256 }

// usableURI accepts an absolute https address without fragment or user; http is
// accepted for localhost and *.localhost only (demo and tests).
func usableURI(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsRune(s, '#') || !visible(s) {
		return false
	}
	h := u.Hostname()
	local := h == "localhost" || strings.HasSuffix(h, ".localhost")
	return u.Scheme == "https" || u.Scheme == "http" && local
}

// visible tells whether s is made of printable ASCII without spaces.
func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
