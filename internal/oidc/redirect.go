package oidc

import (
	"net/url"
	"strings"
)

// CodeURL is the address of a successful answer (FI-16).
func CodeURL(r AuthRequest, issuer string, code text) string {
	return answer(r, issuer, "code", code.Reveal())
}

// ErrorURL is the address of a refusal. description is ASCII and tells nothing
// of a person; empty leaves it out.
func ErrorURL(r AuthRequest, issuer, code, description string) string {
	if description == "" {
		return answer(r, issuer, "error", code)
	}
	return answer(r, issuer, "error", code, "error_description", description)
}

// answer adds the parameters to the registered address, keeping its own query
// byte for byte. iss is always there (RFC 9207 §2), state only if one came: an
// empty state would match nothing at the client.
func answer(r AuthRequest, issuer string, kv ...string) string {
	if r.State != "" {
		kv = append(kv, "state", r.State)
	}
	return addQuery(r.RedirectURI, append(kv, "iss", issuer)...)
}

// LogoutURL is where the browser goes after the end of a connection (FI-71).
func LogoutURL(uri, state string) string {
	if state == "" {
		return uri
	}
	return addQuery(uri, "state", state)
}

func addQuery(uri string, kv ...string) string {
	var b strings.Builder
	b.WriteString(uri)
	sep := byte('?')
	if i := strings.IndexByte(uri, '?'); i >= 0 {
		sep = '&'
		if i == len(uri)-1 || uri[len(uri)-1] == '&' {
			sep = 0
		}
	}
	for i := 0; i+1 < len(kv); i += 2 {
		if sep != 0 {
			b.WriteByte(sep)
		}
		sep = '&'
		b.WriteString(url.QueryEscape(kv[i]) + "=" + url.QueryEscape(kv[i+1]))
	}
	return b.String()
}
