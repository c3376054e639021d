package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// ErrPiece says that a file is not one that Attach made, or no longer.
var ErrPiece = errors.New("not a file as Attach makes them")

var (
	trailer = regexp.MustCompile(`trailer\n<</Size (\d+) /Root (\d+) 0 R /Info (\d+) 0 R /ID (\[<[0-9a-f]{32}> <[0-9a-f]{32}>\])>>\nstartxref\n(\d+)\n%%EOF\n$`)
	sceau   = regexp.MustCompile(`\n%AC-PIECE 1 (\d{1,9}) (\d{1,9}) (\d{1,9})\n$`)
)

// Attach adds a piece to a file of FromHTML, as an attachment that readers
// show: the file stays whole in front of what is added (an incremental update,
// ISO 32000-1 §7.5.6). The result depends on its arguments only.
func Attach(original, piece []byte) ([]byte, error) {
	t := trailer.FindSubmatch(original)
	if t == nil {
		return nil, fmt.Errorf("%w: no trailer of ours", ErrPiece)
	}
	size, root := number(t[1]), number(t[2])
	head := fmt.Appendf(nil, "\n%d 0 obj\n<</Type /Catalog ", root)
	start := bytes.Index(original, head)
	if start < 0 {
		return nil, fmt.Errorf("%w: no catalog of ours", ErrPiece)
	}
	catalog, _, ok := bytes.Cut(original[start+len(head):], []byte(">>\nendobj\n"))
	if !ok {
		return nil, fmt.Errorf("%w: no end of catalog", ErrPiece)
	}
	out := bytes.NewBuffer(bytes.Clone(original))
	offsets := [3]int{out.Len()}
	fmt.Fprintf(out, "%d 0 obj\n<</Type /Catalog %s /AF [%d 0 R] /Names <</EmbeddedFiles <</Names [(attestation.json) %d 0 R]>>>>>>\nendobj\n", root, catalog, size+1, size+1)
	offsets[1] = out.Len()
	fmt.Fprintf(out, "%d 0 obj\n<</Type /EmbeddedFile /Subtype /application#2Fjson /Length %d>>\nstream\n", size, len(piece))
	at := out.Len()
	out.Write(piece)
	out.WriteString("\nendstream\nendobj\n")
	offsets[2] = out.Len()
	fmt.Fprintf(out, "%d 0 obj\n<</Type /Filespec /F (attestation.json) /UF (attestation.json) /AFRelationship /Data /Desc %s /EF <</F %d 0 R>>>>\nendobj\n",
		size+1, texte("Enregistrement signé de ce document"), size)
	xref := out.Len()
	fmt.Fprintf(out, "xref\n%d 1\n%010d 00000 n \n%d 2\n%010d 00000 n \n%010d 00000 n \n", root, offsets[0], size, offsets[1], offsets[2])
	fmt.Fprintf(out, "trailer\n<</Size %d /Root %d 0 R /Info %s 0 R /ID %s /Prev %s>>\nstartxref\n%d\n%%%%EOF\n%%AC-PIECE 1 %d %d %d\n",
		size+2, root, t[3], t[4], t[5], xref, len(original), at, len(piece))
	return out.Bytes(), nil
}

// Detach gives back the file and the piece. Whatever was added must be exactly
// Detach gives back the file and the piece, whether the whole is signed or not.
// Whatever was added must be exactly what Attach and Sign add: nothing can be
// hidden or shown in another update.
func Detach(sealed []byte) (original, piece []byte, err error) {
	if sealed, _, err = Unsign(sealed); err != nil {
		return nil, nil, err
	}
	m := sceau.FindSubmatch(sealed)
	if m == nil {
		return nil, nil, fmt.Errorf("%w: no mark", ErrPiece)
	}
	end, at, n := number(m[1]), number(m[2]), number(m[3])
	if end > len(sealed) || at > len(sealed) || at+n > len(sealed) {
		return nil, nil, fmt.Errorf("%w: lengths", ErrPiece)
	}
	original, piece = sealed[:end], sealed[at:at+n]
	again, err := Attach(original, piece)
	if err != nil || !bytes.Equal(again, sealed) {
		return nil, nil, fmt.Errorf("%w: something else was added", ErrPiece)
	}
	return original, piece, nil
}

func number(b []byte) int { n, _ := strconv.Atoi(string(b)); return n }
