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
	facts := UseAutorisation{
		Demarche: demarche.Papiers, Presence: Present,
		RepScopeDemande: []demarche.Demarche{demarche.Papiers, demarche.Argent}, RepScopeRendu: []demarche.Demarche{demarche.Papiers},
	}
	contenu, err := actions["use_autorisation"].plan.encode(reflect.ValueOf(facts))
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

func TestEveryActionIsRegistered(t *testing.T) {
	spec := strings.Fields(`connect_aidant activity_check_aidant card_association card_validation card_dissociation franceconnect_usager
		update_email_usager update_phone_usager init_renew_mandat create_attestation create_autorisation use_autorisation
		cancel_autorisation cancel_mandat import_totp_cards transfer_mandat switch_organisation remote_sms_recap_sent
		remote_sms_consent_sent remote_sms_consent_received remote_sms_denial_received
		create_usager update_identite_usager supersede_mandat end_mandat sign_papier view_usager view_mandat print_attestation
		print_revocation view_traduction refuse_authorize refuse_token refuse_userinfo replay_code login_failed accept_cgu
		designate_referent update_perimetre_organisation admin_update_usager close_organisation erase_usager purge_retention
		notify_usager incident_mandat`)
	for _, a := range spec {
		if !slices.Contains(Actions(), a) {
			t.Errorf("%s is missing", a)
		}
		if Libelle(a) == a || Libelle(a) == "" {
			t.Errorf("%s has no label", a)
		}
	}
	labels := map[string]bool{}
	for _, a := range Actions() {
		if labels[Libelle(a)] {
			t.Errorf("label used twice: %s", Libelle(a))
		}
		labels[Libelle(a)] = true
		if !motCle.match(a) {
			t.Errorf("%q is not a keyword", a)
		}
	}
}

// TestNoFactHoldsFreeText: whatever is written in every text field of every
// action, a name or a sentence is refused.
func TestNoFactHoldsFreeText(t *testing.T) {
	for _, words := range []string{"Jean Dupont", "Dupont", "jean.dupont@exemple.fr", "+33612345678", "DUPONT", "0612345678", "a\"b", "é", "", " ", "a\nb"} {
		for _, a := range Actions() {
			p := actions[a].plan
			for _, c := range p.champs {
				v := reflect.New(p.typ).Elem()
				f := v.Field(c.index)
				switch {
				case f.Type() == reflect.TypeFor[[]string]():
					f.Set(reflect.ValueOf([]string{words}))
				case f.Kind() == reflect.String:
					f.SetString(words)
				default:
					continue
				}
				if b, err := p.encode(v); err == nil && string(b) != "{}" {
					t.Errorf("%s.%s accepts %q: %s", a, c.cle, words, b)
				}
			}
		}
	}
}

func TestPlanRefusesOtherTypes(t *testing.T) {
	for _, bad := range []any{
		struct {
			Texte string `json:"texte"`
		}{},
		struct {
			Texte string `json:"texte" mot:"inconnu"`
		}{},
		struct {
			Total float64 `json:"total"`
		}{},
		struct {
			Total int
		}{},
		struct {
			Quoi map[string]string `json:"quoi" mot:"cle"`
		}{},
		struct {
			Quand time.Duration `json:"quand"`
		}{},
	} {
		if _, err := planOf(reflect.TypeOf(bad)); err == nil {
			t.Errorf("%T was accepted", bad)
		}
	}
}

type stranger struct{}

func (stranger) Action() string { return "connect_aidant" }

