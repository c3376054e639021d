package attestation_test

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/cle"
	"aidantsconnect/internal/demo"
	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/testkit"
)

// file downloads what the aidant may of a mandat.
func (s *scene) file(name string) []byte {
	s.t.Helper()
	if err := s.nadia.Ouvrir(s.sous(name)); err != nil {
		s.t.Fatal(err)
	}
	if s.nadia.Statut != http.StatusOK {
		s.t.Fatalf("%s: %d", name, s.nadia.Statut)
	}
	return bytes.Clone(s.nadia.Corps)
}

func (s *scene) sous(name string) string {
	return s.Adresses.App + "/espace-aidant/mandats/" + s.mandat[strings.LastIndexByte(s.mandat, '/')+1:] + "/" + name
}

func (s *scene) keys() []byte {
	s.t.Helper()
	p := demo.NewNavigateur(s.nadia.Transport())
	if err := p.Ouvrir(s.Adresses.App + attestation.CheminCles); err != nil {
		s.t.Fatal(err)
	}
	return bytes.Clone(p.Corps)
}

// What the service seals is verified by another process, with nothing but the
// published keys, whatever keys came since; any change is refused in French.
func TestSealedFiles(t *testing.T) {
	testkit.EachMonde(t, func(t *testing.T, m *testkit.Monde) {
		s := newScene(t, m)
		file, record, keys := s.file("attestation.pdf"), s.file("attestation.json"), s.keys()
		for name, b := range map[string][]byte{"PDF": file, "record": record} {
			v, err := attestation.VerifyFile(b, keys, nil)
			if e := v.Mandat; err != nil || e == nil || e.Mandant.FamilyName != "VASSELIN" || e.CodePublic != strings.ReplaceAll(s.code, "-", "") || e.Version != 3 || v.Sceau != nil {
				t.Fatalf("%s: %v %+v", name, err, e)
			}
			if all := strings.Join(v.Summary(), "\n"); !strings.Contains(all, "AUTHENTIQUE") || !strings.Contains(all, "SIMULATION") || !strings.Contains(all, s.code) {
				t.Error(all)
			}
		}
		again := s.file("attestation.pdf")
		if !bytes.Equal(file, again) {
			t.Error("the PDF was made again")
		}
		// After a rotation, old and new documents are both verified.
		_, _, err := m.Server.Cles.Rotate(t.Context(), cle.Attestation)
		must(t, err)
		m.Horloge.Avancer(21 * time.Minute)
		_, err = m.Server.Cles.Promote(t.Context())
		must(t, err)
		after := s.keys()
		if bytes.Equal(keys, after) {
			t.Error("the new key is not published")
		}
		if _, err := attestation.VerifyFile(file, after, nil); err != nil {
			t.Error("after a rotation:", err)
		}
		if p := m.Connecte(t, "hugo"); true {
			second, err := p.Conclure(projet)
			must(t, err)
			must(t, p.Ouvrir(m.Adresses.App+"/espace-aidant/mandats/"+second[strings.LastIndexByte(second, '/')+1:]+"/attestation.pdf"))
			if _, err := attestation.VerifyFile(p.Corps, after, nil); err != nil {
				t.Error("with the new key:", err)
			}
			if _, err := attestation.VerifyFile(p.Corps, keys, nil); !errors.Is(err, attestation.ErrRefus) || !strings.Contains(err.Error(), "n'est pas dans la liste publiée") {
				t.Error("with a list that lacks the key:", err)
			}
		}
		refuses(t, file, record, after)
		if p := m.Connecte(t, "claire"); true { // another structure
			for _, name := range []string{"attestation.pdf", "attestation.json"} {
				must(t, p.Ouvrir(s.sous(name)))
				if p.Statut != http.StatusNotFound {
					t.Errorf("%s by another structure: %d", name, p.Statut)
				}
			}
		}
	})
}

// refuses changes the files in every way a forger would think of.
func refuses(t *testing.T, file, record, keys []byte) {
	t.Helper()
	check := func(name string, b, keys []byte) {
		t.Helper()
		_, err := attestation.VerifyFile(b, keys, nil)
		if !errors.Is(err, attestation.ErrRefus) || !strings.HasPrefix(err.Error(), "REFUSÉ : ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := 0; i < len(file); i += 211 {
		bad := bytes.Clone(file)
		bad[i] ^= 1
		check("a byte of the PDF", bad, keys)
	}
	for i := 0; i < len(record); i += 7 {
		bad := bytes.Clone(record)
		bad[i] ^= 4
		check("a byte of the record", bad, keys)
	}
	check("nothing", nil, keys)
	check("a text", []byte("bonjour"), keys)
	check("a cut PDF", file[:len(file)/2], keys)
	check("something after", append(bytes.Clone(file), "\n%%EOF\n"...), keys)
	check("no key", file, []byte(`{"keys":[]}`))
	check("a broken list", file, []byte(`{`))
	other, err := pdf.FromHTML([]byte("<p>autre contrat</p>"), pdf.Meta{Titre: "x", Langue: "fr-FR"})
	must(t, err)
	forged, err := pdf.Attach(other, bytes.TrimSpace(record))
	must(t, err)
	check("other pages with the true record", forged, keys)
	// A key of the forger's under the name of ours.
	kid := strings.Split(strings.Split(string(keys), `"kid":"`)[1], `"`)[0]
	check("a key under another's name", file, []byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"`+kid+`"}]}`))
}

// Poppler reads the sealed PDF without a complaint: it is tagged, in French,
// and its text is that of the signed HTML.
func TestSealedPDFIsRead(t *testing.T) {
	m := testkit.NewMonde(t, "sqlite")
	s := newScene(t, m)
	dir := t.TempDir()
	if kept := os.Getenv("AC_TEST_CAPTURES"); kept != "" {
		dir = kept
	}
	name := filepath.Join(dir, "mandat.pdf")
	must(t, os.WriteFile(name, s.file("attestation.pdf"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "mandat.json"), s.file("attestation.json"), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "cles.json"), s.keys(), 0o600))
	for tool, words := range map[string][]string{
		"pdfinfo":   {"Tagged:          yes", "Title:           Mandat pour la réalisation"},
		"pdftotext": {"SIMULATION", "VASSELIN", s.code, "11. Lieu, date et signatures", "page 1 sur "},
	} {
		args := []string{name}
		if tool == "pdftotext" {
			args = append(args, "-")
		}
		c := exec.Command(tool, args...)
		var complaints bytes.Buffer
		c.Stderr = &complaints
		out, err := c.Output()
		if err != nil || complaints.Len() > 0 {
			t.Fatalf("%s : %v %s (paquet poppler-utils)", tool, err, complaints.String())
		}
		for _, w := range words {
			if !strings.Contains(string(out), w) {
				t.Errorf("%s does not say %q", tool, w)
			}
		}
	}
}
