package attestation_test

import (
	"bytes"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/db"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
)

// The certificate of an end is made the same way as the mandat: a record and a
// tagged PDF, sealed, verified offline by another process and by the public
// page of its own code, which says neither who nor why.
func TestCertificateOfEnd(t *testing.T) {
	m := testkit.NewMonde(t, db.SQLite)
	a := testkit.NewAutorite(t, testkit.Start)
	m.Server.Mandats.Greffe.Certificat = a.Read(testkit.NewCleEC(t))
	s := newScene(t, m)
	must(t, s.nadia.TerminerMandat())
	must(t, s.nadia.Ouvrir(s.sous("attestation_de_revocation")))
	if s.nadia.Statut != http.StatusOK {
		t.Fatal(s.nadia.Statut)
	}
	page := string(s.nadia.Corps)
	adresse := testkit.ReadQR(t, page)
	code := adresse[strings.LastIndexByte(adresse, '/')+1:]
	if code == s.code || !strings.Contains(page, code) {
		t.Errorf("the certificate has the code %s", code)
	}
	file, record, keys := s.file("attestation_de_revocation.pdf"), s.file("attestation_de_revocation.json"), s.keys()
	for name, b := range map[string][]byte{"PDF": file, "record": record} {
		v, err := attestation.VerifyFile(b, keys, a.Pool())
		if err != nil || v.Fin == nil || v.Mandat != nil || v.Fin.CodeMandat != strings.ReplaceAll(s.code, "-", "") {
			t.Fatalf("%s: %v %+v", name, err, v)
		}
		testkit.Says(t, strings.Join(v.Summary(), "\n"), "AUTHENTIQUE", "Fin du mandat "+s.code, "Odile Simone VASSELIN", "révoqué à la demande de la personne", "SIMULATION", "Clé du service")
	}
	refuses(t, file, record, keys)
	const dit = "Ce code est celui d’un certificat de fin authentique"
	s.page(adresse, http.StatusOK, dit, "Il certifie la fin du mandat", "Ce mandat a été révoqué", code)
	if strings.Contains(string(s.inconnu.Corps), "VASSELIN") || strings.Contains(string(s.inconnu.Corps), "demande de la personne") {
		t.Error("the page says who, or why")
	}
	s.page(s.adresse, http.StatusOK, "Ce mandat a été révoqué")
	if strings.Contains(string(s.inconnu.Corps), dit) {
		t.Error("the mandat passes for the certificate")
	}
	must(t, s.nadia.Ouvrir(s.mandat))
	if !strings.Contains(string(s.nadia.Corps), "Page lue") {
		t.Error("the reading of the certificate is not counted")
	}
	must(t, m.Server.DB.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE certificat_fin SET contenu = $1`, []byte("faux"))
		return err
	}))
	s.page(adresse, http.StatusInternalServerError, "Ce mandat ne peut pas être confirmé")
	look(t, file)
}

// look has poppler read the file: tagged, in French, and its QR code, on the
// page as it is printed, leads to the verification.
func look(t *testing.T, file []byte) {
	t.Helper()
	dir := t.TempDir()
	if kept := os.Getenv("AC_TEST_CAPTURES"); kept != "" {
		dir = kept
	}
	name := filepath.Join(dir, "fin.pdf")
	must(t, os.WriteFile(name, file, 0o600))
	info, err := exec.Command("pdfinfo", name).CombinedOutput()
	must(t, err)
	testkit.Says(t, string(info), "Tagged:          yes", "Title:           Attestation de révocation du mandat")
	text, err := exec.Command("pdftotext", name, "-").CombinedOutput()
	must(t, err)
	testkit.Says(t, string(text), "VASSELIN", "heure de Paris", "certificat", "SIMULATION")
	must(t, exec.Command("pdftoppm", "-png", "-r", "110", "-f", "1", "-singlefile", name, filepath.Join(dir, "fin")).Run())
	b, err := os.ReadFile(filepath.Join(dir, "fin.png"))
	must(t, err)
	img, err := png.Decode(bytes.NewReader(b))
	must(t, err)
	if at := testkit.DecodeQR(t, img); !strings.Contains(at, mandat.CheminVerifier) {
		t.Errorf("the QR code of the page says %q", at)
	}
}