func TestEntriesRefused(t *testing.T) {
	a, u, m := ident.New[ident.AidantID](), ident.New[ident.UsagerID](), ident.New[ident.MandatID]()
	o, au, op := ident.New[ident.OrganisationID](), ident.New[ident.AutorisationID](), ident.New[ident.OperationID]()
	good := Entry{
		Initiateur: Aidant, Aidant: a, Usager: u, Organisation: o, Mandat: m, Autorisation: au, Operation: op,
		Fait: UseAutorisation{Demarche: demarche.Papiers, Presence: Absent},
	}
	if _, err := good.contenu(); err != nil {
		t.Fatal(err)
	}
	sha := Empreinte([]byte("x"))
	with := func(change func(*Entry)) Entry { e := good; change(&e); return e }
	fait := func(f Fait) Entry { return with(func(e *Entry) { e.Fait = f }) }
	for name, e := range map[string]Entry{
		"no facts":             fait(nil),
		"foreign type":         fait(stranger{}),
		"pointer":              fait(&UseAutorisation{Demarche: demarche.Papiers, Presence: Absent}),
		"no initiator":         with(func(e *Entry) { e.Initiateur = "" }),
		"unknown initiator":    with(func(e *Entry) { e.Initiateur = "pirate" }),
		"nobody acts":          with(func(e *Entry) { e.Aidant = ident.AidantID{} }),
		"no mandat":            with(func(e *Entry) { e.Mandat = ident.MandatID{} }),
		"no operation":         with(func(e *Entry) { e.Operation = ident.OperationID{} }),
		"usager acts, unknown": with(func(e *Entry) { e.Initiateur, e.Usager = Usager, ident.UsagerID{} }),
		"no demarche":          fait(UseAutorisation{Presence: Absent}),
		"unknown demarche":     fait(UseAutorisation{Demarche: "autre", Presence: Absent}),
		"unknown presence":     fait(UseAutorisation{Demarche: demarche.Papiers, Presence: "ailleurs"}),
		"negative days":        fait(CreateAutorisation{Demarche: demarche.Papiers, Jours: -1}),
		"no day":               fait(CreateAutorisation{Demarche: demarche.Papiers}),
		"no document":          fait(CreateAttestation{Demarches: demarche.Keys(), Jours: 1}),
		"no themes":            fait(CreateAttestation{Demarches: []demarche.Demarche{}, Jours: 1, DocumentEmpreinte: sha}),
		"remote, no method":    fait(CreateAttestation{Demarches: demarche.Keys(), Jours: 1, DocumentEmpreinte: sha, ADistance: true}),
		"method, not remote":   fait(CreateAttestation{Demarches: demarche.Keys(), Jours: 1, DocumentEmpreinte: sha, MethodeConsentement: "LEGACY"}),
		"SMS, no evidence":     fait(CreateAttestation{Demarches: demarche.Keys(), Jours: 1, DocumentEmpreinte: sha, ADistance: true, MethodeConsentement: "SMS"}),
		"no reason":            fait(RefuseToken{}),
		"reason in prose":      fait(RefuseToken{Motif: "le code est périmé"}),
	} {
		if b, err := e.contenu(); err == nil {
			t.Errorf("%s: accepted as %s", name, b)
		}
	}
}

// TestRefusalDoesNotShowTheText: the error of a refused text reaches logs.
func TestRefusalDoesNotShowTheText(t *testing.T) {
	e := Entry{Initiateur: Systeme, Fait: RefuseToken{Motif: "Josette Dupont"}}
	if _, err := e.contenu(); err == nil || strings.Contains(err.Error(), "Dupont") {
		t.Errorf("error: %v", err)
	}
}

func TestFactsReadBack(t *testing.T) {
	for _, f := range []Fait{
		ConnectAidant{},
		EndMandat{
			Motif: "expire", Demarches: []demarche.Demarche{demarche.Argent, demarche.Papiers},
			DateEffet: db.At(time.Date(2026, 3, 2, 9, 0, 0, 1e6, time.UTC)),
		},
		TransferMandat{Avant: ident.New[ident.OrganisationID](), Apres: ident.New[ident.OrganisationID](), Motif: "fusion", DocumentEmpreinte: Empreinte(nil)},
		NotifyUsager{Voie: NotificationMail, Genre: "E-31"},
		CreateAidant{Habilite: true},
		AcceptCGU{Document: "cgu", Version: "1.0", Empreinte: Empreinte(nil)},
		RefuseAuthorize{Motif: "fc.mineur"},
	} {
		b, err := actions[f.Action()].plan.encode(reflect.ValueOf(f))
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeFait(f.Action(), b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		if !reflect.DeepEqual(got, f) {
			t.Errorf("%#v came back as %#v", f, got)
		}
	}
}

func TestDecodeRefusesWhatIsNotCanonical(t *testing.T) {
	for _, s := range []string{
		``, `null`, `[]`, `{`, `{}x`, `{} `, ` {}`, `{"autre":1}`, `{"jours":1,"demarche":"papiers"}`, `{"demarche":"papiers","jours":01}`,
		`{"demarche":"papiers","jours":1.0}`, `{"demarche":"papiers","jours":-1}`, `{"demarche":"papiers","jours":0}`, `{"Demarche":"papiers"}`,
		`{"demarche":"papiers","demarche":"papiers"}`, `{"demarche":"\u0070apiers"}`, `{"demarche":"autre"}`, `{"a_distance":false}`,
		`{"a_distance":true,"demarche": "papiers"}`,
	} {
		if f, err := decodeFait("create_autorisation", []byte(s)); err == nil {
			t.Errorf("%s was read as %#v", s, f)
		}
	}
	if _, err := decodeFait("create_autorisation", []byte(`{"a_distance":true,"demarche":"papiers","jours":1}`)); err != nil {
		t.Error(err)
	}
	if _, err := decodeFait("rien", []byte(`{}`)); err == nil {
		t.Error("an unknown action was read")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("end_mandat", `{"date_effet":"2026-03-02T09:00:00.000Z","demarches":["argent"],"motif":"expire"}`)
	f.Add("use_autorisation", `{"demarche":"papiers","presence":"present"}`)
	f.Add("transfer_mandat", `{"apres":"0195d3c2-0000-7000-8000-000000000002"}`)
	f.Fuzz(func(t *testing.T, action, contenu string) {
		fait, err := decodeFait(action, []byte(contenu))
		if err != nil {
			return
		}
		b, err := actions[action].plan.encode(reflect.ValueOf(fait))
		if err != nil || string(b) != contenu {
			t.Errorf("%s %s was read, and written %s (%v)", action, contenu, b, err)
		}
	})
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
