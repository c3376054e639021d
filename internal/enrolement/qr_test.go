package enrolement

import (
	"image"
	"image/color"
	"regexp"
	"strconv"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// What another program reads in the drawing is the address, letter for letter.
func TestQRIsRead(t *testing.T) {
	const text = "otpauth://totp/Aidants%20Connect:camille.essai@example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Aidants%20Connect&algorithm=SHA1&digits=6&period=30"
	d, err := draw(text)
	if err != nil {
		t.Fatal(err)
	}
	side, err := strconv.Atoi(d.Cote)
	if err != nil {
		t.Fatal(err)
	}
	const scale = 4
	img := image.NewGray(image.Rect(0, 0, side*scale, side*scale))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1H(\d+)z`).FindAllStringSubmatch(d.Path, -1) {
		x, _ := strconv.Atoi(run[1])
		y, _ := strconv.Atoi(run[2])
		n, _ := strconv.Atoi(run[3])
		if run[4] != run[1] {
			t.Fatalf("%s does not come back where it began", run[0])
		}
		for dx := range n * scale {
			for dy := range scale {
				img.SetGray(x*scale+dx, y*scale+dy, color.Gray{})
			}
		}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bits, nil)
	if err != nil {
		t.Fatal(err)
	}
	if read.GetText() != text {
		t.Errorf("read %q", read.GetText())
	}
}
