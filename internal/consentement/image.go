package consentement

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // decoded, never kept
	"slices"

	"golang.org/x/image/draw"

	"aidantsconnect/internal/fault"
)

// What a copy may be. A phone's photo is about 4 MB and 12 million points.
const (
	CopieMax   = 12 << 20 // bytes received, per file
	CopiesMax  = 8        // pages of one sending
	imageMax   = 40e6     // points: a bomb is refused before it is decoded
	imageCote  = 1754     // longest side kept: a page at 150 points per inch
	imageQuali = 72
	pdfMax     = 5 << 20
)

// ReadCopy checks a file by its content, whatever its name says, and gives
// what is kept: an image drawn again, turned upright and without anything a
// phone writes beside it (place, model, date); a PDF as it is, to be
// downloaded only.
func ReadCopy(b []byte) (typ string, kept []byte, err error) {
	switch {
	case len(b) == 0:
		return "", nil, refuse("Ce fichier est vide.")
	case len(b) > CopieMax:
		return "", nil, refuse("Ce fichier est trop lourd : 12 Mo au plus.")
	case bytes.HasPrefix(b, []byte("%PDF-")):
		return readPDF(b)
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")), bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return readImage(b)
	}
	return "", nil, refuse("Ce fichier n’est ni une photo (JPEG, PNG) ni un PDF.")
}

func refuse(s string) error { return fault.Form(fault.Fields{"copies": s}) }

func readPDF(b []byte) (string, []byte, error) {
	if len(b) > pdfMax {
		return "", nil, refuse("Ce PDF est trop lourd : 5 Mo au plus.")
	}
	if !bytes.Contains(b[max(0, len(b)-2048):], []byte("%%EOF")) {
		return "", nil, refuse("Ce PDF est incomplet. Numérisez-le de nouveau.")
	}
	if slices.ContainsFunc([]string{"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/Encrypt"}, func(s string) bool { return bytes.Contains(b, []byte(s)) }) {
		return "", nil, refuse("Ce PDF contient autre chose que des pages. Envoyez une photo ou une numérisation simple.")
	}
	return "application/pdf", b, nil
}

func readImage(b []byte) (string, []byte, error) {
	unreadable := refuse("Cette photo est illisible. Prenez-la de nouveau.")
	cfg, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || cfg.Width < 1 || cfg.Height < 1 {
		return "", nil, unreadable
	}
	if float64(cfg.Width)*float64(cfg.Height) > imageMax {
		return "", nil, refuse("Cette image est trop grande : 40 millions de points au plus.")
	}
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return "", nil, unreadable
	}
	out := shrink(img)
	var w bytes.Buffer
	if err := jpeg.Encode(&w, upright(out, orientation(b)), &jpeg.Options{Quality: imageQuali}); err != nil {
		return "", nil, unreadable
	}
	return "image/jpeg", w.Bytes(), nil
}

// shrink draws the image on white, no larger than a page needs.
func shrink(img image.Image) *image.RGBA {
	r := img.Bounds()
	w, h := r.Dx(), r.Dy()
	if m := max(w, h); m > imageCote {
		w, h = max(1, w*imageCote/m), max(1, h*imageCote/m)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Bounds(), img, r, draw.Over, nil)
	return out
}

// upright turns the image as the phone said it was held (Exif 2.3, tag 274).
func upright(in *image.RGBA, o int) *image.RGBA {
	if o < 2 || o > 8 {
		return in
	}
	w, h := in.Rect.Dx(), in.Rect.Dy()
	ow, oh := w, h
	if o >= 5 {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range h {
		for x := range w {
			dx, dy := x, y
			switch o {
			case 2:
				dx = w - 1 - x
			case 3:
				dx, dy = w-1-x, h-1-y
			case 4:
				dy = h - 1 - y
			case 5:
				dx, dy = y, x
			case 6:
				dx, dy = h-1-y, x
			case 7:
				dx, dy = h-1-y, w-1-x
			case 8:
				dx, dy = y, w-1-x
			}
			out.SetRGBA(dx, dy, in.RGBAAt(x, y))
		}
	}
	return out
}

// orientation reads Exif's orientation of a JPEG, 1 when there is none.
func orientation(b []byte) int {
	for i := 2; i+4 <= len(b) && b[i] == 0xff; {
		n := int(binary.BigEndian.Uint16(b[i+2:]))
		if b[i+1] == 0xda || n < 2 || i+2+n > len(b) {
			return 1
		}
		if seg := b[i+4 : i+2+n]; b[i+1] == 0xe1 && bytes.HasPrefix(seg, []byte("Exif\x00\x00")) {
			return tiffOrientation(seg[6:])
		}
		i += 2 + n
	}
	return 1
}

func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if t[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int(order.Uint32(t[4:]))
	if at < 8 || at+2 > len(t) {
		return 1
	}
	n := int(order.Uint16(t[at:]))
	for e := at + 2; n > 0 && e+12 <= len(t); n, e = n-1, e+12 {
		if order.Uint16(t[e:]) == 274 {
			return int(order.Uint16(t[e+8:]))
		}
	}
	return 1
}
