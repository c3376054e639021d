package franceconnect

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func challenge(verifier string) string {
	h := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// §16.1: the twelve keys and the placeholders of their messages.
func TestAvis(t *testing.T) {
	placeholders := map[string]string{
		CleAbandon: "", CleIndisponible: "", ClePanne: "{code}{id}", CleConfig: "{code}", CleReprise: "", CleDelai: "",
		CleVerification: "{id}", CleIncomplete: "{champs}", CleMineur: "", CleBoucle: "", CleSession: "", CleDeconnexion: "",
	}
	if len(avis) != len(placeholders) {
		t.Errorf("%d messages", len(avis))
	}
	for cle, want := range placeholders {
		m := Avis(cle)
		got := ""
		for _, p := range []string{"{code}", "{id}", "{champs}"} {
			if strings.Contains(m, p) {
				got += p
			}
		}
		if m == "" || got != want {
			t.Errorf("%s: %q", cle, m)
		}
		if filled := (&Erreur{Cle: cle}).Avis(); filled == "" || strings.ContainsAny(filled, "{}") {
			t.Errorf("%s without values: %q", cle, filled)
		}
	}
	if Avis("fc.inconnu") != "" {
		t.Error("an unknown key has a message")
	}
	e := &Erreur{Cle: CleIncomplete, Champs: []string{"family_name", "birthdate", "autre"}}
	if want := "FranceConnect n'a pas transmis : le nom de naissance, la date de naissance, autre. Le mandat ne peut pas être créé avec cette identité."; e.Avis() != want {
		t.Error(e.Avis())
	}
	e = &Erreur{Cle: CleVerification, ID: "0123456789"}
	if !strings.HasSuffix(e.Avis(), "(référence 0123456789).") {
		t.Error(e.Avis())
	}
}

func TestErreur(t *testing.T) {
	cause := errors.New("cause")
	e := &Erreur{Cle: ClePanne, Code: "Y000000", ID: "abc", Champs: []string{"sub"}, Err: cause}
	wrapped := fmt.Errorf("conclude: %w", e)
	if ErreurDe(wrapped) != e || !errors.Is(wrapped, cause) || ErreurDe(cause) != nil || ErreurDe(nil) != nil {
		t.Error("wrapping")
	}
	if want := "franceconnect: fc.panne code=Y000000 id=abc: cause"; e.Error() != want {
		t.Error(e.Error())
	}
	if got := printed(e); !strings.Contains(got, "v.cle=fc.panne v.code=Y000000 v.id=abc v.champs=sub v.cause=cause") {
		t.Error(got)
	}
}

func FuzzDecodeClaims(f *testing.F) {
	for _, s := range []string{
		`{"sub":"a"}`, `{"sub":null,"given_name_array":["a",null]}`, `{"sub":1}`, `[]`, ``, `{"given_name_array":"x"}`,
		`{"birthdate":{"y":1}}`, `{"family_name":"\u0000\ud800"}`, `null`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		c, err := decodeClaims(payload)
		if err != nil {
			if err.Error() != errClaims.Error() {
				t.Errorf("the error says more than it should: %v", err)
			}
			if c.Sub != "" || c.GivenNames != nil {
				t.Error("claims came with the error")
			}
			return
		}
		b, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeClaims(b)
		if err != nil || again.Sub != c.Sub || again.FamilyName != c.FamilyName {
			t.Errorf("not stable: %v", err)
		}
	})
}
