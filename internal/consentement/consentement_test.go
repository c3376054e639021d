package consentement

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/secret"
)

var (
	tousMoyens = []Moyen{Ecran, Papier, SMS, Distance, Courrier}
	tousGenres = []Genre{SignatureDessinee, SignatureSaisie, Copie, Certification, DialogueSMS, AccordFranceconnect, CodeRendu}
	debut      = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
)

// The policy, over every way and every set of proofs: usable to the end
// exactly when a live proof of the right nature is there, else only within a
// grace, else never.
func TestPolicy(t *testing.T) {
	for _, m := range tousMoyens {
		for set := range 1 << len(tousGenres) {
			for _, grace := range []int{0, 3} {
				for _, annule := range []bool{false, true} {
					a := Accord{Choix: Choix{Moyen: m}, Creation: debut, Expiration: debut.Add(30 * jour)}
					if m == Papier {
						a.Grace = GraceUntil(a.Creation, a.Expiration, grace)
					}
					var ps []Piece
					want := false
					for i, g := range tousGenres {
						if set&(1<<i) == 0 {
							continue
						}
						p := Piece{ID: ident.New[ident.PieceID](), Genre: g}
						if annule {
							p.Annule = debut
						}
						ps = append(ps, p)
						want = want || !annule && m.Prouve(g)
					}
					a = a.Settle(ps)
					if a.Complete() != want || a.Usable(a.Expiration) != want || a.Usable(a.Expiration.Add(time.Millisecond)) {
						t.Fatalf("%s with %07b: complete %v, usable %v", m, set, a.Complete(), a.Usable(a.Expiration))
					}
					inGrace := want || m == Papier && grace > 0
					if a.Usable(debut) != inGrace || a.Usable(debut.Add(3*jour)) != inGrace || a.Usable(debut.Add(3*jour+time.Millisecond)) != want {
						t.Fatalf("%s with %07b, grace %d: wrong grace", m, set, grace)
					}
				}
			}
		}
	}
	if (Accord{}).Usable(debut) || (Accord{}).Etat(debut) != SansAccord {
		t.Error("without an accord something is usable")
	}
}

