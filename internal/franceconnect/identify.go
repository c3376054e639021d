package franceconnect

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"golang.org/x/oauth2"

	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/secret"
)

// maxAnswer bounds what we read of one answer (FC-02).
const maxAnswer = 1 << 20

// maxIDToken bounds an ID token, which is kept and goes back in an address at
// the logout; theirs are under 1 KiB.
const maxIDToken = 8 << 10

// Identify exchanges the code and gives the verified identity (FS-13 to FS-16).
// On failure the error is an *Erreur and Resultat holds at most the raw ID
// token: as soon as it is not empty the caller must log out (FS-17).
func (c *Client) Identify(ctx context.Context, code, nonce secret.Text) (Resultat, error) {
	r, err := c.prove(ctx, code, nonce)
	return r.Resultat, err
}

// prove runs the calls of a leg, FranceConnect's or ProConnect's.
func (c *Client) prove(ctx context.Context, code, nonce secret.Text) (ResultatPro, error) {
	if code == "" || len(nonce) < minRandom {
		return ResultatPro{}, errWeakRandom
	}
	p, e := c.provider(ctx)
	if e != nil {
		return ResultatPro{}, c.fail(ctx, "discovery", e)
	}
	r, step, e := c.identify(ctx, p, code, nonce)
	if e == nil {
		return r, nil
	}
	switch e.Cle {
	case CleIndisponible, ClePanne, CleVerification, CleConfig:
		c.doubt(p) // endpoints or keys may have moved
	}
	return ResultatPro{Resultat: Resultat{IDToken: r.IDToken}}, c.fail(ctx, step, e)
}

func (c *Client) identify(ctx context.Context, p *provider, code, nonce secret.Text) (r ResultatPro, step string, e *Erreur) {
	access, raw, e := c.exchange(ctx, p, code, nonce)
	r.IDToken = raw
	if e != nil {
		return r, "token", e
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	id, e := c.verifyIDToken(ctx, p, raw, access, nonce)
	if e != nil {
		return r, "id_token", e
	}
	r.Acr, r.AuthTime = id.acr, id.authTime
	payload, e := c.userinfo(ctx, p, access, id.sub)
	if e == nil {
		e = c.decode(payload, &r)
	}
	if e != nil {
		return r, "userinfo", e
	}
	if c.cfg.FIUid != "" && r.Claims.IdpID == c.cfg.FIUid { // FS-32
		return r, "idp_id", newErreur(CleBoucle, "", "the identity comes from our own FI")
	}
	return r, "", nil
}

// exchange redeems the code (FS-13). One retry, and only when no connection was
// made: the code is single use and a second POST could meet its own ghost.
func (c *Client) exchange(ctx context.Context, p *provider, code, nonce secret.Text) (access, idToken secret.Text, e *Erreur) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	hc := c.client("token")
	hc.Transport = strict{hc.Transport}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, hc)
	var opts []oauth2.AuthCodeOption
	if c.cfg.PKCE {
		opts = append(opts, oauth2.VerifierOption(c.verifier(nonce)))
	}
	tok, err := c.oauth(p).Exchange(ctx, code.Reveal(), opts...)
	if err != nil && neverConnected(err) && ctx.Err() == nil {
		tok, err = c.oauth(p).Exchange(ctx, code.Reveal(), opts...)
	}
	if err != nil {
		return "", "", tokenError(ctx, err)
	}
	raw, _ := tok.Extra("id_token").(string)
	if raw == "" {
		return "", "", newErreur(ClePanne, "reponse", "token: no id_token in the answer")
	}
	if len(raw) > maxIDToken { // no address could hold it: no logout by it (FS-36)
		return "", "", newErreur(CleVerification, "", "token: id_token too long")
	}
	if !strings.EqualFold(tok.TokenType, "Bearer") { // RFC 6749 §7.1
		return "", secret.Text(raw), newErreur(ClePanne, "reponse", "token: token_type is not Bearer")
	}
	return secret.Text(tok.AccessToken), secret.Text(raw), nil
}

// errAnswer is an answer that is neither a token answer nor an error of RFC 6749.
var errAnswer = errors.New("unexpected status or content type")

// strict refuses what the library would take for a token answer: another 2xx, a
// form instead of JSON (RFC 6749 §5.1). Errors go through, their body is read.
type strict struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t strict) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.base.RoundTrip(r)
	if err != nil || resp.StatusCode >= 300 {
		return resp, err
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != http.StatusOK || kind != "application/json" {
		_ = resp.Body.Close()
		return nil, errAnswer
	}
	return resp, nil
}

