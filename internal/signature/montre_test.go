package signature_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"aidantsconnect/internal/db"
	"aidantsconnect/internal/mandat"
	"aidantsconnect/internal/testkit"
)

// What the person was shown is in the signed record, with its version and its
// digest: what the page gave, and what the aidant declares. A text that is not
// offered is refused, and nothing is signed.
func TestVersionsShown(t *testing.T) {
	clock := testkit.NewClock(testkit.Start)
	b := newBanc(t, testkit.OpenDB(t, db.SQLite, clock), clock)
	n := b.connecte(alix)
	p := n.recap("ordinaire", "MONTH", "papiers").want(t, http.StatusOK, "Ce que la personne a vu ou écouté avant de signer", "La traduction du mandat : anglais", "Le mandat, en version simple")
	typed := url.Values{"identite": {"on"}, "personal_data": {"on"}, "lu": {"on"}, "accord": {"on"}, "signature_nom": {"Signature Essai"}, "signature_case": {"on"}, "otp_token": {b.nextCode(alix)}}
	typed["montre"] = []string{"fiche", "texte-pus"} // hidden until somebody reviews it
	p = n.press(p, "Signer le mandat", typed).want(t, http.StatusUnprocessableEntity, "Un de ces textes n’est plus proposé")
	typed["montre"] = []string{"texte-en", "fiche", "voix", "fiche"}
	p = n.press(p, "Signer le mandat", typed).want(t, http.StatusOK, "Montré à la personne avant la signature", "Traduction (en), à l’écran", "Fiche « Comprendre le mandat »")
	var piece mandat.Piece
	b.view(func(tx *db.Tx) (err error) {
		piece, err = mandat.LoadPiece(t.Context(), tx, mandatOf(t, p))
		return err
	})
	var e mandat.Enregistrement
	if err := json.Unmarshal(piece.Enregistrement, &e); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, x := range e.Montre {
		got[x.Document+" "+x.Langue+" "+x.Forme] = x.Source
		if len(x.Empreinte) != 64 || x.Version == "" {
			t.Errorf("%+v", x)
		}
	}
	want := map[string]string{"fiche_usager fr ecran": "aidant", "traduction en ecran": "aidant", "texte fr voix": "aidant", "texte fr grands_caracteres": "page"}
	if len(got) != len(want) || len(e.Montre) != len(want) || e.Version != 3 {
		t.Errorf("version %d, shown %v", e.Version, e.Montre)
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %q", k, got[k])
		}
	}
}
