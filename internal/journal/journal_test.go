package journal

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/demarche"
	"aidantsconnect/internal/ident"
	"aidantsconnect/internal/journal/fait"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func id[T ident.ID[K], K any](t testing.TB, s string) T {
	t.Helper()
	v, ok := ident.Parse[T, K](s)
	if !ok {
		t.Fatalf("bad identifier %s", s)
	}
	return v
}

// goldenChamps is one line with every field; its entry is frozen for ever.
func goldenChamps(t testing.TB) champs {
	return champs{
		ID:           id[ident.LigneID](t, "0195d3c2-0000-7000-8000-000000000001"),
		Instant:      db.At(time.Date(2026, 3, 2, 9, 0, 0, 123e6, time.UTC)),
		Action:       "use_autorisation",
		Initiateur:   Aidant,
		Aidant:       "000102030405060708090a0b0c0d0e0f",
		Concerne:     "",
		Usager:       "101112131415161718191a1b1c1d1e1f",
		Organisation: id[ident.OrganisationID](t, "0195d3c2-0000-7000-8000-000000000002"),
		Mandat:       id[ident.MandatID](t, "0195d3c2-0000-7000-8000-000000000003"),
		Autorisation: id[ident.AutorisationID](t, "0195d3c2-0000-7000-8000-000000000004"),
		Operation:    id[ident.OperationID](t, "0195d3c2-0000-7000-8000-000000000005"),
		Session:      bytes.Repeat([]byte{0x5e}, 32),
	}
}

func TestGoldenEntry(t *testing.T) {
	facts := fait.UseAutorisation{
		Demarche: demarche.Papiers, Presence: fait.Present,
		RepScopeDemande: []demarche.Demarche{demarche.Papiers, demarche.Argent}, RepScopeRendu: []demarche.Demarche{demarche.Papiers},
	}
	_, contenu, err := fait.Encode(facts)
	if err != nil {
		t.Fatal(err)
	}
	const wantJSON = `{"demarche":"papiers","presence":"present","rep_scope_demande":["argent","papiers"],"rep_scope_rendu":["papiers"]}`
	if string(contenu) != wantJSON {
		t.Errorf("facts: %s", contenu)
	}
	digest := contenuEmpreinte(bytes.Repeat([]byte{0xc0}, 32), contenu)
	h := entree(goldenChamps(t), bytes.Repeat([]byte{0x5a}, 32), digest[:])
	leaf := tlog.RecordHash(h[:])
	got := []string{hex.EncodeToString(digest[:]), hex.EncodeToString(h[:]), hex.EncodeToString(leaf[:])}
	want := []string{ // computed by another program, from the description in feuille.go
		"e7e562ad2e9584a089051f9655880f9739349544d2d552053bd5461a07dd341b",
		"9aa00c8c15d2873564b1e4802ae89030640172469741374cb8e481436d5ba703",
		"6f4fcfd5c428e597cdf7f442dbea8a3d5fc7aaf2111028e671d8b33291d7912f",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the format is final and has changed:\n%s", diff)
	}
}

// TestEveryFieldCounts: an entry commits to each field, and a field never
// flows into its neighbour.
func TestEveryFieldCounts(t *testing.T) {
	sel, digest := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	base := goldenChamps(t)
	seen := map[[32]byte]string{entree(base, sel, digest): "base"}
	add := func(what string, h [32]byte) {
		if other, twice := seen[h]; twice {
			t.Errorf("%s gives the same entry as %s", what, other)
		}
		seen[h] = what
	}
	v := reflect.ValueOf(base)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			continue
		}
		c := base
		reflect.ValueOf(&c).Elem().Field(i).SetZero()
		add("without "+v.Type().Field(i).Name, entree(c, sel, digest))
	}
	moved := base
	moved.Concerne, moved.Aidant = base.Aidant, ""
	add("aidant as concerne", entree(moved, sel, digest))
	moved = base
	moved.Aidant, moved.Usager = base.Aidant+base.Usager, ""
	add("usager in aidant", entree(moved, sel, digest))
	add("other salt", entree(base, digest, digest))
	add("other content", entree(base, sel, sel))
}

type stranger struct{}

func (stranger) Action() string { return "connect_aidant" }

