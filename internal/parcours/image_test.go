package parcours_test

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"aidantsconnect/internal/testkit"
)

// TestImage draws the README's picture from the running program: four moments
// of the main job. It runs only when AC_TEST_IMAGES is 1, because the picture
// is committed.
func TestImage(t *testing.T) {
	if os.Getenv("AC_TEST_IMAGES") != "1" {
		return // nothing is checked here: the other stories look at these pages
	}
	b := ouvrirDemo(t)
	a := b.aidante("nadia", "image")
	a.aveugle = true
	a.Goto(b.Adresses.App + "/accounts/login/")
	a.recevoirLien()
	a.Click("text=Créer un mandat")
	a.remplirCreation("MONTH", "papiers", "famille", "argent")
	a.Click("text=Continuer vers FranceConnect")
	a.Click("text=Se connecter avec FranceConnect")
	a.identifier("ordinaire")
	moments := []string{a.Capture("image-1")}
	a.signer()
	a.Goto(b.Adresses.Service + "/a/")
	a.Click("#se-connecter")
	a.Click("#choisir-aidants-connect")
	moments = append(moments, a.Capture("image-2"))
	a.choisir("vasselin")
	moments = append(moments, a.Capture("image-3"))
	a.consentir("papiers")
	moments = append(moments, a.Capture("image-4"))
	dessiner(t, filepath.Join(testkit.Root(t), "docs", "images", "parcours.png"), moments)
}

// The picture: two rows of two, each the top of a page, at five eighths.
const (
	vignetteL, vignetteH, marge = 800, 500, 16
	numerateur, denominateur    = 8, 5
)

func dessiner(t *testing.T, path string, moments []string) {
	t.Helper()
	whole := image.NewRGBA(image.Rect(0, 0, 2*vignetteL+3*marge, 2*vignetteH+3*marge))
	draw.Draw(whole, whole.Bounds(), image.NewUniform(color.RGBA{0x6a, 0x6a, 0xf4, 0xff}), image.Point{}, draw.Src)
	for i, name := range moments {
		corner := image.Pt(marge+(i%2)*(vignetteL+marge), marge+(i/2)*(vignetteH+marge))
		draw.Draw(whole, image.Rectangle{corner, corner.Add(image.Pt(vignetteL, vignetteH))}, reduire(t, name), image.Point{}, draw.Src)
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, indexer(whole)); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 300_000 {
		t.Errorf("the picture weighs %d bytes", out.Len())
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// reduire is the top of a capture, each point the mean of those it covers.
func reduire(t *testing.T, name string) image.Image {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	from, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewRGBA(image.Rect(0, 0, vignetteL, vignetteH))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	for y := range min(vignetteH, from.Bounds().Dy()*denominateur/numerateur) {
		for x := range vignetteL {
			out.Set(x, y, moyenne(from, x, y))
		}
	}
	return out
}

// moyenne weighs the points of the capture by what the reduced one covers of
// them, in fifths.
func moyenne(from image.Image, x, y int) color.Color {
	var r, g, b, n uint32
	for sy := y * numerateur; sy < (y+1)*numerateur; sy++ {
		for sx := x * numerateur; sx < (x+1)*numerateur; sx++ {
			cr, cg, cb, _ := from.At(sx/denominateur, sy/denominateur).RGBA()
			r, g, b, n = r+cr>>8, g+cg>>8, b+cb>>8, n+1
		}
	}
	return color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), 0xff}
}

// indexer keeps the 256 most seen colours: pages have few.
func indexer(m *image.RGBA) *image.Paletted {
	seen := map[color.RGBA]int{}
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			c := m.RGBAAt(x, y)
			seen[color.RGBA{c.R &^ 7, c.G &^ 7, c.B &^ 7, 0xff}]++
			seen[c]++
		}
	}
	all := slices.SortedFunc(maps.Keys(seen), func(a, b color.RGBA) int { return cmp.Compare(seen[b], seen[a]) })
	var palette color.Palette
	for _, c := range all[:min(256, len(all))] {
		palette = append(palette, c)
	}
	out := image.NewPaletted(m.Bounds(), palette)
	draw.Draw(out, out.Bounds(), m, image.Point{}, draw.Src)
	return out
}
