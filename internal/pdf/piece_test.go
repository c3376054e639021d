package pdf_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"aidantsconnect/internal/pdf"
)

func TestAttachThenDetach(t *testing.T) {
	original, err := pdf.FromHTML([]byte(sample(t)), meta)
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{`{"a":1}`, "", "endstream\nendobj\n%%EOF\n", "é"} {
		sealed, err := pdf.Attach(original, []byte(piece))
		if err != nil {
			t.Fatal(err)
		}
		o, p, err := pdf.Detach(sealed)
		if err != nil || !bytes.Equal(o, original) || string(p) != piece {
			t.Errorf("%q: %q %v", piece, p, err)
		}
	}
	// Every byte counts, whatever it is part of; nothing can be added after.
	sealed, err := pdf.Attach(original, []byte(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	for i := len(original); i < len(sealed); i++ {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if o, p, err := pdf.Detach(bad); err == nil && bytes.Equal(o, original) && string(p) == `{"a":1}` {
			t.Errorf("byte %d was changed unseen", i)
		}
	}
	for _, bad := range [][]byte{nil, original, append(bytes.Clone(sealed), sealed...), append(bytes.Clone(sealed), '\n'), []byte("\n%AC-PIECE 1 999999999 9 9\n"), []byte("\n%AC-PIECE 1 5 5 5\n")} {
		if _, _, err := pdf.Detach(bad); !errors.Is(err, pdf.ErrPiece) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
	if _, err := pdf.Attach([]byte("%PDF-1.4\n%%EOF\n"), nil); !errors.Is(err, pdf.ErrPiece) {
		t.Error("a foreign file was sealed:", err)
	}
}

// Poppler finds the attachment, byte for byte.
func TestPopplerDetaches(t *testing.T) {
	tool, err := exec.LookPath("pdfdetach")
	if err != nil {
		t.Fatal("il manque pdfdetach : installez poppler-utils")
	}
	original, err := pdf.FromHTML([]byte(sample(t)), meta)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := pdf.Attach(original, []byte(`{"cle":"é"}`))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	name, out := filepath.Join(dir, "a.pdf"), filepath.Join(dir, "a.json")
	if err := os.WriteFile(name, sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(tool, "-save", "1", "-o", out, name).CombinedOutput(); err != nil || len(said) > 0 {
		t.Fatalf("%v %s", err, said)
	}
	if got, err := os.ReadFile(out); err != nil || string(got) != `{"cle":"é"}` {
		t.Errorf("%q %v", got, err)
	}
}

func FuzzDetach(f *testing.F) {
	f.Add([]byte("\n%AC-PIECE 1 0 0 0\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if o, p, err := pdf.Detach(b); err == nil {
			if again, err := pdf.Attach(o, p); err != nil || !bytes.Equal(again, b) {
				t.Error("a file was accepted that Attach does not make")
			}
		}
	})
}
