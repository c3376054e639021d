package attestation_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/sceau"
	"aidantsconnect/internal/testkit"
)

// With the operator's certificate each PDF is sealed twice; its record says by
// which certificate, so that a seal can be neither taken off, nor added, nor
// replaced; after another certificate, and after it is past its dates, what was
// sealed is verified still.
func TestOperatorSeal(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	a, other := testkit.NewAutorite(t, testkit.Start), testkit.NewAutorite(t, testkit.Start)
	greffe := m.Server.Mandats.Greffe
	greffe.Certificat = a.Read(testkit.NewCleEC(t))
	s := newScene(t, m)
	file, record, keys := s.file("attestation.pdf"), s.file("attestation.json"), s.keys()
	if !bytes.Equal(file, s.file("attestation.pdf")) {
		t.Error("it was sealed again")
	}
	check := func(name string, b []byte, racines *x509.CertPool, want string) {
		t.Helper()
		v, err := attestation.VerifyFile(b, keys, racines)
		got := ""
		if err == nil {
			got = strings.Join(v.Summary(), "\n")
		} else if got = err.Error(); !errors.Is(err, attestation.ErrRefus) {
			t.Errorf("%s: %v", name, err)
		}
		if !strings.Contains(got, want) || strings.Contains(strings.ToLower(got), "qualifi") {
			t.Errorf("%s: %s", name, got)
		}
	}
	const vrai = "Sceau de l'exploitant : Structure d’essai, certifié par Autorité d’essai, qui mène à l'autorité donnée."
	check("sealed", file, a.Pool(), vrai)
	check("sealed, no authority", file, nil, "qui se dit certifié par Autorité d’essai")
	check("sealed, another authority", file, other.Pool(), "ne mène pas à l'autorité donnée")
	check("record", record, nil, "a aussi le sceau de l'exploitant")

	bare, sign, err := pdf.Unsign(file)
	must(t, err)
	check("taken off", bare, nil, "a été retiré")
	again := func(b []byte, a testkit.Autorite) []byte {
		out, err := pdf.Sign(b, pdf.Signature{Date: sign.Date, Max: 6000, Sign: a.Read(testkit.NewCleEC(t)).Sign})
		must(t, err)
		return out
	}
	check("replaced", again(bare, a), a.Pool(), "n'est pas celui de l'exploitant")
	for i := 0; i < len(file); i += 997 {
		bad := bytes.Clone(file)
		bad[i] ^= 1
		check("a byte changed", bad, nil, "REFUSÉ")
	}

	// Another certificate, of another key; then none that is valid.
	greffe.Certificat = other.Read(testkit.NewCleEC(t))
	p := m.Connecte(t, "hugo")
	conclude := func() []byte {
		at, err := p.Conclure(projet)
		must(t, err)
		must(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/mandats/"+at[strings.LastIndexByte(at, '/')+1:]+"/attestation.pdf"))
		if p.Statut != http.StatusOK {
			t.Fatal(p.Statut)
		}
		return bytes.Clone(p.Corps)
	}
	check("with the next", conclude(), other.Pool(), "qui mène à l'autorité donnée")
	check("the former, after it", file, a.Pool(), vrai)
	ended, key := a.Certify(testkit.NewCleEC(t), func(c *x509.Certificate) { c.NotAfter = testkit.Start.Add(time.Minute) })
	greffe.Certificat = sceauRead(t, ended, key)
	if m.Horloge.Avancer(time.Hour); greffe.Certificat.Valid(m.Horloge.Now()) {
		t.Fatal("the certificate is still valid")
	}
	p = m.Connecte(t, "hugo")
	naked := conclude()
	check("past its dates", naked, a.Pool(), "il n'avait pas de certificat ce jour-là")
	check("added", again(naked, a), a.Pool(), "que le service n'a pas posé")
}

func sceauRead(t *testing.T, certs, key []byte) *sceau.Certificat {
	t.Helper()
	c, err := sceau.Read(certs, key, testkit.Start)
	must(t, err)
	return c
}
