package pdf_test

import (
	"strings"
	"testing"

	"aidantsconnect/internal/pdf"
	"aidantsconnect/internal/testkit"
)

// What a phone reads in the drawing is the address, to the letter.
func TestQRIsRead(t *testing.T) {
	for _, address := range []string{"https://aidants.example/verifier/7K2M-09QX-3F4T", "http://localhost:3000/verifier/0000-0000-0000"} {
		svg, err := pdf.QR(address, `QR code vers "là"`)
		if err != nil {
			t.Fatal(err)
		}
		if got := testkit.ReadQR(t, svg); got != address {
			t.Errorf("read %q", got)
		}
		if !strings.Contains(svg, `role="img" aria-label="QR code vers &#34;là&#34;"`) || strings.Contains(svg, "style=") {
			t.Errorf("%.200s", svg)
		}
	}
	if _, err := pdf.QR(strings.Repeat("x", 5000), ""); err == nil {
		t.Error("too long an address was drawn")
	}
}
