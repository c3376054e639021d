package transparence_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/testkit"
	"aidantsconnect/internal/transparence"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

func copyAll(w io.Writer, res *http.Response) (int64, error) { return io.Copy(w, res.Body) }

// TestPublication: an implementation that is not ours reads the checkpoint, the
// entries, the hashes and the proofs, and finds the same tree.
func TestPublication(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d, time.Now)
		m.serve()
		if status, _, _ := m.get("/journal/checkpoint"); status != http.StatusNotFound {
			t.Errorf("empty journal: %d", status)
		}
		m.grow(300)
		m.grow(13)
		status, header, body := m.get("/journal/checkpoint")
		if status != 200 || header.Get("Content-Type") != "text/plain; charset=utf-8" || header.Get("Cache-Control") != "public, max-age=1" {
			t.Errorf("checkpoint: %d %v", status, header)
		}
		_, _, vkeys := m.get("/journal/cles")
		verifier, err := note.NewVerifier(strings.TrimSpace(string(vkeys)))
		ok(t, err)
		cp, _, _, err := log.ParseCheckpoint(body, origine, verifier)
		ok(t, err)
		if cp.Size != 313 {
			t.Fatalf("size %d", cp.Size)
		}
		leaves := m.leaves(313)
		hashes := append(m.tile("0/000", 256), m.tile("0/001.p/57", 57)...)
		for i, leaf := range leaves {
			if string(hashes[i]) != string(leaf) {
				t.Fatalf("leaf %d is not the hash of its entry", i)
			}
		}
		if top := m.tile("1/000.p/1", 1); string(top[0]) != string(root(leaves[:256])) {
			t.Error("the tile of level 1 is not the tree of the first 256 leaves")
		}
		if string(root(leaves)) != string(cp.Hash) {
			t.Error("the root is not that of the entries")
		}
		for _, n := range []uint64{0, 255, 256, 300, 312} {
			var p transparence.Preuve
			m.json(fmt.Sprintf("/journal/preuve/inclusion?rang=%d", n), &p)
			ok(t, proof.VerifyInclusion(rfc6962.DefaultHasher, n, 313, leaves[n], decode(t, p.Preuve), cp.Hash))
		}
		for _, n := range []uint64{1, 255, 256, 300} {
			var p transparence.Preuve
			m.json(fmt.Sprintf("/journal/preuve/coherence?de=%d", n), &p)
			ok(t, proof.VerifyConsistency(rfc6962.DefaultHasher, n, 313, decode(t, p.Preuve), root(leaves[:n]), cp.Hash))
		}
		var p transparence.Preuve
		m.json("/journal/preuve/inclusion?rang=7&taille=20", &p)
		ok(t, proof.VerifyInclusion(rfc6962.DefaultHasher, 7, 20, leaves[7], decode(t, p.Preuve), root(leaves[:20])))
		for _, path := range []string{
			"/journal/tile/0/001", "/journal/tile/0/001.p/58", "/journal/tile/1/000", "/journal/tile/1/000.p/2", "/journal/tile/entries/002.p/1", "/journal/tile/9/000",
			"/journal/tile/0/1", "/journal/tile/", "/journal/tile/entries/..%2f..%2fcheckpoint", "/journal/preuve/inclusion", "/journal/preuve/inclusion?rang=313",
			"/journal/preuve/inclusion?rang=-1", "/journal/preuve/inclusion?rang=1&taille=314", "/journal/preuve/inclusion?rang=5&taille=5", "/journal/preuve/coherence?de=0",
			"/journal/preuve/coherence?de=314", "/journal/preuve/coherence?de=9&taille=8", "/journal/preuve/coherence?de=x",
		} {
			if status, _, _ := m.get(path); status != http.StatusNotFound {
				t.Errorf("%s: %d", path, status)
			}
		}
	})
}

