package textos

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/web"
)

// Retour is how a call of the provider is known to be its own: a signature, the
// networks it comes from, or both when both are set.
type Retour struct {
	Secret  secret.Text
	Reseaux []netip.Prefix
}

// EnTete carries the signature: "t=SECONDS,v1=HEX", the HMAC-SHA256 of
// "SECONDS.BODY" with the shared secret.
const EnTete = "X-Signature-SMS"

// tolerance is how old a signature may be: beyond it, a call is a replay.
const tolerance = 5 * time.Minute

// SecretMin is the length of a shared secret, at least.
const SecretMin = 32

// Possible tells whether calls can be authenticated.
func (r Retour) Possible() bool { return r.Secret != "" || len(r.Reseaux) > 0 }

// Sign is what a provider, or the adapter before it, writes in EnTete.
func Sign(s secret.Text, body []byte, now time.Time) string {
	t := strconv.FormatInt(now.Unix(), 10)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac(s, t, body))
}

func mac(s secret.Text, t string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(s.Reveal()))
	h.Write([]byte(t + "."))
	h.Write(body)
	return h.Sum(nil)
}

// authentic tells whether a call is the provider's.
func (r Retour) authentic(q *http.Request, body []byte, now time.Time) bool {
	if !r.Possible() {
		return false
	}
	if len(r.Reseaux) > 0 && !r.within(web.ClientIP(q)) {
		return false
	}
	return r.Secret == "" || r.signed(q.Header.Get(EnTete), body, now)
}

func (r Retour) within(ip netip.Addr) bool {
	for _, p := range r.Reseaux {
		if p.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

func (r Retour) signed(header string, body []byte, now time.Time) bool {
	t, v, ok := strings.Cut(strings.TrimPrefix(header, "t="), ",v1=")
	at, err := strconv.ParseInt(t, 10, 64)
	got, bad := hex.DecodeString(v)
	if !ok || err != nil || bad != nil {
		return false
	}
	age := now.Sub(time.Unix(at, 0))
	return age.Abs() <= tolerance && secret.Equal(got, mac(r.Secret, t, body))
}
