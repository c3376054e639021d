package web

import (
	"net/http"
	"strings"
)

// permissions turns every feature off, passkeys excepted (comptes 12).
const permissions = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), " +
	"display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), " +
	"local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), serial=(), " +
	"storage-access=(), usb=(), xr-spatial-tracking=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"

// CheminCSP is where browsers tell what the content policy refused.
const CheminCSP = "/csp/"

// contentPolicy is the CSP of stack.md. formAction adds origins, because
// Chromium applies form-action to every hop of the redirect that answers a form.
func contentPolicy(formAction []string) string {
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'",
		strings.TrimSpace("form-action 'self' " + strings.Join(formAction, " ")),
		"base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "report-uri " + CheminCSP,
	}, "; ")
}

func (m *Mux) setHeaders(h http.Header, q *request) {
	h.Set("Content-Security-Policy", m.csp[0])
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", permissions)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Request-Id", q.id)
	if m.hsts {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// AllowFormAction lets the forms of this page lead to the origins of
// Config.FormAction. It is called by the page that shows the form, before it
// is rendered, whenever the form's answer, or an answer after it, may redirect
// to FranceConnect: mandat, choice of the usager, sign-in, re-check (FC-07).
func AllowFormAction(w http.ResponseWriter) {
	if rw := responseOf(w); rw != nil {
		rw.formAction = true
	}
}

// NoReferrer keeps this page's address, which holds a secret, from the next.
func NoReferrer(w http.ResponseWriter) { w.Header().Set("Referrer-Policy", "no-referrer") }

// Cacheable lets anybody keep this answer for some seconds. Only for what is
// the same for everybody: keys, discovery, texts without header.
func Cacheable(w http.ResponseWriter, cacheControl string) {
	w.Header().Set("Cache-Control", cacheControl)
}
