package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The command verifies offline what another process sealed, without any
// configuration, and refuses in French what was changed.
func TestAttestationVerify(t *testing.T) {
	const sealed = "../../internal/attestation/testdata/"
	for name, args := range map[string][]string{
		"mandat-v1.json": {"--cles=" + sealed + "cles-v1.json"},
		"mandat-v2.pdf":  {"--cles=" + sealed + "cles-v2.json"},
		"mandat-v2.json": {"--cles=" + sealed + "cles-v2.json"},
		"mandat-v3.pdf":  {"--cles=" + sealed + "cles-v3.json", "--autorite=" + sealed + "autorite-v3.pem"},
		"mandat-v3.json": {"--cles=" + sealed + "cles-v3.json"},
		"fin-v1.pdf":     {"--cles=" + sealed + "cles-v3.json", "--autorite=" + sealed + "autorite-v3.pem"},
	} {
		out := must(t, nil, append([]string{"attestation", "verify", sealed + name}, args...)...)
		if !strings.HasPrefix(out, "AUTHENTIQUE : ") || !strings.Contains(out, "Odile Simone VASSELIN") || !strings.Contains(out, "SIMULATION") {
			t.Errorf("%s: %s", name, out)
		}
	}
	b, err := os.ReadFile(sealed + "mandat-v2.pdf")
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/3] ^= 1
	changed := filepath.Join(t.TempDir(), "change.pdf")
	if err := os.WriteFile(changed, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{changed, sealed + "cles-v2.json"}, {"main.go", sealed + "cles-v2.json"}, {sealed + "mandat-v2.pdf", "main.go"}} {
		code, out, problems := command(t, nil, "attestation", "verify", args[0], "--cles="+args[1])
		if code != exitFailed || out != "" || !strings.HasPrefix(problems, "REFUSÉ : ") {
			t.Errorf("%v: exit %d %q %q", args, code, out, problems)
		}
	}
	if code, _, problems := command(t, nil, "attestation", "verify", "absent.pdf", "--cles=main.go"); code != exitFailed || !strings.Contains(problems, "absent.pdf") {
		t.Errorf("an absent file: %d %q", code, problems)
	}
}
