package pdf

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"time"
)

// Signature is how a file is to be signed.
type Signature struct {
	Date time.Time                            // told by the file itself
	Max  int                                  // bytes of the CMS, at most: the room it is left
	Sign func(content []byte) ([]byte, error) // makes the detached CMS
}

// Signe is the signature of a file.
type Signe struct {
	CMS     []byte
	Contenu []byte // what it signs: the whole file but itself
	Date    time.Time
}

const dateSignature = "20060102150405Z"

var (
	suite  = regexp.MustCompile(`trailer\n<</Size (\d+) /Root (\d+) 0 R /Info (\d+) 0 R /ID (\[<[0-9a-f]{32}> <[0-9a-f]{32}>\]) /Prev \d+>>\nstartxref\n(\d+)\n%%EOF\n%AC-PIECE 1 (\d{1,9}) \d{1,9} \d{1,9}\n$`)
	marque = regexp.MustCompile(`\n%AC-SCEAU 1 (\d{1,9}) (\d{1,9}) (\d{1,9}) (\d{14}Z)\n$`)
)

// Sign signs a file that Attach made: one more incremental update, with a
// signature field that shows nothing on the page (ISO 32000-1 §12.7.4.5) and a
// CMS over every byte but its own (§12.8.1).
func Sign(file []byte, s Signature) ([]byte, error) {
	date := s.Date.UTC().Format(dateSignature)
	out, at, err := unsigned(file, 2*s.Max, date)
	if err != nil {
		return nil, err
	}
	cms, err := s.Sign(around(out, at, 2*s.Max))
	if err != nil {
		return nil, err
	}
	if len(cms) > s.Max {
		return nil, fmt.Errorf("a signature of %d bytes has no room in %d", len(cms), s.Max)
	}
	hex.Encode(out[at:], cms)
	return out, nil
}

// Unsign gives back the file and its signature, nil when it has none. Whatever
// was added must be exactly what Sign adds.
func Unsign(signed []byte) (file []byte, s *Signe, err error) {
	m := marque.FindSubmatch(signed)
	if m == nil {
		return signed, nil, nil
	}
	end, at, n := number(m[1]), number(m[2]), number(m[3])
	if end > len(signed) || at > len(signed) || at+n > len(signed) {
		return nil, nil, fmt.Errorf("%w: lengths", ErrPiece)
	}
	file = signed[:end]
	again, where, err := unsigned(file, n, string(m[4]))
	if err != nil || where != at || at+n > len(again) {
		return nil, nil, fmt.Errorf("%w: something else was added", ErrPiece)
	}
	copy(again[at:at+n], signed[at:at+n])
	if !bytes.Equal(again, signed) {
		return nil, nil, fmt.Errorf("%w: something else was added", ErrPiece)
	}
	room := make([]byte, n/2)
	if _, err := hex.Decode(room, signed[at:at+n]); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrPiece, err)
	}
	cms := der(room)
	if hex.EncodeToString(room) != string(signed[at:at+n]) || len(bytes.Trim(room[len(cms):], "\x00")) > 0 {
		return nil, nil, fmt.Errorf("%w: something hides in the room of the signature", ErrPiece)
	}
	date, err := time.Parse(dateSignature, string(m[4]))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrPiece, err)
	}
	return file, &Signe{CMS: cms, Contenu: around(signed, at, n), Date: date}, nil
}

// around is what a signature signs: everything but the string it lies in,
// angle brackets included.
func around(file []byte, at, n int) []byte {
	return append(bytes.Clone(file[:at-1]), file[at+n+1:]...)
}

// der leaves out the zeros that fill the room.
func der(b []byte) []byte {
	if len(b) < 2 {
		return b
	}
	n := 2 + int(b[1])
	if k := int(b[1] &^ 0x80); b[1] >= 0x80 && k <= 3 && len(b) > 2+k {
		n = 0
		for _, x := range b[2 : 2+k] {
			n = n<<8 | int(x)
		}
		n += 2 + k
	}
	return b[:min(n, len(b))]
}

// unsigned writes the update with room for a signature of n hexadecimal
// digits, which begins at at.
func unsigned(file []byte, n int, date string) (out []byte, at int, err error) {
	t := suite.FindSubmatch(file)
	if t == nil {
		return nil, 0, fmt.Errorf("%w: no trailer of ours", ErrPiece)
	}
	size, root, end := number(t[1]), number(t[2]), number(t[6])
	catalog, ok := object(file, end, fmt.Sprintf("%d 0 obj\n<</Type /Catalog ", root))
	first := fmt.Sprintf("\n%d 0 obj\n<</Type /Page\n", pageObject(1))
	start := bytes.Index(file, []byte(first))
	page, isPage := object(file, start, first)
	if !ok || !isPage || bytes.Contains(page, []byte("/Annots")) {
		return nil, 0, fmt.Errorf("%w: no catalog or first page of ours", ErrPiece)
	}
	b := bytes.NewBuffer(bytes.Clone(file))
	var offsets [4]int
	offsets[0] = b.Len()
	fmt.Fprintf(b, "%d 0 obj\n<</Type /Page\n/Annots [%d 0 R]\n%s>>\nendobj\n", pageObject(1), size, page)
	offsets[1] = b.Len()
	fmt.Fprintf(b, "%d 0 obj\n<</Type /Catalog /AcroForm <</SigFlags 3 /Fields [%d 0 R]>> %s>>\nendobj\n", root, size, catalog)
	offsets[2] = b.Len()
	// Print and Locked; a rectangle of nothing: the page stays as it was signed.
	fmt.Fprintf(b, "%d 0 obj\n<</Type /Annot /Subtype /Widget /FT /Sig /T (Sceau) /TU %s /Rect [0 0 0 0] /F 132 /P %d 0 R /V %d 0 R>>\nendobj\n",
		size, texte("Sceau de l’exploitant du service"), pageObject(1), size+1)
	offsets[3] = b.Len()
	fmt.Fprintf(b, "%d 0 obj\n<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (D:%s) /Reason %s\n/ByteRange [", size+1, date, texte("Sceau de l’exploitant du service"))
	ranges := b.Len()
	fmt.Fprintf(b, "%010d %010d %010d %010d]\n/Contents <", 0, 0, 0, 0)
	at = b.Len()
	b.Write(bytes.Repeat([]byte{'0'}, n))
	b.WriteString(">>>\nendobj\n")
	xref := b.Len()
	fmt.Fprintf(b, "xref\n%d 1\n%010d 00000 n \n%d 1\n%010d 00000 n \n%d 2\n%010d 00000 n \n%010d 00000 n \n", pageObject(1), offsets[0], root, offsets[1], size, offsets[2], offsets[3])
	fmt.Fprintf(b, "trailer\n<</Size %d /Root %d 0 R /Info %s 0 R /ID %s /Prev %s>>\nstartxref\n%d\n%%%%EOF\n%%AC-SCEAU 1 %d %d %d %s\n",
		size+2, root, t[3], t[4], t[5], xref, len(file), at, n, date)
	out = b.Bytes()
	copy(out[ranges:], fmt.Sprintf("%010d %010d %010d %010d", 0, at-1, at+n+1, len(out)-at-n-1))
	return out, at, nil
}

// object gives what an object of ours holds after its head, which is expected
// at that place.
func object(file []byte, at int, head string) ([]byte, bool) {
	if at < 0 || at > len(file) || !bytes.HasPrefix(file[at:], []byte(head)) {
		return nil, false
	}
	body, _, ok := bytes.Cut(file[at+len(head):], []byte(">>\nendobj\n"))
	return body, ok
}
