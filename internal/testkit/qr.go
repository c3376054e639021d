package testkit

import (
	"image"
	"image/color"
	"regexp"
	"strconv"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

var (
	qrBox    = regexp.MustCompile(`class="ac-qr"[^>]*viewBox="0 0 (\d+) `)
	qrModule = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h`)
)

// codePublic is a code apart from the identifiers of a page, whose groups of
// digits look like one.
var codePublic = regexp.MustCompile(`(?:^|[^0-9A-Za-z-])([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})(?:[^0-9A-Za-z-]|$)`)

// CodePublic finds the code by which strangers verify the mandat of a page.
func CodePublic(t testing.TB, page string) string {
	t.Helper()
	m := codePublic.FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no public code in the page")
	}
	return m[1]
}

// ReadQR reads the QR code of a page as a phone would: its modules are painted,
// then decoded by a library that did not draw them.
func ReadQR(t testing.TB, page string) string {
	t.Helper()
	box := qrBox.FindStringSubmatch(page)
	if box == nil {
		t.Fatal("no QR code in the page")
	}
	const scale = 4
	n := scale * atoi(box[1])
	img := image.NewGray(image.Rect(0, 0, n, n))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, m := range qrModule.FindAllStringSubmatch(page, -1) {
		for i := range scale * atoi(m[3]) {
			for j := range scale {
				img.SetGray(scale*atoi(m[1])+i, scale*atoi(m[2])+j, color.Gray{})
			}
		}
	}
	return DecodeQR(t, img)
}

// DecodeQR reads the QR code of a picture, as a phone does: it looks again,
// more patiently, when the first look finds nothing.
func DecodeQR(t testing.TB, img image.Image) string {
	t.Helper()
	source := gozxing.NewLuminanceSourceFromImage(img)
	var err error
	// The first guesses what is dark place by place, as for a photo, and can be
	// wrong about a plain drawing; the second compares with the whole.
	for _, binarizer := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(source), gozxing.NewGlobalHistgramBinarizer(source)} {
		bits, e := gozxing.NewBinaryBitmap(binarizer)
		if e != nil {
			t.Fatal(e)
		}
		for _, hint := range []gozxing.DecodeHintType{gozxing.DecodeHintType_OTHER, gozxing.DecodeHintType_TRY_HARDER, gozxing.DecodeHintType_PURE_BARCODE} {
			var got *gozxing.Result
			if got, err = qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{hint: true}); err == nil {
				return got.GetText()
			}
		}
	}
	t.Fatalf("the QR code cannot be read: %v", err)
	return ""
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }
