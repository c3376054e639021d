package transparence

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
)

func TestTilePaths(t *testing.T) {
	for path, want := range map[string]tuile{
		"0/000":                 {Niveau: 0, Numero: 0, Large: 256},
		"0/000.p/1":             {Niveau: 0, Numero: 0, Large: 1},
		"1/x001/x234/067":       {Niveau: 1, Numero: 1234067, Large: 256},
		"1/x001/x234/067.p/255": {Niveau: 1, Numero: 1234067, Large: 255},
		"entries/x012/345":      {Entrees: true, Numero: 12345, Large: 256},
		"7/999":                 {Niveau: 7, Numero: 999, Large: 256},
	} {
		got, ok := parseTuile(path)
		if diff := cmp.Diff(want, got); !ok || diff != "" {
			t.Errorf("%s: %v %s", path, ok, diff)
		}
		if got.path() != path {
			t.Errorf("%s is written again %s", path, got.path())
		}
	}
	for _, path := range []string{
		"", "0", "0/", "0/0", "0/00", "0/0000", "0/1000", "0/x000/001", "0/x001", "0/001/002", "00/000", "+1/000", "-1/000", "8/000", "64/000",
		"0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/", "0/000.p/1/2", "entries/", "data/000", "0/x001/x002/x003/x004/x005/x006/007", "0/٠٠٠", "0/ 01",
	} {
		if got, ok := parseTuile(path); ok {
			t.Errorf("%q is read as %+v", path, got)
		}
	}
}

// TestTilesOfATree: the addresses we serve are those of the tiles that a client
// of the Go library asks for, at every size.
func TestTilesOfATree(t *testing.T) {
	for _, size := range []int64{1, 2, 255, 256, 257, 511, 512, 513, 65535, 65536, 65537, 70000} {
		for _, tile := range tlog.NewTiles(hauteur, 0, size) {
			ours := tuileOf(tile)
			if got, ok := parseTuile(ours.path()); !ok || got != ours || !ours.within(size) {
				t.Errorf("size %d: tile %+v is not served (%+v)", size, tile, got)
			}
			if ours.Large < largeur {
				wider := ours
				wider.Large++
				if wider.within(size) {
					t.Errorf("size %d: %+v should not exist", size, wider)
				}
			}
		}
	}
}

func FuzzParseTuile(f *testing.F) {
	for _, s := range []string{"0/000", "entries/x001/234.p/12", "1/x001/x234/067"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := parseTuile(s); ok && (got.path() != s || got.Large < 1 || got.Large > largeur || got.Numero < 0) {
			t.Fatalf("%q is read as %+v", s, got)
		}
	})
}