func TestEntriesRefused(t *testing.T) {
	a, u, m := ident.New[ident.AidantID](), ident.New[ident.UsagerID](), ident.New[ident.MandatID]()
	o, au, op := ident.New[ident.OrganisationID](), ident.New[ident.AutorisationID](), ident.New[ident.OperationID]()
	good := Entry{
		Initiateur: Aidant, Aidant: a, Usager: u, Organisation: o, Mandat: m, Autorisation: au, Operation: op,
		Fait: fait.UseAutorisation{Demarche: demarche.Papiers, Presence: fait.Absent},
	}
	if _, err := good.contenu(); err != nil {
		t.Fatal(err)
	}
	sha := fait.Empreinte([]byte("x"))
	with := func(change func(*Entry)) Entry { e := good; change(&e); return e }
	facts := func(f fait.Fait) Entry { return with(func(e *Entry) { e.Fait = f }) }
	for name, e := range map[string]Entry{
		"no facts":             facts(nil),
		"foreign type":         facts(stranger{}),
		"pointer":              facts(&fait.UseAutorisation{Demarche: demarche.Papiers, Presence: fait.Absent}),
		"no initiator":         with(func(e *Entry) { e.Initiateur = "" }),
		"unknown initiator":    with(func(e *Entry) { e.Initiateur = "pirate" }),
		"nobody acts":          with(func(e *Entry) { e.Aidant = ident.AidantID{} }),
		"no mandat":            with(func(e *Entry) { e.Mandat = ident.MandatID{} }),
		"no operation":         with(func(e *Entry) { e.Operation = ident.OperationID{} }),
		"usager acts, unknown": with(func(e *Entry) { e.Initiateur, e.Usager = Usager, ident.UsagerID{} }),
		"no demarche":          facts(fait.UseAutorisation{Presence: fait.Absent}),
		"unknown demarche":     facts(fait.UseAutorisation{Demarche: "autre", Presence: fait.Absent}),
		"unknown presence":     facts(fait.UseAutorisation{Demarche: demarche.Papiers, Presence: "ailleurs"}),
		"negative days":        facts(fait.CreateAutorisation{Demarche: demarche.Papiers, Jours: -1}),
		"no day":               facts(fait.CreateAutorisation{Demarche: demarche.Papiers}),
		"no document":          facts(fait.CreateAttestation{Demarches: demarche.Keys(), Jours: 1}),
		"no themes":            facts(fait.CreateAttestation{Demarches: []demarche.Demarche{}, Jours: 1, DocumentEmpreinte: sha}),
		"remote, no method":    facts(fait.CreateAttestation{Demarches: demarche.Keys(), Jours: 1, DocumentEmpreinte: sha, ADistance: true}),
		"method, not remote":   facts(fait.CreateAttestation{Demarches: demarche.Keys(), Jours: 1, DocumentEmpreinte: sha, MethodeConsentement: "LEGACY"}),
		"SMS, no evidence":     facts(fait.CreateAttestation{Demarches: demarche.Keys(), Jours: 1, DocumentEmpreinte: sha, ADistance: true, MethodeConsentement: "SMS"}),
		"no reason":            facts(fait.RefuseToken{}),
		"reason in prose":      facts(fait.RefuseToken{Motif: "le code est périmé"}),
	} {
		if b, err := e.contenu(); err == nil {
			t.Errorf("%s: accepted as %s", name, b)
		}
	}
}

// TestRefusalDoesNotShowTheText: the error of a refused text reaches logs.
func TestRefusalDoesNotShowTheText(t *testing.T) {
	e := Entry{Initiateur: Systeme, Fait: fait.RefuseToken{Motif: "Josette Dupont"}}
	if _, err := e.contenu(); err == nil || strings.Contains(err.Error(), "Dupont") {
		t.Errorf("error: %v", err)
	}
}

// TestTreeAgreesWithOthers: our right edge, the Go checksum database's stored
// hashes and the transparency-dev compact range are the same tree.
func TestTreeAgreesWithOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 32, 32), 0, 300).Draw(t, "entries")
		var a arbre
		var stored []tlog.Hash
		reader := tlog.HashReaderFunc(func(is []int64) ([]tlog.Hash, error) {
			out := make([]tlog.Hash, len(is))
			for i, k := range is {
				out[i] = stored[k]
			}
			return out, nil
		})
		factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
		other := factory.NewEmptyRange(0)
		for i, e := range entries {
			want, err := tlog.StoredHashes(int64(i), e, reader)
			if err != nil {
				t.Fatal(err)
			}
			if got := a.add(e); !slices.Equal(got, want) {
				t.Fatalf("leaf %d: %v instead of %v", i, got, want)
			}
			stored = append(stored, want...)
			if err := other.Append(rfc6962.DefaultHasher.HashLeaf(e), nil); err != nil {
				t.Fatal(err)
			}
		}
		n := int64(len(entries))
		want, err := tlog.TreeHash(n, reader)
		if err != nil {
			t.Fatal(err)
		}
		root := rfc6962.DefaultHasher.EmptyRoot()
		if n > 0 {
			if root, err = other.GetRootHash(nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := a.racine(); got != want || !bytes.Equal(got[:], root) {
			t.Fatalf("root of %d leaves: %v, %v, %x", n, got, want, root)
		}
		pics, err := reader.ReadHashes(indicesPics(n))
		if err != nil || !slices.Equal(pics, a.pics) {
			t.Fatalf("pics of %d leaves: %v instead of %v", n, pics, a.pics)
		}
	})
}

func TestOrigine(t *testing.T) {
	for s, ok := range map[string]bool{
		"aidants.exemple.fr/journal": true, "localhost:3000/journal": true,
		"": false, "a b": false, "a+b": false, "a\nb": false, "a\u00a0b": false, "\xff": false,
	} {
		if err := checkOrigine(s); (err == nil) != ok {
			t.Errorf("%q: %v", s, err)
		}
	}
}