// TestNothingToGuess: what is published is 32 bytes a line and nothing else.
func TestNothingToGuess(t *testing.T) {
	testkit.EachDB(t, func(t *testing.T, d *db.DB) {
		m := newMonde(t, d, time.Now)
		m.serve()
		op := m.grow(3)
		for _, path := range []string{"/journal/checkpoint", "/journal/tile/entries/000.p/3", "/journal/tile/0/000.p/3", "/journal/preuve/inclusion?rang=2", "/journal/"} {
			_, _, body := m.get(path)
			for _, secret := range []string{m.moi.String(), m.usage.String(), op.String(), "use_autorisation", "papiers"} {
				if strings.Contains(string(body), secret) {
					t.Errorf("%s shows %s", path, secret)
				}
			}
		}
		_, header, _ := m.get("/journal/tile/entries/000.p/3")
		if header.Get("Cache-Control") != "public, max-age=31536000, immutable" || header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("tile: %v", header)
		}
	})
}

// leaves reads the entries and hashes them as RFC 6962 does.
func (m *monde) leaves(n int) (out [][]byte) {
	m.t.Helper()
	for i := 0; i < n; i += 256 {
		path := fmt.Sprintf("entries/%03d", i/256)
		if n-i < 256 {
			path += fmt.Sprintf(".p/%d", n-i)
		}
		_, _, b := m.get("/journal/tile/" + path)
		for len(b) > 2 {
			size := int(binary.BigEndian.Uint16(b))
			if size != 32 {
				m.t.Fatalf("an entry of %d bytes", size)
			}
			h := sha256.Sum256(append([]byte{0}, b[2:2+size]...))
			out = append(out, h[:])
			b = b[2+size:]
		}
	}
	if len(out) != n {
		m.t.Fatalf("%d entries, want %d", len(out), n)
	}
	return out
}

func (m *monde) tile(path string, want int) (out [][]byte) {
	m.t.Helper()
	status, _, b := m.get("/journal/tile/" + path)
	if status != 200 || len(b) != 32*want {
		m.t.Fatalf("tile %s: status %d, %d bytes", path, status, len(b))
	}
	for i := range want {
		out = append(out, b[32*i:32*i+32])
	}
	return out
}

func (m *monde) json(path string, to any) {
	m.t.Helper()
	status, _, b := m.get(path)
	if status != 200 {
		m.t.Fatalf("%s: %d %s", path, status, b)
	}
	ok(m.t, json.Unmarshal(b, to))
}

func decode(t testing.TB, list []string) (out [][]byte) {
	t.Helper()
	for _, s := range list {
		b, err := base64.StdEncoding.DecodeString(s)
		ok(t, err)
		out = append(out, b)
	}
	return out
}

// root is RFC 6962 §2.1, written as the text says.
func root(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	h := sha256.Sum256(append(append([]byte{1}, root(leaves[:k])...), root(leaves[k:])...))
	return h[:]
}

// TestPublicationRhythm: between two publications nobody sees lines come, by the
// checkpoint, the tiles, the proofs nor the receipts; then all of them at once.
func TestPublicationRhythm(t *testing.T) {
	testkit.EachDBClock(t, func(t *testing.T, d *db.DB, clock *testkit.Clock) {
		m := newMonde(t, d, clock.Now)
		m.Rythme = time.Hour
		m.serve()
		clock.Set(testkit.Start.Truncate(time.Hour).Add(30 * time.Minute))
		m.grow(4)
		if status, _, _ := m.get("/journal/checkpoint"); status != http.StatusNotFound {
			t.Errorf("before the first publication: %d", status)
		}
		clock.Advance(30 * time.Minute)
		clock.Advance(time.Minute)
		m.grow(3)
		size := func(want string) {
			t.Helper()
			if _, _, body := m.get("/journal/checkpoint"); !strings.HasPrefix(string(body), origine+"\n"+want+"\n") {
				t.Errorf("checkpoint, want %s:\n%s", want, body)
			}
		}
		size("4")
		for path, want := range map[string]int{
			"/journal/tile/0/000.p/4": 200, "/journal/tile/0/000.p/7": 404, "/journal/tile/entries/000.p/5": 404,
			"/journal/preuve/inclusion?rang=3": 200, "/journal/preuve/inclusion?rang=4": 404,
		} {
			if status, _, _ := m.get(path); status != want {
				t.Errorf("%s: %d", path, status)
			}
		}
		clock.Advance(time.Hour)
		size("7")
	})
}