// neverConnected tells that the request cannot have reached FranceConnect.
func neverConnected(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// tokenError types what the library reports. A RetrieveError holds the whole
// body: only the words of RFC 6749 §5.2 are taken from it (M-W36).
func tokenError(ctx context.Context, err error) *Erreur {
	re, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return transportError(ctx, err)
	}
	if re.ErrorCode != "" {
		return oauthError(re.ErrorCode, re.ErrorDescription, re.ErrorURI)
	}
	status := 0
	if re.Response != nil {
		status = re.Response.StatusCode
	}
	return answer{status: status}.refusal("token")
}

// decode reads the verified claims, of the one or the other.
func (c *Client) decode(payload []byte, r *ResultatPro) *Erreur {
	var err error
	if c.cfg.Pro {
		r.Professionnel, err = decodeProfessionnel(payload)
	} else {
		r.Claims, err = decodeClaims(payload)
	}
	if err != nil {
		return newErreur(CleVerification, "", err.Error())
	}
	return nil
}

// userinfo reads the identity (FS-15): GET, token in the header only. It gives
// the payload, verified.
func (c *Client) userinfo(ctx context.Context, p *provider, access secret.Text, sub string) ([]byte, *Erreur) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Userinfo, nil)
	if err != nil {
		return nil, newErreur(CleConfig, "userinfo_endpoint", "userinfo_endpoint unusable")
	}
	req.Header.Set("Authorization", "Bearer "+access.Reveal())
	want := "application/jwt"
	if c.cfg.UserinfoJSON {
		want = "application/json"
	}
	req.Header.Set("Accept", want)
	a, e := c.read(req, "userinfo")
	if e != nil {
		return nil, e
	}
	if a.status != http.StatusOK {
		return nil, a.refusal("userinfo")
	}
	if a.mediaType != want {
		return nil, newErreur(CleVerification, "", "userinfo: content type is not "+want)
	}
	if c.cfg.UserinfoJSON {
		return checkSub(a.body, sub)
	}
	return c.verifyUserinfo(ctx, p, strings.TrimSpace(string(a.body)), sub)
}

// answer is a whole answer, read within its bounds.
type answer struct {
	status    int
	mediaType string
	body      []byte
}

// read sends req and reads its answer to the end.
func (c *Client) read(req *http.Request, step string) (answer, *Erreur) {
	resp, err := c.client(step).Do(req)
	if err != nil {
		return answer{}, transportError(req.Context(), err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(body) > maxAnswer {
		err = outgoing.ErrTooLarge
	}
	if err != nil {
		return answer{}, transportError(req.Context(), err)
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	return answer{status: resp.StatusCode, mediaType: kind, body: body}, nil
}

// refusal types an answer whose status is not 200.
func (a answer) refusal(step string) *Erreur {
	var b struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		URI         string `json:"error_uri"`
	}
	if a.mediaType == "application/json" && json.Unmarshal(a.body, &b) == nil && b.Error != "" {
		return oauthError(b.Error, b.Description, b.URI)
	}
	switch a.status {
	case http.StatusUnauthorized:
		if step == "userinfo" { // the access token lives 60 s
			return newErreur(CleDelai, "http_401", "userinfo: 401")
		}
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusTooManyRequests:
		return newErreur(CleIndisponible, "http_"+itoa(a.status), step+": status "+itoa(a.status))
	}
	return newErreur(ClePanne, "http_"+itoa(a.status), step+": status "+itoa(a.status))
}

// transportError types a failure to get a whole answer, in fixed words: an error
// of net/http may quote bytes of the answer.
func transportError(ctx context.Context, err error) *Erreur {
	timeout, isNet := errors.AsType[net.Error](err)
	_, isURL := errors.AsType[*url.Error](err)
	op, isOp := errors.AsType[*net.OpError](err)
	_, isDNS := errors.AsType[*net.DNSError](err)
	switch {
	case errors.Is(err, outgoing.ErrRedirect):
		return newErreur(ClePanne, "reponse", "redirect refused")
	case errors.Is(err, outgoing.ErrTooLarge):
		return newErreur(ClePanne, "reponse", "answer too large")
	case errors.Is(err, errAnswer):
		return newErreur(ClePanne, "reponse", errAnswer.Error())
	case ctx.Err() != nil || (isNet && timeout.Timeout()):
		return newErreur(CleIndisponible, "delai", "no answer in time")
	case isDNS:
		return newErreur(CleIndisponible, "reseau", "name not resolved")
	case isOp:
		cause := "network: " + op.Op
		if errno, ok := errors.AsType[syscall.Errno](err); ok {
			cause += ": " + errno.Error()
		}
		return newErreur(CleIndisponible, "reseau", cause)
	case isURL:
		return newErreur(CleIndisponible, "reseau", "network: the call failed")
	}
	return newErreur(ClePanne, "reponse", "truncated or unreadable answer")
}
