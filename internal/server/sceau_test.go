package server_test

import (
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/secret"
	"aidantsconnect/internal/server"
	"aidantsconnect/internal/testkit"
)

// The operator's certificate is refused with what is wrong, in French, and
// nothing of its key.
func TestMistakesOfTheSeal(t *testing.T) {
	a := testkit.NewAutorite(t, server.Now())
	k := testkit.NewCleEC(t)
	certs, key := a.Certify(k)
	ended, _ := a.Certify(k, func(c *x509.Certificate) { c.NotAfter = server.Now().Add(-time.Hour) })
	_, other := a.Certify(testkit.NewCleEC(t))
	for name, c := range map[string]struct {
		certs, key []byte
		want       string
	}{
		"right":         {certs, key, ""},
		"expired":       {ended, key, "AC_SCEAU_CERTIFICAT : ce certificat n'est pas valable aujourd'hui"},
		"not PEM":       {[]byte("x"), key, "AC_SCEAU_CERTIFICAT : il faut un fichier lisible"},
		"another's key": {certs, other, "AC_SCEAU_CLE : ce n'est pas la clé de AC_SCEAU_CERTIFICAT"},
		"no key":        {certs, certs, "AC_SCEAU_CLE : il faut une clé privée"},
	} {
		path := filepath.Join(t.TempDir(), "certificat.pem")
		if err := os.WriteFile(path, c.certs, 0o600); err != nil {
			t.Fatal(err)
		}
		err := server.Config{SceauCertificat: path, SceauCle: secret.Text(c.key)}.Check()
		var all *server.ConfigError
		if !errors.As(err, &all) { // the rest of this configuration is empty
			t.Fatal(err)
		}
		got := ""
		for _, f := range all.Fautes {
			if strings.HasPrefix(f, "AC_SCEAU_") {
				got += f
			}
		}
		if !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") {
			t.Errorf("%s: %q", name, got)
		}
	}
	if _, err := (server.Config{SceauCertificat: "/nulle/part.pem"}).Sceau(server.Now()); err == nil {
		t.Error("an absent file was read")
	}
}