func TestGrace(t *testing.T) {
	long := debut.Add(300 * jour)
	for n, want := range map[int]time.Time{-1: {}, 0: {}, 1: debut.Add(jour), 7: debut.Add(7 * jour), 8: debut.Add(7 * jour)} {
		if got := GraceUntil(debut, long, n); !got.Equal(want) {
			t.Errorf("%d days: %v", n, got)
		}
	}
	if got := GraceUntil(debut, debut.Add(jour), 7); !got.Equal(debut.Add(jour)) {
		t.Error("the grace outlives the mandat")
	}
	for s, ok := range map[string]bool{"0": true, "7": true, "8": false, "": false, "-1": false, "1.5": false, "07": false} {
		if _, err := ParseGrace(s); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestParseChoix(t *testing.T) {
	ouverts := []Moyen{Ecran, Papier}
	for in, want := range map[[2]string]Choix{
		{"", ""}: {Ecran, Present}, {"ecran", "present"}: {Ecran, Present}, {"papier", ""}: {Papier, Present}, {"papier", "absent"}: {Papier, Absent},
		{"ecran", "absent"}: {}, {"sms", "absent"}: {}, {"certification", ""}: {}, {"x", ""}: {},
	} {
		if got, err := ParseChoix(in[0], in[1], ouverts); got != want || (err == nil) != (want != Choix{}) {
			t.Errorf("%v: %+v %v", in, got, err)
		}
	}
}

// A proof is tied to its object and to its row, and says nothing once erased.
func TestSeal(t *testing.T) {
	box, err := secret.NewBox(secret.RandomKey())
	if err != nil {
		t.Fatal(err)
	}
	o := Objet{Texte: []byte{1}, Demarches: []demarche.Demarche{"papiers"}, Duree: "MONTH"}
	p, err := Seal(box, o, Contenu{Genre: SignatureSaisie, Type: "text/plain", Octets: []byte("Odile")})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Open(box, o); err != nil || string(got) != "Odile" {
		t.Fatalf("%q %v", got, err)
	}
	again, _ := Seal(box, o, Contenu{Genre: SignatureSaisie, Type: "text/plain", Octets: []byte("Odile")})
	if bytes.Equal(p.Empreinte, again.Empreinte) || bytes.Contains(p.Scelle, []byte("Odile")) {
		t.Error("the digest is not salted, or the content is in clear")
	}
	for _, other := range []Objet{
		{Texte: []byte{2}, Demarches: o.Demarches, Duree: o.Duree},
		{Texte: o.Texte, Demarches: []demarche.Demarche{"papiers", "argent"}, Duree: o.Duree},
		{Texte: o.Texte, Demarches: o.Demarches, Duree: "LONG"},
	} {
		if _, err := p.Open(box, other); err == nil {
			t.Errorf("a proof of one object proves %+v", other)
		}
	}
	moved := p
	moved.ID = again.ID
	if _, err := moved.Open(box, o); err == nil {
		t.Error("a proof moved to another row opens")
	}
	p.Scelle = nil
	if _, err := p.Open(box, o); err != ErrEfface {
		t.Errorf("erased: %v", err)
	}
}

func TestTrace(t *testing.T) {
	good := `{"traits":[[[0,0],[10,10],[20,20],[30,30],[40,40]],[[500,200],[510,200],[1000,400]]]}`
	tr, err := ParseTrace(good)
	if err != nil || string(tr.Bytes()) != good || !strings.HasPrefix(tr.Chemin(), "M0 0L10 10") {
		t.Fatalf("%v %s %s", err, tr.Bytes(), tr.Chemin())
	}
	many := `{"traits":[[` + strings.TrimSuffix(strings.Repeat("[1,2],", 3001), ",") + `]]}`
	for _, s := range []string{
		"", "{}", "x", `{"traits":[]}`, `{"traits":[[[1,1]]]}`, `{"traits":[[[1,1],[1,1],[1,1],[1,1],[1,1],[1,1],[1,1],[1,1]]]}`,
		`{"traits":[[[-1,0],[10,10],[20,20],[30,30],[40,40],[1,1],[2,2],[3,3]]]}`, `{"traits":[[[0,401],[10,10],[20,20],[30,30],[40,40],[1,1],[2,2],[3,3]]]}`,
		`{"traits":[[[0,0,0],[10,10]]],"x":1}`, good + good, `{"traits":[` + strings.TrimSuffix(strings.Repeat(`[[1,1],[2,2]],`, 61), ",") + `]}`, many, strings.Repeat("[", 70_000),
	} {
		if _, err := ParseTrace(s); len(fault.FieldsOf(err)) == 0 {
			t.Errorf("accepted: %.60s", s)
		}
	}
}

func FuzzParseTrace(f *testing.F) {
	f.Add(`{"traits":[[[0,0],[10,10],[20,20]]]}`)
	f.Fuzz(func(t *testing.T, s string) {
		if tr, err := ParseTrace(s); err == nil {
			if again, err := ParseTrace(string(tr.Bytes())); err != nil || string(again.Bytes()) != string(tr.Bytes()) {
				t.Errorf("not one form: %q", s)
			}
		}
	})
}

func TestParseNom(t *testing.T) {
	for s, ok := range map[string]bool{"Odile VASSELIN": true, " 李 小 ": true, "": false, ".": false, "x": false, "ab\x00c": false, strings.Repeat("a", 201): false} {
		if _, err := ParseNom(s); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// An image is drawn again: nothing of what was beside it stays, it is upright,
// and no larger than a page needs.
func TestReadCopyImage(t *testing.T) {
	in := image.NewRGBA(image.Rect(0, 0, 3000, 1000))
	for x := range 3000 {
		for y := range 1000 {
			in.Set(x, y, map[bool]color.Color{true: color.Black, false: color.White}[x < 1500])
		}
	}
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, in, nil); err != nil {
		t.Fatal(err)
	}
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00GPS 48.85 MODELE")
	seg := append([]byte{0xff, 0xe1, byte((len(exif) + 2) >> 8), byte(len(exif) + 2)}, exif...)
	b := slices.Concat(plain.Bytes()[:2], seg, plain.Bytes()[2:])
	typ, kept, err := ReadCopy(b)
	if err != nil || typ != "image/jpeg" || bytes.Contains(kept, []byte("GPS")) || bytes.Contains(kept, []byte("Exif")) {
		t.Fatalf("%s %v, %d bytes", typ, err, len(kept))
	}
	out, err := jpeg.Decode(bytes.NewReader(kept))
	if err != nil || out.Bounds().Dx() != 584 || out.Bounds().Dy() != imageCote {
		t.Fatalf("%v %v", err, out.Bounds())
	}
	// Turned a quarter to the right: what was left is up.
	if r, _, _, _ := out.At(100, 100).RGBA(); r > 0x4000 {
		t.Error("not turned upright")
	}
	if r, _, _, _ := out.At(100, 1700).RGBA(); r < 0xc000 {
		t.Error("not turned upright")
	}
	var p bytes.Buffer
	if err := png.Encode(&p, image.NewNRGBA(image.Rect(0, 0, 10, 10))); err != nil {
		t.Fatal(err)
	}
	if typ, _, err := ReadCopy(p.Bytes()); err != nil || typ != "image/jpeg" {
		t.Errorf("png: %s %v", typ, err)
	}
}

func TestReadCopyRefuses(t *testing.T) {
	bomb := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x02\x00\x00\x00")
	pdf := "%PDF-1.7\n1 0 obj\n"
	for name, b := range map[string][]byte{
		"empty": nil, "text": []byte("bonjour"), "html": []byte("<script>"), "gif": []byte("GIF89a"), "cut jpeg": []byte("\xff\xd8\xff\xe0"),
		"bomb": bomb, "cut pdf": []byte(pdf), "script": []byte(pdf + "/JavaScript (x)\n%%EOF"), "locked": []byte(pdf + "/Encrypt 2 0 R\n%%EOF"),
		"large pdf": append([]byte(pdf), make([]byte, pdfMax)...), "large": append([]byte("\xff\xd8\xff"), make([]byte, CopieMax)...),
	} {
		if _, _, err := ReadCopy(b); fault.FieldsOf(err)["copies"] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if typ, kept, err := ReadCopy([]byte(pdf + "endobj\n%%EOF\n")); err != nil || typ != "application/pdf" || len(kept) == 0 {
		t.Errorf("a scan is refused: %v", err)
	}
}

func FuzzReadCopy(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _, _ = ReadCopy(b) })
}
