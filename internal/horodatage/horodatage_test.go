package horodatage_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/horodatage"
	"aidantsconnect/internal/outgoing"
	"aidantsconnect/internal/testkit"

	"github.com/digitorus/timestamp"
)

var empreinte = sha256.Sum256([]byte("point de contrôle"))

func authority(t *testing.T, h *testkit.Horodateur) horodatage.Autorite {
	t.Helper()
	roots, err := horodatage.ReadRacines(h.PEM)
	if err != nil {
		t.Fatal(err)
	}
	return horodatage.Autorite{URL: h.URL, Racines: roots, HTTP: outgoing.NewClient(5 * time.Second)}
}

func TestAskAndVerify(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	a := authority(t, testkit.NewHorodateur(t, clock.Now))
	answer, d, err := a.Ask(t.Context(), empreinte)
	if err != nil || !d.Instant.Equal(testkit.Start) || d.Autorite != "Horodatage d’essai" || d.Precision != time.Second {
		t.Fatalf("%+v, %v", d, err)
	}
	// Kept, it verifies again, offline, when the certificate has expired long since.
	if again, err := horodatage.Verify(answer, empreinte, a.Racines); err != nil || again != d {
		t.Errorf("%+v, %v", again, err)
	}
	other := authority(t, testkit.NewHorodateur(t, clock.Now))
	for name, do := range map[string]func() (horodatage.Date, error){
		"another digest":  func() (horodatage.Date, error) { return horodatage.Verify(answer, sha256.Sum256(nil), a.Racines) },
		"another root":    func() (horodatage.Date, error) { return horodatage.Verify(answer, empreinte, other.Racines) },
		"nobody to trust": func() (horodatage.Date, error) { return horodatage.Verify(answer, empreinte, nil) },
		"nothing":         func() (horodatage.Date, error) { return horodatage.Verify(nil, empreinte, a.Racines) },
		"something after": func() (horodatage.Date, error) { return horodatage.Verify(append(answer, 0), empreinte, a.Racines) },
		"too long":        func() (horodatage.Date, error) { return horodatage.Verify(make([]byte, 1<<20), empreinte, a.Racines) },
		"cut in its middle": func() (horodatage.Date, error) {
			return horodatage.Verify(answer[:len(answer)/2], empreinte, a.Racines)
		},
	} {
		if _, err := do(); !errors.Is(err, horodatage.ErrFaux) {
			t.Errorf("%s: %v", name, err)
		}
	}
	accepted := 0
	for i := range answer { // one bit anywhere: refused, or it says the same
		changed := append([]byte(nil), answer...)
		changed[i] ^= 1
		got, err := horodatage.Verify(changed, empreinte, a.Racines)
		if err == nil && got != d {
			t.Errorf("byte %d changed: %+v", i, got)
		}
		if err == nil {
			accepted++
		}
	}
	if accepted > len(answer)/10 { // what nobody signs: the status text, unused fields
		t.Errorf("%d bytes of %d may be changed", accepted, len(answer))
	}
}

func TestAuthoritiesRefused(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	both := testkit.NewHorodateur(t, clock.Now, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageCodeSigning)
	replay := testkit.NewHorodateur(t, clock.Now)
	replay.Change = func(q *timestamp.Request) { q.Nonce = big.NewInt(7) }
	elsewhere := testkit.NewHorodateur(t, clock.Now)
	elsewhere.Change = func(q *timestamp.Request) { q.HashedMessage = make([]byte, 32) }
	bare := testkit.NewHorodateur(t, clock.Now)
	bare.Change = func(q *timestamp.Request) { q.Certificates = false }
	unknown := testkit.NewHorodateur(t, clock.Now)
	unknown.Faux.Store(true)
	late := testkit.NewHorodateur(t, clock.Now)
	late.Clock = func() time.Time { return testkit.Start.AddDate(2, 0, 0) }
	silent := testkit.NewHorodateur(t, clock.Now)
	silent.Muet.Store(true)
	for name, c := range map[string]struct {
		h    *testkit.Horodateur
		want error
	}{
		"a key that signs code too": {both, horodatage.ErrFaux}, "another nonce": {replay, horodatage.ErrFaux}, "another digest": {elsewhere, horodatage.ErrFaux},
		"no certificate": {bare, horodatage.ErrFaux}, "an unknown root": {unknown, horodatage.ErrFaux}, "an expired certificate": {late, horodatage.ErrFaux},
		"a silent one": {silent, horodatage.ErrMuette},
	} {
		if _, _, err := authority(t, c.h).Ask(t.Context(), empreinte); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, body := range map[string]string{"a page": "<html>", "endless": strings.Repeat("x", 2<<20)} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/timestamp-reply")
			_, _ = w.Write([]byte(body))
		}))
		a := authority(t, silent)
		a.URL = s.URL
		if _, _, err := a.Ask(t.Context(), empreinte); err == nil {
			t.Errorf("%s is a date", name)
		}
		s.Close()
	}
}

func TestReadRacines(t *testing.T) {
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})
	for _, s := range []string{"", "texte", string(key)} {
		if _, err := horodatage.ReadRacines([]byte(s)); err == nil {
			t.Errorf("%q is trusted", s)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte{}, []byte{})
	f.Add([]byte{0x30, 0x80}, []byte("x"))
	f.Fuzz(func(t *testing.T, reponse, _ []byte) {
		if _, err := horodatage.Verify(reponse, empreinte, x509.NewCertPool()); !errors.Is(err, horodatage.ErrFaux) {
			t.Errorf("%v", err)
		}
	})
}
