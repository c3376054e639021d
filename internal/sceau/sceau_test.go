package sceau_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/sceau"
	"aidantsconnect/internal/testkit"
)

var jour = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func printed(t *testing.T) []byte {
	t.Helper()
	b, err := pdf.FromHTML([]byte("<article><h1>Essai</h1><p>Un document à sceller.</p></article>"), pdf.Meta{Titre: "Essai", Auteur: "Essai", Langue: "fr-FR", Date: jour})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A file is sealed with an RSA and with an ECDSA key; our reader, poppler's and
// openssl's agree on it, and on what was changed.
func TestSeal(t *testing.T) {
	a := testkit.NewAutorite(t, jour)
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"rsa": k, "ecdsa": testkit.NewCleEC(t)} {
		t.Run(name, func(t *testing.T) {
			c := a.Read(key)
			file, err := pdf.Attach(printed(t), []byte(`{"essai":1}`))
			if err != nil {
				t.Fatal(err)
			}
			signed, err := pdf.Sign(file, pdf.Signature{Date: jour, Max: 8000, Sign: c.Sign})
			if err != nil {
				t.Fatal(err)
			}
			again, s, err := pdf.Unsign(signed)
			if err != nil || s == nil || !bytes.Equal(again, file) || !s.Date.Equal(jour) {
				t.Fatalf("unsign: %v", err)
			}
			who, err := sceau.Verify(s.CMS, s.Contenu, s.Date, a.Pool())
			if err != nil || !who.Reconnu || who.Nom != "Structure d’essai" || who.Emetteur != "Autorité d’essai" || who.Empreinte != c.Empreinte() {
				t.Fatalf("verify: %+v %v", who, err)
			}
			if who, err := sceau.Verify(s.CMS, s.Contenu, s.Date, testkit.NewAutorite(t, jour).Pool()); err != nil || who.Reconnu {
				t.Errorf("another authority: %+v %v", who, err)
			}
			if _, err := sceau.Verify(s.CMS, s.Contenu, jour.AddDate(2, 0, 0), nil); !errors.Is(err, sceau.ErrFaux) {
				t.Errorf("out of its dates: %v", err)
			}
			for _, i := range []int{0, len(s.Contenu) / 2, len(s.Contenu) - 1} {
				changed := bytes.Clone(s.Contenu)
				changed[i] ^= 1
				if _, err := sceau.Verify(s.CMS, changed, s.Date, nil); !errors.Is(err, sceau.ErrFaux) {
					t.Errorf("byte %d changed: %v", i, err)
				}
			}
			for i := range s.CMS {
				changed := bytes.Clone(s.CMS)
				changed[i] ^= 1
				if _, err := sceau.Verify(changed, s.Contenu, s.Date, nil); !errors.Is(err, sceau.ErrFaux) {
					t.Errorf("byte %d of the seal changed: %v", i, err)
				}
			}
			others(t, a, signed, s)
		})
	}
}

// others has poppler and openssl read the seal.
func others(t *testing.T, a testkit.Autorite, signed []byte, s *pdf.Signe) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out, err := exec.Command("pdfsig", "-nocert", write("a.pdf", signed)).CombinedOutput()
	for _, want := range []string{"Signature is Valid.", "Total document signed", "ETSI.CAdES.detached", "SHA-256", "Sceau"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("pdfsig does not say %q: %v\n%s", want, err, out)
		}
	}
	out, err = exec.Command("openssl", "cms", "-verify", "-inform", "DER", "-binary", "-cades", "-purpose", "any", "-attime", fmt.Sprint(jour.Unix()),
		"-in", write("a.p7s", s.CMS), "-content", write("a.bin", s.Contenu), "-CAfile", write("a.pem", a.PEM()), "-out", os.DevNull).CombinedOutput()
	if err != nil {
		t.Errorf("openssl: %v\n%s", err, out)
	}
}

// What could not seal is refused, and says why; a key never prints.
func TestRead(t *testing.T) {
	a := testkit.NewAutorite(t, jour)
	k := testkit.NewCleEC(t)
	certs, key := a.Certify(k)
	_, otherKey := a.Certify(testkit.NewCleEC(t))
	weak, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	weakCerts, weakKey := a.Certify(weak)
	expired, _ := a.Certify(k, func(c *x509.Certificate) { c.NotAfter = jour.Add(-time.Hour) })
	early, _ := a.Certify(k, func(c *x509.Certificate) { c.NotBefore = jour.Add(time.Hour) })
	wrong, _ := a.Certify(k, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment })
	for name, x := range map[string]struct {
		certs, key []byte
		want       error
	}{
		"both":            {certs, key, nil},
		"one file":        {append(bytes.Clone(key), certs...), append(bytes.Clone(certs), key...), nil},
		"no certificate":  {key, key, sceau.ErrIllisible},
		"not PEM":         {[]byte("x"), key, sceau.ErrIllisible},
		"no key":          {certs, certs, sceau.ErrCle},
		"another's key":   {certs, otherKey, sceau.ErrDisjoint},
		"weak":            {weakCerts, weakKey, sceau.ErrCle},
		"expired":         {expired, key, sceau.ErrPerime},
		"not yet":         {early, key, sceau.ErrPerime},
		"for encryption":  {wrong, key, sceau.ErrUsage},
		"out of order":    {append(a.PEM(), certs...), key, sceau.ErrChaine},
		"a long chain":    {bytes.Repeat(a.PEM(), 7), key, sceau.ErrTropLongue},
		"certificate bad": {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), key, sceau.ErrIllisible},
	} {
		if _, err := sceau.Read(x.certs, x.key, jour); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := sceau.Read(certs, key, jour)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "c", c)
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%#v", c), log.String()} {
		if !strings.Contains(s, "[certificat "+c.Empreinte()+"]") || len(s) > 200 {
			t.Errorf("it prints %q", s)
		}
	}
	if c.At(jour.AddDate(2, 0, 0)) != nil || c.At(jour) != c || (*sceau.Certificat)(nil).At(jour) != nil {
		t.Error("the dates of a certificate")
	}
}

// A seal that somebody else added, or two, or a file changed behind it, is not
// one of ours.
func TestUnsign(t *testing.T) {
	c := testkit.NewAutorite(t, jour).Read(testkit.NewCleEC(t))
	file, err := pdf.Attach(printed(t), []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := pdf.Sign(file, pdf.Signature{Date: jour, Max: 4000, Sign: c.Sign})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := pdf.Detach(signed); err != nil {
		t.Errorf("detach: %v", err)
	}
	if _, err := pdf.Sign(signed, pdf.Signature{Date: jour, Max: 4000, Sign: c.Sign}); !errors.Is(err, pdf.ErrPiece) {
		t.Errorf("signed twice: %v", err)
	}
	if _, err := pdf.Sign(file, pdf.Signature{Date: jour, Max: 10, Sign: c.Sign}); err == nil {
		t.Error("a signature went in too small a room")
	}
	for name, b := range map[string][]byte{
		"a byte of the update": bytes.Replace(signed, []byte("/F 132"), []byte("/F 130"), 1),
		"upper case":           bytes.Replace(signed, []byte("<30"), []byte("<3G"), 1),
		"a byte more":          append(bytes.Clone(signed), '\n'),
	} {
		if _, _, err := pdf.Detach(b); !errors.Is(err, pdf.ErrPiece) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
